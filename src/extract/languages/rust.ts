/** Rust: items, methods under the type of their `impl`, traits, macros, `use` trees name by name. */
import type { Node } from "web-tree-sitter";
import type { Parameter } from "../../model/outline.ts";
import { slashComments } from "../comments.ts";
import { collapse, identifierAt, openingAfter, withoutGenerics } from "../head.ts";
import { expandGroups, type ParameterSyntax, readParameters, returnAfter } from "../parameters.ts";
import type { Rules, Visit } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { defineNode, definition } from "./define.ts";
import { blank } from "./readable.ts";

/** A single quote may be a lifetime, so only double quotes quote. */
const quotes = '"';
const parameters: ParameterSyntax = { style: "named", quotes, modifiers: new Set(["mut", "ref"]) };

/** `cfg_rt! {` alone on its line: to the grammar what follows are tokens, to the reader items. */
const itemMacro = /^([ \t]*)(?:\w+::)*\w+![ \t]*\{[ \t]*\r?$/gm;
const itemStart =
  /\s*(?:#!?\[|\/\/|pub\b|fn\b|struct\b|enum\b|trait\b|impl\b|mod\b|use\b|type\b|const\b|static\b|unsafe\b|async\b|if\s+#\[)/y;

/**
 * Takes the macros away that only wrap items (`cfg_rt! { … }`), by spaces so that every position stays. The closing
 * brace is the next one at the same indent, which is where rustfmt puts it.
 */
function unwrapItemMacros(text: string): string {
  let unwrapped = "";
  let from = 0;
  for (const head of text.matchAll(itemMacro)) {
    const bodyStart = head.index + head[0].length;
    itemStart.lastIndex = bodyStart;
    if (head.index < from || !itemStart.test(text)) continue;
    const close = text.indexOf(`\n${head[1]}}`, bodyStart);
    if (close < 0) continue;
    const brace = close + 1 + head[1]!.length;
    const body = withoutChoices(text.slice(bodyStart, brace));
    unwrapped += `${text.slice(from, head.index)}${" ".repeat(head[0].length)}${body} `;
    from = brace + 1;
  }
  return unwrapped + text.slice(from);
}

/** `if #[cfg(…)] { … } else { … }` around items: its brackets stand at the indent of its `if`. */
function withoutChoices(body: string): string {
  const indent = /^\s*?\n([ \t]*)if\s+#\[/.exec(body)?.[1];
  if (indent === undefined) return body;
  const bracket = new RegExp(`^${indent}(?:\\}[ \\t]*(?:else\\b.*)?|if\\s+#.*)$`, "gm");
  return body.replace(bracket, blank);
}

/** A trait alias is to the grammar the alias of a type; a static of `lazy_static!` has one word more. */
function readable(text: string): string {
  return unwrapItemMacros(text)
    .replace(/\btrait(?=[ \t]+\w+(?:<[^<>\n]*>)?[ \t]*=)/g, "type ")
    .replace(/(?<=^[ \t]*(?:pub(?:\([^()\n]*\))?[ \t]+)?static )ref(?= \w+[ \t]*:)/gm, blank);
}

export const rust: Rules = {
  readable,
  comments: slashComments,
  decorators: "#[",
  visits: {
    attribute_item: attribute,
    inner_attribute_item: (node, walk) => walk.quietUntil(node.endIndex),
    use_declaration: useDeclaration,
    extern_crate_declaration: importNamed,
    mod_item: defineModule,
    struct_item: definition({ type: "class", opens: "type" }),
    union_item: definition({ type: "class", opens: "type" }),
    enum_item: definition({ type: "enum", opens: "type" }),
    enum_variant: definition({ type: "variable", opens: "type" }),
    trait_item: defineTrait,
    impl_item: openImpl,
    function_item: defineFunction,
    function_signature_item: defineFunction,
    macro_definition: defineMacro,
    type_item: definition({ type: "type" }),
    associated_type: definition({ type: "type" }),
    const_item: moduleVariable,
    static_item: moduleVariable,
    field_declaration: field,
    let_declaration: (node, walk) => walk.annotate(node.startIndex + "let".length, node.endIndex, "named"),
    macro_invocation: callMacro,
    token_tree: callInMacro,
    match_arm: countArm,
  },
  branches: ["if_expression", "while_expression", "for_expression", "loop_expression", "&&", "||"],
  calls: ["arguments"],
};

/** Its arguments are tokens like those of a macro, but nothing is called. */
function attribute(node: Node, walk: Walk): void {
  const end = node.endIndex;
  walk.attribute(node.startIndex, end);
  walk.quietUntil(end);
}

function defineFunction(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const { text } = walk;
  const nameStart = name.startIndex;
  const nameEnd = name.endIndex;
  const end = node.endIndex;
  const headEnd = node.childForFieldName("body")?.startIndex ?? end;
  const open = openingAfter(text, nameEnd, headEnd);
  walk.define({
    type: walk.inType ? "method" : "function",
    name: text.slice(nameStart, nameEnd),
    start: node.startIndex,
    end,
    nameStart,
    headEnd,
    opens: "function",
    parameters: readParameters(text, { open, stop: headEnd }, parameters).map(nameSelf),
    returns: returnAfter(text, { open, stop: headEnd, mark: "->", quotes }),
  });
}

/** `&'a mut self` is the parameter `self` of that type. */
function nameSelf(parameter: Parameter): Parameter {
  const { name, type } = parameter;
  return type === undefined && /[&\s]self$/.test(name) ? { name: "self", type: name } : parameter;
}

/** `impl Trait for Type { … }`: its methods belong to `Type`. */
function openImpl(node: Node, walk: Walk): void {
  const type = node.childForFieldName("type");
  if (!type) return;
  const trait = node.childForFieldName("trait");
  const name = bareType(walk.text.slice(type.startIndex, type.endIndex));
  if (name === "") return;
  const qualified = walk.qualify(name);
  walk.open({ kind: "type", qualified, owner: qualified, end: node.endIndex });
  if (!trait) return;
  walk.relateOuter("implements", walk.text.slice(trait.startIndex, trait.endIndex), node.startIndex);
}

/** `&'a mut crate::shapes::Circle<T>`, `dyn Fn(A) -> B`, `[T]`: the name alone, "" when there is none. */
const bareType = (type: string): string =>
  /^(?:[&*\s(]|'\w+|mut\b|dyn\b|const\b)*(?:[\w]+::)*(\w+)/.exec(withoutGenerics(type.slice(0, 300)))?.[1] ??
  "";

function defineTrait(node: Node, walk: Walk): void {
  const found = defineNode(node, walk, { type: "interface", opens: "type" });
  const bounds = node.childForFieldName("bounds");
  if (!found || !bounds) return;
  const written = withoutGenerics(walk.text.slice(bounds.startIndex + 1, bounds.endIndex));
  for (const bound of written.split("+")) {
    if (!/^\s*['?]/.test(bound)) walk.relateBase(found.entity, "extends", bound);
  }
}

/** `mod name { … }` is a module, `mod name;` says that another file is one. */
function defineModule(node: Node, walk: Walk): void {
  if (node.childForFieldName("body")) defineNode(node, walk, { type: "module", opens: "module" });
  else importNamed(node, walk);
}

const variable: Visit = definition({ type: "variable", body: "none", returns: "type" });

function moduleVariable(node: Node, walk: Walk): void {
  if (walk.atModuleLevel) variable(node, walk);
}

function field(node: Node, walk: Walk): void {
  if (walk.scope.kind === "type") variable(node, walk);
}

/** `use std::{fmt, io::{self, Read as _}};`: one import per name. */
function useDeclaration(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const statement = collapse(walk.text.slice(start, Math.min(end, start + 4000)), 4000);
  const tree = /\buse (.*?);?$/.exec(statement)?.[1];
  if (tree === undefined) return;
  for (const path of expandGroups(tree)) {
    const module = path.replace(/ as \w+$/, "").replace(/::self$/, "");
    const name = module.slice(module.lastIndexOf(":") + 1);
    const local = / as (\w+)$/.exec(path)?.[1] ?? name;
    const reexport = /^pub\b/.test(statement);
    const signature = `use ${path}`;
    if (name === "*") walk.importName({ name: module, module, signature, start, end, star: true, reexport });
    else
      walk.importName({ name, module, signature, start, end, local: local === "_" ? "" : local, reexport });
  }
}

/** `mod name;`, `extern crate name;` */
function importNamed(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const module = identifierAt(walk.text, name.startIndex);
  const start = node.startIndex;
  const end = node.endIndex;
  walk.importName({ name: module, module, signature: walk.text.slice(start, end), start, end });
}

/** `std::println!(…)` calls `println`. */
function callMacro(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const path = /^(?:\w+::)*(\w+)/.exec(walk.text.slice(start, start + 200));
  if (path) walk.callTo(path[1]!, start + path[0].length - path[1]!.length);
}

/** What a macro is given has no syntax tree: there, a name right before a round bracket is taken for a call. */
function callInMacro(node: Node, walk: Walk): void {
  const start = node.startIndex;
  if (walk.text[start] === "(" && /[\w>]/.test(walk.text[start - 1] ?? "")) walk.call(node);
}

function defineMacro(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const nameStart = name.startIndex;
  const headEnd = name.endIndex;
  const written = walk.text.slice(nameStart, headEnd);
  walk.define({
    type: "function",
    name: written,
    start: node.startIndex,
    end: node.endIndex,
    nameStart,
    headEnd,
  });
}

/** `_ =>` is what is left, no decision. */
function countArm(node: Node, walk: Walk): void {
  if (!/^_\s*=>/.test(walk.text.slice(node.startIndex, node.startIndex + 8))) walk.branch();
}
