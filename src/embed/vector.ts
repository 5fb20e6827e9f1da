/** Arithmetic of vectors. Used by the strategies, and to compare a few vectors without a store. */

/** The vector with length 1, in place; one without length, or with a length that is no number, becomes zeros. */
export function toUnit(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const scale = 1 / Math.sqrt(sum);
  if (!Number.isFinite(scale)) return vector.fill(0);
  for (let i = 0; i < vector.length; i++) vector[i]! *= scale;
  return vector;
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Cosine of a query with each document, all of unit length; 0 for zeros (G01, G02). */
export const similarities = (query: Float32Array, documents: readonly Float32Array[]): number[] =>
  documents.map((document) => dot(query, document));
