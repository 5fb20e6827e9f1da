/**
 * The seam of vector search: rows of vectors keyed by version and chunk, and the nearest ones to a query. Every
 * implementation passes contract.fixture.ts. Opened by momo.ts, used by retrieve.
 */
import type { VectorModel } from "./quantise.ts";

/** Which row: a chunk, numbered from 0 within its version. */
export interface RowKey {
  version: number;
  chunk: number;
}

export interface VectorRow extends RowKey {
  /** As many numbers as the store's dimensions, of any length: only its direction counts. Zeros are never a hit. */
  vector: Float32Array;
}

export interface VectorHit extends RowKey {
  /** Cosine of the row and the query, -1 to 1. */
  score: number;
}

export interface VectorSearch {
  limit: number;
  /** Rows that may be hits; decided before the best are chosen, so that `limit` of them are found. */
  filter?: (row: RowKey) => boolean;
  /** Rows of other versions are no hits. Without it all rows are. */
  live?: LiveVersions;
}

export interface VectorStore extends VectorModel {
  readonly capabilities: {
    /** Looks at every row: nothing but the rounding of stored vectors can hide a near one. */
    exact: boolean;
  };
  /** Replaces what has the same version and chunk. All or none: VECTOR_DIMENSIONS, VECTOR_NUMBER. */
  upsert(rows: Iterable<VectorRow>): Promise<void>;
  /** Forgets versions for good: those that were collected. What was only taken back is left out by `live`. */
  remove(versions: Iterable<number>): Promise<void>;
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
 * The versions that count in one state of the knowledge. Never changes, so that a store may keep what it works out
 * from one: make it once a state and pass the same to every search.
 */
export class LiveVersions {
  readonly #versions: ReadonlySet<number>;

  constructor(versions: Iterable<number>) {
    this.#versions = new Set(versions);
  }

  has(version: number): boolean {
    return this.#versions.has(version);
  }
}
