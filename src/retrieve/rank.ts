/**
 * From features to an ordered list of chunks: a linear model per kind of query (weights.json, made by bench/fit.ts),
 * one chunk per file, then further chunks of the same files while the list is short.
 */
import { DocumentFlag } from "../model/lexical-document.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import { type Candidates, type FeatureName, featureNames } from "./features.ts";
import type { Query } from "./query.ts";
import weights from "./weights.json" with { type: "json" };

export type Weights = Partial<Record<FeatureName, number>>;
export interface Model {
  words: Weights;
  symbol: Weights;
}
export const shippedModel: Model = weights;

export interface Ranked {
  document: number;
  chunk: number;
  /** The model's score of the document; log-odds up to a constant. */
  score: number;
  /** Position in the candidates' columns. */
  candidate: number;
  /** How it came about where the ranking was joined with one by vectors (meaning.ts). */
  fused?: Record<string, { value: number; weight: number; contribution: number }>;
}

/** In the place of a candidate: a file that the query names. */
export const TARGET = -1;
export const isTarget = ({ candidate }: Ranked): boolean => candidate === TARGET;

/** Which documents and chunks may be shown. */
export interface Filter {
  document(document: number): boolean;
  chunk(chunk: number): boolean;
}

export const noFilter: Filter = { document: () => true, chunk: () => true };

export const modelFor = (model: Model, query: Query): Weights =>
  query.kind === "words" ? model.words : model.symbol;

function documentScores(candidates: Candidates, model: Weights): Float64Array {
  const scores = new Float64Array(candidates.documents.length);
  for (const name of featureNames) {
    const weight = model[name];
    if (!weight) continue;
    const column = candidates.columns[name];
    for (let i = 0; i < scores.length; i++) scores[i] += weight * column[i];
  }
  return scores;
}

/** Chunks of a document, the one to show first at the front: the definition asked for, else by score. Also used by pack-input.ts. */
export function chunksToShow(
  index: LexicalIndex,
  candidates: Candidates,
  { document, filter }: { document: number; filter: Filter },
): number[] {
  const chunks: number[] = [];
  for (let chunk = index.firstChunk[document]; chunk < index.firstChunk[document + 1]; chunk++) {
    if (filter.chunk(chunk)) chunks.push(chunk);
  }
  const { shown, definitionLine } = candidates;
  const line = definitionLine.get(document);
  const definition = line ? index.chunkOfLine(document, line) : -1;
  const value = (chunk: number): number => (chunk === definition ? Number.POSITIVE_INFINITY : shown[chunk]);
  return chunks.sort((a, b) => value(b) - value(a) || a - b);
}

/** Second, third, ... chunks of a file fill a list that is too short; a file gives at most this many. */
const CHUNKS_PER_FILE = 6;

export interface RankRequest {
  query: Query;
  candidates: Candidates;
  limit: number;
  filter: Filter;
  model: Model;
}

interface Scored {
  candidates: Candidates;
  scores: Float64Array;
  filter: Filter;
}

