/**
 * Chooses among the files that git lists: applies .momoignore and the default ignores, and looks into submodules and
 * nested repositories. What git tracks wins over the default ignores: a committed `build/` is source. Used by files.ts.
 */
import { existsSync } from "node:fs";
import { type GitEntry, listWorkTree } from "./git.ts";
import { type IgnoreChain, verdict } from "./ignore.ts";
import { isInternal, isProduced, isVendored } from "./names.ts";
import { absolute, addRulesOf, type Bounds, type Found, walk } from "./walk.ts";
import { folderOf, nameOf, pathIn, realPathOf, statsOf, within } from "./within.ts";

/** Each nested repository costs a process; beyond this many the rest is walked. */
const MAX_NESTED = 64;

interface Scope {
  /** Rules of .momoignore files that hold in the folder. */
  momo: IgnoreChain | undefined;
  /** Nothing in the folder is wanted. */
  out: boolean;
  /** The folder holds output or an environment: only what is tracked is wanted. */
  produced: boolean;
}

interface Gathering {
  bounds: Bounds;
  found: Found;
  scopes: Map<string, Scope>;
  /** Nested repositories still to be listed. */
  nested: string[];
}

/**
 * A tracked file may have a folder above it that was replaced by a link. Git counts it as deleted; the files there are
 * found where they really lie, or lie outside.
 */
function isLinked({ bounds, found }: Gathering, folder: string): boolean {
  const file = absolute(bounds, folder);
  if (!statsOf(file)?.isSymbolicLink()) return false;
  const target = realPathOf(file);
  if (target === undefined) found.skipped.push({ path: folder, reason: "broken-link" });
  else if (within(bounds.root, target) === undefined)
    found.skipped.push({ path: folder, reason: "outside-root" });
  return true;
}

/** Looked for in every folder: git does not list a .momoignore that is ignored itself. */
function rulesIn(
  { bounds, found }: Gathering,
  folder: string,
  above: IgnoreChain | undefined,
): IgnoreChain | undefined {
  const name = ".momoignore";
  if (!existsSync(absolute(bounds, pathIn(folder, name)))) return above;
  return addRulesOf({ bounds, folder, name, skipped: found.skipped }, above);
}

function makeScope(gathering: Gathering, folder: string): Scope {
  const { bounds } = gathering;
  if (folder === "") return { momo: rulesIn(gathering, folder, undefined), out: false, produced: false };
  const above = scopeOf(gathering, folderOf(folder));
  if (above.out) return above;
  const name = nameOf(folder);
  const said = above.momo && verdict(above.momo, { path: folder, name, folder: true });
  const vendored = said === undefined && isVendored(name);
  const unwanted = said === "ignored" || folder === bounds.home || bounds.unwanted(folder, true);
  if (isInternal(name) || vendored || unwanted || isLinked(gathering, folder)) return { ...above, out: true };
  const parent = absolute(bounds, folderOf(folder));
  const produced = above.produced || (said === undefined && isProduced(name, parent));
  return { momo: rulesIn(gathering, folder, above.momo), out: false, produced };
}

function scopeOf(gathering: Gathering, folder: string): Scope {
  let scope = gathering.scopes.get(folder);
  if (scope === undefined) {
    scope = makeScope(gathering, folder);
    gathering.scopes.set(folder, scope);
  }
  return scope;
}

function isOut(gathering: Gathering, entry: GitEntry): boolean {
  const { path, tracked } = entry;
  const scope = scopeOf(gathering, folderOf(path));
  if (scope.out || (scope.produced && !tracked) || gathering.bounds.unwanted(path)) return true;
  return (
    scope.momo !== undefined && verdict(scope.momo, { path, name: nameOf(path), folder: false }) === "ignored"
  );
}

function addEntry(gathering: Gathering, entry: GitEntry): void {
  const { found } = gathering;
  if (entry.kind === "repository") {
    const scope = scopeOf(gathering, entry.path);
    if (!scope.out && !(scope.produced && !entry.tracked)) gathering.nested.push(entry.path);
  } else if (!isOut(gathering, entry)) {
    if (!entry.exact) found.skipped.push({ path: entry.path, reason: "odd-name" });
    // Where a link is tracked git knows; an untracked one has to be looked at.
    else found.candidates.push({ path: entry.path, link: entry.tracked ? entry.kind === "link" : undefined });
  }
}

/** Lists one work tree, at the root or nested; false when git does not. */
function addWorkTree(gathering: Gathering, folder: string, under?: string): boolean {
  const listing = listWorkTree(absolute(gathering.bounds, folder), under);
  if (listing === undefined) return false;
  for (const entry of listing.entries) addEntry(gathering, { ...entry, path: pathIn(folder, entry.path) });
  for (const { path, detail } of listing.unreadable)
    gathering.found.skipped.push({ path: pathIn(folder, path), reason: "unreadable", detail });
  return true;
}

/**
 * Lists what git knows under `under` (relative to the root, "" for all). Undefined when git cannot say, or when it finds
 * nothing and the walk may know better: the root is an ignored folder of a repository around it, or `under` is ignored.
 */
export function gatherWorkTree(bounds: Bounds, under: string): Found | undefined {
  const found: Found = { candidates: [], skipped: [] };
  const gathering: Gathering = { bounds, found, scopes: new Map(), nested: [] };
  if (!addWorkTree(gathering, "", under === "" ? undefined : under)) return undefined;
  for (let count = 0; gathering.nested.length > 0; count++) {
    const folder = gathering.nested.pop()!;
    const isRepository = existsSync(absolute(bounds, pathIn(folder, ".git")));
    if (count < MAX_NESTED && isRepository && addWorkTree(gathering, folder)) continue;
    const walked = walk(bounds, folder);
    for (const candidate of walked.candidates) found.candidates.push(candidate);
    for (const skip of walked.skipped) found.skipped.push(skip);
  }
  const isEmpty = found.candidates.length === 0 && found.skipped.length === 0;
  const isWhole = under === "" && existsSync(absolute(bounds, ".git"));
  return isEmpty && !isWhole ? undefined : found;
}
