/**
 * Rows of codes in the memory of a kernel, and their scores. The memory is laid out in extents of as many rows, so that
 * it grows without moving anything: [queries, scratch rows][extent 0: codes, scales, scores][extent 1: ...]...
 * Used by embedded.ts.
 */
import { type CodeOperands, createKernel, type Kernel } from "./kernel.ts";

/** Rows of an extent; also how many scores lie side by side. */
export const EXTENT = 4096;
const PAGE = 65_536;
/** Float32 rows that are scored at a time. */
const SCRATCH = 64;
/** The kernel reads 16 bytes at a time. */
const LANES = 16;

export class CodeMatrix {
  /** So many are in use; numbered from 0 in the order they were added. */
  rows = 0;
  readonly #dimensions: number;
  /** Bytes of a row of codes. */
  readonly #stride: number;
  readonly #kernel: Kernel = createKernel();
  #end: number;
  /** Views of each extent; made anew when the memory grew. */
  #extents: Extent[] = [];

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#stride = Math.ceil(dimensions / LANES) * LANES;
    this.#end = this.#scratchOut + SCRATCH * 4;
    this.#grow();
  }

  /** Bytes of the kernel's memory. */
  get bytes(): number {
    return this.#kernel.memory.buffer.byteLength;
  }

  /** Copies rows in: `codes` holds as many times the dimensions as there are scales. Returns the first one's number. */
  append(codes: Int8Array, scales: Float32Array): number {
    const first = this.reserve(scales.length);
    const dimensions = this.#dimensions;
    for (let done = 0; done < scales.length; ) {
      const { codes: target, scales: targetScales } = this.#extents[Math.floor((first + done) / EXTENT)];
      const row = (first + done) % EXTENT;
      const count = Math.min(EXTENT - row, scales.length - done);
      targetScales.set(scales.subarray(done, done + count), row);
      if (dimensions === this.#stride) {
        target.set(codes.subarray(done * dimensions, (done + count) * dimensions), row * dimensions);
      } else {
        for (let i = 0; i < count; i++) {
          const from = (done + i) * dimensions;
          target.set(codes.subarray(from, from + dimensions), (row + i) * this.#stride);
        }
      }
      done += count;
    }
    return first;
  }

  /** Rows of zeros with scale 0. Returns the first one's number. */
  reserve(count: number): number {
    const first = this.rows;
    this.rows += count;
    const extentBytes = EXTENT * (this.#stride + 8);
    const missing = Math.ceil(this.rows / EXTENT) - this.#extents.length;
    if (missing > 0) {
      this.#end += missing * extentBytes;
      this.#grow();
    }
    return first;
  }

  write(row: number, codes: Int8Array, scale: number): void {
    const extent = this.#extents[Math.floor(row / EXTENT)];
    extent.codes.set(codes, (row % EXTENT) * this.#stride);
    extent.scales[row % EXTENT] = scale;
  }

  scale(row: number): number {
    return this.#extents[Math.floor(row / EXTENT)].scales[row % EXTENT];
  }

  /** The row as a unit vector, as its codes say. */
  decode(row: number, into: Float32Array): void {
    const { codes, scales } = this.#extents[Math.floor(row / EXTENT)];
    const from = (row % EXTENT) * this.#stride;
    const scale = scales[row % EXTENT];
    for (let k = 0; k < this.#dimensions; k++) into[k] = codes[from + k] * scale;
  }

  /** Scores of all rows in one extent after another: dot(codes, query) * scale of the row * `scale`. */
  scan(query: Int8Array, scale: number): void {
    new Int16Array(this.#kernel.memory.buffer, 0, query.length).set(query);
    for (let i = 0, left = this.rows; left > 0; i++, left -= EXTENT) {
      const { at } = this.#extents[i];
      this.#kernel.dotI8(Math.min(left, EXTENT), at, scale);
    }
  }

  /** Of the last scan, for the rows from `extent * EXTENT`; a view that lives until rows are added. */
  scores(extent: number): Float32Array {
    return this.#extents[extent].scores.subarray(0, Math.min(EXTENT, this.rows - extent * EXTENT));
  }

  /** Of the last scan, for all rows: into[0 .. rows). */
  copyScores(into: Float32Array): void {
    for (let extent = 0; extent < this.extents; extent++) into.set(this.scores(extent), extent * EXTENT);
  }

  get extents(): number {
    return Math.ceil(this.rows / EXTENT);
  }

  /** Float32 dot products of the query with `count` rows, each of which `row` writes when it is asked to. */
  dot(query: Float32Array, count: number, row: (i: number, into: Float32Array) => void): Float32Array {
    const { buffer } = this.#kernel.memory;
    const bytes = this.#stride * 4;
    const at = { query: this.#queryF32, values: this.#scratch, stride: bytes, out: this.#scratchOut };
    new Float32Array(buffer, at.query, query.length).set(query);
    const scores = new Float32Array(count);
    for (let done = 0; done < count; done += SCRATCH) {
      const some = Math.min(SCRATCH, count - done);
      for (let i = 0; i < some; i++) {
        row(done + i, new Float32Array(buffer, at.values + i * bytes, this.#dimensions));
      }
      this.#kernel.dotF32(some, at);
      scores.set(new Float32Array(buffer, at.out, some), done);
    }
    return scores;
  }

  get #queryF32(): number {
    return this.#stride * 2;
  }

  get #scratch(): number {
    return this.#stride * 6;
  }

  get #scratchOut(): number {
    return this.#scratch + SCRATCH * this.#stride * 4;
  }

  #grow(): void {
    const { memory } = this.#kernel;
    const missing = Math.ceil((this.#end - memory.buffer.byteLength) / PAGE);
    if (missing > 0) memory.grow(missing);
    const first = this.#scratchOut + SCRATCH * 4;
    const extentBytes = EXTENT * (this.#stride + 8);
    const count = (this.#end - first) / extentBytes;
    this.#extents = Array.from({ length: count }, (_, i) =>
      extentAt(memory.buffer, first + i * extentBytes, this.#stride),
    );
  }
}

interface Extent {
  at: CodeOperands;
  codes: Int8Array;
  scales: Float32Array;
  scores: Float32Array;
}

function extentAt(buffer: ArrayBuffer, start: number, stride: number): Extent {
  const scales = start + EXTENT * stride;
  const out = scales + EXTENT * 4;
  return {
    at: { query: 0, values: start, stride, scales, out },
    codes: new Int8Array(buffer, start, EXTENT * stride),
    scales: new Float32Array(buffer, scales, EXTENT),
    scores: new Float32Array(buffer, out, EXTENT),
  };
}
