/**
 * Elixir: modules, protocols and their implementations, functions and macros (all clauses of one name and arity are
 * one entity), types, callbacks, module attributes, imports. Almost every node is a `call`, so the words decide.
 */
import type { Node } from "web-tree-sitter";
import type { Parameter } from "../../model/outline.ts";
import { hashComments } from "../comments.ts";
import {
  closeOf,
  collapse,
  identifierAt,
  isBlank,
  isIdentifierCode,
  skipSpace,
  skipSpaceBack,
} from "../head.ts";
import { splitArguments } from "../parameters.ts";
import type { Rules } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { defineClause } from "./clauses.ts";
import { type Attributes, attribute, callbackTypes, named, takeAttributes } from "./elixir-attributes.ts";

export const elixir: Rules = {
  comments: hashComments,
  visits: {
    call: visitCall,
    unary_operator: attribute,
    arguments: visitArguments,
    stab_clause: countClause,
  },
  branches: ["&&", "||", "and", "or"],
  calls: [],
};

const reading = { quotes: `"`, comment: "#" } as const;

/** The words that define, import or decide; what else is called is a call. */
const words: Record<string, (walk: Walk, found: Found) => void> = {
  defmodule: defineModule,
  defprotocol: defineModule,
  defimpl: defineImplementation,
  def: defineFunction,
  defp: defineFunction,
  defmacro: defineFunction,
  defmacrop: defineFunction,
  defguard: defineFunction,
  defguardp: defineFunction,
  defdelegate: defineFunction,
  defstruct: defineStruct,
  defexception: defineStruct,
  alias: importModules,
  import: importModules,
  use: importModules,
  require: importModules,
  if: countBranch,
  unless: countBranch,
  for: countBranch,
  with: countBranch,
};

/** A call of one of the words: where its argument starts, and the call's end. */
interface Found {
  word: string;
  node: Node;
  start: number;
  argument: number;
  end: number;
}

function visitCall(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const word = identifierAt(walk.text, start);
  if (!Object.hasOwn(words, word)) return;
  const wordEnd = start + word.length;
  const bracket = walk.text[wordEnd] === "(" ? 1 : 0;
  const argument = skipSpace(walk.text, wordEnd + bracket);
  if (bracket === 0 && argument === wordEnd) return;
  words[word]!(walk, { word, node, start, argument, end: node.endIndex });
}

function countBranch(walk: Walk): void {
  walk.branch();
}

/** What follows the words is no call of a function of that name. */
const quietWords = new Set([
  ...Object.keys(words),
  ..."fn do else rescue catch after end case cond receive try quote unquote unquote_splicing when".split(" "),
]);

/** `name(…)`, or `name …` on one line; arguments that stand alone belong to a `->`. */
function visitArguments(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const before = skipSpaceBack(text, start);
  if (before !== start && (text[start] === "(" || text.lastIndexOf("\n", start - 1) >= before)) return;
  let nameStart = before;
  if (/[!?]/.test(text[before - 1] ?? "")) nameStart--;
  while (nameStart > 0 && isIdentifierCode(text.charCodeAt(nameStart - 1))) nameStart--;
  if (text[nameStart - 1] === "@" || quietWords.has(text.slice(nameStart, before))) return;
  walk.call(node);
}

/** A clause of `case`, `cond`, `rescue`…; the default clause and the only clause of a `fn` decide nothing. */
function countClause(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  if (/^(?:_|true)\s*->/.test(text.slice(start, start + 20))) return;
  const before = skipSpaceBack(text, start);
  if (identifierAt(text, before - 2) !== "fn" || isIdentifierCode(text.charCodeAt(before - 3))) walk.branch();
}

/** `__MODULE__` is the module around. */
function moduleName(text: string, index: number): string {
  const name = /^:?[\w.]+/.exec(text.slice(index, index + 200))?.[0] ?? "";
  return name.replace(/^__MODULE__\.?/, "").replace(/\.$/, "");
}

