/** The embedded store over stored blocks: rows in chunk order, scores of all of them, float32 rescoring. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { VectorHit } from "../contract/vectors.ts";
import { encodeBlock, openBlock, type VectorBlock } from "./block.ts";
import { vectorRow } from "./contract.fixture.ts";
import { EmbeddedVectorStore } from "./embedded.ts";
import { quantise } from "./quantise.ts";
import type { Documents } from "./row-table.ts";

const dimensions = 20;
const model = { model: "test-1", dimensions };

/** Reproducible, and every direction differs. */
const vectorOf = (i: number): Float32Array =>
  Float32Array.from({ length: dimensions }, (_, k) => Math.sin(i * 12.9898 + k * (78.233 + (i % 5))));

const blockOf = (vectors: Float32Array[], exact = false): VectorBlock =>
  openBlock(encodeBlock({ ...model, exact }, vectors));

/** Documents with so many chunks each, from version `first` on. */
function documentsOf(counts: number[], first = 1): Documents {
  let chunks = 0;
  const firstChunk = Uint32Array.from(counts, (count) => {
    chunks += count;
    return chunks - count;
  });
  return {
    vids: Float64Array.from(counts, (_, i) => first + i),
    firstChunk,
    chunks,
    fields: (document, chunk) => ({
      kind: "file",
      path: `d${document}`,
      language: chunk % 2 ? "odd" : "even",
    }),
  };
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    dot += a[k]! * b[k]!;
    aa += a[k]! * a[k]!;
    bb += b[k]! * b[k]!;
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}

const codesOf = (vector: Float32Array): Int8Array => {
  const codes = new Int8Array(vector.length);
  quantise(vector, codes);
  return codes;
};

const keys = (hits: VectorHit[]): string[] => hits.map(({ vid, chunk }) => `${vid}/${chunk}`);

describe("scores", () => {
  it("are the cosines of the codes, in the order the rows came, over any number of rows", () => {
    const sizes = fc.array(fc.constantFrom(0, 1, 3, 4, 5, 100, 4095, 4096, 4097), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(sizes, fc.boolean(), (counts, asCodes) => {
        const store = new EmbeddedVectorStore(model);
        const all: Int8Array[] = [];
        counts.forEach((count, i) => {
          const vectors = Array.from({ length: count }, (_, j) => vectorOf(all.length + j));
          // Every third segment is not embedded: its rows are there, and score 0.
          if (i % 3 === 2) expect(store.reserve(count)).toBe(all.length);
          else expect(store.append(blockOf(vectors), documentsOf([count], i + 1))).toBe(all.length);
          for (const vector of vectors) all.push(i % 3 === 2 ? new Int8Array(dimensions) : codesOf(vector));
        });
        expect(store.rows).toBe(all.length);
        const query = vectorOf(0.5);
        const codes = codesOf(query);
        const into = new Float32Array(all.length + 1).fill(7);
        store.scores(asCodes ? codes : query, into);
        expect(into[all.length]).toBe(7);
        const wrong = all.findIndex((row, i) => Math.abs(into[i]! - cosine(row, codes)) > 1e-6);
        expect(wrong).toBe(-1);
      }),
      { numRuns: 40 },
    );
  });

  it("are of upserted rows too, behind those of the blocks", async () => {
    const store = new EmbeddedVectorStore(model);
    store.append(blockOf([vectorOf(1), vectorOf(2)]), documentsOf([2]));
    await store.upsert([vectorRow({ vid: 9, chunk: 0 }, vectorOf(3))]);
    store.append(blockOf([vectorOf(4)]), documentsOf([1], 10));
    const into = new Float32Array(store.rows);
    for (const [row, i] of [1, 2, 3, 4].entries()) {
      store.scores(vectorOf(i), into);
      expect(into.indexOf(Math.max(...into))).toBe(row);
      expect(into[row]).toBeCloseTo(1, 6);
    }
  });

  it("of zeros are 0, and refuse what search refuses", () => {
    const store = new EmbeddedVectorStore(model);
    store.append(blockOf([vectorOf(1), new Float32Array(dimensions)]), documentsOf([2]));
    const into = Float32Array.of(7, 7);
    store.scores(vectorOf(1), into);
    expect([into[0], into[1]]).toEqual([expect.closeTo(1, 6), 0]);
    store.scores(new Int8Array(dimensions), into);
    expect([...into]).toEqual([0, 0]);
    const wrong = (code: string): unknown => expect.objectContaining({ code });
    expect(() => store.scores(new Int8Array(3), into)).toThrow(wrong("VECTOR_DIMENSIONS"));
    expect(() => store.scores(new Float32Array(dimensions).fill(Number.NaN), into)).toThrow(
      wrong("VECTOR_NUMBER"),
    );
  });
});

