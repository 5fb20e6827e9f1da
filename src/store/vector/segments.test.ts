/** Vectors as sections of stored segments: they follow merges, erasure and compaction, and an undo touches none. */
import { describe, expect, it } from "vitest";
import type { Store } from "../contract/store.ts";
import { segmentOf } from "../everything.fixture.ts";
import { entry, move, open, remove, transact, version } from "../knowledge.fixture.ts";
import { Segment } from "../lexical/segment.ts";
import { tidySegments } from "../lexical/tidy.ts";
import { encodeBlock, vectorSection } from "./block.ts";
import { EmbeddedVectorStore } from "./embedded.ts";

const small = { model: "small", dimensions: 4 };
const large = { model: "large", dimensions: 6, exact: true };
const vectorOf = (key: string, { dimensions }: { dimensions: number }): Float32Array =>
  Float32Array.from({ length: dimensions }, (_, k) => Math.sin((key.charCodeAt(0) + 1) * (k + 2.3)));

/** Writes entries with a segment of their own, embedded with these models; their versions. */
function write(store: Store, keys: string[], models: { model: string; dimensions: number }[]): number[] {
  let vids: number[] = [];
  transact(store, (tx) => {
    vids = keys.map((key) => tx.put(entry(key, key.charCodeAt(0), key)).vid);
    const vectors = models.map((model) => [
      vectorSection(model.model),
      encodeBlock(
        model,
        keys.map((key) => vectorOf(key, model)),
      ),
    ]);
    const words = segmentOf(Object.fromEntries(keys.map((key) => [key, `word${key}`])));
    tx.addSegment({ ...words, ...Object.fromEntries(vectors) }, Float64Array.from(vids));
  });
  return vids;
}

const models = (store: Store): string[][] =>
  store.segments().map((record) => new Segment(record).vectorModels());

/** Keys of live entries by nearness, over all segments that were embedded with the model. */
async function nearest(
  store: Store,
  key: string,
  model: { model: string; dimensions: number },
): Promise<string[]> {
  const vectors = new EmbeddedVectorStore(model);
  store.snapshot(() => {
    for (const record of store.segments()) {
      const segment = new Segment(record);
      const block = segment.vectors(model.model);
      if (block) vectors.append(block, segment);
      else vectors.reserve(segment.chunks);
    }
  });
  const live = new Set(store.liveVersions("entry"));
  const hits = await vectors.search(vectorOf(key, model), { limit: 50, live });
  return hits.map(({ vid }) => store.keyOf(vid)!);
}

const alphabet = "abcdefghijklmnop".split("");

describe("vectors of stored segments", () => {
  it("are found the same after segments were merged", async () => {
    const store = open();
    for (const key of alphabet) write(store, [key, `${key}2`], [small, large]);
    expect(store.segments()).toHaveLength(16);
    const before = await Promise.all(alphabet.map((key) => nearest(store, key, large)));
    expect(before.map(([first]) => first)).toEqual(alphabet);
    transact(store, (tx) => tidySegments(tx));
    expect(store.segments().length).toBeLessThan(9);
    expect(models(store)).toEqual(store.segments().map(() => ["large", "small"]));
    const reopened = open("read");
    expect(await Promise.all(alphabet.map((key) => nearest(reopened, key, large)))).toEqual(before);
    expect(await nearest(reopened, "d", small)).toHaveLength(32);
  });

  it("are kept in a merge with a segment that lacks them, whose chunks have none until they are embedded", async () => {
    const store = open();
    for (const key of alphabet) write(store, [key], key === "c" ? [small] : [small, large]);
    transact(store, (tx) => tidySegments(tx));
    expect(models(store)).toEqual([["large", "small"]]);
    expect((await nearest(store, "c", small))[0]).toBe("c");
    expect((await nearest(store, "a", large))[0]).toBe("a");
    expect(await nearest(store, "c", large)).not.toContain("c");
  });

  it("are not found of what was taken back, and found again after it was brought back, without a change", async () => {
    const store = open();
    const [a] = write(store, ["a", "b"], [small]);
    const stored = store.segments().map((record) => record.section(vectorSection("small")));
    remove(store, "a");
    expect(await nearest(store, "a", small)).toEqual(["b"]);
    move(store, { a: a! });
    expect(await nearest(store, "a", small)).toEqual(["a", "b"]);
    expect(store.segments().map((record) => record.section(vectorSection("small")))).toEqual(stored);
  });

  it("go when their version is erased; the others of the segment stay", async () => {
    const store = open();
    write(store, ["a", "b", "c"], [small, large]);
    transact(store, (tx) => tx.erase([tx.reader.journal.kidOf("b")!.kid]), { kind: "erase" });
    const [record] = store.segments();
    const segment = new Segment(record!);
    const expected = encodeBlock(
      large,
      ["a", "c"].map((key) => vectorOf(key, large)),
    );
    expect(record!.section(vectorSection("large"))).toEqual(expected);
    expect(segment.vectors("small")!.chunks).toBe(2);
    expect(await nearest(store, "c", large)).toEqual(["c", "a"]);
  });

  it("of another model, or of a segment without any, are undefined", () => {
    const store = open();
    write(store, ["a"], [small]);
    transact(store, (tx) => {
      const { vid } = tx.put(version("f.ts", 1));
      tx.addSegment(segmentOf({ "f.ts": "x" }), Float64Array.of(vid));
    });
    const segments = store.segments().map((record) => new Segment(record));
    expect(segments.map((segment) => segment.vectors("small")?.chunks)).toEqual([1, undefined]);
    expect(segments[0]!.vectors("large")).toBeUndefined();
  });

  it("names the sections of a segment, and says when it was dropped meanwhile", () => {
    const store = open();
    write(store, ["a"], [small]);
    const [record] = store.segments();
    expect(record!.sectionNames()).toEqual([
      "documents",
      "postings",
      "static",
      "terms",
      "vectors:small",
      "words",
    ]);
    transact(store, (tx) => tx.dropSegments([record!.id]));
    expect(() => record!.sectionNames()).toThrow(/snapshot/);
  });
});
