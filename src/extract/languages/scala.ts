/** Scala 2 and 3: classes, traits, objects, enums, givens, functions, values, imports name by name. */
import type { Node } from "web-tree-sitter";
import type { Entity, EntityType } from "../../model/outline.ts";
import { slashComments } from "../comments.ts";
import { closeOf, collapse, skipSpace, skipSpaceBack } from "../head.ts";
import { expandGroups, type ParameterSyntax, readParameters } from "../parameters.ts";
import type { Rules, Visit } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { defineComponents, defineNode, definition, openHeld } from "./define.ts";
import { blank } from "./readable.ts";

const parameters: ParameterSyntax = {
  style: "named",
  modifiers: new Set([
    "implicit",
    "using",
    "val",
    "var",
    "private",
    "protected",
    "override",
    "final",
    "inline",
  ]),
};

export const scala: Rules = {
  comments: slashComments,
  decorators: "@",
  readable,
  visits: {
    package_clause: (node, walk) => {
      const name = node.childForFieldName("name");
      if (name) walk.inPackage(walk.text.slice(name.startIndex, name.endIndex));
    },
    import_declaration: importNames,
    class_definition: defineClass,
    simple_enum_case: definition({ type: "variable" }),
    full_enum_case: defineCase,
    instance_expression: openAnonymous,
    object_definition: typeVisit("class"),
    trait_definition: typeVisit("interface"),
    enum_definition: typeVisit("enum"),
    package_object: definition({ type: "module", opens: "module" }),
    given_definition: defineGiven,
    type_definition: definition({ type: "type" }),
    function_definition: defineFunction,
    function_declaration: defineFunction,
    val_definition: defineValue,
    var_definition: defineValue,
    val_declaration: defineValue,
    var_declaration: defineValue,
    annotation: (node, walk) => walk.quietUntil(node.endIndex),
    operator_identifier: countOperator,
    case_clause: countCase,
  },
  branches: ["if_expression", "for_expression", "while_expression", "do_while_expression"],
  calls: ["arguments"],
};

/**
 * What the grammar misreads: a line break in `x => ⏎ new A { … },` (as the start of an indented block, which no comma
 * ends), `extension` as a name, an access modifier after `abstract`.
 */
function readable(text: string): string {
  return text
    .replace(/(?<==>)[ \t]*\r?\n\s*(?=new\b)/g, (found) => " ".repeat(found.length))
    .replace(/\bextension(?=[.,)])/g, "extensio_")
    .replace(/(?<=\babstract )(?:private|protected)\[\w+\](?= (?:class|trait)\b)/g, blank);
}

function typeVisit(type: EntityType): Visit {
  return (node, walk) => {
    const found = defineNode(node, walk, { type, opens: "type" });
    const extend = node.childForFieldName("extend");
    if (found) trimEnd(walk, found.entity, node.endIndex);
    if (!found || !extend) return;
    const written = withoutBrackets(walk.text.slice(extend.startIndex, extend.endIndex));
    const bases = written.replace(/^\s*extends\b/, "").split(/\bwith\b|,/);
    for (const [i, base] of bases.entries())
      walk.relateBase(found.entity, i === 0 ? "extends" : "implements", base);
  };
}

const visitClass = typeVisit("class");

/** `class A(val x: Int, y: Int)`: what is declared by `val` is a member, in a case class all of the first list is. */
function defineClass(node: Node, walk: Walk): void {
  visitClass(node, walk);
  const name = node.childForFieldName("name");
  const isCase = /\bcase\s+class\s+$/.test(walk.text.slice(node.startIndex, name?.startIndex ?? 0));
  defineMembers(node, walk, isCase);
}

function defineMembers(node: Node, walk: Walk, isCase: boolean): void {
  for (const [i, list] of node.childrenForFieldName("class_parameters").entries()) {
    const members = (list?.namedChildren ?? []).filter((one) => {
      const name = one.childForFieldName("name");
      const before = walk.text.slice(one.startIndex, name?.startIndex ?? one.startIndex);
      return (isCase && i === 0) || /\bva[lr]\s+$/.test(before);
    });
    defineComponents(walk, members);
  }
}

/** `case Mix(a: Int)` of an enum: a constant with members, or a class of constants. */
function defineCase(node: Node, walk: Walk): void {
  const found = defineNode(node, walk, { type: "class", opens: "type" });
  if (found) defineMembers(node, walk, true);
}

/** One without a name is called by the compiler after its type: `given_Show_Int`. */
function defineGiven(node: Node, walk: Walk): void {
  if (defineNode(node, walk, { type: "variable", opens: "type" })) return;
  const type = node.childForFieldName("return_type");
  if (!type) return;
  const { startIndex: nameStart, endIndex } = type;
  const words = walk.text.slice(nameStart, endIndex).match(/\w+/g) ?? [];
  const headEnd = node.childForFieldName("body")?.startIndex ?? node.endIndex;
  const found = { start: node.startIndex, end: node.endIndex, nameStart, headEnd };
  walk.define({ ...found, type: "variable", name: ["given", ...words].join("_"), opens: "type" });
}

