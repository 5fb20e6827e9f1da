/**
 * One pattern as .gitignore knows them, compiled, and the two ways to match it: against a name and against a path. Used
 * by globs.ts for what a person writes and by ignore.ts for the lines of ignore files.
 *
 * Matching never backtracks further than to the last star, so no pattern takes longer than its length times the
 * path's. That matters because the rules come from whatever folder is indexed: compiled to regular expressions, one
 * line of a hostile .gitignore holds a run up for seconds per path.
 */

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

/** First and last characters of the ranges of `[:alpha:]` and its like. */
const named = new Map([
  ["alnum", "09AZaz"],
  ["alpha", "AZaz"],
  ["blank", "\t\t  "],
  ["cntrl", "\x00\x1f\x7f\x7f"],
  ["digit", "09"],
  ["graph", "!~"],
  ["lower", "az"],
  ["print", " ~"],
  ["punct", "!/:@[`{~"],
  ["space", "\t\r  "],
  ["upper", "AZ"],
  ["xdigit", "09AFaf"],
]);

function rangesOf(name: string): Bracket["ranges"] | undefined {
  const ends = named.get(name);
  return ends?.match(/[\s\S]{2}/g)?.map((pair) => [pair.charCodeAt(0), pair.charCodeAt(1)]);
}

/** Reads what follows a `[`; undefined when it is never closed or names an unknown class. */
export function readBracket(text: string, start: number): { bracket: Bracket; end: number } | undefined {
  let at = start;
  const negated = text[at] === "!" || text[at] === "^";
  if (negated) at++;
  const ranges: Bracket["ranges"] = [];
  for (let first = true; at < text.length; first = false) {
    if (text[at] === "]" && !first) return { bracket: { negated, ranges }, end: at + 1 };
    const close = text.startsWith("[:", at) ? text.indexOf(":]", at) : -1;
    if (close !== -1) {
      const range = rangesOf(text.slice(at + 2, close));
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
  const shortest = tokens.filter((token) => token !== STAR).length;
  return (part) => part.length >= shortest && tokensMatch(tokens, part);
}

/**
 * Splits at slashes, an escaped one included; one inside brackets is no separator. Undefined as soon as a bracket is
 * not closed: looking for the end of many such would take the square of the length.
 */
export function splitPattern(text: string): string[] | undefined {
  const parts: string[] = [];
  let part = "";
  for (let at = 0; at < text.length; at++) {
    const escaped = text[at] === "\\" && at + 1 < text.length;
    const bracket = text[at] === "[" ? readBracket(text, at + 1) : undefined;
    if (text[at] === "[" && bracket === undefined) return undefined;
    if (text[at] === "/" || (escaped && text[at + 1] === "/")) {
      parts.push(part);
      part = "";
      if (escaped) at++;
    } else {
      const last = bracket?.end ?? at + (escaped ? 2 : 1);
      part += text.slice(at, last);
      at = last - 1;
    }
  }
  parts.push(part);
  return parts;
}

/** Longer than any path can be: such a pattern matches nothing that exists. */
export const MAX_PATTERN = 4096;

/**
 * Compiles one pattern as .gitignore understands it: without a slash it is about names at any depth, with one it is
 * about paths from the base; `**` stands for any folders; a slash at the end means folders only.
 * Undefined when it can match nothing: an unclosed bracket, a backslash at the end.
 */
export function compileGlob(pattern: string): Glob | undefined {
  if (pattern.length > MAX_PATTERN) return undefined;
  const folder = pattern.endsWith("/");
  const body = folder ? pattern.slice(0, -1) : pattern;
  const texts = splitPattern(body);
  if (texts === undefined) return undefined;
  const anywhere = !body.includes("/");
  if (body.startsWith("/")) texts.shift();
  const parts: Glob["parts"] = [];
  for (const text of texts) {
    const isGlobstar = !anywhere && /^\*\*+$/.test(text);
    const part = isGlobstar ? ANY_PARTS : compilePart(text);
    if (part === undefined) return undefined;
    // Neighbours say no more than one.
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
