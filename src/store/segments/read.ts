/** Lexical segments as they lie in the file. Used by reading.ts; the caller holds a snapshot. */
import { MomoError } from "../../errors.ts";
import type { SegmentRecord, SegmentSize } from "../contract/derived.ts";
import type { Connection } from "../sqlite/connection.ts";

export const segmentSizes = (connection: Connection): SegmentSize[] =>
  connection
    .sql(
      `SELECT g.segment AS id, length(g.vids) / 8 AS documents, coalesce(length(s.bytes), 0) AS postings
       FROM segment g LEFT JOIN section s ON s.segment = g.segment AND s.name = 'postings' ORDER BY g.segment`,
    )
    .all<SegmentSize>();

/** In order. Sections are read when they are asked for, in the same snapshot. */
export function readSegments(
  connection: Connection,
  known: ReadonlyMap<number, Float64Array>,
): SegmentRecord[] {
  const rows = connection.sql("SELECT segment FROM segment ORDER BY segment").all<{ segment: number }>();
  const vids = connection.sql("SELECT vids FROM segment WHERE segment = ?");
  return rows.map(({ segment }) => ({
    id: segment,
    vids: known.get(segment) ?? numbers(connection, vids.one<{ vids: Uint8Array }>(segment).vids),
    section: (name) => section(connection, segment, name),
    sectionNames: () => sectionNames(connection, segment),
  }));
}

function numbers(connection: Connection, bytes: Uint8Array | null): Float64Array {
  if (bytes !== null && bytes.byteLength % 8 === 0) return new Float64Array(bytes.buffer as ArrayBuffer);
  throw damaged(connection, "a segment does not name its versions");
}

function checkSegment(connection: Connection, segment: number): void {
  if (connection.sql("SELECT 1 AS found FROM segment WHERE segment = ?").get(segment) === undefined)
    throw new Error(
      `segment ${segment} was dropped meanwhile: read segments and their sections in one snapshot()`,
    );
}

function sectionNames(connection: Connection, segment: number): string[] {
  const rows = connection.sql("SELECT name FROM section WHERE segment = ? ORDER BY name");
  const names = rows.all<{ name: string }>(segment).map(({ name }) => name);
  if (names.length === 0) checkSegment(connection, segment);
  return names;
}

function section(connection: Connection, segment: number, name: string): Uint8Array {
  const row = connection
    .sql("SELECT bytes FROM section WHERE segment = ? AND name = ?")
    .get<{ bytes: Uint8Array }>(segment, name);
  if (row !== undefined) return row.bytes;
  checkSegment(connection, segment);
  throw damaged(connection, `segment ${segment} has no section ${name}`);
}

const damaged = (connection: Connection, reason: string): MomoError =>
  new MomoError("STORE_CORRUPT", { path: connection.file, reason });
