/**
 * A vector as whole numbers from -127 to 127: what is stored of it and what kernel.ts scans. Used by block.ts for rows
 * and by embedded.ts for queries.
 */
import { MomoError } from "../../errors.ts";
import type { VectorModel } from "../contract/vectors.ts";

/** The largest code: the range is symmetric, -128 is left out. */
const LARGEST = 127;

/**
 * Writes code k = round(x[k] * 127 / max |x|) and returns 1 / |codes|, the scale that makes the decoded row a unit
 * vector: so dot(codes, codes') * scale * scale' is the cosine of two decoded rows, whatever the length of the vectors.
 * 0 for a vector of nothing but zeros. Symmetric quantisation with one scale a row; its error is at most
 * max |x| / 254 in each component. Raises VECTOR_NUMBER for NaN and infinity.
 */
export function quantise(vector: Float32Array, codes: Int8Array): number {
  let largest = 0;
  for (let k = 0; k < vector.length; k++) {
    const size = Math.abs(vector[k]);
    if (size > largest) largest = size;
    // NaN compares as false everywhere, so it would not show in the largest.
    else if (!(size <= largest)) throw notANumber(vector);
  }
  if (largest === Number.POSITIVE_INFINITY) throw notANumber(vector);
  if (largest === 0) {
    codes.fill(0);
    return 0;
  }
  const factor = LARGEST / largest;
  for (let k = 0; k < vector.length; k++) codes[k] = Math.round(vector[k] * factor);
  return unitScale(codes);
}

/** 1 / |codes|, rounded to float32; 0 when they are all zero. */
export function unitScale(codes: Int8Array): number {
  let squares = 0;
  for (let k = 0; k < codes.length; k++) squares += codes[k] * codes[k];
  return squares === 0 ? 0 : Math.fround(1 / Math.sqrt(squares));
}

/** Writes the vector at length 1; zeros stay zeros. */
export function normalise(vector: Float32Array, into: Float32Array): void {
  let squares = 0;
  for (let k = 0; k < vector.length; k++) squares += vector[k] * vector[k];
  const factor = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  for (let k = 0; k < vector.length; k++) into[k] = vector[k] * factor;
}

function notANumber(vector: Float32Array): MomoError {
  const index = vector.findIndex((value) => !Number.isFinite(value));
  return new MomoError("VECTOR_NUMBER", { index, value: String(vector[index]) });
}

/** Raises VECTOR_DIMENSIONS. */
export function checkDimensions(found: number, { model, dimensions }: VectorModel): void {
  if (found !== dimensions) throw new MomoError("VECTOR_DIMENSIONS", { model, dimensions, found });
}
