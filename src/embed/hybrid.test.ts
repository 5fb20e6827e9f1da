import { expect, test } from "vitest";
import { embedderContract } from "./embedder.fixture.ts";
import type { Embedder } from "./embedder.ts";
import { hybridSimilarity, normalWeights, openHybrid } from "./hybrid.ts";
import { fitTfidf, openTfidf } from "./tfidf.ts";
import { dot } from "./vector.ts";

const documents = [
  "parse the header of a request",
  "open a connection to the database",
  "parse the request body",
  "retry the database connection",
  "wholly unknown",
];
const first = openTfidf({ fit: fitTfidf([documents[0]!, documents[2]!, documents[0]!, "other"]) });
const second = openTfidf({ fit: fitTfidf(documents.slice(0, 4)) });
const code = "def parse_header(line): return line.split(':')";
const open = async (): Promise<Embedder> =>
  openHybrid({
    first: openTfidf({ fit: fitTfidf([...documents, code, code]) }),
    second,
  });
embedderContract({ name: "hybrid", open });

test.each([
  [0.3, 0.7],
  [7, 3],
  [0, 1],
  [1, 0],
] as const)("the similarity is the sum of both, weighted %f to %f", async (...weights) => {
  const hybrid = openHybrid({ first, second, weights });
  const [a, b] = normalWeights(weights);
  for (const text of ["parse header request", "retry database", "other database", "zebra"]) {
    const [[query], [one], [other]] = await Promise.all(
      [hybrid, first, second].map((embedder) => embedder.embed([text], { kind: "query" })),
    );
    const [joined, ones, others] = await Promise.all(
      [hybrid, first, second].map((embedder) => embedder.embed(documents, { kind: "document" })),
    );
    documents.forEach((_, i) => {
      const expected = a * dot(one!, ones![i]!) + b * dot(other!, others![i]!);
      expect(hybridSimilarity(dot(query!, joined![i]!), weights)).toBeCloseTo(expected, 5);
    });
  }
});

test("other weights are no other model: nothing is embedded anew", () => {
  const model = (weights: [number, number]): string => openHybrid({ first, second, weights }).model;
  expect(model([1, 2])).toBe(model([2, 1]));
});

test.each([
  [-0.1, 1],
  [0, 0],
  [Number.NaN, 1],
  [Number.POSITIVE_INFINITY, 1],
] as const)("%f and %f are no weights", (...weights) => {
  expect(() => openHybrid({ first, second, weights })).toThrow(
    expect.objectContaining({ code: "EMBEDDING_WEIGHTS" }),
  );
});

test("weights are normalised", () => {
  expect(normalWeights([3, 1])).toEqual([0.75, 0.25]);
});

test("joining ranks, a query is a ranking of each", async () => {
  const hybrid = openHybrid({ first, second, fusion: "ranks" });
  const [query] = await hybrid.embed(["parse the database request"], { kind: "query" });
  const views = hybrid.views!(query!);
  expect(views).toHaveLength(2);
  const joined = await hybrid.embed(documents, { kind: "document" });
  for (const [i, part] of [first, second].entries()) {
    const [own] = await part.embed(["parse the database request"], { kind: "query" });
    const alone = (await part.embed(documents, { kind: "document" })).map((one) => dot(own!, one));
    const seen = joined.map((one) => dot(views[i]!, one) * Math.SQRT2);
    for (const [at, value] of alone.entries()) expect(seen[at]).toBeCloseTo(value, 5);
  }
  const [unknown] = await hybrid.embed(["zebra"], { kind: "query" });
  expect(hybrid.views!(unknown!)).toEqual([]);
});
