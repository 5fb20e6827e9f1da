/**
 * An alias says under which id something is found that had another one before: its key is the old id, and its edge leads
 * to the new one. The alias of a file stands for what lies in the file, too. ingest writes them; whatever takes an old
 * id, a file or an entry, takes its alias away (`takeIds`). names.ts follows them.
 */
import { canonicalJson } from "../../model/canonical-json.ts";
import type { NewVersion } from "../contract/knowledge.ts";
import type { StoreReader } from "../contract/reader.ts";
import type { WriteTransaction } from "../contract/write.ts";
import { currentOf, idsIn, namedIn, pathsIn } from "./names.ts";

const type = "renamed_to";

export const aliasVersion = ({ from, to }: { from: string; to: string }): NewVersion => ({
  key: from,
  kind: "alias",
  body: Buffer.from(canonicalJson({})),
  edge: { source: from, type, target: to },
});

/** Old ids and where they lead. */
function aliases(reader: StoreReader): Map<string, string> {
  return new Map(reader.heads("alias").map(({ key, vid }) => [key, reader.journal.endsOf(vid)!.target]));
}

/**
 * Takes the aliases of these ids away, because something else has them now. What was led through them is led to where
 * they led, as is what lay in a file whose path is taken.
 */
export function takeIds(tx: WriteTransaction, ids: readonly string[]): void {
  if (ids.length === 0) return;
  const known = aliases(tx.reader);
  const taken = new Set(ids);
  const inside = ids.flatMap((id) => definitionsAt(tx.reader, id, past(taken, known, known.get(id)!)));
  for (const id of taken) tx.remove("alias", id);
  for (const [from, to] of known) {
    const now = taken.has(from) ? to : past(taken, known, to);
    if (now !== to && now !== from) tx.put(aliasVersion({ from, to: now }));
  }
  for (const rename of inside) if (!known.has(rename.from)) tx.put(aliasVersion(rename));
}

/** Where an alias leads that led to what is taken, or into it. */
function past(taken: ReadonlySet<string>, known: ReadonlyMap<string, string>, target: string): string {
  let to = target;
  for (let count = 0; count <= taken.size; count++) {
    const through = taken.has(to) ? to : [...pathsIn(to)].find((path) => taken.has(path));
    if (through === undefined) return to;
    to = known.get(through)! + to.slice(through.length);
  }
  return target;
}

/** What the file holds that a path led to, under the names that it had there and that nothing has now. */
function definitionsAt(reader: StoreReader, path: string, to: string): { from: string; to: string }[] {
  const now = currentOf(reader, to);
  if (now?.head.kind !== "file" || now.id !== now.head.key) return [];
  const file = reader.head(path, "file");
  const taken = new Set(file && namedIn(reader, file));
  return idsIn(reader, now.head)
    .map((id) => ({ from: path + id.slice(now.id.length), to: id }))
    .filter(({ from }) => !taken.has(from));
}
