/** C: functions and prototypes, macros, structs, unions, enums, typedefs, globals, includes. cpp.ts builds on it. */
import type { Node } from "web-tree-sitter";
import type { Entity, EntityType } from "../../model/outline.ts";
import { slashComments } from "../comments.ts";
import { closeOf, collapse, identifierAt, isIdentifierCode } from "../head.ts";
import { type ParameterSyntax, readParameters, returnAfter } from "../parameters.ts";
import type { Rules } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { attributes, readableC, startWithMacros, withoutMacros } from "./c-macros.ts";
import { definition } from "./define.ts";
import { withoutHalves } from "./readable.ts";

const parameters: ParameterSyntax = { style: "typed", modifiers: new Set(["register"]) };

export const c: Rules = {
  comments: slashComments,
  readable: readableC,
  otherwise: { text: (text) => withoutHalves(text, readableC), counts: "function_definition" },
  visits: {
    preproc_include: includeFile,
    preproc_def: defineMacro,
    preproc_function_def: defineMacro,
    function_definition: defineFunction,
    declaration: defineDeclaration,
    field_declaration: defineDeclaration,
    type_definition: defineTypedef,
    struct_specifier: (node, walk) => defineTag(node, walk, "class"),
    union_specifier: (node, walk) => defineTag(node, walk, "class"),
    enum_specifier: (node, walk) => defineTag(node, walk, "enum"),
    enumerator: defineConstant,
  },
  branches: [
    "if_statement",
    "for_statement",
    "while_statement",
    "do_statement",
    "case",
    "conditional_expression",
    "&&",
    "||",
  ],
  calls: ["argument_list"],
  finish: (walk) => walk.keepDefinitions(mergeDeclarations),
};

/**
 * A function that is declared and defined in this file is listed once, where it is defined, with the doc comment of
 * its declaration when it has none of its own.
 */
function mergeDeclarations(definitions: readonly Entity[]): Entity[] {
  const defined = new Map<string, Entity>();
  for (const entity of definitions) if (entity.complexity !== undefined) defined.set(typeKey(entity), entity);
  return definitions.filter((entity) => {
    const isDeclaration = entity.parameters !== undefined && entity.complexity === undefined;
    const definition = isDeclaration ? defined.get(typeKey(entity)) : undefined;
    if (definition && entity.docstring !== undefined) definition.docstring ??= entity.docstring;
    return !definition;
  });
}

const typeKey = ({ qualified, parameters: list = [] }: Entity): string =>
  `${qualified}(${list.map(({ type }) => type).join()})`;

/** `#include <a.h>` and `#include "b.h"` */
function includeFile(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const signature = collapse(walk.text.slice(start, end));
  const module = /[<"]([^>"]+)[>"]/.exec(signature)?.[1];
  if (module !== undefined) walk.importName({ name: module, module, signature, start, end, star: true });
}

/** A macro is known everywhere after it, so nothing contains it. An include guard is no definition. */
function defineMacro(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const { text } = walk;
  const value = node.childForFieldName("value");
  const nameStart = name.startIndex;
  const written = identifierAt(text, nameStart);
  if (!value && /_(?:H|HH|HPP|HXX|INCLUDED)_*$/i.test(written)) return;
  const open = nameStart + written.length;
  const takesArguments = text[open] === "(";
  walk.define({
    type: takesArguments ? "function" : "variable",
    name: written,
    start: node.startIndex,
    end: node.endIndex,
    nameStart,
    headEnd: takesArguments ? (value?.startIndex ?? node.endIndex) : node.endIndex,
    container: "",
    ...(takesArguments && {
      parameters: readParameters(text, { open, stop: node.endIndex }, { style: "named" }),
    }),
  });
}

export interface Declarator {
  /** The name with its path and template arguments: `Polygon<T>::operator+=`. */
  start: number;
  end: number;
  /** Start of the parameter list; -1 for what is no function. */
  open: number;
}

const names = new Set([
  "identifier",
  "field_identifier",
  "type_identifier",
  "qualified_identifier",
  "destructor_name",
  "operator_name",
  "template_function",
]);

