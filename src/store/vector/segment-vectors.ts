/**
 * Vectors of the chunks and titles of a lexical segment, from its postings and a table with a vector for each term: a
 * bag of terms, sum of (1 + ln tf) * row, made unit length. No text is read. Used where segments are made and loaded.
 */
import type { TermVectors } from "../../model/term-vectors.ts";
import { WORD_CLASSES, WordClass } from "../../model/words.ts";
import { decodePostings } from "../lexical/postings.ts";
import type { Segment } from "../lexical/segment.ts";

export interface SegmentVectors {
  /** chunks x dimensions: what a chunk says, and the path of its file. */
  chunks: Float32Array;
  /** documents x dimensions: the path, twice, and the names of the types and functions that it defines. */
  titles: Float32Array;
}

/** How often an occurrence counts, by class, in the three bags. */
const counts = (classes: Partial<Record<keyof typeof WordClass, number>>): Uint8Array => {
  const table = new Uint8Array(WORD_CLASSES);
  for (const [name, times] of Object.entries(classes))
    table[WordClass[name as keyof typeof WordClass]] = times;
  return table;
};
const IN_CHUNK = counts({ code: 1, comment: 1, string: 1, headComment: 1, docComment: 1 });
const IN_PATH = counts({ stem: 1, directory: 1 });
const IN_TITLE = counts({ stem: 2, directory: 2, typeName: 1, functionName: 1 });

/** Frequencies of one term in one bag each of chunks or documents. */
class Bag {
  readonly frequency: Float64Array;
  readonly touched: number[] = [];
  constructor(size: number) {
    this.frequency = new Float64Array(size);
  }
  count(place: number, times: number): void {
    if (this.frequency[place] === 0) this.touched.push(place);
    this.frequency[place] += times;
  }
  /** Adds the term's row to each place it was counted in, and forgets it. */
  addTo(sums: Float32Array, row: Float32Array): void {
    const size = row.length;
    for (const place of this.touched) {
      const weight = 1 + Math.log(this.frequency[place]);
      for (let i = 0, at = place * size; i < size; i++, at++) sums[at] += weight * row[i];
      this.frequency[place] = 0;
    }
    this.touched.length = 0;
  }
}

export function segmentVectors(segment: Segment, table: TermVectors): SegmentVectors {
  const { dimensions, rows, low, high } = table;
  const row = new Float32Array(dimensions);
  const documentOf = documentsOfChunks(segment);
  const sums = {
    chunks: new Float32Array(segment.chunks * dimensions),
    paths: new Float32Array(segment.documents * dimensions),
    titles: new Float32Array(segment.documents * dimensions),
  };
  const bags = {
    chunks: new Bag(segment.chunks),
    paths: new Bag(segment.documents),
    titles: new Bag(segment.documents),
  };
  const visit = (chunk: number, wordClass: number, count: number): void => {
    if (IN_CHUNK[wordClass]) bags.chunks.count(chunk, count);
    if (IN_PATH[wordClass]) bags.paths.count(documentOf[chunk], count);
    const times = IN_TITLE[wordClass];
    if (times) bags.titles.count(documentOf[chunk], count * times);
  };
  for (let term = 0; term < rows; term++) {
    const words = segment.terms.words(low[term], high[term]);
    if (words.length === 0) continue;
    for (const word of words) decodePostings(segment, word, visit);
    table.read(term, row);
    bags.chunks.addTo(sums.chunks, row);
    bags.paths.addTo(sums.paths, row);
    bags.titles.addTo(sums.titles, row);
  }
  for (let chunk = 0; chunk < segment.chunks; chunk++) {
    const from = documentOf[chunk] * dimensions;
    const at = chunk * dimensions;
    for (let i = 0; i < dimensions; i++) sums.chunks[at + i] += sums.paths[from + i];
  }
  normalise(sums.chunks, dimensions);
  normalise(sums.titles, dimensions);
  return sums;
}

function documentsOfChunks({ firstChunk, chunks, documents }: Segment): Uint32Array {
  const documentOf = new Uint32Array(chunks);
  for (let document = 0; document < documents; document++) {
    const end = document + 1 < documents ? firstChunk[document + 1] : chunks;
    documentOf.fill(document, firstChunk[document], end);
  }
  return documentOf;
}

/** Makes every row unit length; a row of zeros stays. */
export function normalise(rows: Float32Array, dimensions: number): void {
  for (let at = 0; at < rows.length; at += dimensions) {
    let square = 0;
    for (let i = at; i < at + dimensions; i++) square += rows[i] * rows[i];
    if (square === 0) continue;
    const factor = 1 / Math.sqrt(square);
    for (let i = at; i < at + dimensions; i++) rows[i] *= factor;
  }
}
