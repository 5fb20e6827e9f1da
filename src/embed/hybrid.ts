/**
 * The strategy `hybrid`: two others at once (G04). A document's vector is both of theirs side by side, so that weights
 * are a matter of the query, and changing them embeds nothing anew. Opened by strategies.ts.
 */
import { MomoError } from "../errors.ts";
import type { Embedder } from "./embedder.ts";
import { dot, toUnit } from "./vector.ts";

export interface HybridOptions {
  first: Embedder;
  second: Embedder;
  /** Of the first and the second; only their ratio counts. Default 0.3 and 0.7. */
  weights?: readonly [number, number];
  /** Weighted sum of the similarities, or each a ranking of its own that the search joins by places. */
  fusion?: "weights" | "ranks";
}

/** The two weights with a sum of 1; raises EMBEDDING_WEIGHTS. */
export function normalWeights(weights: readonly [number, number]): [number, number] {
  const [first, second] = weights;
  const sum = first + second;
  if (!(first >= 0 && second >= 0 && sum > 0 && Number.isFinite(sum)))
    throw new MomoError("EMBEDDING_WEIGHTS", { weights: weights.join(" and ") });
  return [first / sum, second / sum];
}

/** Beside both vectors: what makes the length 1 where one of them is zeros, one number for documents, one for queries. */
const PADS = 2;

export function openHybrid({
  first,
  second,
  weights = [0.3, 0.7],
  fusion = "weights",
}: HybridOptions): Embedder {
  const [a, b] = normalWeights(weights);
  const dimensions = first.dimensions + second.dimensions + PADS;
  const join = (parts: readonly [Float32Array, Float32Array], kind: "document" | "query"): Float32Array => {
    const [x, y] = kind === "document" ? [Math.SQRT1_2, Math.SQRT1_2] : unitPair(a, b);
    const vector = new Float32Array(dimensions);
    vector.set(parts[0].map((value) => value * x));
    vector.set(
      parts[1].map((value) => value * y),
      first.dimensions,
    );
    const rest = 1 - dot(vector, vector);
    const isZero = rest > 1 - 1e-6;
    // The pads of a query and of a document lie apart: their product stays the weighted sum, nothing is made up.
    const pad = kind === "document" ? dimensions - 2 : dimensions - 1;
    if (!isZero && rest > 1e-6) vector[pad] = Math.sqrt(rest);
    return isZero ? vector.fill(0) : vector;
  };
  const hybrid: Embedder = {
    strategy: "hybrid",
    model: `hybrid(${first.model} + ${second.model})`,
    dimensions,
    async embed(texts, options) {
      const [one, other] = await Promise.all([first.embed(texts, options), second.embed(texts, options)]);
      return texts.map((_, i) => join([one[i]!, other[i]!], options.kind));
    },
    close: async () => {
      await Promise.all([first.close?.(), second.close?.()]);
    },
  };
  if (fusion === "weights") return hybrid;
  const part = (query: Float32Array, from: number, to: number): Float32Array =>
    toUnit(query.map((value, i) => (i >= from && i < to ? value : 0)));
  const middle = first.dimensions;
  return {
    ...hybrid,
    views: (query) =>
      [part(query, 0, middle), part(query, middle, dimensions - PADS)].filter((view) => view.some(Boolean)),
  };
}

/** A pair of that ratio and length 1. */
function unitPair(a: number, b: number): [number, number] {
  const length = Math.hypot(a, b);
  return [a / length, b / length];
}

/**
 * The weighted sum of both cosines from the product of a query's and a document's vector (1 at most): the product is
 * smaller by a factor that only depends on the weights.
 */
export function hybridSimilarity(product: number, weights: readonly [number, number]): number {
  const [a, b] = normalWeights(weights);
  return product * Math.SQRT2 * Math.hypot(a, b);
}
