/** Go: functions, methods (named `Type.Method` after their receiver), types, package variables, imports. */
import type { Node } from "web-tree-sitter";
import { slashComments } from "../comments.ts";
import { collapse, skipSpaceBack } from "../head.ts";
import type { EntityType } from "../outline.ts";
import type { ParameterSyntax } from "../parameters.ts";
import type { Rules, Visit } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { defineNode, definition } from "./define.ts";

const parameters: ParameterSyntax = { style: "go" };

export const go: Rules = {
  comments: slashComments,
  visits: {
    import_spec: importPath,
    function_declaration: definition({
      type: "function",
      opens: "function",
      parameters,
      returns: "result",
    }),
    method_declaration: defineMethod,
    method_elem: defineInterfaceMethod,
    type_spec: defineType,
    type_alias: defineType,
    field_declaration: embedField,
    type_elem: embedInterface,
    const_spec: defineVariables("const"),
    var_spec: defineVariables("var"),
  },
  branches: [
    "if_statement",
    "for_statement",
    "expression_case",
    "type_case",
    "communication_case",
    "&&",
    "||",
  ],
  calls: ["argument_list"],
};

/** `func (s *Stack[T]) Push(…)` is `Stack.Push`, wherever in the package `Stack` is. */
function defineMethod(node: Node, walk: Walk): void {
  const receiver = node.childForFieldName("receiver");
  if (!receiver) return;
  const written = walk.text.slice(receiver.startIndex, receiver.endIndex).slice(0, 300);
  const container = /(\w+)\s*(?:\[[^\]]*\]\s*)?,?\s*\)$/.exec(written)?.[1] ?? "";
  defineNode(node, walk, { type: "method", opens: "function", parameters, returns: "result", container });
}

/** The methods of an interface that is written in the middle of something else belong to no named thing. */
function defineInterfaceMethod(node: Node, walk: Walk): void {
  if (walk.inType) defineNode(node, walk, { type: "method", parameters, returns: "result" });
}

function defineType(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  const value = node.childForFieldName("type");
  if (!name || !value) return;
  const { text } = walk;
  const end = node.endIndex;
  const valueStart = value.startIndex;
  const word = /^(?:struct|interface)\b/.exec(text.slice(valueStart, valueStart + 10))?.[0];
  const type: EntityType = word === "struct" ? "class" : word === "interface" ? "interface" : "type";
  const headEnd = word ? valueStart + word.length : end;
  walk.define({
    ...statement(walk, { start: node.startIndex, keyword: "type", headEnd }),
    type,
    name: text.slice(name.startIndex, name.endIndex),
    end,
    nameStart: name.startIndex,
    headEnd,
    opens: word ? "type" : "opaque",
  });
}

/**
 * Where the declaration of one name starts: at its keyword, which also starts its signature; in a group
 * (`const ( … )`) the keyword stands far above and is put before the signature.
 */
function statement(
  walk: Walk,
  { start, keyword, headEnd }: { start: number; keyword: string; headEnd: number },
): { start: number; signature?: string } {
  const from = skipSpaceBack(walk.text, start) - keyword.length;
  if (walk.text.startsWith(keyword, from)) return { start: from };
  const head = walk.text.slice(start, Math.min(headEnd, start + 400)).replace(/[\r\n][\s\S]*$/, "");
  return { start, signature: `${keyword} ${head.replace(/[\s=>{[(;,]+$/, "")}` };
}

/** `a, b int = 1, 2` of the package; `_` names nothing. */
function defineVariables(keyword: "const" | "var"): Visit {
  return (node, walk) => {
    if (!walk.atModuleLevel) return;
    const { text } = walk;
    const start = node.startIndex;
    const end = node.endIndex;
    const names = /^\w+(?:\s*,\s*\w+)*/.exec(text.slice(start, Math.min(end, start + 2000)))?.[0] ?? "";
    const type = node.childForFieldName("type");
    const returns = type ? collapse(text.slice(type.startIndex, type.endIndex), 200) : undefined;
    const place = { ...statement(walk, { start, keyword, headEnd: end }), end, headEnd: end };
    for (const { 0: name, index } of names.matchAll(/\w+/g)) {
      if (name !== "_") walk.define({ ...place, type: "variable", name, nameStart: start + index, returns });
    }
  };
}

/** A field without a name embeds its type: `sync.Mutex`, `*Base`. */
function embedField(node: Node, walk: Walk): void {
  if (walk.scope.kind !== "type") return;
  const start = node.startIndex;
  const field = walk.text.slice(start, Math.min(node.endIndex, start + 300));
  const embedded = /^\*?([\w.]+)(?:\[[^\]]*\])?\s*(?:[`"][\s\S]*)?$/.exec(field);
  if (embedded) extend(walk, embedded[1]!, start);
}

/** In an interface a type on its own is embedded; type arguments and unions (`~int | ~string`) are not meant. */
function embedInterface(node: Node, walk: Walk): void {
  if (walk.scope.kind !== "type") return;
  const start = node.startIndex;
  const before = /[^ \t]?[ \t]*$/.exec(walk.text.slice(Math.max(0, start - 100), start))![0][0];
  if (before !== undefined && !"\n{;".includes(before)) return;
  const written = walk.text.slice(start, Math.min(node.endIndex, start + 300));
  const embedded = /^([\w.]+)(?:\[[^\]]*\])?$/.exec(written);
  if (embedded) extend(walk, embedded[1]!, start);
}

function extend(walk: Walk, base: string, index: number): void {
  const to = base.slice(base.lastIndexOf(".") + 1);
  walk.relate({ type: "extends", from: walk.scope.qualified, to, line: walk.lineOf(index) + 1 });
}

/** `"net/http"`, `nethttp "net/http"`, `_ "embed"`: named by the path, as it is what people look for. */
function importPath(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const written = walk.text.slice(start, end);
  const path = /["`]([^"`]*)["`]$/.exec(written)?.[1];
  if (path !== undefined)
    walk.importName({ name: path, module: path, signature: `import ${written}`, start, end });
}
