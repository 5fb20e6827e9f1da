/**
 * What an argument list is given to, read backwards from the text before it: the name, and the receiver in front of
 * it. Every step back is bounded, because a broken file can hold anything. Used by walk.ts and the language files.
 */
import { identifierEndingAt, isIdentifierCode, skipSpaceBack } from "./head.ts";
import type { LanguageRow } from "./language-table.ts";

export type CallStyle = Pick<
  LanguageRow,
  "notCalled" | "marksInNames" | "typesInBrackets" | "joints" | "cascades"
>;

export interface Callee {
  name: string;
  nameStart: number;
  receiver: string;
  /** First character of the receiver, or of the name. */
  start: number;
  isNew: boolean;
}

/** Where the argument lists seen so far open, by where they end: matching them again would cost time. */
export type KnownLists = ReadonlyMap<number, number>;

export interface Reading {
  style: CallStyle;
  lists: KnownLists;
}

const farthest = 600;
/** A chain of more is cut: its beginning says little. */
const longestReceiver = 100;

/** Undefined where what is called has no name (`handlers[i](x)`), or the word before the list is none that is called. */
export function calleeAt(text: string, index: number, reading: Reading): Callee | undefined {
  const { style } = reading;
  const end = nameEnd(text, index, style);
  const name = nameEndingAt(text, end, style);
  if (name === "") return undefined;
  const nameStart = end - name.length;
  const { receiver, start } = receiverBefore(text, nameStart, reading);
  if (receiver === "" && style.notCalled?.has(name)) return undefined;
  const isNew = isWordBefore(text, start, "new");
  const isMade = isNew && receiver.includes("()");
  return { name, nameStart, receiver: isMade ? `new ${receiver}` : receiver, start, isNew: isNew && !isMade };
}

/** The end of the name before an argument list: `?.`, `!` and type arguments in between are passed over. */
function nameEnd(text: string, index: number, style: CallStyle): number {
  let end = skipSpaceBack(text, index);
  if (text.startsWith("?.", end - 2)) end -= 2; // foo?.(x)
  const last = text[end - 1];
  const isTypes = last === ">" || (last === "]" && style.typesInBrackets && isTypeList(text, end - 1));
  if (isTypes) {
    const open = openBefore(text, end - 1);
    if (open < 0) return 0;
    end = text.startsWith("::", open - 2) ? open - 2 : open; // parse::<i32>(x)
    end = skipSpaceBack(text, end);
  }
  if (!style.marksInNames && (text[end - 1] === "!" || text[end - 1] === "?")) {
    while (text[end - 1] === "!" || text[end - 1] === "?") end--; // foo!(x)
  }
  return end;
}

