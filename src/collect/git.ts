/**
 * The files of a git work tree, as git itself lists them: tracked ones, and untracked ones that no rule ignores.
 * Used by files.ts. The repository is not trusted: nothing it configures may run a program or reach the network.
 */

import { isUtf8 } from "node:buffer";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

export interface GitEntry {
  /** Relative to the folder that was listed. Bytes that are not UTF-8 are replaced by U+FFFD. */
  path: string;
  tracked: boolean;
  kind: "file" | "link" | "repository";
  /** False when the name is not valid UTF-8, so that `path` does not lead to it. */
  exact: boolean;
}

export interface GitListing {
  entries: GitEntry[];
  /** Folders that git could not look into, with the system's reason. */
  unreadable: { path: string; detail: string }[];
}

/** A list that takes longer than this is left to the walk. */
const TIMEOUT_MS = 120_000;
const MAX_OUTPUT = 2 ** 30;

/** Settings of the repository that could start a program, and files that could pose as one. */
const safely = [
  "-c",
  "core.fsmonitor=false",
  "-c",
  "core.hooksPath=/dev/null",
  "-c",
  "core.quotePath=false",
  "-c",
  "safe.bareRepository=explicit",
  "--no-optional-locks",
  "--literal-pathspecs",
];

/** Variables by which a caller, such as a hook, would point git at another repository. */
const diverting = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_COMMON_DIR",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_NAMESPACE",
  "GIT_PREFIX",
];

function environment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    // A partial clone could fetch what is missing through any helper it names.
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "none",
  };
  for (const name of diverting) delete env[name];
  return env;
}

/** Whether the folder, or one it lies in, looks like a git work tree: git need not be started elsewhere. */
export function inWorkTree(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return true;
    if (at === dirname(at)) return false;
  }
}

const kinds: Record<string, GitEntry["kind"]> = { "120000": "link", "160000": "repository" };

/** `H 100644 <object> 0\t<path>` for a tracked entry, `? <path>` for an untracked one; a repository ends with `/`. */
function readEntry(line: string, exact: boolean): GitEntry {
  const tracked = !line.startsWith("? ");
  const path = line.slice(tracked ? line.indexOf("\t") + 1 : 2);
  if (path.endsWith("/")) return { path: path.slice(0, -1), tracked, kind: "repository", exact };
  const kind = (tracked && kinds[line.slice(2, 8)]) || "file";
  return { path, tracked, kind, exact };
}

function readEntries(output: Buffer): GitEntry[] {
  const entries: GitEntry[] = [];
  const allValid = isUtf8(output);
  for (let at = 0, end = 0; at < output.length; at = end + 1) {
    end = output.indexOf(0, at);
    if (end === -1) end = output.length;
    const line = output.toString("utf8", at, end);
    const entry = readEntry(line, allValid || isUtf8(output.subarray(at, end)));
    // A crafted index can hold any name.
    if (!/(^|\/)(\.{0,2}|\.git)(\/|$)/.test(entry.path)) entries.push(entry);
  }
  return entries;
}

/**
 * Lists `under` (a folder or file below, or all) in a folder inside a work tree. Undefined when git is not installed,
 * refuses the repository or fails: the caller then walks.
 */
export function listWorkTree(folder: string, under?: string): GitListing | undefined {
  const pathspec = under === undefined ? [] : ["--", under];
  const git = spawnSync(
    "git",
    [...safely, "ls-files", "-co", "--exclude-standard", "-t", "-s", "-z", ...pathspec],
    {
      cwd: folder,
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT,
    },
  );
  if (git.status !== 0) return undefined;
  const unreadable: GitListing["unreadable"] = [];
  for (const line of git.stderr.toString().split("\n")) {
    const told = /^warning: could not open directory '(.*)\/': (.*)$/.exec(line);
    if (told) unreadable.push({ path: told[1], detail: told[2] });
  }
  return { entries: readEntries(git.stdout), unreadable };
}
