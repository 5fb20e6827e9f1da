import { expect, test } from "vitest";
import { cached } from "./cache.ts";
import { embedderContract } from "./embedder.fixture.ts";
import type { Embedder, EmbedOptions } from "./embedder.ts";
import { createModels } from "./models.ts";
import { fitTfidf, openTfidf } from "./tfidf.ts";

const tfidf = (): Embedder =>
  openTfidf({
    fit: fitTfidf(["parse header line", "parse header line", "open connection database", "open"]),
  });

embedderContract({
  name: "cached",
  open: async () => cached(tfidf(), { ttl_seconds: 60, capacity: 3, now: () => 0 }),
});

/** A real strategy, and a note of what it was asked. */
function noted(): { embedder: Embedder; asked: string[][]; fail: Error[] } {
  const own = tfidf();
  const asked: string[][] = [];
  const fail: Error[] = [];
  const embed = async (texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]> => {
    asked.push([...texts]);
    await new Promise(setImmediate);
    const error = fail.shift();
    if (error) throw error;
    return own.embed(texts, options);
  };
  return { embedder: { ...own, embed }, asked, fail };
}

const query = { kind: "query" } as const;

test("asks for a text once in its time, and again after it", async () => {
  const { embedder, asked } = noted();
  let now = 0;
  const cache = cached(embedder, { ttl_seconds: 3600, capacity: 10, now: () => now });
  const [first] = await cache.embed(["parse"], query);
  now = 3_599_999;
  expect(await cache.embed(["parse"], query)).toEqual([first]);
  expect(asked).toHaveLength(1);
  now = 3_600_000;
  await cache.embed(["parse"], query);
  expect(asked).toHaveLength(2);
});

test("what is looked for and what is found are apart", async () => {
  const { embedder, asked } = noted();
  const cache = cached(embedder, { ttl_seconds: 60, capacity: 10, now: () => 0 });
  await cache.embed(["parse"], query);
  await cache.embed(["parse"], { kind: "document" });
  expect(asked).toHaveLength(2);
});

test("only what is not known is asked for, each once, in order", async () => {
  const { embedder, asked } = noted();
  const cache = cached(embedder, { ttl_seconds: 60, capacity: 10, now: () => 0 });
  await cache.embed(["parse"], query);
  const vectors = await cache.embed(["open", "parse", "header", "open"], query);
  expect(asked).toEqual([["parse"], ["open", "header"]]);
  expect(vectors).toEqual(await tfidf().embed(["open", "parse", "header", "open"], query));
});

test("two who ask at once share one answer", async () => {
  const { embedder, asked } = noted();
  const cache = cached(embedder, { ttl_seconds: 60, capacity: 10, now: () => 0 });
  const [a, b] = await Promise.all([cache.embed(["parse"], query), cache.embed(["parse"], query)]);
  expect(asked).toEqual([["parse"]]);
  a[0]!.fill(9);
  expect(b[0]).toEqual((await cache.embed(["parse"], query))[0]);
});

test("forgets the one that was not asked for the longest", async () => {
  const { embedder, asked } = noted();
  const cache = cached(embedder, { ttl_seconds: 60, capacity: 2, now: () => 0 });
  for (const text of ["parse", "open", "parse", "header", "parse", "open"]) await cache.embed([text], query);
  expect(asked.flat()).toEqual(["parse", "open", "header", "open"]);
});

test("a failure is not remembered", async () => {
  const { embedder, asked, fail } = noted();
  const cache = cached(embedder, { ttl_seconds: 60, capacity: 10, now: () => 0 });
  fail.push(new Error("once"), new Error("twice"));
  await expect(cache.embed(["parse"], query)).rejects.toThrow("twice");
  await expect(cache.embed(["parse"], query)).resolves.toHaveLength(1);
  expect(asked).toHaveLength(3);
});

test("a time of 0 remembers nothing", async () => {
  const { embedder, asked } = noted();
  const cache = cached(embedder, { ttl_seconds: 0, capacity: 10, now: () => 0 });
  await cache.embed(["parse"], query);
  await cache.embed(["parse"], query);
  expect(asked).toHaveLength(2);
});

test("models: a few stay open, the least used is closed, and each opens once", async () => {
  const closed: string[] = [];
  const opened: string[] = [];
  const models = createModels(2);
  const get = (name: string): Promise<Embedder> =>
    models.get(name, async () => {
      opened.push(name);
      return { ...tfidf(), close: async () => void closed.push(name) };
    });
  const [first, same] = await Promise.all([get("a"), get("a")]);
  expect(same).toBe(first);
  await get("b");
  await get("a");
  await get("c");
  expect([opened, closed, models.loaded()]).toEqual([["a", "b", "c"], ["b"], ["a", "c"]]);
  await models.unload("a");
  expect([closed, models.loaded()]).toEqual([["b", "a"], ["c"]]);
  await models.close();
  expect([closed, models.loaded()]).toEqual([["b", "a", "c"], []]);
});

test("models: one that does not open is tried again", async () => {
  const models = createModels(2);
  await expect(models.get("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(models.loaded()).toEqual([]);
  await expect(models.get("a", async () => tfidf())).resolves.toBeDefined();
});
