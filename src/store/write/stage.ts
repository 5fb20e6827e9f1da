/**
 * Content that is stored before it belongs to anything: packs and sections of segments that a long run makes while it
 * reads. A transaction adopts them at the end, in the milliseconds that it takes to name them. What nobody adopts is
 * dropped by its run, or later by the next one. Used by open.ts, writing.ts and retain/.
 */
import { crc32 } from "node:zlib";
import { MomoError } from "../../errors.ts";
import type { NewSegment } from "../contract/derived.ts";
import type { Stage } from "../contract/write.ts";
import { sectionsSum } from "../segments/beside.ts";
import type { Connection } from "../sqlite/connection.ts";

/** A run that has stored nothing for so long is dead: its process was killed. */
const SILENCE_MS = 30 * 60_000;

export function openStage(connection: Connection, clock: () => Date): Stage {
  const stage = transact(connection, () => {
    dropStages(connection, clock().getTime() - SILENCE_MS);
    connection.sql("UPDATE counter SET stage = stage + 1").run();
    const { stage: number } = connection.sql("SELECT stage FROM counter").one<{ stage: number }>();
    mark(connection, number, clock);
    return number;
  });
  return {
    stage,
    add: (content) => transact(connection, () => add(connection, { stage, clock, ...content })),
    drop: () => transact(connection, () => drop(connection, stage)),
  };
}

function transact<T>(connection: Connection, work: () => T): T {
  if (connection.inTransaction) throw new MomoError("TRANSACTION_OPEN");
  connection.exec("BEGIN IMMEDIATE");
  try {
    const done = work();
    connection.exec("COMMIT");
    return done;
  } catch (error) {
    if (connection.inTransaction) connection.exec("ROLLBACK");
    throw error;
  }
}

/** The row without content says that the stage is there, and when it was last heard of. */
function mark(connection: Connection, stage: number, clock: () => Date): void {
  connection.sql("INSERT INTO staged VALUES (?, NULL, NULL, NULL, NULL, ?)").run(stage, clock().getTime());
}

interface Added {
  stage: number;
  clock: () => Date;
  packs: readonly Uint8Array[];
  segments: readonly NewSegment[];
}

function add(connection: Connection, { stage, clock, packs, segments }: Added) {
  const at = clock().getTime();
  const row = connection.sql(
    "UPDATE staged SET at = ? WHERE stage = ? AND pack IS NULL AND segment IS NULL RETURNING 1 AS found",
  );
  if (row.get(at, stage) === undefined) throw new MomoError("STAGE_GONE");
  const counter = connection
    .sql("SELECT pack, segment FROM counter")
    .one<{ pack: number; segment: number }>();
  const note = connection.sql("INSERT INTO staged VALUES (?, ?, ?, ?, ?, ?)");
  const numbers = { packs: [] as number[], segments: [] as number[] };
  for (const bytes of packs) {
    connection.sql("INSERT INTO pack VALUES (?, ?)").run(++counter.pack, bytes);
    note.run(stage, counter.pack, null, null, null, at);
    numbers.packs.push(counter.pack);
  }
  for (const { sections, documents } of segments) {
    const segment = ++counter.segment;
    for (const [name, bytes] of Object.entries(sections))
      connection.sql("INSERT INTO section VALUES (?, ?, ?)").run(segment, name, bytes);
    note.run(stage, null, segment, documents, sectionsSum(sections), at);
    numbers.segments.push(segment);
  }
  connection.sql("UPDATE counter SET pack = ?, segment = ?").run(counter.pack, counter.segment);
  return numbers;
}

interface StagedRow {
  pack: number | null;
  segment: number | null;
  documents: number | null;
  sum: number | null;
}

const rowsOf = (connection: Connection, stage: number): StagedRow[] =>
  connection.sql("SELECT pack, segment, documents, sum FROM staged WHERE stage = ?").all<StagedRow>(stage);

/** Inside the transaction that puts the versions. `vids` names the version of each document, by segment. */
export function adoptStage(
  connection: Connection,
  stage: number,
  vids: ReadonlyMap<number, Float64Array>,
): void {
  const rows = rowsOf(connection, stage);
  if (rows.length === 0) throw new MomoError("STAGE_GONE");
  for (const { segment, documents, sum } of rows) {
    if (segment === null) continue;
    const own = vids.get(segment);
    if (own?.length !== documents) throw new Error(`segment ${segment} has ${documents} documents`);
    const bytes = new Uint8Array(own.buffer, own.byteOffset, own.byteLength);
    connection.sql("INSERT INTO segment VALUES (?, ?, ?)").run(segment, bytes, (crc32(bytes) ^ sum!) >>> 0);
  }
  connection.sql("DELETE FROM staged WHERE stage = ?").run(stage);
}

function drop(connection: Connection, stage: number): void {
  for (const { pack, segment } of rowsOf(connection, stage)) {
    if (pack !== null) connection.sql("DELETE FROM pack WHERE pack = ?").run(pack);
    if (segment !== null) connection.sql("DELETE FROM section WHERE segment = ?").run(segment);
  }
  connection.sql("DELETE FROM staged WHERE stage = ?").run(stage);
}

/** Drops what was staged by runs that were last heard of before this time, milliseconds since 1970. */
export function dropStages(connection: Connection, before: number): void {
  const rows = connection.sql("SELECT stage FROM staged GROUP BY stage HAVING max(at) < ?1");
  for (const { stage } of rows.all<{ stage: number }>(before)) drop(connection, stage);
}
