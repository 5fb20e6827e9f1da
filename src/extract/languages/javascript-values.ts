/**
 * Functions and objects that get their name from what holds them: `const add = (a, b) => …`, `{ start() {} }`,
 * `Foo.prototype.bar = function`. A holder is seen before its value, so remembering the last one is enough.
 * Used by javascript.ts.
 */
import type { Node } from "web-tree-sitter";
import type { Entity, EntityType } from "../../model/outline.ts";
import { identifierAt, skipSpaceBack } from "../head.ts";
import { readParameters, returnAfter } from "../parameters.ts";
import type { Walk } from "../walk.ts";
import { commonJsExport, isExported, statementStart } from "./javascript-modules.ts";

const parameterSyntax = {
  style: "named",
  modifiers: new Set(["public", "private", "protected", "readonly", "override"]),
} as const;

/** The name something gets, and where. */
export interface Named {
  name: string;
  nameStart: number;
  /** First character of the whole definition. */
  start: number;
  container?: string;
}

/** A function of any shape: its parameters, its return type, its scope. */
export function defineCallable(
  walk: Walk,
  node: Node,
  found: Named & { type: EntityType },
): Entity | undefined {
  const { text } = walk;
  const end = node.endIndex;
  const body = node.childForFieldName("body")?.startIndex ?? end;
  const open = node.childForFieldName("parameters")?.startIndex ?? -1;
  const single = open < 0 ? node.childForFieldName("parameter") : null;
  return walk.define({
    ...found,
    end,
    headEnd: body,
    opens: "function",
    parameters: single
      ? [{ name: identifierAt(text, single.startIndex) }]
      : readParameters(text, { open, stop: body }, parameterSyntax),
    returns: returnAfter(text, { open, stop: body, mark: ":" }),
  });
}

export function holdsValue(node: Node, walk: Walk): void {
  walk.holder = node;
  walk.annotate(node.startIndex, node.endIndex, "named");
}

/** `a.b = value`: may name its value, or export it. */
export function assignment(node: Node, walk: Walk): void {
  walk.holder = node;
  const { text } = walk;
  const start = node.startIndex;
  if (!/^(?:module|exports)\b/.test(text.slice(start, start + 8))) return;
  const left = node.childForFieldName("left");
  const right = node.childForFieldName("right");
  if (!left || !right || walk.scope.kind !== "file") return;
  const end = node.endIndex;
  const path = text.slice(left.startIndex, left.endIndex);
  commonJsExport(walk, { left: path, valueStart: right.startIndex, span: { start, end } });
  const member = /^(?:module\.)?exports\.([\w$]+)$/.exec(path)?.[1];
  if (member === undefined || functionTypes.has(right.type)) return;
  walk.define({
    type: "variable",
    name: member,
    start,
    end,
    nameStart: left.endIndex - member.length,
    headEnd: end,
  });
}

export const functionTypes = new Set([
  "arrow_function",
  "function_expression",
  "generator_function",
  "class",
]);

/** A function expression, an arrow function or a class expression; without any name it is part of what is around it. */
export function functionValue(node: Node, walk: Walk): void {
  const named = nameFromHolder(node, walk) ?? ownName(node, walk) ?? defaultExport(node, walk);
  if (!named) {
    if (node.type === "class")
      walk.open({ kind: "type", qualified: walk.scope.qualified, end: node.endIndex });
    return;
  }
  if (walk.text.startsWith("class", node.startIndex)) {
    defineClassValue(node, walk, named);
    return;
  }
  const isMember = named.container !== undefined || walk.inType;
  const entity = defineCallable(walk, node, { ...named, type: isMember ? "method" : "function" });
  exportNamed(walk, node, { named, entity });
}

function defineClassValue(node: Node, walk: Walk, named: Named): void {
  const headEnd = node.childForFieldName("body")?.startIndex ?? node.endIndex;
  const entity = walk.define({ ...named, type: "class", end: node.endIndex, headEnd, opens: "type" });
  exportNamed(walk, node, { named, entity });
}

function exportNamed(walk: Walk, node: Node, found: { named: Named; entity: Entity | undefined }): void {
  const { named, entity } = found;
  if (!entity || !isExported(walk.text, named.start)) return;
  walk.exportName(named.name, named.start, node.childForFieldName("body")?.startIndex ?? node.endIndex);
}

