/**
 * Opens the SQLite file of a knowledge base. Nothing is written to a file before it is known to be Momo's, of a
 * schema this Momo knows. Used by journal.ts only.
 */
import { mkdirSync, readdirSync, type Stats, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { encryptionKey } from "../../config/encryption-key.ts";
import { MomoError } from "../../errors.ts";
import { openCipher } from "./cipher.ts";
import { Connection, failure } from "./connection.ts";
import type { Database } from "./driver.ts";
import { applicationId, migrations } from "./schema.ts";

/** What a committed transaction survives: "process" a kill -9, "disk" also a loss of power. */
export type Durability = "process" | "disk";

export interface ConnectOptions {
  mode: "read" | "write";
  wait_ms: number;
  durability: Durability;
  /** Default the one that the environment holds; null opens a file that is not encrypted, whatever is set there. */
  key?: string | null | undefined;
}

interface Place {
  file: string;
  waitMs: number;
  key: string | undefined;
}

export interface Connections {
  /** Sees what is committed. */
  reading: Connection;
  /** In mode "write". */
  writing: Connection | undefined;
}

/** Opens the file, creating it (mode "write") or bringing it to the current schema where needed. */
export function connect(path: string, options: ConnectOptions): Connections {
  const key = (options.key === undefined ? encryptionKey() : options.key) ?? undefined;
  const place = { file: resolve(path), waitMs: options.wait_ms, key };
  const found = inspect(place);
  if (options.mode === "read" && found?.schema === migrations.length)
    return { reading: found.connection, writing: undefined };
  found?.connection.close();
  if (options.mode === "read" && found?.schema === undefined)
    throw new MomoError("STORE_MISSING", { path: place.file });
  const writing = openOrCreate(place, options, found?.schema === undefined);
  if (options.mode === "read") {
    writing.close();
    return { reading: openForReading(place), writing: undefined };
  }
  return { reading: openBeside(place, writing), writing };
}

/** Where commits are seen one after the other, the file is read and not mapped: every commit would unmap all of it. */
function openBeside(place: Place, writing: Connection): Connection {
  try {
    const reading = openForReading(place);
    reading.exec("PRAGMA mmap_size = 0");
    reading.readThrough(writing);
    return reading;
  } catch (error) {
    writing.close();
    throw error;
  }
}

function openOrCreate(place: Place, options: ConnectOptions, isNew: boolean): Connection {
  if (isNew) makeHome(dirname(place.file));
  const attempt = (): Connection => retryWhileBusy(place.waitMs, () => openForWriting(place, options));
  try {
    return attempt();
  } catch (error) {
    // Another process created it meanwhile, with another salt.
    if (isNew && error instanceof MomoError && error.code === "ENCRYPTION_KEY") return attempt();
    throw error;
  }
}

/** Applies the migrations that the file lacks, all of them or none. */
export function migrate(connection: Connection, list: readonly string[] = migrations): void {
  connection.exec("BEGIN IMMEDIATE");
  try {
    // Read again under the lock: another process may have done it while this one waited.
    const from = Number(connection.value("PRAGMA user_version"));
    for (const step of list.slice(from)) connection.exec(step);
    connection.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${list.length}; COMMIT`);
  } catch (error) {
    if (connection.inTransaction) connection.exec("ROLLBACK");
    throw error;
  }
}

interface Found {
  /** Undefined when there is no knowledge base yet: a creation that was cut. */
  schema: number | undefined;
  /** For reading. */
  connection: Connection;
}

/** Undefined when there is no file, or an empty one. */
function inspect(place: Place): Found | undefined {
  const stats = look(place.file);
  if (stats === undefined || stats.size === 0) return undefined;
  if (!stats.isFile()) throw new MomoError("STORE_FOREIGN", { path: place.file, reason: "it is not a file" });
  const connection = openForReading(place);
  try {
    // One look at all of it: another process may be creating the file at this moment.
    connection.exec("BEGIN");
    const schema = schemaOf(connection, stats.size);
    connection.exec("COMMIT");
    return { schema, connection };
  } catch (error) {
    connection.close();
    throw error;
  }
}

function schemaOf(connection: Connection, bytes: number): number | undefined {
  const { file: path } = connection;
  const version = Number(connection.value("PRAGMA user_version"));
  const application = connection.value("PRAGMA application_id");
  if (application === applicationId) return knownVersion(path, version);
  if (application === 0 && version === 0 && connection.value("SELECT count(*) FROM sqlite_schema") === 0) {
    // A file cut to less than a page also reads as an empty database.
    if (bytes >= Number(connection.value("PRAGMA page_size"))) return undefined;
    throw new MomoError("STORE_CORRUPT", { path, reason: `only ${bytes} bytes are left` });
  }
  throw new MomoError("STORE_FOREIGN", { path, reason: "a database of another program" });
}

function knownVersion(file: string, version: number): number {
  // Set in one transaction with the application id, from 1 on.
  if (version < 1) throw new MomoError("STORE_CORRUPT", { path: file, reason: `schema version ${version}` });
  if (version <= migrations.length) return version;
  throw new MomoError("STORE_NEWER", { path: file, found: version, known: migrations.length });
}

function look(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw folderFailure(error, file, "read");
  }
}

/** The folder of a new knowledge base, which keeps itself out of git. A folder that holds other things keeps its own rules. */
function makeHome(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    if (readdirSync(folder).length === 0) writeFileSync(join(folder, ".gitignore"), "*\n");
  } catch (error) {
    throw folderFailure(error, folder, "written");
  }
}

function openForWriting(place: Place, options: ConnectOptions): Connection {
  const connection = openDatabase(place, { readOnly: false });
  try {
    if (connection.value("PRAGMA page_count") === 0) {
      // With the journal in memory no rollback journal can be left behind by a crash inside the creation.
      connection.exec("PRAGMA journal_mode = MEMORY");
    }
    connection.exec(`PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = ${32 << 20}; PRAGMA cache_size = -16384;
      PRAGMA synchronous = ${options.durability === "disk" ? "FULL; PRAGMA fullfsync = ON" : "NORMAL"}`);
    if (Number(connection.value("PRAGMA user_version")) < migrations.length) migrate(connection);
    else refuseReadOnly(connection, options.wait_ms);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** SQLite opens a file it may not write as read-only without a word: ask now, not at the first write. */
function refuseReadOnly(connection: Connection, waitMs: number): void {
  connection.exec("PRAGMA busy_timeout = 0");
  try {
    // Deletes nothing, but asks for the right to; BEGIN IMMEDIATE alone does not.
    connection.exec("DELETE FROM meta WHERE 0");
  } catch (error) {
    // Busy: somebody writes, so it can be written.
    if (!isBusy(error)) throw error;
  }
  connection.exec(`PRAGMA busy_timeout = ${waitMs}`);
}

function openForReading(place: Place): Connection {
  const connection = openDatabase(place, { readOnly: true });
  try {
    connection.value("SELECT count(*) FROM sqlite_schema");
    return connection;
  } catch (error) {
    connection.close();
    // A folder where this user may not write: SQLite cannot make the -shm file that readers share. Without a -wal
    // file nobody has the knowledge base open and everything is in the main file, so it is read as it stands.
    const settled = !statSync(`${place.file}-wal`, { throwIfNoEntry: false })?.size;
    const isRefused = error instanceof MomoError && error.code === "STORE_READONLY";
    // The library that decrypts cannot be told to read a file so.
    if (!isRefused || !settled || place.key !== undefined) throw error;
    return openDatabase(place, { readOnly: true, immutable: true });
  }
}

interface Access {
  readOnly: boolean;
  immutable?: boolean;
}

function openDatabase({ file, waitMs, key }: Place, access: Access): Connection {
  const opened = { file, waitMs, hasKey: key !== undefined };
  try {
    const database: Database =
      key === undefined ? openPlain(file, access) : openCipher({ file, key, waitMs, ...access });
    database.exec(`PRAGMA busy_timeout = ${waitMs}; PRAGMA mmap_size = ${2 ** 30}`);
    return new Connection(database, opened);
  } catch (error) {
    throw failure(error, opened);
  }
}

function openPlain(file: string, { readOnly, immutable }: Access): DatabaseSync {
  const url = pathToFileURL(file);
  if (immutable) url.searchParams.set("immutable", "1");
  return new DatabaseSync(immutable ? url : file, { readOnly, enableForeignKeyConstraints: false });
}

/** Two processes that create or open one file at the same moment can meet a lock for which SQLite does not wait. */
export function retryWhileBusy<T>(waitMs: number, attempt: () => T): T {
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof MomoError && error.code === "STORE_BUSY";
}

export function folderFailure(error: unknown, path: string, action: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || code === "EDQUOT") return new MomoError("STORE_FULL", { path }, error);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new MomoError("STORE_READONLY", { path, action }, error);
  }
  if (code === "ENOTDIR" || code === "EEXIST") {
    return new MomoError("STORE_FOREIGN", { path, reason: "its folder is a file" }, error);
  }
  return error;
}
