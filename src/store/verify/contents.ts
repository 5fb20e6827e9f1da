/** Versions, their contents and the numbers that were given out: the part of verify.ts that needs no journal. */

import { openPack } from "../contents/pack-file.ts";
import { kindNumber } from "../contract/kinds.ts";
import type { Edge } from "../contract/knowledge.ts";
import { contentHash, leaf } from "../records/digest.ts";
import type { Connection } from "../sqlite/connection.ts";

export function checkCounters(connection: Connection): string | undefined {
  const counter = connection.sql("SELECT * FROM counter").one<Record<string, number>>();
  for (const [table, id] of [
    ["key", "kid"],
    ["version", "vid"],
    ["segment", "segment"],
    ["pack", "pack"],
    ["branch", "branch"],
    ["staged", "stage"],
  ] as const) {
    if (Number(connection.value(`SELECT coalesce(max(${id}), 0) FROM ${table}`)) > counter[id]!) {
      return `table ${table} holds a number that was never given out`;
    }
  }
  const ahead = connection.sql("SELECT name FROM engine WHERE seq > ? OR seq < 0 LIMIT 1");
  const engine = ahead.get<{ name: string }>(counter.seq!);
  return engine && `engine ${engine.name} is ahead of the journal`;
}

export function checkContents(connection: Connection): string | undefined {
  return (
    checkPlaces(connection) ??
    checkErased(connection) ??
    checkPacks(connection) ??
    checkHashes(connection) ??
    checkOwners(connection)
  );
}

/** Every version has its body, in its row or in a pack. */
function checkPlaces(connection: Connection): string | undefined {
  const row = connection
    .sql(
      `SELECT vid FROM version LEFT JOIN slice USING (vid) LEFT JOIN pack USING (pack)
       WHERE version.body IS NULL AND pack.pack IS NULL LIMIT 1`,
    )
    .get<{ vid: number }>();
  return row && `the content of version ${row.vid} is missing`;
}

/** Nothing is left of what was erased. */
function checkErased(connection: Connection): string | undefined {
  const row = connection
    .sql(
      `SELECT v.vid FROM version v LEFT JOIN text t USING (vid) LEFT JOIN slice s USING (vid) LEFT JOIN edge e USING (vid)
       WHERE v.erased IS NOT NULL
         AND (v.body IS NOT x'' OR t.vid IS NOT NULL OR s.vid IS NOT NULL OR e.vid IS NOT NULL) LIMIT 1`,
    )
    .get<{ vid: number }>();
  return row && `version ${row.vid} is said to be erased, and has content`;
}

function checkPacks(connection: Connection): string | undefined {
  const rows = connection.sql(
    `SELECT pack, bytes, coalesce((SELECT max(start + body_bytes + text_bytes) FROM slice s WHERE s.pack = p.pack), 0)
       AS length FROM pack p ORDER BY pack`,
  );
  for (const { pack, bytes, length } of rows.each<{ pack: number; bytes: Uint8Array; length: number }>()) {
    const opened = openedLength(bytes);
    if (opened === undefined) return `pack ${pack} cannot be decompressed`;
    if (opened < length) return `pack ${pack} is too short for its versions`;
  }
  return undefined;
}

function openedLength(stored: Uint8Array): number | undefined {
  try {
    return openPack(stored).length;
  } catch {
    return undefined;
  }
}

/** What people and agents wrote is what its hash says. */
function checkHashes(connection: Connection): string | undefined {
  const rows = connection.sql(
    `SELECT v.vid, v.leaf, v.body, k.name, t.bytes AS text, e.source, e.type, e.target
     FROM version v JOIN key k USING (kid) LEFT JOIN text t USING (vid) LEFT JOIN edge e USING (vid)
     WHERE k.kind <> ${kindNumber("file")} AND v.body IS NOT NULL AND v.erased IS NULL`,
  );
  interface Row extends Record<keyof Edge, string | null> {
    vid: number;
    leaf: Uint8Array;
    body: Uint8Array;
    name: string;
    text: Uint8Array | null;
  }
  for (const { vid, leaf: own, body, name, text, source, type, target } of rows.each<Row>()) {
    const edge = source !== null && type !== null && target !== null ? { source, type, target } : undefined;
    if (Buffer.compare(own, leaf(name, contentHash(body, text ?? undefined, edge))) !== 0)
      return `the content of version ${vid} (${name}) was changed`;
  }
  return undefined;
}

/** Contents belong to versions, and edges to versions that are hashed with them. */
function checkOwners(connection: Connection): string | undefined {
  for (const table of ["text", "slice", "edge"]) {
    const row = connection
      .sql(
        `SELECT o.vid FROM ${table} o LEFT JOIN version v USING (vid) LEFT JOIN key k USING (kid)
         WHERE k.kid IS NULL OR ('${table}' = 'edge' AND k.kind = ${kindNumber("file")}) LIMIT 1`,
      )
      .get<{ vid: number }>();
    if (row) return `table ${table} holds something of version ${row.vid}, which has none`;
  }
  return undefined;
}
