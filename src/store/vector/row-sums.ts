/** Rows of float32 sums in the memory of a kernel, to which scaled rows are added. Used by segment-vectors.ts. */
import { createKernel, type Kernel } from "./kernel.ts";

const PAGE = 65_536;
/** Pairs of a target and a weight that are added at once. */
const ENTRIES = 8192;

export class RowSums {
  /** What `add` adds: set it before. */
  readonly row: Float32Array;
  readonly #kernel: Kernel = createKernel();
  readonly #stride: number;
  readonly #entries: number;
  readonly #sums: number;
  readonly #targets: Uint32Array;
  readonly #weights: Float32Array;
  #count = 0;

  constructor(rows: number, dimensions: number) {
    this.#stride = Math.ceil(dimensions / 4) * 16;
    this.#entries = this.#stride;
    this.#sums = this.#entries + ENTRIES * 8;
    const { memory } = this.#kernel;
    memory.grow(Math.ceil((this.#sums + rows * this.#stride) / PAGE));
    this.row = new Float32Array(memory.buffer, 0, dimensions);
    this.#targets = new Uint32Array(memory.buffer, this.#entries, ENTRIES * 2);
    this.#weights = new Float32Array(memory.buffer, this.#entries, ENTRIES * 2);
  }

  /** Adds weight * row to a target, at the next `flush` at the latest. */
  add(target: number, weight: number): void {
    this.#targets[this.#count * 2] = target;
    this.#weights[this.#count * 2 + 1] = weight;
    this.#count++;
    if (this.#count === ENTRIES) this.flush();
  }

  /** To be called before `row` changes. */
  flush(): void {
    this.#kernel.addF32(this.#count, {
      row: 0,
      entries: this.#entries,
      stride: this.#stride,
      sums: this.#sums,
    });
    this.#count = 0;
  }

  /** Adds the sums of a row to those from `from` up to `to`. */
  addRow(row: number, [from, to]: readonly [from: number, to: number]): void {
    this.row.set(this.at(row));
    for (let target = from; target < to; target++) this.add(target, 1);
    this.flush();
  }

  /** The sums of a row: a view. */
  at(row: number): Float32Array {
    const { buffer } = this.#kernel.memory;
    return new Float32Array(buffer, this.#sums + row * this.#stride, this.row.length);
  }
}
