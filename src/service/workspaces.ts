/** The knowledge bases that a server serves, each by a name. Used by create.ts. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { MomoError } from "../errors.ts";
import { shown } from "../model/shown.ts";
import type { Workspace } from "./service.ts";

export interface Place {
  /** Folder that the knowledge is about. */
  path: string;
  /** Where the knowledge base lies; default `<path>/.momo`. */
  home: string | undefined;
}

/** Two folders of one name are told apart by a number: `api`, `api-2`. */
function freeName(path: string, taken: ReadonlySet<string>): string {
  const base = basename(path).replace(/[^\w.-]+/g, "-") || "root";
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}

/** Raises PATH_MISSING, PATH_IS_FILE. */
export function workspacesOf(places: readonly Place[]): Workspace[] {
  const taken = new Set<string>();
  return places.map(({ path, home }) => {
    if (!existsSync(path)) throw new MomoError("PATH_MISSING", { path });
    if (!statSync(path).isDirectory()) throw new MomoError("PATH_IS_FILE", { path });
    const root = realpathSync(path);
    const name = freeName(root, taken);
    taken.add(name);
    return { name, root, home: home === undefined ? join(root, ".momo") : resolve(home) };
  });
}

/** Raises WORKSPACE_UNKNOWN. */
export function findWorkspace(workspaces: readonly Workspace[], name: string | undefined): Workspace {
  const found = name === undefined ? workspaces[0] : workspaces.find((one) => one.name === name);
  if (found) return found;
  const known = workspaces.map((one) => one.name).join(", ");
  throw new MomoError("WORKSPACE_UNKNOWN", {
    workspace: shown(name ?? ""),
    known,
  });
}