/** The `count`-th largest of the scores of these candidates, of which there are at least so many. */
function threshold(scores: Float64Array, candidates: Int32Array, count: number): number {
  // The smallest of the best so far on top: almost every candidate is turned away by one comparison.
  const heap = new Float64Array(count);
  for (let i = 0; i < count; i++) heap[i] = scores[candidates[i]];
  heap.sort();
  for (let next = count; next < candidates.length; next++) {
    const score = scores[candidates[next]];
    if (score <= heap[0]) continue;
    let at = 0;
    for (let child = 1; child < count; child = 2 * at + 1) {
      if (child + 1 < count && heap[child + 1] < heap[child]) child++;
      if (heap[child] >= score) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = score;
  }
  return heap[0];
}

/** Candidates that the filter lets through. */
function passing({ documents }: Candidates, filter: Filter): Int32Array {
  const all = new Int32Array(documents.length);
  let count = 0;
  for (let i = 0; i < all.length; i++) {
    if (filter === noFilter || filter.document(documents[i])) all[count++] = i;
  }
  return all.subarray(0, count);
}

/**
 * The best `count` candidates that pass the filter, best first, and any that are equal to the last; equal scores by
 * path, so that the order never depends on storage. Sorting all candidates would take most of a query's time.
 */
function bestCandidates(
  index: LexicalIndex,
  { candidates, scores, filter }: Scored,
  count: number,
): number[] {
  const { documents } = candidates;
  let passed = passing(candidates, filter);
  if (passed.length > count) {
    const lowest = threshold(scores, passed, count);
    passed = passed.filter((i) => scores[i] >= lowest);
  }
  const path = (i: number): string => index.paths[documents[i]];
  return [...passed].sort((a, b) => scores[b] - scores[a] || (path(a) < path(b) ? -1 : 1));
}

const LOCALE =
  /(^|[/._-])(ar|az|bg|bn|ca|cs|da|de|el|en|es|et|fa|fi|fr|he|hi|hr|hu|hy|it|ja|ka|kk|ko|lt|lv|nb|nl|pl|pt|ro|ru|sk|sl|sr|sv|th|tr|uk|ur|uz|vi|zh)([-_]([A-Za-z]{2}|han[st]))?(?=[/.])/g;
const ENGLISH = /(^|[/._-])en([-_][A-Za-z]{2})?(?=[/.])/;

/**
 * One document in many languages is one answer: the English one if there is one, else the best; the other
 * translations come after everything else.
 */
function* translationsLast(index: LexicalIndex, candidates: Candidates, order: number[]): Generator<number> {
  const originals = new Map<number, string>();
  const chosenFor = new Map<string, number>();
  for (const candidate of order) {
    const document = candidates.documents[candidate];
    // A text that was written into the knowledge base is no translation, whatever its id looks like.
    if ((index.flags[document] & (DocumentFlag.text | DocumentFlag.entry)) !== DocumentFlag.text) continue;
    const path = index.paths[document];
    const original = path.replace(LOCALE, "$1*");
    if (original === path) continue;
    originals.set(candidate, original);
    if (!chosenFor.has(original) || ENGLISH.test(path)) chosenFor.set(original, candidate);
  }
  const later: number[] = [];
  const shown = new Set<string>();
  for (const candidate of order) {
    const original = originals.get(candidate);
    if (original === undefined) {
      yield candidate;
      continue;
    }
    const chosen = chosenFor.get(original)!;
    if (!shown.has(original)) yield chosen;
    if (candidate !== chosen) later.push(candidate);
    shown.add(original);
  }
  yield* later;
}

/** Candidates looked at first; a filter by type may need more. */
const FIRST_LOOK = 200;

export function rank(index: LexicalIndex, request: RankRequest): Ranked[] {
  const { candidates, filter, limit } = request;
  const scores = documentScores(candidates, modelFor(request.model, request.query));
  for (let count = FIRST_LOOK + limit; ; count *= 8) {
    const order = bestCandidates(index, { candidates, scores, filter }, count);
    const isAll = order.length < count;
    const ranked = pickChunks(index, { ...request, scores, order, fill: isAll });
    if (ranked.length >= limit || isAll) return ranked;
  }
}

interface Ordered extends RankRequest {
  scores: Float64Array;
  order: number[];
  /** Whether further chunks of the same files may fill a short list: not while other files are left. */
  fill: boolean;
}

function pickChunks(
  index: LexicalIndex,
  { candidates, limit, filter, scores, order, fill }: Ordered,
): Ranked[] {
  const first: Ranked[] = [];
  const others: Ranked[][] = [];
  for (const candidate of translationsLast(index, candidates, order)) {
    if (first.length === limit) break;
    const document = candidates.documents[candidate];
    const [chunk, ...rest] = chunksToShow(index, candidates, { document, filter });
    if (chunk === undefined) continue;
    const make = (shown: number): Ranked => ({ document, chunk: shown, score: scores[candidate], candidate });
    first.push(make(chunk));
    others.push(
      rest
        .filter((other) => candidates.shown[other] > 0)
        .slice(0, CHUNKS_PER_FILE - 1)
        .map(make),
    );
  }
  for (let level = 0; fill && level < CHUNKS_PER_FILE - 1; level++) {
    for (const rest of others) if (level < rest.length && first.length < limit) first.push(rest[level]);
  }
  return first;
}
