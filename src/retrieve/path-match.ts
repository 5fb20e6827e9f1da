/**
 * How well a file's name and folders match the words of a query, softly: equal, one a prefix of the other, a long common
 * beginning, or synonyms. Measured as the strongest single evidence in a repository (retrieval.md, "soft path match").
 */
import { stem } from "../model/words.ts";
import type { LexicalIndex, Shared } from "../store/lexical/index.ts";
import type { List, PathWords } from "../store/lexical/segment.ts";
import { synonymGroups } from "./synonyms.ts";

/** Similarity of two lower-case words: 1 equal, .8 or .6 prefix, .7 common beginning, else 0. */
export function softMatch(a: string, b: string): number {
  if (a === b) return 1;
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length >= 3 && long.startsWith(short)) return short.length >= 4 ? 0.8 : 0.6;
  let common = 0;
  while (common < short.length && short[common] === long[common]) common++;
  return common >= 4 && common >= 0.6 * long.length ? 0.7 : 0;
}

let synonymStems: Map<string, Set<string>> | undefined;

function synonymsOf(word: string): Set<string> {
  synonymStems ??= readSynonyms();
  return synonymStems.get(word) ?? new Set();
}

function readSynonyms(): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>();
  for (const line of synonymGroups.trim().split("\n")) {
    const group = line.split(" ").map(stem);
    for (const a of group) {
      const others = all.get(a) ?? new Set();
      for (const b of group) if (b !== a) others.add(b);
      all.set(a, others);
    }
  }
  return all;
}

const PREFIX = 3;
const BUCKETS = 4096;

/** Words that begin with the same three letters lie in one bucket, with others. */
const bucketOf = (word: string): number =>
  // Past the end of a word comes NaN, which counts as 0.
  ((word.charCodeAt(0) * 31 + (word.charCodeAt(1) | 0)) * 31 + (word.charCodeAt(2) | 0)) & (BUCKETS - 1);

/**
 * Path words of all documents, and the documents' lists of them. A word of two segments has two numbers: to make it one
 * would take a look-up for each word at every start, and matches are the same.
 */
export class PathTable {
  readonly words: string[];
  /** Words of document d: list[end[d - 1] .. end[d]). */
  readonly stemEnd: Uint32Array;
  readonly stemWord: Uint32Array;
  readonly directoryEnd: Uint32Array;
  readonly directoryWord: Uint32Array;
  /** Last word of each bucket and the one before each word, from 1; 0 for none. */
  readonly #last = new Int32Array(BUCKETS);
  readonly #previous: Int32Array;

  /** `before`: the table of an index that begins alike; its words of that part are not looked at again. */
  constructor(index: LexicalIndex, before?: { table: PathTable; shared: Shared }) {
    const parts = index.parts.map(({ segment }) => segment.pathWords());
    const stems = joinLists(index, parts, "stem");
    const directories = joinLists(index, parts, "directory");
    [this.stemEnd, this.stemWord] = [stems.end, stems.values];
    [this.directoryEnd, this.directoryWord] = [directories.end, directories.values];
    const first = before?.shared.parts ?? 0;
    this.words = before?.table.words ?? [];
    this.words.length = wordsIn(parts.slice(0, first));
    const kept = this.words.length;
    for (const { words } of parts.slice(first)) for (const word of words) this.words.push(word);
    this.#previous = new Int32Array(this.words.length);
    if (before) this.#takeOver(before.table, kept);
    for (let id = kept; id < this.words.length; id++) {
      const bucket = bucketOf(this.words[id]);
      this.#previous[id] = this.#last[bucket];
      this.#last[bucket] = id + 1;
    }
  }

  /** For an index that begins alike; this table is of no use afterwards. */
  over(index: LexicalIndex, shared: Shared): PathTable {
    return new PathTable(index, { table: this, shared });
  }

  /** The buckets as they were when there were only so many words: a word's number is above those before it. */
  #takeOver(table: PathTable, count: number): void {
    this.#previous.set(table.#previous.subarray(0, count));
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      let last = table.#last[bucket];
      while (last > count) last = table.#previous[last - 1];
      this.#last[bucket] = last;
    }
  }

  /** Path words that may match a query word: every soft match shares its first three letters. */
  candidates(word: string): number[] {
    const prefix = word.slice(0, PREFIX);
    const found: number[] = [];
    for (let next = this.#last[bucketOf(word)]; next !== 0; next = this.#previous[next - 1]) {
      if (this.words[next - 1].slice(0, PREFIX) === prefix) found.push(next - 1);
    }
    return found;
  }
}

const wordsIn = (parts: readonly PathWords[]): number =>
  parts.reduce((sum, { words }) => sum + words.length, 0);

