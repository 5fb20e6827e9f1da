/**
 * The words of entries. They follow from the versions, so a write does not make a segment each time: a search makes one
 * in memory of the live entries that no stored segment holds yet, and once many have piled up the transaction that adds
 * the next stores them. Scores are the same either way. Used by retrieve and knowledge.
 */
import type { AddEntry } from "../../model/lexical-document.ts";
import type { StoreReader } from "../contract/reader.ts";
import type { WriteTransaction } from "../contract/write.ts";
import { decodeEntry } from "../records/entry.ts";
import { SegmentBuilder } from "./builder.ts";
import type { SegmentSource } from "./segment.ts";
import { tidySegments } from "./tidy.ts";

/** So many a search reads in a few milliseconds. */
const MAX_PENDING = 256;
/** Postings in one segment: bounds the memory of a transaction that writes very many entries. */
const MAX_POSTINGS = 2_500_000;

/** Live entries that no stored segment holds, as segments in memory. */
export function pendingSegments(
  store: StoreReader,
  add: AddEntry,
  stored: readonly SegmentSource[],
): SegmentSource[] {
  const pending = new Set(store.liveVersions("entry"));
  if (pending.size === 0) return [];
  for (const { vids } of stored) for (const vid of vids) pending.delete(vid);
  return Array.from(segmentsOf(store, pending, add), ({ vids, sections }) => {
    return { id: 0, vids, section: (name) => sections[name]!, sectionNames: () => Object.keys(sections) };
  });
}

interface Made {
  sections: Record<string, Uint8Array>;
  vids: Float64Array;
}

function* segmentsOf(store: StoreReader, versions: Iterable<number>, add: AddEntry): Generator<Made> {
  let builder = new SegmentBuilder();
  let vids: number[] = [];
  const finish = (): Made => ({ sections: builder.finish(), vids: Float64Array.from(vids) });
  for (const vid of versions) {
    if (!addVersion(store, vid, { builder, add })) continue;
    vids.push(vid);
    if (builder.size < MAX_POSTINGS) continue;
    yield finish();
    builder = new SegmentBuilder();
    vids = [];
  }
  if (vids.length > 0) yield finish();
}

/** False for a version whose content is gone. */
function addVersion(
  store: StoreReader,
  vid: number,
  to: { builder: SegmentBuilder; add: AddEntry },
): boolean {
  const id = store.keyOf(vid);
  const body = store.body(vid);
  if (id === undefined || body === undefined) return false;
  const { type, metadata } = decodeEntry(body);
  const { language, title } = metadata;
  const text = store.text(vid) ?? new Uint8Array(0);
  to.add(
    {
      id,
      type,
      ...(typeof language === "string" && { language }),
      ...(typeof title === "string" && { title }),
      bytes: Buffer.from(text.buffer, text.byteOffset, text.byteLength),
    },
    to.builder,
  );
  return true;
}

/**
 * Kept as a name of `meta`: every entry version up to `stored` has its words in a stored segment (or is gone), and
 * about `pending` newer ones do not. It only says when to store; what is pending is found by looking.
 */
const STATE = "entry_words";

const readState = (store: StoreReader): { stored: number; pending: number } =>
  JSON.parse(store.meta(STATE) ?? '{"stored":0,"pending":0}');

/** Called by a transaction that wrote `count` versions of entries, before it commits. */
export function keepWords(tx: WriteTransaction, { add, count }: { add: AddEntry; count: number }): void {
  const store = tx.reader;
  const state = readState(store);
  const pending = state.pending + count;
  if (pending <= MAX_PENDING) {
    tx.setMeta(STATE, JSON.stringify({ ...state, pending }));
    return;
  }
  // Dead ones too: an undo can bring them back.
  const versions = store.versions("entry", state.stored);
  for (const { sections, vids } of segmentsOf(store, versions, add)) tx.addSegment(sections, vids);
  tx.setMeta(STATE, JSON.stringify({ stored: versions.at(-1) ?? state.stored, pending: 0 }));
  tidySegments(tx);
}
