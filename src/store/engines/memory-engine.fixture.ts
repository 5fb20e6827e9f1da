/**
 * An engine in this process that keeps rows as a server would, and what goes wrong on the way to one: seeded faults that
 * lose, repeat, delay and reorder what is written, and die before or after it. Used by the tests of the seam.
 */
import { MomoError } from "../../errors.ts";
import type {
  CountedField,
  DocumentPage,
  DocumentScan,
  DocumentStore,
  StoredDocument,
} from "../contract/documents.ts";
import type { GraphStore, NeighbourQuery, PathQuery } from "../contract/graph.ts";
import type { EdgeRecord, VersionKind } from "../contract/knowledge.ts";
import type {
  DocumentRow,
  EdgeRow,
  Held,
  RangeDigest,
  RowEngine,
  VectorRow,
  VersionRow,
} from "../contract/rows.ts";
import type { VectorCapabilities, VectorHit, VectorSearch, VectorStore } from "../contract/vectors.ts";
import { checkDimensions, normalise, quantise } from "../vector/quantise.ts";
import { prefixOf } from "./key-id.ts";
import { findPath } from "./path.ts";
import { matcherOf, valuesOf } from "./row-filter.ts";

const rowKey = (row: VersionRow & { chunk?: number }): string => `${row.vid}/${row.chunk ?? 0}`;

export class MemoryRows<Row extends VersionRow> implements RowEngine<Row> {
  readonly rows = new Map<string, Row>();
  /** Digests that were asked for, versions that were listed: what a comparison costs. */
  readonly asked = { digests: 0, listed: 0 };

  async upsert(rows: Iterable<Row>): Promise<void> {
    for (const row of rows) this.rows.set(rowKey(row), row);
  }

  async remove(vids: Iterable<number>): Promise<void> {
    const gone = new Set(vids);
    for (const [key, { vid }] of this.rows) if (gone.has(vid)) this.rows.delete(key);
  }

  async held(ids: readonly string[]): Promise<Held[]> {
    const wanted = new Set(ids);
    return sums([...this.rows.values()].filter(({ id }) => wanted.has(id)));
  }

  async digests(
    kind: VersionKind,
    { under, digits }: { under: readonly string[]; digits: number },
  ): Promise<RangeDigest[]> {
    const ranges = Map.groupBy(this.#under(kind, under), ({ id }) => prefixOf(id, digits));
    this.asked.digests += ranges.size;
    return Array.from(ranges, ([prefix, rows]) => ({
      prefix,
      count: rows.length,
      sum: rows.reduce((sum, { mark }) => sum + BigInt(mark), 0n),
    }));
  }

  async list(kind: VersionKind, under: readonly string[]): Promise<Held[]> {
    const listed = sums(this.#under(kind, under));
    this.asked.listed += listed.length;
    return listed;
  }

  #under(kind: VersionKind, under: readonly string[]): Row[] {
    return [...this.rows.values()].filter(
      (row) => row.kind === kind && under.some((prefix) => prefixOf(row.id, prefix.length) === prefix),
    );
  }
}

/** One for each version, with the sum of its rows. */
function sums(rows: readonly VersionRow[]): Held[] {
  return Array.from(
    Map.groupBy(rows, ({ vid }) => vid).values(),
    (own): Held => ({
      id: own[0]!.id,
      key: own[0]!.key,
      vid: own[0]!.vid,
      seq: Math.min(...own.map(({ seq }) => seq)),
      mark: own.reduce((sum, { mark }) => sum + mark, 0),
    }),
  );
}

/** A vector store that knows little: no live versions, one part of a filter, few hits at once. */
export class MemoryVectors extends MemoryRows<VectorRow> implements VectorStore {
  readonly capabilities: VectorCapabilities = {
    exact: true,
    filters: ["kinds"],
    live: false,
    maxDimensions: 4096,
    maxHits: 5000,
  };
  readonly model: string;
  readonly dimensions: number;
  /** Limits of the searches that were asked. */
  readonly limits: number[] = [];

  constructor({ model, dimensions }: { model: string; dimensions: number }) {
    super();
    this.model = model;
    this.dimensions = dimensions;
    const { maxDimensions: most } = this.capabilities;
    if (dimensions > most) throw new MomoError("VECTOR_TOO_WIDE", { model, found: dimensions, most });
  }

  #unit(vector: Float32Array): Float32Array {
    checkDimensions(vector.length, this);
    // Refuses what is no number.
    quantise(vector, new Int8Array(this.dimensions));
    const unit = new Float32Array(this.dimensions);
    normalise(vector, unit);
    return unit;
  }