/** One list over all parts, of the numbers that their words have together. */
function joinLists(index: LexicalIndex, parts: PathWords[], name: "stem" | "directory"): List {
  const end = new Uint32Array(index.documents);
  const values = new Uint32Array(parts.reduce((sum, part) => sum + part[name].values.length, 0));
  let at = 0;
  let firstWord = 0;
  parts.forEach((part, i) => {
    const { firstDocument } = index.parts[i];
    const list = part[name];
    for (let document = 0; document < list.end.length; document++)
      end[firstDocument + document] = at + list.end[document];
    for (let value = 0; value < list.values.length; value++)
      values[at + value] = firstWord + list.values[value];
    at += list.values.length;
    firstWord += part.words.length;
  });
  return { end, values };
}

const SYNONYM = 1;
const STEM_EQUAL = 2;

/** A path word that a query matches. */
interface Hit {
  /** Bits: by synonym, by an equal stem; none when only softly. */
  kinds: number;
  /** Similarity with each query word. */
  scores: Float32Array;
}

/** Matches of the words of one query against the path words of an index. */
export class PathMatch {
  /** Path words that any query word matches: all others are passed over. */
  readonly #hits = new Map<number, Hit>();
  /** The same as a list of bits: most path words are no hit, and this is asked for every one of every candidate. */
  readonly #isHit: Uint8Array;
  readonly #table: PathTable;
  readonly #idf: number[];
  readonly #total: number;

  /** `idf`: weight of each query part, same order as `parts`. */
  constructor(table: PathTable, parts: string[], idf: number[]) {
    this.#table = table;
    this.#idf = idf;
    this.#total = idf.reduce((sum, value) => sum + value, 0) || 1;
    this.#isHit = new Uint8Array(table.words.length);
    parts.forEach((part, q) => {
      const partStem = stem(part);
      for (const id of table.candidates(part)) {
        const score = softMatch(part, table.words[id]);
        const isEqual = stem(table.words[id]) === partStem;
        if (score === 0 && !isEqual) continue;
        const hit = this.#hit(id);
        if (isEqual) hit.kinds |= STEM_EQUAL;
        hit.scores[q] = score;
      }
      for (const synonym of synonymsOf(partStem)) {
        for (const id of table.candidates(synonym))
          if (stem(table.words[id]) === synonym) this.#hit(id).kinds |= SYNONYM;
      }
    });
  }

  #hit(id: number): Hit {
    const known = this.#hits.get(id);
    if (known) return known;
    const hit = { kinds: 0, scores: new Float32Array(this.#idf.length) };
    this.#hits.set(id, hit);
    this.#isHit[id] = 1;
    return hit;
  }

  /** Share of the query's weight that words of a list match, at best one word each. */
  #share(words: Uint32Array, from: number, to: number): number {
    let sum = 0;
    for (let q = 0; q < this.#idf.length; q++) {
      let best = 0;
      for (let i = from; i < to; i++) {
        const score = this.#hits.get(words[i])?.scores[q] ?? 0;
        if (score > best) best = score;
      }
      sum += this.#idf[q] * best;
    }
    return sum / this.#total;
  }

  #anyHit(words: Uint32Array, from: number, to: number): boolean {
    for (let i = from; i < to; i++) if (this.#isHit[words[i]] !== 0) return true;
    return false;
  }

  /** Features of a document's folders: `so_dir`. */
  directory(document: number): number {
    const { directoryEnd, directoryWord } = this.#table;
    const from = document === 0 ? 0 : directoryEnd[document - 1];
    const to = directoryEnd[document];
    return this.#anyHit(directoryWord, from, to) ? this.#share(directoryWord, from, to) : 0;
  }

  /** Features of a document's name, into `out`: so_stem, so_stemfrac, syn_stemfrac, stemfull; false when all are 0. */
  stem(document: number, out: Float64Array): boolean {
    const { stemEnd, stemWord } = this.#table;
    const from = document === 0 ? 0 : stemEnd[document - 1];
    const to = stemEnd[document];
    if (!this.#anyHit(stemWord, from, to)) return false;
    let matched = 0;
    let synonyms = 0;
    let equal = 0;
    for (let i = from; i < to; i++) {
      const hit = this.#hits.get(stemWord[i]);
      if (!hit) continue;
      let best = 0;
      for (const score of hit.scores) if (score > best) best = score;
      matched += best;
      if (best === 0 && hit.kinds & SYNONYM) synonyms++;
      if (hit.kinds & STEM_EQUAL) equal++;
    }
    const count = Math.max(1, to - from);
    out[0] = this.#share(stemWord, from, to);
    out[1] = matched / count;
    out[2] = synonyms / count;
    out[3] = equal === count ? 1 : 0;
    return true;
  }
}
