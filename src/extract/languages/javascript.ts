/** JavaScript and TypeScript (JSX and TSX are the same rules on another grammar): declarations and classes. */
import type { Node } from "web-tree-sitter";
import type { Entity } from "../../model/outline.ts";
import { slashComments } from "../comments.ts";
import { identifierAt, skipSpace } from "../head.ts";
import type { Rules, Visit } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { relateBases } from "./define.ts";
import {
  exportStatement,
  importStatement,
  isExported,
  loadCall,
  requireDeclaration,
  statementStart,
} from "./javascript-modules.ts";
import {
  assignment,
  defineCallable,
  functionTypes,
  functionValue,
  holdsValue,
  objectValue,
} from "./javascript-values.ts";

const shared: Record<string, Visit> = {
  import_statement: importStatement,
  export_statement: exportStatement,
  lexical_declaration: defineVariables,
  variable_declaration: defineVariables,
  function_declaration: defineFunction,
  generator_function_declaration: defineFunction,
  class_declaration: (node, walk) => defineType(node, walk, "class"),
  method_definition: defineMethod,
  variable_declarator: holdsValue,
  pair: holdsValue,
  assignment_expression: assignment,
  arrow_function: functionValue,
  function_expression: functionValue,
  generator_function: functionValue,
  class: functionValue,
  object: objectValue,
  arguments: loadCall,
  decorator: (node, walk) => walk.decorator(node),
};

const jsx: Record<string, Visit> = {
  jsx_opening_element: useComponent,
  jsx_self_closing_element: useComponent,
};

export const javascript: Rules = {
  comments: slashComments,
  decorators: "@",
  visits: { ...shared, ...jsx, field_definition: defineField },
  branches: [
    "if_statement",
    "for_statement",
    "for_in_statement",
    "while_statement",
    "do_statement",
    "catch_clause",
    "switch_case",
    "ternary_expression",
    "&&",
    "||",
    "??",
  ],
  calls: [],
};

export const typescript: Rules = {
  ...javascript,
  visits: {
    ...shared,
    public_field_definition: defineField,
    function_signature: defineFunction,
    method_signature: defineMethod,
    abstract_method_signature: defineMethod,
    abstract_class_declaration: (node, walk) => defineType(node, walk, "class"),
    interface_declaration: (node, walk) => defineType(node, walk, "interface"),
    enum_declaration: (node, walk) => defineType(node, walk, "enum"),
    type_alias_declaration: defineAlias,
    module: defineModule,
    internal_module: defineModule,
    // The members of an inline type belong to no named thing.
    object_type: (node, walk) =>
      walk.open({ kind: "opaque", qualified: walk.scope.qualified, end: node.endIndex }),
  },
};

export const tsx: Rules = { ...typescript, visits: { ...typescript.visits, ...jsx } };

function defineFunction(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const start = statementStart(walk.text, node.startIndex);
  const found = { name: identifierAt(walk.text, name.startIndex), nameStart: name.startIndex, start };
  const entity = defineCallable(walk, node, { ...found, type: "function" });
  exportDeclaration(walk, {
    entity,
    start,
    headEnd: node.childForFieldName("body")?.startIndex ?? node.endIndex,
  });
}

