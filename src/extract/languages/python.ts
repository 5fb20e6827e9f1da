/** Python: functions, classes, module and class variables, imports name by name, `__all__`. */
import type { Node } from "web-tree-sitter";
import { hashComments, tidy, withoutComments } from "../comments.ts";
import { identifierAt, skipSpace } from "../head.ts";
import { readParameters, returnAfter, splitArguments, splitTop } from "../parameters.ts";
import type { Rules } from "../rules.ts";
import type { Walk } from "../walk.ts";

const reading = { style: "named", quotes: `"'`, comment: "#" } as const;

export const python: Rules = {
  comments: hashComments,
  decorators: "@line",
  visits: {
    decorator: (node, walk) => walk.decorator(node),
    function_definition: defineFunction,
    class_definition: defineClass,
    assignment: defineVariables,
    augmented_assignment: exportNames,
    type_alias_statement: defineAlias,
    import_statement: importModules,
    import_from_statement: importNames,
    future_import_statement: importNames,
    case_clause: countCase,
  },
  branches: [
    "if_statement",
    "elif_clause",
    "for_statement",
    "while_statement",
    "except_clause",
    "with_statement",
    "conditional_expression",
    "boolean_operator",
  ],
  calls: ["argument_list", "generator_expression"],
};

function defineFunction(node: Node, walk: Walk): void {
  const { text } = walk;
  const name = node.childForFieldName("name");
  const list = node.childForFieldName("parameters");
  if (!name || !list) return;
  const body = node.childForFieldName("body");
  const end = node.endIndex;
  const bodyStart = body?.startIndex ?? end;
  const headEnd = colonBefore(walk, bodyStart);
  walk.define({
    type: walk.inType ? "method" : "function",
    name: identifierAt(text, name.startIndex),
    start: node.startIndex,
    end,
    nameStart: name.startIndex,
    headEnd,
    opens: "function",
    parameters: readParameters(text, { open: list.startIndex, stop: list.endIndex }, reading),
    returns: returnAfter(text, { open: list.startIndex, stop: headEnd, mark: "->", ...reading }),
    docstring: docstringAt(text, bodyStart),
  });
}

function defineClass(node: Node, walk: Walk): void {
  const { text } = walk;
  const name = node.childForFieldName("name");
  if (!name) return;
  const bases = node.childForFieldName("superclasses")?.startIndex;
  const end = node.endIndex;
  const bodyStart = node.childForFieldName("body")?.startIndex ?? end;
  const entity = walk.define({
    type: "class",
    name: identifierAt(text, name.startIndex),
    start: node.startIndex,
    end,
    nameStart: name.startIndex,
    headEnd: colonBefore(walk, bodyStart),
    opens: "type",
    docstring: docstringAt(text, bodyStart),
  });
  if (!entity || bases === undefined) return;
  walk.quietUntil(bases + 1);
  for (const base of splitArguments(text, bases, reading)) {
    if (!/^\w+\s*=|^\*/.test(base)) walk.relateBase(entity, "extends", base);
  }
}

/** The colon that ends a head: comments may stand between it and the body. */
function colonBefore(walk: Walk, bodyStart: number): number {
  const colon = walk.text.lastIndexOf(":", bodyStart - 1);
  const lineStart = Math.max(walk.lineStart(walk.lineOf(colon)), colon - 500);
  const comment = walk.text.slice(lineStart, colon).search(/(?:^|\s)#/);
  return comment < 0 ? colon : walk.text.lastIndexOf(":", lineStart + comment);
}

/** The string that is the first statement of a body, without its quotes and common indent. */
function docstringAt(text: string, bodyStart: number): string | undefined {
  const start = /^[rRuU]?("""|'''|"|')/.exec(text.slice(bodyStart, bodyStart + 4));
  if (!start) return undefined;
  const quote = start[1]!;
  const from = bodyStart + start[0].length;
  const close = text.indexOf(quote, from);
  if (close < 0) return undefined;
  return tidy(text.slice(from, Math.min(close, from + 8000)).split("\n"));
}

/** Names on the left of an assignment outside of functions: `x`, `x: int`, `a, b`; `__all__` says what is exported. */
function defineVariables(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  walk.annotate(start, node.endIndex, "named");
  if (!walk.atModuleLevel) return;
  const first = identifierAt(text, start);
  if (first === "__all__") exportNames(node, walk);
  const left = node.childForFieldName("left");
  if (!left) return;
  const leftEnd = left.endIndex;
  const names = text.slice(start, leftEnd);
  // `a, (b, *c)`, but no `a[0]`, `f(x).y`.
  if (!/^[\w\s,*()[\]]+$/.test(names) || /\w\s*[([]/.test(names)) return;
  const end = node.endIndex;
  let at = start;
  for (const name of names.match(/\w+/g) ?? []) {
    at = text.indexOf(name, at);
    walk.define({
      type: "variable",
      name,
      start,
      end,
      nameStart: at,
      headEnd: end,
      returns: annotation(text, leftEnd),
    });
    at += name.length;
  }
}

/** The type in `name: type = value`. */
function annotation(text: string, leftEnd: number): string | undefined {
  const colon = skipSpace(text, leftEnd);
  if (text[colon] !== ":") return undefined;
  const line = text.slice(colon + 1, colon + 300).split("\n", 1)[0]!;
  return splitTop(line, "=")[0];
}

/** `__all__ = [...]` and `__all__ += [...]`. */
function exportNames(node: Node, walk: Walk): void {
  const start = node.startIndex;
  if (!walk.text.startsWith("__all__", start) || walk.scope.kind !== "file") return;
  const end = node.endIndex;
  for (const [, name] of walk.text.slice(start, end).matchAll(/["']([\w.]+)["']/g))
    walk.exportName(name!, start, end);
}

function defineAlias(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const nameStart = skipSpace(walk.text, start + "type".length);
  const name = identifierAt(walk.text, nameStart);
  const end = node.endIndex;
  walk.define({ type: "type", name, start, end, nameStart, headEnd: end });
}

/** `import a, b.c as d` */
function importModules(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  for (const part of splitTop(walk.text.slice(start + "import".length, end), ",")) {
    const module = part.split(/\s/, 1)[0]!;
    const local = /\sas\s+(\w+)$/.exec(part)?.[1] ?? module.split(".", 1)[0]!;
    walk.importName({ name: module, module, signature: `import ${part}`, start, end, local });
  }
}

/** `from m import a, b as c`: one import per name. */
function importNames(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const match = /^from\s+([\w.]+)\s+import\s*\(?([^)]*)/.exec(
    withoutComments(walk.text.slice(start, end), hashComments),
  );
  if (!match) return;
  const [, module, names] = match as unknown as [string, string, string];
  for (const part of names.split(",")) {
    const written = part.trim().replace(/\s+/g, " ");
    const name = written.split(" ", 1)[0]!;
    if (name === "") continue; // after the last comma
    const signature = `from ${module} import ${written}`;
    const local = / as (\w+)$/.exec(written)?.[1] ?? name;
    const bound = name === "*" ? { star: true } : { imported: name, local };
    walk.importName({ name, module, signature, start, end, ...bound });
  }
}

/** `case _:` is what is left, no decision. */
function countCase(node: Node, walk: Walk): void {
  if (!/^case\s+_\s*:/.test(walk.text.slice(node.startIndex, node.startIndex + 12))) walk.branch();
}
