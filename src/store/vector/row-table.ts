/** Whose the rows of a CodeMatrix are, and which of them may be hits. Used by embedded.ts. */
import type { LiveVersions, RowKey } from "./vector-store.ts";

/** What a row is: nobody's, a vector of zeros, or one that can be found. */
export const RowState = { none: 0, zeros: 1, vector: 2 } as const;
export type RowState = (typeof RowState)[keyof typeof RowState];

export class RowTable {
  readonly versions: number[] = [];
  readonly chunks: number[] = [];
  readonly #states: RowState[] = [];
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

  has(version: number): boolean {
    return this.#known.has(version);
  }

  /** Adds rows for the chunks of a version. */
  append(version: number, states: readonly RowState[]): void {
    const first = this.versions.length;
    states.forEach((state, chunk) => {
      this.versions.push(version);
      this.chunks.push(chunk);
      this.#states.push(state);
      if (state === RowState.none) return;
      this.#count++;
      this.#known.add(version);
    });
    if (this.#rowsOf) this.#enter(this.#rowsOf, first);
    this.#hittable = undefined;
  }

  /** The row that the key has, or else a free one, or else one more than there were. */
  put({ version, chunk }: RowKey, state: RowState): number {
    const rows = this.#rows().get(version) ?? [];
    let row = rows.find((one) => this.chunks[one] === chunk);
    if (row === undefined) {
      row = this.#free.pop() ?? this.versions.length;
      this.versions[row] = version;
      this.chunks[row] = chunk;
      this.#added.add(row);
      this.#known.add(version);
      this.#rows().set(version, rows);
      rows.push(row);
      this.#count++;
    }
    this.#states[row] = state;
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
    const rows = new Uint8Array(this.versions.length);
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
    for (let row = first; row < this.versions.length; row++) {
      if (this.#states[row] === RowState.none) continue;
      const rows = rowsOf.get(this.versions[row]);
      if (rows) rows.push(row);
      else rowsOf.set(this.versions[row], [row]);
    }
  }
}
