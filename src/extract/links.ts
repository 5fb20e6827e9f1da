/**
 * Collects the links of one file while it is walked: sources are entities or qualified names, which become ordinals
 * when the walk is over and the order of the entities is known. Used by walk.ts.
 */
import type { Node } from "web-tree-sitter";
import {
  type BaseLink,
  CallFlag,
  type CallSite,
  type ImportBinding,
  type Links,
  type LocalBinding,
} from "../model/links.ts";
import type { Entity } from "../model/outline.ts";
import { assignedTarget } from "./bindings.ts";
import { calleeAt, type Reading, receiverBefore } from "./callee.ts";
import type { LanguageRow } from "./language-table.ts";
import type { Lines } from "./lines.ts";

/** An entity, or the qualified name of one that may stand anywhere in the file; "" for the file. */
export type Source = Entity | string;

type Collected<T> = Omit<T, "source"> & { source: Source };

export class LinkCollector {
  package = "";
  readonly #text: string;
  readonly #lines: Lines;
  readonly #language: LanguageRow;
  readonly #reading: Reading;
  /** Argument lists by where they end, for chains of calls. */
  readonly #lists = new Map<number, number>();
  readonly #parents = new Map<Entity, Source>();
  readonly #calls: Collected<CallSite>[] = [];
  readonly #imports: Collected<ImportBinding>[] = [];
  readonly #bases: Collected<Omit<BaseLink, "owner">>[] = [];
  readonly #bindings: Collected<LocalBinding>[] = [];
  /** Where the decorator ends that was seen last. */
  #decoratorEnd = -1;
  /** Where the name stands of the call without a list that was seen last. */
  #lastName = -1;

  constructor(text: string, lines: Lines, language: LanguageRow) {
    this.#text = text;
    this.#lines = lines;
    this.#language = language;
    this.#reading = { style: language, lists: this.#lists };
  }

  contain(entity: Entity, container: Source): void {
    this.#parents.set(entity, container);
  }

  /** A call by its argument list; a quiet one is none, but may stand in the chain of another. */
  callBy(list: Node, { source, quiet }: { source: Source; quiet: boolean }): void {
    const text = this.#text;
    const start = list.startIndex;
    const end = list.endIndex;
    this.#lists.set(end, start);
    const callee = quiet ? undefined : calleeAt(text, start, this.#reading);
    if (!callee) return;
    const { name, receiver } = callee;
    const line = this.#lines.lineOf(callee.nameStart) + 1;
    const arity = arityOf(list, text.slice(start, Math.min(end, start + 1001)));
    const flags = (callee.isNew ? CallFlag.new : 0) | (end === this.#decoratorEnd ? CallFlag.decorator : 0);
    this.#calls.push({ source, name, receiver, line, arity, flags });
    const target = assignedTarget(text, callee.start, end);
    const type = receiver === "" ? name : `${receiver}.${name}`;
    if (target !== undefined) this.bind({ source, name: target, type, line, how: "called" });
  }

  /**
   * A call without an argument list of its own, by where its name starts. Another one at the same place is one more
   * argument of it: `f a b` is `(f a) b`.
   */
  callOf(name: string, nameStart: number, { source, arity }: { source: Source; arity: number }): void {
    const last = this.#calls.at(-1);
    if (nameStart === this.#lastName && last) {
      if (last.arity >= 0) last.arity++;
      return;
    }
    const { receiver, start } = receiverBefore(this.#text, nameStart, this.#reading);
    if (name === "" || (receiver === "" && this.#language.notCalled?.has(name))) return;
    this.#lastName = nameStart;
    const isDecorator = start < this.#decoratorEnd && nameStart + name.length === this.#decoratorEnd;
    const flags = isDecorator ? CallFlag.decorator : 0;
    this.#calls.push({ source, name, receiver, line: this.#lines.lineOf(nameStart) + 1, arity, flags });
  }

  /** `@app.get("/")`, whose call follows, or `@cached`, which is one. */
  decorator(start: number, end: number, source: Source): void {
    this.#decoratorEnd = end;
    const written = this.#text.slice(start, Math.min(end, start + 300));
    const name = /^@\s*(?:[\w$]+\s*\.\s*)*([\w$]+)$/.exec(written)?.[1];
    if (name !== undefined) this.callOf(name, end - name.length, { source, arity: -1 });
  }

  import(binding: Collected<ImportBinding>): void {
    this.#imports.push(binding);
  }

  base(link: Collected<Omit<BaseLink, "owner">>): void {
    if (link.path !== "") this.#bases.push(link);
  }

  bind(binding: Collected<LocalBinding>): void {
    this.#bindings.push(binding);
  }

  /** `entities` in their final order. */
  links(entities: readonly Entity[]): Links {
    const { exact, near } = ordinalsOf(entities);

    return {
      package: this.package,
      parents: entities.map((entity) => near(this.#parents.get(entity) ?? "")),
      calls: resolve<CallSite>(this.#calls, near),
      imports: resolve<ImportBinding>(this.#imports, near),
      bases: this.#bases.map((link) => {
        const { source } = link;
        const known = exact(source);
        return { ...link, source: known, owner: known === 0 && typeof source === "string" ? source : "" };
      }),
      bindings: resolve<LocalBinding>(this.#bindings, near),
    };
  }
}

/** In place: there may be many of them, and nobody else has them. */
function resolve<T extends { source: number }>(
  collected: Collected<T>[],
  ordinal: (source: Source) => number,
): T[] {
  for (const one of collected as { source: Source | number }[]) one.source = ordinal(one.source as Source);
  return collected as unknown as T[];
}

/**
 * The ordinal of a source; an entity that was not kept stands for the first one of its qualified name, a name that is
 * no entity for what it lies in (`app` of `createApp.app`). 0 for what is not in this file.
 */
function ordinalsOf(entities: readonly Entity[]): {
  exact(source: Source): number;
  near(source: Source): number;
} {
  const own = new Map<Entity, number>();
  const named = new Map<string, number>();
  entities.forEach((entity, i) => {
    own.set(entity, i + 1);
    const isName = entity.type === "import" || entity.type === "export";
    if (!isName && !named.has(entity.qualified)) named.set(entity.qualified, i + 1);
  });
  const exact = (source: Source): number =>
    typeof source === "string"
      ? (named.get(source) ?? 0)
      : (own.get(source) ?? named.get(source.qualified) ?? 0);
  const near = (source: Source): number => {
    const found = exact(source);
    const dot = typeof source === "string" ? source.lastIndexOf(".") : -1;
    return found > 0 || dot < 0 ? found : near((source as string).slice(0, dot));
  };
  return { exact, near };
}

/** The number of arguments in a list, which may also be one argument without brackets, or tokens of a macro. */
function arityOf(list: Node, text: string): number {
  const { type } = list;
  if (!type.includes("arg")) return type === "token_tree" ? -1 : 1;
  const count = list.namedChildCount;
  if (count === 0 || !mayHoldComment(text)) return count;
  return list.namedChildren.filter((child) => !child.type.includes("comment")).length;
}

/** Comments in an argument list are nodes, too; to look at each child takes time. */
const mayHoldComment = (text: string): boolean => text.length > 1000 || /\/[/*]|#|--/.test(text);
