/** Kotlin: classes, objects, interfaces, functions, properties, constructor properties, imports. */
import type { Node } from "web-tree-sitter";
import { slashComments } from "../comments.ts";
import { collapse, identifierAt, withoutGenerics } from "../head.ts";
import { nextTop, type ParameterSyntax, readParameters, splitTop } from "../parameters.ts";
import type { Rules } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { type Defined, defineNode, openHeld, type Shape } from "./define.ts";
import { blank } from "./readable.ts";

const parameters: ParameterSyntax = {
  style: "named",
  modifiers: new Set(
    "vararg noinline crossinline private protected public internal override open val var".split(" "),
  ),
};

const callable: Shape = {
  type: "callable",
  bodyTypes: new Set(["function_body"]),
  parameters,
  returnMark: ":",
};

export const kotlin: Rules = {
  comments: slashComments,
  decorators: "@",
  readable,
  visits: {
    package_header: (node, walk) =>
      walk.inPackage(
        walk.text.slice(node.startIndex + "package".length, node.endIndex).replace(/[;\s]/g, ""),
      ),
    import: importName,
    class_declaration: defineType,
    object_declaration: defineType,
    companion_object: defineType,
    type_alias: (node, walk) => void defineNode(node, walk, { type: "type", name: "type" }),
    function_declaration: (node, walk) => void defineNode(node, walk, callable),
    secondary_constructor: defineConstructor,
    property_declaration: defineProperty,
    class_parameter: defineParameterProperty,
    when_entry: countEntry,
    annotation: (node, walk) => walk.quietUntil(node.endIndex),
    file_annotation: (node, walk) => walk.quietUntil(node.endIndex),
    enum_entry: defineEntry,
    object_literal: (node, walk) => openHeld(node, walk, declaredName),
  },
  branches: [
    "if_expression",
    "for_statement",
    "while_statement",
    "do_while_statement",
    "catch_block",
    "&&",
    "||",
    "?:",
  ],
  calls: ["value_arguments", "annotated_lambda"],
};

/** Annotations and what they stand before, on lines of their own; the modifiers are the third part. */
const annotated =
  /(^[ \t]*@[\w.:]+(?:\([^\n]*\))?[ \t]*\n[ \t]*)((?:(?!companion|enum)[a-z]+[ \t]+)+)(?=(?:class|interface|object|fun|val|var|typealias)\b)/gm;

