/**
 * Drops what nothing can need any more: the inside of a discarded branch, operations before the horizon, versions that
 * no head and no kept operation names, erased content. Called by writing.ts inside its transaction.
 */
import { MomoError } from "../errors.ts";
import { type Operations, sealOf, unpackOperations } from "./chain.ts";
import { StateDigest } from "./digest.ts";
import { mergeSegments } from "./lexical/merge.ts";
import { Segment } from "./lexical/segment.ts";
import { openPack, PackWriter } from "./pack-file.ts";
import type { Connection } from "./sqlite/connection.ts";
import type { SegmentRecord, Slice } from "./store.ts";

interface StoredOperations {
  tx: number;
  last_seq: number;
  operations: number;
  ops: Uint8Array;
}

const columns = "tx.tx, tx.last_seq, tx.operations, journal.ops";

/** What was collected, for people. */
export interface Collected {
  transactions: number;
  versions: number;
}

/** Everything that only this branch holds. Its transactions keep their headers, and the chain its hashes. */
export function dropBranch(connection: Connection, branch: number): void {
  const child = connection.sql("SELECT name FROM branch WHERE parent = ?").get<{ name: string }>(branch);
  if (child) throw new MomoError("EXPLORATION_HAS_CHILDREN", { name: child.name });
  const { base } = connection.sql("SELECT base FROM branch WHERE branch = ?").one<{ base: number }>(branch);
  const rows = connection
    .sql(
      `SELECT ${columns} FROM tx JOIN journal USING (tx) WHERE branch = ? AND branch <> 1 AND ops IS NOT NULL`,
    )
    .all<StoredOperations>(branch);
  const written = new Set<number>();
  for (const row of rows) {
    for (const vid of unpack(connection, row).to) written.add(vid);
    sealRow(connection, row);
    connection.sql('DELETE FROM undone WHERE "by" = ?').run(row.tx);
    connection.sql("DELETE FROM read WHERE tx = ?").run(row.tx);
  }
  connection.sql("DELETE FROM head WHERE branch = ?").run(branch);
  connection.sql("DELETE FROM branch WHERE branch = ?").run(branch);
  for (const vid of namedAfter(connection, base)) written.delete(vid);
  deleteVersions(connection, written);
}

/** Operations up to the horizon become headers; versions that nothing after it names are deleted. */
export function compactJournal(connection: Connection, branch: number, horizon: number): Collected {
  const rows = connection
    .sql(
      `SELECT ${columns} FROM tx JOIN journal USING (tx) WHERE branch = ? AND last_seq <= ? AND ops IS NOT NULL`,
    )
    .all<StoredOperations>(branch, horizon);
  for (const row of rows) sealRow(connection, row);
  connection.sql("DELETE FROM undone WHERE last <= ?").run(horizon);
  connection.sql("UPDATE branch SET horizon = ? WHERE branch = ?").run(horizon, branch);
  const keep = namedAfter(connection, horizon);
  const gone: number[] = [];
  for (const { vid } of connection.sql("SELECT vid FROM version").all<{ vid: number }>()) {
    if (!keep.has(vid)) gone.push(vid);
  }
  deleteVersions(connection, gone);
  return { transactions: rows.filter(({ operations }) => operations > 0).length, versions: gone.length };
}

/** Versions that a head points at, or an operation after `seq` moves between. */
function namedAfter(connection: Connection, seq: number): Set<number> {
  const named = new Set<number>();
  for (const { vid } of connection.sql("SELECT vid FROM head WHERE vid > 0").each<{ vid: number }>()) {
    named.add(vid);
  }
  const rows = connection
    .sql(`SELECT ${columns} FROM tx JOIN journal USING (tx) WHERE last_seq > ? AND ops IS NOT NULL`)
    .all<StoredOperations>(seq);
  for (const row of rows) {
    const { from, to } = unpack(connection, row);
    for (const vid of from) named.add(vid);
    for (const vid of to) named.add(vid);
  }
  return named;
}

/** The content of these versions, and what was made from it, as if it had never been; their leaves stay. */
export function eraseContent(connection: Connection, vids: Iterable<number>): void {
  const erased = new Set(vids);
  // Freed pages are overwritten, not only given back.
  connection.exec("PRAGMA secure_delete = ON");
  for (const vid of erased) {
    connection.sql("UPDATE version SET body = x'', erased = 1 WHERE vid = ?").run(vid);
    for (const table of ["text", "edge", "read"])
      connection.sql(`DELETE FROM ${table} WHERE vid = ?`).run(vid);
  }
  dropSlices(connection, erased);
  dropPostings(connection, erased);
}

