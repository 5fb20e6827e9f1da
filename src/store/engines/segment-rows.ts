/**
 * What lexical segments know of the versions that are delivered: language and types of a file, and the vectors of its
 * chunks. Used by deliveries.ts and resync.ts, within the snapshot that the segments are read in.
 */
import type { StoreReader } from "../contract/reader.ts";
import type { RowFields } from "../contract/rows.ts";
import { Segment } from "../lexical/segment.ts";
import type { VectorBlock } from "../vector/block.ts";

/** Where a version's chunks lie in a segment. */
export interface Place {
  segment: Segment;
  document: number;
  from: number;
  to: number;
}

export interface ChunkVector {
  chunk: number;
  vector: Float32Array;
}

export class SegmentRows {
  readonly #places = new Map<number, Place>();
  readonly #blocks = new Map<number, VectorBlock | undefined>();
  readonly #model: string | undefined;

  /** Of these versions; opens only segments that hold one of them. */
  constructor(store: StoreReader, vids: ReadonlySet<number>, model?: string) {
    this.#model = model;
    for (const record of store.segments()) {
      if (!record.vids.some((vid) => vids.has(vid))) continue;
      const segment = new Segment(record);
      record.vids.forEach((vid, document) => {
        if (!vids.has(vid) || this.#places.has(vid)) return;
        const from = segment.firstChunk[document]!;
        const to = segment.firstChunk[document + 1] ?? segment.chunks;
        this.#places.set(vid, { segment, document, from, to });
      });
    }
  }

  /** undefined for a version whose words no segment holds. */
  fields(vid: number): RowFields | undefined {
    const place = this.#places.get(vid);
    if (!place) return undefined;
    const { segment, document, from, to } = place;
    const types = new Set<string>();
    for (let chunk = from; chunk < to; chunk++)
      for (const type of segment.fields(document, chunk).types ?? []) types.add(type);
    return { ...segment.fields(document, from), types: [...types] };
  }

  fieldsOfChunk(vid: number, chunk: number): RowFields {
    const { segment, document, from } = this.#places.get(vid)!;
    return segment.fields(document, from + chunk);
  }

  /** Chunks that have a vector, numbered within the version. */
  embedded(vid: number): number[] {
    const place = this.#places.get(vid);
    const block = place && this.#block(place.segment);
    if (!place || !block) return [];
    const chunks: number[] = [];
    for (let chunk = place.from; chunk < place.to; chunk++)
      if (block.scales[chunk] !== 0) chunks.push(chunk - place.from);
    return chunks;
  }

  /** Unit vectors of those, as exactly as they are stored. */
  vectors(vid: number): ChunkVector[] {
    const place = this.#places.get(vid);
    const block = place && this.#block(place.segment);
    if (!place || !block) return [];
    return this.embedded(vid).map((chunk) => ({ chunk, vector: vectorOf(block, place.from + chunk) }));
  }

  #block(segment: Segment): VectorBlock | undefined {
    if (this.#model === undefined) return undefined;
    if (!this.#blocks.has(segment.id)) this.#blocks.set(segment.id, segment.vectors(this.#model));
    return this.#blocks.get(segment.id);
  }
}

function vectorOf({ codes, scales, exact, dimensions }: VectorBlock, row: number): Float32Array {
  const from = row * dimensions;
  if (exact) return exact.slice(from, from + dimensions);
  return Float32Array.from(codes.subarray(from, from + dimensions), (code) => code * scales[row]!);
}
