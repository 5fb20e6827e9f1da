/**
 * Splits source bytes into words with their line and class (code, comment, string), and describes every line.
 * Hand-written and table-driven because it sees every byte of a repository: visiting the leaves of a syntax tree
 * across the WASM boundary costs more than parsing. Used by ingest, one Lexer per worker.
 */
import { WordClass } from "../model/words.ts";
import type { CommentSyntax } from "./comment-syntax.ts";
import { type LanguageName, languageTable } from "./language-table.ts";

/** `indent` of a line without code: nothing on it, or a comment only. */
export const BLANK = 999;
export const COMMENT_ONLY = 998;

/** Receives a word: its bytes are `bytes[start..end)`, `hash` is FNV-1a over them. Returns the word's number. */
// biome-ignore lint/complexity/useMaxParams: called for every word
export type Intern = (bytes: Uint8Array, start: number, end: number, hash: number) => number;

/** Result of one file, in reused buffers: valid until the next call. Lines are 0-based here. */
export interface Lexed {
  words: number;
  word: Int32Array;
  line: Int32Array;
  class: Uint8Array;
  lines: number;
  /** Byte offset of each line's start; one more entry than lines. */
  lineStart: Int32Array;
  /** Columns before the line's first code, or BLANK, or COMMENT_ONLY. */
  indent: Int16Array;
}

const MAX_WORD = 64;
const MAX_INDENT = 900;

const LETTER = 1;
const DIGIT = 2;
const NEWLINE = 3;
const SPACE = 4;
const MARK = 5;
/** Lead and continuation bytes of two-byte UTF-8: Latin, Greek, Cyrillic, Hebrew, Arabic letters. */
const WIDE = 6;

function baseActions(): Uint8Array {
  const actions = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) {
    const isLetter = (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte === 95 || byte === 36;
    if (isLetter) actions[byte] = LETTER;
    else if (byte >= 48 && byte <= 57) actions[byte] = DIGIT;
    else if (byte === 10) actions[byte] = NEWLINE;
    else if (byte === 32 || byte === 9 || byte === 13) actions[byte] = SPACE;
    else if (byte >= 0xc3 && byte <= 0xdf) actions[byte] = WIDE;
  }
  return actions;
}

interface Syntax extends CommentSyntax {
  actions: Uint8Array;
}

const compiled = new Map<LanguageName, Syntax>();

function syntaxOf(language: LanguageName): Syntax {
  const known = compiled.get(language);
  if (known) return known;
  const syntax = languageTable[language].comments;
  const actions = baseActions();
  const marks = [
    ...syntax.line,
    ...syntax.block.map(([open]) => open),
    ...syntax.quotes,
    ...syntax.longQuotes,
  ];
  if (syntax.character) marks.push("'");
  if (syntax.triple) marks.push(...syntax.triple.marks);
  for (const mark of marks) actions[mark.charCodeAt(0)] = MARK;
  const made = { ...syntax, actions };
  compiled.set(language, made);
  return made;
}

const startsWith = (bytes: Uint8Array, at: number, mark: string): boolean => {
  for (let i = 0; i < mark.length; i++) if (bytes[at + i] !== mark.charCodeAt(i)) return false;
  return true;
};

const lineEnd = (bytes: Uint8Array, from: number): number => {
  const at = bytes.indexOf(10, from);
  return at < 0 ? bytes.length : at;
};

/** Offset after the next `mark`, or the end of the text. */
function after(bytes: Buffer, from: number, mark: string): number {
  const at = bytes.indexOf(mark, from, "latin1");
  return at < 0 ? bytes.length : at + mark.length;
}

/** Offset after the closing quote; 0 when the quote does not close where it must. */
function quoteEnd(bytes: Uint8Array, start: number, options: { multiline: boolean }): number {
  const quote = bytes[start];
  for (let i = start + 1; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === 92) i++;
    else if (byte === quote) return i + 1;
    else if (byte === 10 && !options.multiline) return 0;
  }
  return 0;
}

/** `'x'` or `'\n'` or `'\u0041'`: offset after it, or 0. */
function characterEnd(bytes: Uint8Array, start: number): number {
  const escaped = bytes[start + 1] === 92;
  const limit = Math.min(bytes.length, start + (escaped ? 11 : 6));
  for (let i = start + 2; i < limit; i++) {
    if (bytes[i] === 39 && !(escaped && i === start + 2)) return i + 1;
    if (bytes[i] === 10) return 0;
    if (!escaped && i > start + 1 && (bytes[i] & 0xc0) !== 0x80) return 0;
  }
  return 0;
}

const isSpace = (byte: number | undefined): boolean =>
  byte === undefined || byte === 32 || byte === 9 || byte === 10 || byte === 13;

/** Whether a line comment really starts here, for the languages where the mark alone does not tell. */
function ruleAllows(syntax: Syntax, bytes: Uint8Array, at: number): boolean {
  switch (syntax.rule) {
    case "hash-after-space":
      return isSpace(bytes[at - 1]);
    case "hash-not-bracket":
      return bytes[at] !== 35 || bytes[at + 1] !== 91;
    case "hash-not-brace":
      return bytes[at + 1] !== 123;
    case "haskell-dashes": {
      let i = at;
      while (bytes[i] === 45) i++;
      return !"!#$%&*+./<=>?@\\^|~:".includes(String.fromCharCode(bytes[i] ?? 32));
    }
    default:
      return true;
  }
}

/** Lua's `--[[ ]]`, `--[==[ ]==]`: offset after it, or 0. */
function luaBlockEnd(bytes: Buffer, at: number): number {
  if (bytes[at + 2] !== 91) return 0;
  let level = 0;
  while (bytes[at + 3 + level] === 61) level++;
  if (bytes[at + 3 + level] !== 91) return 0;
  return after(bytes, at + 4 + level, `]${"=".repeat(level)}]`);
}

