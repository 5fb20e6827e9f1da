/**
 * Posting lists as bytes. A word's list says for each chunk: varint(gap * 2 + multi); multi = 0 means once, in code.
 * Otherwise varint(bits of the classes) and a varint count for each. Written by builder.ts, read here for merging;
 * index.ts for searching and vector/segment-vectors.ts for embedding have loops of their own.
 */
import type { GrowingBytes } from "./growing.ts";
import type { Segment } from "./segment.ts";

// biome-ignore lint/complexity/useMaxParams: the hot path takes no object
export function encodePosting(out: GrowingBytes, gap: number, mask: number, counts: Int32Array): void {
  if (mask === 1 && counts[0] === 1) {
    out.varint(gap * 2);
    return;
  }
  out.varint(gap * 2 + 1);
  out.varint(mask);
  for (let wordClass = 0, bits = mask; bits !== 0; wordClass++, bits >>>= 1)
    if (bits & 1) out.varint(counts[wordClass]);
}

/** Calls `visit` for every class a word has in every chunk, in chunk order. */
export function decodePostings(
  segment: Segment,
  word: number,
  visit: (chunk: number, wordClass: number, count: number) => void,
): void {
  const bytes = segment.postings;
  let at = segment.terms.postingStart[word];
  const end = segment.terms.postingStart[word + 1];
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  };
  let chunk = -1;
  while (at < end) {
    const head = varint();
    chunk += (head >>> 1) + 1;
    if ((head & 1) === 0) {
      visit(chunk, 0, 1);
      continue;
    }
    const mask = varint();
    for (let wordClass = 0, bits = mask; bits !== 0; wordClass++, bits >>>= 1) {
      if (bits & 1) visit(chunk, wordClass, varint());
    }
  }
}
