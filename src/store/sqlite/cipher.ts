/**
 * Opens a SQLite file that is encrypted: every page, of the file and of its write-ahead log, with ChaCha20 and a
 * Poly1305 tag under a key and a nonce of its own. The library is optional and loaded here only. Used by open.ts where
 * a key is set, and by encrypt.ts.
 */
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import type { SQLInputValue } from "node:sqlite";
import { MomoError } from "../../errors.ts";
import type { Database, PreparedStatement } from "./driver.ts";

const PACKAGE = "better-sqlite3-multiple-ciphers";
/** PBKDF2-HMAC-SHA256 over a passphrase and the salt in the file: 0.1 to 0.3 s. Part of the stored format. */
const ITERATIONS = 600_000;

export interface CipherOptions {
  file: string;
  readOnly: boolean;
  /** A passphrase or 64 hexadecimal digits; undefined opens a file that is not encrypted. */
  key: string | undefined;
  waitMs: number;
}

/** Of the library, what is used here. */
interface Library {
  new (file: string, options: { readonly: boolean; timeout: number }): LibraryDatabase;
}

interface LibraryDatabase {
  readonly open: boolean;
  readonly inTransaction: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): LibraryStatement;
  key(key: Buffer): unknown;
  unsafeMode(enabled: boolean): unknown;
  close(): unknown;
}

interface LibraryStatement {
  readonly source: string;
  /** Whether it returns rows. */
  readonly reader: boolean;
  run(...values: unknown[]): unknown;
  get(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown[];
  iterate(...values: unknown[]): Iterable<unknown>;
  raw(enabled: boolean): unknown;
}

function load(): Library {
  try {
    return createRequire(import.meta.url)(PACKAGE) as Library;
  } catch (cause) {
    throw new MomoError("PACKAGE_MISSING", { package: PACKAGE, needed: "encryption" }, cause);
  }
}

/** The errors are SQLite's, in the form of driver.ts. Whether the key is right shows at the first read. */
export function openCipher(options: CipherOptions): Database {
  const { file, key } = options;
  const known = key === undefined ? undefined : derived(file, key);
  if (known !== undefined) {
    const database = openWith(options, known);
    if (firstRead(database) !== NOT_READABLE) return adapt(database);
    // The file is another one by now, with another salt.
    database.close();
    salts.delete(file);
  }
  const database = openWith(options, key);
  if (key !== undefined && !isHex(key) && firstRead(database) === undefined) remember(file, key, database);
  return adapt(database);
}

function openWith({ file, readOnly, waitMs }: CipherOptions, key: string | undefined): LibraryDatabase {
  const database = translated(() => new (load())(file, { readonly: readOnly, timeout: waitMs }));
  try {
    // Statements may write while another one is read, as with node:sqlite.
    database.unsafeMode(true);
    if (key !== undefined) setKey(database, key);
    // What SQLite puts into temporary files would not be encrypted.
    database.exec("PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF");
    return database;
  } catch (error) {
    database.close();
    throw translate(error);
  }
}

const isHex = (key: string): boolean => /^[0-9a-f]{64}$/i.test(key);

/** Before every passphrase, so that none of them is taken for a key in the library's own notation. */
const PASSPHRASE = "momo:";
const passphraseOf = (key: string): string => `${PASSPHRASE}${key.normalize("NFC")}`;

function setKey(database: LibraryDatabase, key: string): void {
  database.exec(`PRAGMA cipher = 'chacha20'; PRAGMA kdf_iter = ${ITERATIONS}`);
  database.key(Buffer.from(isHex(key) ? `raw:${key}` : passphraseOf(key)));
}

/** By file: the salt it was last opened with, and the key that follows, once it was needed. */
const salts = new Map<string, { salt: Buffer; passphrase: string; key?: string }>();

/**
 * The key that follows from a passphrase, for a file that this thread has opened before: the library works it out
 * again at every opening, in three times as long.
 */
function derived(file: string, passphrase: string): string | undefined {
  const known = salts.get(file);
  if (known === undefined || known.passphrase !== passphrase) return undefined;
  known.key ??= pbkdf2Sync(passphraseOf(passphrase), known.salt, ITERATIONS, 32, "sha256").toString("hex");
  return known.key;
}

function remember(file: string, passphrase: string, database: LibraryDatabase): void {
  const { salt } = database.prepare("SELECT sqlite3mc_codec_data('cipher_salt') AS salt").get() as {
    salt: string;
  };
  salts.set(file, { salt: Buffer.from(salt, "hex"), passphrase });
}

const NOT_READABLE = "SQLITE_NOTADB";

/** What SQLite says to it; undefined when all is well. */
function firstRead(database: LibraryDatabase): string | undefined {
  try {
    database.prepare("PRAGMA schema_version").get();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code ?? "unknown";
  }
}

function adapt(database: LibraryDatabase): Database {
  return {
    get isOpen() {
      return database.open;
    },
    get isTransaction() {
      return database.inTransaction;
    },
    exec: (sql) => translated(() => void database.exec(sql)),
    prepare: (sql) => statementOf(translated(() => database.prepare(sql))),
    close: () => void database.close(),
  };
}

function statementOf(statement: LibraryStatement): PreparedStatement {
  const { source, reader } = statement;
  // The library takes ?1 for a name.
  const isNumbered = /\?\d/.test(source);
  const given = (values: SQLInputValue[]): unknown[] =>
    isNumbered ? [Object.fromEntries(values.map((value, i) => [i + 1, value]))] : values;
  return {
    sourceSQL: source,
    run: (...values) => translated(() => statement[reader ? "get" : "run"](...given(values))),
    get: (...values) =>
      translated(() =>
        reader ? plain(statement.get(...given(values))) : void statement.run(...given(values)),
      ),
    all: (...values) => translated(() => statement.all(...given(values)).map(plain)),
    *iterate(...values) {
      try {
        for (const row of statement.iterate(...given(values))) yield plain(row);
      } catch (error) {
        throw translate(error);
      }
    },
    setReturnArrays: (enabled) => void statement.raw(enabled),
  };
}

/** A row as node:sqlite gives it: bytes on a buffer of their own, and no number that lost digits. */
function plain<T>(row: T): T {
  const columns = row as Record<string, unknown> | undefined;
  for (const name in columns) {
    const value = columns[name];
    if (value instanceof Uint8Array) columns[name] = ownBytes(value);
    else if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value))
      throw Object.assign(new RangeError(`${name} is too large a number`), { code: "ERR_OUT_OF_RANGE" });
  }
  return row;
}

