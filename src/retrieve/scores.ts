/**
 * Scores of documents and chunks by the words of a query: BM25F over documents and BM25 over chunks as plain sums
 * (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009); and which documents are candidates. What
 * features.ts makes columns of.
 */
import { languages } from "../extract/language.ts";
import { DocumentFlag } from "../model/lexical-document.ts";
import { hashHigh, hashLow, hashText, TermType, WordClass } from "../model/words.ts";
import type { ClassWeights, LexicalIndex } from "../store/lexical/index.ts";
import type { QueryTerm } from "./query.ts";
import type { Cosines } from "./similarity.ts";

const K1 = 1.2;
const B_FILE = 0.3;
const B_CHUNK = 0.75;
const B_SHOWN = 0.5;

/** Weight of a term in the file score, by type. */
const TYPE_WEIGHT: Record<TermType, number> = {
  [TermType.part]: 1,
  [TermType.whole]: 1,
  [TermType.joined]: 1,
  [TermType.raw]: 0.5,
  [TermType.pair]: 0.5,
};

function classWeights(values: Partial<Record<keyof typeof WordClass, number>>): Float64Array {
  const weights = new Float64Array(10);
  for (const [name, value] of Object.entries(values))
    weights[WordClass[name as keyof typeof WordClass]] = value;
  return weights;
}

const text = { code: 1, comment: 1, string: 1, headComment: 1, docComment: 1 };
const weights: ClassWeights = {
  document: classWeights({ ...text, typeName: 2, functionName: 2, variableName: 1, stem: 10, directory: 3 }),
  chunk: classWeights({ ...text, typeName: 1, functionName: 1, variableName: 0.5 }),
  shown: classWeights({ code: 1, string: 1, typeName: 1, functionName: 1, variableName: 0.5 }),
};
const DEFINED_OR_PATH =
  (1 << WordClass.typeName) |
  (1 << WordClass.functionName) |
  (1 << WordClass.variableName) |
  (1 << WordClass.stem) |
  (1 << WordClass.directory);

/** idf of BM25: ln(1 + (N - n + 0.5) / (n + 0.5)). */
const idf = (total: number, having: number): number => Math.log(1 + (total - having + 0.5) / (having + 0.5));

/**
 * Scores that grow while terms are gathered, per document or chunk of an index. One for each index, used by one query
 * after the other: six arrays of the size of the index for every query would cost more than most queries do.
 */
export class Scores {
  readonly file: Float64Array;
  readonly chunk: Float64Array;
  readonly chunkParts: Float64Array;
  readonly shown: Float64Array;
  readonly covered: Float64Array;
  /** Place of a document among the candidates, from 1; 0 for none. */
  readonly place: Int32Array;
  readonly candidates: Int32Array;
  candidateCount = 0;
  /** File idf of each part of the query that occurs. */
  readonly partIdf = new Map<string, number>();
  /** What BM25 adds to the frequency for the length of a file, a chunk, a chunk's code. */
  readonly fileNorm: Float64Array;
  readonly chunkNorm: Float64Array;
  readonly shownNorm: Float64Array;
  readonly #firstChunk: Uint32Array;

  constructor(index: LexicalIndex) {
    this.file = new Float64Array(index.documents);
    this.covered = new Float64Array(index.documents);
    this.place = new Int32Array(index.documents);
    this.candidates = new Int32Array(index.documents);
    this.chunk = new Float64Array(index.chunks);
    this.chunkParts = new Float64Array(index.chunks);
    this.shown = new Float64Array(index.chunks);
    this.#firstChunk = index.firstChunk;
    this.fileNorm = norms(index.documentLength, index.meanDocumentLength, B_FILE);
    this.chunkNorm = norms(index.chunkLength, index.meanChunkLength, B_CHUNK);
    this.shownNorm = norms(index.chunkCode, index.meanChunkCode, B_SHOWN);
  }

  /** Forgets the query before: only what it touched, all of it lies in its candidates. */
  reset(): void {
    for (let i = 0; i < this.candidateCount; i++) {
      const document = this.candidates[i];
      this.file[document] = 0;
      this.covered[document] = 0;
      this.place[document] = 0;
      const from = this.#firstChunk[document];
      const to = this.#firstChunk[document + 1];
      for (let chunk = from; chunk < to; chunk++) {
        this.chunk[chunk] = 0;
        this.chunkParts[chunk] = 0;
        this.shown[chunk] = 0;
      }
    }
    this.candidateCount = 0;
    this.partIdf.clear();
  }
}

const norms = (lengths: Float64Array, mean: number, b: number): Float64Array =>
  lengths.map((length) => K1 * (1 - b + (b * length) / Math.max(1, mean)));

const scoresOf = new WeakMap<LexicalIndex, Scores>();

export function emptyScores(index: LexicalIndex): Scores {
  const known = scoresOf.get(index);
  known?.reset();
  const scores = known ?? new Scores(index);
  scoresOf.set(index, scores);
  return scores;
}

export function addTerm(index: LexicalIndex, scores: Scores, term: QueryTerm): void {
  const found = index.gather(term.low, term.high, weights);
  if (term.type === TermType.part && !term.added && found.documentCount > 0)
    scores.partIdf.set(term.text, idf(index.liveDocuments, found.documentCount));
  addToDocuments(index, scores, term);
  addToChunks(index, scores, term);
  index.reset();
}

