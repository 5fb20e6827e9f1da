/**
 * The seam of vector search: rows of vectors keyed by version and chunk, and the nearest ones to a query. Every
 * implementation passes vector/contract.fixture.ts. Opened by momo.ts, used by retrieve.
 */
import type { RowFilter, RowKey, VectorRow } from "./rows.ts";

/** What a vector can be compared with: others of the same model and dimensions. */
export interface VectorModel {
  /** Names the model and its version: vectors of different models never mix. */
  readonly model: string;
  readonly dimensions: number;
}

export interface VectorHit extends RowKey {
  /** Cosine of the row and the query, -1 to 1, whatever the engine orders by: rows and queries are unit vectors to it. */
  score: number;
}

/**
 * The versions that count in one state of the knowledge. Never changes, so that a store may keep what it works out
 * from one: make it once a state and pass the same to every search.
 */
export interface LiveVersions {
  has(vid: number): boolean;
}

export interface VectorSearch {
  limit: number;
  /** Rows that may be hits; decided before the best are chosen. Only parts that the store evaluates are given. */
  filter?: RowFilter;
  /** Rows of other versions are no hits. Only given to a store that takes it. */
  live?: LiveVersions;
}

export interface VectorCapabilities {
  /** Looks at every row: nothing but the rounding of stored vectors can hide a near one. */
  exact: boolean;
  /** The parts of a filter that it evaluates; nearest.ts evaluates the others, and asks for more. */
  filters: readonly (keyof RowFilter)[];
  /** Leaves out versions that are not `live` before it chooses the best. */
  live: boolean;
  /** To open it for a model with more raises VECTOR_TOO_WIDE. */
  maxDimensions: number;
  /** The most hits of one search. */
  maxHits: number;
}

export interface VectorStore extends VectorModel {
  readonly capabilities: VectorCapabilities;
  /** Replaces what has the same version and chunk. All or none: VECTOR_DIMENSIONS, VECTOR_NUMBER. */
  upsert(rows: Iterable<VectorRow>): Promise<void>;
  /** Forgets versions for good. What was only taken back may stay: hits are joined to what is live. */
  remove(vids: Iterable<number>): Promise<void>;
  /**
   * Best first; equal scores by version, then chunk. Nothing for a query of zeros. Raises VECTOR_DIMENSIONS,
   * VECTOR_NUMBER.
   */
  search(query: Float32Array, options: VectorSearch): Promise<VectorHit[]>;
  /** Rows stored, live or not. */
  count(): Promise<number>;
  close(): Promise<void>;
}

/**
 * What a store in this process may offer beside: the cosine of every row at once, where a ranking weighs each document
 * by it. The rows are the chunks of one lexical index, under its numbers.
 */
export interface RowScores {
  readonly rows: number;
  /**
   * Writes cosines in row order, into[0 .. rows); a query of codes (quantise.ts) may have any length as a vector. Rows
   * without a vector have 0. Raises VECTOR_DIMENSIONS, VECTOR_NUMBER.
   */
  scores(query: Float32Array | Int8Array, into: Float32Array): void;
}
