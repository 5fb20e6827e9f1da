/** Whose the rows of a CodeMatrix are, and which of them may be hits. Used by embedded.ts. */
import type { RowFields, RowKey } from "../contract/rows.ts";
import type { LiveVersions } from "../contract/vectors.ts";

/** What a row is: nobody's, a vector of zeros, or one that can be found. */
const RowState = { none: 0, zeros: 1, vector: 2 } as const;
const stateOf = (scale: number): number => (scale === 0 ? RowState.zeros : RowState.vector);

function grown<T extends Float64Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Documents of a lexical segment, as its reader shows them. */
export interface Documents {
  /** Version of each document. */
  vids: Float64Array;
  /** First chunk of each document. */
  firstChunk: Uint32Array;
  chunks: number;
  /** What a filter may ask of a chunk, numbered within the segment. */
  fields(document: number, chunk: number): RowFields;
}

export class RowTable {
  /** Of each row, as far as `length`. */
  versions = new Float64Array(64);
  chunks = new Uint32Array(64);
  #states = new Uint8Array(64);
  length = 0;
  /** Versions that have rows. */
  readonly #known = new Set<number>();
  /** Rows by version; made when a row is first looked up, which reading stored blocks never needs. */
  #rowsOf: Map<number, number[]> | undefined;
  /** Rows that `put` added: once removed, they are free for another key. */
  readonly #added = new Set<number>();
  readonly #free: number[] = [];
  #hittable: { live: LiveVersions | undefined; rows: Uint8Array } | undefined;
  #count = 0;

  /** Rows that are somebody's. */
  get count(): number {
    return this.#count;
  }

  /** Adds a row for each chunk, with the state that its scale tells; nobody's where the version has rows already. */
  append({ vids, firstChunk, chunks }: Documents, scales: Float32Array): void {
    const first = this.#grow(chunks);
    for (let document = 0; document < vids.length; document++) {
      const version = vids[document];
      const isKnown = this.#known.has(version);
      const start = firstChunk[document];
      const end = document + 1 < vids.length ? firstChunk[document + 1] : chunks;
      for (let chunk = start; chunk < end; chunk++) {
        this.versions[first + chunk] = version;
        this.chunks[first + chunk] = chunk - start;
        this.#states[first + chunk] = isKnown ? RowState.none : stateOf(scales[chunk]);
      }
      if (isKnown || start === end) continue;
      this.#known.add(version);
      this.#count += end - start;
    }
    if (this.#rowsOf) this.#enter(this.#rowsOf, first);
    this.#hittable = undefined;
  }

  /** Adds rows that are nobody's. */
  reserve(count: number): void {
    this.#grow(count);
    this.#hittable = undefined;
  }

  /** Room for more rows, of states that are none; returns the first one. */
  #grow(count: number): number {
    const first = this.length;
    this.length += count;
    if (this.length > this.versions.length) {
      const capacity = Math.max(this.length, this.versions.length * 2);
      this.versions = grown(this.versions, new Float64Array(capacity));
      this.chunks = grown(this.chunks, new Uint32Array(capacity));
      this.#states = grown(this.#states, new Uint8Array(capacity));
    }
    return first;
  }

  /** The row that the key has, or else a free one, or else one more than there were. */
  put({ vid: version, chunk }: RowKey, scale: number): number {
    const rows = this.#rows().get(version) ?? [];
    let row = rows.find((one) => this.chunks[one] === chunk);
    if (row === undefined) {
      row = this.#free.pop() ?? this.#grow(1);
      this.versions[row] = version;
      this.chunks[row] = chunk;
      this.#added.add(row);
      this.#known.add(version);
      this.#rows().set(version, rows);
      rows.push(row);
      this.#count++;
    }
    this.#states[row] = stateOf(scale);
    this.#hittable = undefined;
    return row;
  }

  /** The rows that the version had. */
  remove(version: number): readonly number[] {
    if (!this.#known.delete(version)) return [];
    const rows = this.#rows().get(version) ?? [];
    this.#rows().delete(version);
    for (const row of rows) {
      this.#states[row] = RowState.none;
      if (this.#added.has(row)) this.#free.push(row);
    }
    this.#count -= rows.length;
    this.#hittable = undefined;
    return rows;
  }

  /** 1 for each row that may be a hit; kept until there are other rows or other live versions. */
  hittable(live: LiveVersions | undefined): Uint8Array {
    if (this.#hittable?.live === live && this.#hittable) return this.#hittable.rows;
    const rows = new Uint8Array(this.length);
    let version = Number.NaN;
    let isLive = false;
    for (let row = 0; row < rows.length; row++) {
      if (this.versions[row] !== version) {
        version = this.versions[row];
        isLive = live === undefined || live.has(version);
      }
      if (isLive && this.#states[row] === RowState.vector) rows[row] = 1;
    }
    this.#hittable = { live, rows };
    return rows;
  }

  #rows(): Map<number, number[]> {
    if (!this.#rowsOf) {
      this.#rowsOf = new Map();
      this.#enter(this.#rowsOf, 0);
    }
    return this.#rowsOf;
  }

  #enter(rowsOf: Map<number, number[]>, first: number): void {
    for (let row = first; row < this.length; row++) {
      if (this.#states[row] === RowState.none) continue;
      const rows = rowsOf.get(this.versions[row]);
      if (rows) rows.push(row);
      else rowsOf.set(this.versions[row], [row]);
    }
  }
}
