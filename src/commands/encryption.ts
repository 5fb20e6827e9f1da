/** `momo audit encrypt` and `momo audit decrypt`: asks, then has the file of a knowledge base converted. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { encryptionKey } from "../config/encryption-key.ts";
import { MomoError } from "../errors.ts";
import type { Conversion } from "../store/sqlite/encrypt.ts";
import type { CommandContext } from "./command.ts";
import { homeOf } from "./place.ts";

/** What would be converted: shown before somebody is asked. */
export interface ConversionQuestion {
  convert: string;
  form: Conversion["form"];
  bytes: number;
}

interface ConversionInput {
  path: string | undefined;
  home: string | undefined;
  wait: number | undefined;
  yes: boolean;
}

const WAIT_SECONDS = 5;

/** Raises ARGUMENT_MISSING without a key, STORE_MISSING, and what `convert` raises. */
export async function convertHome(
  context: CommandContext,
  input: ConversionInput,
  form: Conversion["form"],
): Promise<Conversion | ConversionQuestion | { declined: true }> {
  // A server has the file open, in this process: the locks of a process do not shut out itself.
  if (context.served)
    throw new MomoError("VALUE_INVALID", {
      name: "action",
      value: form === "encrypted" ? "encrypt" : "decrypt",
      hint: "stop the server and use the command line",
    });
  const key = encryptionKey(context.env);
  if (key === undefined)
    throw new MomoError("ARGUMENT_MISSING", {
      argument: "MOMO_ENCRYPTION_KEY",
      usage: "set it to the output of openssl rand -hex 32, and keep that",
    });
  const { DATABASE } = await import("../momo.ts");
  const file = join(await homeOf(context, input), DATABASE);
  if (!existsSync(file)) throw new MomoError("STORE_MISSING", { path: file });
  if (!(await isMeant(context, input, { convert: file, form, bytes: statSync(file).size })))
    return { declined: true };
  const { convert } = await import("../store/sqlite/encrypt.ts");
  return convert({ file, form, key, wait_ms: (input.wait ?? WAIT_SECONDS) * 1000 });
}

const questions = {
  encrypted: "Encrypt it? Without the key nobody can read it again.",
  plain: "Decrypt it? Whoever can read the file can then read what it holds.",
} as const;

async function isMeant(
  context: CommandContext,
  { yes }: ConversionInput,
  question: ConversionQuestion,
): Promise<boolean> {
  if (yes) return true;
  await context.show?.(question);
  if (!context.confirm) throw new MomoError("CONVERSION_UNCONFIRMED");
  return context.confirm(questions[question.form]);
}
