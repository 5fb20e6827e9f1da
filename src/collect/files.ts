/**
 * Which files of a folder to index, and why others are not: the first step of every ingest and every look for changes.
 * Git lists its work trees, an own walk everything else. Used by ingest, through momo.ts.
 */
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { MomoError } from "../errors.ts";
import { inWorkTree } from "./git.ts";
import { compileGlobs } from "./globs.ts";
import { type ListedFile, select } from "./select.ts";
import type { Skip } from "./skip.ts";
import { walk } from "./walk.ts";
import { realPathOf, within } from "./within.ts";
import { gatherWorkTree } from "./work-tree.ts";

export interface ListRequest {
  root: string;
  /** A folder or file under the root, absolute or relative to it; default all. */
  under?: string;
  /** Whether a file of this path is wanted: its language is supported, or a pattern names it. */
  accept: (path: string) => boolean;
  /** Globs of what is not wanted. */
  ignore?: readonly string[];
  max_bytes: number;
  /** Folder of the knowledge base: never listed. */
  home?: string;
}

export interface Listing {
  /** The root as a real path. */
  root: string;
  /** By path, each file once. */
  files: ListedFile[];
  /** By path. */
  skipped: Skip[];
  /** Files that are neither ignored nor accepted. */
  unsupported: number;
  /** How the root was listed: git is not used where it is missing, refuses the repository or fails. */
  method: "git" | "walk";
}

/** Where to read a listed file. */
export function fileOf(root: string, file: Pick<ListedFile, "path" | "target">): string {
  return join(root, file.target ?? file.path);
}

function realPath(path: string): string {
  const real = realPathOf(path);
  if (real === undefined) throw new MomoError("PATH_MISSING", { path });
  return real;
}

/** Relative to the root; undefined when it lies elsewhere, is the root itself or does not exist yet. */
function homeWithin(root: string, home: string | undefined): string | undefined {
  const real = home === undefined ? undefined : realPathOf(home);
  return real === undefined ? undefined : within(root, real) || undefined;
}

const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

/**
 * Lists the files to index. Reads no file except ignore files, follows no link out of the root, and goes on past what
 * it cannot read. Throws PATH_MISSING, PATH_IS_FILE (the root), PATH_OUTSIDE_ROOT (`under`), BAD_GLOB (`ignore`).
 */
export function listFiles(request: ListRequest): Listing {
  const root = realPath(request.root);
  if (!statSync(root).isDirectory()) throw new MomoError("PATH_IS_FILE", { path: request.root });
  const asked = request.under ?? "";
  const under = within(root, realPath(resolve(root, asked)));
  if (under === undefined) throw new MomoError("PATH_OUTSIDE_ROOT", { path: asked, root: request.root });
  const unwanted = compileGlobs(request.ignore ?? []);
  const bounds = { root, home: homeWithin(root, request.home), unwanted };

  const tracked = inWorkTree(root) ? gatherWorkTree(bounds, under) : undefined;
  const found = tracked ?? walk(bounds, under);
  const selection = select(found.candidates, {
    bounds,
    accept: request.accept,
    max_bytes: request.max_bytes,
  });
  return {
    root,
    files: selection.files.sort(byPath),
    skipped: [...found.skipped, ...selection.skipped].sort(byPath),
    unsupported: selection.unsupported,
    method: tracked ? "git" : "walk",
  };
}
