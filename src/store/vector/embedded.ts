/**
 * The vector store that Momo brings: every row is scored from its 8-bit codes by kernel.ts, and the best are scored
 * again in float32. Lives in memory; what is stored are the blocks it is made from (block.ts). Used by retrieve.
 *
 * Rows are numbered from 0 in the order they come, and a block's rows lie together in chunk order. So a store that got
 * every segment of a LexicalIndex in its order, by `append` or `reserve`, has the index's global chunk numbers as rows.
 */
import { MomoError } from "../../errors.ts";
import type { RowFields, RowKey, VectorRow } from "../contract/rows.ts";
import type {
  RowScores,
  VectorCapabilities,
  VectorHit,
  VectorModel,
  VectorSearch,
  VectorStore,
} from "../contract/vectors.ts";
import { type Matcher, matcherOf, rowFilterFields } from "../engines/row-filter.ts";
import { BestRows } from "./best-rows.ts";
import type { VectorBlock } from "./block.ts";
import { CodeMatrix, EXTENT } from "./matrix.ts";
import { checkDimensions, normalise, quantise, unitScale } from "./quantise.ts";
import { type Documents, RowTable } from "./row-table.ts";

/** So many of the best by codes are scored again, for each hit asked for: codes alone misplace 1 to 2 of 100. */
const RESCORED = 4;
const MIN_RESCORED = 40;

const capabilities: VectorCapabilities = {
  exact: true,
  filters: rowFilterFields,
  live: true,
  maxDimensions: Number.POSITIVE_INFINITY,
  maxHits: Number.POSITIVE_INFINITY,
};

export class EmbeddedVectorStore implements VectorStore, RowScores {
  readonly capabilities = capabilities;
  readonly model: string;
  readonly dimensions: number;
  #matrix: CodeMatrix;
  #table = new RowTable();
  /** Blocks, and the row that each begins at. */
  #blocks: Block[] = [];
  readonly #upserted = new Map<number, Upserted>();

  constructor({ model, dimensions }: VectorModel) {
    this.model = model;
    this.dimensions = dimensions;
    this.#matrix = new CodeMatrix(dimensions);
  }

  /** Rows that `scores` fills: live, dead and free ones. */
  get rows(): number {
    return this.#matrix.rows;
  }

  /** Bytes of codes and what belongs to them. */
  get bytes(): number {
    return this.#matrix.bytes;
  }

  /**
   * Adds the block of a segment; the codes are copied, exact rows stay where they are. Returns its first row. A version
   * that has rows already keeps those; its rows in this block are dead. Raises VECTOR_MODEL, VECTOR_DIMENSIONS.
   */
  append(block: VectorBlock, documents: Documents): number {
    if (block.model !== this.model)
      throw new MomoError("VECTOR_MODEL", { model: this.model, found: block.model });
    checkDimensions(block.dimensions, this);
    const { chunks } = documents;
    if (block.chunks !== chunks) throw new RangeError(`${block.chunks} vectors for ${chunks} chunks`);
    const first = this.#matrix.append(block.codes, block.scales);
    this.#blocks.push({ first, chunks, exact: block.exact, documents });
    this.#table.append(documents, block.scales);
    return first;
  }

  /**
   * Adds so many rows that are nobody's and score 0, for a segment without a block: the rows after it go on matching
   * chunk numbers. Returns the first one.
   */
  reserve(chunks: number): number {
    this.#table.reserve(chunks);
    return this.#matrix.reserve(chunks);
  }

