/** Swift: types, extensions, protocols, functions, initialisers, properties, imports. */
import type { Node } from "web-tree-sitter";
import type { Entity, EntityType, Parameter } from "../../model/outline.ts";
import { slashComments } from "../comments.ts";
import { baseName, collapse, openingAfter, withoutGenerics } from "../head.ts";
import { type ParameterSyntax, readParameters, returnAfter } from "../parameters.ts";
import type { Rules } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { defineNode, definition, type Shape } from "./define.ts";
import { blank, withoutConditions } from "./readable.ts";

const syntax: ParameterSyntax = { style: "named" };

const callable: Shape = { type: "callable", parameters: syntax, returnMark: "->" };

export const swift: Rules = {
  comments: slashComments,
  decorators: "@",
  readable,
  visits: {
    import_declaration: importModule,
    class_declaration: defineType,
    protocol_declaration: (node, walk) => defineNamedType(node, walk, "interface"),
    typealias_declaration: definition({ type: "type" }),
    associatedtype_declaration: definition({ type: "type" }),
    function_declaration: defineFunction,
    protocol_function_declaration: defineFunction,
    init_declaration: (node, walk) => defineSpecial(node, walk, "init"),
    deinit_declaration: (node, walk) => defineSpecial(node, walk, "deinit"),
    subscript_declaration: (node, walk) => defineSpecial(node, walk, "subscript"),
    property_declaration: defineProperty,
    protocol_property_declaration: defineProperty,
    enum_entry: defineCases,
    macro_declaration: defineMacro,
    attribute: (node, walk) => walk.quietUntil(node.endIndex),
    switch_entry: countEntry,
  },
  branches: [
    "if_statement",
    "guard_statement",
    "for_statement",
    "while_statement",
    "repeat_while_statement",
    "catch_block",
    "ternary_expression",
    "&&",
    "||",
    "??",
  ],
  calls: ["value_arguments", "lambda_literal"],
};

/**
 * The grammar knows neither directives nor what starts with `#` (`#available(iOS 17, *)`, `#fileID`). After an
 * interpolation in a raw string (`#"a \#(b)"#`) its scanner reads every later file wrongly.
 */
