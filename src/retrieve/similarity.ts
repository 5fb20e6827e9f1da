/**
 * How near a query lies to every chunk of an index, by the static embedding: cosines in one pass over all
 * vectors. Made once per index by search.ts; asked by features.ts for each query.
 */
import { rowOf, type TermVectors } from "../model/term-vectors.ts";
import { TermType } from "../model/words.ts";
import type { LexicalIndex, Shared } from "../store/lexical/index.ts";
import { CodeMatrix } from "../store/vector/matrix.ts";
import { quantise } from "../store/vector/quantise.ts";
import { staticTable, staticVectors } from "../store/vector/static.ts";
import type { Query } from "./query.ts";

/** Cosines by chunk of the index, -1 to 1; 0 where a side has no known term. Valid until the next question. */
export type Cosines = Float32Array;

export interface Similarity {
  /** Rows of the chunks, in the order of the index. */
  readonly matrix: CodeMatrix;
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
  const matrix = before?.similarity.matrix ?? new CodeMatrix(table.dimensions);
  matrix.rows = before?.shared.chunks ?? 0;
  for (const { segment } of index.parts.slice(before?.shared.parts ?? 0)) {
    const { codes, scales } = staticVectors(segment, table);
    matrix.append(codes, scales);
  }
  const cosines = new Float32Array(matrix.rows);
  return {
    matrix,
    of: (query) => {
      const codes = new Int8Array(table.dimensions);
      const scale = quantise(queryVector(query, table), codes);
      if (scale === 0) return undefined;
      matrix.scan(codes, scale);
      matrix.copyScores(cosines);
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
