/**
 * One pass over one file: keeps the stack of open definitions and collects entities and links. The language files
 * say what they found (`define`, `importName`, `call`…) with text positions; containers and qualified names are worked
 * out here, what the text itself says of an entity in entity-reader.ts, of a call in callee.ts and bindings.ts. Also
 * used by languages/sql.ts, which has no tree.
 */
import type { Node } from "web-tree-sitter";
import { ImportFlag } from "../model/links.ts";
import type { Entity, Outline } from "../model/outline.ts";
import { annotatedTarget } from "./bindings.ts";
import { markEntities } from "./entity-flags.ts";
import { EntityReader, type LeadStyle, type WrittenDefinition } from "./entity-reader.ts";
import { basePath } from "./head.ts";
import type { LanguageRow } from "./language-table.ts";
import { Lines } from "./lines.ts";
import { LinkCollector, type Source } from "./links.ts";

/** `opaque` holds no definitions of its own, only calls and branches of the function around it. */
export type ScopeKind = "file" | "module" | "type" | "object" | "function" | "opaque";

export interface Scope {
  kind: ScopeKind;
  /** Prefix of the qualified names in here; "" for the file. */
  qualified: string;
  /** The entity that contains and calls what is in here; by its qualified name where the scope is no entity. */
  owner: Source;
  /** Index after the last character. */
  end: number;
  /** The function whose complexity a branch in here adds to. */
  counted: Entity | undefined;
  /** The entity that opened this scope. */
  entity?: Entity;
}

export interface Definition extends WrittenDefinition {
  /** Opens a scope up to `end`: what is defined in it is contained in this. */
  opens?: ScopeKind;
  /** Qualified name of the container, when it is not the scope (`Type.Method` outside of its type). */
  container?: string;
}

/** `Class::method`, `App\\User` with dots. */
const dotted = (name: string): string =>
  name.includes("::") || name.includes("\\") ? name.replace(/::|\\/g, ".") : name;

export interface ImportedName {
  /** As the list of entities shows it: the name in the module, or the module; "" for none. */
  name: string;
  module: string;
  /** `signature`, `start` and `end` are those of the whole statement. */
  signature: string;
  start: number;
  end: number;
  /** The name in this file, when it is another one; "" for none. */
  local?: string;
  /** The name in the module; the module itself when left out. */
  imported?: string;
  /** Every name of the module is bound. */
  star?: boolean;
  typeOnly?: boolean;
  reexport?: boolean;
}

/** Deeper nesting than people write; it also keeps qualified names from growing without bound. */
const maxDepth = 40;

export class Walk {
  readonly text: string;
  readonly #lines: Lines;
  readonly #reader: EntityReader;
  #definitions: Entity[] = [];
  readonly #imports: Entity[] = [];
  readonly #exports: Entity[] = [];
  readonly #links: LinkCollector;
  readonly #language: LanguageRow;
  readonly #warnings: string[] = [];
  readonly #variables = new Set<string>();
  readonly #modules = new Set<string>();
  readonly #exported = new Set<string>();
  readonly #types = new Set<string>();
  readonly #scopes: Scope[];
  /** Innermost open scope. */
  scope: Scope;
  /** Calls before this index are no calls: base class lists, attributes. */
  #quietUntil = 0;
  /** The last node seen that may give its value a name; kept for languages whose functions are values. */
  holder: Node | undefined;
  #depthWarned = false;
  readonly #plainNames: boolean;

  constructor(text: string, style: LeadStyle & { plainNames?: boolean }, language: LanguageRow) {
    this.#plainNames = style.plainNames ?? false;
    this.text = text;
    this.#language = language;
    this.#lines = new Lines(text);
    this.#links = new LinkCollector(text, this.#lines, language);
    this.#reader = new EntityReader(text, this.#lines, style);
    this.scope = {
      kind: "file",
      qualified: "",
      owner: "",
      end: Number.POSITIVE_INFINITY,
      counted: undefined,
    };
    this.#scopes = [this.scope];
  }

  /** Closes the scopes that end at or before `index`; called for every node. */
  moveTo(index: number): void {
    while (index >= this.scope.end) {
      this.#scopes.pop();
      this.scope = this.#scopes.at(-1)!;
    }
  }

  /** True where a function without more said is a method. */
  get inType(): boolean {
    return this.scope.kind === "type" || this.scope.kind === "object";
  }

