/** Zig: functions, containers (a constant that is a struct, enum, union, error set), constants, `@import`. */
import type { Node } from "web-tree-sitter";
import { slashComments } from "../comments.ts";
import { collapse, identifierEndingAt } from "../head.ts";
import type { Rules, Visit } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { defineNode, definition } from "./define.ts";

const openTest: Visit = (node, walk) =>
  walk.open({ kind: "function", qualified: walk.scope.qualified, end: node.endIndex });

export const zig: Rules = {
  comments: slashComments,
  visits: {
    function_declaration: definition({
      type: "callable",
      parameters: { style: "named", quotes: `"`, modifiers: new Set(["comptime", "noalias"]) },
      returns: "type",
    }),
    variable_declaration: defineVariable,
    container_field: defineField,
    error_set_declaration: defineErrors,
    struct_declaration: openReturned,
    enum_declaration: openReturned,
    union_declaration: openReturned,
    opaque_declaration: openReturned,
    // Tests and compile-time blocks have no name, but what they declare is theirs.
    test_declaration: openTest,
    comptime_declaration: openTest,
    builtin_function: importFile,
    call_expression: call,
    switch_case: countCase,
  },
  branches: [
    "if_statement",
    "if_expression",
    "for_statement",
    "for_expression",
    "while_statement",
    "while_expression",
    "catch_expression",
    "orelse",
    "and",
    "or",
  ],
  calls: [],
};

const declaration =
  /^(?:(?:pub|export|extern(?:\s*"\w*")?|threadlocal|comptime)\s+)*(?:const|var)\s+(@"[^"\n]*"|\w+)\s*/;

/** `const x = …`. The node type is also that of an assignment. */
function defineVariable(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const head = declaration.exec(text.slice(start, start + 300));
  if (!head) return;
  const end = node.endIndex;
  const name = head[1]!;
  const nameStart = start + head[0].lastIndexOf(name);
  const { returns, value } = splitValue(text, start + head[0].length, end);
  const found = { name, start, end, nameStart };
  const kind = containerAt(text, value);
  if (kind) {
    walk.define({ ...found, type: kind.type, headEnd: kind.headEnd, opens: "type" });
    return;
  }
  if (!walk.atModuleLevel) return;
  const module = /^@import\(\s*"([^"\n]+)"\s*\)/.exec(text.slice(value, value + 300))?.[1];
  if (module === undefined) walk.define({ ...found, type: "variable", headEnd: end, returns });
  else walk.importName({ name: module, module, signature: text.slice(start, end), start, end, local: name });
}

/** `name: Type = value` of a struct or union, `name` of an enum; a tuple's fields have no names. */
function defineField(node: Node, walk: Walk): void {
  const { kind, entity, qualified } = walk.scope;
  if (kind !== "type") return;
  const isNamed =
    node.childForFieldName("type") !== null || /\b(?:enum|union)\b/.test(entity?.signature ?? "");
  if (isNamed && walk.text[node.startIndex] !== "_")
    defineNode(node, walk, { type: "variable", returns: "type" });
  // What its own type holds are no fields of the container.
  walk.open({ kind: "opaque", qualified, end: node.endIndex });
}

/** `const E = error{ A, B }` */
function defineErrors(node: Node, walk: Walk): void {
  const { scope, text } = walk;
  if (scope.kind !== "type" || scope.entity?.type !== "enum") return;
  for (const { startIndex: start, endIndex: end } of node.namedChildren.filter(
    ({ type }) => type === "identifier",
  ))
    walk.define({
      type: "variable",
      name: text.slice(start, end),
      start,
      end,
      nameStart: start,
      headEnd: end,
    });
}

/** `: Type = value` */
function splitValue(text: string, from: number, end: number): { returns: string | undefined; value: number } {
  const rest = text.slice(from, Math.min(end, from + 500));
  const equals = rest.search(/=(?!=)/);
  const returns = equals >= 0 && rest[0] === ":" ? collapse(rest.slice(1, equals), 200) : undefined;
  const blank = /\S/.exec(rest.slice(equals + 1))?.index ?? 0;
  return { returns, value: equals < 0 ? end : from + equals + 1 + blank };
}

/** The container a value starts with, and where its body opens. */
function containerAt(text: string, index: number): { type: "class" | "enum"; headEnd: number } | undefined {
  const match = /^(?:(?:packed|extern)\s+)?(struct|enum|union|opaque|error)\s*(?:\([^{}]*?\)+\s*)?\{/.exec(
    text.slice(index, index + 300),
  );
  if (!match) return undefined;
  const isEnum = match[1] === "enum" || match[1] === "error";
  return { type: isEnum ? "enum" : "class", headEnd: index + match[0].length - 1 };
}

/** `return struct { … }`: what is in it belongs to the function that makes the type. */
function openReturned(node: Node, walk: Walk): void {
  const start = node.startIndex;
  if (walk.scope.kind !== "function" || !/\breturn\s+$/.test(walk.text.slice(Math.max(0, start - 10), start)))
    return;
  walk.open({ kind: "type", qualified: walk.scope.qualified, end: node.endIndex });
}

function importFile(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const module = /^@import\(\s*"([^"\n]+)"/.exec(walk.text.slice(start, start + 300))?.[1];
  if (module !== undefined) walk.importFrom(module, start);
}

function call(node: Node, walk: Walk): void {
  const callee = node.childForFieldName("function");
  if (!callee) return;
  const end = callee.endIndex;
  const name = identifierEndingAt(walk.text, end);
  walk.callTo(name, end - name.length, node.namedChildCount - 1);
}

/** `else =>` is what is left, no decision. */
function countCase(node: Node, walk: Walk): void {
  if (!walk.text.startsWith("else", node.startIndex)) walk.branch();
}