function readable(text: string): string {
  return withoutConditions(text, /./)
    .replace(/#(?:un)?available\s*\([^()]*\)/g, (found) =>
      found.replace(/[\s\S]{4}/, "true").replace(/(?<=^true)[\s\S]*/, blank),
    )
    .replace(/#(?=[A-Za-z]\w*\b)/g, "_")
    .replace(/\\#+(?=\()/g, blank)
    .replace(/(?<=: )(?:sending|isolated) (?=[\w@([])/g, blank);
}

/** Class, struct, enum, actor and extension share a node type; the keyword tells them apart. */
function defineType(node: Node, walk: Walk): void {
  const { text } = walk;
  const name = node.childForFieldName("name");
  if (!name) return;
  const nameStart = name.startIndex;
  const keyword = /(\w+)\s*$/.exec(text.slice(node.startIndex, nameStart))?.[1];
  if (keyword === "extension") openExtension(node, walk, name);
  else defineNamedType(node, walk, keyword === "enum" ? "enum" : "class");
}

function defineNamedType(node: Node, walk: Walk, type: EntityType): void {
  const found = defineNode(node, walk, { type, opens: "type" });
  if (!found) return;
  const { entity, nameEnd, headEnd } = found;
  const bases = basesOf(walk.text.slice(nameEnd, headEnd));
  const isClass =
    type === "class" && /\bclass\s+\w+$/.test(walk.text.slice(Math.max(0, nameEnd - 200), nameEnd));
  for (const [i, base] of bases.entries())
    relate(walk, entity, { base, extend: type === "interface" || (isClass && i === 0) });
}

function relate(walk: Walk, entity: Entity, { base, extend }: { base: string; extend: boolean }): void {
  walk.relateBase(entity, extend ? "extends" : "implements", base);
}

/** `: Base, Addable where …` */
function basesOf(head: string): string[] {
  const list = /^[^:]*:([\s\S]*)$/.exec(
    withoutGenerics(head.slice(0, 2000)).replace(/\bwhere\b[\s\S]*$/, ""),
  )?.[1];
  return list?.split(",") ?? [];
}

/** What an extension adds belongs to the type it extends, wherever that is declared. */
function openExtension(node: Node, walk: Walk, name: Node): void {
  const { text } = walk;
  const nameEnd = name.endIndex;
  const qualified = walk.qualify(withoutGenerics(text.slice(name.startIndex, nameEnd)).trim());
  const body = node.childForFieldName("body")?.startIndex ?? nameEnd;
  walk.open({ kind: "type", qualified, owner: qualified, end: node.endIndex });
  for (const base of basesOf(text.slice(nameEnd, body)))
    walk.relateOuter("implements", base, name.startIndex);
}

function defineFunction(node: Node, walk: Walk): void {
  const found = defineNode(node, walk, callable);
  if (found) dropLabels(found.entity.parameters);
}

/** `by b: Double`, `_ value: Int`: the last word is the parameter, the first what callers write. */
function dropLabels(parameters: Parameter[] = []): Parameter[] {
  for (const one of parameters) one.name = one.name.slice(one.name.lastIndexOf(" ") + 1);
  return parameters;
}

function defineSpecial(node: Node, walk: Walk, name: string): void {
  const { text } = walk;
  const start = node.startIndex;
  const end = node.endIndex;
  const nameStart = start + Math.max(0, text.slice(start, end).search(new RegExp(`\\b${name}\\b`)));
  const last = node.lastNamedChild;
  const headEnd = node.childForFieldName("body")?.startIndex ?? last?.startIndex ?? end;
  const open = text.indexOf("(", nameStart);
  const parameters =
    open > 0 && open < headEnd ? dropLabels(readParameters(text, { open, stop: end }, syntax)) : [];
  const returns = name === "subscript" ? returnAfter(text, { open, stop: headEnd, mark: "->" }) : undefined;
  walk.define({
    type: "method",
    name,
    start,
    end,
    nameStart,
    headEnd,
    opens: "function",
    parameters,
    returns,
  });
}

/** `let a: T = x, (b, c) = y` of a file or a type; a computed one has a body that calls. */
function defineProperty(node: Node, walk: Walk): void {
  walk.annotate(node.startIndex, node.endIndex, "named");
  if (!walk.atModuleLevel) return;
  const { text } = walk;
  const end = node.endIndex;
  const computed = node.childForFieldName("computed_value");
  const names = node.childrenForFieldName("name").filter((one) => one !== null);
  for (const [i, pattern] of names.entries()) {
    const stop = names[i + 1]?.startIndex ?? end;
    const after = text.slice(pattern.endIndex, Math.min(stop, pattern.endIndex + 200));
    const returns = /^\s*:\s*([^={\n]+?)\s*(?:,\s*)?(?:[={\n]|$)/.exec(after)?.[1];
    for (const name of namesIn(pattern)) {
      walk.define({
        type: "variable",
        name: text.slice(name.startIndex, name.endIndex).replaceAll("`", ""),
        start: i === 0 ? node.startIndex : pattern.startIndex,
        end: i === 0 ? end : stop,
        nameStart: name.startIndex,
        headEnd: computed?.startIndex ?? (i === 0 ? end : stop),
        ...(computed && { opens: "opaque" }),
        returns: returns && collapse(returns, 200),
      });
    }
  }
}

/** The names that a pattern binds: one, or those of a tuple. */
function namesIn(pattern: Node): Node[] {
  const bound = pattern.childForFieldName("bound_identifier");
  if (bound) return [bound];
  return pattern.type === "simple_identifier" ? [pattern] : pattern.namedChildren.flatMap(namesIn);
}

/** `case leaf, node(Tree)` */
function defineCases(node: Node, walk: Walk): void {
  for (const [i, name] of node.childrenForFieldName("name").entries()) {
    if (!name) continue;
    const { startIndex: nameStart, endIndex } = name;
    const end = i === 0 ? node.endIndex : endIndex;
    const written = walk.text.slice(nameStart, endIndex).replaceAll("`", "");
    const start = i === 0 ? node.startIndex : nameStart;
    walk.define({ type: "variable", name: written, start, end, nameStart, headEnd: end });
  }
}

/** `macro stringify(_ value: Int) -> String = #externalMacro(…)` */
function defineMacro(node: Node, walk: Walk): void {
  const name = node.namedChildren.find(({ type }) => type === "simple_identifier");
  if (!name) return;
  const { text } = walk;
  const { startIndex: nameStart, endIndex: nameEnd } = name;
  const headEnd = node.childForFieldName("definition")?.startIndex ?? node.endIndex;
  const open = openingAfter(text, nameEnd, headEnd);
  walk.define({
    type: "function",
    name: text.slice(nameStart, nameEnd),
    start: node.startIndex,
    end: node.endIndex,
    nameStart,
    headEnd,
    parameters: dropLabels(readParameters(text, { open, stop: headEnd }, syntax)),
    returns: returnAfter(text, { open, stop: headEnd, mark: "->" }),
  });
}

/** `import Foundation`, `import struct Crypto.SHA256` */
function importModule(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const signature = collapse(walk.text.slice(start, end));
  const module = /([\w.]+)$/.exec(signature)?.[1];
  if (module !== undefined)
    walk.importName({
      name: baseName(module),
      module,
      signature,
      start,
      end,
      star: module === baseName(module),
    });
}

/** `default:` is what is left, no decision. */
function countEntry(node: Node, walk: Walk): void {
  if (!walk.text.startsWith("default", node.startIndex)) walk.branch();
}