function ownBytes({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return buffer.byteLength === byteLength ? bytes : bytes.slice();
}

/** Result codes by the library's names, and the extended ones that connection.ts tells apart. */
const codes: Readonly<Record<string, number>> = {
  SQLITE_ERROR: 1,
  SQLITE_BUSY: 5,
  SQLITE_LOCKED: 6,
  SQLITE_READONLY: 8,
  SQLITE_IOERR: 10,
  SQLITE_IOERR_WRITE: 778,
  SQLITE_IOERR_FSYNC: 1034,
  SQLITE_IOERR_DIR_FSYNC: 1290,
  SQLITE_IOERR_TRUNCATE: 1546,
  SQLITE_IOERR_SHMSIZE: 4874,
  SQLITE_CORRUPT: 11,
  SQLITE_FULL: 13,
  SQLITE_CANTOPEN: 14,
  SQLITE_NOTADB: 26,
};

function translate(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  if (typeof code !== "string" || !code.startsWith("SQLITE_")) return error;
  const [, primary] = /^(SQLITE_[A-Z]+)/.exec(code)!;
  return Object.assign(error as Error, { errcode: codes[code] ?? codes[primary!] ?? codes.SQLITE_ERROR });
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translate(error);
  }
}

/** What `ATTACH ... KEY` takes for a new file: "" for a plain one. A passphrase gets a salt here. */
export function newFileKey(key: string | undefined): string {
  if (key === undefined) return "";
  if (isHex(key)) return `raw:${key}`;
  const salt = randomBytes(16);
  const own = pbkdf2Sync(passphraseOf(key), salt, ITERATIONS, 32, "sha256");
  return `raw:${own.toString("hex")}${salt.toString("hex")}`;
}