  override async upsert(rows: Iterable<VectorRow>): Promise<void> {
    await super.upsert(Array.from(rows, (row) => ({ ...row, vector: this.#unit(row.vector) })));
  }

  async search(query: Float32Array, { limit, filter }: VectorSearch): Promise<VectorHit[]> {
    this.limits.push(limit);
    const unit = this.#unit(query);
    const matches = matcherOf(filter ?? {});
    const isZero = (vector: Float32Array): boolean => vector.every((value) => value === 0);
    if (isZero(unit)) return [];
    return [...this.rows.values()]
      .filter((row) => matches(row) && !isZero(row.vector))
      .map(({ vid, chunk, vector }) => {
        const dot = vector.reduce((sum, value, k) => sum + value * unit[k]!, 0);
        return { vid, chunk, score: Math.min(1, Math.max(-1, Math.fround(dot))) };
      })
      .sort((a, b) => b.score - a.score || a.vid - b.vid || a.chunk - b.chunk)
      .slice(0, Math.min(limit, this.capabilities.maxHits));
  }

  async count(): Promise<number> {
    return this.rows.size;
  }

  async close(): Promise<void> {
    this.rows.clear();
  }
}

/** A graph that is asked for neighbours only: paths are found step by step. */
export class MemoryGraph extends MemoryRows<EdgeRow> implements GraphStore {
  readonly capabilities = { paths: false, live: false };

  async neighbours(
    ids: readonly string[],
    { types, direction, limit }: NeighbourQuery,
  ): Promise<EdgeRecord[]> {
    const wanted = new Set(ids);
    return [...this.rows.values()]
      .filter(({ type }) => types?.includes(type) ?? true)
      .filter(
        ({ source, target }) =>
          (direction !== "in" && wanted.has(source)) || (direction !== "out" && wanted.has(target)),
      )
      .sort((a, b) => a.vid - b.vid)
      .slice(0, limit)
      .map(({ key, vid, source, type, target }) => ({ key, vid, source, type, target }));
  }

  path(from: string, to: string, query: PathQuery): Promise<EdgeRecord[] | undefined> {
    return findPath(this, { from, to }, query);
  }

  async close(): Promise<void> {
    this.rows.clear();
  }
}

export class MemoryDocuments extends MemoryRows<DocumentRow> implements DocumentStore {
  readonly capabilities: DocumentStore["capabilities"] = {
    filters: ["languages", "directories"],
    counts: ["kind", "language"],
  };

  #sorted(): DocumentRow[] {
    return [...this.rows.values()].sort((a, b) => a.vid - b.vid);
  }

  async get(vids: readonly number[]): Promise<StoredDocument[]> {
    return this.#sorted().filter(({ vid }) => vids.includes(vid));
  }

  async scan({ filter, after = 0, limit }: DocumentScan): Promise<DocumentPage> {
    const matches = matcherOf(filter ?? {});
    const documents = this.#sorted().filter((row) => row.vid > after && matches(row));
    const seq = Math.max(0, ...Array.from(this.rows.values(), (row) => row.seq));
    return { seq, documents: documents.slice(0, limit) };
  }

  async count(by: CountedField): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const row of this.rows.values())
      for (const value of valuesOf(row, by)) counts[value] = (counts[value] ?? 0) + 1;
    return counts;
  }

  async close(): Promise<void> {
    this.rows.clear();
  }
}

/** Each of 100 calls; what is not listed goes well. */
export interface Faults {
  /** Rejects, having done nothing or a part of it. */
  dies: number;
  /** Loses some rows and says nothing. */
  drops: number;
  /** Does it twice. */
  repeats: number;
  /** Does it some calls later, in any order, and says at once that it is done. */
  lags: number;
}

/** Between the relay and an engine. `dice` gives 0 to 99; `calm` ends the faults and does what was delayed. */
export class FaultyRows<Row extends VersionRow> implements RowEngine<Row> {
  readonly #engine: RowEngine<Row>;
  readonly #dice: () => number;
  readonly #faults: Faults;
  #late: (() => Promise<void>)[] = [];
  #isCalm = false;

  constructor(engine: RowEngine<Row>, faults: Faults, dice: () => number) {
    this.#engine = engine;
    this.#faults = faults;
    this.#dice = dice;
  }

  async calm(): Promise<void> {
    this.#isCalm = true;
    for (const work of this.#late.splice(0)) await work();
  }

  async upsert(rows: readonly Row[]): Promise<void> {
    await this.#suffer(rows, (some) => this.#engine.upsert(some));
  }

  async remove(vids: readonly number[]): Promise<void> {
    await this.#suffer(vids, (some) => this.#engine.remove(some));
  }

  async #suffer<T>(given: readonly T[], work: (given: readonly T[]) => Promise<void>): Promise<void> {
    if (this.#isCalm) return work(given);
    while (this.#late.length > 0 && this.#dice() < 50)
      await this.#late.splice(this.#dice() % this.#late.length, 1)[0]!();
    const some = (): readonly T[] => given.filter(() => this.#dice() < 60);
    let luck = this.#dice();
    const is = (share: number): boolean => {
      luck -= share;
      return luck < 0;
    };
    if (is(this.#faults.dies)) {
      if (this.#dice() < 50) await work(some());
      throw new Error("the connection was reset");
    }
    if (is(this.#faults.drops)) return work(some());
    if (is(this.#faults.lags)) {
      this.#late.push(() => work(given));
      return;
    }
    await work(given);
    if (is(this.#faults.repeats)) await work(given);
  }

  held(ids: readonly string[]): Promise<Held[]> {
    return this.#engine.held(ids);
  }

  digests(...given: Parameters<RowEngine<Row>["digests"]>): Promise<RangeDigest[]> {
    return this.#engine.digests(...given);
  }

  list(...given: Parameters<RowEngine<Row>["list"]>): Promise<Held[]> {
    return this.#engine.list(...given);
  }
}
