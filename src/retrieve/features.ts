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
import type { Similarity } from "./similarity.ts";

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
  /** Per chunk of the index: score for choosing what to show; 0 for chunks without a word of the query. */
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

/** Scores that grow while terms are gathered; per document or chunk of the index. */
class Scores {
  readonly file: Float64Array;
  readonly chunk: Float64Array;
  readonly chunkParts: Float64Array;
  readonly shown: Float64Array;
  readonly covered: Float64Array;
  readonly isCandidate: Uint8Array;
  readonly candidates: number[] = [];
  /** File idf of each part of the query that occurs. */
  readonly partIdf = new Map<string, number>();

  constructor(index: LexicalIndex) {
    this.file = new Float64Array(index.documents);
    this.covered = new Float64Array(index.documents);
    this.isCandidate = new Uint8Array(index.documents);
    this.chunk = new Float64Array(index.chunks);
    this.chunkParts = new Float64Array(index.chunks);
    this.shown = new Float64Array(index.chunks);
  }
}

function addTerm(index: LexicalIndex, scores: Scores, term: Query["terms"][number]): void {
  const found = index.gather(term.low, term.high, weights);
  const { documents, documentCount, chunks, chunkCount } = found;
  const isPart = term.type === TermType.part;
  const fileIdf = idf(index.liveDocuments, documentCount);
  const chunkIdf = idf(index.liveChunks, chunkCount);
  const given = term.weight ?? 1;
  const weight = TYPE_WEIGHT[term.type] * given;
  if (isPart && !term.added && documentCount > 0) scores.partIdf.set(term.text, fileIdf);
  for (let i = 0; i < documentCount; i++) {
    const document = documents[i];
    if (scores.isCandidate[document] === 0) {
      scores.isCandidate[document] = 1;
      scores.candidates.push(document);
    }
    const length =
      1 - B_FILE + (B_FILE * index.documentLength[document]) / Math.max(1, index.meanDocumentLength);
    const frequency = found.documentFrequency[document];
    scores.file[document] += (weight * fileIdf * frequency * (K1 + 1)) / (frequency + K1 * length);
    // An entry is a description: whatever it says, it is about. A file is about what it defines and is called.
    const isAbout = found.classes[document] & DEFINED_OR_PATH || index.flags[document] & DocumentFlag.entry;
    if (isPart && !term.added && isAbout) scores.covered[document] += fileIdf;
  }
  for (let i = 0; i < chunkCount; i++) {
    const chunk = chunks[i];
    const length = 1 - B_CHUNK + (B_CHUNK * index.chunkLength[chunk]) / Math.max(1, index.meanChunkLength);
    const frequency = found.chunkFrequency[chunk];
    const score = (chunkIdf * frequency * (K1 + 1)) / (frequency + K1 * length);
    scores.chunk[chunk] += weight * score;
    if (isPart) scores.chunkParts[chunk] += given * score;
    const code = 1 - B_SHOWN + (B_SHOWN * index.chunkCode[chunk]) / Math.max(1, index.meanChunkCode);
    const shown = found.shownFrequency[chunk];
    scores.shown[chunk] += (weight * chunkIdf * shown * (K1 + 1)) / (shown + K1 * code);
  }
  index.reset();
}

/** Best chunk of a document by all terms, and the sum of its three best by parts. */
function chunkFeatures(
  index: LexicalIndex,
  scores: Scores,
  document: number,
): { best: number; top3: number } {
  let best = 0;
  let first = 0;
  let second = 0;
  let third = 0;
  for (let chunk = index.firstChunk[document]; chunk < index.firstChunk[document + 1]; chunk++) {
    if (scores.chunk[chunk] > best) best = scores.chunk[chunk];
    const score = scores.chunkParts[chunk];
    if (score <= third) continue;
    if (score > first) [first, second, third] = [score, first, second];
    else if (score > second) [second, third] = [score, second];
    else third = score;
  }
  return { best, top3: first + second + third };
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
  /** Absent where there are no vectors. */
  similarity?: Similarity;
}

function bestChunk(index: LexicalIndex, values: Float32Array, document: number): number {
  let best = -1;
  for (let chunk = index.firstChunk[document]; chunk < index.firstChunk[document + 1]; chunk++)
    if (values[chunk] > best) best = values[chunk];
  return best;
}

/** Features of every document that has a word of the query. */
export function computeFeatures(index: LexicalIndex, facts: DocumentFacts, query: Query): Candidates {
  const scores = new Scores(index);
  for (const term of query.terms) addTerm(index, scores, term);
  const unseen = Math.log(1 + index.liveDocuments * 2);
  const partIdf = query.parts.map((part) => scores.partIdf.get(stem(part)) ?? unseen);
  let known = 0;
  for (const value of scores.partIdf.values()) known += value;
  const match = new PathMatch(facts.paths, query.parts, partIdf);
  const definitions = findDefinitions(index, query);
  const similar = facts.similarity?.of(query);
  const documents = Int32Array.from(scores.candidates);
  const columns = Object.fromEntries(
    featureNames.map((name) => [name, new Float64Array(documents.length)]),
  ) as Candidates["columns"];
  const stemFeatures = new Float64Array(4);
  for (let i = 0; i < documents.length; i++) {
    const document = documents[i];
    const chunks = chunkFeatures(index, scores, document);
    match.stem(document, stemFeatures);
    const flags = index.flags[document];
    columns.file[i] = scores.file[document];
    columns.chunk_top3[i] = chunks.top3;
    columns.chunk_best[i] = chunks.best;
    columns.path_stem[i] = stemFeatures[0];
    columns.path_stem_share[i] = stemFeatures[1];
    columns.path_stem_both[i] = stemFeatures[0] * stemFeatures[1];
    columns.synonym_stem[i] = stemFeatures[2];
    columns.path_stem_full[i] = stemFeatures[3];
    columns.path_directory[i] = match.directory(document);
    columns.defined_type[i] = definitions.type.get(document) ?? 0;
    columns.defined_function[i] = definitions.function.get(document) ?? 0;
    columns.defined_variable[i] = definitions.variable.get(document) ?? 0;
    columns.defined_stem[i] = definitions.stem.get(document) ?? 0;
    columns.covered[i] = scores.covered[document] / Math.max(0.5, known);
    columns.test[i] = flags & DocumentFlag.test ? 1 : 0;
    columns.header[i] = flags & DocumentFlag.header ? 1 : 0;
    columns.compat[i] = flags & DocumentFlag.compat || facts.superseded[document] ? 1 : 0;
    // Prose among files is rarely what is asked for; what somebody wrote down on purpose is.
    columns.text[i] = (flags & (DocumentFlag.text | DocumentFlag.entry)) === DocumentFlag.text ? 1 : 0;
    columns.example[i] = flags & DocumentFlag.example ? 1 : 0;
    columns.barrel[i] = flags & DocumentFlag.barrel ? 1 : 0;
    columns.depth[i] = facts.depth[document];
    columns.imported[i] = facts.imported[document];
    if (!similar) continue;
    columns.similar_title[i] = similar.titles[document];
    columns.similar_chunk[i] = bestChunk(index, similar.chunks, document);
  }
  return { documents, columns, shown: scores.shown, definitionLine: definitions.line };
}
