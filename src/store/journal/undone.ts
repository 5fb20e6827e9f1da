/**
 * Which writes do not count now: ranges of sequence numbers that never overlap, each with the transaction that took
 * it back. Used by insert.ts (change) and view.ts (ask); verify/undone.ts works out anew what they must be.
 */
import { MomoError } from "../../errors.ts";
import type { UndoneRange, UndoneWrites } from "../contract/journal.ts";
import type { SeqRange } from "../contract/transaction.ts";
import type { Connection } from "../sqlite/connection.ts";

/** Ranges that overlap `first` to `last`, in order. */
export function undoneBetween(connection: Connection, first: number, last: number): UndoneRange[] {
  return connection
    .sql(
      `SELECT first, last, "by" FROM undone
       WHERE first >= coalesce((SELECT max(first) FROM undone WHERE first <= ?1), 0) AND first <= ?2 AND last >= ?1
       ORDER BY first`,
    )
    .all<UndoneRange>(first, last);
}

/** In the order of the transactions, which is newest first; undefined for one whose writes all count. */
export function undoneWrites(
  connection: Connection,
  transactions: readonly { first: number; last: number; writes: number }[],
): (UndoneWrites | undefined)[] {
  const [newest, oldest] = [transactions[0], transactions.at(-1)];
  if (!newest || !oldest) return [];
  const ranges = undoneBetween(connection, oldest.first, newest.last);
  let at = ranges.length - 1;
  return transactions.map(({ first, last, writes }) => {
    while (at >= 0 && ranges[at]!.first > last) at--;
    let undone = 0;
    const by = new Set<number>();
    for (let i = at; i >= 0 && ranges[i]!.last >= first; i--) {
      undone += Math.min(ranges[i]!.last, last) - Math.max(ranges[i]!.first, first) + 1;
      by.add(ranges[i]!.by);
    }
    return undone === 0
      ? undefined
      : { writes: undone, all: undone === writes, by: [...by].sort((a, b) => a - b) };
  });
}

/** The writes in these ranges stop counting. Raises ROLLBACK_STALE where one of them does not count anyway. */
export function takeBack(connection: Connection, ranges: readonly SeqRange[], by: number): void {
  const insert = connection.sql("INSERT INTO undone VALUES (?, ?, ?)");
  for (const [first, last] of ranges) {
    const [undone] = undoneBetween(connection, first, last);
    if (undone) {
      const seq = Math.max(first, undone.first);
      throw stale(`operation ${seq} was taken back already, by transaction ${undone.by}`);
    }
    insert.run(first, last, by);
  }
}

/** The writes in these ranges count again. Raises ROLLBACK_STALE where one of them counts anyway. */
export function bringBack(connection: Connection, ranges: readonly SeqRange[]): void {
  const remove = connection.sql("DELETE FROM undone WHERE first = ?");
  const insert = connection.sql("INSERT INTO undone VALUES (?, ?, ?)");
  for (const [first, last] of ranges) {
    let next = first;
    for (const range of undoneBetween(connection, first, last)) {
      if (range.first > next) break;
      next = range.last + 1;
      remove.run(range.first);
      if (range.first < first) insert.run(range.first, first - 1, range.by);
      if (range.last > last) insert.run(last + 1, range.last, range.by);
    }
    if (next <= last) throw stale(`operation ${next} counts already`);
  }
}

const stale = (reason: string): MomoError => new MomoError("ROLLBACK_STALE", { reason });
