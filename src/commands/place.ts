/**
 * Finds the knowledge base a command is about: the folder given or the nearest indexed one above it, and where its
 * data lies. Used by every command that opens one.
 */
import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { MomoError } from "../errors.ts";
import type { OpenOptions } from "../model/api.ts";
import type { Momo } from "../momo.ts";
import type { CommandContext, Served } from "./command.ts";

export interface PlaceRequest {
  path: string | undefined;
  home: string | undefined;
  /** Seconds to wait for another process that writes. */
  wait?: number | undefined;
  /** Settings that the command line gives. */
  settings?: OpenOptions["settings"];
  /** A file is as good as a folder. */
  file?: boolean;
  /** Fail rather than begin an empty knowledge base. */
  indexed?: boolean;
}

export interface Place {
  momo: Momo;
  /** The folder the knowledge is about. */
  root: string;
  /** What was asked for below the root, with `/`; "" is the root itself. */
  inside: string;
  /** The same as the user would write it from where they are; "." is the current folder. */
  shown: string;
}

/** `path` as seen from `folder`, with `/`; "" is the folder itself, undefined lies outside. */
export function pathBelow(folder: string, path: string): string | undefined {
  const found = relative(folder, path).split(sep).join("/");
  return found === ".." || found.startsWith("../") || isAbsolute(found) ? undefined : found;
}

/** A path that exists, with symlinks resolved. */
export function existingPath(context: CommandContext, path: string): string {
  const full = resolve(context.cwd, path);
  if (!existsSync(full)) throw new MomoError("PATH_MISSING", { path });
  return realpathSync(full);
}

export function existingFile(context: CommandContext, path: string): string {
  const full = existingPath(context, path);
  if (statSync(full).isDirectory()) throw new MomoError("PATH_IS_FOLDER", { path });
  return full;
}

async function hasDatabase(home: string): Promise<boolean> {
  const { DATABASE } = await import("../momo.ts");
  return existsSync(join(home, DATABASE));
}

/** The nearest folder, from this one up, that holds a knowledge base. */
export async function indexedRoot(path: string): Promise<string | undefined> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (await hasDatabase(join(folder, ".momo"))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

interface Target {
  /** With symlinks resolved. */
  path: string;
  shown: string;
}

function placeAt(momo: Momo, root: string, target: Target): Place {
  return { momo, root, inside: pathBelow(root, target.path) ?? "", shown: target.shown };
}

/** Begins a knowledge base, unless it must be there already. */
async function openNew(context: CommandContext, request: PlaceRequest, target: Target): Promise<Place> {
  if (request.indexed) throw new MomoError("NOT_INDEXED", { path: target.shown });
  if (statSync(target.path).isFile()) throw new MomoError("PATH_IS_FILE", { path: target.shown });
  const home = request.home === undefined ? {} : { home: request.home };
  return placeAt(await context.open({ root: target.path, ...home, ...given(request) }), target.path, target);
}

/** Without a home of its own, the data lies in the root. */
async function openByRoot(context: CommandContext, request: PlaceRequest, target: Target): Promise<Place> {
  const root = await indexedRoot(target.path);
  if (root === undefined) return openNew(context, request, target);
  return placeAt(await context.open({ root, ...given(request) }), root, target);
}

/** The folder that a home's knowledge is about; undefined when there is none, or the folder is gone. */
export async function recordedRoot(home: string): Promise<string | undefined> {
  if (!(await hasDatabase(home))) return undefined;
  const { DATABASE } = await import("../momo.ts");
  const { openStore } = await import("../store/open.ts");
  const store = openStore(join(home, DATABASE), { mode: "read" });
  try {
    const root = store.meta("root");
    return root !== undefined && existsSync(root) ? root : undefined;
  } finally {
    store.close();
  }
}

/** A home remembers its root; a path that is not given means that root. */
async function openByHome(
  context: CommandContext,
  request: PlaceRequest & { home: string },
  target: Target,
): Promise<Place> {
  const { home, path } = request;
  const root = await recordedRoot(home);
  if (root === undefined) return openNew(context, request, target);
  const isInside = pathBelow(root, target.path) !== undefined;
  if (!isInside && path !== undefined) throw new MomoError("HOME_OTHER_ROOT", { home, root, path });
  const momo = await context.open({ root, home, ...given(request) });
  return placeAt(momo, root, isInside ? target : { path: root, shown: root });
}

const given = ({ wait, settings }: PlaceRequest): Pick<OpenOptions, "wait_ms" | "settings"> => ({
  ...(wait !== undefined && { wait_ms: wait * 1000 }),
  ...(settings && { settings }),
});

/** What a server serves is open already, and nothing outside it is looked at. */
async function openServed(context: CommandContext, served: Served, request: PlaceRequest): Promise<Place> {
  const momo = await context.open({
    home: served.home,
    ...(served.root !== undefined && { root: served.root }),
    ...(request.settings && { settings: request.settings }),
  });
  const { root } = served;
  if (root === undefined) {
    if (request.path === undefined) return { momo, root: served.home, inside: "", shown: "." };
    throw new MomoError("ROOT_MISSING");
  }
  const path = servedPath(root, request.path ?? ".");
  if (!request.file && statSync(path).isFile())
    throw new MomoError("PATH_IS_FILE", { path: request.path ?? "." });
  const inside = pathBelow(root, path)!;
  if (request.indexed && !(await hasDatabase(served.home)))
    throw new MomoError("NOT_INDEXED", { path: request.path ?? "." });
  return { momo, root, inside, shown: request.path ?? "." };
}

/** Refused in the same words whether it exists or not, so that nobody learns what lies outside. */
function servedPath(root: string, path: string): string {
  const outside = new MomoError("PATH_OUTSIDE_ROOT", { path, root: "what is served" });
  if (path.includes("\0")) throw outside;
  const full = resolve(root, path);
  if (pathBelow(root, full) === undefined) throw outside;
  if (!existsSync(full)) throw new MomoError("PATH_MISSING", { path });
  const real = realpathSync(full);
  if (pathBelow(root, real) === undefined) throw outside;
  return real;
}

export async function openPlace(context: CommandContext, request: PlaceRequest): Promise<Place> {
  if (context.served) return openServed(context, context.served, request);
  const shown = request.path ?? ".";
  const target = { path: existingPath(context, shown), shown };
  if (!request.file && statSync(target.path).isFile()) throw new MomoError("PATH_IS_FILE", { path: shown });
  const home = request.home ?? context.env.MOMO_HOME;
  if (!home) return openByRoot(context, request, target);
  return openByHome(context, { ...request, home: resolve(context.cwd, home) }, target);
}

/** Where the data of a folder lies or would lie, without opening it. */
export async function homeOf(
  context: CommandContext,
  { path, home }: Pick<PlaceRequest, "path" | "home">,
): Promise<string> {
  if (context.served) return context.served.home;
  const given = home ?? context.env.MOMO_HOME;
  if (given) return resolve(context.cwd, given);
  const target = existingPath(context, path ?? ".");
  return join((await indexedRoot(target)) ?? target, ".momo");
}
