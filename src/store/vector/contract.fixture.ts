/**
 * What every vector store must do, as tests. An adapter's own test is a call of it:
 *
 *     vectorStoreContract({ name: "embedded", open: async (model) => new EmbeddedVectorStore(model) });
 *
 * Used by the tests of the adapters.
 */
import fc from "fast-check";
import { afterEach, describe, expect, it, type TestContext } from "vitest";
import type { RowFields, RowFilter, RowKey, VectorRow } from "../contract/rows.ts";
import type { VectorHit, VectorModel, VectorStore } from "../contract/vectors.ts";
import { keyUuid } from "../engines/key-id.ts";
import { nearestLive } from "../engines/nearest.ts";
import { matcherOf, partOf } from "../engines/row-filter.ts";

export interface ContractOptions {
  name: string;
  /** A new, empty store. */
  open: (model: VectorModel) => Promise<VectorStore>;
  /** Tests, by a part of their name, that an adapter cannot pass, and why; reported as skipped. */
  skip?: Readonly<Record<string, string>>;
}

const model = { model: "test-1", dimensions: 3 };

/** A row of a version of its own kind of place: what a filter asks follows from the number. */
export const vectorRow = ({ vid, chunk }: RowKey, vector: Float32Array): VectorRow => ({
  vid,
  chunk,
  id: keyUuid("file", `k${vid}`),
  key: `k${vid}`,
  seq: vid,
  mark: vid * 100 + chunk,
  vector,
  ...fieldsOf(vid, chunk),
});

const fieldsOf = (vid: number, chunk: number): RowFields => ({
  kind: vid % 4 === 0 ? "entry" : "file",
  path: `${vid % 2 ? "src" : "src/lib"}/k${vid}`,
  language: ["go", "rust", "c"][vid % 3]!,
  types: chunk % 2 ? ["function", "class"] : ["class"],
});

/** Orthogonal and in between: cosines are plain to see. */
const row = (vid: number, chunk: number, ...vector: number[]): VectorRow =>
  vectorRow({ vid, chunk }, Float32Array.from(vector));
const x = Float32Array.of(1, 0, 0);
const keys = (rows: readonly RowKey[]): string[] => rows.map(({ vid, chunk }) => `${vid}/${chunk}`);

export function vectorStoreContract({ name, open, skip = {} }: ContractOptions): void {
  const opened: VectorStore[] = [];
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });

  /** A store that holds these rows. */
  async function filled(rows: VectorRow[], { dimensions } = model): Promise<VectorStore> {
    const store = await open({ ...model, dimensions });
    opened.push(store);
    await store.upsert(rows);
    return store;
  }

  function test(title: string, work: () => Promise<void>): void {
    const reason = Object.entries(skip).find(([part]) => title.includes(part))?.[1];
    it(title, async (context: TestContext) => {
      if (reason !== undefined) context.skip(reason);
      await work();
    });
  }

  describe(`${name}, as every vector store`, () => {
    searching(test, filled);
    filtering(test, filled);
    writing(test, filled);
    living(test, filled);
    refusing(test, filled);
    comparing(test, filled);
  });
}

type Test = (title: string, work: () => Promise<void>) => void;
type Filled = (rows: VectorRow[], model?: VectorModel) => Promise<VectorStore>;

