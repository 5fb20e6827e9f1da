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
 * journal; where that was compacted, by the heads that were not moved since.
 */
export function changesAfter(connection: Connection, after: number, limit: number): KeyState[] {
  const { horizon } = connection
    .sql(`SELECT horizon FROM branch WHERE branch = ${mainBranch}`)
    .one<{ horizon: number }>();
  return after < horizon
    ? allAfter(connection, { after, horizon }, limit)
    : journalAfter(connection, after, limit);
}

/**
 * Moves in order of which an engine got a part: a large transaction, or what is left of all that was dropped. Kept until
 * the next page, because it takes as long to find as a hundred pages. Who moved since is seen when a page is read.
 */
interface Unfinished {
  kid: Float64Array;
  seq: Float64Array;
  /** It holds all moves after `first` up to `last`. */
  first: number;
  last: number;
}

const unfinished = new WeakMap<Connection, Unfinished>();

/** After a transaction that was aborted: moves of it may be kept, or some may be missing that it made again. */
export const forgetUnfinished = (connection: Connection): boolean => unfinished.delete(connection);

function allAfter(
  connection: Connection,
  { after, horizon }: { after: number; horizon: number },
  limit: number,
): KeyState[] {
  const kept = unfinished.get(connection);
  const isKept = kept !== undefined && kept.first <= after && kept.last === horizon;
  const states: KeyState[] = [];
  page(connection, isKept ? kept : headsBetween(connection, after, horizon), { after, limit, states });
  if (states.length === limit) return states;
  return [...states, ...journalAfter(connection, horizon, limit - states.length)];
}

function headsBetween(connection: Connection, first: number, last: number): Unfinished {
  const rows = connection.sql(
    `SELECT kid, seq FROM head WHERE branch = ${mainBranch} AND seq > ? AND seq <= ? ORDER BY seq`,
  );
  const [kid, seq]: [number[], number[]] = [[], []];
  for (const row of rows.each<{ kid: number; seq: number }>(first, last)) {
    kid.push(row.kid);
    seq.push(row.seq);
  }
  return { kid: Float64Array.from(kid), seq: Float64Array.from(seq), first, last };
}

function journalAfter(connection: Connection, after: number, limit: number): KeyState[] {
  const states: KeyState[] = [];
  const kept = unfinished.get(connection);
  let from = after;
  if (kept && kept.first <= after && after < kept.last) {
    page(connection, kept, { after, limit, states });
    if (states.length === limit) return states;
    from = kept.last;
  }
  const rows = connection.sql(
    `SELECT ${operationColumns} FROM tx JOIN journal USING (tx)
     WHERE tx.last_seq > ? AND tx.branch = ${mainBranch} AND tx.operations > 0 ORDER BY tx.last_seq`,
  );
  for (const stored of rows.each<StoredOperations>(from)) {
    const { kid, first } = readOperations(connection, stored);
    const moves = { kid, seq: kid.map((_, i) => first + i), first: first - 1, last: stored.last_seq };
    page(connection, moves, { after, limit, states });
    if (states.length === limit) return states;
  }
  return states;
}

/** Adds states until there are enough, and keeps the rest of the moves for the next page. */
function page(
  connection: Connection,
  moves: Unfinished,
  { after, limit, states }: { after: number; limit: number; states: KeyState[] },
): void {
  const head = connection.sql(
    `SELECT h.kid, h.kind, k.name AS key, h.vid, h.seq FROM key k
     JOIN head h ON h.branch = ${mainBranch} AND h.kind = k.kind AND h.kid = k.kid WHERE k.kid = ?`,
  );
  const { kid, seq } = moves;
  let at = firstAfter(seq, after);
  for (; at < seq.length && states.length < limit; at++) {
    const row = head.get<Row>(kid[at]!);
    // A key that moved again later is told then.
    if (row?.seq === seq[at]) states.push(toState(row));
  }
  if (at < seq.length) unfinished.set(connection, moves);
  else unfinished.delete(connection);
}

/** Place of the first number that is greater. */
function firstAfter(numbers: Float64Array, after: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

const toState = ({ seq, key, kind, vid }: Row): KeyState => ({
  seq,
  id: keyUuid(kindOf(kind), key),
  key,
  kind: kindOf(kind),
  vid,
});
