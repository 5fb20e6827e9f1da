/** What `quarantine` marks: kept, but out of retrieval. Used by plan.ts. */
import { kindOf } from "../store/contract/kinds.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import { decodeMark, markKey } from "../store/records/marks.ts";
import { type Draft, type Found, targetsOf } from "./draft.ts";

export interface Mark {
  id: string;
  version: number;
  reason: string;
  /** Last operation on the mark itself: one that was released can be set again. */
  seq: number;
}

/** What is left standing on what is taken back: kept, but out of retrieval. */
export function marksFor(draft: Draft, { dependents }: Found): Mark[] {
  const { store, skipped, resolution } = draft;
  const to = targetsOf(draft);
  const marks = new Map<string, Mark>();
  const add = (kid: number, reason: string): void => {
    const mark = markFor(store, { kid, reason }, to);
    if (mark) marks.set(mark.id, mark);
  };
  const conflicting = new Set([...resolution.conflicts.keys()].map((i) => resolution.kids[i]!));
  for (const kid of skipped) {
    add(kid, conflicting.has(kid) ? "written on top of what was taken back" : "needed by what was kept");
  }
  for (const { kids, strength } of dependents) {
    for (const kid of kids) add(kid, `derived from what was taken back (${strength} read)`);
  }
  return [...marks.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** undefined for what has no version to mark, and for a version that will be marked anyway. */
function markFor(
  store: StoreReader,
  { kid, reason }: { kid: number; reason: string },
  to: ReadonlyMap<number, number>,
): Mark | undefined {
  const id = store.journal.nameOf(kid);
  const { kind } = store.journal.pointers(Float64Array.of(kid));
  const head = store.head(id, kindOf(kind[0]!));
  // What comes back is marked as it will be.
  const version = to.get(kid) ?? head?.vid;
  if (!version || kindOf(kind[0]!) === "mark") return undefined;
  const own = store.journal.kidOf(markKey(id), "mark")?.kid ?? 0;
  const mark = to.get(own) ?? store.head(markKey(id), "mark")?.vid;
  if (mark && decodeMark(store.body(mark)!).version === version) return undefined;
  const seq = own && store.journal.pointers(Float64Array.of(own)).seq[0]!;
  return { id, version, reason, seq };
}
