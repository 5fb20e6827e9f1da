/** Reads posting lists (format: builder.ts). The plain form for merging; index.ts has its own loop for searching. */
import type { Segment } from "./segment.ts";

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
