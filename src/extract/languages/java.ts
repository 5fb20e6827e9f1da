/** Java: types of all kinds, methods, constructors, fields, imports. */
import type { Node } from "web-tree-sitter";
import { slashComments } from "../comments.ts";
import { collapse } from "../head.ts";
import type { ParameterSyntax } from "../parameters.ts";
import type { Rules, Visit } from "../rules.ts";
import type { Walk } from "../walk.ts";
import {
  defineComponents,
  defineDeclarators,
  defineNode,
  definition,
  openHeld,
  relateBases,
} from "./define.ts";

const parameters: ParameterSyntax = { style: "typed", modifiers: new Set(["final"]) };

export const java: Rules = {
  comments: slashComments,
  decorators: "@",
  visits: {
    package_declaration: (node, walk) =>
      walk.inPackage(
        walk.text.slice(node.startIndex, node.endIndex).replace(/^[\s\S]*?\bpackage\s+|\s*;.*$/g, ""),
      ),
    import_declaration: importDeclaration,
    local_variable_declaration: (node, walk) => walk.annotate(node.startIndex, node.endIndex, "typed"),
    class_declaration: typeVisit("class"),
    record_declaration: defineRecord,
    interface_declaration: typeVisit("interface"),
    annotation_type_declaration: typeVisit("interface"),
    enum_declaration: typeVisit("enum"),
    module_declaration: definition({ type: "module", opens: "module" }),
    method_declaration: definition({ type: "method", opens: "function", parameters, returns: "type" }),
    annotation_type_element_declaration: definition({
      type: "method",
      opens: "function",
      parameters,
      returns: "type",
    }),
    constructor_declaration: definition({ type: "method", opens: "function", parameters }),
    compact_constructor_declaration: definition({ type: "method", opens: "function" }),
    field_declaration: defineFields,
    constant_declaration: defineFields,
    enum_constant: defineConstant,
    object_creation_expression: openAnonymous,
  },
  branches: [
    "if_statement",
    "for_statement",
    "enhanced_for_statement",
    "while_statement",
    "do_statement",
    "catch_clause",
    "case",
    "ternary_expression",
    "&&",
    "||",
  ],
  calls: ["argument_list"],
};

function typeVisit(type: "class" | "interface" | "enum"): Visit {
  return (node, walk) => {
    const found = defineNode(node, walk, { type, opens: "type" });
    if (found) relateBases(walk, found);
  };
}

/** `record Point(int x, int... rest)`: its components are fields with accessors. */
function defineRecord(node: Node, walk: Walk): void {
  visitRecord(node, walk);
  defineComponents(walk, node.childForFieldName("parameters")?.namedChildren ?? []);
}

const visitRecord = typeVisit("class");

/** `PLUS("+") { … }`: a constant, and the class of its own that a body makes of it. */
function defineConstant(node: Node, walk: Walk): void {
  const found = defineNode(node, walk, { type: "variable" });
  // `PLUS("+")` looks like a call of PLUS.
  if (found) walk.quietUntil(found.nameEnd + 1);
  if (found && node.childForFieldName("body"))
    walk.open({ kind: "type", qualified: found.entity.qualified, end: node.endIndex });
}

/** `new Runnable() { … }`: what is in it belongs to the field or the method that holds it, not to the type around. */
function openAnonymous(node: Node, walk: Walk): void {
  if (node.lastNamedChild?.type === "class_body") openHeld(node, walk, declaredAt);
}

/** The name of the declarator around `index`. */
function declaredAt(fields: Node, index: number): Node | null {
  const declarators = fields.childrenForFieldName("declarator");
  const around = declarators.find((one) => one && one.startIndex <= index && index < one.endIndex);
  return around?.childForFieldName("name") ?? null;
}

function defineFields(node: Node, walk: Walk): void {
  walk.holder = node;
  defineDeclarators(walk, {
    declaration: node,
    declarators: node.childrenForFieldName("declarator").filter((one) => one !== null),
    type: node.childForFieldName("type"),
  });
}

/** `import static a.b.C.d;`, `import a.b.*;`: named by its last part. */
function importDeclaration(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const signature = collapse(walk.text.slice(start, end));
  const path = /^import\s+(?:static\s+|module\s+)?([\w$]+(?: ?\. ?[\w$*]+)*)/.exec(signature)?.[1];
  if (path === undefined) return;
  const name = path.endsWith("*") ? path : path.slice(path.lastIndexOf(".") + 1);
  walk.importName({ name, module: path, signature, start, end, star: path.endsWith("*") });
}
