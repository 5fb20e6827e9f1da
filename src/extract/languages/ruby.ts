/** Ruby: modules, classes, methods, constants, attributes, and what is declared by calling (`require`, `include`). */
import type { Node } from "web-tree-sitter";
import type { EntityType, Parameter } from "../../model/outline.ts";
import { hashComments } from "../comments.ts";
import { collapse, identifierAt } from "../head.ts";
import { splitArguments, splitTop } from "../parameters.ts";
import type { Rules } from "../rules.ts";
import type { Walk } from "../walk.ts";

export const ruby: Rules = {
  comments: hashComments,
  visits: {
    module: (node, walk) => defineType(node, walk, "module"),
    class: (node, walk) => defineType(node, walk, "class"),
    singleton_class: openSingleton,
    method: defineMethod,
    singleton_method: defineMethod,
    alias: defineAlias,
    assignment: defineConstants,
    call: readCall,
  },
  branches: [
    "if",
    "unless",
    "elsif",
    "while",
    "until",
    "for",
    "if_modifier",
    "unless_modifier",
    "while_modifier",
    "until_modifier",
    "rescue",
    "rescue_modifier",
    "when",
    "in_clause",
    "conditional",
    "&&",
    "||",
    "and",
    "or",
  ],
  calls: [],
};

/** `class A::B < Base`: named `B`, contained in `A`. A module's functions are methods, too. */
function defineType(node: Node, walk: Walk, type: EntityType): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const { text } = walk;
  const nameEnd = name.endIndex;
  const path = text.slice(name.startIndex, nameEnd).split("::");
  const written = path.pop()!;
  const base = node.childForFieldName("superclass");
  const headEnd = base?.endIndex ?? nameEnd;
  const entity = walk.define({
    type,
    name: written,
    start: node.startIndex,
    end: node.endIndex,
    nameStart: nameEnd - written.length,
    headEnd,
    opens: "type",
    ...(path.length > 0 && { container: walk.qualify(path.join(".")) }),
  });
  if (!entity || !base) return;
  // `Struct.new(:x)`, `Data.define(:x)`: a class made on the spot.
  const superclass = text.slice(base.startIndex + 1, headEnd).replace(/\.(?:new|define)\b[\s\S]*$/, "");
  walk.relateBase(entity, "extends", superclass);
}

/** `class << self`: its methods are the class's. */
function openSingleton(node: Node, walk: Walk): void {
  const { qualified, owner } = walk.scope;
  walk.open({ kind: "type", qualified, owner, end: node.endIndex });
}

function defineMethod(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const { text } = walk;
  const nameStart = name.startIndex;
  const nameEnd = name.endIndex;
  const list = node.childForFieldName("parameters");
  const headEnd = list?.endIndex ?? nameEnd;
  startWithModifier(walk, node.startIndex);
  walk.define({
    type: walk.inType ? "method" : "function",
    name: text.slice(nameStart, nameEnd),
    start: node.startIndex,
    end: node.endIndex,
    nameStart,
    headEnd,
    opens: "function",
    parameters: list ? readParameters(text.slice(list.startIndex, headEnd)) : [],
  });
}

/** `private def x`: the word before the method belongs to it, and the comment above the line is its doc comment. */
function startWithModifier(walk: Walk, start: number): void {
  const lineStart = walk.lineStart(walk.lineOf(start));
  const before = /^[ \t]*(?=(?:[a-z_]+[ \t]+)+$)/.exec(
    walk.text.slice(lineStart, Math.min(start, lineStart + 200)),
  );
  if (before) walk.startWith(lineStart + before[0].length, start);
}

/** `(a, b = 0, *rest, key: 1, other:, &block)`, with or without the brackets. */
function readParameters(list: string): Parameter[] {
  const parts = list.startsWith("(") ? splitArguments(list, 0, { comment: "#" }) : splitTop(list, ",");
  return parts.map((part) => {
    const match = /^((?:\*{1,2}|&)?\w+|\*{1,2}|&)(:?)\s*(?:=\s*)?([\s\S]*)$/.exec(part);
    const [, name = part, , value = ""] = match ?? [];
    return value === "" ? { name } : { name, default: collapse(value, 200) };
  });
}

/** `alias new old`, `alias :new :old` */
function defineAlias(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const at = name.startIndex + (walk.text[name.startIndex] === ":" ? 1 : 0);
  defineNamed(walk, { node, name: walk.text.slice(at, name.endIndex), at });
}