function defineModule(walk: Walk, { word, node, start, argument, end }: Found): void {
  takeAttributes(walk);
  walk.define({
    type: word === "defprotocol" ? "interface" : "module",
    name: moduleName(walk.text, argument),
    start,
    end,
    nameStart: argument,
    headEnd: bodyStart(node, end),
    opens: "module",
  });
}

/** `defimpl Shape, for: Circle` is the module `Shape.Circle`. */
function defineImplementation(walk: Walk, { node, start, argument, end }: Found): void {
  takeAttributes(walk);
  const protocol = moduleName(walk.text, argument);
  const headEnd = bodyStart(node, end);
  const target = /\bfor:\s*([\w.]+)/.exec(walk.text.slice(argument, headEnd))?.[1];
  const name = target === undefined ? protocol : `${protocol}.${target.replace(/^__MODULE__\.?/, "")}`;
  const entity = walk.define({
    type: "module",
    name: name.replace(/\.$/, ""),
    start,
    end,
    nameStart: argument,
    headEnd,
    opens: "module",
  });
  if (entity) walk.relateBase(entity, "implements", protocol);
}

function bodyStart(node: Node, end: number): number {
  const last = node.lastNamedChild;
  return last?.type === "do_block" ? last.startIndex : end;
}

function defineFunction(walk: Walk, { word, node, start, argument, end }: Found): void {
  const { text } = walk;
  const attributes = takeAttributes(walk);
  const found = functionName(text, argument);
  if (!found) return;
  const headEnd = endOfHead(text, { word, from: argument, body: bodyStart(node, end) });
  const parameters = readHead(text, found, headEnd);
  const added = defineClause(walk, {
    key: `${found.name}/${parameters.length}`,
    hasBody: headEnd < end,
    type: "function",
    name: found.name,
    start,
    end,
    nameStart: found.start,
    headEnd,
    parameters,
    docstring: attributes.doc ?? (attributes.start < 0 ? undefined : walk.docAbove(attributes.start)),
  });
  // The default value of a parameter and a guard are no calls of the function.
  walk.quietUntil(headEnd);
  if (added?.first) describe(added.entity, attributes);
}

/** Types from the `@spec`, and the other attributes as decorators. */
function describe(
  entity: { decorators?: string[]; parameters?: Parameter[]; return_annotation?: string },
  { spec, decorators }: Attributes,
): void {
  if (decorators.length > 0) entity.decorators = decorators;
  if (spec === undefined) return;
  const { types, returns } = callbackTypes(spec);
  if (returns !== "") entity.return_annotation = returns;
  const { parameters } = entity;
  if (!parameters || parameters.length !== types.length) return;
  entity.parameters = parameters.map((one, i) => ({ ...one, type: named(types[i]!).type }));
}

interface FunctionName {
  name: string;
  start: number;
  end: number;
}

