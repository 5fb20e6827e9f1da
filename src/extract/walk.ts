/**
 * One pass over one file: keeps the stack of open definitions and collects entities and relations. The language files
 * say what they found (`define`, `importName`, `call`…) with text positions; containers and qualified names are worked
 * out here, what the text itself says in entity-reader.ts. Also used by languages/sql.ts, which has no tree.
 */
import type { Node } from "web-tree-sitter";
import type { Entity, Outline, Relation } from "../model/outline.ts";
import { EntityReader, type LeadStyle, type WrittenDefinition } from "./entity-reader.ts";
import { baseName, calleeBefore, notCalled } from "./head.ts";
import { Lines } from "./lines.ts";

/** `opaque` holds no definitions of its own, only calls and branches of the function around it. */
export type ScopeKind = "file" | "module" | "type" | "object" | "function" | "opaque";

export interface Scope {
  kind: ScopeKind;
  /** Prefix of the qualified names in here; "" for the file. */
  qualified: string;
  /** Qualified name of the entity that contains and calls what is in here; differs where the scope is no entity. */
  owner: string;
  /** Index after the last character. */
  end: number;
  /** The function whose complexity a branch in here adds to. */
  counted: Entity | undefined;
  /** Names called so far by the owner. */
  callees: Set<string>;
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

/** Deeper nesting than people write; it also keeps qualified names from growing without bound. */
const maxDepth = 40;

export class Walk {
  readonly text: string;
  readonly #lines: Lines;
  readonly #reader: EntityReader;
  #definitions: Entity[] = [];
  readonly #imports: Entity[] = [];
  readonly #exports: Entity[] = [];
  readonly #relations: Relation[] = [];
  readonly #warnings: string[] = [];
  readonly #variables = new Set<string>();
  readonly #modules = new Set<string>();
  readonly #exported = new Set<string>();
  readonly #types = new Set<string>();
  readonly #contained = new Set<string>();
  readonly #clauseCallees = new Map<Entity, Set<string>>();
  readonly #scopes: Scope[];
  /** Innermost open scope. */
  scope: Scope;
  /** Calls before this index are no calls: base class lists, attributes. */
  #quietUntil = 0;
  /** The last node seen that may give its value a name; kept for languages whose functions are values. */
  holder: Node | undefined;
  #depthWarned = false;
  readonly #plainNames: boolean;

  constructor(text: string, style: LeadStyle & { plainNames?: boolean }) {
    this.#plainNames = style.plainNames ?? false;
    this.text = text;
    this.#lines = new Lines(text);
    this.#reader = new EntityReader(text, this.#lines, style);
    this.scope = {
      kind: "file",
      qualified: "",
      owner: "",
      end: Number.POSITIVE_INFINITY,
      counted: undefined,
      callees: new Set(),
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
  open(scope: { kind: ScopeKind; qualified: string; end: number; owner?: string }): void {
    const { counted, callees, owner } = this.scope;
    const inherits = scope.owner === undefined;
    this.#push({
      owner,
      ...scope,
      counted: inherits ? counted : undefined,
      callees: inherits ? callees : new Set(),
    });
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
    const owner = definition.container ?? this.scope.owner;
    if (!this.#contained.has(qualified)) {
      this.#contained.add(qualified);
      this.relate({ type: "contains", from: owner, to: qualified, line: entity.name_line });
    }
    if (definition.opens) this.#openFor(entity, definition);
    return entity;
  }

  #openFor(entity: Entity, { opens, headEnd, end }: Definition): void {
    // What has no body (a signature, an abstract method) has no complexity either.
    const counted = opens === "function" && headEnd < end ? entity : undefined;
    if (counted) counted.complexity = 1;
    if (opens === "type") this.#types.add(entity.qualified);
    const { qualified } = entity;
    this.#push({ kind: opens!, qualified, owner: qualified, end, counted, callees: new Set(), entity });
  }

  /**
   * Gives a function the body, or one more clause, that follows it as a node of its own: its lines grow to `end`, and
   * what is in there is contained in it.
   */
  openBody(entity: Entity, end: number): void {
    const isMore = entity.complexity !== undefined;
    entity.complexity = (entity.complexity ?? 0) + 1;
    entity.end_line = Math.max(entity.end_line, this.lastLine(end));
    const { qualified } = entity;
    const callees = (isMore && this.#clauseCallees.get(entity)) || new Set<string>();
    this.#clauseCallees.set(entity, callees);
    this.#push({ kind: "function", qualified, owner: qualified, end, counted: entity, callees });
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

  relate(relation: Relation): void {
    if (relation.to !== "") this.#relations.push(relation);
  }

  /** Lets a language decide, after the last node, which of the definitions stay. */
  keepDefinitions(choose: (definitions: readonly Entity[]) => Entity[]): void {
    this.#definitions = choose(this.#definitions);
  }

  /** A base class or interface as written, with or without path and type arguments. */
  relateBase(entity: Entity, type: "extends" | "implements", base: string): void {
    this.relate({ type, from: entity.qualified, to: baseName(base), line: entity.name_line });
  }

  /** One imported name of a module; `start` and `end` are those of the whole statement. */
  importName(found: { name: string; module: string; signature: string; start: number; end: number }): void {
    const { name, module, signature, start, end } = found;
    if (name !== "") this.#imports.push(this.#reader.name({ type: "import", name, signature, start, end }));
    this.importFrom(module, start);
  }

  /** The file needs `module`: one relation, where it is first said. */
  importFrom(module: string, index: number): void {
    if (this.#modules.has(module)) return;
    this.#modules.add(module);
    this.relate({ type: "imports", from: "", to: module, line: this.lineOf(index) + 1 });
  }

  /** One name this file offers to others. */
  exportName(name: string, start: number, end: number): void {
    if (name === "" || this.#exported.has(name)) return;
    this.#exported.add(name);
    const signature = this.text.slice(start, end);
    this.#exports.push(this.#reader.name({ type: "export", name, signature, start, end }));
    this.relate({ type: "exports", from: "", to: name, line: this.lineOf(start) + 1 });
  }

  /** Adds 1 to the complexity of the function around this place. */
  branch(): void {
    const { counted } = this.scope;
    if (counted) counted.complexity! += 1;
  }

  /** A call whose argument list starts at `index`. */
  call(index: number): void {
    if (index >= this.#quietUntil) this.callTo(calleeBefore(this.text, index), index);
  }

  callTo(name: string, index: number): void {
    const { callees, owner } = this.scope;
    if (name === "" || notCalled.has(name) || callees.has(name)) return;
    callees.add(name);
    this.relate({ type: "calls", from: owner, to: name, line: this.lineOf(index) + 1 });
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
    return {
      entities: [...this.#definitions, ...this.#imports, ...this.#exports],
      relations: this.#relations,
      warnings: this.#warnings,
    };
  }
}
