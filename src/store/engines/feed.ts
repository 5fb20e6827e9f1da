/**
 * The outbox: what every key's state became, in order, for engines that hold a copy of the knowledge. It carries
 * states, not steps: an undo is only a newer sequence number with an older body. Engines write "set if newer", so a
 * change may come twice, late or out of order, and one that was lost is made up for by the next run from the cursor.
 */

import type { KeyState } from "../contract/feed.ts";
import { kindOf, mainBranch } from "../contract/kinds.ts";
import { operationColumns, readOperations, type StoredOperations } from "../journal/rows.ts";
import type { Connection } from "../sqlite/connection.ts";
import { keyUuid } from "./key-id.ts";

interface Row {
  kid: number;
  kind: number;
  key: string;
  vid: number;
  seq: number;
}

/**
 * States that are newer than `after`, in order, at most about `limit` of them; each key once, as it is now. Goes by the
 * journal; where that was compacted, by all heads.
 */
export function changesAfter(connection: Connection, after: number, limit: number): KeyState[] {
  const { horizon } = connection
    .sql(`SELECT horizon FROM branch WHERE branch = ${mainBranch}`)
    .one<{ horizon: number }>();
  return after < horizon ? allAfter(connection, after, limit) : journalAfter(connection, after, limit);
}

function allAfter(connection: Connection, after: number, limit: number): KeyState[] {
  const rows = connection.sql(
    `SELECT h.kid, h.kind, k.name AS key, h.vid, h.seq FROM head h JOIN key k USING (kid)
     WHERE h.branch = ${mainBranch} AND h.seq > ? ORDER BY h.seq LIMIT ?`,
  );
  return rows.all<Row>(after, limit).map(toState);
}

function journalAfter(connection: Connection, after: number, limit: number): KeyState[] {
  const head = connection.sql(
    `SELECT h.kid, h.kind, k.name AS key, h.vid, h.seq FROM key k
     JOIN head h ON h.branch = ${mainBranch} AND h.kind = k.kind AND h.kid = k.kid WHERE k.kid = ?`,
  );
  const rows = connection.sql(
    `SELECT ${operationColumns} FROM tx JOIN journal USING (tx)
     WHERE tx.last_seq > ? AND tx.branch = ${mainBranch} AND tx.operations > 0 ORDER BY tx.last_seq`,
  );
  const states: KeyState[] = [];
  for (const stored of rows.each<StoredOperations>(after)) {
    const { kid, first } = readOperations(connection, stored);
    const { last_seq } = stored;
    for (let seq = Math.max(first, after + 1); seq <= last_seq; seq++) {
      const row = head.get<Row>(kid[seq - first]!);
      // A key that moved again later is told then.
      if (row?.seq === seq) states.push(toState(row));
      if (states.length === limit) return states;
    }
  }
  return states;
}

const toState = ({ seq, key, kind, vid }: Row): KeyState => ({
  seq,
  id: keyUuid(kindOf(kind), key),
  key,
  kind: kindOf(kind),
  vid,
});
