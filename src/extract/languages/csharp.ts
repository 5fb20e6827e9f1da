/** C#: namespaces, types of all kinds, members, local functions, using directives. */
import type { Node } from "web-tree-sitter";
import type { Entity } from "../../model/outline.ts";
import { slashComments } from "../comments.ts";
import { collapse, identifierAt, skipSpace, withoutGenerics } from "../head.ts";
import { type ParameterSyntax, readParameters } from "../parameters.ts";
import type { Rules, Visit } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { defineComponents, defineDeclarators, defineNode, definition } from "./define.ts";
import { withoutConditions } from "./readable.ts";

const parameters: ParameterSyntax = {
  style: "typed",
  modifiers: new Set(["ref", "out", "in", "params", "this", "scoped", "readonly"]),
};

type TypeKind = "class" | "interface" | "enum" | "struct";

export const csharp: Rules = {
  comments: { ...slashComments, tags: true },
  decorators: "[",
  readable,
  visits: {
    using_directive: usingDirective,
    namespace_declaration: definition({ type: "module", opens: "module" }),
    file_scoped_namespace_declaration: openFileNamespace,
    class_declaration: typeVisit("class"),
    record_declaration: (node, walk) => defineRecord(node, walk),
    struct_declaration: typeVisit("struct"),
    interface_declaration: typeVisit("interface"),
    enum_declaration: typeVisit("enum"),
    enum_member_declaration: definition({ type: "variable" }),
    delegate_declaration: definition({ type: "type", parameters, returns: "type" }),
    method_declaration: definition({ type: "method", opens: "function", parameters, returns: "returns" }),
    constructor_declaration: definition({ type: "method", opens: "function", parameters }),
    destructor_declaration: defineDestructor,
    operator_declaration: defineOperator,
    conversion_operator_declaration: defineOperator,
    local_function_statement: definition({
      type: "function",
      opens: "function",
      parameters,
      returns: "type",
    }),
    property_declaration: definition({
      type: "variable",
      opens: "opaque",
      body: "accessors",
      returns: "type",
    }),
    event_declaration: definition({ type: "variable", opens: "opaque", body: "accessors", returns: "type" }),
    indexer_declaration: defineIndexer,
    local_declaration_statement: (node, walk) => walk.annotate(node.startIndex, node.endIndex, "typed"),
    field_declaration: defineFields,
    event_field_declaration: defineFields,
    switch_expression_arm: countArm,
  },
  branches: [
    "if_statement",
    "for_statement",
    "foreach_statement",
    "while_statement",
    "do_statement",
    "catch_clause",
    "case",
    "conditional_expression",
    "&&",
    "||",
    "??",
  ],
  calls: ["argument_list"],
};

/** `extension(int n) {` at the start of a line. */
const extension = /^([ \t]*)extension(?=[ \t]*(?:<[^()\n]*>)?[ \t]*\([^()\n]*\)[^(){};]*\{)/gm;

/** Directives in the middle of a declaration or statement break the grammar; to it an extension block is a class. */
function readable(text: string): string {
  return withoutConditions(text, /[;}\]]$/).replace(extension, "$1class Ext");
}

/** `record Point(int X)`: its parameters are properties. */
function defineRecord(node: Node, walk: Walk): void {
  visitRecord(node, walk);
  const list = node.namedChildren.find(({ type }) => type === "parameter_list");
  defineComponents(walk, list?.namedChildren ?? []);
}

const visitRecord = typeVisit("class");

function typeVisit(kind: TypeKind): Visit {
  return (node, walk) => {
    // What an extension block adds is called on another type, but it belongs to the class around.
    if (walk.text.startsWith("extension", node.startIndex)) {
      walk.open({ kind: "type", qualified: walk.scope.qualified, end: node.endIndex });
      return;
    }
    const found = defineNode(node, walk, { type: kind === "struct" ? "class" : kind, opens: "type" });
    if (found)
      relateBases(walk, { entity: found.entity, kind, head: walk.text.slice(found.nameEnd, found.headEnd) });
  };
}

