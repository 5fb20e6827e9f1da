/** A table of vectors, one for a term: what static embeddings are made of. Made by embed/, used by store/vector. */

export interface TermVectors {
  /** Identity: vectors of different models are never compared. */
  readonly model: string;
  readonly dimensions: number;
  readonly rows: number;
  /** Term of each row, as the two halves of its hash (words.ts); sorted by `low`. */
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** Writes a row: into[0 .. dimensions). */
  read(row: number, into: Float32Array): void;
}

/** The row of a term, -1 when it has none. */
export function rowOf({ low, high, rows }: TermVectors, term: { low: number; high: number }): number {
  let [from, to] = [0, rows];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (low[middle] < term.low) from = middle + 1;
    else to = middle;
  }
  for (; from < rows && low[from] === term.low; from++) if (high[from] === term.high) return from;
  return -1;
}