/** `new Handler { … }` */
function openAnonymous(node: Node, walk: Walk): void {
  if (node.lastNamedChild?.type === "template_body")
    openHeld(node, walk, (value) => value.childForFieldName("pattern"));
}

/** `Base(name) with Addable[Int]` without what is in brackets. */
function withoutBrackets(head: string): string {
  let text = head.slice(0, 2000);
  for (let i = 0; i < 8; i++) {
    const shorter = text.replace(/\([^()[\]]*\)|\[[^()[\]]*\]/g, "");
    if (shorter === text) break;
    text = shorter;
  }
  return text;
}

/** An indented body goes on to the next definition; the comments above that are no part of it. */
function trimEnd(walk: Walk, entity: Entity, end: number): void {
  const { text } = walk;
  let last = skipSpaceBack(text, end);
  for (;;) {
    const lineStart = walk.lineStart(walk.lineOf(last - 1));
    const isLine = text.startsWith("//", skipSpace(text, lineStart));
    const start = text.endsWith("*/", last) ? text.lastIndexOf("/*", last) : isLine ? lineStart : -1;
    if (start < walk.lineStart(entity.name_line - 1)) break;
    last = skipSpaceBack(text, start);
  }
  const marker = /^\s*end[ \t]+`?([^\s`]+)/.exec(text.slice(last, last + 200));
  entity.end_line = walk.lastLine(marker?.[1] === entity.name ? last + marker[0].length : last);
}

/** A function may have several parameter lists. */
function defineFunction(node: Node, walk: Walk): void {
  const found = defineNode(node, walk, { type: "callable", parameters, returns: "return_type" });
  if (!found) return;
  trimEnd(walk, found.entity, node.endIndex);
  const { text } = walk;
  const all = found.entity.parameters ?? [];
  let open = text.indexOf("(", found.nameEnd);
  while (all.length > 0 && open >= 0 && open < found.headEnd) {
    open = skipSpace(text, closeOf(text, open));
    if (text[open] !== "(" || open >= found.headEnd) break;
    all.push(...readParameters(text, { open, stop: found.headEnd }, parameters));
  }
}

/** `val a: Int = 1` of an object, a class or a file. */
function defineValue(node: Node, walk: Walk): void {
  walk.annotate(node.startIndex, node.endIndex, "named");
  if (!walk.atModuleLevel) return;
  const name = node.childForFieldName("pattern") ?? node.childForFieldName("name");
  if (!name) return;
  walk.holder = node;
  const { text } = walk;
  const type = node.childForFieldName("type");
  const returns = type ? collapse(text.slice(type.startIndex, type.endIndex), 200) : undefined;
  const start = node.startIndex;
  const end = node.endIndex;
  const from = name.startIndex;
  const written = text.slice(from, name.endIndex);
  if (/^[\w`$]+$/.test(written)) {
    const entity = walk.define({
      type: "variable",
      name: written.replaceAll("`", ""),
      start,
      end,
      nameStart: from,
      headEnd: end,
      returns,
    });
    if (entity) trimEnd(walk, entity, end);
    return;
  }
  for (const match of written.matchAll(/\b[a-z]\w*/g)) {
    walk.define({
      type: "variable",
      name: match[0],
      start,
      end,
      nameStart: from + match.index,
      headEnd: end,
    });
  }
}

/** `import a.b.{C, D => E}, f.g._`: one import per name. */
function importNames(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const statement = collapse(walk.text.slice(start, end), 4000).replace(/^import /, "");
  for (const path of expandGroups(`{${statement}}`)) {
    const module = path.replace(/\s*(?:=>|\bas\b)\s*[\w*]+$/, "");
    const last = module.slice(module.lastIndexOf(".") + 1);
    const name = last === "_" || last === "*" ? module : last;
    const local = /(?:=>|\bas\b)\s*(\w+)$/.exec(path)?.[1] ?? name;
    const signature = `import ${path}`;
    if (last === "_" || last === "*") walk.importName({ name, module, signature, start, end, star: true });
    else walk.importName({ name, module, signature, start, end, local: local === "_" ? "" : local });
  }
}

function countOperator(node: Node, walk: Walk): void {
  const operator = walk.text.slice(node.startIndex, node.startIndex + 3);
  if (/^(?:&&|\|\|)(?![&|:=<>])/.test(operator)) walk.branch();
}

/** `case _ =>` is what is left, no decision. */
function countCase(node: Node, walk: Walk): void {
  if (!/^case\s+_\s*=>/.test(walk.text.slice(node.startIndex, node.startIndex + 14))) walk.branch();
}