/** `: Base, IFirst`: the language does not say which is a class; `IName` is an interface by the custom everybody keeps. */
function relateBases(walk: Walk, found: { entity: Entity; kind: TypeKind; head: string }): void {
  const { entity, kind, head } = found;
  const list = /^[^:]*:([^;]*)/.exec(withoutGenerics(head.slice(0, 2000)).replace(/^\s*\([^)]*\)/, ""))?.[1];
  if (list === undefined || kind === "enum") return;
  for (const base of list
    .split(/\bwhere\b/)[0]!
    .replace(/\([^)]*\)/g, "")
    .split(",")) {
    const isInterface = kind === "struct" || (kind === "class" && /(?:^|\.)I[A-Z]\w*$/.test(base.trim()));
    walk.relateBase(entity, isInterface ? "implements" : "extends", base);
  }
}

/** `namespace A.B;` holds the rest of the file. */
function openFileNamespace(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const written = walk.text.slice(name.startIndex, name.endIndex);
  walk.inPackage(written);
  const { startIndex: start } = node;
  const headEnd = name.endIndex;
  walk.define({
    type: "module",
    name: written,
    start,
    end: walk.text.length,
    nameStart: name.startIndex,
    headEnd,
    opens: "module",
  });
}

/** `~Name()` is named with its tilde: it is another thing than the constructor. */
function defineDestructor(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const nameStart = walk.text.lastIndexOf("~", name.startIndex);
  define(node, walk, { name: `~${identifierAt(walk.text, name.startIndex)}`, nameStart });
}

/** `operator +`, `explicit operator int`. */
function defineOperator(node: Node, walk: Walk): void {
  const { text } = walk;
  const open = node.childForFieldName("parameters")?.startIndex;
  if (open === undefined) return;
  const keyword = text.lastIndexOf("operator", open);
  if (keyword < node.startIndex) return;
  const symbol = text.slice(skipSpace(text, keyword + "operator".length), open).trim();
  define(node, walk, {
    name: /^\w/.test(symbol) ? `operator ${symbol}` : `operator${symbol}`,
    nameStart: keyword,
  });
}

function define(node: Node, walk: Walk, named: { name: string; nameStart: number }): void {
  const end = node.endIndex;
  const open = node.childForFieldName("parameters")?.startIndex ?? -1;
  const type = node.childForFieldName("type");
  const headEnd = node.childForFieldName("body")?.startIndex ?? end;
  walk.define({
    ...named,
    type: "method",
    start: node.startIndex,
    end,
    headEnd,
    opens: "function",
    parameters: readParameters(walk.text, { open, stop: headEnd }, parameters),
    returns: type ? collapse(walk.text.slice(type.startIndex, type.endIndex), 200) : undefined,
  });
}

/** `this[int index]` */
function defineIndexer(node: Node, walk: Walk): void {
  const open = node.childForFieldName("parameters")?.startIndex;
  if (open === undefined) return;
  const nameStart = walk.text.lastIndexOf("this", open);
  const end = node.endIndex;
  const headEnd = node.childForFieldName("accessors")?.startIndex ?? end;
  walk.define({
    type: "variable",
    name: "this[]",
    start: node.startIndex,
    end,
    nameStart,
    headEnd,
    opens: "opaque",
  });
}

function defineFields(node: Node, walk: Walk): void {
  const declaration = node.namedChildren.find((child) => child.type === "variable_declaration");
  if (!declaration) return;
  const declarators = declaration.namedChildren.filter((child) => child.type === "variable_declarator");
  defineDeclarators(walk, { declaration: node, declarators, type: declaration.childForFieldName("type") });
}

/** `using A.B;`, `using static A.B;`, `using C = A.B;` */
function usingDirective(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const signature = collapse(walk.text.slice(start, end));
  const match = /^(?:global )?using (?:static |unsafe )*(?:(\w+) = )?([\w.:]+)/.exec(signature);
  if (!match) return;
  const [, local, module] = match as unknown as [string, string | undefined, string];
  if (local === undefined) walk.importName({ name: module, module, signature, start, end, star: true });
  else walk.importName({ name: local, module, signature, start, end, local });
}

/** `_ => x` is what is left, no decision. */
function countArm(node: Node, walk: Walk): void {
  if (!/^_\s*=>/.test(walk.text.slice(node.startIndex, node.startIndex + 8))) walk.branch();
}
