/**
 * Turns the file of a knowledge base into an encrypted one, and back, or into one under another key. The file is locked, copied row by row into a new
 * one, which is verified and takes its place in one rename; then what it was is overwritten and removed. Wherever that
 * is cut, the file that bears the name is whole, and the next call goes on. Called by `momo audit`.
 */
import {
  chmodSync,
  chownSync,
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { MomoError } from "../../errors.ts";
import { verify } from "../verify/verify.ts";
import { newFileKey, openCipher } from "./cipher.ts";
import { Connection, failure } from "./connection.ts";
import { formOf } from "./header.ts";
import { connect, folderFailure, retryWhileBusy } from "./open.ts";

export interface ConversionRequest {
  file: string;
  /** What the file is to be. */
  form: "encrypted" | "plain";
  /** Of the encrypted one: a passphrase or 64 hexadecimal digits. */
  key: string;
  /** Of an encrypted one that is to have another: what `key` opens now, this opens afterwards. */
  new_key?: string | undefined;
  wait_ms: number;
  /** Called after each step. */
  on_step?: ((step: ConversionStep) => void) | undefined;
}

export const conversionSteps = [
  "locked",
  "copied",
  "verified",
  "settled",
  "kept",
  "replaced",
  "overwritten",
] as const;
export type ConversionStep = (typeof conversionSteps)[number];

export interface Conversion {
  file: string;
  form: "encrypted" | "plain";
  /** Present where it was to have another key. */
  has_new_key?: true;
  /** False when it was so already. */
  changed: boolean;
  bytes: number;
}

/**
 * Nobody else may have the file open: waits for that, then STORE_BUSY. Raises what opening raises, ENCRYPTION_PLAIN for
 * a plain one that is to have another key, STORE_CORRUPT for one that does not verify, and STORE_FULL; the file is then
 * as it was.
 */
export function convert(request: ConversionRequest): Conversion {
  const { form, key, new_key, wait_ms } = request;
  const file = resolve(request.file);
  const present = presentKey(request, file);
  const target = form === "plain" ? undefined : (new_key ?? key);
  const changed = present !== target;
  const source = lock({ file, waitMs: wait_ms, key: present });
  try {
    request.on_step?.("locked");
    clearLeftovers(file);
    if (changed) replace(source, target, request.on_step);
  } catch (error) {
    throw folderFailure(error, file, "written anew");
  } finally {
    source.close();
  }
  if (changed) discard(oldOf(file));
  request.on_step?.("overwritten");
  const bytes = statSync(file).size;
  return { file, form, ...(new_key !== undefined && { has_new_key: true }), changed, bytes };
}

const newOf = (file: string): string => `${file}.new`;
const oldOf = (file: string): string => `${file}.old`;

/** What opens the file now; undefined for a plain one. Brings it to the current schema; raises what opening it raises. */
function presentKey({ key, new_key, wait_ms }: ConversionRequest, file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.size) throw new MomoError("STORE_MISSING", { path: file });
  // Before anything is open here: see header.ts.
  const isPlain = stats.isFile() && formOf(file) === "plain";
  if (isPlain && new_key !== undefined) throw new MomoError("ENCRYPTION_PLAIN", { path: file });
  if (isPlain) checkOpens(file, null, wait_ms);
  else
    return opening([key, ...(new_key === undefined ? [] : [new_key])], (one) =>
      checkOpens(file, one, wait_ms),
    );
  return undefined;
}

/** The first of these keys that opens it: a change of key that was cut may have reached the new one. */
function opening(keys: readonly string[], open: (key: string) => void): string {
  const refusals: unknown[] = [];
  for (const key of keys) {
    try {
      open(key);
      return key;
    } catch (error) {
      if (!(error instanceof MomoError && error.code === "ENCRYPTION_KEY")) throw error;
      refusals.push(error);
    }
  }
  throw refusals[0];
}

function checkOpens(file: string, key: string | null, wait_ms: number): void {
  const { reading, writing } = connect(file, { mode: "read", wait_ms, durability: "disk", key });
  reading.close();
  writing?.close();
}

