/** Which transactions are meant, and the same as conditions of SQL on `tx`. Used by journal-view.ts and what selects. */
import type { TransactionKind } from "../contract/store.ts";

/** All conditions hold together. */
export interface TransactionFilter {
  transactions?: readonly number[];
  agent?: string;
  session?: string;
  request_id?: string;
  /** Milliseconds since 1970, inclusive. */
  since?: number;
  until?: number;
  /** Only transactions with an operation after it. */
  after?: number;
  kinds?: readonly TransactionKind[];
}

/** So many are looked up ten times as fast by number as out of a list in JSON. */
const FEW = 8;

export function conditions(filter: TransactionFilter): { where: string; values: (string | number)[] } {
  const parts: string[] = [];
  const values: (string | number)[] = [];
  const add = (part: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    parts.push(`AND ${part}`);
    values.push(value);
  };
  const list = (all: readonly unknown[] | undefined): string | undefined => all && JSON.stringify(all);
  const { transactions, kinds } = filter;
  // A few are looked up ten times as fast without JSON.
  if (transactions && transactions.length > 0 && transactions.length <= FEW) {
    parts.push(`AND tx.tx IN (${transactions.map(() => "?").join(", ")})`);
    values.push(...transactions);
  } else add("tx.tx IN (SELECT value FROM json_each(?))", list(transactions));
  add("tx.agent = ?", filter.agent);
  add("tx.session = ?", filter.session);
  add("tx.request_id = ?", filter.request_id);
  add("tx.at >= ?", filter.since);
  add("tx.at <= ?", filter.until);
  add("tx.last_seq > ?", filter.after);
  if (kinds) parts.push(`AND tx.kind IN (${kinds.map((kind) => `'${kind}'`).join(", ")})`);
  return { where: parts.join(" "), values };
}