/** What a declarator declares, under its stars, brackets and parentheses. */
export function readDeclarator(declarator: Node | null): Declarator | undefined {
  let node = declarator;
  let open = -1;
  for (let i = 0; node && i < 20; i++) {
    const { type } = node;
    if (type === "qualified_identifier") {
      const cast = lastName(node);
      if (cast.type === "operator_cast") return readCast(cast, node.startIndex);
    }
    if (names.has(type)) return { start: node.startIndex, end: node.endIndex, open };
    if (type === "operator_cast") return readCast(node, node.startIndex);
    const inner: Node | null = node.childForFieldName("declarator") ?? node.firstNamedChild;
    if (type === "function_declarator") {
      // `int (*apply)(int)` is a variable that points to a function.
      const isPointer = inner?.type === "parenthesized_declarator";
      open = isPointer ? -1 : (node.childForFieldName("parameters")?.startIndex ?? -1);
    }
    node = inner;
  }
  return undefined;
}

/** What a path ends with. */
function lastName(path: Node): Node {
  let node = path;
  for (let i = 0; i < 20 && node.type === "qualified_identifier"; i++)
    node = node.childForFieldName("name") ?? node;
  return node;
}

/** `operator bool() const`, `Dot::operator int()` */
function readCast(node: Node, start: number): Declarator | undefined {
  const list = node.childForFieldName("declarator");
  return list ? { start, end: list.startIndex, open: list.startIndex } : undefined;
}

/** How C++ names what C calls by one word: `Class::method` has a container. */
export type NameReader = (
  walk: Walk,
  declarator: Declarator,
) => { name: string; nameStart: number; container?: string; isMember: boolean };

const plainName: NameReader = (walk, { start, end }) => ({
  name: walk.text.slice(start, end),
  nameStart: start,
  isMember: walk.inType,
});

export function defineFunction(node: Node, walk: Walk, readName = plainName): void {
  const declarator = readDeclarator(node.childForFieldName("declarator"));
  if (!declarator || declarator.open < 0) return;
  const end = node.endIndex;
  // The first letters of a macro's name may stand for a type.
  while (isIdentifierCode(walk.text.charCodeAt(declarator.start - 1))) declarator.start--;
  const body = node.childForFieldName("body")?.startIndex ?? end;
  const start = startWithMacros(walk.text, node.startIndex);
  const type = walk.text.slice(start, declarator.start);
  defineCallable(walk, { declarator, start, end, body, opens: true, type }, readName);
}

interface Callable {
  declarator: Declarator;
  start: number;
  end: number;
  body: number;
  opens: boolean;
  /** What stands before the name. */
  type: string;
}

function defineCallable(walk: Walk, found: Callable, readName: NameReader): void {
  const { text } = walk;
  const { declarator, start, end, body, opens, type } = found;
  const { isMember, ...named } = readName(walk, declarator);
  const { open } = declarator;
  const trailing = returnAfter(text, { open, stop: body, mark: "->" });
  walk.define({
    ...named,
    type: isMember ? "method" : "function",
    start,
    end,
    headEnd: endOfHead(text, open, body),
    ...(opens && { opens: "function" }),
    parameters: readParameters(text, { open, stop: body }, parameters),
    returns: trailing ?? typeBefore(type),
  });
}

/** A constructor's initialisers (`: total(0)`) are no part of its head. */
function endOfHead(text: string, open: number, body: number): number {
  const after = closeOf(text, open);
  const colon = text.slice(after, Math.min(body, after + 400)).search(/(?<!:):(?!:)/);
  return colon < 0 ? body : after + colon;
}

const storage =
  /\b(?:static|inline|extern|virtual|explicit|constexpr|consteval|friend|register|typedef|mutable)\b/g;

/** `API static inline double` is `double`; undefined for constructors, which have no type. */
function typeBefore(head: string): string | undefined {
  const type = collapse(
    withoutMacros(head)
      .replace(/\[\[[^\]]*\]\]/g, "")
      .replace(attributes, "")
      .replace(storage, ""),
    200,
  );
  return type === "" ? undefined : type;
}

