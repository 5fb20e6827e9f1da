/**
 * Definitions whose syntax node names its parts with fields (`name`, `parameters`, `body`, a return type): most of
 * them, in most languages. A language file says what is different.
 */
import type { Node } from "web-tree-sitter";
import type { Entity, EntityType, Parameter } from "../../model/outline.ts";
import { collapse, openingAfter, withoutGenerics } from "../head.ts";
import { type ParameterSyntax, readParameters, returnAfter } from "../parameters.ts";
import type { Visit } from "../rules.ts";
import type { ScopeKind, Walk } from "../walk.ts";

export interface Shape {
  /** `callable` is a method inside of a type and a function elsewhere. */
  type: EntityType | "callable";
  opens?: ScopeKind;
  /** Field names, where they differ from `name` and `body`. */
  name?: string;
  body?: string;
  /** Types of the last child when that is the body, for grammars that have no field for it. */
  bodyTypes?: ReadonlySet<string>;
  /** Set for what takes parameters. */
  parameters?: ParameterSyntax;
  /** Field of the return type, or of a variable's type. */
  returns?: string;
  /** What stands between the parameters and the return type (`:`, `->`), for grammars that have no field for it. */
  returnMark?: string;
  /** Qualified name of the container, when it is not the scope. */
  container?: string;
}

/** What a caller needs to read more from the head: base classes, a type after the parameters. */
export interface Defined {
  entity: Entity;
  nameEnd: number;
  headEnd: number;
}

/** Defines what `node` declares; undefined when it has no name or was not listed. */
export function defineNode(node: Node, walk: Walk, shape: Shape): Defined | undefined {
  const name = node.childForFieldName(shape.name ?? "name");
  if (!name) return undefined;
  const { text } = walk;
  const nameStart = name.startIndex;
  const nameEnd = name.endIndex;
  const end = node.endIndex;
  const headEnd = bodyStart(node, shape) ?? end;
  const type = shape.type === "callable" ? (walk.inType ? "method" : "function") : shape.type;
  const opens = shape.opens ?? (shape.type === "callable" ? "function" : undefined);
  const entity = walk.define({
    type,
    name: bareName(text.slice(nameStart, nameEnd)),
    start: node.startIndex,
    end,
    nameStart,
    headEnd,
    ...(opens && { opens }),
    ...(shape.container !== undefined && { container: shape.container }),
    ...readSignature(node, walk, { shape, nameEnd, headEnd }),
  });
  return entity && { entity, nameEnd, headEnd };
}

function bodyStart(node: Node, shape: Shape): number | undefined {
  if (!shape.bodyTypes) return node.childForFieldName(shape.body ?? "body")?.startIndex;
  const last = node.lastNamedChild;
  return last && shape.bodyTypes.has(last.type) ? last.startIndex : undefined;
}

/** Parameters and return type. */
function readSignature(
  node: Node,
  walk: Walk,
  found: { shape: Shape; nameEnd: number; headEnd: number },
): { parameters?: Parameter[]; returns?: string | undefined } {
  const { shape, nameEnd, headEnd } = found;
  const { text } = walk;
  const type = shape.returns === undefined ? null : node.childForFieldName(shape.returns);
  const returns = type ? collapse(text.slice(type.startIndex, type.endIndex), 200) : undefined;
  if (!shape.parameters) return { returns };
  const open = openingAfter(text, nameEnd, headEnd);
  const parameters = readParameters(text, { open, stop: headEnd }, shape.parameters);
  if (shape.returnMark === undefined) return { parameters, returns };
  return { parameters, returns: returnAfter(text, { open, stop: headEnd, mark: shape.returnMark }) };
}

/** The visit that defines every node of its type in this shape. */
export const definition =
  (shape: Shape): Visit =>
  (node, walk) => {
    defineNode(node, walk, shape);
  };

/** `int a = 1, b;`: one variable per declarator; the first one starts where the declaration does. */
export function defineDeclarators(
  walk: Walk,
  found: { declaration: Node; declarators: Node[]; type?: Node | null },
): void {
  const { declaration, declarators, type } = found;
  const { text } = walk;
  const returns = type ? collapse(text.slice(type.startIndex, type.endIndex), 200) : undefined;
  for (const [i, declarator] of declarators.entries()) {
    const name = declarator.childForFieldName("name") ?? declarator;
    const end = i === 0 ? declaration.endIndex : declarator.endIndex;
    walk.define({
      type: "variable",
      name: text.slice(name.startIndex, name.endIndex),
      start: i === 0 ? declaration.startIndex : declarator.startIndex,
      end,
      nameStart: name.startIndex,
      headEnd: end,
      returns,
    });
  }
}

/** Parameters of a type that are members of it, too: `record Point(int x)`. */
export function defineComponents(walk: Walk, parameters: readonly Node[]): void {
  const { text } = walk;
  for (const one of parameters) {
    const declarator = one.childForFieldName("name") ? one : one.lastNamedChild;
    const name = declarator?.childForFieldName("name");
    if (!name) continue;
    // `String... rest` has no field for its type.
    const type =
      one.childForFieldName("type") ?? one.namedChildren.find(({ type }) => /_type$|_identifier$/.test(type));
    walk.define({
      type: "variable",
      name: text.slice(name.startIndex, name.endIndex),
      start: one.startIndex,
      end: one.endIndex,
      nameStart: name.startIndex,
      headEnd: one.endIndex,
      returns: type ? collapse(text.slice(type.startIndex, type.endIndex), 200) : undefined,
    });
  }
}

/**
 * Opens the scope of an object without a name. What is in it belongs to what holds the object: the function around,
 * or the field whose declaration is the walk's holder.
 */
export function openHeld(node: Node, walk: Walk, nameOf: (holder: Node, at: number) => Node | null): void {
  const { holder, text } = walk;
  const start = node.startIndex;
  const isHeld = walk.atModuleLevel && holder && holder.startIndex < start && start < holder.endIndex;
  const name = isHeld ? nameOf(holder, start) : null;
  const { qualified } = walk.scope;
  const owner = name ? walk.qualify(bareName(text.slice(name.startIndex, name.endIndex))) : qualified;
  walk.open({ kind: "type", qualified: owner, end: node.endIndex });
}

/** Kotlin, Scala and Swift put names in back quotes that are no words. */
const bareName = (written: string): string => written.replaceAll("`", "");

const baseWords = /\b(extends|implements|with|on|permits)\b/;

/**
 * `extends A<B> implements C, D`: what stands between the name and the body. Mixins (`with`, `on`) count as
 * implemented; what a sealed type permits is no base of it.
 */
export function relateBases(walk: Walk, { entity, nameEnd, headEnd }: Defined): void {
  const head = walk.text.slice(nameEnd, Math.min(headEnd, nameEnd + 2000));
  const parts = withoutGenerics(head).split(baseWords);
  for (let i = 1; i < parts.length; i += 2) {
    const word = parts[i]!;
    if (word === "permits") continue;
    for (const base of parts[i + 1]!.split(",")) {
      walk.relateBase(entity, word === "extends" ? "extends" : "implements", base);
    }
  }
}
