/** A table of vectors, one for a term: what static embeddings are made of. Made by embed/, used by store/vector. */

export interface TermVectors {
  /** Identity: vectors of different models are never compared. */
  readonly model: string;
  readonly dimensions: number;
  readonly rows: number;
  /** Term of each row, as the two halves of its hash (words.ts); sorted by `low`. */
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** rows x dimensions. */
  readonly values: Float32Array;
}
