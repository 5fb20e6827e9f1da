/**
 * Reading the head of a definition straight from the text: identifiers, balanced brackets, decorators.
 * Everything here is linear in what it reads and bounded, because a broken file can hold anything.
 */

import type { CommentStyle } from "./comments.ts";

/** A head or a decorator longer than this is cut where it is shown: nobody reads it, and it bounds the work. */
export const headLimit = 4000;

/** A list in brackets is read up to this length, because documentation may stand in it. */
export const listLimit = 65_536;

/** Letters, digits, `_`, `$` and everything outside ASCII. */
export const isIdentifierCode = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 95 ||
  code === 36 ||
  code > 127;

const isSpaceCode = (code: number): boolean => code === 32 || (code >= 9 && code <= 13);

export function skipSpace(text: string, index: number): number {
  while (index < text.length && isSpaceCode(text.charCodeAt(index))) index++;
  return index;
}

export function skipSpaceBack(text: string, index: number): number {
  while (index > 0 && isSpaceCode(text.charCodeAt(index - 1))) index--;
  return index;
}

export const isBlank = (text: string, from: number, to: number): boolean => skipSpace(text, from) >= to;

/** The identifier that starts at `index`, or "". */
export function identifierAt(text: string, index: number): string {
  let end = index;
  while (end < text.length && isIdentifierCode(text.charCodeAt(end))) end++;
  return text.slice(index, end);
}

/** The identifier that ends at `index`, or "". */
export function identifierEndingAt(text: string, index: number): string {
  let start = index;
  while (start > 0 && isIdentifierCode(text.charCodeAt(start - 1))) start--;
  return text.slice(start, index);
}

/** White space collapsed to one blank, cut to `limit` characters. */
export function collapse(text: string, limit = 400): string {
  const short = text.length > headLimit ? text.slice(0, headLimit) : text;
  const line = /[\t\n\r]| {2}/.test(short) ? short.replace(/\s+/g, " ") : short;
  return line.trim().slice(0, limit);
}

/** What opens quoted text; in Rust and Haskell a single quote does not. */
export const allQuotes = "\"'`";

const isOpening = (code: number): boolean => code === 40 || code === 91 || code === 123;
const isClosing = (code: number): boolean => code === 41 || code === 93 || code === 125;
const isQuote = (code: number): boolean => code === 34 || code === 39 || code === 96;

/** What starts a comment that runs to the end of its line; with `//` come those in slash and star, with `--` those in `--[[`. */
export type CommentMark = "//" | "#" | "--";

/** How a text in brackets is read: brackets, commas and quotes in its comments and quotes mean nothing. */
export interface Reading {
  quotes?: string;
  comment?: CommentMark;
}

/** Index just after the bracket that closes the one at `open`; where the reading ends when nothing closes it. */
export function closeOf(
  text: string,
  open: number,
  { quotes = allQuotes, comment = "//" }: Reading = {},
): number {
  const stop = Math.min(text.length, open + listLimit);
  const mark = comment.charCodeAt(0);
  let depth = 0;
  for (let i = open; i < stop; i++) {
    const code = text.charCodeAt(i);
    if (isOpening(code)) depth++;
    else if (isClosing(code)) {
      if (--depth === 0) return i + 1;
    } else if (isQuote(code) && quotes.includes(text[i]!)) i = endOfQuote(text, i, stop) - 1;
    else if (code === mark) i = Math.max(i, endOfComment(text, i, comment) - 1);
  }
  return stop;
}

const blockMarks: Record<CommentMark, [open: string, close: string] | undefined> = {
  "//": ["/*", "*/"],
  "--": ["--[[", "]]"],
  "#": undefined,
};

/** Index of the end of the comment that starts at `start`; `start` when none does. */
export function endOfComment(text: string, start: number, comment: CommentMark): number {
  const block = blockMarks[comment];
  const isBlock = block !== undefined && text.startsWith(block[0], start);
  if (!isBlock && !text.startsWith(comment, start)) return start;
  const end = isBlock ? text.indexOf(block[1], start + 2) + 2 : text.indexOf("\n", start);
  return end < start ? text.length : end;
}

/**
 * Index just after the quoted text that starts at `start`. A quote that does not close on its line (a Rust lifetime,
 * an apostrophe in a comment) counts as one character; three of them may span lines.
 */
