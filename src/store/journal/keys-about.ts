/** Keys by what they are called: what an erasure has to reach, and what lies below a prefix. Used by view.ts. */
import { kindNumber } from "../contract/kinds.ts";
import type { Connection } from "../sqlite/connection.ts";

/** JournalView.kidsAbout. */
export function keysAbout(connection: Connection, id: string): Set<number> {
  const kids = new Set<number>();
  const add = (text: string, ...values: string[]): void => {
    for (const { kid } of connection.sql(text).all<{ kid: number }>(...values)) kids.add(kid);
  };
  for (const text of [
    "SELECT kid FROM key WHERE name = ?1 OR name = 'quarantine:' || ?1",
    `SELECT kid FROM key WHERE name >= 'doc:' || ?1 || ':' AND name < 'doc:' || ?1 || ';' AND kind = ${kindNumber("entry")}`,
  ])
    add(text, id);
  // Of a file, what lies in it too.
  const inside = [`${id}#`, `${id}$`] as const;
  add(`SELECT kid FROM key WHERE name >= 'doc:' || ?1 AND name < 'doc:' || ?2`, ...inside);
  for (const end of ["source", "target"]) {
    const edges = `SELECT v.kid FROM edge e JOIN version v USING (vid) WHERE`;
    add(`${edges} e.${end} = ?1`, id);
    add(`${edges} e.${end} >= ?1 AND e.${end} < ?2`, ...inside);
  }
  // Relations at the documentation.
  for (const kid of [...kids]) {
    const { name } = connection.sql("SELECT name FROM key WHERE kid = ?").one<{ name: string }>(kid);
    for (const end of ["source", "target"])
      add(`SELECT v.kid FROM edge e JOIN version v USING (vid) WHERE e.${end} = ?1`, name);
  }
  return kids;
}

/** Number of every key whose name begins so. */
export function keysBelow(connection: Connection, prefix: string): Set<number> {
  // Names are ordered by their bytes: those that begin so lie before the first that ends one higher.
  const end = Buffer.from(prefix);
  if (end.length > 0) end[end.length - 1]! += 1;
  const rows =
    end.length > 0
      ? connection.sql("SELECT kid FROM key WHERE name >= ? AND name < CAST(? AS TEXT)")
      : connection.sql("SELECT kid FROM key");
  const values = end.length > 0 ? [prefix, end] : [];
  return new Set(rows.columns<[kid: number]>(...values).map(([kid]) => kid));
}
