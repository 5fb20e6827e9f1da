/** PHP: namespaces, classes, traits, enums, functions, properties, constants, `use` name by name. */
import type { Node } from "web-tree-sitter";
import { slashComments } from "../comments.ts";
import { collapse, identifierAt, identifierEndingAt, skipSpaceBack } from "../head.ts";
import { expandGroups, type ParameterSyntax, readParameters } from "../parameters.ts";
import type { Rules, Visit } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { defineNode, definition, openHeld, relateBases } from "./define.ts";

const parameters: ParameterSyntax = {
  style: "typed",
  modifiers: new Set(["public", "protected", "private", "readonly"]),
};

export const php: Rules = {
  comments: slashComments,
  decorators: "#[",
  visits: {
    namespace_definition: openNamespace,
    namespace_use_declaration: useNames,
    class_declaration: typeVisit("class"),
    trait_declaration: typeVisit("class"),
    interface_declaration: typeVisit("interface"),
    enum_declaration: typeVisit("enum"),
    enum_case: definition({ type: "variable" }),
    anonymous_class: (node, walk) => openHeld(node, walk, assignedName),
    function_definition: definition({
      type: "function",
      opens: "function",
      parameters,
      returns: "return_type",
    }),
    method_declaration: definition({ type: "method", opens: "function", parameters, returns: "return_type" }),
    property_declaration: defineProperties,
    property_promotion_parameter: definePromoted,
    const_declaration: defineConstants,
    use_declaration: useTraits,
    assignment_expression: assignment,
    anonymous_function: functionValue,
    arrow_function: functionValue,
    arguments: readArguments,
    // Attributes have arguments, but nothing is called.
    attribute_group: (node, walk) => walk.quietUntil(node.endIndex),
    include_expression: includeFile,
    include_once_expression: includeFile,
    require_expression: includeFile,
    require_once_expression: includeFile,
  },
  branches: [
    "if_statement",
    "else_if_clause",
    "for_statement",
    "foreach_statement",
    "while_statement",
    "do_statement",
    "catch_clause",
    "case",
    "conditional_expression",
    "match_conditional_expression",
    "&&",
    "||",
    "and",
    "or",
    "??",
  ],
  calls: [],
};

function typeVisit(type: "class" | "interface" | "enum"): Visit {
  return (node, walk) => {
    const found = defineNode(node, walk, { type, opens: "type" });
    if (found) relateBases(walk, found);
  };
}

/** `namespace A { … }` contains; `namespace A;` only says where the file belongs, as a Java package does. */
function openNamespace(node: Node, walk: Walk): void {
  if (node.childForFieldName("body")) defineNode(node, walk, { type: "module", opens: "module" });
  else {
    const name = node.childForFieldName("name");
    if (name) walk.inPackage(walk.text.slice(name.startIndex, name.endIndex));
  }
}

/** `use A\{B, C as D};`, `use function A\f;`: one import per name. */
function useNames(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const statement = collapse(walk.text.slice(start, end), 4000);
  const match = /^use (function |const )?(.*?);?$/.exec(statement);
  if (!match) return;
  const [, kind = "", tree] = match as unknown as [string, string | undefined, string];
  for (const path of expandGroups(tree).flatMap((one) => one.split(","))) {
    const module = path
      .trim()
      .replace(/^\\/, "")
      .replace(/ as \w+$/i, "");
    const name = module.slice(module.lastIndexOf("\\") + 1);
    const local = / as (\w+)$/i.exec(path.trim())?.[1] ?? name;
    walk.importName({ name, module, signature: `use ${kind}${path.trim()}`, start, end, local });
  }
}

/** `private static ?int $a = 0, $b;`: named without the `$`, as they are read from an object. */
function defineProperties(node: Node, walk: Walk): void {
  const elements = node.namedChildren.filter((child) => child.type === "property_element");
  const type = node.childForFieldName("type");
  const returns = type ? collapse(walk.text.slice(type.startIndex, type.endIndex), 200) : undefined;
  for (const [i, element] of elements.entries()) {
    defineElement(walk, {
      statement: node,
      element,
      first: i === 0,
      nameStart: element.startIndex + 1,
      returns,
    });
  }
}

