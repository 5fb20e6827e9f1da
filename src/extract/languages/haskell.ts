/**
 * Haskell: types, classes, instances (their functions belong to the type), functions as signature and equations in
 * one entity, imports, the export list. Function application has no brackets: `apply` nodes are the calls.
 */
import type { Node } from "web-tree-sitter";
import type { Entity, EntityType, Parameter } from "../../model/outline.ts";
import type { CommentStyle } from "../comments.ts";
import { collapse } from "../head.ts";
import { splitTop } from "../parameters.ts";
import type { Rules, Visit } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { defineClause } from "./clauses.ts";

const comments: CommentStyle = {
  line: ["--"],
  block: ["{-", "-}"],
  pattern: /\{-[^-]*(?:-(?!\})[^-]*)*-\}|(?<=^|\s)--.*$/gm,
};

export const haskell: Rules = {
  comments,
  visits: {
    header: defineHeader,
    import: importModule,
    data_type: type("type"),
    newtype: type("type"),
    data_family: type("type"),
    type_family: type("type"),
    type_synomym: type("type"),
    class: type("interface", "type"),
    instance: openInstance,
    signature: defineSignature,
    function: defineEquation,
    bind: defineValue,
    pattern_synonym: definePattern,
    apply: callHead,
    infix: callOperand,
    alternative: countAlternative,
    guards: countAlternative,
    operator: countOperator,
  },
  branches: ["conditional"],
  calls: [],
};

