/**
 * The rules of .gitignore and .momoignore files: read one, and ask whether a chain of them leaves a path out.
 * Same meaning as git's (gitignore(5)), in linear time. Used by walk.ts and git.ts.
 */
import { compileGlob, type Glob, nameMatches, partsMatch } from "./pattern.ts";

interface Rule {
  glob: Glob;
  /** A line that begins with `!`: brings back what an earlier rule left out. */
  keeps: boolean;
}

/** The rules that hold in a folder: those of its own ignore file first, then those of the folders above. */
export interface IgnoreChain {
  /** Length of the ignore file's folder as a path prefix: 0 or `a/b/`.length. */
  base: number;
  /** Last line first: the last one that matches decides. */
  rules: Rule[];
  above: IgnoreChain | undefined;
}

export interface Entry {
  /** Relative to the root. */
  path: string;
  name: string;
  folder: boolean;
}

/** Spaces at the end of a line do not count unless escaped. */
function trimSpaces(line: string): string {
  let end = 0;
  for (let at = 0; at < line.length; at++) {
    const escaped = line[at] === "\\";
    if (escaped) at++;
    if (escaped || line[at] !== " ") end = at + 1;
  }
  return line.slice(0, end);
}

function readRule(line: string): Rule | undefined {
  let text = trimSpaces(line.endsWith("\r") ? line.slice(0, -1) : line);
  if (text === "" || text.startsWith("#")) return undefined;
  const keeps = text.startsWith("!");
  if (keeps) text = text.slice(1);
  const glob = compileGlob(text);
  return glob && text !== "" && text !== "/" ? { glob, keeps } : undefined;
}

/** Puts an ignore file's rules before those of the folders above; `folder` is "" for the root. */
export function addIgnoreFile(above: IgnoreChain | undefined, folder: string, text: string): IgnoreChain {
  const rules = text
    .split("\n")
    .map(readRule)
    .filter((rule) => rule !== undefined)
    .reverse();
  return { base: folder === "" ? 0 : folder.length + 1, rules, above };
}

function ruleMatches(glob: Glob, entry: Entry, base: number): boolean {
  if (glob.folder && !entry.folder) return false;
  if (glob.anywhere) return nameMatches(glob, entry.name);
  return partsMatch(glob, entry.path.slice(base).split("/"), { folder: entry.folder, within: false });
}

/**
 * What the rules say of one entry, whose folders above are known not to be left out; undefined when no rule is about
 * it.
 */
export function verdict(chain: IgnoreChain | undefined, entry: Entry): "ignored" | "kept" | undefined {
  for (let link = chain; link !== undefined; link = link.above) {
    for (const { glob, keeps } of link.rules)
      if (ruleMatches(glob, entry, link.base)) return keeps ? "kept" : "ignored";
  }
  return undefined;
}
