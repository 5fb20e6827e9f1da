/**
 * The files of a folder that git does not manage: an own walk that honours .gitignore, .momoignore and the default
 * ignores. Used by files.ts, also where git refuses or is missing. Links are never walked into, so there are no loops:
 * what lies under the root is found where it really lies.
 */
import { type Dirent, existsSync, readdirSync } from "node:fs";
import type { PathTest } from "./globs.ts";
import { addIgnoreFile, type Entry, type IgnoreChain, verdict } from "./ignore.ts";
import { isInternal, isProduced, isVendored } from "./names.ts";
import { formatSize, readText } from "./read.ts";
import type { Skip } from "./skip.ts";
import { pathIn, statsOf } from "./within.ts";

/** What a listing keeps to. */
export interface Bounds {
  /** Absolute and real. */
  root: string;
  /** Folder of the knowledge base, relative to the root, when it lies in there. */
  home: string | undefined;
  /** What the caller does not want. */
  unwanted: PathTest;
}

export interface Candidate {
  /** Relative to the root, with `/`. */
  path: string;
  /** Whether it is a symbolic link; undefined when that is not known without looking. */
  link: boolean | undefined;
}

export interface Found {
  candidates: Candidate[];
  skipped: Skip[];
}

interface Folder {
  path: string;
  git: IgnoreChain | undefined;
  momo: IgnoreChain | undefined;
}

/** Without normalising: paths here are clean, and this is done once a file. */
export const absolute = ({ root }: Bounds, path: string): string => `${root}/${path}`;

/** No ignore file a person wrote comes near. */
const MAX_IGNORE_BYTES = 2 ** 18;

/** Adds the rules of an ignore file; one that is missing adds nothing, one that cannot be read is reported. */
export function addRulesOf(
  file: { bounds: Bounds; folder: string; name: string; skipped: Skip[] },
  above: IgnoreChain | undefined,
): IgnoreChain | undefined {
  const path = pathIn(file.folder, file.name);
  const text = readText(absolute(file.bounds, path), MAX_IGNORE_BYTES);
  if ("bytes" in text) return addIgnoreFile(above, file.folder, Buffer.from(text.bytes).toString());
  if (text.skipped === "too-large")
    file.skipped.push({
      path,
      reason: "too-large",
      detail: `an ignore file of ${formatSize(MAX_IGNORE_BYTES)} or more`,
    });
  else if (text.skipped !== "vanished" && text.skipped !== "not-a-file")
    file.skipped.push({ path, reason: text.skipped, detail: "an ignore file" });
  return above;
}

function isIgnored(bounds: Bounds, folder: Folder, entry: Entry): boolean {
  if (isInternal(entry.name) || entry.path === bounds.home) return true;
  if (folder.git && verdict(folder.git, entry) === "ignored") return true;
  const momo = folder.momo && verdict(folder.momo, entry);
  if (momo === "ignored" || bounds.unwanted(entry.path, entry.folder)) return true;
  if (!entry.folder || momo === "kept") return false;
  return isVendored(entry.name) || isProduced(entry.name, absolute(bounds, folder.path));
}

/** A name with bytes that are no UTF-8 comes with U+FFFD in their place and leads nowhere. */
function isOdd(bounds: Bounds, entry: Entry): boolean {
  if (!entry.name.includes("\uFFFD")) return false;
  return statsOf(absolute(bounds, entry.path)) === undefined;
}

function readFolder(bounds: Bounds, path: string, skipped: Skip[]): Dirent[] {
  try {
    return readdirSync(absolute(bounds, path), { withFileTypes: true });
  } catch (fault) {
    const code = (fault as NodeJS.ErrnoException).code;
    if (code === undefined) throw fault;
    if (code !== "ENOENT" && code !== "ENOTDIR")
      skipped.push({ path: path === "" ? "." : path, reason: "unreadable", detail: code });
    return [];
  }
}

/** `has` spares the look for files that are not there. */
function addRules(
  bounds: Bounds,
  folder: Folder,
  { skipped, has }: { skipped: Skip[]; has: (name: string) => boolean },
): Folder {
  const file = { bounds, folder: folder.path, skipped };
  const { path } = folder;
  const git = has(".gitignore") ? addRulesOf({ ...file, name: ".gitignore" }, folder.git) : folder.git;
  const momo = has(".momoignore") ? addRulesOf({ ...file, name: ".momoignore" }, folder.momo) : folder.momo;
  return { path, git, momo };
}

/** Adds what lies in one folder, and to `todo` the folders to look into next. */
function walkFolder(bounds: Bounds, outer: Folder, into: Found & { todo: Folder[] }): void {
  const { skipped } = into;
  const items = readFolder(bounds, outer.path, skipped);
  const folder = addRules(bounds, outer, {
    skipped,
    has: (name) => items.some((item) => item.name === name),
  });
  for (const item of items) {
    const entry = { path: pathIn(folder.path, item.name), name: item.name, folder: item.isDirectory() };
    if (isIgnored(bounds, folder, entry)) continue;
    if (isOdd(bounds, entry)) skipped.push({ path: entry.path, reason: "odd-name" });
    else if (entry.folder) into.todo.push({ ...folder, path: entry.path });
    else into.candidates.push({ path: entry.path, link: item.isSymbolicLink() });
  }
}

/** The folder at the end of a path with all rules from above, or the one thing there is to say of it. */
function enter(bounds: Bounds, from: string, skipped: Skip[]): Folder | Found {
  let folder: Folder = { path: "", git: undefined, momo: undefined };
  for (const name of from === "" ? [] : from.split("/")) {
    const here = folder.path;
    folder = addRules(bounds, folder, {
      skipped,
      has: (file) => existsSync(absolute(bounds, pathIn(here, file))),
    });
    const path = pathIn(folder.path, name);
    const stats = statsOf(absolute(bounds, path));
    if (stats === undefined) return { candidates: [], skipped };
    if (isIgnored(bounds, folder, { path, name, folder: stats.isDirectory() }))
      return { candidates: [], skipped: [{ path: from, reason: "ignored", detail: path }] };
    if (!stats.isDirectory()) return { candidates: [{ path, link: stats.isSymbolicLink() }], skipped };
    folder = { ...folder, path };
  }
  return folder;
}

/**
 * Lists everything under `from`, a folder or file relative to the root ("" for all of it), except what a rule ignores.
 * When `from` itself is ignored, that is the only thing said.
 */
export function walk(bounds: Bounds, from: string): Found {
  const skipped: Skip[] = [];
  const start = enter(bounds, from, skipped);
  if ("candidates" in start) return start;
  const into = { candidates: [], skipped, todo: [start] };
  while (into.todo.length > 0) walkFolder(bounds, into.todo.pop()!, into);
  return into;
}
