/**
 * The stored vectors of an index, and the documents that are nearest to what a query means; joined with the ranking by
 * words. Used by search.ts.
 */

import type { Coverage } from "../model/api.ts";
import type { Store } from "../store/contract/store.ts";
import type { RowScores } from "../store/contract/vectors.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import { openIndexVectors } from "../store/vector/index-vectors.ts";
import { vectorRevision } from "../store/vector/models.ts";
import { type Near, nearOf } from "./engine-answer.ts";
import { FUSION_K, fuse, standingOut } from "./fuse.ts";
import type { Meaning } from "./query-vector.ts";
import type { Filter, Ranked } from "./rank.ts";

/** Documents that each ranking brings to the fusion; at least as many as are asked for. */
const FUSED = 100;

export const fusedCount = (limit: number): number => Math.max(limit, FUSED);

/** Nearest first, each with its nearest chunk; what is not like the query at all is not among them. */
export interface Nearness {
  /** For each query of the meaning. */
  rankings: Near[][];
  /** Every document was looked at: what stands out among them can be told. */
  all: boolean;
  said: NonNullable<Coverage["vectors"]>;
}

/** Vectors of one index that are stored in the file. */
export class IndexVectors {
  readonly model: string;
  readonly revision: number;
  readonly index: LexicalIndex;
  /** Live ones that were embedded. */
  readonly chunks: number;
  readonly #vectors: RowScores;
  readonly #scores: Float32Array;

  /** In one snapshot with the index, whose segments it reads. */
  constructor(index: LexicalIndex, meaning: Meaning, revision: number) {
    const { store, chunks } = openIndexVectors(index, meaning);
    this.index = index;
    this.model = meaning.model;
    this.revision = revision;
    this.chunks = chunks;
    this.#vectors = store;
    this.#scores = new Float32Array(store.rows);
  }

  nearest(query: Float32Array, filter: Filter): Near[] {
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
    return found.sort((a, b) => b.cosine - a.cosine || (isBefore(a.document, b.document) ? -1 : 1));
  }
}

/** By what an engine answered, or else by the vectors in the file; undefined where there is neither. */
export function nearBy(
  index: LexicalIndex,
  { meaning, vectors, filter }: { meaning: Meaning; vectors: IndexVectors | undefined; filter: Filter },
): Nearness | undefined {
  const { model, queries, answer } = meaning;
  if (answer?.hits) {
    const { hits, ...of } = answer;
    const rankings = hits.map((own) => nearOf(index, own, filter));
    return { rankings, all: false, said: { ...of, model } };
  }
  if (!vectors) return undefined;
  const rankings = queries.map((query) => vectors.nearest(query, filter));
  return { rankings, all: true, said: { ...answer, model, chunks: vectors.chunks } };
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
  index: LexicalIndex;
  /** By words, best first; a document may come several times, with further chunks. */
  words: readonly Ranked[];
  meaning: Meaning;
  limit: number;
}

/** Both rankings as one. A document that words found keeps the chunk that they chose. */
export function fuseMeaning({ rankings, all }: Nearness, request: FuseRequest): Ranked[] {
  const { index, words, meaning, limit } = request;
  const byWords = new Map<number, Ranked>();
  for (const one of words) if (!byWords.has(one.document)) byWords.set(one.document, one);
  const nearest = rankings.map((ranking) => ranking.slice(0, fusedCount(limit)));
  const chunks = new Map<number, Near>();
  for (const one of nearest.flat()) {
    if (one.cosine > (chunks.get(one.document)?.cosine ?? 0)) chunks.set(one.document, one);
  }
  const { by, weight } = meaning.fusion;
  const scores =
    by === "ranks" || !all
      ? byPlaces({ byWords, nearest, weight }, index)
      : byScores({ byWords, nearest, weight }, { near: rankings, documents: index.liveDocuments });
  const isBefore = byPath(index);
  const joined = [...new Set([...byWords.keys(), ...chunks.keys()])].map((document): Ranked => {
    const own = byWords.get(document);
    const { score, parts } = scores(document);
    const cosine = part(chunks.get(document)?.cosine ?? 0, 0);
    const found = own ?? { document, chunk: chunks.get(document)!.chunk, candidate: NEAR_ONLY };
    return { ...found, score, fused: { ...parts, cosine } };
  });
  joined.sort((a, b) => b.score - a.score || (isBefore(a.document, b.document) ? -1 : 1));
  const further = words.filter((one) => byWords.get(one.document) !== one);
  const last = joined.at(-1)?.score ?? 0;
  return [...joined, ...further.map((one) => ({ ...one, score: last }))].slice(0, limit);
}

interface Joining {
  byWords: ReadonlyMap<number, Ranked>;
  nearest: readonly (readonly Near[])[];
  weight: number;
}

interface Score {
  /** Log-odds up to a constant, as those of the linear model (search.ts shows differences of them). */
  score: number;
  parts: NonNullable<Ranked["fused"]>;
}

const part = (value: number, weight: number): NonNullable<Ranked["fused"]>[string] => {
  const round = (number: number): number => Math.round(number * 1e3) / 1e3;
  return { value: round(value), weight: round(weight), contribution: round(value * weight) };
};

/** Reciprocal rank fusion: needs to know nothing of either's scores. */
function byPlaces({ byWords, nearest, weight }: Joining, index: LexicalIndex): (document: number) => Score {
  const rankings = [
    { items: [...byWords.keys()], weight: 1 },
    ...nearest.map((ranking) => ({ items: ranking.map(({ document }) => document), weight })),
  ];
  const fused = new Map(fuse(rankings, byPath(index)).map((one) => [one.item, one]));
  return (document) => {
    const { score, places } = fused.get(document)!;
    const parts = places.flatMap((place, at) => {
      const name = at === 0 ? "rank_words" : at === 1 ? "rank_vectors" : `rank_vectors_${at}`;
      const value = (FUSION_K + 1) / (FUSION_K + place);
      return place === 0 ? [] : [[name, part(value, rankings[at]!.weight)] as const];
    });
    return { score: 4 * Math.log(score), parts: Object.fromEntries(parts) };
  };
}

/** What a standard deviation of cosines counts in the linear model: measured (docs/decisions/0011). */
const DEVIATION_WEIGHT = 0.15;

/**
 * The model's score, and by how many standard deviations the document's cosine stands out among all documents: what
 * cosine means much differs from model to model, what stands out does not.
 */
function byScores(
  { byWords, nearest, weight }: Joining,
  { near, documents }: { near: readonly (readonly Near[])[]; documents: number },
): (document: number) => Score {
  const standing = near.map((ranking) => standingOut(ranking, documents));
  const share = (DEVIATION_WEIGHT * weight) / Math.max(1, nearest.length);
  // A document without a word of the query has no score of the model; it is no better than the last that has one.
  let lowest = 0;
  for (const { score } of byWords.values()) if (score < lowest) lowest = score;
  return (document) => {
    let score = byWords.get(document)?.score ?? lowest;
    const parts: Score["parts"] = {};
    standing.forEach((outstanding, at) => {
      const value = outstanding.get(document) ?? 0;
      score += share * value;
      parts[at === 0 ? "vectors" : `vectors_${at + 1}`] = part(value, share);
    });
    return { score, parts };
  };
}
