/** `momo audit encrypt`, `decrypt` and `rekey`: asks, then has the file of a knowledge base converted. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { encryptionKey, newEncryptionKey } from "../config/encryption-key.ts";
import { MomoError } from "../errors.ts";
import type { Conversion } from "../store/sqlite/encrypt.ts";
import type { CommandContext } from "./command.ts";
import { homeOf } from "./place.ts";

/** What would be converted: shown before somebody is asked. */
export interface ConversionQuestion {
  convert: string;
  form: Conversion["form"];
  has_new_key?: boolean;
  bytes: number;
}

export type ConversionAction = "encrypt" | "decrypt" | "rekey";

interface ConversionInput {
  path: string | undefined;
  home: string | undefined;
  wait: number | undefined;
  yes: boolean;
}

const WAIT_SECONDS = 5;

function mustHave(variable: string, key: string | undefined): string {
  if (key !== undefined) return key;
  const usage = "set it to the output of openssl rand -hex 32, and keep that";
  throw new MomoError("ARGUMENT_MISSING", { argument: variable, usage });
}

/** Raises ARGUMENT_MISSING without a key, STORE_MISSING, and what `convert` raises. */
export async function convertHome(
  context: CommandContext,
  input: ConversionInput,
  action: ConversionAction,
): Promise<Conversion | ConversionQuestion | { declined: true }> {
  // A server has the file open, in this process: the locks of a process do not shut out itself.
  if (context.served)
    throw new MomoError("VALUE_INVALID", {
      name: "action",
      value: action,
      hint: "stop the server and use the command line",
    });
  const key = mustHave("MOMO_ENCRYPTION_KEY", encryptionKey(context.env));
  const isRekey = action === "rekey";
  const new_key = isRekey ? mustHave("MOMO_ENCRYPTION_NEW_KEY", newEncryptionKey(context.env)) : undefined;
  const form = action === "decrypt" ? "plain" : "encrypted";
  const { DATABASE } = await import("../momo.ts");
  const file = join(await homeOf(context, input), DATABASE);
  if (!existsSync(file)) throw new MomoError("STORE_MISSING", { path: file });
  const { size: bytes } = statSync(file);
  const asked = { convert: file, form, ...(isRekey && { has_new_key: true }), bytes } as const;
  if (!(await isMeant(context, input, asked))) return { declined: true };
  const { convert } = await import("../store/sqlite/encrypt.ts");
  return convert({ file, form, key, new_key, wait_ms: (input.wait ?? WAIT_SECONDS) * 1000 });
}

const encryptQuestion = "Encrypt it? Without the key nobody can read it again.";
const decryptQuestion = "Decrypt it? Whoever can read the file can then read what it holds.";
const rekeyQuestion = "Encrypt it under the new key? The present one does not open it any more then.";

function questionOf({ form, has_new_key }: ConversionQuestion): string {
  if (has_new_key) return rekeyQuestion;
  return form === "encrypted" ? encryptQuestion : decryptQuestion;
}

async function isMeant(
  context: CommandContext,
  { yes }: ConversionInput,
  question: ConversionQuestion,
): Promise<boolean> {
  if (yes) return true;
  await context.show?.(question);
  if (!context.confirm) throw new MomoError("CONVERSION_UNCONFIRMED");
  return context.confirm(questionOf(question));
}
