/**
 * The strategy `tfidf`: words and pairs of words, weighted by how rare they are in the knowledge base. Needs no model;
 * it is fitted on the documents and then stays as it is until it is fitted anew, because another fit is another model.
 * Parameters are those of requirement G02, in the meaning that scikit-learn's TfidfVectorizer documents. Opened by
 * strategies.ts.
 */
import { hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Embedder } from "./embedder.ts";
import { stopWords } from "./stop-words.ts";
import { toUnit } from "./vector.ts";

const MAX_FEATURES = 10_000;
const MIN_DOCUMENTS = 2;
const MAX_SHARE = 0.8;
/** A fit counts at most so many different terms; beyond it, those seen in one document only are let go. */
const MAX_COUNTED = 2_000_000;
/** More features than this are folded into as many numbers: 10,000 numbers a chunk would be 40 kB. */
const FOLDED = 1024;

const WORD = /[\p{L}\p{N}_]{2,}/gu;

export interface TfidfFit {
  /** Sorted; words, and pairs of neighbours joined by a space. */
  terms: string[];
  /** ln((1 + documents) / (1 + documents with the term)) + 1, of each term. */
  idf: number[];
}

/** Words and pairs of a text in order, without stop words: pairs are made of what is left. */
function* termsOf(text: string): Generator<string> {
  let previous: string | undefined;
  for (const [word] of text.toLowerCase().matchAll(WORD)) {
    if (stopWords.has(word)) continue;
    yield word;
    if (previous !== undefined) yield `${previous} ${word}`;
    previous = word;
  }
}

interface Count {
  documents: number;
  occurrences: number;
  last: number;
}

function countTerms(documents: Iterable<string>): { counts: Map<string, Count>; total: number } {
  const counts = new Map<string, Count>();
  let total = 0;
  for (const document of documents) {
    total++;
    for (const term of termsOf(document)) {
      const count = counts.get(term);
      if (!count) counts.set(term, { documents: 1, occurrences: 1, last: total });
      else {
        count.occurrences++;
        if (count.last !== total) count.documents++;
        count.last = total;
      }
    }
    if (counts.size <= MAX_COUNTED) continue;
    for (const [term, count] of counts)
      if (count.documents === 1 && count.last !== total) counts.delete(term);
  }
  return { counts, total };
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Chooses the terms: in at least two documents and at most 80 % of them, the 10,000 that occur most. In a collection so
 * small that this leaves nothing, every term counts.
 */
export function fitTfidf(documents: Iterable<string>): TfidfFit {
  const { counts, total } = countTerms(documents);
  const isWanted = ({ documents }: Count): boolean =>
    documents >= MIN_DOCUMENTS && documents <= MAX_SHARE * total;
  const wanted = [...counts].filter(([, count]) => isWanted(count));
  const chosen = (wanted.length > 0 ? wanted : [...counts])
    .sort(([a, one], [b, other]) => other.occurrences - one.occurrences || byText(a, b))
    .slice(0, MAX_FEATURES)
    .sort(([a], [b]) => byText(a, b));
  return {
    terms: chosen.map(([term]) => term),
    idf: chosen.map(([, { documents }]) => Math.log((1 + total) / (1 + documents)) + 1),
  };
}

/** Weights by number of the term, of unit length. */
type Sparse = Map<number, number>;

function weigh(text: string, numbers: ReadonlyMap<string, number>, idf: readonly number[]): Sparse {
  const weights: Sparse = new Map();
  for (const term of termsOf(text)) {
    const number = numbers.get(term);
    if (number !== undefined) weights.set(number, (weights.get(number) ?? 0) + idf[number]!);
  }
  let sum = 0;
  for (const value of weights.values()) sum += value * value;
  const length = Math.sqrt(sum);
  for (const [number, value] of weights) weights.set(number, value / length);
  return weights;
}

/** A place and a sign for each term, so that folding keeps cosines on average. */
function foldsOf(terms: readonly string[], dimensions: number): { place: number; sign: number }[] {
  return terms.map((term) => {
    const bytes = hash("sha256", term, "buffer");
    return { place: bytes.readUInt32LE(0) % dimensions, sign: bytes[4]! & 1 ? 1 : -1 };
  });
}

export interface TfidfOptions {
  fit: TfidfFit;
  /** Numbers in a vector; default one for each term, but at most 1024, into which the terms are folded by their hash. */
  dimensions?: number;
}

export function openTfidf({ fit, dimensions: asked }: TfidfOptions): Embedder {
  const { terms, idf } = fit;
  const numbers = new Map(terms.map((term, number) => [term, number]));
  const dimensions = asked ?? Math.min(FOLDED, Math.max(1, terms.length));
  const folds = terms.length > dimensions ? foldsOf(terms, dimensions) : undefined;
  const vectorOf = (text: string): Float32Array => {
    const vector = new Float32Array(dimensions);
    for (const [number, weight] of weigh(text, numbers, idf)) {
      const { place, sign } = folds?.[number] ?? { place: number, sign: 1 };
      vector[place]! += sign * weight;
    }
    return toUnit(vector);
  };
  return {
    strategy: "tfidf",
    model: `tfidf@${hash("sha256", JSON.stringify([terms, idf])).slice(0, 12)}/${dimensions}`,
    dimensions,
    async embed(texts, { signal }) {
      const vectors: Float32Array[] = [];
      for (const text of texts) {
        // So that others get a turn, and an abort is seen.
        if (vectors.length % 256 === 255) await setImmediate();
        signal?.throwIfAborted();
        vectors.push(vectorOf(text));
      }
      return vectors;
    },
  };
}
