/**
 * From candidate paths to files: looks at names first, and at the file system only for files that are wanted. Used by
 * files.ts for what git or the walk found.
 */
import { lstatSync, realpathSync, type Stats } from "node:fs";
import { isInternal, isSecretName, skipByName } from "./names.ts";
import { formatSize } from "./read.ts";
import type { Skip } from "./skip.ts";
import { absolute, type Bounds, type Candidate } from "./walk.ts";
import { isUnder, nameOf, within } from "./within.ts";

export interface ListedFile {
  /** Relative to the root, with `/`. */
  path: string;
  size: number;
  /** Milliseconds, with fraction. */
  mtime: number;
  /** Of a symbolic link: the file it leads to, relative to the root. */
  target?: string;
}

export interface Wish {
  bounds: Bounds;
  accept: (path: string) => boolean;
  max_bytes: number;
}

export interface Selection {
  files: ListedFile[];
  skipped: Skip[];
  /** Neither ignored nor accepted. */
  unsupported: number;
}

interface Selecting extends Wish, Selection {
  links: string[];
}

function skip({ skipped }: Selection, path: string, cause: Omit<Skip, "path">): void {
  skipped.push({ path, ...cause });
}

/** By name alone: true when the file is to be looked at. */
function isWanted(selecting: Selecting, path: string): boolean {
  const name = nameOf(path);
  if (isSecretName(name)) {
    skip(selecting, path, { reason: "secret" });
    return false;
  }
  if (!selecting.accept(path)) {
    selecting.unsupported++;
    return false;
  }
  const reason = skipByName(name);
  if (reason !== undefined) skip(selecting, path, { reason });
  return reason === undefined;
}

/** Undefined when it is gone, which is no fault, or cannot be looked at, which is reported. */
function look(selecting: Selecting, path: string): Stats | undefined {
  try {
    return lstatSync(absolute(selecting.bounds, path), { throwIfNoEntry: false });
  } catch (fault) {
    const code = (fault as NodeJS.ErrnoException).code;
    if (code === undefined) throw fault;
    skip(selecting, path, { reason: "unreadable", detail: code });
    return undefined;
  }
}

function addFile(selecting: Selecting, file: { path: string; target?: string }, stats: Stats): void {
  if (!stats.isFile()) skip(selecting, file.path, { reason: "not-a-file" });
  else if (stats.size > selecting.max_bytes)
    skip(selecting, file.path, { reason: "too-large", detail: formatSize(stats.size) });
  else selecting.files.push({ ...file, size: stats.size, mtime: stats.mtimeMs });
}

function addCandidate(selecting: Selecting, { path, link }: Candidate): void {
  // What may be a link is looked at whatever its name: it may lead to a folder outside.
  const early = link === undefined ? look(selecting, path) : undefined;
  if (link || early?.isSymbolicLink()) selecting.links.push(path);
  else if (isWanted(selecting, path)) {
    const stats = early ?? look(selecting, path);
    if (stats === undefined || stats.isDirectory()) return;
    if (stats.isSymbolicLink()) selecting.links.push(path);
    else addFile(selecting, { path }, stats);
  }
}

/** The path under the root that a link leads to in the end. */
function resolveLink(selecting: Selecting, path: string): string | undefined {
  const { root, home } = selecting.bounds;
  let target: string | undefined;
  try {
    target = within(root, realpathSync.native(absolute(selecting.bounds, path)));
  } catch (fault) {
    const code = (fault as NodeJS.ErrnoException).code;
    if (code === undefined) throw fault;
    skip(selecting, path, { reason: code === "EACCES" ? "unreadable" : "broken-link", detail: code });
    return undefined;
  }
  const isInside = target?.split("/").some(isInternal) || (home !== undefined && isUnder(target ?? "", home));
  if (target === undefined) skip(selecting, path, { reason: "outside-root" });
  else if (isInside) skip(selecting, path, { reason: "ignored", detail: target });
  else return target;
  return undefined;
}

/** Follows links, once everything that is no link is known: a file has one path, its own if that is listed. */
function addLinks(selecting: Selecting): void {
  const known = new Set(selecting.files.map((file) => file.path));
  for (const path of selecting.links.sort()) {
    const target = resolveLink(selecting, path);
    if (target === undefined || known.has(target)) continue;
    const stats = look(selecting, target);
    // A folder's files are found where they lie.
    if (stats === undefined || stats.isDirectory() || !isWanted(selecting, path)) continue;
    known.add(target);
    if (isSecretName(nameOf(target))) skip(selecting, path, { reason: "secret", detail: target });
    else addFile(selecting, { path, target }, stats);
  }
}

/** Sorts candidates into files and skips. */
export function select(candidates: readonly Candidate[], wish: Wish): Selection {
  const selecting: Selecting = { ...wish, files: [], skipped: [], unsupported: 0, links: [] };
  const seen = new Set<string>();
  for (const candidate of candidates) {
    // Git lists a file in conflict once for each side.
    if (!seen.has(candidate.path)) addCandidate(selecting, candidate);
    seen.add(candidate.path);
  }
  addLinks(selecting);
  return selecting;
}