function ownName(node: Node, walk: Walk): Named | undefined {
  const name = node.childForFieldName("name");
  if (!name) return undefined;
  const start = statementStart(walk.text, node.startIndex);
  return { name: walk.text.slice(name.startIndex, name.endIndex), nameStart: name.startIndex, start };
}

/** `export default () => …` is known to others as `default`. */
function defaultExport(node: Node, walk: Walk): Named | undefined {
  const start = statementStart(walk.text, node.startIndex);
  if (start === node.startIndex || !/^export\s+default\b/.test(walk.text.slice(start, start + 40)))
    return undefined;
  return { name: "default", nameStart: walk.text.indexOf("default", start), start };
}

/** The name that the last holder gives to `node`, when `node` is that holder's value. */
function nameFromHolder(node: Node, walk: Walk): Named | undefined {
  const { holder, text } = walk;
  const before = text[skipSpaceBack(text, node.startIndex) - 1];
  if (!holder || (before !== "=" && before !== ":")) return undefined;
  const { type } = holder;
  let value = holder.childForFieldName(type === "assignment_expression" ? "right" : "value");
  while (value && value.id !== node.id && wrappers.has(value.type)) value = value.firstNamedChild;
  if (value?.id !== node.id) return undefined;
  if (type === "variable_declarator") return variableName(holder, walk);
  if (type === "assignment_expression") return memberName(holder, walk);
  return keyName(holder, walk);
}

/** `{ … } as const`, `{ … } satisfies Routes` */
const wrappers = new Set(["as_expression", "satisfies_expression"]);

function variableName(holder: Node, walk: Walk): Named | undefined {
  const name = identifierAt(walk.text, holder.startIndex);
  if (name === "") return undefined;
  return { name, nameStart: holder.startIndex, start: declarationStart(walk.text, holder.startIndex) };
}

/** `const` before the first declarator belongs to it; a later one starts at its name. */
export function declarationStart(text: string, declarator: number): number {
  const end = skipSpaceBack(text, declarator);
  const keyword = /(?:const|let|var|using)$/.exec(text.slice(Math.max(0, end - 6), end))?.[0];
  return keyword === undefined ? declarator : statementStart(text, end - keyword.length);
}

/** The key of a property or the name of a class field. */
function keyName(holder: Node, walk: Walk): Named | undefined {
  const key =
    holder.childForFieldName("key") ??
    holder.childForFieldName("property") ??
    holder.childForFieldName("name");
  if (!key) return undefined;
  const name = walk.text.slice(key.startIndex, key.endIndex).replace(/^["']|["']$/g, "");
  return name.includes("\n") ? undefined : { name, nameStart: key.startIndex, start: holder.startIndex };
}

/** `Foo.prototype.bar`, `Foo.bar`, `exports.bar`, `this.bar`: the last part names, the others contain. */
function memberName(holder: Node, walk: Walk): Named | undefined {
  const left = holder.childForFieldName("left");
  if (!left) return undefined;
  const start = left.startIndex;
  const end = left.endIndex;
  const path = walk.text.slice(start, Math.min(end, start + 200));
  if (!/^[\w$]+(?:\.[\w$#]+)*$/.test(path)) return undefined;
  const parts = path.split(".").filter((part) => part !== "prototype" && part !== "this");
  const name = parts.pop();
  if (name === undefined || name === "exports") return undefined;
  const inside = parts.filter((part) => part !== "module" && part !== "exports");
  const nameStart = end - name.length;
  if (inside.length === 0) return { name, nameStart, start };
  return { name, nameStart, start, container: walk.qualify(inside.join(".")) };
}

/** An object that has a name contains its methods. */
export function objectValue(node: Node, walk: Walk): void {
  const path = nameFromHolder(node, walk);
  if (!path) return;
  const qualified = walk.qualify(path.name, path.container);
  const owner = walk.holder?.type !== "pair" && walk.isVariable(qualified) ? { owner: qualified } : {};
  walk.open({ kind: "object", qualified, end: node.endIndex, ...owner });
}
