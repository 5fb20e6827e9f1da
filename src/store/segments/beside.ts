/**
 * Rows that lie beside the knowledge and are no part of its digest: lexical segments, and what the last look at the
 * file system saw. Used by writing.ts and collect.ts; read in reading.ts.
 */
import { crc32 } from "node:zlib";
import type { ScanRow } from "../contract/derived.ts";
import type { Connection } from "../sqlite/connection.ts";

export interface NewSegment {
  segment: number;
  vids: Float64Array;
  sections: Record<string, Uint8Array>;
}

export function addSegment(connection: Connection, { segment, vids, sections }: NewSegment): void {
  const bytes = new Uint8Array(vids.buffer, vids.byteOffset, vids.byteLength);
  connection.sql("INSERT INTO segment VALUES (?, ?, ?)").run(segment, bytes, segmentSum(bytes, sections));
  const insert = connection.sql("INSERT INTO section VALUES (?, ?, ?)");
  for (const [name, section] of Object.entries(sections)) insert.run(segment, name, section);
}

/** Of a segment that is there: the caller has read it in this transaction. Replaces one of that name. */
export function addSection(
  connection: Connection,
  { segment, name, bytes }: { segment: number; name: string; bytes: Uint8Array },
): void {
  forgetSections(connection, name, segment);
  connection.sql("INSERT INTO section VALUES (?, ?, ?)").run(segment, name, bytes);
  changeSum(connection, segment, sectionSum(name, bytes));
}

export const dropSections = (connection: Connection, name: string): void => forgetSections(connection, name);

function forgetSections(connection: Connection, name: string, segment?: number): void {
  const rows = connection
    .sql("SELECT segment, bytes FROM section WHERE name = ? AND segment = ifnull(?, segment)")
    .all<{ segment: number; bytes: Uint8Array }>(name, segment ?? null);
  for (const row of rows) {
    connection.sql("DELETE FROM section WHERE segment = ? AND name = ?").run(row.segment, name);
    changeSum(connection, row.segment, sectionSum(name, row.bytes));
  }
}

/** Exclusive or: adds a section's sum, and takes it out again. A segment without a sum goes on without one. */
function changeSum(connection: Connection, segment: number, by: number): void {
  connection
    .sql("UPDATE segment SET sum = (sum | ?1) - (sum & ?1) WHERE segment = ?2 AND sum IS NOT NULL")
    .run(by, segment);
}

const sectionSum = (name: string, bytes: Uint8Array): number =>
  crc32(bytes, crc32(`${name} ${bytes.length}`));

/** Finds what was damaged, not who changed something: words are made anew, and are no part of the hash chain. */
export const segmentSum = (vids: Uint8Array, sections: Readonly<Record<string, Uint8Array>>): number =>
  (crc32(vids) ^ sectionsSum(sections)) >>> 0;

export function sectionsSum(sections: Readonly<Record<string, Uint8Array>>): number {
  let sum = 0;
  for (const [name, bytes] of Object.entries(sections)) sum = (sum ^ sectionSum(name, bytes)) >>> 0;
  return sum;
}

export function dropSegments(connection: Connection, segments: Iterable<number>): void {
  for (const segment of segments) {
    connection.sql("DELETE FROM section WHERE segment = ?").run(segment);
    connection.sql("DELETE FROM segment WHERE segment = ?").run(segment);
  }
}

export function recordScan(connection: Connection, rows: Iterable<ScanRow>): void {
  const insert = connection.sql("INSERT OR REPLACE INTO scan VALUES (?, ?, ?, ?, ?)");
  for (const { path, size, mtime, skipped = null, warning = null } of rows)
    insert.run(path, size, mtime, skipped, warning);
}

export function forgetScan(connection: Connection, paths: Iterable<string>): void {
  const remove = connection.sql("DELETE FROM scan WHERE path = ?");
  for (const path of paths) remove.run(path);
}
