/**
 * What is known of every candidate file for a query, as columns of numbers: the input of the linear models (rank.ts)
 * and of bench/fit.ts. Formulae: BM25F over files and BM25 over chunks as plain sums (Robertson and Zaragoza, "The
 * Probabilistic Relevance Framework", 2009), soft path match, exact definitions, priors.
 */

import { DefinitionKind, DocumentFlag } from "../model/lexical-document.ts";
import { stem, TermType, WordClass } from "../model/words.ts";
import type { ClassWeights, LexicalIndex } from "../store/lexical/index.ts";
import { PathMatch, type PathTable } from "./path-match.ts";
import type { Query } from "./query.ts";
import type { Similar, Similarity } from "./similarity.ts";

export const featureNames = [
  "file",
  "chunk_top3",
  "chunk_best",
  "path_stem",
  "path_stem_share",
  "path_stem_both",
  "path_stem_full",
  "path_directory",
  "synonym_stem",
  "defined_type",
  "defined_function",
  "defined_variable",
  "defined_stem",
  "covered",
  "test",
  "header",
  "compat",
  "depth",
  "imported",
  "text",
  "example",
  "barrel",
  "similar_chunk",
  "similar_title",
] as const;
export type FeatureName = (typeof featureNames)[number];

/** Candidates of a query and their features; all columns are in candidate order. */
export interface Candidates {
  documents: Int32Array;
  columns: Record<FeatureName, Float64Array>;
  /**
   * Per chunk of the index: score for choosing what to show; 0 for chunks without a word of the query. Holds until the
   * next query of the same index.
   */
  shown: Float64Array;
  /** Per document: 1-based line of the definition the query names, to be shown first; 0 for none. */
  definitionLine: Map<number, number>;
}

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
class Scores {
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

function emptyScores(index: LexicalIndex): Scores {
  const known = scoresOf.get(index);
  known?.reset();
  const scores = known ?? new Scores(index);
  scoresOf.set(index, scores);
  return scores;
}

function addTerm(index: LexicalIndex, scores: Scores, term: Query["terms"][number]): void {
  const found = index.gather(term.low, term.high, weights);
  if (term.type === TermType.part && found.documentCount > 0)
    scores.partIdf.set(term.text, idf(index.liveDocuments, found.documentCount));
  addToDocuments(index, scores, term);
  addToChunks(index, scores, term);
  index.reset();
}

function addToDocuments(index: LexicalIndex, scores: Scores, { type }: Query["terms"][number]): void {
  const { documents, documentCount, documentFrequency, classes } = index.gathered;
  const { file, covered, place, candidates, fileNorm } = scores;
  const isPart = type === TermType.part;
  const fileIdf = idf(index.liveDocuments, documentCount);
  const weight = TYPE_WEIGHT[type] * fileIdf;
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

function addToChunks(index: LexicalIndex, scores: Scores, { type }: Query["terms"][number]): void {
  const { chunks, chunkCount, chunkFrequency, shownFrequency } = index.gathered;
  const { chunkNorm, shownNorm } = scores;
  const isPart = type === TermType.part;
  const weight = TYPE_WEIGHT[type];
  const chunkIdf = idf(index.liveChunks, chunkCount);
  for (let i = 0; i < chunkCount; i++) {
    const chunk = chunks[i];
    const frequency = chunkFrequency[chunk];
    const score = (chunkIdf * frequency * (K1 + 1)) / (frequency + chunkNorm[chunk]);
    scores.chunk[chunk] += weight * score;
    if (isPart) scores.chunkParts[chunk] += score;
    const shown = shownFrequency[chunk];
    scores.shown[chunk] += (weight * chunkIdf * shown * (K1 + 1)) / (shown + shownNorm[chunk]);
  }
}

/** Best chunk of each candidate by all terms, and the sum of its three best by parts. */
function chunkFeatures(index: LexicalIndex, scores: Scores, columns: Candidates["columns"]): void {
  const { candidates, candidateCount } = scores;
  const { chunk_best, chunk_top3 } = columns;
  for (let i = 0; i < candidateCount; i++) {
    const document = candidates[i];
    const end = index.firstChunk[document + 1];
    let best = 0;
    let first = 0;
    let second = 0;
    let third = 0;
    for (let chunk = index.firstChunk[document]; chunk < end; chunk++) {
      if (scores.chunk[chunk] > best) best = scores.chunk[chunk];
      const score = scores.chunkParts[chunk];
      if (score <= third) continue;
      if (score > first) {
        third = second;
        second = first;
        first = score;
      } else if (score > second) {
        third = second;
        second = score;
      } else third = score;
    }
    chunk_best[i] = best;
    chunk_top3[i] = first + second + third;
  }
}

const INDENT_WEIGHT = (indent: number): number => (indent === 0 ? 1 : indent <= 4 ? 0.7 : 0.5);
const bare = (name: string): string => name.replace(/[_\W]/g, "").toLowerCase();

interface Definitions {
  type: Map<number, number>;
  function: Map<number, number>;
  variable: Map<number, number>;
  stem: Map<number, number>;
  line: Map<number, number>;
}

/** Exact, case-sensitive definitions of the names a query may mean, per document. */
function findDefinitions(index: LexicalIndex, query: Query): Definitions {
  const found: Definitions = {
    type: new Map(),
    function: new Map(),
    variable: new Map(),
    stem: new Map(),
    line: new Map(),
  };
  const isSymbol = query.kind !== "words";
  const raise = (map: Map<number, number>, document: number, value: number): void => {
    if (value > (map.get(document) ?? 0)) map.set(document, value);
  };
  const lineStrength = new Map<number, number>();
  for (const { name, low, high, weight } of query.names) {
    for (const { document, line, kind, indent } of index.definitions(low, high)) {
      const value = weight * INDENT_WEIGHT(indent);
      const byKind =
        kind === DefinitionKind.type
          ? found.type
          : kind === DefinitionKind.function
            ? found.function
            : found.variable;
      raise(byKind, document, value);
      if (bare(fileStem(index.paths[document])) === bare(name)) raise(found.stem, document, weight);
      const showable = kind === DefinitionKind.type || (isSymbol && kind === DefinitionKind.function);
      const strength = value + (kind === DefinitionKind.type ? 0.5 : 0) + (name.includes(".") ? 1 : 0);
      if (showable && strength > (lineStrength.get(document) ?? 0)) {
        lineStrength.set(document, strength);
        found.line.set(document, line);
      }
    }
  }
  return found;
}

function fileStem(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(0, dot) : name;
}

/** Facts about documents that do not depend on the query; made once per index. */
export interface DocumentFacts {
  /** Live ones; what is not a file is an entry. */
  files: number;
  fileChunks: number;
  paths: PathTable;
  /** ln(1 + number of files whose imports name this file). */
  imported: Float64Array;
  depth: Uint8Array;
  /** 1 for files of an older version kept beside a newer one. */
  superseded: Uint8Array;
  similarity: Similarity;
}

/**
 * Features of every document that has a word of the query or lies near it, all columns of all of them: fit.ts needs
 * them. A column is zero where nothing is written.
 */
export function computeFeatures(index: LexicalIndex, facts: DocumentFacts, query: Query): Candidates {
  const scores = emptyScores(index);
  for (const term of query.terms) addTerm(index, scores, term);
  const similar = facts.similarity.of(query);
  if (similar) addNear(index, scores, similar);
  const documents = scores.candidates.slice(0, scores.candidateCount);
  const columns = Object.fromEntries(
    featureNames.map((name) => [name, new Float64Array(documents.length)]),
  ) as Candidates["columns"];
  const definitions = findDefinitions(index, query);
  chunkFeatures(index, scores, columns);
  pathFeatures({ index, facts, query }, scores, columns);
  definitionFeatures(definitions, scores, columns);
  wordFeatures(scores, columns);
  priorFeatures({ index, facts }, documents, columns);
  if (similar) similarFeatures({ index, similar }, documents, columns);
  return { documents, columns, shown: scores.shown, definitionLine: definitions.line };
}

interface Known {
  index: LexicalIndex;
  facts: DocumentFacts;
}

function pathFeatures(
  { index, facts, query }: Known & { query: Query },
  { candidates, candidateCount, partIdf }: Scores,
  columns: Candidates["columns"],
): void {
  const unseen = Math.log(1 + index.liveDocuments * 2);
  const weights = query.parts.map((part) => partIdf.get(stem(part)) ?? unseen);
  const match = new PathMatch(facts.paths, query.parts, weights);
  const found = new Float64Array(4);
  for (let i = 0; i < candidateCount; i++) {
    columns.path_directory[i] = match.directory(candidates[i]);
    if (!match.stem(candidates[i], found)) continue;
    columns.path_stem[i] = found[0];
    columns.path_stem_share[i] = found[1];
    columns.path_stem_both[i] = found[0] * found[1];
    columns.synonym_stem[i] = found[2];
    columns.path_stem_full[i] = found[3];
  }
}

function definitionFeatures(found: Definitions, { place }: Scores, columns: Candidates["columns"]): void {
  const put = (values: Map<number, number>, column: Float64Array): void => {
    for (const [document, value] of values) if (place[document]) column[place[document] - 1] = value;
  };
  put(found.type, columns.defined_type);
  put(found.function, columns.defined_function);
  put(found.variable, columns.defined_variable);
  put(found.stem, columns.defined_stem);
}

function wordFeatures(scores: Scores, { file, covered }: Candidates["columns"]): void {
  let known = 0;
  for (const value of scores.partIdf.values()) known += value;
  for (let i = 0; i < scores.candidateCount; i++) {
    file[i] = scores.file[scores.candidates[i]];
    covered[i] = scores.covered[scores.candidates[i]] / Math.max(0.5, known);
  }
}

function priorFeatures(
  { index, facts }: Known,
  documents: Int32Array,
  { test, header, compat, text, example, barrel, depth, imported }: Candidates["columns"],
): void {
  for (let i = 0; i < documents.length; i++) {
    const document = documents[i];
    const flags = index.flags[document];
    depth[i] = facts.depth[document];
    imported[i] = facts.imported[document];
    if (facts.superseded[document]) compat[i] = 1;
    if (flags === 0) continue;
    if (flags & DocumentFlag.test) test[i] = 1;
    if (flags & DocumentFlag.header) header[i] = 1;
    if (flags & DocumentFlag.compat) compat[i] = 1;
    // Prose among files is rarely what is asked for; what somebody wrote down on purpose is.
    if ((flags & (DocumentFlag.text | DocumentFlag.entry)) === DocumentFlag.text) text[i] = 1;
    if (flags & DocumentFlag.example) example[i] = 1;
    if (flags & DocumentFlag.barrel) barrel[i] = 1;
  }
}

/** Documents without a word of the query that count all the same: at most so many, with at least this cosine. */
const MAX_NEAR = 50;
const MIN_COSINE = 0.45;
/** What the nearest chunk of such a document is shown for, where no word decides. */
const NEAREST_SHOWN = 1e-9;

function addNear(index: LexicalIndex, scores: Scores, { chunks }: Similar): void {
  const near: { document: number; chunk: number }[] = [];
  for (let document = 0; document < index.documents; document++) {
    if (scores.place[document] !== 0 || index.live[document] === 0) continue;
    const chunk = nearestChunk(index, chunks, document);
    if (chunk >= 0 && chunks[chunk] >= MIN_COSINE) near.push({ document, chunk });
  }
  const path = (one: { document: number }): string => index.paths[one.document];
  near.sort((a, b) => chunks[b.chunk] - chunks[a.chunk] || (path(a) < path(b) ? -1 : 1));
  for (const { document, chunk } of near.slice(0, MAX_NEAR)) {
    scores.candidates[scores.candidateCount++] = document;
    scores.place[document] = scores.candidateCount;
    scores.shown[chunk] = NEAREST_SHOWN;
  }
}

/** -1 for a document without chunks. */
function nearestChunk(index: LexicalIndex, cosines: Float32Array, document: number): number {
  const end = index.firstChunk[document + 1];
  let best = -1;
  for (let chunk = index.firstChunk[document]; chunk < end; chunk++)
    if (best < 0 || cosines[chunk] > cosines[best]) best = chunk;
  return best;
}

function similarFeatures(
  { index, similar }: { index: LexicalIndex; similar: Similar },
  documents: Int32Array,
  { similar_title, similar_chunk }: Candidates["columns"],
): void {
  for (let i = 0; i < documents.length; i++) {
    const nearest = nearestChunk(index, similar.chunks, documents[i]);
    similar_title[i] = similar.titles[documents[i]];
    similar_chunk[i] = nearest < 0 ? 0 : similar.chunks[nearest];
  }
}