/** `Map[string](x)` names a type in brackets; `handlers[i](x)`, `handlers["a"](x)` do not. */
function isTypeList(text: string, close: number): boolean {
  const open = openBefore(text, close);
  if (open < 0) return false;
  return /^\[(?:[\w.]*\.)?[[*\s]*(?:[A-Z]|map\[|chan |func\(|\]|(?:u?int(?:8|16|32|64)?|string|bool|byte|rune|float(?:32|64)|error|any)\b)/.test(
    text.slice(open, close + 1),
  );
}

function nameEndingAt(text: string, end: number, style: CallStyle): string {
  const mark = text[end - 1];
  if (style.marksInNames && (mark === "!" || mark === "?")) {
    const word = identifierEndingAt(text, end - 1);
    return word === "" ? "" : word + mark;
  }
  const word = identifierEndingAt(text, end);
  const isPrivate = word !== "" && text[end - word.length - 1] === "#";
  return isPrivate ? `#${word}` : word;
}

const isWordBefore = (text: string, index: number, word: string): boolean => {
  const end = skipSpaceBack(text, index);
  return (
    text.startsWith(word, end - word.length) && !isIdentifierCode(text.charCodeAt(end - word.length - 1))
  );
};

const dot = ["."];

/** `self.store`, `open().lines[]`, `new Foo()`: the chain in front of the name at `nameStart`; "" when there is none. */
export function receiverBefore(
  text: string,
  nameStart: number,
  reading: Reading,
): { receiver: string; start: number } {
  const parts: string[] = [];
  let length = 0;
  let start = nameStart;
  while (length < longestReceiver) {
    const end = skipTypes(text, skipSpaceBack(text, start));
    const separator = separatorEnding(text, end, reading.style);
    if (separator === undefined || isComment(text, end, start)) break;
    const before = end - separator.length;
    if (isRoot(text, separator, before)) {
      parts.push(separator);
      start = before;
      break;
    }
    const operandEnd = skipSpaceBack(text, before);
    if (isComment(text, operandEnd, before)) {
      parts.push("()");
      break;
    }
    const operand = operandEnding(text, operandEnd, reading);
    if (parts.length > 0) parts.push(separator);
    parts.push(operand.written);
    length += operand.written.length + 2;
    if (operand.start < 0) break;
    start = operand.start;
  }
  return { receiver: parts.reverse().join(""), start };
}

/** `this.<T>make(x)`: type arguments before a name. */
function skipTypes(text: string, end: number): number {
  if (text[end - 1] !== ">" || text[end - 2] === "-") return end;
  const open = openBefore(text, end - 1);
  return open > 0 && text[open - 1] === "." ? open : end;
}

/** `::f()`, `\\f()`: the name starts at the root, and what stands before it is another word. */
const isRoot = (text: string, separator: string, before: number): boolean =>
  (separator === "::" || separator === "\\") && !/[\w>)\]]/.test(text[before - 1] ?? "");

/** True when a line ends between these places, and with a comment: what ends it is no code. */
function isComment(text: string, from: number, to: number): boolean {
  const newline = text.indexOf("\n", from);
  if (newline < 0 || newline >= to) return false;
  const line = text.slice(Math.max(text.lastIndexOf("\n", from - 1) + 1, from - 200), from);
  return /\/\/|#|--|^\s*\*|\*\/$/.test(line);
}

function separatorEnding(text: string, end: number, style: CallStyle): string | undefined {
  const found = (style.joints ?? dot).find((one) => text.startsWith(one, end - one.length));
  if (found !== ".") return found;
  // `...list()` and `0..end()` are no chains; `list..add(x)` in Dart is one.
  if (text[end - 2] === "." && (!style.cascades || text[end - 3] === ".")) return undefined;
  // `f . g x` composes.
  return text[end] === " " && text[end - 2] === " " ? undefined : found;
}

/** One part of a chain: a name with the brackets after it. `start` is -1 where what stands before is not read. */
function operandEnding(
  text: string,
  from: number,
  { style, lists }: Reading,
): { written: string; start: number } {
  let written = "";
  let end = from;
  for (let i = 0; i < 10; i++) {
    const last = text[end - 1];
    if (last === "!" || last === "?") end--;
    else if (last === ")" || last === "]" || last === ">") {
      const open = (last === ")" ? lists.get(end) : undefined) ?? openBefore(text, end - 1);
      if (open < 0) return { written: `()${written}`, start: -1 };
      if (last !== ">") written = (last === ")" ? "()" : "[]") + written;
      end = skipSpaceBack(text, text.startsWith("::", open - 2) && last === ">" ? open - 2 : open);
    } else break;
  }
  const last = text[end - 1];
  if (last === '"' || last === "'" || last === "`") return { written: `""${written}`, start: -1 };
  const word = identifierEndingAt(text, end);
  const isKeyword = written !== "" && style.notCalled?.has(word); // return (a).b()
  if (word === "" || isKeyword)
    return { written: written === "" ? "()" : written, start: written === "" ? -1 : end };
  let start = end - word.length;
  const sigil = style.marksInNames ? "@" : "#"; // Ruby's @store, JavaScript's #store
  while (text[start - 1] === sigil) start--;
  return { written: text.slice(start, end) + written, start };
}

/** Index of the bracket that opens what closes at `close`; -1 when there is none near. The arrow `=>` closes nothing. */
function openBefore(text: string, close: number): number {
  const closing = text[close]!;
  const opening = closing === ">" ? "<" : closing === "]" ? "[" : "(";
  let depth = 0;
  for (let i = close; i >= 0 && i > close - farthest; i--) {
    if (text[i] === closing && !(closing === ">" && (text[i - 1] === "=" || text[i - 1] === "-"))) depth++;
    else if (text[i] === opening && --depth === 0) return i;
  }
  return -1;
}
