/** Ruby: classes, modules, methods, constants, attributes, mixins; `require` and its relatives. */
import type { Node } from "web-tree-sitter";
import { hashComments } from "../comments.ts";
import { baseName, calleeBefore, identifierAt, skipSpaceBack } from "../head.ts";
import type { Rules } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { macroCall } from "./ruby-macros.ts";
import { readRubyParameters } from "./ruby-parameters.ts";

export const ruby: Rules = {
  comments: { ...hashComments, block: ["=begin", "=end"] },
  visits: {
    class: defineType,
    module: defineType,
    singleton_class: openSingleton,
    method: defineMethod,
    singleton_method: defineSingletonMethod,
    assignment: defineConstants,
    operator_assignment: defineConstants,
    call,
    block: callWithBlock,
    do_block: callWithBlock,
  },
  branches: [
    "if",
    "elsif",
    "unless",
    "while",
    "until",
    "for",
    "when",
    "in_clause",
    "rescue",
    "conditional",
    "if_modifier",
    "unless_modifier",
    "while_modifier",
    "until_modifier",
    "rescue_modifier",
    "&&",
    "||",
    "and",
    "or",
  ],
  calls: ["argument_list"],
};

/** `class A::B < Base::C`, `module A::B`: what stands before the last `::` is the container. */
function defineType(node: Node, walk: Walk): void {
  const { text } = walk;
  const name = node.childForFieldName("name");
  if (!name) return;
  const superclass = node.childForFieldName("superclass");
  const nameEnd = name.endIndex;
  const written = text.slice(name.startIndex, nameEnd).replace(/^::/, "");
  const cut = written.lastIndexOf("::");
  const entity = walk.define({
    type: text.startsWith("module", node.startIndex) ? "module" : "class",
    name: cut < 0 ? written : written.slice(cut + 2),
    start: node.startIndex,
    end: node.endIndex,
    nameStart: nameEnd - (cut < 0 ? written.length : written.length - cut - 2),
    headEnd: superclass?.endIndex ?? nameEnd,
    opens: "type",
    ...(cut > 0 && { container: walk.qualify(written.slice(0, cut)) }),
  });
  if (!entity || !superclass) return;
  const base = text.slice(superclass.startIndex + 1, superclass.endIndex).trim();
  // `Struct.new(:x)`, `Data.define(:x)`: a class made on the spot.
  walk.relateBase(entity, "extends", base.replace(/\.(?:new|define)\b[\s\S]*$/, ""));
}

/** What is in `class << self` belongs to the class. */
function openSingleton(node: Node, walk: Walk): void {
  walk.open({ kind: "type", qualified: walk.scope.qualified, end: node.endIndex });
}

function defineMethod(node: Node, walk: Walk): void {
  define(node, walk);
}

/** `def self.make`; `def Other.make` belongs to `Other`. */
function defineSingletonMethod(node: Node, walk: Walk): void {
  const object = node.childForFieldName("object");
  if (!object) return;
  const owner = walk.text.slice(object.startIndex, object.endIndex);
  const { qualified } = walk.scope;
  const isOther = /^[A-Z][\w:]*$/.test(owner) && `.${qualified}`.endsWith(`.${owner}`) === false;
  define(node, walk, isOther ? walk.qualify(owner) : undefined);
}

function define(node: Node, walk: Walk, container?: string): void {
  const { text } = walk;
  const name = node.childForFieldName("name");
  if (!name) return;
  const list = node.childForFieldName("parameters");
  const nameStart = name.startIndex;
  const nameEnd = name.endIndex;
  const listEnd = list?.endIndex ?? nameEnd;
  walk.define({
    type: walk.inType || container !== undefined ? "method" : "function",
    name: text.slice(nameStart, nameEnd),
    start: modifierStart(walk, node.startIndex),
    end: node.endIndex,
    nameStart,
    headEnd: listEnd,
    opens: "function",
    parameters: readRubyParameters(list ? text.slice(list.startIndex, listEnd) : ""),
    ...(container !== undefined && { container }),
  });
}

/** `private def x`: the line starts with the word that is given the method. */
function modifierStart(walk: Walk, start: number): number {
  const lineStart = walk.lineStart(walk.lineOf(start));
  const before = walk.text.slice(lineStart, Math.min(start, lineStart + 200));
  return /^[ \t]*(?:\w+[ \t]+)+$/.test(before) ? lineStart + before.search(/\w/) : start;
}

/** `MAX = 1`, `A, B = 1, 2`, `$debug = true` outside of methods; a constant that holds a new class is one. */
function defineConstants(node: Node, walk: Walk): void {
  if (!walk.atModuleLevel) return;
  const { text } = walk;
  const start = node.startIndex;
  if (!/[A-Z$:]/.test(text[start]!)) return;
  const end = node.endIndex;
  const statement = text.slice(start, Math.min(end, start + 2000));
  const made = /^([A-Z]\w*)\s*=\s*(?:::)?(Struct|Class|Module|Data)\.(?:new|define)\b(?:\(\s*([A-Z][\w:]*))?/.exec(
    statement,
  );
  if (made) return defineMade(walk, { name: made[1]!, kind: made[2]!, base: made[3], start, end });
  const names = /^[$A-Z:][\w:]*(?:\s*,\s*\*?[$A-Z][\w:]*)*(?=\s*(?:\|\||&&)?=)/.exec(statement)?.[0] ?? "";
  for (const { 0: name, index } of names.matchAll(/[$A-Z][\w:]*/g)) {
    walk.define({ type: "variable", name, start, end, nameStart: start + index, headEnd: end });
  }
}

/** `Point = Struct.new(:x) do … end`, `Oops = Class.new(StandardError)` */
function defineMade(
  walk: Walk,
  made: { name: string; kind: string; base: string | undefined; start: number; end: number },
): void {
  const { name, kind, base, start, end } = made;
  const lineEnd = walk.text.indexOf("\n", start);
  const entity = walk.define({
    type: kind === "Module" ? "module" : "class",
    name,
    start,
    end,
    nameStart: start,
    headEnd: lineEnd < 0 ? end : Math.min(end, lineEnd),
    opens: "type",
  });
  if (!entity) return;
  if (kind !== "Class") walk.relateBase(entity, "extends", kind === "Module" ? "" : kind);
  else if (base !== undefined) walk.relateBase(entity, "extends", baseName(base));
}

/** `require "x"` and the like; and a call that ends with its name: `list.first`. Others are found by their arguments. */
function call(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const end = node.endIndex;
  if (macroCall(walk, { word: identifierAt(text, start), start, end })) return;
  const name = calleeBefore(text, end);
  if (/^[a-z_]/i.test(name) && text[end - name.length - 1] === ".") walk.callTo(name, end - name.length);
}

/** `list.each do |x|`, `loop {`: a call without arguments. */
function callWithBlock(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const before = skipSpaceBack(walk.text, start);
  if (/[\w?!]/.test(walk.text[before - 1] ?? "")) walk.call(start);
}
