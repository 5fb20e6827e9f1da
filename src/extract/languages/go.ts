/** Go: functions, methods under their receiver's type, types, constants, variables, imports. */
import type { Node } from "web-tree-sitter";
import { slashComments } from "../comments.ts";
import { collapse, isBlank, skipSpaceBack } from "../head.ts";
import type { ParameterSyntax } from "../parameters.ts";
import type { Rules } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { defineNode, definition } from "./define.ts";

const parameters: ParameterSyntax = { style: "go" };

export const go: Rules = {
  comments: slashComments,
  visits: {
    package_clause: (node, walk) => {
      const name = node.firstNamedChild;
      if (name) walk.inPackage(walk.text.slice(name.startIndex, name.endIndex));
    },
    import_spec: importSpec,
    function_declaration: definition({ type: "function", opens: "function", parameters, returns: "result" }),
    method_declaration: defineMethod,
    method_elem: definition({ type: "method", opens: "function", parameters, returns: "result" }),
    type_spec: defineType,
    type_alias: defineType,
    field_declaration: defineFields,
    type_elem: embedInterface,
    const_spec: defineVariables,
    var_spec: defineVariables,
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

/** `import x "a/b"`: named as code names it without the alias, by the last part that is no version. */
function importSpec(node: Node, walk: Walk): void {
  const path = node.childForFieldName("path");
  if (!path) return;
  const start = node.startIndex;
  const end = node.endIndex;
  const module = walk.text.slice(path.startIndex + 1, path.endIndex - 1);
  const name = module
    .replace(/\/v\d+$/, "")
    .split("/")
    .at(-1)!;
  const alias = /^([\w.]+)\s/.exec(walk.text.slice(start, path.startIndex))?.[1];
  const local = alias === "_" ? "" : (alias ?? name);
  const signature = `import ${walk.text.slice(start, end)}`;
  if (alias === ".") walk.importName({ name, module, signature, start, end, star: true });
  else walk.importName({ name, module, signature, start, end, local });
}

/** `(c *Stack[T])`: the method belongs to `Stack`, wherever in the package that is declared. */
function defineMethod(node: Node, walk: Walk): void {
  const receiver = node.childForFieldName("receiver");
  if (!receiver) return;
  const written = walk.text.slice(receiver.startIndex, receiver.endIndex);
  const container = /(\w+)\s*(?:\[[^\]]*\]\s*)?,?\s*\)$/.exec(written)?.[1];
  const found = defineNode(node, walk, {
    type: "method",
    opens: "function",
    parameters,
    returns: "result",
    ...(container !== undefined && { container }),
  });
  const name = /^\(\s*(\w+)\s+\S/.exec(written)?.[1];
  if (found && container !== undefined && name !== undefined)
    walk.receive(found.entity, { name, type: container });
}

/** The keyword belongs to the definition when it stands before it and not before a group in brackets. */
function startWithKeyword(walk: Walk, start: number): number {
  const end = skipSpaceBack(walk.text, start);
  const keyword = /(?:^|\s)(type|var|const)$/.exec(walk.text.slice(Math.max(0, end - 6), end))?.[1];
  return keyword === undefined ? start : end - keyword.length;
}

function defineType(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  const type = node.childForFieldName("type");
  if (!name || !type) return;
  const { text } = walk;
  const kind = type.type;
  const hasMembers = kind === "struct_type" || kind === "interface_type";
  const nameStart = name.startIndex;
  const end = node.endIndex;
  walk.define({
    type: kind === "struct_type" ? "class" : kind === "interface_type" ? "interface" : "type",
    name: text.slice(nameStart, name.endIndex),
    start: startWithKeyword(walk, nameStart),
    end,
    nameStart,
    headEnd: hasMembers ? text.indexOf("{", type.startIndex) : end,
    ...(hasMembers && { opens: "type" }),
  });
}

/** Fields of a named struct; a field without a name embeds another type. */
function defineFields(node: Node, walk: Walk): void {
  if (walk.scope.kind !== "type") return;
  const type = node.childForFieldName("type");
  const names = node.childrenForFieldName("name").filter((one) => one !== null);
  if (names.length === 0) embed(node, walk);
  const { text } = walk;
  defineNames(walk, { node, names, type });
  // The fields of a struct without a name belong to the field that is one.
  const first = names[0];
  if (!first || !type || !/\b(?:struct|interface)\b/.test(text.slice(type.startIndex, type.endIndex))) return;
  const qualified = walk.qualify(text.slice(first.startIndex, first.endIndex));
  walk.open({ kind: "type", qualified, end: node.endIndex });
}

function embed(node: Node, walk: Walk): void {
  const written = walk.text.slice(node.startIndex, node.endIndex);
  const path = /^\*?((?:\w+\.)?\w+)/.exec(written)?.[1];
  if (path !== undefined) walk.relateOuter("extends", path, node.startIndex);
}

/** An interface that stands alone on a line of another one is embedded in it. */
function embedInterface(node: Node, walk: Walk): void {
  const start = node.startIndex;
  if (walk.scope.kind !== "type" || !isBlank(walk.text, walk.lineStart(walk.lineOf(start)), start)) return;
  if (!/[|~]/.test(walk.text.slice(start, node.endIndex))) embed(node, walk);
}

function defineVariables(node: Node, walk: Walk): void {
  if (!walk.atModuleLevel) {
    annotateVariable(node, walk);
    return;
  }
  const names = node.childrenForFieldName("name").filter((one) => one !== null);
  defineNames(walk, { node, names, type: node.childForFieldName("type") });
}

/** `var x Foo` in a function. */
function annotateVariable(node: Node, walk: Walk): void {
  const { text } = walk;
  const match = /^(\w+)\s+([*\w.[\]]+)/.exec(
    text.slice(node.startIndex, Math.min(node.endIndex, node.startIndex + 200)),
  );
  if (match) walk.bindType({ name: match[1]!, type: match[2]!, index: node.startIndex });
}

function defineNames(walk: Walk, found: { node: Node; names: Node[]; type: Node | null }): void {
  const { node, names, type } = found;
  const { text } = walk;
  const end = node.endIndex;
  const returns = type ? collapse(text.slice(type.startIndex, type.endIndex), 200) : undefined;
  for (const one of names) {
    const name = text.slice(one.startIndex, one.endIndex);
    if (name === "_" || name === ",") continue;
    const start = startWithKeyword(walk, node.startIndex);
    walk.define({ type: "variable", name, start, end, nameStart: one.startIndex, headEnd: end, returns });
  }
}
