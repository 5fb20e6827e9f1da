/** Dart: classes, mixins, extensions, functions, members, variables, imports. */
import type { Node } from "web-tree-sitter";
import type { Entity, EntityType, Parameter } from "../../model/outline.ts";
import { slashComments } from "../comments.ts";
import { collapse, identifierAt, isBlank, skipSpace } from "../head.ts";
import { type ParameterSyntax, readParameters, splitArguments } from "../parameters.ts";
import type { Rules, Visit } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { defineNode, relateBases } from "./define.ts";

const syntax: ParameterSyntax = {
  style: "typed",
  untyped: true,
  modifiers: new Set(["required", "final", "covariant", "const", "var"]),
};

export const dart: Rules = {
  comments: slashComments,
  decorators: "@",
  visits: {
    annotation: (node, walk) => {
      walk.attribute(node.startIndex, node.endIndex);
      walk.quietUntil(node.endIndex);
    },
    library_import: importLibrary,
    library_export: exportLibrary,
    part_directive: (node, walk) => walk.importFrom(uriOf(node, walk), node.startIndex),
    class_definition: typeVisit("class"),
    mixin_declaration: defineMixin,
    enum_declaration: typeVisit("enum"),
    extension_declaration: defineExtension,
    extension_type_declaration: typeVisit("class"),
    enum_constant: defineConstant,
    switch_expression_case: countCase,
    type_alias: defineAlias,
    function_signature: defineSignature,
    getter_signature: defineSignature,
    setter_signature: defineSignature,
    operator_signature: defineOperator,
    constructor_signature: defineConstructor,
    factory_constructor_signature: defineConstructor,
    constant_constructor_signature: defineConstructor,
    redirecting_factory_constructor_signature: defineConstructor,
    function_body: openBody,
    static_final_declaration: defineVariable,
    initialized_identifier: defineVariable,
  },
  branches: [
    "if_statement",
    "for_statement",
    "while_statement",
    "do_statement",
    "catch_clause",
    "switch_statement_case",
    "for_element",
    "if_element",
    "conditional_expression",
    "&&",
    "||",
    "??",
  ],
  calls: ["arguments"],
};

function typeVisit(type: EntityType): Visit {
  return (node, walk) => {
    const found = defineNode(node, walk, { type, opens: "type" });
    if (found) relateBases(walk, found);
  };
}

/** `mixin Logged on Base { … }` has no field for its name. */
function defineMixin(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const end = node.endIndex;
  const nameStart = skipSpace(
    text,
    start + Math.max(0, text.slice(start, end).search(/\bmixin\b/)) + "mixin".length,
  );
  const name = identifierAt(text, nameStart);
  const headEnd = text.indexOf("{", nameStart);
  const entity = walk.define({ type: "class", name, start, end, nameStart, headEnd, opens: "type" });
  if (entity) relateBases(walk, { entity, nameEnd: nameStart + name.length, headEnd });
}

/** What an extension without a name adds belongs to the type it extends. */
function defineExtension(node: Node, walk: Walk): void {
  if (defineNode(node, walk, { type: "class", opens: "type" })) return;
  const type = node.childForFieldName("class");
  if (!type) return;
  const qualified = walk.qualify(identifierAt(walk.text, type.startIndex));
  walk.open({ kind: "type", qualified, owner: qualified, end: node.endIndex });
}

/** `low(1)` of an enum: a constant, and no call. */
function defineConstant(node: Node, walk: Walk): void {
  const found = defineNode(node, walk, { type: "variable" });
  if (found) walk.quietUntil(found.nameEnd + 1);
}

/** `_ => x` is what is left, no decision. */
function countCase(node: Node, walk: Walk): void {
  if (!/^_\s*=>/.test(walk.text.slice(node.startIndex, node.startIndex + 8))) walk.branch();
}

