/**
 * Git mirrors of public repositories, read without a work tree: where they lie, what a commit's tree holds and what is
 * a program's own source in it. A mirror lies at <MIRRORS>/<owner>+<name>/repo. Used by commit-set.ts and
 * training/export-sources.ts.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { detectLanguage } from "../src/extract/language.ts";

export interface Entry {
  path: string;
  mode: string;
  blob: string;
  /** Undefined where the mirror lacks the blob (files of 4 MiB and more). */
  bytes: number | undefined;
}

const OUTPUT_LIMIT = 1 << 30;

export const folderOf = (repository: string): string => repository.replace("/", "+");

/** The git directory of a repository, or undefined when it has not been fetched. */
export function mirrorOf(repository: string): string | undefined {
  const mirrors = process.env.MIRRORS;
  if (!mirrors)
    throw new Error("say where the mirrors are: MIRRORS=<folder>, with <owner>+<name>/repo in it");
  const folder = join(mirrors, folderOf(repository), "repo");
  return [join(folder, ".git"), folder].find((gitDir) => existsSync(join(gitDir, "HEAD")));
}

export function git(gitDir: string, args: string[], input?: string): Buffer {
  const done = spawnSync("git", ["--git-dir", gitDir, ...args], { input, maxBuffer: OUTPUT_LIMIT });
  if (done.error) throw new Error(`git ${args[0]} in ${gitDir}: ${done.error.message}`);
  if (done.status !== 0) throw new Error(`git ${args[0]} in ${gitDir}: ${done.stderr.toString().trim()}`);
  return done.stdout;
}

/** The files of a commit; no symbolic links and no submodules. */
export function treeOf(gitDir: string, commit: string): Entry[] {
  const lines = git(gitDir, ["ls-tree", "-r", "-l", "-z", commit]).toString().split("\0");
  return lines
    .filter((line) => line.startsWith("100"))
    .map((line) => {
      const [mode, , blob, size] = line.slice(0, line.indexOf("\t")).split(/ +/);
      const bytes = Number(size);
      return {
        path: line.slice(line.indexOf("\t") + 1),
        mode: mode!,
        blob: blob!,
        bytes: Number.isNaN(bytes) ? undefined : bytes,
      };
    });
}

/** The contents of blobs, by name; one that the mirror lacks is left out. */
export function contentsOf(gitDir: string, blobs: Iterable<string>): Map<string, Buffer> {
  const names = [...new Set(blobs)];
  const contents = new Map<string, Buffer>();
  if (names.length === 0) return contents;
  const output = git(gitDir, ["cat-file", "--batch"], `${names.join("\n")}\n`);
  let at = 0;
  for (const name of names) {
    const end = output.indexOf(10, at);
    const [, type, size] = output.toString("latin1", at, end).split(" ");
    at = end + 1;
    if (type !== "blob") continue;
    contents.set(name, output.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  return contents;
}

const FOREIGN_FOLDER =
  /^(node_modules|bower_components|_?vendor(ed|s)?|_vendored?|third[-_]?party|3rd[-_]?party|externals?|externs?|ext-?libs?|deps|bundled|contrib-deps|pods|carthage|site-packages|dist|build|out|target|generated|__generated__|gen|\.yarn|nlohmann|fmtlib|single_include|amalgamation|subprojects)$/i;
const FOREIGN_FILE =
  /([.-]min\.[cm]?js|\.bundle\.js|\.pb\.(go|cc|h)|_pb2(_grpc)?\.py|\.g\.dart|\.freezed\.dart|\.generated\.\w+|\.designer\.cs)$|^(json|catch|catch_amalgamated|doctest|httplib)\.(hpp|h)$/i;

/** Whether a file was copied in or made by a program. */
export function isForeign(path: string): boolean {
  const parts = path.split("/");
  return FOREIGN_FILE.test(parts.pop()!) || parts.some((part) => FOREIGN_FOLDER.test(part));
}

const ASIDE_WORD =
  "tests?|specs?|testing|testdata|testsuite|test-?kit|fixtures?|mocks?|__tests__|__mocks__|examples?|samples?|demos?|docs?|documentation|benchmarks?|bench|benches|perf|e2e|playgrounds?|website|tutorials?|snapshots?|integration";
const ASIDE_PART = new RegExp(`(^|[._-])(${ASIDE_WORD})($|[._-])`, "i");
const ASIDE_CAMEL = /[a-z](Tests?|Specs?|Suite|Benchmark)s?(\.|$)/;

/** Whether a file is beside the program: a test, an example, a benchmark or documentation. */
export const isAside = (path: string): boolean =>
  path.split("/").some((part) => ASIDE_PART.test(part) || ASIDE_CAMEL.test(part) || part === "conftest.py");

const BUILD_FILE =
  /(^|\/)(package\.swift|mix\.exs|setup\.(py|hs)|(rake|gem|guard)file|scons\w+|wscript|build\.zig(\.zon)?|(\w+\.)?config\.[cm]?[jt]s|\.[\w.]+\.(exs|[cm]?js))$|\.(sbt|kts|gemspec|podspec)$|(^|\/)(build-logic|buildsrc|\.github|project)\//i;

/** Whether a file says how the program is built or checked, not what it does. */
export const isBuildFile = (path: string): boolean => BUILD_FILE.test(path);

/** The programming language of a file, by its name, or undefined for data, settings and prose. */
export function programmingLanguage(path: string, beginning?: string): string | undefined {
  const language = detectLanguage(path, beginning);
  return language?.support === "grammar" ? language.name : undefined;
}
