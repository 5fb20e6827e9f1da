/**
 * Drops what nothing can need any more: the inside of a discarded branch, operations before the horizon, versions that
 * no head and no kept operation names, erased content. Called by writing.ts inside its transaction.
 */
import { MomoError } from "../../errors.ts";
import { openPack, PackWriter } from "../contents/pack-file.ts";
import type { SegmentRecord } from "../contract/derived.ts";
import { mainBranch } from "../contract/kinds.ts";
import type { Slice } from "../contract/knowledge.ts";
import { BranchView } from "../heads/branch.ts";
import { sealOf } from "../journal/chain.ts";
import { operationColumns, parseDetail, readOperations, type StoredOperations } from "../journal/rows.ts";
import { mergeSegments } from "../lexical/merge.ts";
import { Segment } from "../lexical/segment.ts";
import { StateDigest } from "../records/digest.ts";
import { addSegment, dropSegments } from "../segments/beside.ts";
import type { Connection } from "../sqlite/connection.ts";
import { dropStages } from "../write/stage.ts";

/** Name in `meta`: content was erased, and the file not written anew since. */
export const LEFTOVERS = "leftovers";

/** What a transaction that collects lends. */
export interface Collecting {
  connection: Connection;
  /** The last numbers given out. What is written anew gets a new one: readers remember packs and segments by number. */
  counter: { segment: number; pack: number };
  /** Versions that the operations of the transaction itself move from. */
  named: ReadonlySet<number>;
}

/** What was collected, for people. */
export interface Collected {
  transactions: number;
  versions: number;
}

/** Everything that only this branch holds. Its transactions keep their headers, and the chain its hashes. */
export function dropBranch(collecting: Collecting, branch: number): void {
  const { connection } = collecting;
  const child = connection.sql("SELECT name FROM branch WHERE parent = ?").get<{ name: string }>(branch);
  if (child) throw new MomoError("EXPLORATION_HAS_CHILDREN", { name: child.name });
  const { base, detail } = new BranchView(connection, branch).record();
  // An older file does not say which versions were there before it: then every operation is asked what it names.
  const { made_after: madeAfter } = parseDetail(detail) ?? {};
  const isOwn = (vid: number): boolean => typeof madeAfter !== "number" || vid > madeAfter;
  const written = new Set<number>();
  const kids = new Set<number>();
  for (const row of keptOperations(connection, "branch = ?", branch)) {
    const { kid, to } = readOperations(connection, row);
    for (const vid of to) if (isOwn(vid)) written.add(vid);
    for (const own of kid) kids.add(own);
    sealRow(connection, row);
    connection.sql('DELETE FROM undone WHERE "by" = ?').run(row.tx);
    connection.sql("DELETE FROM read WHERE tx = ?").run(row.tx);
  }
  connection.sql("DELETE FROM head WHERE branch = ?").run(branch);
  connection.sql("DELETE FROM branch WHERE branch = ?").run(branch);
  connection.sql("DELETE FROM request WHERE branch = ?").run(branch);
  // A key that any branch ever moved has a head there.
  const forget = connection.sql(
    `DELETE FROM key WHERE kid = ?1 AND NOT EXISTS (
       SELECT 1 FROM branch b JOIN head h ON h.branch = b.branch AND h.kind = key.kind AND h.kid = key.kid)`,
  );
  for (const kid of kids) forget.run(kid);
  const since = typeof madeAfter === "number" ? base : 0;
  for (const vid of namedAfter(collecting, since)) written.delete(vid);
  deleteVersions(collecting, written);
}

/**
 * Operations of main up to the horizon become headers; versions that nothing after it names are deleted. The horizon
 * is the end of a transaction, and never goes beyond where a branch begins: a branch is its parent's past.
 */
export function compactJournal(collecting: Collecting, wanted: number): Collected {
  const { connection } = collecting;
  const bases = connection.sql("SELECT base FROM branch WHERE parent IS NOT NULL").all<{ base: number }>();
  const most = bases.reduce((least, { base }) => Math.min(least, base), wanted);
  const rows = keptOperations(connection, `branch = ${mainBranch} AND last_seq <= ?`, most);
  const dropped = rows.filter(({ operations }) => operations > 0);
  if (dropped.length === 0) return { transactions: 0, versions: 0 };
  const horizon = dropped.at(-1)!.last_seq;
  for (const row of rows) {
    if (row.last_seq > horizon) continue;
    sealRow(connection, row);
    connection.sql("DELETE FROM read WHERE tx = ?").run(row.tx);
  }
  connection.sql("DELETE FROM undone WHERE last <= ?").run(horizon);
  connection.sql("UPDATE undone SET first = ?1 + 1 WHERE first <= ?1").run(horizon);
  connection.sql("UPDATE branch SET horizon = ? WHERE branch = ?").run(horizon, mainBranch);
  const keep = namedAfter(collecting, horizon);
  const gone: number[] = [];
  for (const { vid } of connection.sql("SELECT vid FROM version").all<{ vid: number }>()) {
    if (!keep.has(vid)) gone.push(vid);
  }
  deleteVersions(collecting, gone);
  return { transactions: dropped.length, versions: gone.length };
}

/** Oldest first. */
function keptOperations(connection: Connection, where: string, value: number): StoredOperations[] {
  return connection
    .sql(
      `SELECT ${operationColumns} FROM tx JOIN journal USING (tx)
       WHERE ${where} AND ops IS NOT NULL ORDER BY tx.tx`,
    )
    .all<StoredOperations>(value);
}

