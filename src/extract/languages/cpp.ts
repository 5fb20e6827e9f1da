/** C++: what C has, and classes, namespaces, templates, out-of-line members. */
import type { Node } from "web-tree-sitter";
import type { EntityType } from "../../model/outline.ts";
import { identifierAt, withoutGenerics } from "../head.ts";
import type { Rules } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { c, defineDeclaration, defineFunction, defineTag, type NameReader, readDeclarator } from "./c.ts";
import { readableCpp, startWithMacros } from "./c-macros.ts";
import { defineNode, definition } from "./define.ts";
import { withoutHalves } from "./readable.ts";

export const cpp: Rules = {
  ...c,
  readable: readableCpp,
  otherwise: { text: (text) => withoutHalves(text, readableCpp), counts: "function_definition" },
  decorators: "[[",
  visits: {
    ...c.visits,
    function_definition: (node, walk) => defineFunction(node, walk, memberName),
    declaration: (node, walk) => defineDeclaration(node, walk, memberName),
    field_declaration: (node, walk) => defineDeclaration(node, walk, memberName),
    class_specifier: (node, walk) => defineClass(node, walk, "class"),
    struct_specifier: (node, walk) => defineClass(node, walk, "class"),
    union_specifier: (node, walk) => defineClass(node, walk, "class"),
    enum_specifier: (node, walk) => defineTag(node, walk, "enum"),
    namespace_definition: definition({ type: "module", opens: "module" }),
    template_declaration: startTemplate,
    alias_declaration: defineAlias,
    concept_definition: definition({ type: "type" }),
    friend_declaration: declareFriend,
    field_initializer: quietName,
    init_declarator: quietConstruction,
    reference_declarator: holdReference,
    abstract_reference_declarator: holdReference,
    ref_qualifier: holdReference,
    "&&": countAnd,
  },
  branches: [...c.branches, "for_range_loop", "catch_clause"],
};

/** `T&& x` starts with the token of a boolean operator: what it starts with is seen next, and is none. */
function holdReference(node: Node, walk: Walk): void {
  walk.holder = node;
}

function countAnd(node: Node, walk: Walk): void {
  if (walk.holder?.startIndex !== node.startIndex) walk.branch();
}

/** A friend is defined elsewhere, unless its body stands here. */
function declareFriend(node: Node, walk: Walk): void {
  const isDefined = node.namedChildren.some(({ type }) => type === "function_definition");
  if (!isDefined) walk.open({ kind: "opaque", qualified: "", end: node.endIndex });
}

/** `template <…>` belongs to what follows it. */
function startTemplate(node: Node, walk: Walk): void {
  const declaration = node.lastNamedChild;
  if (declaration) walk.startWith(node.startIndex, startWithMacros(walk.text, declaration.startIndex));
}

/** `geo::Polygon<T>::operator+=` is `operator+=` in `geo.Polygon`. */
const memberName: NameReader = (walk, { start, end }) => {
  const written = walk.text.slice(start, end);
  const operator = written.search(/\boperator\b(?!::)/);
  const path = pathOf(operator < 0 ? written : written.slice(0, operator));
  const last = path.pop()!;
  const name = operator < 0 ? last : written.slice(operator).replace(/\s+/g, " ").trim();
  const nameStart = operator < 0 ? Math.max(start, start + written.lastIndexOf(last)) : start + operator;
  const inside = path.filter((part) => part !== "");
  if (inside.length === 0) return { name, nameStart, isMember: walk.inType };
  const container = walk.qualify(inside.join("."));
  const owner = inside.at(-1)!;
  const isMember = /^[A-Z]/.test(owner) || name.replace("~", "") === owner || walk.isType(container);
  return { name, nameStart, container, isMember };
};

/**
 * `geo::Polygon<T>::area` in parts, the last one the name. The grammar takes the unknown macro of
 * `API_EXPORT Shape Shape::copy()` for the type and the type for a part of the name: only what follows the last blank
 * is the name. A class that is only announced (`class API Shape;`) has none.
 */
function pathOf(written: string): string[] {
  const path = withoutGenerics(written)
    .replace(/\s*::\s*/g, "::")
    .trim();
  if (/^(?:class|struct|union|enum)\s/.test(path)) return [""];
  return path.slice(path.search(/\S+$/)).split("::");
}

function defineClass(node: Node, walk: Walk, type: EntityType): void {
  const name = node.childForFieldName("name");
  const body = node.childForFieldName("body");
  if (!name || !body) return;
  const { text } = walk;
  const nameEnd = name.endIndex;
  const path = withoutGenerics(text.slice(name.startIndex, nameEnd)).split("::");
  const written = path.pop()!.trim();
  const headEnd = body.startIndex;
  const entity = walk.define({
    type,
    name: written,
    start: node.startIndex,
    end: node.endIndex,
    nameStart: Math.max(name.startIndex, text.indexOf(written, name.startIndex)),
    headEnd,
    opens: "type",
    ...(path.length > 0 && { container: walk.qualify(path.join(".")) }),
  });
  const head = withoutGenerics(text.slice(nameEnd, Math.min(headEnd, nameEnd + 2000)));
  const colon = head.search(/(?<!:):(?!:)/);
  if (!entity || colon < 0) return;
  for (const base of head.slice(colon + 1).split(",")) {
    walk.relateBase(entity, "extends", base.replace(/\b(?:public|private|protected|virtual)\b/g, ""));
  }
}

function defineAlias(node: Node, walk: Walk): void {
  if (walk.atModuleLevel) defineNode(node, walk, { type: "type", body: "none" });
}

/** `: total(0)` in a constructor initialises; it calls nothing named `total`. */
function quietName(node: Node, walk: Walk): void {
  walk.quietUntil(node.startIndex + identifierAt(walk.text, node.startIndex).length + 1);
}

/** `lock_guard guard(mutex)` declares `guard`. */
function quietConstruction(node: Node, walk: Walk): void {
  const declarator = readDeclarator(node.childForFieldName("declarator"));
  if (declarator && walk.text[declarator.end] === "(") walk.quietUntil(declarator.end + 1);
}
