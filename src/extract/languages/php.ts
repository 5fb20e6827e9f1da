/** PHP: namespaces, types of all kinds, methods, functions, constants, properties, `use` name by name. */
import type { Node } from "web-tree-sitter";
import { type CommentStyle, slashComments, withoutComments } from "../comments.ts";
import { baseName, calleeBefore, collapse, identifierAt, skipSpace } from "../head.ts";
import type { Entity } from "../outline.ts";
import type { ParameterSyntax } from "../parameters.ts";
import { splitTop } from "../parameters.ts";
import type { Rules, Visit } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { defineNode, definition } from "./define.ts";

const comments: CommentStyle = {
  ...slashComments,
  line: ["//", "#"],
  pattern: /\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\/|(?<=^|\s)(?:\/\/|#(?!\[)).*$/gm,
};

const parameters: ParameterSyntax = {
  style: "typed",
  quotes: "\"'",
  modifiers: new Set(["public", "protected", "private", "readonly", "static", "var"]),
};

export const php: Rules = {
  comments,
  decorators: "#[",
  visits: {
    namespace_definition: openNamespace,
    namespace_use_declaration: importNames,
    require_expression: requireFile,
    require_once_expression: requireFile,
    include_expression: requireFile,
    include_once_expression: requireFile,
    class_declaration: typeVisit("class"),
    interface_declaration: typeVisit("interface"),
    trait_declaration: typeVisit("interface"),
    enum_declaration: typeVisit("enum"),
    use_declaration: useTraits,
    method_declaration: definition({
      type: "method",
      opens: "function",
      parameters,
      returns: "return_type",
    }),
    function_definition: definition({
      type: "function",
      opens: "function",
      parameters,
      returns: "return_type",
    }),
    const_declaration: defineConstants,
    property_declaration: defineProperties,
    property_promotion_parameter: defineProperties,
    // `#[Route("/")]` looks like a call of Route.
    attribute_list: (node, walk) => walk.quietUntil(node.endIndex),
    arguments: call,
  },
  branches: [
    "if_statement",
    "else_if_clause",
    "for_statement",
    "foreach_statement",
    "while_statement",
    "do_statement",
    "catch_clause",
    "case_statement",
    "match_conditional_expression",
    "conditional_expression",
    "&&",
    "||",
    "and",
    "or",
    "??",
  ],
  calls: [],
};

/** `namespace A\B;` holds what follows up to the next one; `namespace A\B { … }` its body. */
function openNamespace(node: Node, walk: Walk): void {
  const { text } = walk;
  const name = node.childForFieldName("name");
  if (!name) return;
  const nameEnd = name.endIndex;
  const body = node.childForFieldName("body");
  const next = text.slice(nameEnd).search(/^[ \t]*namespace\s+[\w\\]+\s*;/m);
  const rest = next < 0 ? text.length : nameEnd + next;
  walk.define({
    type: "module",
    name: text.slice(name.startIndex, nameEnd),
    start: node.startIndex,
    end: body ? node.endIndex : rest,
    nameStart: name.startIndex,
    headEnd: nameEnd,
    opens: "module",
  });
}

function typeVisit(type: "class" | "interface" | "enum"): Visit {
  return (node, walk) => {
    const found = defineNode(node, walk, { type, opens: "type" });
    if (found) relateBases(walk, found.entity, walk.text.slice(found.nameEnd, found.headEnd));
  };
}

/** `extends A implements B, C` */
function relateBases(walk: Walk, entity: Entity, head: string): void {
  const parts = withoutComments(head.slice(0, 4000), comments).split(/\b(extends|implements)\b/i);
  for (let i = 1; i < parts.length; i += 2) {
    const type = parts[i]!.toLowerCase() === "extends" ? "extends" : "implements";
    for (const base of parts[i + 1]!.split(",")) walk.relateBase(entity, type, base);
  }
}

/** `use A, B { … }` in a class: it offers what the traits offer. */
function useTraits(node: Node, walk: Walk): void {
  const { kind, qualified } = walk.scope;
  if (kind !== "type") return;
  const start = node.startIndex;
  const names = /^use\s+([^;{]*)/i.exec(walk.text.slice(start, node.endIndex))?.[1] ?? "";
  const line = walk.lineOf(start) + 1;
  for (const name of names.split(","))
    walk.relate({ type: "implements", from: qualified, to: baseName(name), line });
}

/** `const A = 1, B = 2;`, in a class or outside. */
function defineConstants(node: Node, walk: Walk): void {
  if (!walk.atModuleLevel) return;
  const found = node.namedChildren.filter(({ type }) => type === "const_element");
  defineEach(walk, { declaration: node, names: found.map(({ startIndex }) => startIndex), type: null });
}

/** `private ?int $a = 1, $b;` and what a constructor declares in its parameter list. Named without the `$`. */
function defineProperties(node: Node, walk: Walk): void {
  const type = node.childForFieldName("type");
  const promoted = node.childForFieldName("name");
  if (promoted) {
    if (walk.scope.kind !== "function") return;
    const { qualified } = walk.scope;
    const container = qualified.slice(0, Math.max(0, qualified.lastIndexOf(".")));
    defineEach(walk, { declaration: node, names: [dollarAt(walk, promoted) + 1], type, container });
  } else if (walk.scope.kind === "type") {
    const found = node.namedChildren.filter(({ type }) => type === "property_element");
    defineEach(walk, { declaration: node, names: found.map((one) => dollarAt(walk, one) + 1), type });
  }
}

const dollarAt = (walk: Walk, node: Node): number => walk.text.indexOf("$", node.startIndex);

/** One variable per name; all of them are the whole statement. */
function defineEach(
  walk: Walk,
  found: { declaration: Node; names: number[]; type: Node | null; container?: string },
): void {
  const { declaration, names, type, container } = found;
  const { text } = walk;
  const start = declaration.startIndex;
  const end = declaration.endIndex;
  const returns = type ? collapse(text.slice(type.startIndex, type.endIndex), 200) : undefined;
  for (const nameStart of names) {
    walk.define({
      type: "variable",
      name: identifierAt(text, nameStart),
      start,
      end,
      nameStart,
      headEnd: end,
      returns,
      ...(container !== undefined && { container }),
    });
  }
}

/** `use A\B;`, `use A\{B, C as D};`, `use function A\f;`: one import per name. */
function importNames(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const statement = collapse(withoutComments(walk.text.slice(start, end), comments), 4000);
  const match = /^use (function |const )?([^;]*);?$/i.exec(statement);
  if (!match) return;
  const [, kind = "", list] = match as unknown as [string, string | undefined, string];
  for (const part of splitTop(list, ",", "")) {
    const group = /^([\w\\]*)\{(.*)\}$/.exec(part);
    const prefix = group ? group[1]! : "";
    for (const one of group ? splitTop(group[2]!, ",", "") : [part]) {
      const written = prefix + one.replace(/^(?:function|const) /i, "");
      const module = written.replace(/^\\/, "").split(" ", 1)[0]!;
      walk.importName({ name: baseName(module), module, signature: `use ${kind}${written}`, start, end });
    }
  }
}

/** `require __DIR__ . "/a.php";`: a path that is worked out says nothing. */
function requireFile(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const signature = walk.text.slice(start, Math.min(end, start + 400));
  const match = /^\w+\s*\(?\s*(__DIR__\s*\.\s*)?(["'])([^"'$\n]+)\2\s*\)?$/.exec(signature);
  if (!match) return;
  const module = match[1] ? `.${match[3]}` : match[3]!;
  walk.importName({ name: module, module, signature, start, end });
}

/** `define("NAME", value)` defines a constant; `new class(…)` calls nothing. */
function call(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const callee = calleeBefore(text, start);
  if (callee === "class") return;
  if (callee === "define" && walk.atModuleLevel) return defineByCall(node, walk);
  walk.call(start);
}

function defineByCall(node: Node, walk: Walk): void {
  const { text } = walk;
  const quote = skipSpace(text, node.startIndex + 1);
  const name = /["']/.test(text[quote] ?? "") ? identifierAt(text, quote + 1) : "";
  const start = text.lastIndexOf("define", node.startIndex);
  const end = node.endIndex;
  walk.define({ type: "variable", name, start, end, nameStart: quote + 1, headEnd: end });
}
