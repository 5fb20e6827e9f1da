/** Where a path lies relative to a folder. Used by listing, for everything that must stay under the root. */
import { lstatSync, realpathSync, type Stats } from "node:fs";
import { isAbsolute, relative, sep } from "node:path";

/** Real absolute paths in; relative with `/` out, "" for the folder itself; undefined when it lies elsewhere. */
export function within(folder: string, real: string): string | undefined {
  const path = relative(folder, real);
  if (path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path)) return undefined;
  return path.split(sep).join("/");
}

/** The same folder or below it, both relative with `/`. */
export function isUnder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** "" for what lies in the root. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

export const pathIn = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`);

/** What lies there, a link itself rather than what it leads to; undefined when nothing does or it cannot be told. */
export function statsOf(file: string): Stats | undefined {
  return unlessMissing(() => lstatSync(file, { throwIfNoEntry: false }));
}

/** Where a path leads in the end; undefined when nowhere or when it cannot be told. */
export function realPathOf(path: string): string | undefined {
  return unlessMissing(() => realpathSync.native(path));
}

function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === undefined) throw fault;
    return undefined;
  }
}