/** A connection that shuts out every other one, until it is closed. */
function lock(place: { file: string; waitMs: number; key: string | undefined }): Connection {
  const { file, waitMs, key } = place;
  return retryWhileBusy(waitMs, () => {
    const connection = open(file, { key, readOnly: false });
    try {
      connection.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  });
}

function open(file: string, { key, readOnly }: { key: string | undefined; readOnly: boolean }): Connection {
  const place = { file, waitMs: 0, hasKey: key !== undefined };
  try {
    return new Connection(openCipher({ file, key, readOnly, waitMs: 0 }), place);
  } catch (error) {
    throw failure(error, place);
  }
}

/** `target` is the key of what takes its place; undefined for a plain one. */
function replace(
  source: Connection,
  target: string | undefined,
  on_step: ConversionRequest["on_step"],
): void {
  const { file } = source;
  try {
    mustVerify(source);
    copy(source, target);
    on_step?.("copied");
    checkCopy(source, target);
    on_step?.("verified");
    settle(source);
    on_step?.("settled");
    // Under another name as well, so that it can be overwritten once the name is the new file's.
    linkSync(file, oldOf(file));
    on_step?.("kept");
    renameSync(newOf(file), file);
  } catch (error) {
    clearLeftovers(file);
    throw error;
  }
  syncFolder(file);
  on_step?.("replaced");
}

function mustVerify(connection: Connection): void {
  const reason = verify(connection);
  if (reason !== undefined) throw new MomoError("STORE_CORRUPT", { path: connection.file, reason });
}

interface SchemaRow {
  type: string;
  name: string;
  sql: string;
}

/** Tables first: an index can only be made on one that is there. */
const schemaOf = (connection: Connection): SchemaRow[] =>
  connection
    .sql(
      "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type = 'index', rowid",
    )
    .all<SchemaRow>();

/** Into a file of its own, on the disk when this returns. */
function copy(source: Connection, key: string | undefined): void {
  const path = newOf(source.file);
  const pageSize = Number(source.value("PRAGMA page_size"));
  source.sql("ATTACH ? AS target KEY ?").run(path, newFileKey(key));
  try {
    source.exec(`PRAGMA target.page_size = ${pageSize}; PRAGMA target.journal_mode = OFF; BEGIN`);
    copyRows(source);
    for (const pragma of ["application_id", "user_version"])
      source.exec(`PRAGMA target.${pragma} = ${Number(source.value(`PRAGMA main.${pragma}`))}`);
    source.exec("COMMIT");
  } finally {
    if (source.inTransaction) source.exec("ROLLBACK");
    source.exec("DETACH target");
  }
  takeOver(path, statSync(source.file));
}

function copyRows(source: Connection): void {
  for (const { type, name, sql } of schemaOf(source)) {
    const created = sql.replace(/^CREATE (TABLE|UNIQUE INDEX|INDEX) /, "CREATE $1 target.");
    if (created === sql) throw new Error(`${type} ${name} cannot be copied`);
    source.exec(created);
    if (type === "table") source.exec(`INSERT INTO target."${name}" SELECT * FROM main."${name}"`);
  }
}

/** Owner and permissions as they were. */
function takeOver(path: string, { mode, uid, gid }: Stats): void {
  const descriptor = openSync(path, "r+");
  try {
    const own = fstatSync(descriptor);
    if (own.uid !== uid || own.gid !== gid) chownSync(path, uid, gid);
    chmodSync(path, mode & 0o777);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function checkCopy(source: Connection, key: string | undefined): void {
  const copied = open(newOf(source.file), { key, readOnly: true });
  try {
    mustVerify(copied);
    const [before, after] = [source, copied].map(contentOf);
    if (before !== after)
      throw new MomoError("STORE_CORRUPT", { path: copied.file, reason: "it is no copy" });
  } finally {
    copied.close();
  }
}

/** Equal for equal contents, as far as `verify` does not compare them: the chain's end, and how much there is of all. */
function contentOf(connection: Connection): string {
  const last = connection.sql("SELECT hash FROM tx ORDER BY tx DESC LIMIT 1").get<{ hash: Uint8Array }>();
  const digests = connection.sql("SELECT branch, hex(digest) AS digest FROM branch ORDER BY branch").all();
  const counts = schemaOf(connection)
    .filter(({ type }) => type === "table")
    .map(({ name }) => [name, connection.value(`SELECT count(*) FROM "${name}"`)]);
  return JSON.stringify([last && Buffer.from(last.hash).toString("hex"), digests, counts]);
}

/** All of the write-ahead log is in the file, and the log is gone: it would be taken for the new file's. */
function settle(source: Connection): void {
  const { file } = source;
  const { busy } = source.sql("PRAGMA wal_checkpoint(FULL)").one<{ busy: number }>();
  if (busy) throw new MomoError("STORE_BUSY", { seconds: 0 });
  if (statSync(`${file}-wal`, { throwIfNoEntry: false })) overwrite(`${file}-wal`);
  const mode = source.value("PRAGMA journal_mode = DELETE");
  if (mode !== "delete")
    throw new Error(`the write-ahead log of ${file} could not be ended: ${String(mode)}`);
}

/** What a conversion that was cut left behind. With the lock, or another one could still need it. */
function clearLeftovers(file: string): void {
  // Whoever holds the lock needs none.
  rmSync(`${file}-shm`, { force: true });
  discard(newOf(file));
  const old = statSync(oldOf(file), { throwIfNoEntry: false });
  // Cut before the rename: a second name of the file itself.
  if (old !== undefined && old.ino === statSync(file).ino) unlinkSync(oldOf(file));
  else discard(oldOf(file));
}

/** Overwrites a file and removes it, with what SQLite puts beside one. */
function discard(file: string): void {
  for (const path of [file, `${file}-journal`, `${file}-wal`, `${file}-shm`]) {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) continue;
    overwrite(path);
    unlinkSync(path);
  }
  syncFolder(file);
}

/** Keeps its length: who still has the file open reads something that is no database, and not an empty one. */
function overwrite(path: string): void {
  const zeros = Buffer.alloc(2 ** 20);
  const descriptor = openSync(path, "r+");
  try {
    const { size } = fstatSync(descriptor);
    for (let at = 0; at < size; at += zeros.length)
      writeSync(descriptor, zeros, 0, Math.min(zeros.length, size - at), at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncFolder(file: string): void {
  // Windows opens no folders.
  if (process.platform === "win32") return;
  const descriptor = openSync(dirname(file), "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