function addToDocuments(
  index: LexicalIndex,
  scores: Scores,
  { type, added, weight: given = 1 }: QueryTerm,
): void {
  const { documents, documentCount, documentFrequency, classes } = index.gathered;
  const { file, covered, place, candidates, fileNorm } = scores;
  const isPart = type === TermType.part && !added;
  const fileIdf = idf(index.liveDocuments, documentCount);
  const weight = TYPE_WEIGHT[type] * given * fileIdf;
  for (let i = 0; i < documentCount; i++) {
    const document = documents[i];
    if (place[document] === 0) {
      candidates[scores.candidateCount++] = document;
      place[document] = scores.candidateCount;
    }
    const frequency = documentFrequency[document];
    file[document] += (weight * frequency * (K1 + 1)) / (frequency + fileNorm[document]);
    // An entry is a description: whatever it says, it is about. A file is about what it defines and is called.
    const isAbout = classes[document] & DEFINED_OR_PATH || index.flags[document] & DocumentFlag.entry;
    if (isPart && isAbout) covered[document] += fileIdf;
  }
}

function addToChunks(index: LexicalIndex, scores: Scores, { type, weight: given = 1 }: QueryTerm): void {
  const { chunks, chunkCount, chunkFrequency, shownFrequency } = index.gathered;
  const { chunkNorm, shownNorm } = scores;
  const isPart = type === TermType.part;
  const weight = TYPE_WEIGHT[type] * given;
  const chunkIdf = idf(index.liveChunks, chunkCount);
  for (let i = 0; i < chunkCount; i++) {
    const chunk = chunks[i];
    const frequency = chunkFrequency[chunk];
    const score = (chunkIdf * frequency * (K1 + 1)) / (frequency + chunkNorm[chunk]);
    scores.chunk[chunk] += weight * score;
    if (isPart) scores.chunkParts[chunk] += given * score;
    const shown = shownFrequency[chunk];
    scores.shown[chunk] += (weight * chunkIdf * shown * (K1 + 1)) / (shown + shownNorm[chunk]);
  }
}

/** Documents without a word of the query that count all the same: at most so many, with at least this cosine. */
const MAX_NEAR = 50;
const MIN_COSINE = 0.4;
/** What the nearest chunk of such a document is shown for, where no word decides. */
const NEAREST_SHOWN = 1e-9;

export function addNear(index: LexicalIndex, scores: Scores, cosines: Cosines): void {
  const near: { document: number; chunk: number }[] = [];
  for (let document = 0; document < index.documents; document++) {
    if (scores.place[document] !== 0 || index.live[document] === 0) continue;
    const chunk = nearestChunk(index, cosines, document);
    if (chunk >= 0 && cosines[chunk] >= MIN_COSINE) near.push({ document, chunk });
  }
  const path = (one: { document: number }): string => index.paths[one.document];
  near.sort((a, b) => cosines[b.chunk] - cosines[a.chunk] || (path(a) < path(b) ? -1 : 1));
  for (const { document, chunk } of near.slice(0, MAX_NEAR)) {
    scores.candidates[scores.candidateCount++] = document;
    scores.place[document] = scores.candidateCount;
    scores.shown[chunk] = NEAREST_SHOWN;
  }
}

/** Of two chunks with the same words the nearer one is shown: up to twice the score. */
export function preferNear(index: LexicalIndex, scores: Scores, cosines: Cosines): void {
  const { candidates, candidateCount, shown } = scores;
  for (let i = 0; i < candidateCount; i++) {
    const end = index.firstChunk[candidates[i] + 1];
    for (let chunk = index.firstChunk[candidates[i]]; chunk < end; chunk++)
      shown[chunk] *= 1 + Math.max(0, cosines[chunk]);
  }
}

/** What a chunk of a file's own tests is worth beside one of its code. */
const OWN_TEST = 0.4;

/** In Rust a file ends with its own tests, in a module `tests`: they say the same words, and are rarely what is meant. */
export function holdBackOwnTests(index: LexicalIndex, scores: Scores): void {
  for (const { name, testModule } of languages) {
    const language = testModule === undefined ? -1 : index.languageNames.indexOf(name);
    if (language >= 0) holdBackModule(index, scores, { language, module: testModule! });
  }
}

function holdBackModule(
  index: LexicalIndex,
  scores: Scores,
  { language, module }: { language: number; module: string },
): void {
  hashText(module);
  for (const { document, line, indent } of index.definitions(hashLow >>> 0, hashHigh >>> 0)) {
    if (index.languages[document] !== language || indent > 0 || scores.place[document] === 0) continue;
    if (index.flags[document] & DocumentFlag.test) continue;
    for (let chunk = index.firstChunk[document]; chunk < index.firstChunk[document + 1]; chunk++)
      if (index.chunkEnd(chunk) > line) scores.shown[chunk] *= OWN_TEST;
  }
}

/** -1 for a document without chunks. */
export function nearestChunk(index: LexicalIndex, cosines: Cosines, document: number): number {
  const end = index.firstChunk[document + 1];
  let best = -1;
  for (let chunk = index.firstChunk[document]; chunk < end; chunk++)
    if (best < 0 || cosines[chunk] > cosines[best]) best = chunk;
  return best;
}
