/**
 * How near a query lies to every chunk and title of an index, by static embeddings: cosines in one pass over all
 * vectors. Made once per index by search.ts; asked by features.ts for each query.
 */
import { rowOf, type TermVectors } from "../model/term-vectors.ts";
import { TermType } from "../model/words.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import { normalise, segmentVectors } from "../store/vector/segment-vectors.ts";
import type { Query } from "./query.ts";

/** Cosines, -1 to 1, by the numbers of the index; 0 where a side has no known term. */
export interface Similar {
  chunks: Float32Array;
  titles: Float32Array;
}

export interface Similarity {
  /** Undefined when no word of the query is known. */
  of(query: Query): Similar | undefined;
}

export function createSimilarity(index: LexicalIndex, table: TermVectors): Similarity {
  const parts = index.parts.map(({ segment }) => segmentVectors(segment, table));
  return {
    of: (query) => {
      const vector = queryVector(query, table);
      if (!vector) return undefined;
      return {
        chunks: cosines(
          parts.map(({ chunks }) => chunks),
          vector,
          index.chunks,
        ),
        titles: cosines(
          parts.map(({ titles }) => titles),
          vector,
          index.documents,
        ),
      };
    },
  };
}

/** The sum of the rows of the query's different stems, unit length. */
function queryVector(query: Query, table: TermVectors): Float32Array | undefined {
  const { dimensions } = table;
  const vector = new Float32Array(dimensions);
  const values = new Float32Array(dimensions);
  for (const term of query.terms) {
    const row = term.type === TermType.part ? rowOf(table, term) : -1;
    if (row < 0) continue;
    table.read(row, values);
    for (let i = 0; i < dimensions; i++) vector[i] += values[i];
  }
  normalise(vector, dimensions);
  return vector.some((value) => value !== 0) ? vector : undefined;
}

function cosines(parts: Float32Array[], vector: Float32Array, count: number): Float32Array {
  const out = new Float32Array(count);
  const size = vector.length;
  let place = 0;
  for (const rows of parts) {
    for (let at = 0; at < rows.length; at += size) {
      let dot = 0;
      for (let i = 0; i < size; i++) dot += rows[at + i] * vector[i];
      out[place++] = dot;
    }
  }
  return out;
}
