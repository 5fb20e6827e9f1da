/** Transactions and their operations, read back from the journal. Used by reading.ts; rollback will plan from it. */
import { MomoError } from "../errors.ts";
import {
  transactionColumns as columns,
  type PackedOperation,
  packedKey,
  type TransactionRow,
  unpackOperations,
} from "./chain.ts";
import type { Connection } from "./sqlite/connection.ts";
import type { HistoryFilter, Operation, Receipt, TransactionRecord } from "./store.ts";

/** Newest first. `since` is anything Date.parse reads. */
export function history(connection: Connection, filter: HistoryFilter): TransactionRecord[] {
  const conditions: string[] = [];
  const values: (string | number | Uint8Array)[] = [];
  if (filter.agent !== undefined) {
    conditions.push("tx.agent = ?");
    values.push(filter.agent);
  }
  if (filter.since !== undefined) {
    conditions.push("tx.at >= ?");
    values.push(readTime(filter.since));
  }
  const kid = filter.key === undefined ? undefined : keyNumber(connection, filter.key);
  if (filter.key !== undefined) {
    if (kid === undefined) return [];
    conditions.push("instr(journal.ops, ?) > 0");
    values.push(packedKey(kid));
  }
  const where = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
  const rows = connection
    .sql(
      kid === undefined
        ? `SELECT ${columns} FROM tx ${where} ORDER BY tx.tx DESC`
        : `SELECT ${columns}, journal.ops FROM tx JOIN journal USING (tx) ${where} ORDER BY tx.tx DESC`,
    )
    .each<TransactionRow & { ops?: Uint8Array }>(...values);
  const records: TransactionRecord[] = [];
  for (const row of rows) {
    if (records.length >= (filter.limit ?? Number.POSITIVE_INFINITY)) break;
    // The bytes of one number can also stand across two others: the search in SQL only narrows.
    if (kid !== undefined && !unpacked(connection, row.tx, row.ops!).some((op) => op.kid === kid)) continue;
    records.push(toRecord(row));
  }
  return records;
}

export function operationsOf(connection: Connection, transaction: number): Operation[] {
  const row = connection
    .sql("SELECT tx.last_seq, journal.ops FROM tx JOIN journal USING (tx) WHERE tx.tx = ?")
    .get<{ last_seq: number; ops: Uint8Array }>(transaction);
  if (row === undefined) return [];
  const packed = unpacked(connection, transaction, row.ops);
  const first = row.last_seq - packed.length + 1;
  const name = connection.sql("SELECT name FROM key WHERE kid = ?");
  return packed.map(({ kid, from, to }, i) => ({
    seq: first + i,
    key: name.one<{ name: string }>(kid).name,
    from: from || undefined,
    to: to || undefined,
  }));
}

/** The receipt that the same request got the first time. */
export function receiptOf(connection: Connection, agent: string, request: string): Receipt | undefined {
  const row = connection
    .sql("SELECT tx, last_seq, operations FROM tx WHERE agent = ? AND request_id = ?")
    .get<{ tx: number; last_seq: number; operations: number }>(agent, request);
  return (
    row && { transaction: row.tx, seq: row.operations > 0 ? row.last_seq : 0, operations: row.operations }
  );
}

function readTime(since: string): number {
  const at = Date.parse(since);
  if (Number.isNaN(at))
    throw new MomoError("VALUE_INVALID", { name: "since", value: since, hint: "give an ISO 8601 time" });
  return at;
}

function toRecord(row: TransactionRow): TransactionRecord {
  return {
    transaction: row.tx,
    kind: row.kind as TransactionRecord["kind"],
    at: new Date(row.at).toISOString(),
    agent: row.agent,
    ...(row.session !== null && { session: row.session }),
    ...(row.principal !== null && { principal: row.principal }),
    ...(row.request_id !== null && { request_id: row.request_id }),
    ...(row.intent !== null && { intent: row.intent }),
    seq: row.operations > 0 ? row.last_seq : 0,
    operations: row.operations,
    created: row.created,
    updated: row.updated,
    removed: row.removed,
  };
}

function keyNumber(connection: Connection, key: string): number | undefined {
  return connection.sql("SELECT kid FROM key WHERE name = ?").get<{ kid: number }>(key)?.kid;
}

function unpacked(connection: Connection, transaction: number, ops: Uint8Array | null): PackedOperation[] {
  const operations = unpackOperations(ops);
  if (operations !== undefined) return operations;
  const reason = `the operations of transaction ${transaction} are not readable`;
  throw new MomoError("STORE_CORRUPT", { path: connection.file, reason });
}
