/**
 * Lua: functions however they are given a name (`function M.f`, `M.f = function`, a field of a table), variables of
 * the file, `require`.
 */
import type { Node } from "web-tree-sitter";
import type { CommentStyle } from "../comments.ts";
import { skipSpaceBack } from "../head.ts";
import { readParameters } from "../parameters.ts";
import type { Rules } from "../rules.ts";
import type { Walk } from "../walk.ts";

const comments: CommentStyle = {
  line: ["--"],
  block: ["--[[", "]]"],
  pattern: /--\[\[[^\]]*(?:\](?!\])[^\]]*)*\]\]|--.*$/gm,
};

export const lua: Rules = {
  comments,
  visits: {
    function_declaration: defineFunction,
    function_definition: functionValue,
    assignment_statement: assignment,
    comment: defineAnnotated,
    field: openTable,
    arguments: callOrRequire,
  },
  branches: [
    "if_statement",
    "elseif_statement",
    "for_statement",
    "while_statement",
    "repeat_statement",
    "and",
    "or",
  ],
  calls: [],
};

/** `function name`, `local function name`, `function M.name`, `function M:name` */
function defineFunction(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (name) addFunction(walk, node, { start: node.startIndex, from: name.startIndex, to: name.endIndex });
}

/** `name = function`, `M.name = function`, `["name"] = function`; a function that is an argument has no name. */
function functionValue(node: Node, walk: Walk): void {
  const { text } = walk;
  const listed = nameInList(node, walk);
  if (listed) {
    addFunction(walk, node, listed);
    return;
  }
  const equals = skipSpaceBack(text, node.startIndex) - 1;
  if (text[equals] !== "=") return;
  const to = skipSpaceBack(text, equals);
  const before = text.slice(Math.max(0, to - 200), to);
  const path = /(?:[\w.:]|\[\s*(?:"[^"\n]*"|'[^'\n]*')\s*\])+$/.exec(before)?.[0];
  if (path === undefined) return;
  const from = to - path.length;
  addFunction(walk, node, { start: statementStart(text, from), from, to });
}

/** `a, M.b = function() end, function() end`: the name at the same place as the function. */
function nameInList(node: Node, { holder, text }: Walk): Named | undefined {
  if (!holder || holder.endIndex < node.endIndex) return undefined;
  const [names, values] = holder.namedChildren;
  if (!names || names.namedChildCount < 2) return undefined;
  const at = values?.namedChildren.findIndex(({ id }) => id === node.id) ?? -1;
  const name = names.namedChildren[at];
  if (!name) return undefined;
  const from = name.startIndex;
  return { start: at === 0 ? statementStart(text, from) : from, from, to: name.endIndex };
}

/** `local` before a name belongs to it. */
function statementStart(text: string, from: number): number {
  const before = /\blocal\s+$/.exec(text.slice(Math.max(0, from - 20), from));
  return before ? from - before[0].length : from;
}

/** Where the path that names something stands, and where its statement starts. */
interface Named {
  start: number;
  from: number;
  to: number;
}

function addFunction(walk: Walk, node: Node, { start, from, to }: Named): void {
  const { text } = walk;
  const list = node.childForFieldName("parameters");
  const parameters = list
    ? readParameters(text, { open: list.startIndex, stop: list.endIndex }, { style: "named", comment: "--" })
    : [];
  const { name, owner, container } = splitPath(walk, text.slice(from, to));
  const isMethod = owner.endsWith(":") || parameters[0]?.name === "self";
  walk.define({
    type: isMethod ? "method" : "function",
    name,
    start,
    end: node.endIndex,
    nameStart: to - name.length,
    headEnd: list?.endIndex ?? to,
    opens: "function",
    parameters,
    ...(container !== undefined && { container }),
  });
}

/** `M.deep["call"]` is `call` in `M.deep`; a path that is written out does not belong to the function around it. */
function splitPath(walk: Walk, path: string): { name: string; owner: string; container?: string } {
  const key = /^\[\s*(["'])(.*)\1\s*\]$/.exec(path)?.[2];
  if (key !== undefined && /[.:]/.test(key)) return { name: key, owner: "" };
  const plain = path.replace(/\[\s*["']?([^\]"']*)["']?\s*\]/g, ".$1").replace(/^\./, "");
  const cut = Math.max(plain.lastIndexOf("."), plain.lastIndexOf(":"));
  const name = plain.slice(cut + 1);
  if (cut < 0) return { name, owner: "" };
  const owner = plain.slice(0, cut + 1);
  const written = owner.slice(0, -1).replaceAll(":", ".");
  const inside = walk.scope.kind === "object" && path.startsWith("[");
  return { name, owner, container: inside ? walk.qualify(written) : written };
}

/** `a, M.b = 1, 2` of the file itself; functions come when they are seen. */
function assignment(node: Node, walk: Walk): void {
  walk.holder = node;
  const { text } = walk;
  const from = node.startIndex;
  const start = statementStart(text, from);
  if (walk.scope.kind !== "file" || walk.lineStart(walk.lineOf(start)) !== start) return;
  const end = node.endIndex;
  const head = /^([\w.:\s,]+?)(?:<\w+>\s*)?=\s*/.exec(text.slice(from, Math.min(end, from + 500)));
  if (!head) return;
  const valueStart = from + head[0].length;
  const value = text.slice(valueStart, Math.min(end, valueStart + 300));
  if (importValue(walk, { value, start, end })) return;
  if (/^function\b/.test(value)) return;
  let at = from;
  for (const path of head[1]!.split(",").map((one) => one.trim())) {
    at = text.indexOf(path, at);
    addVariable(walk, { path, at, start, end, value });
    at += path.length;
  }
  if (value.startsWith("{"))
    walk.open({ kind: "object", qualified: head[1]!.trim().replaceAll(":", "."), end });
}

function addVariable(
  walk: Walk,
  { path, at, start, end, value }: { path: string; at: number; start: number; end: number; value: string },
): void {
  const { name, container } = splitPath(walk, path);
  if (name.startsWith("__")) return; // `Class.__index = Class`: how a class is made, nothing to look for
  const entity = walk.define({
    type: "variable",
    name,
    start,
    end,
    nameStart: at + path.length - name.length,
    headEnd: end,
    ...(container !== undefined && { container }),
  });
  if (!entity) return;
  // A table that people call a class: annotated as one, or made by a class library.
  const base = /^(?:[\w.]*[:.]extend|[\w.]*\bclass)\s*[("'{]\s*([A-Z]\w*)?/i.exec(value);
  const annotated = /^-?@class\s+(?:\(\w+\)\s*)?([\w.]+)/m.exec(entity.docstring ?? "")?.[1];
  if (base || annotated === name) entity.type = "class";
}

/** `local json = require("json")`, `local ok, x = pcall(require, "x")` */
function importValue(
  walk: Walk,
  { value, start, end }: { value: string; start: number; end: number },
): boolean {
  const module = /^(?:require|pcall\s*\(\s*require\s*,)\s*\(?\s*["']([^"'\n]+)["']/.exec(value)?.[1];
  if (module === undefined) return false;
  const signature = walk.text.slice(start, end);
  const local = /^(?:local\s+)?(\w+)\s*(?:<\w+>\s*)?=/.exec(signature)?.[1] ?? "";
  walk.importName({ name: module, module, signature, start, end, local });
  return true;
}

/** A table in a table that has a name. */
function openTable(node: Node, walk: Walk): void {
  const { scope, text } = walk;
  if (scope.kind !== "object" || scope.qualified.length > 200) return;
  const start = node.startIndex;
  const match = /^(?:(\w+)|\[\s*["']([^"'\n]+)["']\s*\])\s*=\s*\{/.exec(text.slice(start, start + 100));
  if (match)
    walk.open({ kind: "object", qualified: walk.qualify((match[1] ?? match[2])!), end: node.endIndex });
}

function callOrRequire(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const end = skipSpaceBack(text, start);
  if (!/(?<![\w.:])require$/.test(text.slice(Math.max(0, end - 8), end))) {
    walk.call(node);
    return;
  }
  const module = /^\(?\s*["']([^"'\n]+)["']/.exec(text.slice(start, start + 200))?.[1];
  if (module !== undefined) walk.importFrom(module, start);
}

const annotation = /^---@(class|alias|enum)\s+(?:\(\w+\)\s*)?([\w.]+)/;

/** `---@class Name: Base` and its fields below; above a variable of that name it is that variable's comment. */
function defineAnnotated(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const match = annotation.exec(text.slice(start, start + 200));
  if (!match || walk.scope.kind !== "file") return;
  const [head, kind, name] = match as unknown as [string, "class" | "alias" | "enum", string];
  const end = endOfAnnotated(text, start);
  const variable = /^(?:local\s+)?([\w.]+)\s*=/.exec(text.slice(end + 1, end + 200))?.[1];
  if (variable === name) return;
  const nameStart = start + head.length - name.length;
  const headEnd = endOfLine(text, start);
  const type = kind === "alias" ? "type" : kind;
  const entity = walk.define({ type, name, start, end, nameStart, headEnd });
  const bases =
    /^\s*:\s*(.*)/.exec(text.slice(start + head.length, Math.min(headEnd, start + 500)))?.[1] ?? "";
  if (!entity || type !== "class") return;
  for (const [base] of bases.matchAll(/(?<![\w.<])[A-Za-z_][\w.]*/g))
    walk.relateBase(entity, "extends", base);
}

function endOfLine(text: string, index: number): number {
  const newline = text.indexOf("\n", index);
  return newline < 0 ? text.length : newline;
}

/** The annotation goes on until a line that is none, or that starts the next one. */
function endOfAnnotated(text: string, start: number): number {
  let end = endOfLine(text, start);
  while (text.startsWith("---", end + 1) && !annotation.test(text.slice(end + 1, end + 200)))
    end = endOfLine(text, end + 1);
  return end;
}