function searching(test: Test, filled: Filled): void {
  test("finds the nearest first, by angle and not by length", async () => {
    const store = await filled([
      row(1, 0, 0, 5, 0),
      row(2, 0, 0.1, 0.1, 0),
      row(3, 4, 100, 0, 0),
      row(4, 0, -2, 0, 0),
    ]);
    const hits = await store.search(x, { limit: 10 });
    expect(keys(hits)).toEqual(["3/4", "2/0", "1/0", "4/0"]);
    [1, Math.SQRT1_2, 0, -1].forEach((score, i) => {
      expect(hits[i]!.score).toBeCloseTo(score, 2);
    });
    expect(hits.every(({ score }) => Math.abs(score) <= 1)).toBe(true);
  });

  test("scores a vector against itself and its opposite as 1 and -1, and never beyond", async () => {
    const dimensions = 40;
    const vectors = Array.from({ length: 60 }, (_, i) =>
      Float32Array.from({ length: dimensions }, (_, k) => Math.sin(i * 7.1 + k * k)),
    );
    const store = await filled([], { ...model, dimensions });
    for (const vector of vectors) {
      const opposite = vector.map((value) => -value);
      await store.upsert([
        vectorRow({ vid: 1, chunk: 0 }, vector),
        vectorRow({ vid: 1, chunk: 1 }, opposite),
      ]);
      const [best, worst] = await store.search(vector, { limit: 2 });
      expect([best!.chunk, best!.score, worst!.score]).toEqual([
        0,
        expect.closeTo(1, 5),
        expect.closeTo(-1, 5),
      ]);
      expect(Math.max(best!.score, -worst!.score)).toBeLessThanOrEqual(1);
    }
  });

  test("finds nothing in an empty store, and nothing at all with limit 0", async () => {
    const store = await filled([]);
    expect([await store.search(x, { limit: 5 }), await store.count()]).toEqual([[], 0]);
    await store.upsert([row(1, 0, 1, 0, 0)]);
    expect(await store.search(x, { limit: 0 })).toEqual([]);
  });

  test("orders equal scores by version, then chunk, however they were written", async () => {
    const rows = [row(12, 0, 1, 1, 0), row(3, 1, 2, 2, 0), row(3, 0, 3, 3, 0), row(100, 7, 1, 1, 0)];
    for (const some of [rows, rows.toReversed()]) {
      const store = await filled(some);
      const hits = await store.search(Float32Array.of(1, 1, 0), { limit: 3 });
      expect(keys(hits)).toEqual(["3/0", "3/1", "12/0"]);
    }
  });

  test("stores zeros without ever finding them", async () => {
    const store = await filled([row(1, 0, 0, 0, 0), row(1, 1, 0, 1, 0)]);
    expect(await store.count()).toBe(2);
    expect(keys(await store.search(x, { limit: 5 }))).toEqual(["1/1"]);
    expect(await store.search(Float32Array.of(0, 0, 0), { limit: 5 })).toEqual([]);
  });

  test("compares very small and very large vectors", async () => {
    const store = await filled([row(1, 0, 1e-40, 0, 0), row(2, 0, 3e38, 3e38, 0)]);
    const hits = await store.search(Float32Array.of(2e38, 0, 0), { limit: 5 });
    expect(keys(hits)).toEqual(["1/0", "2/0"]);
    expect(hits[1]!.score).toBeCloseTo(Math.SQRT1_2, 2);
  });
}

const filters = fc.record<RowFilter>(
  {
    kinds: fc.subarray(["file", "entry"], { minLength: 1 }),
    languages: fc.subarray(["go", "rust", "c", "ada"], { minLength: 1 }),
    directories: fc.subarray(["src", "src/lib", "sr", "lib"], { minLength: 1 }),
    types: fc.subarray(["function", "class", "enum"], { minLength: 1 }),
  },
  { requiredKeys: [] },
);

function filtering(test: Test, filled: Filled): void {
  test("evaluates the parts of a filter that it says it does", async () => {
    const rows = Array.from({ length: 24 }, (_, i) => row(1 + (i % 12), Math.floor(i / 12), 24 - i, i, 0));
    const store = await filled(rows);
    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        const part = partOf(filter, store.capabilities.filters);
        const hits = await store.search(x, { limit: 100, ...(part && { filter: part }) });
        const matches = matcherOf(part ?? {});
        expect(keys(hits).toSorted()).toEqual(keys(rows.filter(matches)).toSorted());
        const all = matcherOf(filter);
        const accepts = ({ vid, chunk }: RowKey): boolean => all(fieldsOf(vid, chunk));
        const live = new Set(rows.map(({ vid }) => vid));
        const best = await nearestLive(store, x, { limit: 4, live, filter, accepts });
        const truth = await store.search(x, { limit: 100 });
        expect(best).toEqual(truth.filter(accepts).slice(0, 4));
      }),
      { numRuns: 60 },
    );
  });

  test("is asked for more until enough hits are accepted", async () => {
    const store = await filled(
      Array.from({ length: 300 }, (_, i) => row(1 + (i % 100), Math.floor(i / 100), 300 - i, i, 0)),
    );
    const live = new Set([99, 100]);
    const accepts = ({ chunk }: RowKey): boolean => chunk > 0;
    const asked = { limit: 3, live, accepts };
    expect(keys(await nearestLive(store, x, asked))).toEqual(["99/1", "100/1", "99/2"]);
    expect(await nearestLive(store, x, { ...asked, accepts: () => false })).toEqual([]);
  });

  test("finds as many versions as asked for behind chunks of the same ones", async () => {
    const store = await filled(
      Array.from({ length: 200 }, (_, i) => row(1 + Math.floor(i / 40), i % 40, 200 - i, i, 0)),
    );
    const live = new Set([1, 2, 3, 4, 5]);
    const hits = await nearestLive(store, x, { limit: 3, each: "version", live });
    expect([...new Set(hits.map(({ vid }) => vid))]).toEqual([1, 2, 3]);
  });
}

