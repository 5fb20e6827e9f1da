/**
 * The seam of embeddings: what every strategy gives to those who embed (ingest) and compare (retrieve). A strategy is a
 * file with a function that opens it; strategies.ts is their table. The contract that each of them passes is
 * embedder.fixture.ts.
 */

export interface EmbedOptions {
  /** Some models embed what is looked for differently from what is found. */
  kind: "document" | "query";
  signal?: AbortSignal | undefined;
}

export interface Embedder {
  readonly strategy: string;
  /**
   * Strategy, name and version of the model, or the hash of what it was fitted on. Vectors are stored under it and
   * never compared with those of another.
   */
  readonly model: string;
  /** Numbers in a vector; the same for every text. */
  readonly dimensions: number;
  /**
   * A vector of length 1 for each text, in their order; all zeros where nothing of a text is known, never NaN. The
   * product of two is their cosine. Rejects with a MomoError that says what to do, or with the signal's reason.
   */
  embed(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]>;
  /**
   * The rankings that a query asks for, as vectors of the same dimensions; the query's own vector where this is absent.
   * A hybrid that joins ranks and not similarities asks for two.
   */
  views?(query: Float32Array): Float32Array[];
  /** Frees what the model holds; it is not used afterwards. */
  close?(): Promise<void>;
}

/** What a strategy is given to read of a piece of code: what it belongs to, then the code (G05). */
export const withContext = (context: string, text: string): string => `${context}\n${text}`;
