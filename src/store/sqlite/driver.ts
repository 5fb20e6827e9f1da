/**
 * What connection.ts needs of a library that reads SQLite files. node:sqlite has this shape by itself; cipher.ts gives
 * it to the library that encrypts. Errors carry SQLite's extended result code as `errcode`.
 */
import type { SQLInputValue } from "node:sqlite";

export interface PreparedStatement {
  readonly sourceSQL: string;
  run(...values: SQLInputValue[]): unknown;
  get(...values: SQLInputValue[]): unknown;
  all(...values: SQLInputValue[]): unknown[];
  iterate(...values: SQLInputValue[]): Iterable<unknown>;
  /** Rows as arrays of their columns. */
  setReturnArrays(enabled: boolean): void;
}

export interface Database {
  readonly isOpen: boolean;
  readonly isTransaction: boolean;
  exec(sql: string): void;
  prepare(sql: string): PreparedStatement;
  close(): void;
}
