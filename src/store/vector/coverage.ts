/**
 * Which chunks have been embedded. A chunk without a vector has the scale 0; one that was embedded and of which the
 * model knew nothing is told apart by a negative zero, so that it is not embedded again and again. Used by ingest.
 */
import type { VectorModel } from "../contract/vectors.ts";
import type { Segment } from "../lexical/segment.ts";
import { encodeBlock, mergeBlocks, openBlock, type VectorBlock } from "./block.ts";

export const isEmbedded = ({ scales }: VectorBlock, chunk: number): boolean => !Object.is(scales[chunk], 0);

/** The block of a segment with these chunks added or replaced. */
export function withVectors(
  { segment, block }: { segment: Segment; block: VectorBlock | undefined },
  model: VectorModel,
  vectors: ReadonlyMap<number, Float32Array>,
): Uint8Array {
  const added = openBlock(encodeBlock(model, [...vectors.values()]));
  added.scales.forEach((scale, row) => {
    if (scale === 0) added.scales[row] = -0;
  });
  const kept = block && {
    block,
    chunkMap: Int32Array.from({ length: segment.chunks }, (_, chunk) => (vectors.has(chunk) ? -1 : chunk)),
  };
  const parts = [{ block: added, chunkMap: Int32Array.from(vectors.keys()) }, ...(kept ? [kept] : [])];
  const bytes = mergeBlocks(parts, segment.chunks);
  if (!bytes)
    throw new Error(`the stored vectors of segment ${segment.id} do not fit those of ${model.model}`);
  return bytes;
}
