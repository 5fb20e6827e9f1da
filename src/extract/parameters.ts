/**
 * Parameter lists, read from the text of a definition's head: no tree node is visited for them.
 * Used by the language files; each picks the style its declarations are written in.
 */

import type { Parameter } from "../model/outline.ts";
import { allQuotes, closeOf, collapse, endOfComment, endOfQuote, headLimit, type Reading } from "./head.ts";

/**
 * `named`: `name: Type = value` (Python, TypeScript, Rust, Kotlin, Swift, Scala).
 * `typed`: `Type name = value` (Java, C, C++, C#, PHP, Dart).
 * `go`: `a, b Type`.
 */
export type ParameterStyle = "named" | "typed" | "go";

export interface ParameterSyntax extends Reading {
  style: ParameterStyle;
  /** In the `typed` style: a word alone is a name, not a type. */
  untyped?: boolean;
  /** Words before a parameter that say nothing about its name or type: `final`, `private`, `vararg`. */
  modifiers?: ReadonlySet<string>;
}

/** What stands in the brackets that open at `open`, split at the commas on its top level, comments removed. */
export function splitArguments(text: string, open: number, reading: Reading = {}): string[] {
  const inside = text.slice(open + 1, closeOf(text, open, reading) - 1);
  return splitTop(withoutComments(inside, reading), ",", reading.quotes);
}

/** A blank in place of each comment; what looks like one in quotes stays. */
function withoutComments(text: string, { quotes = allQuotes, comment = "//" }: Reading): string {
  if (!text.includes(comment) && !text.includes("/*")) return text;
  let kept = "";
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (quotes.includes(text[i]!)) i = endOfQuote(text, i, text.length) - 1;
    else if (text[i] === comment[0]) {
      const end = endOfComment(text, i, comment);
      if (end === i) continue;
      kept += `${text.slice(from, i)} `;
      from = end;
      i = end - 1;
    }
  }
  return kept + text.slice(from);
}

/** `text` split at `separator` where no bracket or quote is open; blank parts are dropped, the others trimmed. */
export function splitTop(text: string, separator: string, quotes = allQuotes): string[] {
  const parts: string[] = [];
  let start = 0;
  while (start < text.length) {
    const end = nextTop(text, separator, { from: start, quotes });
    parts.push(text.slice(start, end).trim());
    start = end + 1;
  }
  return parts.filter((part) => part !== "");
}

/** Index of the next `separator` outside brackets and quotes at or after `from`; the text's length when there is none. */
export function nextTop(text: string, separator: string, { from = 0, quotes = allQuotes } = {}): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const char = text[i]!;
    if (char === separator && depth <= 0) return i;
    if (quotes.includes(char)) i = endOfQuote(text, i, text.length) - 1;
    else if (opensBracket(text, i)) depth++;
    else if (closesBracket(text, i)) depth--;
    else if (char === "l" && separator === "," && startsLambda(text, i))
      i = nextTop(text, ":", { from: i, quotes });
  }
  return text.length;
}

/** `lambda a, b: …` as a value: its commas separate its own parameters. */
function startsLambda(text: string, i: number): boolean {
  return (
    /^lambda\s+[\w*]/.test(text.slice(i, i + 20)) && !/[\w.]\s*$/.test(text.slice(Math.max(0, i - 8), i))
  );
}

/** `<` opens a bracket only right after a name or `::`; elsewhere it compares. */
function opensBracket(text: string, i: number): boolean {
  const char = text[i]!;
  return (
    char === "(" ||
    char === "[" ||
    char === "{" ||
    (char === "<" && text[i + 1] !== "-" && /[\w:.$*]/.test(text[i - 1] ?? ""))
  );
}

function closesBracket(text: string, i: number): boolean {
  const char = text[i]!;
  const before = text[i - 1];
  const angle = char === ">" && before !== "-" && before !== "=" && before !== " ";
  return char === ")" || char === "]" || char === "}" || angle;
}

/** Where a parameter list opens (-1 when there is none), and where the head ends that it stands in. */
export interface ListPlace {
  open: number;
  stop: number;
}

/** Longer lists are made by machines. */
const maxParameters = 1000;

/** The parameters in the brackets at `open`. */
export function readParameters(
  text: string,
  { open, stop }: ListPlace,
  syntax: ParameterSyntax,
): Parameter[] {
  if (open < 0 || open >= stop) return [];
  const parts = splitArguments(text.slice(open, stop), 0, syntax).slice(0, maxParameters);
  if (syntax.style === "go") return goParameters(parts);
  const read = syntax.style === "named" ? namedParameter : typedParameter;
  return parts.map((part) => read(part, syntax)).filter((one) => one !== undefined);
}

const quotesOf = ({ quotes = allQuotes }: ParameterSyntax): { quotes: string } => ({ quotes });

function namedParameter(part: string, syntax: ParameterSyntax): Parameter | undefined {
  const { left, value } = splitDefault(withoutModifiers(part, syntax), syntax);
  if (left === "*" || left === "/") return undefined;
  const colon = nextTop(left, ":", quotesOf(syntax));
  const type = left.slice(colon + 1).trim();
  const name = left.slice(0, colon).trim();
  return parameter(type ? name.replace(/\?$/, "") : name, type, value);
}

