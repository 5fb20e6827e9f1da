/**
 * The stored vectors of an index, and the documents that are nearest to what a query means; joined with the ranking by
 * words. Used by search.ts.
 */
import type { LexicalIndex } from "../store/lexical/index.ts";
import type { Store } from "../store/store.ts";
import { isEmbedded } from "../store/vector/coverage.ts";
import { EmbeddedVectorStore } from "../store/vector/embedded.ts";
import { vectorRevision } from "../store/vector/models.ts";
import { FUSION_K, fuse } from "./fuse.ts";
import type { Meaning } from "./query-vector.ts";
import type { Filter, Ranked } from "./rank.ts";

/** Documents that each ranking brings to the fusion; at least as many as are asked for. */
const FUSED = 100;

export const fusedCount = (limit: number): number => Math.max(limit, FUSED);

interface Near {
  document: number;
  /** The nearest of its chunks. */
  chunk: number;
  cosine: number;
}

export class IndexVectors {
  readonly model: string;
  readonly revision: number;
  readonly index: LexicalIndex;
  /** Live ones that were embedded. */
  readonly chunks: number;
  readonly #vectors: EmbeddedVectorStore;
  readonly #scores: Float32Array;

  /** In one snapshot with the index, whose segments it reads. */
  constructor(index: LexicalIndex, { model, dimensions }: Meaning, revision: number) {
    this.index = index;
    this.model = model;
    this.revision = revision;
    this.#vectors = new EmbeddedVectorStore({ model, dimensions });
    let chunks = 0;
    for (const { segment, firstChunk } of index.parts) {
      const block = segment.id === 0 ? undefined : segment.vectors(model);
      if (!block) this.#vectors.reserve(segment.chunks);
      else this.#vectors.append(block, segment);
      for (let chunk = 0; block && chunk < segment.chunks; chunk++) {
        const document = index.chunkDocument[firstChunk + chunk]!;
        if (index.live[document] && isEmbedded(block, chunk)) chunks++;
      }
    }
    this.chunks = chunks;
    this.#scores = new Float32Array(this.#vectors.rows);
  }

  /** The nearest live documents, each with its nearest chunk, nearest first; none that is not like the query at all. */
  nearest(query: Float32Array, filter: Filter, count: number): Near[] {
    const { index } = this;
    this.#vectors.scores(query, this.#scores);
    const found: Near[] = [];
    for (let document = 0; document < index.documents; document++) {
      if (!index.live[document]) continue;
      let best = -1;
      let cosine = 0;
      for (let chunk = index.firstChunk[document]!; chunk < index.firstChunk[document + 1]!; chunk++) {
        const score = this.#scores[chunk]!;
        if (score <= cosine || !filter.chunk(chunk)) continue;
        best = chunk;
        cosine = score;
      }
      if (best >= 0 && filter.document(document)) found.push({ document, chunk: best, cosine });
    }
    const isBefore = byPath(index);
    return found
      .sort((a, b) => b.cosine - a.cosine || (isBefore(a.document, b.document) ? -1 : 1))
      .slice(0, count);
  }
}

const byPath =
  ({ paths }: LexicalIndex) =>
  (a: number, b: number): boolean =>
    paths[a]! < paths[b]!;

/** Vectors of the index, read anew when either changed; undefined when the index is older than the segments. */
export function loadVectors(
  store: Store,
  { index, known }: { index: LexicalIndex; known: IndexVectors | undefined },
  meaning: Meaning,
): IndexVectors | undefined {
  return store.snapshot(() => {
    const revision = vectorRevision(store);
    if (known?.index === index && known.revision === revision && known.model === meaning.model) return known;
    const stored = new Set(store.segments().map(({ id }) => id));
    const isOld = index.parts.some(({ segment }) => segment.id !== 0 && !stored.has(segment.id));
    return isOld ? undefined : new IndexVectors(index, meaning, revision);
  });
}

/** Says of a ranked document that no word of the query is in it. */
export const NEAR_ONLY = -2;

export interface FuseRequest {
  /** By words, best first; a document may come several times, with further chunks. */
  words: readonly Ranked[];
  meaning: Meaning;
  filter: Filter;
  limit: number;
}

/**
 * Both rankings as one. A document that words found keeps the chunk that they chose. Scores are made so that their
 * differences show as those of the linear model do (search.ts).
 */
export function fuseMeaning(vectors: IndexVectors, request: FuseRequest): Ranked[] {
  const { words, meaning, filter, limit } = request;
  const count = fusedCount(limit);
  const near = meaning.queries.map((query) => vectors.nearest(query, filter, count));
  const byWords = new Map<number, Ranked>();
  for (const one of words) if (!byWords.has(one.document)) byWords.set(one.document, one);
  const nearest = new Map<number, Near>();
  for (const one of near.flat()) {
    if (one.cosine > (nearest.get(one.document)?.cosine ?? 0)) nearest.set(one.document, one);
  }
  const rankings = [[...byWords.keys()], ...near.map((ranking) => ranking.map(({ document }) => document))];
  const fused = fuse(rankings, byPath(vectors.index));
  const joined = fused.map(({ item, score, places }): Ranked => {
    const own = byWords.get(item);
    const cosine = nearest.get(item)?.cosine ?? 0;
    return {
      ...(own ?? { document: item, chunk: nearest.get(item)!.chunk, candidate: NEAR_ONLY }),
      score: 4 * Math.log(score),
      fused: { places, cosine },
    };
  });
  const further = words.filter((one) => byWords.get(one.document) !== one);
  const last = joined.at(-1)?.score ?? 0;
  return [...joined, ...further.map((one) => ({ ...one, score: last }))].slice(0, limit);
}

/** What fusion gave a result, for --explain: 1 for a first place, less for later ones. */
export function explainFusion({
  fused,
}: Ranked): Record<string, { value: number; weight: number; contribution: number }> {
  if (!fused) return {};
  const round = (value: number): number => Math.round(value * 1e3) / 1e3;
  const entries = fused.places.flatMap((place, at) => {
    if (place === 0) return [];
    const value = round((FUSION_K + 1) / (FUSION_K + place));
    const name = at === 0 ? "rank_words" : at === 1 ? "rank_vectors" : `rank_vectors_${at}`;
    return [[name, { value, weight: 1, contribution: value }] as const];
  });
  const cosine = { value: round(fused.cosine), weight: 0, contribution: 0 };
  return { ...Object.fromEntries(entries), cosine };
}
