/** Where a key points, found by its name and moved in place. Used by writing.ts; the views read for themselves. */

import { mainBranch } from "../contract/kinds.ts";
import type { Connection } from "../sqlite/connection.ts";
import { insertionInto, insertRows } from "../sqlite/many.ts";
import type { BranchView } from "./branch.ts";
import { spanOf } from "./dense.ts";

/** A key and its head: `vid` 0 when it has none; `seq` is the last operation on it, 0 for none on this branch. */
export interface Found {
  kid: number;
  kind: number;
  vid: number;
  seq: number;
  leaf: Uint8Array | null;
}

const findMainHead = `SELECT k.kid, k.kind, coalesce(h.vid, 0) AS vid, coalesce(h.seq, 0) AS seq, v.leaf FROM key k
  LEFT JOIN head h ON h.branch = ${mainBranch} AND h.kind = k.kind AND h.kid = k.kid
  LEFT JOIN version v ON v.vid = h.vid
  WHERE k.name = ? AND k.kind = ?`;
const nothing = { vid: 0, seq: 0 };
const addHead = insertionInto("head", "(?, ?, ?, ?, ?)");
/** In place where there is a row: half the work of replacing it. */
const moveHead = "UPDATE head SET vid = ?, seq = ? WHERE branch = ? AND kind = ? AND kid = ? AND seq = ?";

/** undefined for a name of that kind that no branch ever wrote, or that nothing names any more. */
export function findHead(
  connection: Connection,
  view: BranchView,
  { kind, key }: { kind: number; key: string },
): Found | undefined {
  if (view.branch === mainBranch) return connection.sql(findMainHead).get<Found>(key, kind);
  const row = connection
    .sql("SELECT kid FROM key WHERE name = ? AND kind = ?")
    .get<{ kid: number }>(key, kind);
  return row && pointerOf(connection, view, { kid: row.kid, kind });
}

/** The same by number; undefined where there is none. */
export function findByNumber(connection: Connection, view: BranchView, kid: number): Found | undefined {
  const row = connection
    .sql("SELECT kid, kind FROM key WHERE kid = ?")
    .get<{ kid: number; kind: number }>(kid);
  return row && pointerOf(connection, view, row);
}

function pointerOf(connection: Connection, view: BranchView, key: { kid: number; kind: number }): Found {
  const { vid, seq } = view.find(key.kind, key.kid) ?? nothing;
  const version = vid ? connection.sql("SELECT leaf FROM version WHERE vid = ?") : undefined;
  return { ...key, vid, seq, leaf: version?.one<{ leaf: Uint8Array }>(vid).leaf ?? null };
}

/** Whether the content of what a head points at is still there: it may have been erased. */
export function isWhole(connection: Connection, vid: number): boolean {
  const row = connection.sql("SELECT 1 AS whole FROM version WHERE vid = ? AND erased IS NULL");
  return row.get(vid) !== undefined;
}

/** Where heads go and which operation moved them last, as parallel arrays: see Moves. */
interface HeadMoves {
  kid: ArrayLike<number>;
  kind: ArrayLike<number>;
  to: ArrayLike<number>;
  /** Sequence number of the last operation on the key on this branch; 0 where the branch has no head of it. */
  previous: ArrayLike<number>;
}

/**
 * `first` is the sequence number of the first of the moves. A head that is not where its move was made for stays as it
 * is, and that raises: nothing is moved on a state that is not there any more.
 */
export function pointHeads(
  connection: Connection,
  moves: HeadMoves,
  { branch, first }: { branch: number; first: number },
): void {
  const { kid, kind, to, previous } = moves;
  const move = connection.sql(moveHead);
  const added: number[] = [];
  for (let i = 0; i < kid.length; i++) {
    const end = endOfRun(moves, i);
    const count = end - i;
    if (previous[i] === 0) added.push(branch, kind[i]!, kid[i]!, to[i]!, first + i);
    else if (count < MIN_RUN)
      checkMoved(kid[i]!, move.change(to[i]!, first + i, branch, kind[i]!, kid[i]!, previous[i]!), 1);
    else {
      checkMoved(kid[i]!, moveRun(connection, moves, { i, end, branch, first }), count);
      i = end - 1;
    }
  }
  insertRows(connection, addHead, added);
}

function checkMoved(kid: number, moved: number, expected: number): void {
  if (moved === expected) return;
  throw new Error(
    `${expected - moved} heads from key ${kid} on are not where they were when this was worked out`,
  );
}

/** Shorter ones are moved one by one. */
const MIN_RUN = 8;

/**
 * Keys that follow each other, were moved last by operations that follow each other, and go to versions that follow each
 * other, or to none: what was written at once.
 */
function endOfRun({ kid, kind, to, previous }: HeadMoves, start: number): number {
  const step = to[start] === 0 ? 0 : 1;
  let end = start + 1;
  while (
    end < kid.length &&
    kind[end] === kind[start] &&
    kid[end] === kid[start]! + (end - start) &&
    previous[end] === previous[start]! + (end - start) &&
    to[end] === to[start]! + step * (end - start)
  )
    end++;
  return end;
}

function moveRun(
  connection: Connection,
  { kid, kind, to, previous }: HeadMoves,
  { i, end, branch, first }: { i: number; end: number; branch: number; first: number },
): number {
  const own = kid[i]!;
  const range = [first + i - own, branch, kind[i]!, own, kid[end - 1]!, previous[i]! - own] as const;
  if (to[i] === 0) return connection.sql(removeRun).change(...range);
  return connection.sql(shiftRun).change(to[i]! - own, ...range);
}

const inRun = "WHERE branch = ? AND kind = ? AND kid BETWEEN ? AND ? AND seq = kid + ?";
const removeRun = `UPDATE head SET vid = 0, seq = kid + ? ${inRun}`;
const shiftRun = `UPDATE head SET vid = kid + ?, seq = kid + ? ${inRun}`;

export function leavesOf(connection: Connection, ...lists: Float64Array[]): Map<number, Uint8Array> {
  const leaves = new Map<number, Uint8Array>();
  const range = connection.sql("SELECT vid, leaf FROM version WHERE vid BETWEEN ? AND ?");
  const rows = connection.sql(
    "SELECT v.vid, v.leaf FROM json_each(?) asked JOIN version v ON v.vid = asked.value",
  );
  for (const list of lists) {
    const span = spanOf(list);
    if (span) {
      for (const [vid, leaf] of range.columns<[number, Uint8Array]>(span.low, span.high))
        leaves.set(vid, leaf);
      continue;
    }
    const vids = list.filter((vid) => vid > 0);
    if (vids.length === 0) continue;
    for (const [vid, leaf] of rows.columns<[number, Uint8Array]>(`[${vids.join(",")}]`))
      leaves.set(vid, leaf);
  }
  return leaves;
}
