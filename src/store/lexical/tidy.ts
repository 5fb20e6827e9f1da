/**
 * Keeps the number of lexical segments small: every search looks into each of them. Small segments are merged by the
 * transaction that stored one: an ingest, or a write of entries (pending.ts). Large ones are merged apart, after it
 * and in a thread of their own (tidy-worker.ts): nobody who writes waits for that.
 */

import type { StoreReader } from "../contract/reader.ts";
import type { Store } from "../contract/store.ts";
import type { WriteTransaction } from "../contract/write.ts";
import { type Merged, mergeSegments } from "./merge.ts";
import { Segment } from "./segment.ts";

const MAX_SEGMENTS = 8;
/** A segment joins a merge when it is at most this much larger than all smaller ones together. */
const GROWTH = 2;
/** Documents that a transaction merges by itself: a few milliseconds. */
const MAX_AT_ONCE = 256;
/**
 * Segments grow no further than this, in bytes of posting lists: a merge takes some 20 times as much memory, and to
 * look into one more of this size costs a search nothing beside reading it.
 */
const MAX_POSTINGS = 16e6;

/** The smaller segments, once there are too many. `most` bounds their documents. */
function chooseSegments(store: StoreReader, most: number): number[] {
  const small = store.segmentSizes().filter(({ postings }) => postings < MAX_POSTINGS);
  if (small.length <= MAX_SEGMENTS) return [];
  const chosen: number[] = [];
  const sum = { documents: 0, postings: 0 };
  for (const { id, documents, postings } of small.sort((a, b) => a.documents - b.documents)) {
    const isLarge = chosen.length >= 2 && documents > sum.documents * GROWTH;
    sum.documents += documents;
    sum.postings += postings;
    if (isLarge || sum.documents > most || (chosen.length > 0 && sum.postings > MAX_POSTINGS)) break;
    chosen.push(id);
  }
  return chosen.length >= 2 ? chosen : [];
}

/** Dead versions keep their postings: undo needs them. */
const merge = (store: StoreReader, chosen: number[]): Merged =>
  mergeSegments(
    store
      .segments()
      .filter(({ id }) => chosen.includes(id))
      .map((record) => new Segment(record)),
    () => true,
  );

/** Merges small segments inside a transaction. */
export function tidySegments(tx: WriteTransaction): void {
  const chosen = chooseSegments(tx.reader, MAX_AT_ONCE);
  if (chosen.length === 0) return;
  const { sections, vids } = merge(tx.reader, chosen);
  tx.dropSegments(chosen);
  tx.addSegment(sections, vids);
}

/** Whether there is something to merge apart. */
export const isUntidy = (store: StoreReader): boolean =>
  chooseSegments(store, Number.POSITIVE_INFINITY).length > 0;

/** A merge of one state, which may be long ago when it is stored. */
export interface MergeApart {
  of: number[];
  merged: Merged;
}

/** The work of a merge, without holding anybody up. */
export function prepareMerge(store: StoreReader): MergeApart | undefined {
  return store.snapshot(() => {
    const of = chooseSegments(store, Number.POSITIVE_INFINITY);
    return of.length === 0 ? undefined : { of, merged: merge(store, of) };
  });
}

/**
 * Puts a merge in the place of what it was made of. False when one of those is gone: it was merged meanwhile, or
 * written anew without what was erased, and would come back by this. A number of a segment never comes again.
 */
export function storeMerge(store: Store, { of, merged }: MergeApart): boolean {
  const tx = store.begin({ agent: "momo", kind: "index", intent: "merge segments" });
  const present = new Set(tx.reader.segmentSizes().map(({ id }) => id));
  if (!of.every((id) => present.has(id))) {
    tx.abort();
    return false;
  }
  tx.dropSegments(of);
  tx.addSegment(merged.sections, merged.vids);
  tx.commit();
  return true;
}
