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
    ambient_declaration: openGlobal,
    property_signature: defineProperty,
    enum_body: defineConstants,
    object_type: openInlineType,
    function_type: openInlineType,
    constructor_type: openInlineType,
    call_signature: openInlineType,
    construct_signature: openInlineType,
    index_signature: openInlineType,
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
  const named = { name: written, nameStart: startIndex, start: node.startIndex };
  const container = walk.scope.qualified;
  defineCallable(walk, node, { ...named, type: "method" });
  if (written === "constructor") defineParameterProperties(node, walk, container);
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
  // The methods of an object in there are not those of the class.
  if (value && holdsObjects.has(value.type)) {
    const named = walk.text.slice(startIndex, endIndex);
    walk.open({ kind: "object", qualified: walk.qualify(named), end });
  }
}

const holdsObjects = new Set(["call_expression", "new_expression", "array", "await_expression"]);

/** A member of an interface or of a type that is written out; what its own type holds are no members of that. */
function defineProperty(node: Node, walk: Walk): void {
  if (walk.scope.kind !== "type") return;
  defineField(node, walk);
  walk.open({ kind: "opaque", qualified: walk.scope.qualified, end: node.endIndex });
}

/** The members of an inline type belong to no named thing, unless an alias names it. */
function openInlineType(node: Node, walk: Walk): void {
  const { kind, entity, qualified } = walk.scope;
  const isNamed = kind === "type" && entity?.type === "type" && node.type === "object_type";
  if (!isNamed) walk.open({ kind: "opaque", qualified, end: node.endIndex });
}

const accessibility = /^(?:@[\w.]+(?:\([^()]*\))?\s*)*(?:public|private|protected|readonly|override)\s/;

/** `constructor(private readonly db: Db)`: parameters that are fields of the class, too. */
function defineParameterProperties(node: Node, walk: Walk, container: string): void {
  const { text } = walk;
  for (const one of node.childForFieldName("parameters")?.namedChildren ?? []) {
    const { startIndex: start, endIndex: end } = one;
    if (!accessibility.test(text.slice(start, Math.min(end, start + 500)))) continue;
    const name = one.childForFieldName("pattern");
    if (name?.type !== "identifier") continue;
    const value = one.childForFieldName("value");
    walk.define({
      type: "variable",
      name: text.slice(name.startIndex, name.endIndex),
      start,
      end,
      nameStart: name.startIndex,
      headEnd: end,
      returns: annotation(text, name.endIndex, value?.startIndex ?? end),
      container,
    });
  }
}

/** `enum E { A, B = 2, "c-d" }` */
function defineConstants(node: Node, walk: Walk): void {
  if (walk.scope.kind !== "type") return;
  for (const one of node.namedChildren) {
    const name = one.childForFieldName("name") ?? one;
    if (!/^(?:property_identifier|string)$/.test(name.type)) continue;
    const { startIndex: start, endIndex: end } = one;
    walk.define({
      type: "variable",
      name: walk.text.slice(name.startIndex, name.endIndex).replace(/^["']|["']$/g, ""),
      start,
      end,
      nameStart: name.startIndex,
      headEnd: end,
    });
  }
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
    for (const one of boundNames(name)) {
      const nameStart = one.startIndex;
      const entity = walk.define({
        type: "variable",
        name: text.slice(nameStart, one.endIndex),
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
  if (walk.scope.kind !== "file") return false;
  const lineStart = walk.lineStart(walk.lineOf(start));
  return (
    lineStart === start || declarations.test(walk.text.slice(lineStart, Math.min(start, lineStart + 500)))
  );
}

/** Nothing but other declarations before one on its line. */
const declarations = /^(?:(?:export\s+)?(?:const|let|var)\s[^{};]*;\s*)+$/;

/** Node types of patterns, and the field of what they bind, where not all of them do. */
const patterns: Record<string, string | undefined> = {
  object_pattern: undefined,
  array_pattern: undefined,
  rest_pattern: undefined,
  pair_pattern: "value",
  assignment_pattern: "left",
  object_assignment_pattern: "left",
};

/** `a`, `[a, , b = 1]`, `{ a, b: c, ...d }`: the names that are bound. */
function boundNames(pattern: Node, depth = 0): Node[] {
  if (!Object.hasOwn(patterns, pattern.type)) return /identifier/.test(pattern.type) ? [pattern] : [];
  const field = patterns[pattern.type];
  const inside = field === undefined ? pattern.namedChildren : [pattern.childForFieldName(field)];
  return depth > 20 ? [] : inside.flatMap((one) => (one ? boundNames(one, depth + 1) : []));
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
  const entity = walk.define({
    type: "type",
    name: written,
    start,
    end,
    nameStart,
    headEnd: end,
    opens: "type",
  });
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

/** `declare global { … }`: what is in it belongs to no module. */
function openGlobal(node: Node, walk: Walk): void {
  const start = node.startIndex;
  if (walk.scope.kind === "file" && /^declare\s+global\b/.test(walk.text.slice(start, start + 40)))
    walk.open({ kind: "module", qualified: "", end: node.endIndex });
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
