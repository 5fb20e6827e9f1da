/** Keys by what they are called: what an erasure has to reach, and what lies below a prefix. Used by view.ts. */
import { kindNumber } from "../contract/kinds.ts";
import type { Connection } from "../sqlite/connection.ts";

/**
 * JournalView.kidsAbout. Of a former name that something else has taken meanwhile (`isTaken`), only what can be told to
 * be the file's: itself, and what lies in it.
 */
export function keysAbout(connection: Connection, id: string, isTaken: boolean): Set<number> {
  const kids = new Set<number>();
  const add = (text: string, ...values: string[]): void => {
    for (const { kid } of connection.sql(text).all<{ kid: number }>(...values)) kids.add(kid);
  };
  const codeKinds = `(${kindNumber("file")}, ${kindNumber("alias")})`;
  if (isTaken) add(`SELECT kid FROM key WHERE name = ?1 AND kind IN ${codeKinds}`, id);
  else {
    add("SELECT kid FROM key WHERE name = ?1 OR name = 'quarantine:' || ?1", id);
    // A kind of documentation holds no colon, an id may: `doc:a:b:usage` is about `a:b`.
    add(
      `SELECT kid FROM key WHERE name >= 'doc:' || ?1 || ':' AND name < 'doc:' || ?1 || ';'
         AND instr(substr(name, length('doc:' || ?1 || ':') + 1), ':') = 0 AND kind = ${kindNumber("entry")}`,
      id,
    );
  }
  // Of a file, what lies in it too.
  const inside = [`${id}#`, `${id}$`] as const;
  add(`SELECT kid FROM key WHERE name >= 'doc:' || ?1 AND name < 'doc:' || ?2`, ...inside);
  for (const end of ["source", "target"]) {
    const edges = `SELECT v.kid FROM edge e JOIN version v USING (vid) WHERE`;
    if (!isTaken) add(`${edges} e.${end} = ?1`, id);
    add(`${edges} e.${end} >= ?1 AND e.${end} < ?2`, ...inside);
  }
  // Relations at the documentation. An alias that leads here is a key too, and what is written at its name is not meant.
  const key = connection.sql("SELECT name, kind FROM key WHERE kid = ?");
  for (const kid of [...kids]) {
    const { name, kind } = key.one<{ name: string; kind: number }>(kid);
    if (kind !== kindNumber("entry")) continue;
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
