/**
 * Definitions that left one place and came at another one, in the same file or in another: renamed or moved, with the
 * body that they had. Pure; used by recognise.ts.
 */
import type { Rename } from "./same-content.ts";

export interface Definition {
  id: string;
  /** The file that its id begins with. */
  path: string;
  /** `Class.method`, with what tells it from others of that name: its id without the file. */
  local: string;
  /** As its text says it. */
  name: string;
  text: string;
}

/** Characters that are no white space: of a short body, and of one with at least three lines. */
const TELLING = 60;
const TELLING_LINES = 3;
const TELLING_OF_LINES = 40;

/**
 * Bodies are compared without the definition's own name, everywhere or where it is first said, and without white space. A
 * body that several have says nothing, but for those whose name stayed too. What lies in a class goes where the class went.
 */
export function sameBody(left: readonly Definition[], came: readonly Definition[]): Rename[] {
  const found = new Map<Definition, Definition>();
  const taken = new Set<Definition>();
  const pair = (from: Definition, to: Definition): void => {
    if (found.has(from) || taken.has(to)) return;
    found.set(from, to);
    taken.add(to);
  };
  for (const without of [withoutName, withoutFirstName]) {
    const olds = Map.groupBy(left, (one) => bodyOf(one, without));
    const news = Map.groupBy(came, (one) => bodyOf(one, without));
    for (const [body, own] of olds) {
      const others = body === undefined ? undefined : news.get(body);
      if (!others) continue;
      if (own.length === 1 && others.length === 1) pair(own[0]!, others[0]!);
      else byName(own, others, pair);
    }
  }
  within({ left, came }, found, pair);
  byParameters(
    left.filter((one) => !found.has(one)),
    came.filter((one) => !taken.has(one)),
    pair,
  );
  return [...found].map(([from, to]) => ({ from: from.id, to: to.id }));
}

type Pair = (from: Definition, to: Definition) => void;

function byName(own: readonly Definition[], others: readonly Definition[], pair: Pair): void {
  const byLocal = Map.groupBy(others, ({ local }) => local);
  for (const [local, same] of Map.groupBy(own, (one) => one.local)) {
    const named = byLocal.get(local);
    if (same.length === 1 && named?.length === 1) pair(same[0]!, named[0]!);
  }
}

/** The one of its name that left a file and the one that came there: only its parameters changed. */
function byParameters(left: readonly Definition[], came: readonly Definition[], pair: Pair): void {
  const nameOf = ({ path, local }: Definition): string => `${path}#${local.replace(/\(.*/s, "")}`;
  const news = Map.groupBy(came, nameOf);
  for (const [name, own] of Map.groupBy(left, nameOf)) {
    const others = news.get(name);
    if (own.length === 1 && others?.length === 1) pair(own[0]!, others[0]!);
  }
}

/** Outer ones first, so that what they hold follows level by level. */
function within(
  { left, came }: { left: readonly Definition[]; came: readonly Definition[] },
  found: ReadonlyMap<Definition, Definition>,
  pair: Pair,
): void {
  const olds = new Map(left.map((one) => [one.id, one]));
  const news = new Map(came.map((one) => [one.id, one]));
  for (const one of left.toSorted((a, b) => a.local.length - b.local.length)) {
    // Types of parameters may have dots too.
    const dot = one.local.lastIndexOf(".", (one.local.indexOf("(") + 1 || one.local.length + 1) - 1);
    const outer = dot > 0 ? olds.get(`${one.path}#${one.local.slice(0, dot)}`) : undefined;
    const target = outer && found.get(outer);
    const own = target && news.get(`${target.id}${one.local.slice(dot)}`);
    if (own) pair(one, own);
  }
}

type Without = (definition: Definition) => string;

/** undefined for a body that is too short to be known by. */
function bodyOf(definition: Definition, without: Without): string | undefined {
  const body = without(definition).replaceAll(/\s+/g, "");
  if (body.length >= TELLING) return body;
  const lines = definition.text.split("\n").filter((line) => line.trim() !== "");
  return lines.length >= TELLING_LINES && body.length >= TELLING_OF_LINES ? body : undefined;
}

const WORD = /[\p{L}\p{N}_$]/u;

/** Where the name is a word of its own. */
function* placesOf({ text, name }: Definition): Generator<number> {
  if (name === "") return;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length))
    if (!WORD.test(text[at - 1] ?? "") && !WORD.test(text[at + name.length] ?? "")) yield at;
}

/** A mark stands in the place of the name: one that calls itself is the same under another name. */
function withoutName(definition: Definition): string {
  const parts: string[] = [];
  let start = 0;
  for (const at of placesOf(definition)) {
    parts.push(definition.text.slice(start, at));
    start = at + definition.name.length;
  }
  return [...parts, definition.text.slice(start)].join("\0");
}

/** Only where it is first said: the word may stand for something else in the body, before the renaming or after it. */
function withoutFirstName(definition: Definition): string {
  const { text, name } = definition;
  for (const at of placesOf(definition)) return `${text.slice(0, at)}\0${text.slice(at + name.length)}`;
  return text;
}
