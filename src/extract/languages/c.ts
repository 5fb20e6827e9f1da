/** C: functions and prototypes, macros, structs, unions, enums, typedefs, globals, includes. cpp.ts builds on it. */
import type { Node } from "web-tree-sitter";
import type { Entity, EntityType } from "../../model/outline.ts";
import { slashComments } from "../comments.ts";
import { closeOf, collapse, identifierAt } from "../head.ts";
import { type ParameterSyntax, readParameters, returnAfter } from "../parameters.ts";
import type { Rules } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { blankMacros, startWithMacros, withoutMacros } from "./c-macros.ts";

const parameters: ParameterSyntax = { style: "typed", modifiers: new Set(["register"]) };

export const c: Rules = {
  comments: slashComments,
  readable: blankMacros,
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
    ...(takesArguments && { parameters: readParameters(text, open, { style: "named" }) }),
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
    if (names.has(type)) return { start: node.startIndex, end: node.endIndex, open };
    if (type === "operator_cast") return readCast(node);
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

/** `operator bool() const` */
function readCast(node: Node): Declarator | undefined {
  const list = node.childForFieldName("declarator");
  return list ? { start: node.startIndex, end: list.startIndex, open: list.startIndex } : undefined;
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
  const body = node.childForFieldName("body")?.startIndex ?? end;
  const start = startWithMacros(walk.text, node.startIndex);
  defineCallable(walk, { declarator, start, end, body, opens: true }, readName);
}

interface Callable {
  declarator: Declarator;
  start: number;
  end: number;
  body: number;
  opens: boolean;
}

function defineCallable(walk: Walk, found: Callable, readName: NameReader): void {
  const { text } = walk;
  const { declarator, start, end, body, opens } = found;
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
    parameters: readParameters(text, open, parameters),
    returns: trailing ?? typeBefore(text.slice(start, declarator.start)),
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
  const declarators = node.childrenForFieldName("declarator");
  for (const [i, one] of declarators.entries()) {
    const declarator = readDeclarator(one);
    if (!declarator) continue;
    const start = i === 0 ? startWithMacros(walk.text, node.startIndex) : one!.startIndex;
    if (declarator.open >= 0)
      defineCallable(walk, { declarator, start, end, body: end, opens: false }, readName);
    else defineVariable(walk, { declarator, start, end: i === 0 ? end : one!.endIndex }, readName);
  }
}

function defineVariable(
  walk: Walk,
  found: { declarator: Declarator; start: number; end: number },
  readName: NameReader,
): void {
  const { declarator, start, end } = found;
  const { isMember: _, ...named } = readName(walk, declarator);
  const { text } = walk;
  const before = typeBefore(text.slice(start, declarator.start));
  // `void (*on_error)(int)`: the type stands around the name.
  const after = before?.endsWith("(*")
    ? text.slice(declarator.end, end).replace(/\s*(?:=[\s\S]*|;)$/, "")
    : "";
  const returns = before && collapse(before + after, 200);
  walk.define({ ...named, type: "variable", start, end, headEnd: end, returns });
}

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
