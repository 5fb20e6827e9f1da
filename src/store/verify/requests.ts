/**
 * The tables that say what is said elsewhere too, so that it is found: requests, who wrote first what a merge brought
 * home, and what is staged. Used by verify.ts.
 */
import { type TransactionRow, transactionColumns } from "../journal/chain.ts";
import { parseDetail } from "../journal/rows.ts";
import type { Connection } from "../sqlite/connection.ts";

/** Every request names the transaction that did it, and every transaction of a branch that was requested is found. */
export function checkRequests(connection: Connection): string | undefined {
  const wrong = connection
    .sql(
      `SELECT r.request_id FROM request r LEFT JOIN tx USING (tx) LEFT JOIN branch b ON b.branch = r.branch
       WHERE b.branch IS NULL OR tx.tx IS NULL
         OR tx.branch <> r.branch OR tx.agent <> r.agent OR tx.request_id IS NOT r.request_id LIMIT 1`,
    )
    .get<{ request_id: string }>();
  if (wrong) return `request ${wrong.request_id} names a transaction that did not do it`;
  const lost = connection
    .sql(
      `SELECT tx.tx FROM tx JOIN branch USING (branch) WHERE tx.request_id IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM request r WHERE r.branch = tx.branch AND r.agent = tx.agent AND r.request_id = tx.request_id) LIMIT 1`,
    )
    .get<{ tx: number }>();
  return lost && `the request of transaction ${lost.tx} is missing`;
}

/** `origin` holds what the details of merges say, no more and no less. */
export function checkOrigins(connection: Connection): string | undefined {
  const expected = new Set<string>();
  const merges = connection.sql(
    `SELECT ${transactionColumns} FROM tx WHERE instr(detail, '"origins"') > 0 ORDER BY tx.tx`,
  );
  for (const row of merges.each<TransactionRow>()) {
    for (const [, , of] of parseDetail(row.detail)?.origins ?? []) expected.add(`${of} ${row.tx}`);
  }
  const stored = connection.sql('SELECT "of", tx FROM origin').columns<[of: number, tx: number]>();
  const isSame = stored.length === expected.size && stored.every(([of, tx]) => expected.has(`${of} ${tx}`));
  return isSame ? undefined : "who wrote first what was merged is not what the journal says";
}

/** What is staged is there, and belongs to nothing yet. */
export function checkStages(connection: Connection): string | undefined {
  const row = connection
    .sql(
      `SELECT s.stage FROM staged s WHERE
         (s.pack IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM pack p WHERE p.pack = s.pack)
           OR s.pack IN (SELECT pack FROM slice)))
         OR (s.segment IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM section c WHERE c.segment = s.segment)
           OR EXISTS (SELECT 1 FROM segment g WHERE g.segment = s.segment)))
         OR NOT EXISTS (SELECT 1 FROM staged h WHERE h.stage = s.stage AND h.pack IS NULL AND h.segment IS NULL) LIMIT 1`,
    )
    .get<{ stage: number }>();
  return row && `what stage ${row.stage} says that it stored is not there, or not only there`;
}
