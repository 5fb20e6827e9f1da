/**
 * How near a query lies to every chunk and title of an index, by the static embedding: cosines in one pass over all
 * vectors. Made once per index by search.ts; asked by features.ts for each query.
 */
import { rowOf, type TermVectors } from "../model/term-vectors.ts";
import { TermType } from "../model/words.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import { CodeMatrix, EXTENT } from "../store/vector/matrix.ts";
import { quantise } from "../store/vector/quantise.ts";
import { type CodedRows, staticTable, staticVectors } from "../store/vector/static.ts";
import type { Query } from "./query.ts";

/** Cosines, -1 to 1, by the numbers of the index; 0 where a side has no known term. Valid until the next question. */
export interface Similar {
  chunks: Float32Array;
  titles: Float32Array;
}

export interface Similarity {
  /** Undefined when no word of the query is known. */
  of(query: Query): Similar | undefined;
}

/** Reads the vectors of the index's segments: within the snapshot that the index was read in. */
export function createSimilarity(index: LexicalIndex, table = staticTable()): Similarity {
  const parts = index.parts.map(({ segment }) => staticVectors(segment, table));
  const chunks = createRows(
    parts.map((part) => part.chunks),
    table.dimensions,
  );
  const titles = createRows(
    parts.map((part) => part.titles),
    table.dimensions,
  );
  return {
    of: (query) => {
      const vector = queryVector(query, table);
      const codes = new Int8Array(table.dimensions);
      const scale = quantise(vector, codes);
      return scale === 0 ? undefined : { chunks: chunks(codes, scale), titles: titles(codes, scale) };
    },
  };
}

type Rows = (codes: Int8Array, scale: number) => Float32Array;

function createRows(parts: readonly CodedRows[], dimensions: number): Rows {
  const matrix = new CodeMatrix(dimensions);
  for (const { codes, scales } of parts) matrix.append(codes, scales);
  const scores = new Float32Array(matrix.rows);
  return (codes, scale) => {
    matrix.scan(codes, scale);
    for (let extent = 0; extent < matrix.extents; extent++)
      scores.set(matrix.scores(extent), extent * EXTENT);
    return scores;
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
