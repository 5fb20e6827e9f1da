/**
 * Rows that lie beside the knowledge and are no part of its digest: lexical segments, and what the last look at the
 * file system saw. Used by writing.ts and collect.ts; read in reading.ts.
 */
import { crc32 } from "node:zlib";
import type { Connection } from "./sqlite/connection.ts";
import type { ScanRow } from "./store.ts";

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

/** Finds what was damaged, not who changed something: words are made anew, and are no part of the hash chain. */
export function segmentSum(vids: Uint8Array, sections: Readonly<Record<string, Uint8Array>>): number {
  let sum = crc32(vids);
  for (const [name, bytes] of Object.entries(sections).sort(([a], [b]) => (a < b ? -1 : 1))) {
    sum = crc32(bytes, crc32(`${name} ${bytes.length}`, sum));
  }
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
