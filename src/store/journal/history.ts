/** Transactions and their operations as people see them. Used by reading.ts; journal-view.ts has them by numbers. */

import type { HistoryFilter, JournalView, TransactionRecord } from "../contract/journal.ts";
import { kindNumber } from "../contract/kinds.ts";
import type { Operation } from "../contract/transaction.ts";
import type { KnownKey } from "../records/names.ts";
import { readTime } from "../records/time.ts";
import type { Connection } from "../sqlite/connection.ts";
import { transactionColumns as columns, type TransactionRow } from "./chain.ts";
import { readAt, readDetail } from "./rows.ts";
import { undoneWrites } from "./undone.ts";

interface Asked {
  journal: JournalView;
  branch: number;
  /** What `filter.key` stands for. */
  keys: readonly KnownKey[] | undefined;
}

/** Newest first, or oldest first after a sequence number. Times are anything Date.parse reads. */
export function history(
  connection: Connection,
  { journal, branch, keys }: Asked,
  filter: HistoryFilter,
): TransactionRecord[] {
  const parts = ["branch = ?"];
  const values: (string | number)[] = [branch];
  const add = (part: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    parts.push(part);
    values.push(value);
  };
  for (const name of ["agent", "session"] as const) {
    const value = filter[name];
    if (value === undefined) continue;
    parts.push(
      `(${name} = ? OR tx IN (SELECT o.tx FROM origin o JOIN tx w ON w.tx = o."of" WHERE w.${name} = ?))`,
    );
    values.push(value, value);
  }
  add("at >= ?", filter.since && readTime("since", filter.since));
  add("at <= ?", filter.until && readTime("until", filter.until));
  add("last_seq > ? AND operations > 0", filter.after);
  if (keys !== undefined) add("tx IN (SELECT value FROM json_each(?))", touching(journal, keys));
  const limit = filter.limit === undefined ? "" : `LIMIT ${Math.floor(filter.limit)}`;
  const rows = connection.sql(
    `SELECT ${columns} FROM tx WHERE ${parts.join(" AND ")} ORDER BY ${filter.after === undefined ? "tx DESC" : "last_seq"} ${limit}`,
  );
  return withUndone(
    connection,
    rows.all<TransactionRow>(...values).map((row) => withAuthors(journal, toRecord(connection, row))),
  );
}

function withAuthors(journal: JournalView, record: TransactionRecord): TransactionRecord {
  if (!record.detail?.origins) return record;
  const { transaction } = record;
  const authors = journal.authors(journal.transaction(transaction)!).map(({ agent }) => agent);
  return { ...record, authors: [...new Set(authors)] };
}

/** Says of each transaction what of it was taken back. */
function withUndone(connection: Connection, records: readonly TransactionRecord[]): TransactionRecord[] {
  const moved = records.filter(({ operations }) => operations > 0);
  const found = undoneWrites(
    connection,
    moved.map(({ seq, operations, detail }) => {
      return { first: seq - operations + 1, last: seq, writes: detail?.writes ?? operations };
    }),
  );
  const undone = new Map(moved.map(({ transaction }, i) => [transaction, found[i]]));
  return records.map((record) => {
    const own = undone.get(record.transaction);
    return own ? { ...record, undone: own } : record;
  });
}

/** Numbers of the transactions with an operation on one of these keys, as JSON. */
function touching(journal: JournalView, keys: readonly KnownKey[]): string {
  const numbers = new Set<number>();
  for (const { key, kind } of keys) {
    const { kid } = journal.kidOf(key, kind)!;
    for (const { transaction } of journal.chain(kid, kindNumber(kind))) numbers.add(transaction.transaction);
  }
  return JSON.stringify([...numbers]);
}

/** Empty for a transaction that has none, or whose operations were dropped by compaction. */
export function operationsOf(journal: JournalView, number: number): Operation[] {
  const transaction = journal.transaction(number);
  if (!transaction || transaction.last < transaction.first || !journal.isKept(transaction)) return [];
  const { kid, from, to } = journal.operations(transaction);
  return Array.from(kid, (own, i) => ({
    seq: transaction.first + i,
    key: journal.nameOf(own),
    from: from[i] || undefined,
    to: to[i] || undefined,
  }));
}

function toRecord(connection: Connection, row: TransactionRow): TransactionRecord {
  return {
    transaction: row.tx,
    kind: row.kind as TransactionRecord["kind"],
    at: readAt(connection, row),
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
    ...(row.detail !== null && { detail: readDetail(connection, row) }),
  };
}