  async upsert(rows: Iterable<VectorRow>): Promise<void> {
    const encoded = Array.from(rows, ({ vector, ...row }) => {
      checkDimensions(vector.length, this);
      const codes = new Int8Array(this.dimensions);
      const scale = quantise(vector, codes);
      const exact = new Float32Array(this.dimensions);
      normalise(vector, exact);
      return { row, codes, scale, exact };
    });
    for (const { row: fields, codes, scale, exact } of encoded) {
      const row = this.#table.put(fields, scale);
      if (row === this.#matrix.rows) this.#matrix.reserve(1);
      this.#matrix.write(row, codes, scale);
      this.#upserted.set(row, { exact, fields });
    }
  }

  async remove(versions: Iterable<number>): Promise<void> {
    for (const version of versions) {
      for (const row of this.#table.remove(version)) this.#upserted.delete(row);
    }
  }

  async search(query: Float32Array, { limit, filter, live }: VectorSearch): Promise<VectorHit[]> {
    const scale = this.#scan(query);
    if (scale === 0 || limit <= 0) return [];
    const { versions, chunks } = this.#table;
    const isBefore = (a: number, b: number): boolean =>
      versions[a] < versions[b] || (versions[a] === versions[b] && chunks[a] < chunks[b]);
    const wanted = Math.min(Math.max(MIN_RESCORED, limit * RESCORED), this.#matrix.rows);
    const best = new BestRows(wanted, isBefore);
    this.#choose(best, this.#table.hittable(live), filter && matcherOf(filter));
    const hits = this.#rescore(query, best.rows.subarray(0, best.length));
    return hits.sort((a, b) => b.score - a.score || a.vid - b.vid || a.chunk - b.chunk).slice(0, limit);
  }

  /**
   * Writes the cosine of every row and the query, as their codes say, in row order; into[0 .. rows). A query of codes
   * may have any length as a vector. Rows of dead versions hold a score too; reserved rows and zeros hold 0.
   * Raises VECTOR_DIMENSIONS, VECTOR_NUMBER.
   */
  scores(query: Float32Array | Int8Array, into: Float32Array): void {
    this.#scan(query);
    this.#matrix.copyScores(into);
  }

  async count(): Promise<number> {
    return this.#table.count;
  }

  async close(): Promise<void> {
    this.#matrix = new CodeMatrix(this.dimensions);
    this.#table = new RowTable();
    this.#blocks = [];
    this.#upserted.clear();
  }

  /** Leaves the scores in the matrix; returns 0 for a query of zeros. */
  #scan(query: Float32Array | Int8Array): number {
    checkDimensions(query.length, this);
    const isCodes = query instanceof Int8Array;
    const codes = isCodes ? query : new Int8Array(this.dimensions);
    const scale = isCodes ? unitScale(query) : quantise(query, codes);
    this.#matrix.scan(codes, scale);
    return scale;
  }

  #choose(best: BestRows, hittable: Uint8Array, matches: Matcher | undefined): void {
    let { floor } = best;
    for (let extent = 0, first = 0; extent < this.#matrix.extents; extent++, first += EXTENT) {
      const scores = this.#matrix.scores(extent);
      for (let i = next(scores, 0, floor); i < scores.length; i = next(scores, i + 1, floor)) {
        const row = first + i;
        if (hittable[row] === 0 || !best.takes(row, scores[i])) continue;
        if (matches && !matches(this.#fields(row))) continue;
        best.add(row, scores[i]);
        floor = best.floor;
      }
    }
  }

  #rescore(query: Float32Array, rows: Int32Array): VectorHit[] {
    const unit = new Float32Array(this.dimensions);
    normalise(query, unit);
    const scores = this.#matrix.dot(unit, rows.length, (i, into) => this.#exact(rows[i], into));
    return Array.from(rows, (row, i) => ({
      ...this.#key(row),
      score: Math.min(1, Math.max(-1, scores[i])),
    }));
  }

  #key(row: number): RowKey {
    return { vid: this.#table.versions[row], chunk: this.#table.chunks[row] };
  }

  /** The row as a unit vector, as exactly as it is known. */
  #exact(row: number, into: Float32Array): void {
    const upserted = this.#upserted.get(row);
    const block = upserted ? undefined : this.#blockOf(row);
    if (upserted) into.set(upserted.exact);
    else if (block?.exact) {
      const from = (row - block.first) * this.dimensions;
      into.set(block.exact.subarray(from, from + this.dimensions));
    } else this.#matrix.decode(row, into);
  }

  #blockOf(row: number): Block | undefined {
    return this.#blocks.find(({ first, chunks }) => row >= first && row < first + chunks);
  }

  #fields(row: number): RowFields {
    const upserted = this.#upserted.get(row);
    if (upserted) return upserted.fields;
    const { first, documents } = this.#blockOf(row)!;
    const chunk = row - first;
    return documents.fields(documentOf(documents.firstChunk, chunk), chunk);
  }
}

interface Block {
  first: number;
  chunks: number;
  exact: Float32Array | undefined;
  documents: Documents;
}

interface Upserted {
  exact: Float32Array;
  fields: RowFields;
}

/** The last document that begins at the chunk or before: those without chunks begin where the next one does. */
function documentOf(firstChunk: Uint32Array, chunk: number): number {
  let low = 0;
  let high = firstChunk.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (firstChunk[middle] <= chunk) low = middle;
    else high = middle;
  }
  return low;
}

/** The first score from `from` on that is not below the floor. A loop of its own: nothing else may slow it down. */
function next(scores: Float32Array, from: number, floor: number): number {
  let i = from;
  while (i < scores.length && scores[i] < floor) i++;
  return i;
}
