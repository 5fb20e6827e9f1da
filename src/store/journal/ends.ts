/** What relations join, by the numbers of keys. Used by view.ts. */
import { kindNumber } from "../contract/kinds.ts";
import type { BranchView } from "../heads/branch.ts";
import type { Connection } from "../sqlite/connection.ts";

/** A relation's key and version, and a key at its end. */
interface Joined {
  kid: number;
  vid: number;
  end: number;
}

/** JournalView.relationsAt. */
export function relationsAt(
  { connection, view }: { connection: Connection; view: BranchView },
  kids: Float64Array,
  goes: (kid: number) => boolean,
): Joined[] {
  if (kids.length === 0 || !connection.sql("SELECT 1 AS any FROM edge LIMIT 1").get()) return [];
  const found: Joined[] = [];
  for (const side of ["source", "target"]) {
    const rows = connection.sql(
      `SELECT v.kid, e.vid, k.kid FROM json_each(?) asked JOIN key k ON k.kid = asked.value
       JOIN edge e ON e.${side} = k.name JOIN version v ON v.vid = e.vid`,
    );
    for (const [kid, vid, end] of rows.columns<[kid: number, vid: number, end: number]>(
      `[${kids.join(",")}]`,
    )) {
      const isLive = !goes(kid) && view.find(kindNumber("relation"), kid)?.vid === vid;
      if (isLive) found.push({ kid, vid, end });
    }
  }
  return found;
}

/** JournalView.entryEnds. */
export function entryEnds(connection: Connection, vids: Float64Array): Joined[] {
  if (vids.length === 0) return [];
  const rows = connection.sql(
    `SELECT v.kid, e.vid, k.kid FROM json_each(?) asked JOIN edge e ON e.vid = asked.value
     JOIN version v ON v.vid = e.vid JOIN key k ON k.name IN (e.source, e.target) AND k.kind = ${kindNumber("entry")}`,
  );
  return rows
    .columns<[kid: number, vid: number, end: number]>(`[${vids.join(",")}]`)
    .map(([kid, vid, end]) => ({ kid, vid, end }));
}