/** Versions that a head points at, or that an operation after `seq` moves from: where it moved to is one of them. */
function namedAfter({ connection, named }: Collecting, seq: number): Set<number> {
  const keep = new Set(named);
  for (const { vid } of connection.sql("SELECT vid FROM head WHERE vid > 0").each<{ vid: number }>()) {
    keep.add(vid);
  }
  for (const row of keptOperations(connection, "last_seq > ?", seq)) {
    for (const vid of readOperations(connection, row).from) keep.add(vid);
  }
  return keep;
}

/**
 * The content of these versions, and what was made from it, as if it had never been; their leaves stay. SQLite still
 * holds copies in pages that it moved rows out of: reading.ts says so by `leftovers` until journal.ts has settled.
 */
export function eraseContent(collecting: Collecting, vids: Iterable<number>): void {
  const { connection } = collecting;
  const erased = new Set(vids);
  if (erased.size === 0) return;
  connection.exec("PRAGMA secure_delete = ON");
  for (const vid of erased) {
    connection.sql("UPDATE version SET body = x'', erased = 1 WHERE vid = ?").run(vid);
    for (const table of ["text", "edge", "read"])
      connection.sql(`DELETE FROM ${table} WHERE vid = ?`).run(vid);
  }
  dropSlices(collecting, erased);
  dropPostings(collecting, erased);
  // What a run has read and not written yet may hold it too.
  dropStages(connection, Number.POSITIVE_INFINITY);
  connection.sql("INSERT OR REPLACE INTO meta VALUES (?, '')").run(LEFTOVERS);
}

/** Who read one of them keeps that it did: whether it still rests on something is asked when it is redone. */
function deleteVersions(collecting: Collecting, vids: Iterable<number>): void {
  const { connection } = collecting;
  const gone = new Set(vids);
  for (const table of ["version", "text", "edge"]) {
    const remove = connection.sql(`DELETE FROM ${table} WHERE vid = ?`);
    for (const vid of gone) remove.run(vid);
  }
  dropSlices(collecting, gone);
  dropPostings(collecting, gone);
}

/** Packs that lose a slice are written anew without it. */
function dropSlices(collecting: Collecting, vids: Set<number>): void {
  const { connection } = collecting;
  const packs = new Set<number>();
  const find = connection.sql("SELECT pack FROM slice WHERE vid = ?");
  for (const vid of vids) {
    const row = find.get<{ pack: number }>(vid);
    if (!row) continue;
    packs.add(row.pack);
    connection.sql("DELETE FROM slice WHERE vid = ?").run(vid);
  }
  for (const pack of packs) rewritePack(collecting, pack);
}

function rewritePack({ connection, counter }: Collecting, pack: number): void {
  const slices = connection
    .sql("SELECT vid, start, body_bytes, text_bytes FROM slice WHERE pack = ? ORDER BY start")
    .all<Slice & { vid: number }>(pack);
  const stored = connection.sql("SELECT bytes FROM pack WHERE pack = ?").one<{ bytes: Uint8Array }>(pack);
  connection.sql("DELETE FROM pack WHERE pack = ?").run(pack);
  if (slices.length === 0) return;
  const opened = openPack(stored.bytes);
  const writer = new PackWriter(Number.POSITIVE_INFINITY);
  const number = ++counter.pack;
  const move = connection.sql("UPDATE slice SET pack = ?, start = ? WHERE vid = ?");
  for (const { vid, start, body_bytes, text_bytes } of slices) {
    const text = start + body_bytes;
    const kept = writer.add(opened.subarray(start, text), opened.subarray(text, text + text_bytes));
    move.run(number, kept.start, vid);
  }
  const [rewritten] = writer.take();
  connection.sql("INSERT INTO pack VALUES (?, ?)").run(number, rewritten!);
}

/** Segments that hold postings of these versions are written anew without them. */
function dropPostings({ connection, counter }: Collecting, vids: Set<number>): void {
  if (vids.size === 0) return;
  const rows = connection
    .sql("SELECT segment, vids FROM segment")
    .all<{ segment: number; vids: Uint8Array }>();
  const section = connection.sql("SELECT bytes FROM section WHERE segment = ? AND name = ?");
  const names = connection.sql("SELECT name FROM section WHERE segment = ?");
  for (const { segment, vids: stored } of rows) {
    const record: SegmentRecord = {
      id: segment,
      vids: new Float64Array(stored.buffer as ArrayBuffer),
      section: (name) => section.one<{ bytes: Uint8Array }>(segment, name).bytes,
      sectionNames: () => names.all<{ name: string }>(segment).map(({ name }) => name),
    };
    if (!record.vids.some((vid) => vids.has(vid))) continue;
    const merged = mergeSegments([new Segment(record)], (vid) => !vids.has(vid));
    dropSegments(connection, [segment]);
    if (merged.vids.length > 0) addSegment(connection, { ...merged, segment: ++counter.segment });
  }
}

/** Replaces operations by the hash that the chain needs of them. */
function sealRow(connection: Connection, row: StoredOperations): void {
  const sum = new StateDigest();
  const leaf = connection.sql("SELECT leaf FROM version WHERE vid = ?");
  for (const vid of readOperations(connection, row).to) {
    if (vid) sum.add(leaf.one<{ leaf: Uint8Array }>(vid).leaf);
  }
  const update = connection.sql("UPDATE journal SET ops = NULL, delta = NULL, sealed = ? WHERE tx = ?");
  update.run(sealOf(row.ops!, sum.bytes()), row.tx);
}