function defineAlias(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const match = /^typedef\s+(?:[\w<>?, ]+\s)?(\w+)\s*(?=[=<(;])/.exec(walk.text.slice(start, start + 300));
  if (!match) return;
  const nameStart = start + match[0].trimEnd().length - match[1]!.length;
  walk.define({ type: "type", name: match[1]!, start, end, nameStart, headEnd: end });
}

/** The function whose signature was the last one seen: its body, if it has one, is the next node. */
const waiting = new WeakMap<Walk, { entity: Entity; end: number }>();

function defineSignature(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (name)
    define(node, walk, { name: identifierAt(walk.text, name.startIndex), nameStart: name.startIndex });
}

function defineOperator(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const head = text.slice(start, node.endIndex);
  const match = /\boperator\s*([^\s(]+)/.exec(head);
  if (match) define(node, walk, { name: `operator${match[1]}`, nameStart: start + match.index });
}

/** `Calculator`, `Calculator.empty` */
function defineConstructor(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const match = /^(?:\w+\s+)*?(\w+(?:\.\w+)?)\s*\(/.exec(text.slice(start, start + 200));
  if (match) define(node, walk, { name: match[1]!, nameStart: text.indexOf(match[1]!, start) });
}

function define(node: Node, walk: Walk, { name, nameStart }: { name: string; nameStart: number }): void {
  const { text } = walk;
  const end = node.endIndex;
  const start = lineHead(walk, node.startIndex);
  const open = text.indexOf("(", nameStart);
  const type = text
    .slice(node.startIndex, nameStart)
    .replace(/\b(?:get|set|external|static|factory|const)\b/g, "");
  const entity = walk.define({
    type: walk.inType ? "method" : "function",
    name,
    start,
    end,
    nameStart,
    headEnd: end,
    parameters: readDartParameters(text, open < end ? open : -1),
    returns: collapse(type, 200) || undefined,
  });
  if (entity) waiting.set(walk, { entity, end });
}

/** Modifiers (`static`, `late final`) are no part of the node: a definition starts where its line does. */
function lineHead(walk: Walk, start: number): number {
  const line = walk.text.slice(Math.max(walk.lineStart(walk.lineOf(start)), start - 1000), start);
  const before = Math.max(line.lastIndexOf(";"), line.lastIndexOf("{"), line.lastIndexOf("}")) + 1;
  const first = skipSpace(walk.text, start - line.length + before);
  return /^[\w\s@.?<>,()'"]*$/.test(walk.text.slice(first, start)) ? first : start;
}

/** `(a, {required int limit, this.start = 0})`: what is in braces or brackets are parameters, too. */
function readDartParameters(text: string, open: number): Parameter[] {
  if (open < 0) return [];
  const parts = splitArguments(text, open).flatMap((part) =>
    /^[{[]/.test(part) ? splitArguments(part, 0) : [part],
  );
  const flat = parts.map((part) => part.replace(/\b(?:this|super)\./, "")).join(", ");
  return readParameters(`(${flat})`, { open: 0, stop: flat.length + 2 }, syntax);
}

function openBody(node: Node, walk: Walk): void {
  const found = waiting.get(walk);
  if (found && isBlank(walk.text, found.end, node.startIndex)) walk.openBody(found.entity, node.endIndex);
  waiting.delete(walk);
}

/** Variables of a file or a class; in functions they are the function's. */
function defineVariable(node: Node, walk: Walk): void {
  if (!walk.atModuleLevel) return;
  const { text } = walk;
  const nameStart = node.startIndex;
  const name = identifierAt(text, nameStart);
  const end = node.endIndex;
  const start = lineHead(walk, nameStart);
  // `T x = 1, y`: what stands before the first name.
  const written = text.slice(Math.max(start, nameStart - 300), nameStart);
  const head = written.replace(/\s\w+(?:\s*=[^,;]*)?,\s*(?:\w+(?:\s*=[^,;]*)?,\s*)*$/, " ");
  const type =
    /(?:^|\s)((?!(?:const|final|var|static|late|external|abstract|covariant)\b)[A-Za-z_][\w<>?, ]*?)\s+$/.exec(
      head,
    )?.[1];
  walk.define({ type: "variable", name, start, end, nameStart, headEnd: end, returns: type });
}

const uriOf = (node: Node, walk: Walk): string =>
  /["']([^"']*)["']/.exec(walk.text.slice(node.startIndex, node.endIndex))?.[1] ?? "";

/** `import 'm' as p show A, B;`: with `show` one import per name, else the library. */
function importLibrary(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const signature = collapse(walk.text.slice(start, end));
  const module = uriOf(node, walk);
  const shown = /\bshow ([\w, ]+)/.exec(signature)?.[1]?.split(",") ?? [module];
  const prefix = /\bas (\w+)/.exec(signature)?.[1];
  for (const name of shown.map((one) => one.trim())) {
    const imported = name === module ? "" : name;
    const local = prefix ?? imported;
    const star = name === module && prefix === undefined;
    walk.importName({ name, module, signature, start, end, imported, local, star });
  }
}

function exportLibrary(node: Node, walk: Walk): void {
  const module = uriOf(node, walk);
  walk.exportName(module, node.startIndex, node.endIndex);
  walk.importFrom(module, node.startIndex);
}
