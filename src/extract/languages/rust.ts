/** Rust: items of all kinds, `impl` blocks (their items belong to the type), traits, macros, `use` path by path. */
import type { Node } from "web-tree-sitter";
import { slashComments, withoutComments } from "../comments.ts";
import { baseName, calleeBefore, collapse, identifierAt, withoutGenerics } from "../head.ts";
import type { Entity } from "../outline.ts";
import type { ParameterSyntax } from "../parameters.ts";
import type { Rules, Visit } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { defineNode, definition } from "./define.ts";

const parameters: ParameterSyntax = { style: "named", quotes: '"', modifiers: new Set(["mut", "ref"]) };

export const rust: Rules = {
  comments: slashComments,
  decorators: "#[",
  visits: {
    attribute_item: attribute,
    inner_attribute_item: (node, walk) => walk.quietUntil(node.endIndex),
    use_declaration: importPaths,
    extern_crate_declaration: importCrate,
    mod_item: defineModule,
    struct_item: defineStruct,
    union_item: definition({ type: "class", opens: "type" }),
    enum_item: definition({ type: "enum", opens: "type" }),
    // `Circle(f64)` takes types, and the value in `Low = level(1)` is no call of the enum's.
    enum_variant: (node, walk) => walk.quietUntil(node.endIndex),
    trait_item: defineTrait,
    trait_alias_item: definition({ type: "type" }),
    impl_item: openImpl,
    type_item: definition({ type: "type" }),
    associated_type: definition({ type: "type" }),
    function_item: defineFunction,
    function_signature_item: defineFunction,
    macro_definition: defineMacro,
    const_item: defineVariable,
    static_item: defineVariable,
    macro_invocation: callMacro,
    token_tree: callInMacro,
    arguments: call,
    match_arm: countArm,
  },
  branches: ["if_expression", "for_expression", "while_expression", "loop_expression", "&&", "||"],
  calls: [],
};

/** `#[derive(Debug)]` looks like a call of `derive`. */
function attribute(node: Node, walk: Walk): void {
  const end = node.endIndex;
  walk.attribute(node.startIndex, end);
  walk.quietUntil(end);
}

function defineFunction(node: Node, walk: Walk): void {
  const found = defineNode(node, walk, { type: "callable", parameters, returns: "return_type" });
  const self = found?.entity.parameters?.[0];
  const written = self && self.type === undefined ? /^(&.*)\bself$/.exec(self.name) : undefined;
  if (!self || !written) return;
  self.name = "self";
  self.type = `${written[1]}Self`;
}

/** `macro_rules! name { … }` */
function defineMacro(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const nameStart = name.startIndex;
  walk.define({
    type: "function",
    name: identifierAt(walk.text, nameStart),
    start: node.startIndex,
    end: node.endIndex,
    nameStart,
    headEnd: name.endIndex,
    opens: "function",
  });
}

/** The fields of a tuple struct are part of its head; those between braces are not. */
function defineStruct(node: Node, walk: Walk): void {
  const { text } = walk;
  const name = node.childForFieldName("name");
  if (!name) return;
  const end = node.endIndex;
  const body = node.childForFieldName("body")?.startIndex ?? end;
  walk.define({
    type: "class",
    name: text.slice(name.startIndex, name.endIndex),
    start: node.startIndex,
    end,
    nameStart: name.startIndex,
    headEnd: text[body] === "(" ? end : body,
    opens: "type",
  });
}

/** `trait A<T>: B + c::D<T> where …` */
function defineTrait(node: Node, walk: Walk): void {
  const found = defineNode(node, walk, { type: "interface", opens: "type" });
  const bounds = found && node.childForFieldName("bounds");
  if (!found || !bounds) return;
  const written = withoutGenerics(walk.text.slice(bounds.startIndex, bounds.endIndex).slice(0, 2000));
  for (const bound of written.replace(/^:/, "").split("+")) extend(walk, found.entity, bound.trim());
}

/** A lifetime or `?Sized` is no trait that is extended. */
function extend(walk: Walk, entity: Entity, bound: string): void {
  if (/^[A-Za-z_:]/.test(bound)) walk.relateBase(entity, "extends", bound.replace(/^for\s+/, ""));
}

