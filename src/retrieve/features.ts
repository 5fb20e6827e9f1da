/**
 * What is known of every candidate file for a query, as columns of numbers: the input of the linear models (rank.ts)
 * and of bench/fit.ts: scores by words (scores.ts), soft path match, exact definitions, nearness, priors.
 */

import { DefinitionKind, DocumentFlag } from "../model/lexical-document.ts";
import { stem } from "../model/words.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import { PathMatch, type PathTable } from "./path-match.ts";
import type { Query } from "./query.ts";
import {
  addNear,
  addTerm,
  emptyScores,
  holdBackOwnTests,
  nearestChunk,
  preferNear,
  type Scores,
} from "./scores.ts";
import type { Cosines, Similarity } from "./similarity.ts";

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
  /** What they are facts of. */
  index: LexicalIndex;
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
  const cosines = facts.similarity.of(query);
  if (!query.parts.some((part) => stem(part) === "test")) holdBackOwnTests(index, scores);
  if (cosines) {
    preferNear(index, scores, cosines);
    addNear(index, scores, cosines);
  }
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
  if (cosines) similarFeatures({ index, cosines }, documents, columns);
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

function similarFeatures(
  { index, cosines }: { index: LexicalIndex; cosines: Cosines },
  documents: Int32Array,
  { similar_chunk }: Candidates["columns"],
): void {
  for (let i = 0; i < documents.length; i++) {
    const nearest = nearestChunk(index, cosines, documents[i]);
    similar_chunk[i] = nearest < 0 ? 0 : cosines[nearest];
  }
}
