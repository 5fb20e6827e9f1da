/**
 * What a file is that SQLite does not take for a database: encrypted, plain although a key is set, or something else.
 * Asked when opening has failed, and at no other time: to open and close a file drops the locks that SQLite holds on
 * it for this process. Used by connection.ts and encrypt.ts.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { MomoError } from "../../errors.ts";

export type FileForm = "plain" | "encrypted" | "other";

const PLAIN = "SQLite format 3\0";
/** In an encrypted file the first 16 bytes are a salt; the 8 after them stay as SQLite has them. */
const RESERVED_AT = 20;
/** Bytes at the end of a page for its nonce and tag; then three numbers that are the same in every file. */
const RESERVED = [32, 64, 32, 32];

/** Raises what the file system says when the file cannot be read. */
export function formOf(file: string): FileForm {
  const head = Buffer.alloc(24);
  const descriptor = openSync(file, "r");
  try {
    if (readSync(descriptor, head, 0, head.length, 0) < head.length) return "other";
  } finally {
    closeSync(descriptor);
  }
  if (head.toString("latin1", 0, PLAIN.length) === PLAIN) return "plain";
  const pageSize = head.readUInt16BE(16);
  const isPageSize = pageSize === 1 || (pageSize >= 512 && (pageSize & (pageSize - 1)) === 0);
  const isEncrypted = isPageSize && RESERVED.every((value, i) => head[RESERVED_AT + i] === value);
  return isEncrypted ? "encrypted" : "other";
}

/** Why a file cannot be read as a database, with or without a key. */
export function unreadable(found: {
  path: string;
  hasKey: boolean;
  reason: string;
  cause: unknown;
}): MomoError {
  const { path, hasKey, reason, cause } = found;
  const form = formOf(path);
  if (form === "encrypted") return new MomoError("ENCRYPTION_KEY", { path }, cause);
  if (form === "plain" && hasKey) return new MomoError("ENCRYPTION_PLAIN", { path }, cause);
  return new MomoError("STORE_FOREIGN", { path, reason }, cause);
}