function typedParameter(part: string, syntax: ParameterSyntax): Parameter | undefined {
  const { left, value } = splitDefault(withoutModifiers(part, syntax), syntax);
  // `int (*accept)(int)`: the name stands in the brackets; `char **argv`, `int values[]`, `String... names`, `&$left`.
  const inner = /\(\s*[*&^]+\s*(\w+)\s*(?:\[[^\]]*\]\s*)*\)/.exec(left);
  if (inner) return parameter(inner[1]!, collapse(left.replace(inner[1]!, ""), 200), value);
  // `bool test(T value)`: a function, named before its own list.
  const called = /^([\w$<>?,.:*&\s]*[\s*&])(\w+)\s*(\([^()]*\)\??)$/.exec(left);
  if (called && !/^(?:Function|const|noexcept)$/.test(called[2]!))
    return parameter(called[2]!, collapse(called[1] + called[3]!, 200), value);
  const match = /([$\w]+)\s*((?:\[[^\]]*\]\s*)*)$/.exec(left);
  const before = match ? left.slice(0, match.index).trim() : "";
  if (left === "...") return parameter("...", "", undefined);
  if (!match || before.endsWith("::") || /^(?:const|volatile|restrict)$/.test(match[1]!))
    return unnamed(left, value);
  if (match[1]!.startsWith("$")) return phpParameter(match[1]!.slice(1), before, value);
  if (before === "" && syntax.untyped) return parameter(match[1]!, "", value);
  if (before === "" || /^(?:const|struct|enum|union)$/.test(before) || primitive.test(match[1]!)) {
    return unnamed(left, value);
  }
  return parameter(match[1]!, collapse(before + match[2]!, 200), value);
}

/** `?array &$left`, `int ...$values`: the marks belong to the name, as in `*args`. */
function phpParameter(name: string, before: string, value: string | undefined): Parameter {
  const marks = /(?:&|\.\.\.|\s)*$/.exec(before)![0];
  return parameter(marks.trim() + name, before.slice(0, before.length - marks.length), value);
}

const primitive = /^(?:int|char|long|short|double|float|void|bool|unsigned|signed|auto)$/;

/** `void f(int)`: a type without a name. `(x)` of an untyped language never comes here. */
const unnamed = (type: string, value: string | undefined): Parameter | undefined =>
  type === "void" ? undefined : parameter("", type, value);

/** `a, b int, rest ...string`: a name without a type takes the type of the next one that has one. */
function goParameters(parts: string[]): Parameter[] {
  const named = parts.some(
    (part) => /^\w+\s+\S/.test(part) && !/^(?:chan|func|map|struct|interface)\b/.test(part),
  );
  if (!named) return parts.map((type) => ({ name: "", type: collapse(type, 200) }));
  let type = "";
  return parts
    .reverse()
    .map((part) => {
      const space = part.search(/\s/);
      if (space > 0) type = collapse(part.slice(space), 200);
      return { name: space > 0 ? part.slice(0, space) : part, type };
    })
    .reverse();
}

function withoutModifiers(part: string, syntax: ParameterSyntax): string {
  let rest = part;
  for (;;) {
    const annotation = /^(?:@[\w.:]+|#(?=\[)|(?=\[))/.exec(rest);
    if (annotation && (annotation[0] !== "" || syntax.style === "typed")) {
      const end = annotation[0].length;
      rest = rest.slice(/[([]/.test(rest[end] ?? "") ? closeOf(rest, end) : end).trimStart();
      continue;
    }
    const word = /^(\w+)\s+(?=[^\s=:])/.exec(rest);
    if (!word || !syntax.modifiers?.has(word[1]!)) return rest;
    rest = rest.slice(word[0].length);
  }
}

/** Cuts at the first `=` that is no `==`, `=>`, `<=`. */
function splitDefault(part: string, syntax: ParameterSyntax): { left: string; value: string | undefined } {
  let at = nextTop(part, "=", quotesOf(syntax));
  while (at < part.length && (/[=>]/.test(part[at + 1] ?? "") || /[=!<>]/.test(part[at - 1] ?? ""))) {
    at = nextTop(part, "=", { from: at + 2, ...quotesOf(syntax) });
  }
  if (at >= part.length) return { left: part.trim(), value: undefined };
  return { left: part.slice(0, at).trim(), value: collapse(part.slice(at + 1), 200) };
}

function parameter(name: string, type: string, value: string | undefined): Parameter {
  const result: Parameter = { name: collapse(name, 100) };
  if (type) result.type = collapse(type, 200);
  if (value !== undefined) result.default = value;
  return result;
}

/**
 * The type after `mark` (`->`, `:`) that follows the brackets opening at `open`, up to `stop`; undefined when there
 * is none.
 */
export function returnAfter(
  text: string,
  { open, stop, mark, ...reading }: ListPlace & Reading & { mark: string },
): string | undefined {
  if (open < 0) return undefined;
  const close = closeOf(text.slice(open, stop), 0, reading) + open;
  const rest = text.slice(close, Math.min(stop, close + headLimit));
  const after = rest
    .replace(/^(?:\s|\b(?:async|throws|rethrows|const|noexcept|override|final)\b)+/, "")
    .trimEnd();
  if (!after.startsWith(mark)) return undefined;
  const written = after.slice(mark.length).replace(/\s*(?:=>|[{;:=])$/, "");
  const type = collapse(written.replace(/\s*\bwhere\b[\s\S]*$/, ""), 200);
  return type === "" ? undefined : type;
}

/** `a::{b, c::{d, self}}` said in full: `a::b`, `a::c::d`, `a::c::self`; at most 500, because groups multiply. */
export function expandGroups(path: string): string[] {
  const full: string[] = [];
  const open = [path];
  while (open.length > 0 && full.length < 500) {
    const one = open.pop()!;
    const brace = one.indexOf("{");
    if (brace < 0) full.push(one.trim());
    else
      open.push(
        ...splitArguments(one, brace)
          .map((part) => one.slice(0, brace).trimEnd() + part)
          .reverse(),
      );
  }
  return full;
}
