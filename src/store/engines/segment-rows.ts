/**
 * What lexical segments know of the versions that are delivered: language and types of a file, and the vectors of its
 * chunks. Used by deliveries.ts and resync.ts, within the snapshot that the segments are read in.
 */
import type { SegmentRecord } from "../contract/derived.ts";
import type { StoreReader } from "../contract/reader.ts";
import type { RowFields } from "../contract/rows.ts";
import { Segment } from "../lexical/segment.ts";
import type { VectorBlock } from "../vector/block.ts";

/** Where a version's chunks lie in a segment. */
interface Place {
  segment: Segment;
  block: VectorBlock | undefined;
  document: number;
  from: number;
  to: number;
}

export interface ChunkVector {
  chunk: number;
  vector: Float32Array;
}

/**
 * Segments that were read, for many questions one after the other: a segment may be larger than all that is delivered at
 * once. What they say of a version never changes, but for vectors that are added later.
 */
export class OpenSegments {
  readonly #vids = new Map<number, Float64Array>();
  readonly #opened = new Map<number, { segment: Segment; block: VectorBlock | undefined }>();
  readonly #model: string | undefined;

  constructor(model?: string) {
    this.#model = model;
  }

  /** What they know of these versions; reads only segments that hold one of them. */
  rows(store: StoreReader, vids: ReadonlySet<number>): SegmentRows {
    const places = new Map<number, Place>();
    for (const record of store.segments(this.#vids)) {
      this.#vids.set(record.id, record.vids);
      if (!record.vids.some((vid) => vids.has(vid))) continue;
      const { segment, block } = this.#open(record);
      record.vids.forEach((vid, document) => {
        if (!vids.has(vid) || places.has(vid)) return;
        const from = segment.firstChunk[document]!;
        const to = segment.firstChunk[document + 1] ?? segment.chunks;
        places.set(vid, { segment, block, document, from, to });
      });
    }
    return new SegmentRows(places);
  }

  #open(record: SegmentRecord): { segment: Segment; block: VectorBlock | undefined } {
    const known = this.#opened.get(record.id);
    if (known) return known;
    const segment = new Segment(record);
    const block = this.#model === undefined ? undefined : segment.vectors(this.#model);
    this.#opened.set(record.id, { segment, block });
    return { segment, block };
  }
}

export class SegmentRows {
  readonly #places: ReadonlyMap<number, Place>;

  constructor(places: ReadonlyMap<number, Place>) {
    this.#places = places;
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
    const block = place?.block;
    if (!place || !block) return [];
    const chunks: number[] = [];
    for (let chunk = place.from; chunk < place.to; chunk++)
      if (block.scales[chunk] !== 0) chunks.push(chunk - place.from);
    return chunks;
  }

  /** Unit vectors of those, as exactly as they are stored. */
  vectors(vid: number): ChunkVector[] {
    const place = this.#places.get(vid);
    const block = place?.block;
    if (!place || !block) return [];
    return this.embedded(vid).map((chunk) => ({ chunk, vector: vectorOf(block, place.from + chunk) }));
  }
}

function vectorOf({ codes, scales, exact, dimensions }: VectorBlock, row: number): Float32Array {
  const from = row * dimensions;
  if (exact) return exact.slice(from, from + dimensions);
  return Float32Array.from(codes.subarray(from, from + dimensions), (code) => code * scales[row]!);
}
