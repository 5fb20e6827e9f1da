/**
 * Lexical segments against their checksums and the versions that they name: the part of verify.ts that is about words.
 * They follow from the contents, so what is damaged here is mended by indexing anew, and nothing that somebody wrote is
 * lost.
 */

import { kindNumber } from "../contract/kinds.ts";
import { Segment } from "../lexical/segment.ts";
import { segmentSum } from "../segments/beside.ts";
import type { Connection } from "../sqlite/connection.ts";

interface SegmentRow {
  segment: number;
  vids: Uint8Array;
  sum: number | null;
}

export function checkSegments(connection: Connection): string | undefined {
  const known = new Set(
    connection
      .sql("SELECT vid FROM version WHERE erased IS NULL")
      .columns<[number]>()
      .map(([vid]) => vid),
  );
  const covered = new Set<number>();
  for (const row of connection.sql("SELECT segment, vids, sum FROM segment").each<SegmentRow>()) {
    if (row.vids.byteLength % 8 !== 0) return `segment ${row.segment} does not name its versions`;
    const fault = checkSections(connection, row);
    if (fault !== undefined) return fault;
    for (const vid of new Float64Array(row.vids.slice().buffer)) {
      if (!known.has(vid))
        return `segment ${row.segment} holds words of version ${vid}, which is not there${MEND}`;
      covered.add(vid);
    }
  }
  return checkOrphans(connection) ?? checkCoverage(connection, covered);
}

const MEND = ": nothing that was written is lost, indexing anew makes the words again";

function checkSections(connection: Connection, { segment, vids, sum }: SegmentRow): string | undefined {
  const rows = connection.sql("SELECT name, bytes FROM section WHERE segment = ?");
  const sections = Object.fromEntries(
    rows.all<{ name: string; bytes: Uint8Array }>(segment).map(({ name, bytes }) => [name, bytes]),
  );
  const isAsWritten =
    sum === null ? canBeRead({ segment, vids, sections }) : segmentSum(vids, sections) === sum;
  return isAsWritten ? undefined : `the words of segment ${segment} were damaged${MEND}`;
}

/** All that can be said of one from before there were checksums. */
function canBeRead({
  segment,
  vids,
  sections,
}: {
  segment: number;
  vids: Uint8Array;
  sections: Record<string, Uint8Array>;
}): boolean {
  try {
    const made = new Segment({
      id: segment,
      vids: new Float64Array(vids.slice().buffer),
      section: (name) => sections[name]!,
      sectionNames: () => Object.keys(sections),
    });
    made.load();
    return made.documents === made.vids.length;
  } catch {
    return false;
  }
}

function checkOrphans(connection: Connection): string | undefined {
  const row = connection
    .sql(
      `SELECT o.segment FROM section o LEFT JOIN segment USING (segment)
       WHERE segment.segment IS NULL AND o.segment NOT IN (SELECT segment FROM staged WHERE segment IS NOT NULL) LIMIT 1`,
    )
    .get<{ segment: number }>();
  return row && `segment ${row.segment} is missing, and sections of it are there`;
}

/** Every file that a scan found, and a head points at, can be searched. */
function checkCoverage(connection: Connection, covered: ReadonlySet<number>): string | undefined {
  if (connection.sql("SELECT 1 AS scanned FROM meta WHERE name = 'scanned_at'").get() === undefined) return;
  const rows = connection.sql(
    `SELECT h.vid, k.name FROM head h JOIN key k USING (kid) WHERE h.kind = ${kindNumber("file")} AND h.vid > 0`,
  );
  for (const [vid, name] of rows.columns<[vid: number, name: string]>())
    if (!covered.has(vid)) return `the words of ${name} (version ${vid}) are missing${MEND}`;
  return undefined;
}