/** `name`, `name!`, or the operator of `a <~> b`, `a and b`, `not a`; nothing for a name that is computed. */
function functionName(text: string, at: number): FunctionName | undefined {
  const head = text.slice(at, at + 200);
  const infix = /^\w+\s+([-+*/<>=|&~^.!@]{1,3}|and|or|in)\s+\w/.exec(head);
  const match = infix ?? /^([^\W\d]\w*[!?]?|[-+*/<>=|&~^.!@]{1,3}(?=[\w(]))/.exec(head);
  const name = match?.[1];
  if (name === undefined || name === "unquote") return undefined;
  const start = at + (infix ? head.indexOf(name, head.search(/\s/)) : 0);
  return { name, start, end: start + name.length };
}

/** `, do: …` ends a head as a block does; of a guard, what comes after `when` is the body. */
function endOfHead(text: string, { word, from, body }: { word: string; from: number; body: number }): number {
  const mark = word.startsWith("defguard") ? /\s+when\b/ : /,\s*do:\s/;
  // A `do:` in the parameters is a part of them.
  const name = /^[\w!?]*/.exec(text.slice(from, from + 200))![0];
  const open = from + name.length;
  const close = text[open] === "(" ? closeOf(text.slice(0, body), open, reading) : from;
  const short = text.slice(close, Math.min(body, close + 4000)).search(mark);
  return short < 0 ? body : close + short;
}

function readHead(text: string, name: FunctionName, headEnd: number): Parameter[] {
  if (text[name.end] === "(") return readParameters(text.slice(name.end, headEnd));
  const operands = /(\w+)?\s*$/.exec(text.slice(Math.max(0, name.start - 100), name.start))?.[1];
  const right = /^\s*(?!when\b)(\w+)/.exec(text.slice(name.end, Math.min(headEnd, name.end + 200)))?.[1];
  if (right === undefined) return [];
  const isPrefix = operands === undefined || /^def\w*$/.test(operands);
  if (!isPrefix) return [{ name: operands }, { name: right }];
  return readParameters(`(${text.slice(name.end, headEnd).split(/\swhen\s/, 1)[0]})`);
}

/** The brackets of a binary (`<<a, b>>`) and a function (`fn a, b -> … end`) hold commas too. */
function readParameters(list: string): Parameter[] {
  const bracketed = list
    .replaceAll("<<", `${binary}[`)
    .replaceAll(">>", `]${binary}`)
    .replace(/\bfn\b(?=[\s(])/g, `${anonymous}[`)
    .replace(/\bend\b(?=\s*[,)])/g, `]${anonymous}`);
  return splitArguments(bracketed, 0, reading)
    .slice(0, 100)
    .map((one) => parameter(written(one)));
}

/** Marks of brackets that are none; no file holds them. */
const binary = "\ue000";
const anonymous = "\ue001";

const written = (bracketed: string): string =>
  bracketed
    .replaceAll(`${binary}[`, "<<")
    .replaceAll(`]${binary}`, ">>")
    .replaceAll(`${anonymous}[`, "fn")
    .replaceAll(`]${anonymous}`, "end");

/** `opts \\ []` */
function parameter(part: string): Parameter {
  const [name, ...value] = part.split("\\\\");
  const one: Parameter = { name: collapse(name!, 100) };
  if (value.length > 0) one.default = collapse(value.join("\\\\"), 200);
  return one;
}

/** `defstruct` gives its module a function `__struct__`. */
function defineStruct(walk: Walk, { start, end }: Found): void {
  takeAttributes(walk);
  if (walk.scope.kind !== "module") return;
  walk.define({ type: "variable", name: "__struct__", start, end, nameStart: start, headEnd: end });
}

/** `alias Calc.{Store, Errors}`: one import per module. */
function importModules(walk: Walk, { word, start, argument, end }: Found): void {
  const { text } = walk;
  const written = text.slice(argument, Math.min(end, argument + 4000));
  const match = /^(:?[\w.]+?)(?:\.\{([^}]*)\})?(?![\w.])/.exec(written);
  if (!match || !/^[A-Z:]/.test(match[1]!)) return;
  const base = match[1]!;
  const modules = match[2]?.split(",").map((one) => `${base}.${one.trim()}`) ?? [base];
  const rest = isBlank(written, match[0].length, written.length) ? "" : written.slice(match[0].length);
  for (const module of modules) {
    if (!/^:?[\w.]*\w$/.test(module)) continue;
    const renamed = /\bas:\s*([\w.]+)/.exec(rest)?.[1];
    const star = word === "import" || word === "use";
    const aliased = word === "alias" ? (renamed ?? module.slice(module.lastIndexOf(".") + 1)) : module;
    const local = star ? "" : aliased;
    const signature = `${word} ${module}${rest}`;
    walk.importName({ name: module, module, signature, start, end, local, star });
  }
}