function deleteVersions(connection: Connection, vids: Iterable<number>): void {
  const gone = new Set(vids);
  for (const table of ["version", "text", "edge", "read"]) {
    const remove = connection.sql(`DELETE FROM ${table} WHERE vid = ?`);
    for (const vid of gone) remove.run(vid);
  }
  dropSlices(connection, gone);
  dropPostings(connection, gone);
}

/** Packs that lose a slice are written anew without it. */
function dropSlices(connection: Connection, vids: Set<number>): void {
  const packs = new Set<number>();
  const find = connection.sql("SELECT pack FROM slice WHERE vid = ?");
  for (const vid of vids) {
    const row = find.get<{ pack: number }>(vid);
    if (!row) continue;
    packs.add(row.pack);
    connection.sql("DELETE FROM slice WHERE vid = ?").run(vid);
  }
  for (const pack of packs) rewritePack(connection, pack);
}

function rewritePack(connection: Connection, pack: number): void {
  const slices = connection
    .sql("SELECT vid, start, body_bytes, text_bytes FROM slice WHERE pack = ? ORDER BY start")
    .all<Slice & { vid: number }>(pack);
  if (slices.length === 0) {
    connection.sql("DELETE FROM pack WHERE pack = ?").run(pack);
    return;
  }
  const stored = connection.sql("SELECT bytes FROM pack WHERE pack = ?").one<{ bytes: Uint8Array }>(pack);
  const opened = openPack(stored.bytes);
  const writer = new PackWriter(Number.POSITIVE_INFINITY);
  const move = connection.sql("UPDATE slice SET start = ? WHERE vid = ?");
  for (const { vid, start, body_bytes, text_bytes } of slices) {
    const text = start + body_bytes;
    const kept = writer.add(opened.subarray(start, text), opened.subarray(text, text + text_bytes));
    move.run(kept.start, vid);
  }
  const [rewritten] = writer.take();
  connection.sql("UPDATE pack SET bytes = ? WHERE pack = ?").run(rewritten!, pack);
}

/** Segments that hold postings of these versions are written anew without them, under their own numbers. */
function dropPostings(connection: Connection, vids: Set<number>): void {
  if (vids.size === 0) return;
  const rows = connection
    .sql("SELECT segment, vids FROM segment")
    .all<{ segment: number; vids: Uint8Array }>();
  const section = connection.sql("SELECT bytes FROM section WHERE segment = ? AND name = ?");
  for (const { segment, vids: stored } of rows) {
    const record: SegmentRecord = {
      id: segment,
      vids: new Float64Array(stored.buffer as ArrayBuffer),
      section: (name) => section.one<{ bytes: Uint8Array }>(segment, name).bytes,
    };
    if (!record.vids.some((vid) => vids.has(vid))) continue;
    const merged = mergeSegments([new Segment(record)], (vid) => !vids.has(vid));
    connection.sql("DELETE FROM section WHERE segment = ?").run(segment);
    if (merged.vids.length === 0) {
      connection.sql("DELETE FROM segment WHERE segment = ?").run(segment);
      continue;
    }
    const bytes = new Uint8Array(merged.vids.buffer);
    connection.sql("UPDATE segment SET vids = ? WHERE segment = ?").run(bytes, segment);
    const insert = connection.sql("INSERT INTO section VALUES (?, ?, ?)");
    for (const [name, content] of Object.entries(merged.sections)) insert.run(segment, name, content);
  }
}

function unpack(connection: Connection, { tx, last_seq, operations, ops }: StoredOperations): Operations {
  const unpacked = unpackOperations(ops, operations, last_seq - operations + 1);
  if (unpacked) return unpacked;
  const reason = `the operations of transaction ${tx} are not readable`;
  throw new MomoError("STORE_CORRUPT", { path: connection.file, reason });
}

/** Replaces operations by the hash that the chain needs of them. */
function sealRow(connection: Connection, row: StoredOperations): void {
  const sum = new StateDigest();
  const leaf = connection.sql("SELECT leaf FROM version WHERE vid = ?");
  for (const vid of unpack(connection, row).to) {
    if (vid) sum.add(leaf.one<{ leaf: Uint8Array }>(vid).leaf);
  }
  const update = connection.sql("UPDATE journal SET ops = NULL, sealed = ? WHERE tx = ?");
  update.run(sealOf(row.ops, sum.bytes()), row.tx);
}