/** Set by `regionEnd`: the class of the region that starts at the asked offset. */
let regionClass = 0;

function commentEnd(syntax: Syntax, bytes: Buffer, at: number): number {
  for (const [open, close] of syntax.block) {
    if (!startsWith(bytes, at, open)) continue;
    const atLineStart = at === 0 || bytes[at - 1] === 10;
    const isPragma = open === "{-" && bytes[at + 2] === 35;
    if (isPragma || (open === "=begin" && !atLineStart)) continue;
    return after(bytes, at + open.length, close);
  }
  for (const mark of syntax.line) {
    if (!startsWith(bytes, at, mark) || !ruleAllows(syntax, bytes, at)) continue;
    return (syntax.rule === "lua-brackets" && luaBlockEnd(bytes, at)) || lineEnd(bytes, at);
  }
  return 0;
}

/** End of the comment or string that starts at `at`, or 0 when none does. */
function regionEnd(syntax: Syntax, bytes: Buffer, at: number): number {
  const comment = commentEnd(syntax, bytes, at);
  if (comment > 0) {
    regionClass = WordClass.comment;
    return comment;
  }
  for (const mark of syntax.triple?.marks ?? []) {
    if (!startsWith(bytes, at, mark)) continue;
    regionClass = syntax.triple?.as === "comment" ? WordClass.comment : WordClass.string;
    return after(bytes, at + 3, mark);
  }
  regionClass = WordClass.string;
  const quote = String.fromCharCode(bytes[at]);
  if (syntax.longQuotes.includes(quote)) return quoteEnd(bytes, at, { multiline: true });
  if (syntax.quotes.includes(quote)) return quoteEnd(bytes, at, { multiline: false });
  return quote === "'" && syntax.character ? characterEnd(bytes, at) : 0;
}

/** One per worker: its buffers grow to the largest file and are reused. */
export function createLexer(intern: Intern): (bytes: Buffer, language: LanguageName) => Lexed {
  const out: Lexed = {
    words: 0,
    word: new Int32Array(16_384),
    line: new Int32Array(16_384),
    class: new Uint8Array(16_384),
    lines: 0,
    lineStart: new Int32Array(4_096),
    indent: new Int16Array(4_096),
  };
  const growWords = () => {
    out.word = grown(out.word);
    out.line = grown(out.line);
    out.class = grown(out.class);
  };
  const growLines = () => {
    out.lineStart = grown(out.lineStart);
    out.indent = grown(out.indent);
  };
  return (bytes, language) => scan(bytes, syntaxOf(language), { out, intern, growWords, growLines });
}

function grown<T extends Int32Array | Int16Array | Uint8Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(array.length * 2);
  larger.set(array);
  return larger;
}

interface Target {
  out: Lexed;
  intern: Intern;
  growWords: () => void;
  growLines: () => void;
}

/** The loop over every byte; long because a call per byte would cost more than the work. */
function scan(bytes: Buffer, syntax: Syntax, target: Target): Lexed {
  const { out, intern } = target;
  const { actions } = syntax;
  const length = bytes.length;
  let at = 0;
  let line = 0;
  let words = 0;
  let lineFrom = 0;
  let indent = BLANK;
  let region = 0;
  let wordClass: number = WordClass.code;
  out.lineStart[0] = 0;
  while (at < length) {
    if (at >= region) wordClass = WordClass.code;
    const byte = bytes[at];
    const action = actions[byte];
    if (action === SPACE) {
      at++;
    } else if (action === NEWLINE) {
      at++;
      out.indent[line++] = indent;
      if (line + 2 >= out.lineStart.length) target.growLines();
      out.lineStart[line] = at;
      lineFrom = at;
      indent = BLANK;
    } else if (action === LETTER || action === DIGIT || action === WIDE) {
      const start = at;
      let hash = 0x811c9dc5 | 0;
      if (action === DIGIT) {
        while (at < length && actions[bytes[at]] === DIGIT) hash = Math.imul(hash ^ bytes[at++], 0x01000193);
      } else {
        for (; at < length; at++) {
          const next = actions[bytes[at]];
          if (next === WIDE) {
            hash = Math.imul(hash ^ bytes[at++], 0x01000193);
            if (at >= length || (bytes[at] & 0xc0) !== 0x80) break;
          } else if (next !== LETTER && next !== DIGIT) break;
          hash = Math.imul(hash ^ bytes[at], 0x01000193);
        }
      }
      if (wordClass === WordClass.comment) {
        if (indent === BLANK) indent = COMMENT_ONLY;
      } else if (indent >= COMMENT_ONLY) indent = start - lineFrom;
      if (at - start > MAX_WORD) continue;
      if (words === out.word.length) target.growWords();
      out.word[words] = intern(bytes, start, at, hash);
      out.line[words] = line;
      out.class[words++] = wordClass;
    } else {
      if (action === MARK && at >= region) {
        const end = regionEnd(syntax, bytes, at);
        if (end > 0) {
          region = end;
          wordClass = regionClass;
        }
      }
      if (wordClass === WordClass.comment) {
        if (indent === BLANK) indent = COMMENT_ONLY;
      } else if (indent === BLANK) indent = at - lineFrom;
      at++;
    }
  }
  if (lineFrom < length || length === 0) out.indent[line++] = indent;
  out.lineStart[line] = length;
  out.lines = length === 0 ? 0 : line;
  out.words = words;
  for (let i = 0; i < line; i++)
    if (out.indent[i] < COMMENT_ONLY) out.indent[i] = Math.min(out.indent[i], MAX_INDENT);
  return out;
}
