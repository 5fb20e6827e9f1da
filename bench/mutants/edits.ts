/**
 * The small wrong changes that can be made to a TypeScript file: at which place, and what stands there instead. Read from
 * its syntax tree, so that types, comments and the texts of errors are left alone. Used by mutants.ts and its test.
 */
import { parseSync } from "rolldown/utils";
import { sqlEdits } from "./sql-edits.ts";

export interface Edit {
  kind: string;
  start: number;
  end: number;
  /** What stands there instead of the text from start to end. */
  text: string;
}

/** A node of ESTree, as far as it is read here. */
interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

/** TypeScript's own nodes say nothing at run time, but for these, which hold an expression. */
const WRAPPERS = new Set(["TSAsExpression", "TSNonNullExpression", "TSSatisfiesExpression"]);
const SILENT = new Set(["ImportDeclaration", "ExportAllDeclaration", "ThrowStatement"]);

const isSilent = ({ type }: Node): boolean =>
  SILENT.has(type) || (type.startsWith("TS") && !WRAPPERS.has(type));

/** All edits of a file, in order of their places. */
export function editsOf(path: string, source: string): Edit[] {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]!.message}`);
  const found: Edit[] = [];
  const visit = (node: Node): void => {
    if (isSilent(node) || isErrorMade(node)) return;
    found.push(...editsAt(node, source));
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child);
    }
  };
  visit(program as unknown as Node);
  return found.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

function isErrorMade({ type, callee }: Node): boolean {
  return type === "NewExpression" && isNode(callee) && /Error$/.test(String(callee.name));
}

type Rule = (node: Node, source: string) => Edit[];

const rules: Readonly<Record<string, Rule>> = {
  BinaryExpression: binary,
  LogicalExpression: (node, source) => operator(node, source, { "&&": "||", "||": "&&" }),
  AssignmentExpression: (node, source) => operator(node, source, { "+=": "-=", "-=": "+=" }),
  UpdateExpression: update,
  IfStatement: negated,
  WhileStatement: negated,
  ConditionalExpression: negated,
  Literal: literal,
  TemplateLiteral: (node, source) => sqlEdits(source, node),
  ExpressionStatement: statement,
  ReturnStatement: returned,
  ArrayExpression: shortened,
};

const editsAt = (node: Node, source: string): Edit[] => rules[node.type]?.(node, source) ?? [];

const BINARY: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "+": "-",
  "-": "+",
};

function binary(node: Node, source: string): Edit[] {
  const isText = node.operator === "+" && [node.left, node.right].some((side) => isTextual(side as Node));
  return isText ? [] : operator(node, source, BINARY);
}

const isTextual = (node: Node): boolean =>
  node.type === "TemplateLiteral" || (node.type === "Literal" && typeof node.value === "string");

/** The operator stands between its sides, with nothing but blanks and comments beside it. */
function operator(node: Node, source: string, others: Readonly<Record<string, string>>): Edit[] {
  const own = String(node.operator);
  const text = others[own];
  const [left, right] = [node.left as Node, node.right as Node];
  const start = source.indexOf(own, left.end);
  if (text === undefined || start < 0 || start >= right.start) return [];
  return [{ kind: "operator", start, end: start + own.length, text }];
}

function update({ operator, argument, prefix, start, end }: Node): Edit[] {
  const at = prefix ? start : (argument as Node).end;
  const to = prefix ? (argument as Node).start : end;
  return [{ kind: "operator", start: at, end: to, text: operator === "++" ? "--" : "++" }];
}

function negated({ test }: Node, source: string): Edit[] {
  const { start, end } = test as Node;
  return [{ kind: "condition", start, end, text: `!(${source.slice(start, end)})` }];
}

function literal(node: Node, source: string): Edit[] {
  const { value, start, end } = node;
  const edit = (text: string): Edit[] => [{ kind: "literal", start, end, text }];
  if (typeof value === "boolean") return edit(String(!value));
  if (typeof value === "number") return edit(value === 0 ? "1" : value === 1 ? "0" : `(${value} + 1)`);
  return typeof value === "string" ? sqlEdits(source, node) : [];
}

/** A call whose result nobody takes: something that is done. */
function statement({ expression, start, end }: Node): Edit[] {
  const call = expression as Node;
  const inner = call.type === "ChainExpression" ? (call.expression as Node) : call;
  const isCall = inner.type === "CallExpression" && (inner.callee as Node).type !== "Super";
  return isCall ? [{ kind: "statement", start, end, text: "{}" }] : [];
}

function returned({ argument, start, end }: Node): Edit[] {
  const isNothing = !isNode(argument) || (argument.type === "Identifier" && argument.name === "undefined");
  return isNothing ? [] : [{ kind: "return", start, end, text: "return undefined;" }];
}

function shortened({ elements }: Node, source: string): Edit[] {
  const list = (elements as (Node | null)[]).filter(isNode);
  return list.map((element, i): Edit => {
    const comma = /^\s*,?/.exec(source.slice(element.end))![0];
    const end = list[i + 1]?.start ?? element.end + (comma.endsWith(",") ? comma.length : 0);
    return { kind: "element", start: element.start, end, text: "" };
  });
}
