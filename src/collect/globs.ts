/**
 * The globs a person writes: `--pattern`, `--ignore`, `--path` and their settings, checked and compiled to one test over
 * relative paths. Used by listing, ingest and search.
 */
import { MomoError } from "../errors.ts";
import {
  compileGlob,
  type Glob,
  MAX_PATTERN,
  nameMatches,
  partsMatch,
  readBracket,
  splitPattern,
} from "./pattern.ts";

const MAX_ALTERNATIVES = 1000;

/** Finds the first `{a,b}` outside brackets; `cuts` are the positions of `{`, each `,` and `}`. */
function findBraces(glob: string): number[] | "open" | undefined {
  let cuts: number[] = [];
  let depth = 0;
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at];
    if (char === "\\") at++;
    else if (char === "[") {
      const bracket = readBracket(glob, at + 1);
      // It will be refused for that.
      if (bracket === undefined) return undefined;
      at = bracket.end - 1;
    } else if (char === "{" && depth++ === 0) cuts = [at];
    else if (char === "," && depth === 1) cuts.push(at);
    else if (char === "}" && depth > 0 && --depth === 0) {
      cuts.push(at);
      if (cuts.length > 2) return cuts;
    }
  }
  return depth > 0 ? "open" : undefined;
}

/** `a.{js,ts}` -> `a.js`, `a.ts`. */
function expandBraces(glob: string): string[] {
  const done: string[] = [];
  const todo = [glob];
  while (todo.length > 0) {
    if (done.length + todo.length > MAX_ALTERNATIVES)
      throw bad(glob, "it has too many alternatives in braces");
    const next = todo.pop()!;
    const cuts = findBraces(next);
    if (cuts === "open") throw bad(glob, "a { is not closed");
    if (cuts === undefined) done.push(next);
    else
      for (let i = 0; i + 1 < cuts.length; i++)
        todo.push(
          next.slice(0, cuts[0]) + next.slice(cuts[i] + 1, cuts[i + 1]) + next.slice(cuts.at(-1)! + 1),
        );
  }
  return done;
}

function bad(glob: string, why: string): MomoError {
  return new MomoError("BAD_GLOB", { glob: JSON.stringify(glob.slice(0, 100)), why });
}

/** One glob a person wrote, checked: what .gitignore would silently not match is an error here. */
function compileWritten(glob: string): Glob[] {
  if (glob.trim() === "") throw bad(glob, "it is empty");
  if (glob.length > MAX_PATTERN) throw bad(glob, "it is too long");
  if (glob.includes("\0")) throw bad(glob, "it holds a NUL byte");
  if (glob.startsWith("!")) throw bad(glob, "a glob cannot be negated here");
  return expandBraces(glob).map((one) => {
    const plain = one.replace(/^(\.\/+)+/, "").replace(/\/{2,}/g, "/");
    if (splitPattern(plain)?.includes("..")) throw bad(glob, ".. would leave the folder");
    const compiled = compileGlob(plain === "" || plain === "." ? "*" : plain);
    if (compiled === undefined) throw bad(glob, "a [ is not closed or a \\ ends it");
    return compiled;
  });
}

/** Takes a path relative to the root, with `/`; `folder` when it is known to be a folder's. */
export type PathTest = (path: string, folder?: boolean) => boolean;

/**
 * Compiles globs to one test. A path matches when one of them matches it or a folder it lies in: `*.py` at any depth,
 * `src/*.ts` from the root, `dir/` all that is in such a folder, `src/api` that file or all in that folder, `*.{js,ts}`
 * either. No globs match nothing. Throws BAD_GLOB.
 */
export function compileGlobs(globs: readonly string[]): PathTest {
  const compiled = globs.flatMap(compileWritten);
  if (compiled.length === 0) return () => false;
  return (path, folder = false) => {
    const parts = path.split("/");
    return compiled.some((glob) => {
      if (!glob.anywhere) return partsMatch(glob, parts, { folder, within: true });
      const end = glob.folder && !folder ? parts.length - 1 : parts.length;
      for (let at = 0; at < end; at++) if (nameMatches(glob, parts[at])) return true;
      return false;
    });
  };
}
