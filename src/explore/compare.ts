/** What an exploration changed against the state it lies over: ids, relations, and what a search finds. Used by momo.ts. */

import type { RelationType } from "../model/outline.ts";
import type { ExplorationComparison, RelationRecord } from "../model/rollback.ts";
import type { OverlayHead } from "../store/contract/journal.ts";
import { kindOf } from "../store/contract/kinds.ts";
import type { StoreReader } from "../store/contract/reader.ts";

/** The first results of one query. */
export type Find = (query: string) => { path: string; score: number }[];

export interface Sides {
  /** Searches what the exploration lies over, and the exploration. */
  base: Find;
  exploration: Find;
  queries: readonly string[];
}

/** `parent` and `view` are the store as the parent and as the exploration see it. */
export function compare(
  { parent, view, name }: { parent: StoreReader; view: StoreReader; name: string },
  { base, exploration, queries }: Sides,
): ExplorationComparison {
  const overlay = changedHeads(view);
  const now = parent.journal.pointers(Float64Array.from(overlay, ({ kid }) => kid));
  const changes = overlay.map(({ kid, kind, vid, base: before }, i) => ({
    id: view.journal.nameOf(kid),
    kind: kindOf(kind),
    change: vid === 0 ? ("removed" as const) : before === 0 ? ("created" as const) : ("updated" as const),
    conflict: now.vid[i] !== before,
  }));
  const relations = overlay.filter(({ kind }) => kindOf(kind) === "relation");
  return {
    exploration: name,
    changes,
    relations: {
      added: relations.flatMap(({ vid }) => relation(view, vid)),
      removed: relations.flatMap(({ vid, base: before }) => (vid === 0 ? relation(view, before) : [])),
    },
    rankings: queries.map((query) => rankings(query, base(query), exploration(query))),
  };
}

/** Heads that differ from the state at the fork: what was written back word for word is no change. */
export const changedHeads = (view: StoreReader): OverlayHead[] =>
  view.journal.overlay().filter(({ vid, base }) => !isSame(view, vid, base));

export function isSame(store: StoreReader, a: number, b: number): boolean {
  if (a === b) return true;
  const [one, other] = [a ? store.journal.leaf(a) : undefined, b ? store.journal.leaf(b) : undefined];
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
}

function relation(view: StoreReader, vid: number): RelationRecord[] {
  const ends = vid ? view.journal.endsOf(vid) : undefined;
  if (!ends) return [];
  const { source, type, target } = ends;
  const { metadata = {}, id } = JSON.parse(Buffer.from(view.body(vid)!).toString());
  return [{ source, type: type as RelationType, target, ...(id !== undefined && { id }), metadata }];
}

function rankings(
  query: string,
  base: ReturnType<Find>,
  exploration: ReturnType<Find>,
): ExplorationComparison["rankings"][number] {
  const before = new Set(base.map(({ path }) => path));
  const shared = new Set(exploration.map(({ path }) => path).filter((path) => before.has(path)));
  const all = new Set([...base, ...exploration].map(({ path }) => path));
  const overlap = all.size === 0 ? 1 : Math.round((shared.size / all.size) * 1000) / 1000;
  return { query, overlap, base, exploration };
}