function defineMethod(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const { startIndex, endIndex } = name;
  const written = walk.text
    .slice(startIndex, Math.min(endIndex, startIndex + 100))
    .replace(/^["']|["']$/g, "");
  defineCallable(walk, node, {
    name: written,
    nameStart: startIndex,
    start: node.startIndex,
    type: "method",
  });
}

/** A class field; one that holds a function is defined as a method when that function is seen. */
function defineField(node: Node, walk: Walk): void {
  walk.holder = node;
  if (walk.scope.kind !== "type") return;
  const name = node.childForFieldName("property") ?? node.childForFieldName("name");
  const value = node.childForFieldName("value");
  if (!name || (value && functionTypes.has(value.type))) return;
  const { startIndex, endIndex } = name;
  const end = node.endIndex;
  walk.define({
    type: "variable",
    name: walk.text.slice(startIndex, endIndex).replace(/^["']|["']$/g, ""),
    start: node.startIndex,
    end,
    nameStart: startIndex,
    headEnd: end,
    returns: annotation(walk.text, endIndex, value?.startIndex ?? end),
  });
}

/** The type in `name: Type = value`. */
function annotation(text: string, nameEnd: number, stop: number): string | undefined {
  const type = /^[?!]?\s*:\s*([\s\S]*?)\s*[=;]?\s*$/.exec(
    text.slice(nameEnd, Math.min(stop, nameEnd + 300)),
  )?.[1];
  return type === undefined || type === "" ? undefined : type.replace(/\s+/g, " ");
}

/** `const a = 1, b = 2` of a module or namespace; in functions only names of functions count. */
function defineVariables(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = statementStart(text, node.startIndex);
  if (!isTopLevel(walk, start)) return;
  for (const declarator of node.namedChildren) {
    const name = declarator.childForFieldName("name");
    if (!name) continue;
    const value = declarator.childForFieldName("value");
    if (value && functionTypes.has(value.type)) continue;
    const span = { start: declarator.startIndex, end: declarator.endIndex };
    const written = text.slice(name.startIndex, name.endIndex);
    const valueText = value ? text.slice(value.startIndex, value.startIndex + 300) : "";
    if (requireDeclaration(walk, { name: written, value: valueText, span: { start, end: node.endIndex } }))
      continue;
    const first = span.start === node.namedChildren[0]?.startIndex;
    for (const one of boundNames(written)) {
      const nameStart = name.startIndex + one.at;
      const entity = walk.define({
        type: "variable",
        name: one.name,
        start: first ? start : span.start,
        end: span.end,
        nameStart,
        headEnd: span.end,
        returns: annotation(text, name.endIndex, value?.startIndex ?? span.end),
      });
      exportDeclaration(walk, { entity, start, headEnd: span.end });
    }
  }
}

/** In a file only what starts its line without indent: a declaration in a block is not the module's. */
function isTopLevel(walk: Walk, start: number): boolean {
  if (walk.scope.kind === "module") return true;
  return walk.scope.kind === "file" && walk.lineStart(walk.lineOf(start)) === start;
}

/** `a`, `[a, b]`, `{ a, b: c, ...d }`: the names bound and where they stand. */
function boundNames(pattern: string): { name: string; at: number }[] {
  const matches = pattern.slice(0, 2000).matchAll(/([\w$]+)(?=\s*(?:[,}\]]|=[^,]*[,}\]]|$))/g);
  return [...matches].map((match) => ({ name: match[1]!, at: match.index }));
}

type TypeKind = "class" | "interface" | "enum";

function defineType(node: Node, walk: Walk, type: TypeKind): void {
  const { text } = walk;
  const name = node.childForFieldName("name");
  if (!name) return;
  const start = statementStart(text, node.startIndex);
  const headEnd = node.childForFieldName("body")?.startIndex ?? node.endIndex;
  const nameEnd = name.endIndex;
  const nameStart = name.startIndex;
  const end = node.endIndex;
  const entity = walk.define({
    type,
    name: text.slice(nameStart, nameEnd),
    start,
    end,
    nameStart,
    headEnd,
    opens: "type",
  });
  if (entity) relateBases(walk, { entity, nameEnd, headEnd });
  exportDeclaration(walk, { entity, start, headEnd });
}

function defineAlias(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const start = statementStart(walk.text, node.startIndex);
  const nameStart = name.startIndex;
  const end = node.endIndex;
  const written = identifierAt(walk.text, nameStart);
  const entity = walk.define({ type: "type", name: written, start, end, nameStart, headEnd: end });
  exportDeclaration(walk, { entity, start, headEnd: end });
}

/** `namespace A.B {}`, `declare module "m" {}`, `declare global {}` */
function defineModule(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const { text } = walk;
  const start = statementStart(text, node.startIndex);
  const nameStart = name.startIndex;
  const written = text.slice(nameStart, name.endIndex).replace(/^["']|["']$/g, "");
  const headEnd = node.childForFieldName("body")?.startIndex ?? node.endIndex;
  const entity = walk.define({
    type: "module",
    name: written,
    start,
    end: node.endIndex,
    nameStart,
    headEnd,
    opens: "module",
  });
  exportDeclaration(walk, { entity, start, headEnd });
}

/** A declaration that starts with `export` and stands in the file itself exports its name. */
function exportDeclaration(
  walk: Walk,
  found: { entity: Entity | undefined; start: number; headEnd: number },
): void {
  const { entity, start, headEnd } = found;
  if (entity && entity.name === entity.qualified && isExported(walk.text, start)) {
    walk.exportName(entity.name, start, headEnd);
  }
}

/** `<Row …>` uses the component `Row`; lower-case tags are the browser's own. */
function useComponent(node: Node, walk: Walk): void {
  const start = skipSpace(walk.text, node.startIndex + 1);
  const tag = /^[\w$.]+/.exec(walk.text.slice(start, start + 100))?.[0] ?? "";
  const name = tag.slice(tag.lastIndexOf(".") + 1);
  if (/^[A-Z]/.test(name)) walk.callTo(name, start + tag.length - name.length);
}
