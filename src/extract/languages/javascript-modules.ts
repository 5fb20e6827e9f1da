/** How JavaScript and TypeScript files import and export, ES modules and CommonJS. Used by javascript.ts. */
import type { Node } from "web-tree-sitter";
import { assignedTarget } from "../bindings.ts";
import { identifierAt, identifierEndingAt, isBlank, skipSpace, skipSpaceBack } from "../head.ts";
import { splitArguments, splitTop } from "../parameters.ts";
import type { ImportedName, Walk } from "../walk.ts";

interface Span {
  start: number;
  end: number;
}

/** `import a, { b as c, type D }, * as e from "m"`; `import "m"`; `import x = require("m")`. */
export function importStatement(node: Node, walk: Walk): void {
  const span = { start: node.startIndex, end: node.endIndex };
  const text = walk.text.slice(span.start, span.end);
  const module = /["']([^"'\n]*)["']/.exec(text)?.[1];
  if (module === undefined) return;
  const clause = /^import\s+(?:type\s+(?!from\b))?([^"']*?)\s*(?:from\s*|=\s*require\s*\(\s*)["']/.exec(
    text,
  )?.[1];
  if (clause === undefined) {
    walk.importName({ name: module, module, signature: text, ...span, local: "" });
    return;
  }
  const typeOnly = /^import\s+type\b/.test(text);
  const isDefault = !/=\s*require\b/.test(text);
  for (const part of splitTop(clause, ",")) {
    if (part.startsWith("{")) importNamed(walk, { part, module, span, typeOnly });
    else {
      const name = part.replace(/^\*\s*as\s+/, "");
      const imported = isDefault && name === part ? "default" : "";
      importBinding(walk, { name, imported, typeOnly, part, module, span });
    }
  }
}

interface Clause {
  part: string;
  module: string;
  span: Span;
  typeOnly: boolean;
}

function importNamed(walk: Walk, { part, ...clause }: Clause): void {
  for (const specifier of splitArguments(part, 0)) {
    const match = /^(type\s+)?([\w$]+|"[^"]*")(?:\s+as\s+([\w$]+))?/.exec(specifier);
    const name = match?.[2] ?? "";
    const typeOnly = clause.typeOnly || match?.[1] !== undefined;
    const names = { name, imported: name, local: match?.[3] ?? name };
    importBinding(walk, { ...clause, ...names, typeOnly, part: `{ ${specifier} }` });
  }
}

function importBinding(walk: Walk, found: Clause & Pick<ImportedName, "name" | "imported" | "local">): void {
  const { part, span, ...binding } = found;
  walk.importName({ ...binding, signature: `import ${part} from "${found.module}"`, ...span });
}

/** `export { a as b }`, `export * from "m"`, `export default name`; declarations are exported where they are defined. */
export function exportStatement(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const rest = skipSpace(text, start + "export".length);
  const head = text.slice(rest, rest + 200);
  const list = /^(?:type\s+)?\{/.exec(head);
  const star = /^(?:type\s+)?\*\s*(?:as\s+([\w$]+))?/.exec(head);
  const plain = /^(?:default\s+|=\s*)([\w$]+)\s*(?:;|$|\n)/.exec(head);
  if (!list && !star && !plain) return;
  const end = node.endIndex;
  const module = /\bfrom\s*["']([^"'\n]*)["']/.exec(text.slice(Math.max(rest, end - 300), end))?.[1];
  const typeOnly = /^type\b/.test(head);
  const passOn = (imported: string, local: string, isStar = false) => {
    if (module === undefined || plain) return;
    const names = { name: "", imported, local, star: isStar };
    walk.importName({ ...names, module, signature: "", start, end, typeOnly, reexport: true });
  };
  if (plain) walk.exportName(plain[1]!, start, end);
  if (star) {
    walk.exportName(star[1] ?? "*", start, end);
    passOn("", star[1] ?? "", star[1] === undefined);
  }
  if (list) {
    for (const part of splitArguments(text.slice(0, end), rest + list[0].length - 1)) {
      const [own, other] = part.replace(/^type\s+/, "").split(/\s+as\s+/);
      walk.exportName(other ?? own!, start, end);
      passOn(own!, other ?? own!);
    }
  }
}

/** Where the statement starts that declares at `start`: at its `export`, when it has one. */
export function statementStart(text: string, start: number): number {
  let at = start;
  for (;;) {
    let end = at;
    while (end > 0 && (text[end - 1] === " " || text[end - 1] === "\n" || text[end - 1] === "\t")) end--;
    const word = identifierEndingAt(text, end);
    if (word !== "export" && word !== "default" && word !== "declare") return at;
    at = end - word.length;
    if (word === "export") return at;
  }
}

export const isExported = (text: string, start: number): boolean =>
  /^export\b/.test(text.slice(start, start + 7));

/** `const { a, b: c } = require("m")`: imports, not variables. False when it is something else. */
export function requireDeclaration(walk: Walk, found: { name: string; value: string; span: Span }): boolean {
  const { name, value, span } = found;
  const module = /^require\s*\(\s*["'`]([^"'`\n]*)["'`]/.exec(value)?.[1];
  if (module === undefined) return false;
  const signature = walk.text.slice(span.start, span.end);
  if (!name.startsWith("{")) walk.importName({ name, module, signature, ...span });
  for (const part of name.startsWith("{") ? splitArguments(name, 0) : []) {
    const [imported, local = imported] = part.split(/\s*[:=]\s*/) as [string, string?];
    walk.importName({ name: imported, module, signature, ...span, imported, local });
  }
  return true;
}

/** An argument list: a call, or a module that is loaded by `require("m")` or `import("m")`. */
export function loadCall(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const end = skipSpaceBack(text, start);
  const callee = identifierEndingAt(text, end);
  if ((callee === "require" || callee === "import") && text[end - callee.length - 1] !== ".") {
    const module = /^\(\s*["'`]([^"'`\n]+)["'`]\s*[,)]/.exec(text.slice(start, start + 300))?.[1];
    if (module !== undefined) {
      const local = walk.atModuleLevel ? undefined : assignedTarget(text, end - callee.length, node.endIndex);
      if (local === undefined) walk.importFrom(module, start);
      else walk.importName({ name: "", module, signature: "", start, end, local });
      return;
    }
  }
  if (callee !== "import") walk.call(node);
}

/** `module.exports = …`, `module.exports.a = …`, `exports.a = …`: what is exported under which name. */
export function commonJsExport(walk: Walk, found: { left: string; valueStart: number; span: Span }): void {
  const { left, valueStart, span } = found;
  const { text } = walk;
  const member = /^(?:module\.)?exports\.([\w$]+)$/.exec(left)?.[1];
  if (member !== undefined) walk.exportName(member, span.start, headOf(text, span));
  if (left !== "module.exports") return;
  if (text[valueStart] === "{") {
    for (const part of splitArguments(text, valueStart)) {
      const key = /^(?:async\s+)?\*?\s*["']?([\w$]+)/.exec(part)?.[1];
      if (key !== undefined) walk.exportName(key, span.start, headOf(text, span));
    }
    return;
  }
  const name = identifierAt(text, valueStart);
  const whole = isBlank(text, valueStart + name.length, span.end);
  if (name !== "" && whole) walk.exportName(name, span.start, span.end);
}

/** The first line of a statement: what follows is a value. */
function headOf(text: string, { start, end }: Span): number {
  const line = text.indexOf("\n", start);
  return line < 0 ? end : Math.min(line, end);
}
