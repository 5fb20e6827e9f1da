/**
 * Globs over relative paths with `/`: `--pattern`, `--ignore`, `--path`, and the rules of ignore files (ignore.ts).
 *
 * Matching never backtracks further than to the last star, so no pattern takes longer than its length times the
 * path's. That matters because the rules come from whatever folder is indexed: compiled to regular expressions, one
 * line of a hostile .gitignore holds a run up for seconds per path.
 */
import { MomoError } from "../errors.ts";

/** One part of a path, between slashes. */
type PartTest = (part: string) => boolean;

/** Stands for any number of whole parts. */
const ANY_PARTS = Symbol("**");

export interface Glob {
  /** True when the pattern has no slash: it is about a name, at any depth. */
  anywhere: boolean;
  /** The pattern ended with a slash: it is about folders. */
  folder: boolean;
  parts: (PartTest | typeof ANY_PARTS)[];
}

const STAR = -1;
const ANY = -2;
/** A character code, STAR, ANY, or a bracket expression. */
type Token = number | Bracket;

interface Bracket {
  negated: boolean;
  ranges: [low: number, high: number][];
}

const named: Record<string, Bracket["ranges"]> = {
  alnum: [
    [48, 57],
    [65, 90],
    [97, 122],
  ],
  alpha: [
    [65, 90],
    [97, 122],
  ],
  blank: [
    [9, 9],
    [32, 32],
  ],
  cntrl: [
    [0, 31],
    [127, 127],
  ],
  digit: [[48, 57]],
  graph: [[33, 126]],
  lower: [[97, 122]],
  print: [[32, 126]],
  punct: [
    [33, 47],
    [58, 64],
    [91, 96],
    [123, 126],
  ],
  space: [
    [9, 13],
    [32, 32],
  ],
  upper: [[65, 90]],
  xdigit: [
    [48, 57],
    [65, 70],
    [97, 102],
  ],
};

/** Reads what follows a `[`; undefined when it is never closed or names an unknown class. */
function readBracket(text: string, start: number): { bracket: Bracket; end: number } | undefined {
  let at = start;
  const negated = text[at] === "!" || text[at] === "^";
  if (negated) at++;
  const ranges: Bracket["ranges"] = [];
  for (let first = true; at < text.length; first = false) {
    if (text[at] === "]" && !first) return { bracket: { negated, ranges }, end: at + 1 };
    const close = text.startsWith("[:", at) ? text.indexOf(":]", at) : -1;
    if (close !== -1) {
      const range = named[text.slice(at + 2, close)];
      if (range === undefined) return undefined;
      ranges.push(...range);
      at = close + 2;
      continue;
    }
    if (text[at] === "\\") at++;
    const low = text.charCodeAt(at++);
    let high = low;
    if (text[at] === "-" && at + 1 < text.length && text[at + 1] !== "]") {
      at += text[at + 1] === "\\" ? 2 : 1;
      high = text.charCodeAt(at++);
    }
    ranges.push([low, high]);
  }
  return undefined;
}

function readTokens(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "*") {
      if (tokens.at(-1) !== STAR) tokens.push(STAR);
    } else if (char === "?") {
      tokens.push(ANY);
    } else if (char === "[") {
      const read = readBracket(text, at + 1);
      if (read === undefined) return undefined;
      tokens.push(read.bracket);
      at = read.end - 1;
    } else {
      if (char === "\\" && ++at === text.length) return undefined;
      tokens.push(text.charCodeAt(at));
    }
  }
  return tokens;
}

function tokenMatches(token: Token, code: number): boolean {
  if (typeof token === "number") return token === code || token === ANY;
  for (const [low, high] of token.ranges) if (code >= low && code <= high) return !token.negated;
  return token.negated;
}

/** The general test; on a mismatch the last star takes one character more. */
function tokensMatch(tokens: Token[], text: string): boolean {
  let token = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    if (token < tokens.length && tokens[token] === STAR) {
      star = token++;
      starAt = at;
    } else if (token < tokens.length && tokenMatches(tokens[token], text.charCodeAt(at))) {
      token++;
      at++;
    } else {
      if (star === -1) return false;
      token = star + 1;
      at = ++starAt;
    }
  }
  if (tokens[token] === STAR) token++;
  return token === tokens.length;
}