describe("a store of blocks", () => {
  it("finds the rows by version and chunk, whatever the grouping into blocks", async () => {
    const vectors = Array.from({ length: 60 }, (_, i) => vectorOf(i));
    const counts = [10, 20, 0, 5, 25];
    const one = new EmbeddedVectorStore(model);
    one.append(blockOf(vectors), documentsOf(counts));
    const two = new EmbeddedVectorStore(model);
    two.append(blockOf(vectors.slice(30)), documentsOf(counts.slice(2), 3));
    two.append(blockOf(vectors.slice(0, 30)), documentsOf(counts.slice(0, 2)));
    const live = new Set([1, 2, 5]);
    const options = { limit: 8, live, filter: { languages: ["odd"] } };
    const hits = await one.search(vectorOf(7), options);
    expect(hits).toEqual(await two.search(vectorOf(7), options));
    expect(keys(hits)[0]).toBe("1/7");
    expect(hits.every(({ vid, chunk }) => vid !== 4 && chunk % 2 === (vid === 5 ? 0 : 1))).toBe(true);
    expect(await one.count()).toBe(60);
  });

  it("scores the best again in float32 where blocks bring it", async () => {
    // So near each other that codes cannot tell them apart.
    const near = Array.from({ length: 30 }, (_, i) => {
      const vector = vectorOf(1);
      vector[3]! += ((i * 7) % 30) * 1e-3;
      return vector;
    });
    const query = vectorOf(9);
    const truth = near
      .map((vector, i) => ({ version: i + 1, score: cosine(vector, query) }))
      .sort((a, b) => b.score - a.score || a.version - b.version)
      .map(({ version }) => `${version}/0`);
    const search = async (exact: boolean): Promise<VectorHit[]> => {
      const store = new EmbeddedVectorStore(model);
      store.append(blockOf([query.map((value) => -value)], exact), documentsOf([1], 100));
      store.append(blockOf(near, exact), documentsOf(near.map(() => 1)));
      return store.search(query, { limit: 5 });
    };
    expect(keys(await search(true))).toEqual(truth.slice(0, 5));
    expect(keys(await search(false))).not.toEqual(truth.slice(0, 5));
    for (const { vid, score } of await search(true))
      expect(score).toBeCloseTo(cosine(near[vid - 1]!, query), 6);
  });

  it("keeps the first rows of a version that comes twice", async () => {
    const store = new EmbeddedVectorStore(model);
    store.append(blockOf([vectorOf(1), vectorOf(2)]), documentsOf([2]));
    expect(store.append(blockOf([vectorOf(3), vectorOf(4)]), documentsOf([1, 1]))).toBe(2);
    expect([await store.count(), store.rows]).toEqual([3, 4]);
    const hits = await store.search(vectorOf(3), { limit: 9 });
    expect(keys(hits).toSorted()).toEqual(["1/0", "1/1", "2/0"]);
    expect(hits.every(({ score }) => score < 0.99)).toBe(true);
  });

  it("replaces and forgets rows of blocks, and gives only upserted rows to others", async () => {
    const store = new EmbeddedVectorStore(model);
    store.append(blockOf([vectorOf(1), vectorOf(2)], true), documentsOf([2]));
    await store.upsert([
      vectorRow({ vid: 1, chunk: 1 }, vectorOf(5)),
      vectorRow({ vid: 2, chunk: 0 }, vectorOf(6)),
    ]);
    expect([store.rows, await store.count()]).toEqual([3, 3]);
    expect((await store.search(vectorOf(5), { limit: 1 }))[0]).toEqual({
      vid: 1,
      chunk: 1,
      score: expect.closeTo(1, 6),
    });
    await store.remove([1, 2]);
    await store.upsert([
      vectorRow({ vid: 3, chunk: 0 }, vectorOf(7)),
      vectorRow({ vid: 3, chunk: 1 }, vectorOf(8)),
    ]);
    expect([store.rows, await store.count()]).toEqual([4, 2]);
    expect(keys(await store.search(vectorOf(8), { limit: 9 }))[0]).toBe("3/1");
  });

  it("refuses blocks of another model or shape", () => {
    const store = new EmbeddedVectorStore(model);
    const block = blockOf([vectorOf(1)]);
    const wrong = (code: string): unknown => expect.objectContaining({ code });
    expect(() => store.append({ ...block, model: "other" }, documentsOf([1]))).toThrow(wrong("VECTOR_MODEL"));
    expect(() => store.append({ ...block, dimensions: 4 }, documentsOf([1]))).toThrow(
      wrong("VECTOR_DIMENSIONS"),
    );
    expect(() => store.append(block, documentsOf([2]))).toThrow(RangeError);
    expect(store.rows).toBe(0);
  });
});