function defineNamed(walk: Walk, { node, name, at }: { node: Node; name: string; at: number }): void {
  const type = walk.inType ? "method" : "function";
  const end = node.endIndex;
  walk.define({
    type,
    name,
    start: node.startIndex,
    end,
    nameStart: at,
    headEnd: walk.text.indexOf("\n", at),
  });
}

/** Constants, and `$globals` of the file. Other variables live in what they are assigned in. */
function defineConstants(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  if (!walk.atModuleLevel || !/[A-Z$]/.test(text[start]!)) return;
  const end = node.endIndex;
  const left = node.childForFieldName("left");
  if (!left) return;
  const names = /^\$?\w+(?:\s*,\s*\$?\w+)*$/.exec(text.slice(start, left.endIndex))?.[0];
  if (names !== undefined && defineMade(node, walk, names)) return;
  let at = start;
  for (const name of names?.match(/\$?\w+/g) ?? []) {
    at = text.indexOf(name, at);
    walk.define({ type: "variable", name, start, end, nameStart: at, headEnd: end });
    at += name.length;
  }
}

/** `Error = Class.new(StandardError)`, `Point = Struct.new(:x) do … end`: a class made on the spot. */
function defineMade(node: Node, walk: Walk, name: string): boolean {
  const right = node.childForFieldName("right");
  if (!right) return false;
  const { text } = walk;
  const value = text.slice(right.startIndex, Math.min(right.endIndex, right.startIndex + 200));
  const made = /^(?:(Struct|Class|Module)\.new|(Data)\.define)\b\s*(?:\(\s*((?:::)?[A-Z][\w:]*))?/.exec(
    value,
  );
  if (!made) return false;
  const start = node.startIndex;
  const end = node.endIndex;
  const type = made[1] === "Module" ? "module" : "class";
  const block = right.childForFieldName("block")?.startIndex;
  const found = { type, name, start, end, nameStart: start, headEnd: block ?? end } as const;
  const entity = walk.define({ ...found, ...(block !== undefined && { opens: "type" }) });
  if (entity && type === "class") walk.relateBase(entity, "extends", made[3] ?? made[1] ?? made[2]!);
  return true;
}

const loads = new Set(["require", "require_relative", "load", "autoload"]);
const attributes = new Set(["attr_reader", "attr_writer", "attr_accessor"]);
const mixins = new Set(["include", "extend", "prepend"]);
const methodMakers = new Set(["define_method", "alias_method"]);

/** Much of what other languages declare with keywords is a call in Ruby. */
function readCall(node: Node, walk: Walk): void {
  const method = node.childForFieldName("method");
  if (!method) return;
  const start = method.startIndex;
  const name = methodName(walk.text, start);
  if (loads.has(name)) importFile(node, walk, start);
  else if (attributes.has(name) && walk.inType) defineAttributes(node, walk);
  else if (mixins.has(name) && walk.inType) mixIn(node, walk, start + name.length);
  else if (methodMakers.has(name)) defineByCall(node, walk, start + name.length);
  else walk.callTo(name, start, node.childForFieldName("arguments")?.namedChildCount ?? 0);
}

/** `empty?`, `save!` */
function methodName(text: string, start: number): string {
  const word = identifierAt(text, start);
  const mark = text[start + word.length];
  return (mark === "?" || mark === "!") && text[start + word.length + 1] !== "=" ? word + mark : word;
}

function importFile(node: Node, walk: Walk, start: number): void {
  const end = node.endIndex;
  const signature = collapse(walk.text.slice(start, end));
  const module = /["']([^"'#]+)["']/.exec(signature)?.[1];
  if (module !== undefined && start === node.startIndex) {
    walk.importName({ name: module, module, signature, start, end, star: true });
  }
}

/** `attr_reader :total, :name` */
function defineAttributes(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  for (const match of walk.text.slice(start, end).matchAll(/[:"'](\w+)/g)) {
    walk.define({
      type: "variable",
      name: match[1]!,
      start,
      end,
      nameStart: start + match.index + 1,
      headEnd: end,
    });
  }
}

function mixIn(node: Node, walk: Walk, from: number): void {
  for (const [path] of walk.text.slice(from, node.endIndex).matchAll(/(?:\w+::)*[A-Z]\w*/g))
    walk.relateOuter("implements", path, node.startIndex);
}

/** `define_method(:name) { … }`, `alias_method :new, :old` */
function defineByCall(node: Node, walk: Walk, from: number): void {
  const match = /^\s*\(?\s*[:"']+([\w?!=]+)/.exec(walk.text.slice(from, from + 200));
  if (match) defineNamed(walk, { node, name: match[1]!, at: from + match[0].length - match[1]!.length });
}
