/**
 * How near a query lies to every chunk of an index, by the static embedding: cosines in one pass over all
 * vectors. Made once per index by search.ts; asked by features.ts for each query.
 */
import { rowOf, type TermVectors } from "../model/term-vectors.ts";
import { TermType } from "../model/words.ts";
import type { LexicalIndex, Shared } from "../store/lexical/index.ts";
import { staticTable } from "../store/vector/static.ts";
import { StaticScores } from "../store/vector/static-scores.ts";
import type { Query } from "./query.ts";

/** Cosines by chunk of the index, -1 to 1; 0 where a side has no known term. Valid until the next question. */
export type Cosines = Float32Array;

export interface Similarity {
  /** Of the chunks, in the order of the index. */
  readonly scores: StaticScores;
  /** Undefined when no word of the query is known. */
  of(query: Query): Cosines | undefined;
}

/** An answer to the same question about an index that begins alike; it is of no use afterwards. */
interface Before {
  similarity: Similarity;
  shared: Shared;
}

/** Reads the vectors of the index's segments: within the snapshot that the index was read in. */
export function createSimilarity(index: LexicalIndex, before?: Before, table = staticTable()): Similarity {
  const scores = new StaticScores(
    index.parts.slice(before?.shared.parts ?? 0).map(({ segment }) => segment),
    table,
    before && { scores: before.similarity.scores, rows: before.shared.chunks },
  );
  const cosines = new Float32Array(scores.rows);
  return {
    scores,
    of: (query) => {
      const vector = queryVector(query, table);
      if (vector.every((value) => value === 0)) return undefined;
      scores.scores(vector, cosines);
      return cosines;
    },
  };
}

/** The sum of the rows of the query's different stems. */
function queryVector(query: Query, table: TermVectors): Float32Array {
  const { dimensions } = table;
  const vector = new Float32Array(dimensions);
  const values = new Float32Array(dimensions);
  for (const term of query.terms) {
    const row = term.type === TermType.part && !term.added ? rowOf(table, term) : -1;
    if (row < 0) continue;
    table.read(row, values);
    for (let i = 0; i < dimensions; i++) vector[i] += values[i];
  }
  return vector;
}
