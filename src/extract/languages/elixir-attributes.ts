/**
 * Elixir's module attributes: documentation, specs, types and callbacks, behaviours, constants. What stands before a
 * function is kept until the function is seen. Used by elixir.ts.
 */
import type { Node } from "web-tree-sitter";
import { tidy } from "../comments.ts";
import { collapse, endOfQuote, identifierAt, skipSpace } from "../head.ts";
import { nextTop, splitArguments } from "../parameters.ts";
import type { Walk } from "../walk.ts";

/** Attributes that stand before a function. */
export interface Attributes {
  doc: string | undefined;
  /** `add(integer, integer) :: integer` */
  spec: string | undefined;
  decorators: string[];
  /** First character of the first one; -1 when there is none. */
  start: number;
}

const waiting = new WeakMap<Walk, Attributes>();

const none = (): Attributes => ({ doc: undefined, spec: undefined, decorators: [], start: -1 });

/** The attributes seen since the last definition. */
export function takeAttributes(walk: Walk): Attributes {
  const attributes = waiting.get(walk) ?? none();
  waiting.delete(walk);
  return attributes;
}

interface Found {
  name: string;
  start: number;
  /** First character of the value. */
  value: number;
  end: number;
}

/** `@name value` outside of functions; `@name` alone reads it. */
export function attribute(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  if (text[start] !== "@") return;
  const name = identifierAt(text, start + 1);
  const nameEnd = start + 1 + name.length;
  const end = node.endIndex;
  if (nameEnd >= end) return;
  const value = skipSpace(text, nameEnd + (text[nameEnd] === "(" ? 1 : 0));
  const found = { name, start, value, end };
  if (Object.hasOwn(meanings, name)) meanings[name]!(walk, found);
  else if (walk.scope.kind === "module" && !settings.has(name)) defineConstant(walk, found);
}

const meanings: Record<string, (walk: Walk, found: Found) => void> = {
  moduledoc: documentModule,
  doc: keepDocumentation,
  typedoc: keepDocumentation,
  spec: keepSpec,
  impl: decorate,
  deprecated: decorate,
  tag: decorate,
  dialyzer: decorate,
  decorate,
  type: defineType,
  typep: defineType,
  opaque: defineType,
  callback: defineCallback,
  macrocallback: defineCallback,
  behaviour: implement,
};

/** Read by the compiler and by libraries; no constants of the module. */
const settings = new Set(
  "shortdoc since derive enforce_keys compile before_compile after_compile after_verify on_load on_definition external_resource optional_callbacks moduletag describetag vsn file".split(
    " ",
  ),
);

function keep(walk: Walk, start: number): Attributes {
  const attributes = waiting.get(walk) ?? none();
  if (attributes.start < 0) attributes.start = start;
  waiting.set(walk, attributes);
  return attributes;
}

function keepDocumentation(walk: Walk, found: Found): void {
  const text = documentation(walk.text, found);
  const attributes = keep(walk, found.start);
  attributes.doc ??= text;
}

function keepSpec(walk: Walk, { start, value, end }: Found): void {
  const attributes = keep(walk, start);
  attributes.spec ??= walk.text.slice(value, Math.min(end, value + 4000));
  walk.quietUntil(end);
}

function decorate(walk: Walk, { start, end }: Found): void {
  keep(walk, start).decorators.push(collapse(walk.text.slice(start + 1, end), 200));
}

/** The entity of the module around is already there: its documentation stands inside of it. */
function documentModule(walk: Walk, found: Found): void {
  const text = documentation(walk.text, found);
  const { kind, entity } = walk.scope;
  if (text !== undefined && kind === "module" && entity) entity.docstring = text;
}

/** `"""…"""`, `~S"""…"""`, `"…"`; undefined for `false` and keyword lists. */
function documentation(text: string, { value, end }: Found): string | undefined {
  const open = /^(?:~[sS])?("""|'''|"|')/.exec(text.slice(value, value + 5));
  if (!open) return undefined;
  const quote = open[1]!;
  const from = value + open[0].length;
  const close = quote.length === 3 ? text.lastIndexOf(quote, end) : endOfQuote(text, from - 1, end) - 1;
  return tidy(text.slice(from, Math.max(from, Math.min(close, from + 8000))).split("\n"));
}

function defineType(walk: Walk, { start, value, end }: Found): void {
  const { doc } = takeAttributes(walk);
  walk.quietUntil(end);
  const name = identifierAt(walk.text, value);
  walk.define({ type: "type", name, start, end, nameStart: value, headEnd: end, docstring: doc });
}

function defineCallback(walk: Walk, { start, value, end }: Found): void {
  const { doc, decorators } = takeAttributes(walk);
  walk.quietUntil(end);
  const { text } = walk;
  const { types, returns } = callbackTypes(text.slice(value, Math.min(end, value + 4000)));
  const name = /^\w+[!?]?/.exec(text.slice(value, value + 100))?.[0] ?? "";
  const entity = walk.define({
    type: "function",
    name,
    start,
    end,
    nameStart: value,
    headEnd: end,
    opens: "function",
    parameters: types.map((type) => named(type)),
    returns,
    docstring: doc,
  });
  if (entity && decorators.length > 0) entity.decorators = decorators;
}

/** `name :: type` in the arguments of a callback. */
export function named(type: string): { name: string; type: string } {
  const match = /^(\w+)\s*::\s*([\s\S]*)$/.exec(type);
  return match ? { name: match[1]!, type: match[2]! } : { name: "", type };
}

/** `add(integer, integer) :: integer when …`: the types of the arguments, and of the result. */
export function callbackTypes(spec: string): { types: string[]; returns: string } {
  const open = spec.indexOf("(");
  const colons = topColons(spec);
  const types =
    open < 0 || open > colons
      ? []
      : splitArguments(spec, open, { quotes: `"`, comment: "#" }).map((one) => collapse(one, 200));
  const returns = spec.slice(colons + 2).replace(/\bwhen\b[\s\S]*$/, "");
  return { types, returns: collapse(returns, 200) };
}

function topColons(spec: string): number {
  let at = nextTop(spec, ":", { quotes: `"` });
  while (at < spec.length && spec[at + 1] !== ":") at = nextTop(spec, ":", { from: at + 1, quotes: `"` });
  return at;
}

function implement(walk: Walk, { start, value }: Found): void {
  const { owner } = walk.scope;
  const behaviour = /^:?[\w.]+/.exec(walk.text.slice(value, value + 200))?.[0] ?? "";
  if (owner !== "") walk.relateOuter("implements", behaviour.replace(/^:/, ""), start);
}

function defineConstant(walk: Walk, { name, start, end }: Found): void {
  walk.define({ type: "variable", name, start, end, nameStart: start + 1, headEnd: end });
}
