/**
 * A connection to the SQLite file of a knowledge base, and what SQLite says turned into Momo's errors.
 * Made by open.ts; used by everything in store/ that reads or writes.
 */
import type { SQLInputValue } from "node:sqlite";
import { MomoError } from "../../errors.ts";
import type { Database, PreparedStatement } from "./driver.ts";
import { unreadable } from "./header.ts";

type Row = Record<string, SQLInputValue>;

/** Primary result codes of SQLite (sqlite.org/rescode.html); the low byte of an extended one. */
const sqlite = {
  error: 1,
  busy: 5,
  locked: 6,
  readonly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  notADb: 26,
};
/** Extended codes of an I/O error that say the disk refused a write, sync, truncation or mapping. */
const refusedWrites = new Set([778, 1034, 1290, 1546, 4874]);

/** A prepared statement whose failures are MomoErrors. */
export class Statement {
  readonly #statement: PreparedStatement;
  readonly #connection: Connection;

  constructor(statement: PreparedStatement, connection: Connection) {
    this.#statement = statement;
    this.#connection = connection;
  }

  /** Positional values, or one object for named ones. */
  run(...values: SQLInputValue[] | [Record<string, SQLInputValue>]): void {
    this.#connection.changes();
    try {
      this.#statement.run(...(values as SQLInputValue[]));
    } catch (error) {
      throw this.#connection.failure(error);
    }
  }

