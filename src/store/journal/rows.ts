/**
 * Rows of the journal as they are read: what is not readable in them raises STORE_CORRUPT. Used by everything that
 * reads transactions; verify.ts reads for itself, because it says what is wrong.
 */
import { MomoError } from "../../errors.ts";
import type { JournalTransaction, Operations } from "../contract/journal.ts";
import type { TransactionDetail, TransactionKind } from "../contract/transaction.ts";
import type { Connection } from "../sqlite/connection.ts";
import { type TransactionRow, unpackOperations } from "./chain.ts";

export interface StoredOperations {
  tx: number;
  last_seq: number;
  operations: number;
  ops: Uint8Array | null;
}

/** For `tx` joined with `journal`. */
export const operationColumns = "tx.tx, tx.last_seq, tx.operations, journal.ops";

export function readOperations(connection: Connection, row: StoredOperations): Operations {
  const { tx, last_seq, operations, ops } = row;
  const unpacked = ops && unpackOperations(ops, operations, last_seq - operations + 1);
  if (unpacked) return unpacked;
  throw unreadable(connection, `the operations of transaction ${tx} are not readable`);
}

/** Empty where nothing was said. */
export function readDetail(connection: Connection, { tx, detail }: TransactionRow): TransactionDetail {
  const read = parseDetail(detail);
  if (read) return read;
  throw unreadable(connection, `the detail of transaction ${tx} is not readable`);
}

/** undefined when it is not JSON of an object. */
export function parseDetail(detail: string | null): TransactionDetail | undefined {
  if (detail === null) return {};
  try {
    const read: TransactionDetail | null = JSON.parse(detail);
    return typeof read === "object" && read !== null ? read : undefined;
  } catch {
    return undefined;
  }
}

/** ISO 8601, UTC. */
export function readAt(connection: Connection, { tx, at }: TransactionRow): string {
  const date = new Date(at);
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw unreadable(connection, `the time of transaction ${tx} is not readable`);
}

const unreadable = (connection: Connection, reason: string): MomoError =>
  new MomoError("STORE_CORRUPT", { path: connection.file, reason });

const MOVING = new Set<string>(["undo", "redo", "rewind"]);

export function readTransaction(connection: Connection, row: TransactionRow): JournalTransaction {
  const detail = readDetail(connection, row);
  const { last_seq: last, operations } = row;
  return {
    transaction: row.tx,
    kind: row.kind as TransactionKind,
    agent: row.agent,
    session: row.session ?? undefined,
    intent: row.intent ?? undefined,
    at: row.at,
    first: last - operations + 1,
    last,
    writes: MOVING.has(row.kind) ? last - (detail.writes ?? 0) + 1 : last - operations + 1,
    detail,
  };
}
