/**
 * Vectors of the chunks of a lexical segment, from its postings and a table with a vector for each term: a bag of terms,
 * sum of (1 + ln tf) * row, of any length. No text is read. Used by static.ts.
 */
import type { TermVectors } from "../../model/term-vectors.ts";
import { WordClass } from "../../model/words.ts";
import type { Segment } from "../lexical/segment.ts";
import { RowSums } from "./row-sums.ts";

/** Classes of what a chunk says, and of the path of its file. */
const bits = (...names: (keyof typeof WordClass)[]): number =>
  names.reduce((mask, name) => mask | (1 << WordClass[name]), 0);
const SAID = bits("code", "comment", "string", "headComment", "docComment");
const IN_PATH = bits("stem", "directory");

/** 1 + ln n for the counts that occur often. */
const WEIGHTS = Float64Array.from({ length: 1024 }, (_, count) => (count === 0 ? 0 : 1 + Math.log(count)));

/** Frequencies of one term by row: a chunk, or behind them a document for its path. */
class Frequencies {
  readonly #of: Uint32Array;
  readonly #touched: Uint32Array;
  #count = 0;
  readonly #segment: Segment;
  readonly #documentOf: Uint32Array;

  constructor(segment: Segment, documentOf: Uint32Array) {
    const rows = segment.chunks + segment.documents;
    this.#of = new Uint32Array(rows);
    this.#touched = new Uint32Array(rows);
    this.#segment = segment;
    this.#documentOf = documentOf;
  }

  /**
   * Counts the postings of a word (postings.ts has their form). A loop of its own, without a call for each number: this
   * runs while indexing, where V8 does not optimise (decision 7).
   */
  count(word: number): void {
    const { postings, terms, chunks } = this.#segment;
    const of = this.#of;
    const end = terms.postingStart[word + 1];
    let at = terms.postingStart[word];
    let chunk = -1;
    while (at < end) {
      let byte = postings[at++];
      let head = byte & 127;
      for (let shift = 7; byte > 127; shift += 7) {
        byte = postings[at++];
        head |= (byte & 127) << shift;
      }
      chunk += (head >>> 1) + 1;
      if ((head & 1) === 0) {
        if (of[chunk]++ === 0) this.#touched[this.#count++] = chunk;
        continue;
      }
      byte = postings[at++];
      let mask = byte & 127;
      if (byte > 127) mask |= postings[at++] << 7;
      let said = 0;
      let inPath = 0;
      for (let bit = 1; bit <= mask; bit <<= 1) {
        if ((mask & bit) === 0) continue;
        byte = postings[at++];
        let count = byte & 127;
        for (let shift = 7; byte > 127; shift += 7) {
          byte = postings[at++];
          count |= (byte & 127) << shift;
        }
        if (bit & SAID) said += count;
        else if (bit & IN_PATH) inPath += count;
      }
      if (said > 0) {
        if (of[chunk] === 0) this.#touched[this.#count++] = chunk;
        of[chunk] += said;
      }
      if (inPath === 0) continue;
      const path = chunks + this.#documentOf[chunk];
      if (of[path] === 0) this.#touched[this.#count++] = path;
      of[path] += inPath;
    }
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
  const sums = new RowSums(segment.chunks + segment.documents, table.dimensions);
  const frequencies = new Frequencies(segment, documentOf);
  for (let term = 0; term < table.rows; term++) {
    const words = segment.terms.words(table.low[term], table.high[term]);
    if (words.length === 0) continue;
    for (const word of words) frequencies.count(word);
    table.read(term, sums.row);
    frequencies.addTo(sums);
  }
  for (let document = 0; document < segment.documents; document++)
    sums.addRow(segment.chunks + document, chunksOf(segment, document));
  return (chunk) => sums.at(chunk);
}

function chunksOf({ firstChunk, chunks, documents }: Segment, document: number): [from: number, to: number] {
  return [firstChunk[document], document + 1 < documents ? firstChunk[document + 1] : chunks];
}

function documentsOfChunks(segment: Segment): Uint32Array {
  const documentOf = new Uint32Array(segment.chunks);
  for (let document = 0; document < segment.documents; document++)
    documentOf.fill(document, ...chunksOf(segment, document));
  return documentOf;
}