  /** Runs what inserts, updates or deletes; how many rows that were. */
  change(...values: SQLInputValue[]): number {
    this.#connection.changes();
    try {
      return Number((this.#statement.run(...values) as { changes: number | bigint }).changes);
    } catch (error) {
      throw this.#connection.failure(error);
    }
  }

  get<T>(...values: SQLInputValue[]): T | undefined {
    try {
      return this.#statement.get(...values) as T | undefined;
    } catch (error) {
      throw this.#connection.failure(error);
    }
  }

  /** The row that must be there. */
  one<T>(...values: SQLInputValue[]): T {
    const row = this.get<T>(...values);
    if (row !== undefined) return row;
    const reason = `nothing found by ${this.#statement.sourceSQL.trim().split("\n")[0]}`;
    throw new MomoError("STORE_CORRUPT", { path: this.#connection.file, reason });
  }

  all<T>(...values: SQLInputValue[]): T[] {
    try {
      return this.#statement.all(...values) as T[];
    } catch (error) {
      throw this.#connection.failure(error);
    }
  }

  /** Rows as arrays of their columns: a third faster than objects where there are thousands. */
  columns<T extends readonly unknown[]>(...values: SQLInputValue[]): T[] {
    this.#statement.setReturnArrays(true);
    try {
      return this.#statement.all(...values) as unknown as T[];
    } catch (error) {
      throw this.#connection.failure(error);
    } finally {
      this.#statement.setReturnArrays(false);
    }
  }

  *each<T>(...values: SQLInputValue[]): Generator<T> {
    try {
      for (const row of this.#statement.iterate(...values)) yield row as T;
    } catch (error) {
      throw this.#connection.failure(error);
    }
  }
}

const controls = new Set(["BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"]);

export interface OpenedPlace {
  file: string;
  waitMs: number;
  /** Opened with a key, so whatever can be read is encrypted. */
  hasKey: boolean;
}

/** Counted over all connections, so that no two states have one number. */
let epochs = 0;

export class Connection {
  readonly file: string;
  /** Another number once a transaction begins or ends here, or this connection writes. */
  #epoch = 0;
  /** Where this one reads while that has no transaction open: see readThrough. */
  #writer: Connection | undefined;
  /** A snapshot was begun there. */
  #isThere = false;
  readonly #database: Database;
  readonly #place: OpenedPlace;
  readonly #statements = new Map<string, Statement>();
  #before: (() => void) | undefined;

  constructor(database: Database, place: OpenedPlace) {
    this.file = place.file;
    this.#database = database;
    this.#place = place;
  }

  /** Whether the file is encrypted. */
  get isEncrypted(): boolean {
    return this.#place.hasKey;
  }

  get inTransaction(): boolean {
    return this.#isThere || this.#database.isTransaction;
  }

  /**
   * Reads over the connection that writes while that has no transaction open: then it sees just what is committed, and
   * its pages are in memory. After every commit of another connection SQLite forgets those of this one.
   */
  readThrough(writer: Connection): void {
    this.#writer = writer;
  }

  #other(): Connection | undefined {
    const writer = this.#writer;
    if (writer === undefined || this.#isThere) return writer;
    return this.#database.isTransaction || writer.inTransaction ? undefined : writer;
  }

  /** Another text once another connection committed, the one that this reads through included. */
  version(): string {
    const row = this.#own("PRAGMA data_version").one<Row>();
    return String(Object.values(row)[0]);
  }

  /**
   * Names the state that is read: two calls that return the same number see the same, so what was read once need not be
   * read again. 0 outside a transaction, where each statement may see another state.
   */
  get epoch(): number {
    if (this.#isThere) return this.#writer!.epoch;
    return this.#database.isTransaction ? this.#epoch : 0;
  }

  /** To be called before whatever may change what is seen next. */
  changes(): void {
    this.#epoch = ++epochs;
  }

  /** Does this ahead of every statement: a transaction stores what it holds back before anybody reads. */
  beforeEach(work: (() => void) | undefined): void {
    this.#before = work;
  }

  /** The statement for a text, prepared once. To be used at once: the next one may come from another connection. */
  sql(text: string): Statement {
    return this.#other()?.sql(text) ?? this.#own(text);
  }

  #own(text: string): Statement {
    this.#before?.();
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = new Statement(this.#prepare(text), this);
    this.#statements.set(text, statement);
    return statement;
  }

  exec(text: string): void {
    this.changes();
    // What begins and ends every transaction and snapshot: prepared once, half of the time.
    if (controls.has(text)) {
      const other = this.#other();
      this.sql(text).run();
      this.#isThere = other !== undefined && text === "BEGIN";
      return;
    }
    try {
      this.#database.exec(text);
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** First column of the first row, for pragmas and counts. */
  value(text: string): SQLInputValue {
    return Object.values(this.sql(text).one<Row>())[0]!;
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  failure(error: unknown): unknown {
    return failure(error, this.#place);
  }

  #prepare(text: string): PreparedStatement {
    try {
      return this.#database.prepare(text);
    } catch (error) {
      // Our statements are constant and tested against this schema: a table or column that is gone is damage.
      if (resultCode(error) !== sqlite.error) throw this.failure(error);
      throw new MomoError("STORE_CORRUPT", { path: this.file, reason: (error as Error).message }, error);
    }
  }
}

function resultCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}

/** The MomoError for what SQLite raised; anything else comes back as it is. */
export function failure(error: unknown, { file: path, waitMs, hasKey }: OpenedPlace): unknown {
  const reason = error instanceof Error ? error.message : "";
  switch (resultCode(error)) {
    case sqlite.busy:
    case sqlite.locked:
      return new MomoError("STORE_BUSY", { seconds: waitMs / 1000 }, error);
    case sqlite.readonly:
      return new MomoError("STORE_READONLY", { path, action: "written" }, error);
    case sqlite.cantOpen:
      return new MomoError("STORE_READONLY", { path, action: "opened" }, error);
    case sqlite.full:
      return new MomoError("STORE_FULL", { path }, error);
    case sqlite.io:
      if (refusedWrites.has((error as { errcode: number }).errcode))
        return new MomoError("STORE_FULL", { path }, error);
      return new MomoError("STORE_CORRUPT", { path, reason }, error);
    case sqlite.corrupt:
      return new MomoError("STORE_CORRUPT", { path, reason }, error);
    case sqlite.notADb:
      return unreadable({ path, hasKey, reason, cause: error });
    default:
      // Every number stored is a safe integer: Node refuses to return one that is not.
      if ((error as NodeJS.ErrnoException).code !== "ERR_OUT_OF_RANGE") return error;
      return new MomoError("STORE_CORRUPT", { path, reason }, error);
  }
}
