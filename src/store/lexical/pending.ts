/**
 * The words of entries. They follow from the versions, so a write does not make a segment each time: a search makes one
 * in memory of the live entries that no stored segment holds yet, and once many have piled up the transaction that adds
 * the next stores them. Scores are the same either way. Used by retrieve and knowledge.
 */
import type { AddEntry, EntryText } from "../../model/lexical-document.ts";
import type { VersionContent } from "../contract/knowledge.ts";
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
  return Array.from(segmentsOf(contentsOf(store, pending), add), ({ vids, sections }) => {
    return { id: 0, vids, section: (name) => sections[name]!, sectionNames: () => Object.keys(sections) };
  });
}

/** Leaves out what is gone. */
function* contentsOf(store: StoreReader, vids: Iterable<number>): Generator<VersionContent> {
  for (const vid of vids) {
    const key = store.keyOf(vid);
    const { body, text } = store.content(vid);
    if (key !== undefined && body) yield { vid, key, body, text };
  }
}

interface Made {
  sections: Record<string, Uint8Array>;
  vids: Float64Array;
}

function* segmentsOf(versions: Iterable<VersionContent>, add: AddEntry): Generator<Made> {
  let builder = new SegmentBuilder();
  let vids: number[] = [];
  const finish = (): Made => ({ sections: builder.finish(), vids: Float64Array.from(vids) });
  for (const version of versions) {
    add(textOf(version), builder);
    vids.push(version.vid);
    if (builder.size < MAX_POSTINGS) continue;
    yield finish();
    builder = new SegmentBuilder();
    vids = [];
  }
  if (vids.length > 0) yield finish();
}

function textOf({ key, body, text }: VersionContent): EntryText {
  const { type, metadata } = decodeEntry(body);
  const { language, title } = metadata;
  const bytes = text ?? new Uint8Array(0);
  return {
    id: key,
    type,
    ...(typeof language === "string" && { language }),
    ...(typeof title === "string" && { title }),
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  };
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
  let stored = state.stored;
  // Dead ones too: an undo can bring them back.
  for (const { sections, vids } of segmentsOf(store.versions("entry", state.stored), add)) {
    tx.addSegment(sections, vids);
    stored = vids.at(-1)!;
  }
  tx.setMeta(STATE, JSON.stringify({ stored, pending: 0 }));
  tidySegments(tx);
}