/** `module A.B (exports) where` */
function defineHeader(node: Node, walk: Walk): void {
  const name = node.childForFieldName("module");
  if (!name) return;
  const nameStart = name.startIndex;
  const exports = node.childForFieldName("exports");
  const start = node.startIndex;
  walk.define({
    type: "module",
    name: walk.text.slice(nameStart, name.endIndex),
    start,
    end: node.endIndex,
    nameStart,
    headEnd: name.endIndex,
  });
  for (const one of exports?.namedChildren ?? []) {
    const at = one.startIndex;
    const written = walk.text.slice(at, Math.min(one.endIndex, at + 200));
    const exported = /^(?:(?:type|pattern|module)\s+)?(\(\S+\)|[\w'.]+)/.exec(written)?.[1];
    if (one.type.includes("export") && exported) walk.exportName(bare(exported), at, one.endIndex);
  }
}

/** `import qualified A.B as C (d)` */
function importModule(node: Node, walk: Walk): void {
  const module = node.childForFieldName("module");
  if (!module) return;
  const start = node.startIndex;
  const end = node.endIndex;
  const name = walk.text.slice(module.startIndex, module.endIndex);
  const signature = walk.text.slice(start, end);
  const local = /\bas\s+([A-Z][\w.']*)/.exec(signature)?.[1] ?? name;
  const star = !/^import\s+(?:safe\s+)?qualified\b|\bqualified\s*(?:as\b|$)/.test(signature);
  walk.importName({ name, module: name, signature, start, end, local, star });
}

/** `(<+>)` without its brackets. */
const bare = (name: string): string => name.replace(/^\(\s*|\s*\)$/g, "");

/** Declares a type; what is in a data type are no functions, what is in a class are its methods. */
function type(kind: EntityType, opens?: "type"): Visit {
  return (node, walk) => {
    // `data a :+: b` is named between its parameters.
    const name = node.childForFieldName("name") ?? node.firstNamedChild?.childForFieldName("operator");
    if (!name) return;
    const { text } = walk;
    const start = node.startIndex;
    const end = node.endIndex;
    const nameStart = name.startIndex;
    const entity = walk.define({
      type: kind,
      name: bare(text.slice(nameStart, name.endIndex)),
      start,
      end,
      nameStart,
      headEnd: headOfType(text, nameStart, end),
      ...(opens && { opens }),
    });
    if (!entity) return;
    dropPragma(entity);
    if (!opens) {
      relateDeriving(walk, entity, text.slice(start, end));
      defineParts(node, walk, entity.qualified);
      walk.open({ kind: "opaque", qualified: walk.scope.qualified, end });
    }
  };
}

/** Constructors and fields of a data type. */
function defineParts(node: Node, walk: Walk, container: string): void {
  for (const one of node.descendantsOfType(["constructor", "constructor_operator", "field_name"])) {
    const { startIndex: start, endIndex: end } = one;
    if (start === node.firstNamedChild?.childForFieldName("operator")?.startIndex) continue;
    const name = bare(walk.text.slice(start, end));
    walk.define({ type: "variable", name, start, end, nameStart: start, headEnd: end, container });
  }
}

/** `pattern Pair a b = (a, b)` */
function definePattern(node: Node, walk: Walk): void {
  const { text } = walk;
  const { startIndex: start, endIndex: end } = node;
  const head = /^pattern\s+([A-Z][\w']*)(?!\s*::)/.exec(text.slice(start, start + 200));
  if (!head) return;
  const name = head[1]!;
  walk.define({
    type: "function",
    name,
    start,
    end,
    nameStart: start + head[0].length - name.length,
    headEnd: end,
  });
}

/** A type's head ends at its `where` or `deriving`; its constructors say what it is, so they stay. */
function headOfType(text: string, nameStart: number, end: number): number {
  const stop = text.slice(nameStart, Math.min(end, nameStart + 2000)).search(/\s(?:where|deriving)\b/);
  return stop < 0 ? end : nameStart + stop;
}

/** A pragma above a definition looks like a block comment. */
function dropPragma(entity: Entity): void {
  if (/^#[\s\S]*#$/.test(entity.docstring ?? "")) delete entity.docstring;
}

/** `deriving (Show, Eq)`, `deriving stock Show` */
function relateDeriving(walk: Walk, entity: Entity, text: string): void {
  const lists = text.matchAll(
    /\bderiving\s+(?:(?:stock|newtype|anyclass)\s+)?(?:\(([^()]*)\)|([A-Z][\w.]*))/g,
  );
  for (const [, list, one] of lists) {
    for (const name of (list ?? one ?? "").split(",")) walk.relateBase(entity, "implements", name);
  }
}

/** `instance Show a => Show (Wrapper a) where`: its functions are those of `Wrapper`, or of the class without a type. */
function openInstance(node: Node, walk: Walk): void {
  const name = node.childForFieldName("name");
  if (!name) return;
  const { text } = walk;
  const start = node.startIndex;
  const end = node.endIndex;
  const nameEnd = name.endIndex;
  const className = text.slice(name.startIndex, nameEnd);
  const head = text.slice(nameEnd, Math.min(end, nameEnd + 500)).split(/\bwhere\b/, 1)[0]!;
  const owner = /(?<![\w.'])(?:[A-Z][\w']*\.)*([A-Z][\w']*)/.exec(head)?.[1] ?? className;
  const to = className.slice(className.lastIndexOf(".") + 1);
  walk.open({ kind: "type", qualified: owner, owner, end });
  if (owner !== to) walk.relateOuter("implements", className, start);
  walk.quietUntil(nameEnd + head.length);
}

/** Signatures of local functions are passed over: their equations are enough. */
const isLocal = (walk: Walk): boolean => walk.scope.kind === "function" || walk.scope.kind === "opaque";

/** `multiply, divide :: Int -> Int -> Int` */
function defineSignature(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const end = node.endIndex;
  const { text } = walk;
  const colons = text.slice(start, end).search(/::|∷/);
  if (colons < 0) return;
  if (!isLocal(walk)) {
    const { parameters, returns } = typesOf(text.slice(start + colons + 2, Math.min(end, start + 4000)));
    for (const written of text.slice(start, start + colons).split(",")) {
      const name = bare(written.trim());
      const found = { name, start, end, nameStart: start, headEnd: end };
      const added = defineClause(walk, {
        ...found,
        key: name,
        hasBody: false,
        type: walk.inType ? "method" : "function",
        parameters,
        returns,
      });
      if (added) dropPragma(added.entity);
    }
  }
  walk.open({ kind: "opaque", qualified: walk.scope.qualified, end });
}

/** `forall a. Show a => a -> Int`: `a` is a parameter, `Int` the result. */
function typesOf(signature: string): { parameters: Parameter[]; returns: string } {
  const plain = collapse(
    signature.replace(comments.pattern, " ").replace(/^\s*(?:forall|∀)[^.]*\./, ""),
    2000,
  );
  const arrows = plain.replace(/=>|⇒/g, "\u0001").replace(/->|→|⊸/g, "\u0000");
  const written = splitTop(splitTop(arrows, "\u0001", `"`).at(-1) ?? "", "\u0000", `"`).map((one) =>
    one.replaceAll("\u0000", "->").replaceAll("\u0001", "=>"),
  );
  const returns = written.pop() ?? "";
  return { parameters: written.map((one) => ({ name: "", type: collapse(one, 200) })), returns };
}

/** An equation with parameters. The node type is also that of `a -> b`, which has no name. */
function defineEquation(node: Node, walk: Walk): void {
  if (walk.scope.kind === "opaque") return;
  const name = node.childForFieldName("name") ?? node.firstNamedChild?.childForFieldName("operator");
  if (name) equation(node, walk, name);
}

/** `name = …`; a local one is listed nowhere. */
function defineValue(node: Node, walk: Walk): void {
  if (isLocal(walk)) return;
  const name = node.childForFieldName("name");
  if (name) equation(node, walk, name);
  else defineBound(node, walk);
}

/** `(q, w) = …`: every variable of the pattern. */
function defineBound(node: Node, walk: Walk): void {
  const { startIndex: start, endIndex: end } = node;
  for (const { startIndex, endIndex } of node.childForFieldName("pattern")?.descendantsOfType("variable") ??
    []) {
    const name = walk.text.slice(startIndex, endIndex);
    walk.define({ type: "variable", name, start, end, nameStart: startIndex, headEnd: end });
  }
}

function equation(node: Node, walk: Walk, name: Node): void {
  const { text } = walk;
  const match = node.childForFieldName("match")?.startIndex;
  if (match === undefined) return;
  const nameStart = name.startIndex;
  const written = bare(text.slice(nameStart, name.endIndex)).replaceAll("`", "");
  const found = { name: written, start: node.startIndex, end: node.endIndex, nameStart, headEnd: match };
  const isInfix = nameStart > found.start && node.firstNamedChild?.type === "infix";
  const left = isInfix ? `${text.slice(found.start, nameStart)} ` : "";
  const patterns = splitTop(collapse(left + text.slice(name.endIndex, match), 2000), " ", `"`);
  const added = defineClause(walk, {
    ...found,
    key: written,
    hasBody: true,
    type: walk.inType ? "method" : "function",
    parameters: patterns.map((one) => ({ name: one })),
  });
  // Constructors in patterns are applied, not called.
  walk.quietUntil(match);
  if (!added?.first) return;
  dropPragma(added.entity);
  nameParameters(added.entity, patterns);
  if (patterns.length === 0) constant(added.entity, text.slice(match, match + 40));
}

/** A signature gave the types, the first equation gives the names. */
function nameParameters(entity: Entity, patterns: string[]): void {
  const types = entity.parameters;
  if (types === undefined || types.length < patterns.length) return;
  entity.parameters = types.map((one, i) => ({ ...one, name: collapse(patterns[i] ?? one.name, 100) }));
}

/** A name for a number or a text is a variable. */
function constant(entity: Entity, value: string): void {
  if (!/^=\s*(?:-?\d[\w.]*|".*")\s*$/m.test(value) || entity.type !== "function") return;
  entity.type = "variable";
  delete entity.complexity;
  delete entity.parameters;
}

/** `f x`, `Map.insert k v`: constructors (capital letters) are no functions of their own. */
function callHead(node: Node, walk: Walk): void {
  callAt(walk, node.startIndex);
}

/** `print $ f x`, `map f . g` */
function callOperand(node: Node, walk: Walk): void {
  const start = node.startIndex;
  if (/^[\w.']+\s*(?:\$|\.|<\$>|=<<)\s/.test(walk.text.slice(start, start + 80))) callAt(walk, start);
}

function callAt(walk: Walk, start: number): void {
  if (walk.scope.kind === "opaque" || walk.isQuiet(start)) return;
  const path = /^(?:[A-Z][\w']*\.)*([a-z_][\w']*)/.exec(walk.text.slice(start, start + 100));
  if (path) walk.callTo(path[1]!, start + path[0].length - path[1]!.length, 1);
}

/** A guard or an alternative, unless it takes what is left. */
function countAlternative(node: Node, walk: Walk): void {
  const start = node.startIndex;
  if (!/^(?:_\s*->|otherwise\b|True\b)/.test(walk.text.slice(start, start + 20))) walk.branch();
}

function countOperator(node: Node, walk: Walk): void {
  const start = node.startIndex;
  if (walk.text.startsWith("&&", start) || walk.text.startsWith("||", start)) walk.branch();
}
