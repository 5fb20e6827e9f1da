/** Ruby calls that define or import something: `require`, `include`, `attr_reader`, `define_method`. Used by ruby.ts. */
import { collapse } from "../head.ts";
import type { Walk } from "../walk.ts";

interface Call {
  /** What the statement starts with. */
  word: string;
  start: number;
  /** Index after the last character. */
  end: number;
}

type Macro = (walk: Walk, call: Call) => void;

const macros = new Map<string, Macro>([
  ["require", requireFile],
  ["require_relative", requireFile],
  ["load", requireFile],
  ["autoload", requireFile],
  ["include", mixIn],
  ["extend", mixIn],
  ["prepend", mixIn],
  ["attr_reader", defineAttributes],
  ["attr_writer", defineAttributes],
  ["attr_accessor", defineAttributes],
  ["define_method", defineDynamic],
]);

/** True when the call was one of these: it is no call like others then. */
export function macroCall(walk: Walk, call: Call): boolean {
  const macro = macros.get(call.word);
  const after = walk.text[call.start + call.word.length];
  if (!macro || (after !== " " && after !== "(")) return false;
  macro(walk, call);
  return true;
}

const textOf = (walk: Walk, { start, end }: Call): string =>
  walk.text.slice(start, Math.min(end, start + 2000));

/** `require "a/b"`, `require_relative "b"`, `autoload :B, "a/b"`; a path that is worked out says nothing. */
function requireFile(walk: Walk, call: Call): void {
  const statement = textOf(walk, call);
  const path = /^\w+[ (]\s*(?::\w+,\s*)?(["'])((?:(?!\1)[^#\n])+)\1\s*\)?$/.exec(statement)?.[2];
  if (path === undefined) return;
  const module = call.word === "require_relative" && !path.startsWith(".") ? `./${path}` : path;
  const { start, end } = call;
  walk.importName({ name: path, module, signature: statement, start, end });
  walk.quietUntil(end);
}

/** `include A, B::C` in a class: it offers what the modules offer. */
function mixIn(walk: Walk, call: Call): void {
  const { kind, qualified } = walk.scope;
  if (kind !== "type" || qualified === "") return;
  const names = /^\w+[ (]\s*([A-Z:][\w:]*(?:\s*,\s*[A-Z:][\w:]*)*)\s*\)?$/.exec(textOf(walk, call))?.[1];
  if (names === undefined) return;
  const line = walk.lineOf(call.start) + 1;
  for (const name of names.split(",")) {
    const to = name.slice(name.lastIndexOf(":") + 1).trim();
    walk.relate({ type: "implements", from: qualified, to, line });
  }
  walk.quietUntil(call.end);
}

/** `attr_reader :a, :b`: one variable each. */
function defineAttributes(walk: Walk, call: Call): void {
  if (walk.scope.kind !== "type") return;
  const statement = textOf(walk, call);
  const { start, end } = call;
  for (const { 0: symbol, index } of statement.matchAll(/(?<![\w:]):"?\w+[?!]?/g)) {
    const name = symbol.replace(/^:"?/, "");
    const nameStart = start + index + symbol.length - name.length;
    walk.define({
      type: "variable",
      name,
      start,
      end,
      nameStart,
      headEnd: end,
      signature: collapse(statement),
    });
  }
  walk.quietUntil(end);
}

/** `define_method(:name) { |a| … }` in a class */
function defineDynamic(walk: Walk, call: Call): void {
  if (!walk.inType) return;
  const { start, end } = call;
  const head = /^\w+[ (]\s*:"?(\w+[?!=]?)"?\s*\)?/.exec(textOf(walk, call));
  if (!head) return;
  const nameStart = start + head[0].indexOf(":") + 1;
  walk.define({
    type: "method",
    name: head[1]!,
    start,
    end,
    nameStart,
    headEnd: start + head[0].length,
    opens: "function",
  });
  walk.quietUntil(start + head[0].length);
}