export function endOfQuote(text: string, start: number, stop: number): number {
  const quote = text[start]!;
  if (text[start + 1] === quote && text[start + 2] === quote) {
    const close = text.indexOf(quote.repeat(3), start + 3);
    return close < 0 || close >= stop ? start + 1 : close + 3;
  }
  for (let i = start + 1; i < stop; i++) {
    const char = text[i];
    if (char === "\\") i++;
    else if (char === quote) return i + 1;
    else if (char === "\n" && quote !== "`") break;
  }
  return start + 1;
}

/** How a language writes what is put on a definition. */
export type DecoratorStyle = "@line" | "@" | "#[" | "[" | "[[";

/** Decorators, annotations or attributes that start at `index`, without their marks, and where the rest begins. */
export function readDecorators(
  text: string,
  index: number,
  { style, comments }: { style: DecoratorStyle; comments: CommentStyle },
): { decorators: string[]; end: number } {
  const decorators: string[] = [];
  const mark = style === "@line" ? "@" : style;
  let end = index;
  while (text.startsWith(mark, end) && !text.startsWith("@interface", end)) {
    const start = end + mark.length;
    if (style === "@line") end = endOfLogicalLine(text, start);
    else if (style === "@") end = endOfAnnotation(text, start);
    else end = closeOf(text, start - (mark === "[[" ? 2 : 1));
    const inner = style === "[[" ? end - 2 : mark.endsWith("[") ? end - 1 : end;
    decorators.push(collapse(text.slice(start, inner), 200));
    end = skipComments(text, end, comments);
  }
  return { decorators, end };
}

/** `name.path<T>(arguments)`, the part after an `@`. */
function endOfAnnotation(text: string, start: number): number {
  let end = start;
  while (
    end < text.length &&
    (isIdentifierCode(text.charCodeAt(end)) || text[end] === "." || text[end] === ":")
  )
    end++;
  return text[end] === "(" ? closeOf(text, end) : end;
}

/** End of the line, or of the line on which the last open bracket closes. */
function endOfLogicalLine(text: string, start: number): number {
  const stop = Math.min(text.length, start + headLimit);
  for (let i = start; i < stop; i++) {
    const char = text[i]!;
    if (char === "\n" || char === "#") return i;
    if (isOpening(text.charCodeAt(i))) i = closeOf(text, i, { comment: "#" }) - 1;
  }
  return stop;
}

/** White space and comments between decorators and what they decorate; a directive counts as a comment. */
export function skipComments(text: string, from: number, { line, block }: CommentStyle): number {
  let index = skipSpace(text, from);
  for (;;) {
    const isLine =
      line.some((mark) => text.startsWith(mark, index)) || (text[index] === "#" && text[index + 1] !== "[");
    const mark = isLine ? "\n" : block && text.startsWith(block[0], index) ? block[1] : undefined;
    const end = mark === undefined ? -1 : text.indexOf(mark, index + 1);
    if (mark === undefined || end < 0) return index;
    index = skipSpace(text, end + mark.length);
  }
}

/** `geometry.Measured<T>`, `App\Models\User`, `detail::Counted<X>(…)`: the path, without what is in brackets. */
export function basePath(text: string): string {
  const plain = withoutGenerics(text);
  const cut = plain.search(/[<([{]/);
  return (cut < 0 ? plain : plain.slice(0, cut)).replace(/\s+/g, " ").trim();
}

/** The bare name of a base or module, without path and arguments. */
export function baseName(text: string): string {
  const path = basePath(text);
  return path
    .slice(Math.max(path.lastIndexOf("."), path.lastIndexOf(":"), path.lastIndexOf("\\")) + 1)
    .trim();
}

/** Index of the `(` that follows a name and its type parameters, before `stop`; -1 when there is none. */
export function openingAfter(text: string, nameEnd: number, stop: number): number {
  let at = skipSpace(text, nameEnd);
  if (text[at] === "<" || text[at] === "[") {
    let depth = 0;
    for (; at < stop; at++) {
      const char = text[at];
      if (char === "<" || char === "[") depth++;
      else if (char === "]" || (char === ">" && !/[-=]/.test(text[at - 1]!))) {
        if (--depth === 0) break;
      }
    }
    at = skipSpace(text, at + 1);
  }
  return at < stop && text[at] === "(" ? at : -1;
}

/** A head without what stands in `<…>`: what is left can be split at commas and words. */
export function withoutGenerics(head: string): string {
  let text = head.replace(/[-=]>/g, " ");
  for (let i = 0; i < 8 && text.includes("<"); i++) {
    const shorter = text.replace(/<[^<>]*>/g, "");
    if (shorter === text) break;
    text = shorter;
  }
  return text;
}