/** `__construct(private Logger $logger)`: a parameter that is a property of the class, too. */
function definePromoted(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  const { kind, qualified } = walk.scope;
  if (!name || kind !== "function") return;
  const { text } = walk;
  const nameStart = text.indexOf("$", name.startIndex) + 1;
  const type = node.childForFieldName("type");
  const end = node.endIndex;
  walk.define({
    type: "variable",
    name: identifierAt(text, nameStart),
    start: node.startIndex,
    end,
    nameStart,
    headEnd: end,
    returns: type ? collapse(text.slice(type.startIndex, type.endIndex), 200) : undefined,
    container: qualified.slice(0, Math.max(0, qualified.lastIndexOf("."))),
  });
}

/** `const A = 1, B = 2;` of a file or a class. */
function defineConstants(node: Node, walk: Walk): void {
  const elements = node.namedChildren.filter((child) => child.type === "const_element");
  for (const [i, element] of elements.entries()) {
    defineElement(walk, { statement: node, element, first: i === 0, nameStart: element.startIndex });
  }
}

function defineElement(
  walk: Walk,
  found: { statement: Node; element: Node; first: boolean; nameStart: number; returns?: string | undefined },
): void {
  const { statement, element, first, nameStart, returns } = found;
  const start = first ? statement.startIndex : element.startIndex;
  const end = first ? statement.endIndex : element.endIndex;
  walk.define({
    type: "variable",
    name: identifierAt(walk.text, nameStart),
    start,
    end,
    nameStart,
    headEnd: end,
    returns,
  });
}

/** `use Loggable;` inside of a class. */
function useTraits(node: Node, walk: Walk): void {
  const list = walk.text.slice(node.startIndex + "use".length, node.endIndex).split(/[{;]/)[0]!;
  for (const path of list.split(",")) walk.relateOuter("implements", path, node.startIndex);
}

/** `o` of `$o = …` */
const assignedName = (assigned: Node): Node | null =>
  assigned.childForFieldName("left")?.firstNamedChild ?? null;

function assignment(node: Node, walk: Walk): void {
  walk.holder = node;
}

/** `$double = function ($x) { … };` */
function functionValue(node: Node, walk: Walk): void {
  const { holder, text } = walk;
  if (!holder || holder.childForFieldName("right")?.id !== node.id) return;
  const nameStart = holder.startIndex + 1;
  const name = identifierAt(text, nameStart);
  if (
    text[holder.startIndex] !== "$" ||
    !/^\s*=/.test(text.slice(nameStart + name.length, nameStart + name.length + 9))
  ) {
    return;
  }
  const end = node.endIndex;
  const body = node.childForFieldName("body")?.startIndex ?? end;
  const open = node.childForFieldName("parameters")?.startIndex ?? -1;
  const returnType = node.childForFieldName("return_type");
  walk.define({
    type: "function",
    name,
    start: holder.startIndex,
    end,
    nameStart,
    headEnd: body,
    opens: "function",
    parameters: readParameters(text, { open, stop: body }, parameters),
    returns: returnType ? collapse(text.slice(returnType.startIndex, returnType.endIndex), 200) : undefined,
  });
}

/** A call; `define('NAME', …)` of a file is a constant. */
function readArguments(node: Node, walk: Walk): void {
  const { text } = walk;
  const start = node.startIndex;
  const constant =
    walk.scope.kind === "file" ? /^\(\s*["'](\w+)["']/.exec(text.slice(start, start + 100)) : null;
  if (!constant || identifierEndingAt(text, skipSpaceBack(text, start)) !== "define") {
    walk.call(node);
    return;
  }
  const statement = text.lastIndexOf("define", start);
  const end = node.endIndex;
  const nameStart = start + constant[0].length - constant[1]!.length - 1;
  walk.define({ type: "variable", name: constant[1]!, start: statement, end, nameStart, headEnd: end });
}

/** `require_once __DIR__ . '/bootstrap.php'` */
function includeFile(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const signature = walk.text.slice(start, end);
  const module = /["']([^"'\n$]+)["']/.exec(signature)?.[1];
  if (module !== undefined) walk.importName({ name: module, module, signature, start, end, star: true });
}
