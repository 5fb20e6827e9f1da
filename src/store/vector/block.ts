/**
 * The stored form of vectors: one block of bytes for the chunks of one lexical segment, in the segment's chunk order.
 * Kept as a section of the segment, named by `vectorSection`; so vectors are keyed by version as postings are, and an
 * undo touches neither. Written where chunks are embedded and by lexical/merge.ts; read into embedded.ts.
 *
 *     tx.addSegment({ ...sections, [vectorSection(model)]: encodeBlock({ model, dimensions }, rows) }, vids);
 *     const block = segment.vectors(model);
 *     if (block) vectors.append(block, segment);
 *     else vectors.reserve(segment.chunks);
 */
import type { VectorModel } from "../contract/vectors.ts";
import { Packed, pack } from "../lexical/pack.ts";
import { checkDimensions, normalise, quantise } from "./quantise.ts";

export interface VectorBlock extends VectorModel {
  /** Rows: as many as the segment has chunks. */
  readonly chunks: number;
  /** chunks x dimensions, from -127 to 127. */
  readonly codes: Int8Array;
  /** Per chunk what makes its codes a unit vector; 0 for a chunk without a vector. */
  readonly scales: Float32Array;
  /** chunks x dimensions, unit vectors before they were rounded; absent where codes are good enough. */
  readonly exact?: Float32Array;
}

const PREFIX = "vectors:";

/** Name of the section that holds a model's vectors. */
export const vectorSection = (model: string): string => PREFIX + model;

/** Models that have a section among these. */
export const modelsOf = (sections: readonly string[]): string[] =>
  sections.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length));

/**
 * One vector for each chunk of the segment, of any length; zeros for a chunk that has none. With `exact`, the float32
 * vectors are kept too, at four times the size: for rescoring. Raises VECTOR_DIMENSIONS and VECTOR_NUMBER.
 */
export function encodeBlock(
  { model, dimensions, exact: keepsExact = false }: VectorModel & { exact?: boolean },
  vectors: readonly Float32Array[],
): Uint8Array {
  const codes = new Int8Array(vectors.length * dimensions);
  const exact = new Float32Array(keepsExact ? codes.length : 0);
  const scales = Float32Array.from(vectors, (vector, chunk) => {
    checkDimensions(vector.length, { model, dimensions });
    const from = chunk * dimensions;
    if (keepsExact) normalise(vector, exact.subarray(from, from + dimensions));
    return quantise(vector, codes.subarray(from, from + dimensions));
  });
  return packBlock({ model, dimensions, chunks: scales.length, codes, scales, ...(keepsExact && { exact }) });
}

function packBlock({ model, dimensions, codes, scales, exact }: VectorBlock): Uint8Array {
  return pack({
    model: [model],
    dimensions: Uint32Array.of(dimensions),
    codes,
    scales,
    exact: exact ?? new Float32Array(0),
  });
}

/** Views into `bytes`, nothing is copied. */
export function openBlock(bytes: Uint8Array): VectorBlock {
  const packed = new Packed(bytes);
  const exact = packed.column("exact", "Float32Array");
  const scales = packed.column("scales", "Float32Array");
  return {
    model: packed.strings("model")[0],
    dimensions: packed.column("dimensions", "Uint32Array")[0],
    chunks: scales.length,
    codes: packed.column("codes", "Int8Array"),
    scales,
    ...(exact.length > 0 && { exact }),
  };
}

export interface MergedPart {
  /** undefined for a segment that was not embedded with this model. */
  block: VectorBlock | undefined;
  /** Number in the merged segment of each chunk, or -1 for one that is left out. */
  chunkMap: Int32Array;
}

/**
 * The block of a segment that was merged from others and has `chunks` chunks; the chunks of a part without a block have
 * no vector in it, until they are embedded (coverage.ts). undefined when no part has a block, or when one does not cover
 * its segment or does not fit (another model, other dimensions, exact rows in some only): then what was merged is
 * embedded again. A part of which no chunk is kept does not matter.
 */
export function mergeBlocks(parts: readonly MergedPart[], chunks: number): Uint8Array | undefined {
  const kept = parts.filter(({ chunkMap }) => chunkMap.some((target) => target >= 0));
  const like = kept.find(({ block }) => block)?.block;
  if (!like) return undefined;
  const { model, dimensions } = like;
  const codes = new Int8Array(chunks * dimensions);
  const scales = new Float32Array(chunks);
  const exact = like.exact && new Float32Array(codes.length);
  for (const { block, chunkMap } of kept) {
    if (!block) continue;
    if (!isAlike(block, like) || block.chunks !== chunkMap.length) return undefined;
    chunkMap.forEach((target, chunk) => {
      if (target < 0) return;
      const from = chunk * dimensions;
      codes.set(block.codes.subarray(from, from + dimensions), target * dimensions);
      exact?.set(block.exact!.subarray(from, from + dimensions), target * dimensions);
      scales[target] = block.scales[chunk];
    });
  }
  return packBlock({ model, dimensions, chunks, codes, scales, ...(exact && { exact }) });
}

const isAlike = (a: VectorBlock, b: VectorBlock): boolean =>
  a.model === b.model && a.dimensions === b.dimensions && (a.exact === undefined) === (b.exact === undefined);