function writing(test: Test, filled: Filled): void {
  test("replaces a row of the same version and chunk", async () => {
    const store = await filled([row(1, 0, 1, 0, 0), row(1, 1, 0, 1, 0)]);
    await store.upsert([row(1, 0, -1, 0, 0), row(2, 0, 1, 0, 0), row(2, 0, 0, 0, 1)]);
    expect(await store.count()).toBe(3);
    const hits = await store.search(x, { limit: 5 });
    expect(keys(hits)).toEqual(["1/1", "2/0", "1/0"]);
    expect(hits[2]!.score).toBeCloseTo(-1, 5);
  });

  test("forgets versions, and takes them again", async () => {
    const store = await filled([row(1, 0, 1, 0, 0), row(1, 1, 1, 1, 0), row(2, 0, 0, 1, 0)]);
    await store.remove([1, 7]);
    expect([await store.count(), keys(await store.search(x, { limit: 5 }))]).toEqual([1, ["2/0"]]);
    await store.upsert([row(3, 0, 1, 0, 0), row(1, 1, 0, 0, 1)]);
    expect(await store.count()).toBe(3);
    expect(keys(await store.search(x, { limit: 5 }))).toEqual(["3/0", "1/1", "2/0"]);
    await store.remove([1, 2, 3]);
    expect([await store.count(), await store.search(x, { limit: 5 })]).toEqual([0, []]);
  });

  test("keeps nothing of the vectors that the caller goes on using", async () => {
    const vector = Float32Array.of(1, 0, 0);
    const store = await filled([vectorRow({ vid: 1, chunk: 0 }, vector)]);
    vector.set([0, 1, 0]);
    const [hit] = await store.search(x, { limit: 1 });
    expect(hit!.score).toBeCloseTo(1, 5);
  });
}

const found = (store: VectorStore, live: ReadonlySet<number> | undefined): Promise<VectorHit[]> =>
  live ? nearestLive(store, x, { limit: 5, live }) : store.search(x, { limit: 5 });

/** Whatever part of it the store can do itself. */
function living(test: Test, filled: Filled): void {
  test("finds only live versions, and dead ones again once they live", async () => {
    const store = await filled([row(1, 0, 1, 0, 0), row(2, 0, 1, 1, 0), row(3, 0, 0, 1, 0)]);
    const some = new Set([1, 3, 99]);
    const others = new Set([2, 3]);
    for (const [live, expected] of [
      [some, ["1/0", "3/0"]],
      [others, ["2/0", "3/0"]],
      [some, ["1/0", "3/0"]],
      [undefined, ["1/0", "2/0", "3/0"]],
      [new Set([]), []],
    ] as const) {
      expect(keys(await found(store, live))).toEqual(expected);
    }
    expect(await store.count()).toBe(3);
  });

  test("applies a known set of live versions to rows that came later", async () => {
    const store = await filled([row(1, 0, 0, 1, 0)]);
    const live = new Set([1, 2]);
    expect(keys(await found(store, live))).toEqual(["1/0"]);
    await store.upsert([row(2, 0, 1, 0, 0), row(3, 0, 1, 0, 0), row(1, 0, 0, 0, 0)]);
    expect(keys(await found(store, live))).toEqual(["2/0"]);
    await store.remove([2]);
    expect(await found(store, live)).toEqual([]);
  });

  test("finds as many live rows as asked for behind nearer dead ones", async () => {
    const store = await filled(Array.from({ length: 500 }, (_, i) => row(i + 1, 0, 500 - i, i, 0)));
    const live = new Set([496, 497, 499]);
    expect(keys(await nearestLive(store, x, { limit: 2, live }))).toEqual(["496/0", "497/0"]);
  });
}