  /** True outside of functions: where a variable is one of the module or of a class. */
  get atModuleLevel(): boolean {
    const { kind } = this.scope;
    return kind === "file" || kind === "module" || kind === "type";
  }

  /**
   * Opens a scope that is no entity of its own: an `impl` block (the type owns what is in it), an object literal
   * (what is around it does).
   */
  open(scope: { kind: ScopeKind; qualified: string; end: number; owner?: Source }): void {
    const { counted, owner } = this.scope;
    this.#push({ owner, ...scope, counted: scope.owner === undefined ? counted : undefined });
  }

  #push(scope: Scope): void {
    this.#scopes.push(scope);
    this.scope = scope;
  }

  /** Line of a position, counted from 0. */
  lineOf(index: number): number {
    return this.#lines.lineOf(index);
  }

  /** Position of a line's first character. */
  lineStart(line: number): number {
    return this.#lines.start(line);
  }

  /** Line, counted from 1, of the last character before `end` that is no white space. */
  lastLine(end: number): number {
    return this.#lines.lastLine(end) + 1;
  }

  /** The comment above the line of `index`, for definitions whose doc comment stands before something else. */
  docAbove(index: number): string | undefined {
    return this.#reader.docAbove(index);
  }

  /** Says that a decorator stands at these positions, for grammars in which it is no part of what it decorates. */
  attribute(start: number, end: number): void {
    this.#reader.attribute(start, end);
  }

  /** Says that the definition which starts at `until` starts at `start`: `template <…>` stands before it. */
  startWith(start: number, until: number): void {
    this.#reader.startWith(start, until);
  }

  /** `name` inside the container (the scope, when none is given). */
  qualify(name: string, container = this.scope.qualified): string {
    const path = this.#plainNames ? name : dotted(name);
    return container === "" ? path : `${container}.${path}`;
  }

  /** Adds an entity and, with `opens`, its scope. Undefined inside an opaque scope or too deep: nothing was added. */
  define(definition: Definition): Entity | undefined {
    if (this.scope.kind === "opaque" || definition.name === "") return undefined;
    if (this.#scopes.length > maxDepth) return this.#tooDeep();
    const container = definition.container ?? this.scope.qualified;
    const qualified = this.qualify(definition.name, container);
    if (definition.type === "variable" && this.#isKnownVariable(qualified)) return undefined;
    const entity = this.#reader.definition(definition, qualified);
    this.#definitions.push(entity);
    this.#links.contain(entity, definition.container ?? this.scope.owner);
    if (definition.opens) this.#openFor(entity, definition);
    return entity;
  }

  #openFor(entity: Entity, { opens, headEnd, end }: Definition): void {
    // What has no body (a signature, an abstract method) has no complexity either.
    const counted = opens === "function" && headEnd < end ? entity : undefined;
    if (counted) counted.complexity = 1;
    if (opens === "type") this.#types.add(entity.qualified);
    this.#push({ kind: opens!, qualified: entity.qualified, owner: entity, end, counted, entity });
  }

  /**
   * Gives a function the body, or one more clause, that follows it as a node of its own: its lines grow to `end`, and
   * what is in there is contained in it.
   */
  openBody(entity: Entity, end: number): void {
    entity.complexity = (entity.complexity ?? 0) + 1;
    entity.end_line = Math.max(entity.end_line, this.lastLine(end));
    this.#push({ kind: "function", qualified: entity.qualified, owner: entity, end, counted: entity });
  }

  /** A variable is listed where it is first assigned. */
  #isKnownVariable(qualified: string): boolean {
    if (this.#variables.has(qualified)) return true;
    this.#variables.add(qualified);
    return false;
  }

  /** True when a variable of that qualified name is listed. */
  isVariable(qualified: string): boolean {
    return this.#variables.has(qualified);
  }

  /** True when a class, an interface or another type with members of that qualified name is listed. */
  isType(qualified: string): boolean {
    return this.#types.has(qualified);
  }

  #tooDeep(): undefined {
    if (!this.#depthWarned)
      this.#warnings.push(`nested deeper than ${maxDepth}: inner definitions are not listed`);
    this.#depthWarned = true;
    return undefined;
  }

  /** Lets a language decide, after the last node, which of the definitions stay. */
  keepDefinitions(choose: (definitions: readonly Entity[]) => Entity[]): void {
    this.#definitions = choose(this.#definitions);
  }

  /** A base class or interface as written, with or without type arguments. */
  relateBase(entity: Entity, type: "extends" | "implements", base: string): void {
    this.#links.base({ source: entity, type, path: basePath(base), line: entity.name_line });
  }

  /** A base of what is around this place: of a type that is declared elsewhere, or that mixes it in. */
  relateOuter(type: "extends" | "implements", base: string, index: number): void {
    const line = this.lineOf(index) + 1;
    this.#links.base({ source: this.scope.owner, type, path: basePath(base), line });
  }

  /** The package or namespace the file says it is in; a second one lies in the first. */
  inPackage(name: string): void {
    const before = this.#links.package;
    this.#links.package = before === "" ? name : `${before}.${name}`;
  }

  /** One imported name of a module. */
  importName(found: ImportedName): void {
    const { name, module, signature, start, end } = found;
    if (name !== "") this.#imports.push(this.#reader.name({ type: "import", name, signature, start, end }));
    const star = found.star ? ImportFlag.star : 0;
    const typeOnly = found.typeOnly ? ImportFlag.typeOnly : 0;
    const reexport = found.reexport ? ImportFlag.reexport : 0;
    this.#modules.add(module);
    this.#links.import({
      source: this.scope.owner,
      local: found.local ?? (found.star ? "" : name),
      imported: found.imported ?? "",
      module,
      line: this.lineOf(start) + 1,
      flags: star | typeOnly | reexport,
    });
  }

  /** The file needs `module`, and binds no name of it; said once. */
  importFrom(module: string, index: number): void {
    if (module === "" || this.#modules.has(module)) return;
    this.importName({ name: "", module, signature: "", start: index, end: index });
  }

  /** One name this file offers to others. */
  exportName(name: string, start: number, end: number): void {
    if (name === "" || this.#exported.has(name)) return;
    this.#exported.add(name);
    const signature = this.text.slice(start, end);
    this.#exports.push(this.#reader.name({ type: "export", name, signature, start, end }));
  }

  /** Adds 1 to the complexity of the function around this place. */
  branch(): void {
    const { counted } = this.scope;
    if (counted) counted.complexity! += 1;
  }

  /** A call by its argument list. */
  call(list: Node): void {
    this.#links.callBy(list, { source: this.scope.owner, quiet: list.startIndex < this.#quietUntil });
  }

  /** A call without an argument list of its own, by where its name starts; `arity` -1 where the text does not tell. */
  callTo(name: string, nameStart: number, arity = -1): void {
    this.#links.callOf(name, nameStart, { source: this.scope.owner, arity });
  }

  /** A decorator that is code: what it applies is called. */
  decorator(node: Node): void {
    const start = node.startIndex;
    const end = node.endIndex;
    this.#reader.attribute(start, end);
    this.#links.decorator(start, end, this.scope.owner);
  }

  /** `name: Type` or `Type name` at these positions: a variable whose type is written. */
  annotate(start: number, end: number, style: "named" | "typed"): void {
    const found = annotatedTarget(this.text.slice(start, Math.min(end, start + 300)).trimStart(), style);
    if (found) this.bindType({ ...found, index: start });
  }

  bindType({ name, type, index }: { name: string; type: string; index: number }): void {
    this.#links.bind({
      source: this.scope.owner,
      name,
      type,
      line: this.lineOf(index) + 1,
      how: "annotated",
    });
  }

  /** Go's `(s *Stack)`. */
  receive(method: Entity, receiver: { name: string; type: string }): void {
    this.#links.bind({ source: method, ...receiver, line: method.name_line, how: "receiver" });
  }

  /** Argument lists that start before `index` are no calls. */
  quietUntil(index: number): void {
    this.#quietUntil = Math.max(this.#quietUntil, index);
  }

  /** True where no calls are taken, for languages whose calls have no argument list. */
  isQuiet(index: number): boolean {
    return index < this.#quietUntil;
  }

  warn(warning: string): void {
    this.#warnings.push(warning);
  }

  /**
   * Definitions in document order, then imports, then exports: when a name is both defined and exported, the
   * definition comes first and so keeps the plain id.
   */
  outline(): Outline {
    const entities = [...this.#definitions, ...this.#imports, ...this.#exports];
    markEntities(entities, this.#language);
    return { entities, links: this.#links.links(entities), warnings: this.#warnings };
  }
}
