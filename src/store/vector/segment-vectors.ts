/**
 * Vectors of the chunks of a lexical segment, from its postings and a table with a vector for each term: a bag of terms,
 * sum of (1 + ln tf) * row, of any length. No text is read. Used by static.ts.
 */
import type { TermVectors } from "../../model/term-vectors.ts";
import { WORD_CLASSES, WordClass } from "../../model/words.ts";
import { decodePostings } from "../lexical/postings.ts";
import type { Segment } from "../lexical/segment.ts";
import { RowSums } from "./row-sums.ts";

/** How often an occurrence counts, by class, in the two bags. */
const counts = (classes: Partial<Record<keyof typeof WordClass, number>>): Uint8Array => {
  const table = new Uint8Array(WORD_CLASSES);
  for (const [name, times] of Object.entries(classes))
    table[WordClass[name as keyof typeof WordClass]] = times;
  return table;
};
const IN_CHUNK = counts({ code: 1, comment: 1, string: 1, headComment: 1, docComment: 1 });
const IN_PATH = counts({ stem: 1, directory: 1 });

/** 1 + ln n for the counts that occur often. */
const WEIGHTS = Float64Array.from({ length: 1024 }, (_, count) => (count === 0 ? 0 : 1 + Math.log(count)));

/** Frequencies of one term by row. */
class Frequencies {
  readonly #of: Uint32Array;
  readonly #touched: Uint32Array;
  #count = 0;

  constructor(rows: number) {
    this.#of = new Uint32Array(rows);
    this.#touched = new Uint32Array(rows);
  }

  count(row: number, times: number): void {
    if (this.#of[row] === 0) this.#touched[this.#count++] = row;
    this.#of[row] += times;
  }

  /** Adds the term's row to each row that it was counted in, and forgets it. */
  addTo(sums: RowSums): void {
    for (let i = 0; i < this.#count; i++) {
      const row = this.#touched[i];
      const count = this.#of[row];
      sums.add(row, WEIGHTS[count] ?? 1 + Math.log(count));
      this.#of[row] = 0;
    }
    sums.flush();
    this.#count = 0;
  }
}

/** By chunk: the vector of what it says and of the path of its file. */
export function segmentVectors(segment: Segment, table: TermVectors): (chunk: number) => Float32Array {
  const documentOf = documentsOfChunks(segment);
  const paths = segment.chunks;
  const rows = paths + segment.documents;
  const sums = new RowSums(rows, table.dimensions);
  const frequencies = new Frequencies(rows);
  const visit = (chunk: number, wordClass: number, count: number): void => {
    if (IN_CHUNK[wordClass]) frequencies.count(chunk, count);
    if (IN_PATH[wordClass]) frequencies.count(paths + documentOf[chunk], count);
  };
  for (let term = 0; term < table.rows; term++) {
    const words = segment.terms.words(table.low[term], table.high[term]);
    if (words.length === 0) continue;
    for (const word of words) decodePostings(segment, word, visit);
    table.read(term, sums.row);
    frequencies.addTo(sums);
  }
  for (let chunk = 0; chunk < segment.chunks; chunk++) {
    const own = sums.at(chunk);
    const path = sums.at(paths + documentOf[chunk]);
    for (let i = 0; i < own.length; i++) own[i] += path[i];
  }
  return (chunk) => sums.at(chunk);
}

function documentsOfChunks({ firstChunk, chunks, documents }: Segment): Uint32Array {
  const documentOf = new Uint32Array(chunks);
  for (let document = 0; document < documents; document++) {
    const end = document + 1 < documents ? firstChunk[document + 1] : chunks;
    documentOf.fill(document, firstChunk[document], end);
  }
  return documentOf;
}