/** A modifier that starts a line and is a name: `open = isOpen`. */
const wordAsName =
  /^([ \t]*(?:open|data|inner|sealed|annotation|companion|inline|infix|external|operator|const|value|expect|actual))(?=[ \t]*(?:[-+*/%]?=(?!=)|\??\.|\+\+|--|\[))/gm;

/** A blank between a statement and a bracket that closes on its line, but for that of `"${ name }"` and `{ a -> }`. */
const closeOnLine = /[ \t](?=[ \t]{0,8}\})(?<!(?:[\s{;,]|->|\$\{[^{}\n]{0,80})[ \t])/g;

/**
 * What the grammar misreads: a statement that ends with its block on the line, modifiers after an annotation (as an infix call), `is A if …` (a guard), `where` as a
 * name, annotations of accessors, where a declaration without a body ends when a comment follows.
 */
function readable(text: string): string {
  return text
    .replace(/(\bannotation[ \t]+class[ \t]+\w+[ \t\r]*)\n/g, "$1;")
    .replace(/\bannotation(?=[ \t]+class\b)(?<=^[ \t]*\)[ \t\r]*\n[ \t]*annotation)/gm, blank)
    .replace(annotated, (_all, before: string, modifiers: string) => before + blank(modifiers))
    .replace(/(\bis[ \t]+[\w.<>*?, ]{1,100}?[ \t])if(?=[ (])/g, "$1, ")
    .replace(/\bwhere(?=\??\.)/g, "wher_")
    .replace(/\bsuspend(?=[ \t]*\{)/g, "suspen_")
    .replace(wordAsName, (found) => `${found.slice(0, -1)}_`)
    .replace(closeOnLine, ";")
    .replace(/@[\w.]+(?:\([^()\n]*\))?(?=\s+(?:(?:private|internal|protected)\s+)?(?:get|set)\s*\()/g, blank);
}

const bodyTypes = new Set(["class_body", "enum_class_body"]);

/** The keyword before the name tells the kinds apart: they share a node type. */
function defineType(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const name = node.childForFieldName("name");
  if (!name) {
    defineCompanion(node, walk);
    return;
  }
  const before = text.slice(start, name.startIndex);
  const type = /\binterface\s*$/.test(before)
    ? "interface"
    : /\benum\s+class\s*$/.test(before)
      ? "enum"
      : "class";
  const found = defineNode(node, walk, { type, opens: "type", bodyTypes });
  if (found) relateSupertypes(walk, found);
}

function defineCompanion(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const nameStart = text.indexOf("object", text.indexOf("companion", start));
  const end = node.endIndex;
  const headEnd = node.lastNamedChild?.startIndex ?? end;
  walk.define({ type: "class", name: "Companion", start, end, nameStart, headEnd, opens: "type" });
}

/** `: Base(x), Addable by y`: what is constructed is a class, the others are interfaces. */
function relateSupertypes(walk: Walk, { entity, nameEnd, headEnd }: Defined): void {
  const head = withoutGenerics(walk.text.slice(nameEnd, Math.min(headEnd, nameEnd + 2000)));
  const bases = head.slice(nextTop(head, ":") + 1).replace(/\bwhere\s+\w+\s*:[\s\S]*$/, "");
  for (const base of splitTop(bases, ",")) {
    const isClass = base.includes("(") || entity.type === "interface";
    walk.relateBase(entity, isClass ? "extends" : "implements", base.replace(/\s+by\s[\s\S]*$/, ""));
  }
}

function defineConstructor(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const nameStart = text.indexOf("constructor", start);
  const end = node.endIndex;
  const body = node.lastNamedChild;
  const headEnd = body?.type === "block" ? body.startIndex : end;
  const found = { start, end, nameStart, headEnd };
  const read = readParameters(text, { open: text.indexOf("(", nameStart), stop: headEnd }, parameters);
  walk.define({ ...found, type: "method", name: "constructor", opens: "function", parameters: read });
}

const declarationOf = (property: Node): Node | undefined =>
  property.namedChildren.find((child) => child.type.endsWith("variable_declaration"));

const declaredName = (property: Node): Node | null =>
  declarationOf(property)?.namedChildren.find(({ type }) => type === "identifier") ?? null;

/** `val name: Type = …` of a file or a class, or `val (a, b) = …`. */
function defineProperty(node: Node, walk: Walk): void {
  walk.annotate(node.startIndex, node.endIndex, "named");
  if (!walk.atModuleLevel) return;
  walk.holder = node;
  const { text } = walk;
  const declaration = declarationOf(node);
  if (!declaration) return;
  const start = node.startIndex;
  const end = node.endIndex;
  const declarationEnd = declaration.endIndex;
  const written = text.slice(declaration.startIndex, declarationEnd);
  const type = /^[^(:]+:\s*([\s\S]+)$/.exec(written)?.[1];
  for (const match of written.matchAll(/(?:^|[(,])\s*`?(\w+)/g)) {
    const nameStart = declaration.startIndex + match.index + match[0].length - match[1]!.length;
    walk.define({
      type: "variable",
      name: match[1]!,
      start,
      end,
      nameStart,
      headEnd: end,
      returns: type && collapse(type, 200),
    });
    if (!written.startsWith("(")) return;
  }
}

/** `class A(val x: Int)` declares a property, too. */
function defineParameterProperty(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const match = /^(?:@\S+\s+|\w+\s+)*?va[lr]\s+(\w+)\s*:\s*([^=]+)/.exec(
    walk.text.slice(start, Math.min(end, start + 500)),
  );
  if (!match || walk.scope.kind !== "type") return;
  const nameStart = walk.text.indexOf(match[1]!, start + match[0].search(/va[lr]\s/) + 4);
  const returns = collapse(match[2]!, 200);
  walk.define({ type: "variable", name: match[1]!, start, end, nameStart, headEnd: end, returns });
}

/** `import a.b.C as D`, `import a.b.*` */
function importName(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const signature = collapse(walk.text.slice(start, end));
  const module = /^import ([\w.`]+\*?)/.exec(signature)?.[1];
  if (module === undefined) return;
  const name = module.endsWith("*") ? module : module.slice(module.lastIndexOf(".") + 1);
  const local = / as `?(\w+)`?$/.exec(signature)?.[1] ?? name;
  if (module.endsWith("*")) walk.importName({ name, module, signature, start, end, star: true });
  else walk.importName({ name, module, signature, start, end, local });
}

/** `else ->` is what is left, no decision. */
function countEntry(node: Node, walk: Walk): void {
  if (identifierAt(walk.text, node.startIndex) !== "else") walk.branch();
}

/** `LOW(1) { … }` of an enum: a constant, and the class of its own that a body makes of it. */
function defineEntry(node: Node, walk: Walk): void {
  const name = node.namedChildren.find(({ type }) => type === "identifier");
  if (!name) return;
  const nameStart = name.startIndex;
  const end = node.endIndex;
  const written = walk.text.slice(nameStart, name.endIndex).replaceAll("`", "");
  const found = { name: written, start: node.startIndex, end, nameStart, headEnd: end };
  const entity = walk.define({ ...found, type: "variable" });
  // No call of a function `LOW`.
  walk.quietUntil(name.endIndex + 1);
  if (entity && node.lastNamedChild?.type === "class_body")
    walk.open({ kind: "type", qualified: entity.qualified, end });
}
