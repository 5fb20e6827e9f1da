/** Which transactions are meant, and the same as conditions of SQL on `tx`. Used by journal-view.ts and what selects. */
import type { TransactionFilter } from "../contract/journal.ts";

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
  // What a merge brought home has authors of its own.
  const addAuthor = (name: "agent" | "session", value: string | undefined): void => {
    if (value === undefined) return;
    parts.push(
      `AND (tx.${name} = ? OR tx.tx IN (SELECT o.tx FROM origin o JOIN tx w ON w.tx = o."of" WHERE w.${name} = ?))`,
    );
    values.push(value, value);
  };
  const list = (all: readonly unknown[] | undefined): string | undefined => all && JSON.stringify(all);
  const { transactions, kinds } = filter;
  // A few are looked up ten times as fast without JSON.
  if (transactions && transactions.length > 0 && transactions.length <= FEW) {
    parts.push(`AND tx.tx IN (${transactions.map(() => "?").join(", ")})`);
    values.push(...transactions);
  } else add("tx.tx IN (SELECT value FROM json_each(?))", list(transactions));
  addAuthor("agent", filter.agent);
  addAuthor("session", filter.session);
  add("tx.request_id = ?", filter.request_id);
  add("tx.at >= ?", filter.since);
  add("tx.at <= ?", filter.until);
  add("tx.last_seq > ?", filter.after);
  add("tx.last_seq <= ?", filter.upTo);
  if (kinds) parts.push(`AND tx.kind IN (${kinds.map((kind) => `'${kind}'`).join(", ")})`);
  return { where: parts.join(" "), values };
}