/** Compiles one part; most are plain names or have one star, and these need no loop. */
function compilePart(text: string): PartTest | undefined {
  const tokens = readTokens(text);
  if (tokens === undefined) return undefined;
  const isText = (slice: Token[]) => slice.every((token) => typeof token === "number" && token >= 0);
  const spell = (slice: Token[]) => String.fromCharCode(...(slice as number[]));
  if (isText(tokens)) {
    const name = spell(tokens);
    return (part) => part === name;
  }
  const star = tokens.indexOf(STAR);
  if (star !== -1 && isText(tokens.slice(0, star)) && isText(tokens.slice(star + 1))) {
    const head = spell(tokens.slice(0, star));
    const tail = spell(tokens.slice(star + 1));
    const least = head.length + tail.length;
    return (part) => part.length >= least && part.startsWith(head) && part.endsWith(tail);
  }
  return (part) => tokensMatch(tokens, part);
}

/** Splits at slashes, an escaped one included. */
function splitPattern(text: string): string[] {
  const parts: string[] = [];
  let part = "";
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\" && text[at + 1] === "/") continue;
    if (text[at] === "/") {
      parts.push(part);
      part = "";
    } else {
      part += text[at];
      if (text[at] === "\\" && at + 1 < text.length) part += text[++at];
    }
  }
  parts.push(part);
  return parts;
}

/** Longer than any path can be: such a pattern matches nothing that exists. */
const MAX_PATTERN = 4096;

/**
 * Compiles one pattern as .gitignore understands it: without a slash it is about names at any depth, with one it is
 * about paths from the base; `**` stands for any folders; a slash at the end means folders only.
 * Undefined when it can match nothing: an unclosed bracket, a backslash at the end.
 */
export function compileGlob(pattern: string): Glob | undefined {
  if (pattern.length > MAX_PATTERN) return undefined;
  const folder = pattern.endsWith("/") && !pattern.endsWith("\\/");
  const body = folder ? pattern.slice(0, -1) : pattern;
  const texts = splitPattern(body);
  const anywhere = texts.length === 1;
  if (texts.length > 1 && texts[0] === "") texts.shift();
  const parts: Glob["parts"] = [];
  for (const text of texts) {
    const isGlobstar = text === "**" && !anywhere;
    const part = isGlobstar ? ANY_PARTS : compilePart(text);
    if (part === undefined) return undefined;
    // Neighbouring globstars say no more than one, except for the last, which stands for at least one part.
    if (!isGlobstar || parts.at(-1) !== ANY_PARTS) parts.push(part);
  }
  return { anywhere, folder, parts };
}

/**
 * Whether the whole pattern matches the parts from its base; with `within`, also whether it matches a folder above them.
 * `folder` says that the last part is a folder. On a mismatch the last `**` takes one part more.
 */
export function partsMatch(
  glob: Glob,
  path: readonly string[],
  { folder, within }: { folder: boolean; within: boolean },
): boolean {
  const { parts } = glob;
  const whole = !glob.folder || folder;
  let part = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  for (;;) {
    if (part < parts.length && parts[part] === ANY_PARTS) {
      if (part === parts.length - 1) return at < path.length - (whole ? 0 : 1);
      star = part++;
      starAt = at;
      continue;
    }
    if (part === parts.length) {
      if (at === path.length ? whole : within) return true;
    } else if (at < path.length && (parts[part] as PartTest)(path[at])) {
      part++;
      at++;
      continue;
    }
    if (star === -1 || starAt >= path.length) return false;
    at = ++starAt;
    part = star + 1;
  }
}

/** Whether one name matches a pattern without a slash. */
export function nameMatches(glob: Glob, name: string): boolean {
  return (glob.parts[0] as PartTest)(name);
}

const MAX_ALTERNATIVES = 1000;

/** Finds the first `{a,b}` outside brackets; `cuts` are the positions of `{`, each `,` and `}`. */
function findBraces(glob: string): number[] | "open" | undefined {
  let cuts: number[] = [];
  let depth = 0;
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at];
    if (char === "\\") at++;
    else if (char === "[") at = (readBracket(glob, at + 1)?.end ?? at + 1) - 1;
    else if (char === "{" && depth++ === 0) cuts = [at];
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
  if (glob.includes("\0")) throw bad(glob, "it holds a NUL byte");
  if (glob.startsWith("!")) throw bad(glob, "a glob cannot be negated here");
  return expandBraces(glob).map((one) => {
    const plain = one.replace(/^(\.\/+)+/, "").replace(/\/{2,}/g, "/");
    if (splitPattern(plain).includes("..")) throw bad(glob, ".. would leave the folder");
    const compiled = compileGlob(plain === "" || plain === "." ? "*" : plain);
    if (compiled === undefined) throw bad(glob, "a [ is not closed, a \\ ends it, or it is too long");
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
