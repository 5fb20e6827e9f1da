/**
 * Whether a row passes a filter: what an engine that cannot filter is spared, and what the others are held to. Used by
 * nearest.ts, by engines in this process, and by retrieve for its own index.
 */
import type { CountedField } from "../contract/documents.ts";
import type { RowFields, RowFilter } from "../contract/rows.ts";

export type Matcher = (row: RowFields) => boolean;

export const rowFilterFields: readonly (keyof RowFilter)[] = ["kinds", "languages", "directories", "types"];

/** A filter made ready for many rows. */
export function matcherOf({ kinds, languages, directories, types }: RowFilter): Matcher {
  const isInside = directories && folderMatcher(directories);
  const wanted = types && new Set(types);
  return (row) =>
    (kinds === undefined || kinds.includes(row.kind)) &&
    (languages === undefined || (row.language !== undefined && languages.includes(row.language))) &&
    (isInside === undefined || isInside(row.path)) &&
    (wanted === undefined || (row.types?.some((type) => wanted.has(type)) ?? false));
}

/** Whether a path lies in one of these folders; `.` and an empty name are the root, where everything lies. */
export function folderMatcher(directories: readonly string[]): (path: string) => boolean {
  const folders = directories.map(folderName);
  return (path) => folders.some((folder) => folder === "" || path.startsWith(`${folder}/`));
}

/** Every folder that a path lies in, the root as an empty name: for engines that know equality only. */
export function foldersOf(path: string): string[] {
  const folders = [""];
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) folders.push(path.slice(0, at));
  return folders;
}

/** As `foldersOf` writes it: without `./` before and `/` behind. */
export function folderName(directory: string): string {
  let [from, to] = [0, directory.length];
  while (directory.startsWith("./", from) || (from > 0 && directory[from] === "/"))
    from += directory[from] === "/" ? 1 : 2;
  while (to > from && directory[to - 1] === "/") to--;
  const name = directory.slice(from, to);
  return name === "." ? "" : name;
}

/** The parts of a filter that an engine evaluates itself; undefined when there are none. */
export function partOf(filter: RowFilter, fields: readonly (keyof RowFilter)[]): RowFilter | undefined {
  const given = Object.entries(filter).filter(
    ([name, values]) => values !== undefined && fields.includes(name as keyof RowFilter),
  );
  return given.length === 0 ? undefined : (Object.fromEntries(given) as RowFilter);
}

/** What a document counts for. */
export function valuesOf({ kind, language, types = [] }: RowFields, by: CountedField): readonly string[] {
  if (by === "kind") return [kind];
  if (by === "type") return types;
  return language === undefined ? [] : [language];
}