/** Prototypes, globals and fields; what is declared in a function is nobody's business. */
export function defineDeclaration(node: Node, walk: Walk, readName = plainName): void {
  if (!walk.atModuleLevel) {
    walk.annotate(node.startIndex, node.endIndex, "typed");
    return;
  }
  const end = node.endIndex;
  const declarators = node.childrenForFieldName("declarator").filter((one) => one !== null);
  const first = startWithMacros(walk.text, node.startIndex);
  const base = walk.text.slice(first, declarators[0]?.startIndex);
  let held: string | undefined;
  for (const [i, one] of declarators.entries()) {
    const declarator = readDeclarator(one);
    if (!declarator) continue;
    const start = i === 0 ? first : one.startIndex;
    const type = base + walk.text.slice(one.startIndex, declarator.start);
    const found = { declarator, start, end: i === 0 ? end : one.endIndex, type };
    if (declarator.open >= 0) defineCallable(walk, { ...found, end, body: end, opens: false }, readName);
    else {
      const entity = defineVariable(walk, found, readName);
      held ??= entity?.qualified;
    }
  }
  // `struct { int x; } a;`: the members of a type without a name belong to what is declared.
  if (held !== undefined && isUnnamed(node.childForFieldName("type")))
    walk.open({ kind: "type", qualified: held, end });
}

const isUnnamed = (type: Node | null): boolean =>
  type?.childForFieldName("body") != null && !type.childForFieldName("name");

/** `RED = 1` of an enum. */
const visitConstant = definition({ type: "variable" });

function defineConstant(node: Node, walk: Walk): void {
  if (walk.atModuleLevel) visitConstant(node, walk);
}

function defineVariable(
  walk: Walk,
  found: { declarator: Declarator; start: number; end: number; type: string },
  readName: NameReader,
): Entity | undefined {
  const { declarator, start, end } = found;
  const { isMember: _, ...named } = readName(walk, declarator);
  if (keywords.has(named.name)) return undefined;
  const { text } = walk;
  const before = typeBefore(found.type);
  // `void (*on_error)(int)`: the type stands around the name.
  const after = before?.endsWith("(*")
    ? text.slice(declarator.end, end).replace(/\s*(?:=[\s\S]*|;)$/, "")
    : "";
  const returns = before && collapse(before + after, 200);
  return walk.define({ ...named, type: "variable", start, end, headEnd: end, returns });
}

/** What a grammar takes for a name in a macro that it does not understand. */
const keywords = new Set(
  "struct union enum int char long short unsigned void const static if else for while return".split(" "),
);

/** `struct node { … }`; a tag without a body only mentions the type. */
export function defineTag(node: Node, walk: Walk, type: EntityType): void {
  const body = node.childForFieldName("body");
  const name = node.childForFieldName("name");
  if (!body || !name) return;
  const nameStart = name.startIndex;
  const end = node.endIndex;
  const written = identifierAt(walk.text, nameStart);
  walk.define({
    type,
    name: written,
    start: node.startIndex,
    end,
    nameStart,
    headEnd: body.startIndex,
    opens: "type",
  });
}

/** `typedef struct { … } Name;` names the struct; every other typedef is a type of its own. */
function defineTypedef(node: Node, walk: Walk): void {
  const { text } = walk;
  const type = node.childForFieldName("type");
  const body = type?.childForFieldName("body");
  const tag = type?.childForFieldName("name");
  const tagName = body && tag ? identifierAt(text, tag.startIndex) : undefined;
  const end = node.endIndex;
  let unnamed = body && !tag;
  for (const one of node.childrenForFieldName("declarator")) {
    const found = readDeclarator(one);
    const name = found && text.slice(found.start, found.end);
    if (!found || !name || name === tagName) continue;
    const opens = unnamed && one?.type === "type_identifier";
    if (opens) unnamed = false;
    walk.define({
      type: opens ? (type?.type === "enum_specifier" ? "enum" : "class") : "type",
      name,
      start: node.startIndex,
      end,
      nameStart: found.start,
      headEnd: opens ? body!.startIndex : end,
      ...(opens && { opens: "type", signature: `${text.slice(node.startIndex, body!.startIndex)} ${name}` }),
    });
    if (opens) return;
  }
}
