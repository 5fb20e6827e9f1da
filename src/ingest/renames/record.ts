/** Writes down what was renamed, in the transaction of the ingest that saw it. Used by writing.ts. */
import type { WriteTransaction } from "../../store/contract/write.ts";
import { aliasVersion, takeIds } from "../../store/records/alias.ts";
import { namedIn, pathsIn } from "../../store/records/names.ts";
import type { Renames } from "./recognise.ts";

/** `put` are the paths of the files that came or changed, and are written already. */
export function recordRenames(
  tx: WriteTransaction,
  { files, definitions }: Renames,
  put: ReadonlySet<string>,
): void {
  takeIds(tx, takenIds(tx, put));
  for (const rename of [...files, ...definitions]) tx.put(aliasVersion(rename));
}

/** Old ids that something has again. */
function takenIds({ reader }: WriteTransaction, put: ReadonlySet<string>): string[] {
  const inside = new Map<string, ReadonlySet<string>>();
  const isInside = (id: string, path: string): boolean => {
    const file = inside.has(path) ? undefined : reader.head(path, "file");
    if (file) inside.set(path, namedIn(reader, file));
    return inside.get(path)?.has(id) ?? false;
  };
  return reader
    .heads("alias")
    .map(({ key }) => key)
    .filter((key) => put.has(key) || [...pathsIn(key)].some((path) => put.has(path) && isInside(key, path)));
}
