/**
 * The key of an encrypted knowledge base: from the environment or a file that it names, never a setting, so that it is
 * never stored, shown or logged. Read by store/sqlite/open.ts wherever a file is opened, worker threads too.
 */
import { readFileSync, statSync } from "node:fs";
import { MomoError } from "../errors.ts";

const KEY = "MOMO_ENCRYPTION_KEY";
const NEW_KEY = "MOMO_ENCRYPTION_NEW_KEY";
const MIN_LENGTH = 8;
const MAX_FILE_BYTES = 4096;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A passphrase, or 64 hexadecimal digits. Raises KEYS_UNREADABLE for a file that is missing, empty or open to others,
 * VALUE_INVALID for a key that is too short or given twice.
 */
export const encryptionKey = (env: Environment = process.env): string | undefined => keyIn(env, KEY);

/** The key that `momo audit rekey` changes to. Raises the same. */
export const newEncryptionKey = (env: Environment): string | undefined => keyIn(env, NEW_KEY);

function keyIn(env: Environment, variable: string): string | undefined {
  const fileVariable = `${variable}_FILE`;
  const given = env[variable]?.trim();
  const file = env[fileVariable]?.trim();
  if (!given && !file) return undefined;
  if (given && file)
    throw new MomoError("VALUE_INVALID", {
      name: fileVariable,
      value: file,
      hint: `${variable} is set too`,
    });
  const key = given || readKey(file!);
  if (key.length >= MIN_LENGTH) return key;
  throw new MomoError("VALUE_INVALID", {
    name: given ? variable : fileVariable,
    value: "(not shown)",
    hint: `a passphrase has at least ${MIN_LENGTH} characters; openssl rand -hex 32 makes a key`,
  });
}

function readKey(file: string): string {
  const unreadable = (why: string, cause?: unknown): MomoError =>
    new MomoError("KEYS_UNREADABLE", { file, why }, cause);
  let key: string;
  try {
    const stats = statSync(file);
    if (!stats.isFile() || stats.size > MAX_FILE_BYTES) throw unreadable("it is not a small file");
    // Windows has no such bits.
    if (process.platform !== "win32" && (stats.mode & 0o077) !== 0)
      throw unreadable("other users may read it: chmod 600");
    key = readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw cause instanceof MomoError ? cause : unreadable((cause as Error).message, cause);
  }
  if (key === "") throw unreadable("it is empty");
  return key;
}