/** `impl Trait for Type`: what is in it belongs to the type, wherever that is defined. */
function openImpl(node: Node, walk: Walk): void {
  const type = node.childForFieldName("type");
  if (!type) return;
  const trait = node.childForFieldName("trait");
  const implemented = trait ? typeName(walk.text.slice(trait.startIndex, trait.endIndex)) : "";
  const own = typeName(walk.text.slice(type.startIndex, type.endIndex));
  // `impl Trait for (A, B)`: the type has no name.
  const qualified = walk.qualify(own || implemented);
  const line = walk.lineOf(node.startIndex) + 1;
  const denied = trait !== null && walk.text.slice(node.startIndex, trait.startIndex).trimEnd().endsWith("!");
  if (own && implemented && !denied) {
    walk.relate({ type: "implements", from: qualified, to: implemented, line });
  }
  walk.open({ kind: "type", qualified, owner: qualified, end: node.endIndex });
}

/** `&'a mut dyn path::Name<T>`: the bare name; "" for a tuple, a slice or a function. */
function typeName(written: string): string {
  const bare = written.slice(0, 500).replace(/^(?:[&*]\s*|'\w+\s+|(?:mut|const|dyn|impl)\s+)+/, "");
  return /^[\w$:]/.test(bare) ? baseName(withoutGenerics(bare).split("+")[0]!) : "";
}

/** `mod a { … }`; `mod a;` says that the file needs another one. */
function defineModule(node: Node, walk: Walk): void {
  const found = defineNode(node, walk, { type: "module", opens: "module" });
  if (found && walk.text[found.headEnd - 1] === ";") walk.importFrom(found.entity.name, node.startIndex);
}

function defineVariable(node: Node, walk: Walk): void {
  if (!walk.atModuleLevel) return;
  const name = node.childForFieldName("name");
  if (!name || walk.text.startsWith("_:", name.startIndex)) return;
  defineNode(node, walk, { type: "variable", returns: "type" });
}

/** `use a::{b, c::{self, D as E}}`: one import per path. */
function importPaths(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const match = /^(.*?\buse)\s+([\s\S]*?);?$/.exec(withoutComments(walk.text.slice(start, end), slashComments));
  if (!match) return;
  const [, keyword, tree] = match as unknown as [string, string, string];
  for (const written of usedPaths(tree)) {
    const module = written.replace(/\s+as\s[\s\S]*$|::\*$/g, "").replace(/::self$/, "");
    const name = written.endsWith("::*") ? written : baseName(module);
    walk.importName({ name, module, signature: `${keyword} ${written}`, start, end });
  }
}

/** The paths of a `use` tree, each written out from its root. */
function usedPaths(tree: string): string[] {
  const paths: string[] = [];
  const prefixes = [""];
  let current = "";
  for (const [token] of `${tree},`.matchAll(/[{},]|[^{},]+/g)) {
    if (token === "{") {
      prefixes.push(prefixes.at(-1)! + current);
      current = "";
    } else if (token === "," || token === "}") {
      if (current) paths.push(prefixes.at(-1)! + current);
      if (token === "}" && prefixes.length > 1) prefixes.pop();
      current = "";
    } else current = collapse(token);
  }
  return paths.map((path) => path.replace(/^::/, ""));
}

/** `extern crate a as b;` */
function importCrate(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const signature = walk.text.slice(start, end).replace(/;$/, "");
  const name = /\bcrate\s+(\w+)/.exec(signature)?.[1] ?? "";
  walk.importName({ name, module: name, signature, start, end });
}

/** The variants that everybody builds all the time say nothing about who calls whom. */
const plainVariants = new Set(["Ok", "Err", "Some"]);

const call: Visit = (node, walk) => {
  const index = node.startIndex;
  if (!plainVariants.has(calleeBefore(walk.text, index))) walk.call(index);
};

/** `path::name!(…)` calls the macro `name`. */
function callMacro(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const path = /^[\w:$]+/.exec(walk.text.slice(start, start + 200))?.[0] ?? "";
  walk.callTo(baseName(path), start);
}

/** What is given to a macro has no syntax tree: there, a name right before a bracket is taken for a call. */
function callInMacro(node: Node, walk: Walk): void {
  const start = node.startIndex;
  if (walk.text[start] === "(" && /[\w>]/.test(walk.text[start - 1] ?? "")) call(node, walk);
}

/** `_ => …` is what is left, no decision. */
function countArm(node: Node, walk: Walk): void {
  if (!/^_\s*=>/.test(walk.text.slice(node.startIndex, node.startIndex + 12))) walk.branch();
}
