/**
 * Keeps the number of lexical segments small: every search looks into each of them. Runs inside the transaction that
 * stored one: an ingest, or a write of entries (pending.ts).
 */
import type { Store, WriteTransaction } from "../store.ts";
import { mergeSegments } from "./merge.ts";
import { Segment } from "./segment.ts";

const MAX_SEGMENTS = 8;
/** A segment joins a merge when it is at most this much larger than all smaller ones together. */
const GROWTH = 2;

/** Merges the smaller segments once there are too many. Dead versions keep their postings: undo needs them. */
export function tidySegments(store: Store, tx: WriteTransaction): void {
  const records = store.segments();
  if (records.length <= MAX_SEGMENTS) return;
  const bySize = [...records].sort((a, b) => a.vids.length - b.vids.length);
  const chosen = bySize.slice(0, 2);
  let documents = chosen[0].vids.length + chosen[1].vids.length;
  for (const record of bySize.slice(2)) {
    if (record.vids.length > documents * GROWTH) break;
    chosen.push(record);
    documents += record.vids.length;
  }
  const { sections, vids } = mergeSegments(
    chosen.map((record) => new Segment(record)),
    () => true,
  );
  tx.dropSegments(chosen.map(({ id }) => id));
  tx.addSegment(sections, vids);
}