function refusing(test: Test, filled: Filled): void {
  test("refuses vectors of other dimensions and what is no number, and then keeps none of them", async () => {
    const store = await filled([row(1, 0, 1, 0, 0)]);
    for (const [vector, code] of [
      [[1, 0], "VECTOR_DIMENSIONS"],
      [[1, 0, 0, 0], "VECTOR_DIMENSIONS"],
      [[], "VECTOR_DIMENSIONS"],
      [[1, Number.NaN, 0], "VECTOR_NUMBER"],
      [[0, 0, Number.POSITIVE_INFINITY], "VECTOR_NUMBER"],
      [[Number.NEGATIVE_INFINITY, Number.NaN, 0], "VECTOR_NUMBER"],
    ] as const) {
      const wrong = expect.objectContaining({ code });
      await expect(store.upsert([row(2, 0, 1, 0, 0), row(3, 0, ...vector)])).rejects.toEqual(wrong);
      await expect(store.search(Float32Array.from(vector), { limit: 1 })).rejects.toEqual(wrong);
    }
    expect([await store.count(), keys(await store.search(x, { limit: 5 }))]).toEqual([1, ["1/0"]]);
  });

  test("is not opened for a model with more dimensions than it says it can hold", async () => {
    const { maxDimensions } = (await filled([])).capabilities;
    if (!Number.isFinite(maxDimensions)) return;
    const wide = { ...model, dimensions: maxDimensions + 1 };
    await expect(async () => filled([], wide)).rejects.toThrow(`at most ${maxDimensions}`);
  });

  test("says which model its vectors are of", async () => {
    const store = await filled([]);
    expect([store.model, store.dimensions]).toEqual([model.model, model.dimensions]);
  });
}

/** Whole numbers, so that a store may round a vector's numbers without ties becoming differences. */
const component = fc.integer({ min: -20, max: 20 });
const step = fc.oneof(
  fc.record({
    upsert: fc.array(
      fc.record({
        vid: fc.integer({ min: 1, max: 6 }),
        chunk: fc.nat(2),
        vector: fc.array(component, { minLength: 19, maxLength: 19 }),
      }),
      { maxLength: 5 },
    ),
  }),
  fc.record({ remove: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 2 }) }),
  fc.record({ live: fc.uniqueArray(fc.integer({ min: 1, max: 6 })) }),
);

/** What codes of 8 bits may be off by in 19 dimensions, and more. */
const ROUNDING = 0.02;

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  a.forEach((value, k) => {
    dot += value * b[k]!;
    aa += value * value;
    bb += b[k]! * b[k]!;
  });
  return dot / Math.sqrt(aa * bb);
}

function comparing(test: Test, filled: Filled): void {
  test("agrees with a plain list through any writes, removals and states", async () => {
    const query = Float32Array.from({ length: 19 }, (_, k) => Math.sin(k * k + 1));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const store = await filled([], { ...model, dimensions: 19 });
        const list = new Map<string, VectorRow>();
        let live: ReadonlySet<number> | undefined;
        for (const one of steps) {
          if ("upsert" in one) {
            const rows = one.upsert.map(({ vector, ...key }) => vectorRow(key, Float32Array.from(vector)));
            await store.upsert(rows);
            for (const each of rows) list.set(`${each.vid}/${each.chunk}`, each);
          } else if ("remove" in one) {
            await store.remove(one.remove);
            for (const [key, { vid }] of list) if (one.remove.includes(vid)) list.delete(key);
          } else live = new Set(one.live);
          const hits = live
            ? await nearestLive(store, query, { limit: 100, live })
            : await store.search(query, { limit: 100 });
          const expected = [...list.values()].filter(
            ({ vid, vector }) => (live?.has(vid) ?? true) && vector.some((value) => value !== 0),
          );
          expect(keys(hits).toSorted()).toEqual(keys(expected).toSorted());
          for (const { vid, chunk, score } of hits) {
            const truth = cosine(list.get(`${vid}/${chunk}`)!.vector, query);
            expect(Math.abs(score - truth)).toBeLessThan(ROUNDING);
          }
          expect(hits.map(({ score }) => score)).toEqual(
            hits.map(({ score }) => score).toSorted((a, b) => b - a),
          );
          expect(await store.count()).toBe(list.size);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("finds the true ten nearest of thousands, nearly always", async () => {
    const dimensions = 40;
    const vectorOf = (i: number): Float32Array =>
      Float32Array.from(
        { length: dimensions },
        (_, k) => Math.sin(i * 12.9898 + k * (78.233 + (i % 7))) + (i % 3) / 3,
      );
    const rows = Array.from({ length: 6000 }, (_, i) => vectorRow({ vid: i + 1, chunk: 0 }, vectorOf(i)));
    const store = await filled(rows, { ...model, dimensions });
    let found = 0;
    for (let q = 0; q < 20; q++) {
      const query = vectorOf(10_000.5 + q * 3.7);
      const truth = rows
        .map(({ vid, vector }) => ({ vid, score: cosine(vector, query) }))
        .sort((a, b) => b.score - a.score)
        .slice(0, 10);
      const hits = await store.search(query, { limit: 10 });
      found += truth.filter(({ vid }) => hits.some((hit) => hit.vid === vid)).length;
    }
    expect(found / 200).toBeGreaterThanOrEqual(store.capabilities.exact ? 0.99 : 0.9);
  });
}
