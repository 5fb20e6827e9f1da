import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { embedderContract } from "./embedder.fixture.ts";
import { fitTfidf, openTfidf } from "./tfidf.ts";
import { similarities } from "./vector.ts";

interface Golden {
  documents: string[];
  terms: string[];
  idf: number[];
  vectors: number[][];
  queries: { text: string; similarities: number[] }[];
}

/** Made by golden/tfidf.py, which follows scikit-learn's documentation on its own: scikit-learn was not at hand. */
const golden: Golden = JSON.parse(readFileSync(join(import.meta.dirname, "golden", "tfidf.json"), "utf8"));
const fit = fitTfidf(golden.documents);

const code = [
  ...golden.documents,
  "def parse_header(line): return line.split(':')",
  "open a connection to the database",
];
embedderContract({ name: "tfidf", open: async () => openTfidf({ fit: fitTfidf(code) }) });
embedderContract({
  name: "tfidf, folded",
  open: async () => openTfidf({ fit: fitTfidf(code), dimensions: 16 }),
  skip: [{ reason: "texts collide in so few dimensions", tests: ["vectors come in the order of the texts"] }],
});

const near = (actual: ArrayLike<number>, expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-6);
  });
};

test("chooses the terms of the reference, and weighs them to 1e-6", () => {
  expect(fit.terms).toEqual(golden.terms);
  near(fit.idf, golden.idf);
});

test("vectors and cosines are those of the reference to 1e-6", async () => {
  const embedder = openTfidf({ fit });
  const documents = await embedder.embed(golden.documents, { kind: "document" });
  documents.forEach((vector, i) => {
    near(vector, golden.vectors[i]!);
  });
  for (const { text, similarities: expected } of golden.queries) {
    const [query] = await embedder.embed([text], { kind: "query" });
    near(similarities(query!, documents), expected);
  }
});

test("a query of unknown words is like nothing: 0 and not NaN", async () => {
  const embedder = openTfidf({ fit });
  const [query, document] = await embedder.embed(["zebra", golden.documents[0]!], { kind: "query" });
  expect(similarities(query!, [document!, query!])).toEqual([0, 0]);
});

test("fits one document, and none", async () => {
  const one = openTfidf({ fit: fitTfidf(["parse the header"]) });
  const [vector] = await one.embed(["header"], { kind: "query" });
  expect(vector?.some((value) => value > 0)).toBe(true);
  const none = openTfidf({ fit: fitTfidf([]) });
  expect(await none.embed(["header"], { kind: "query" })).toEqual([new Float32Array(1)]);
});

test("keeps the terms that occur most, at most 10,000", () => {
  const rare = Array.from({ length: 12_000 }, (_, i) => `w${i}`).join(" ");
  const { terms } = fitTfidf([rare, rare, "frequent frequent", "frequent frequent", "other", "other"]);
  expect(terms).toHaveLength(10_000);
  expect(terms).toContain("frequent");
});

test("another fit is another model", () => {
  const model = (documents: string[]): string => openTfidf({ fit: fitTfidf(documents) }).model;
  expect(model(["a1 b1", "a1 b1", "c1"])).toBe(model(["a1 b1", "a1 b1", "c1"]));
  expect(model(["a1 b1", "a1 b1", "c1"])).not.toBe(model(["a1 b1", "a1 b1", "d1", "d1"]));
});

test("folding keeps cosines roughly", async () => {
  const exact = openTfidf({ fit });
  const folded = openTfidf({ fit, dimensions: 24 });
  const [a, b] = await Promise.all(
    [exact, folded].map((embedder) => embedder.embed(golden.documents, { kind: "document" })),
  );
  const pairs = golden.documents.flatMap((_, i) => golden.documents.map((_, j) => [i, j] as const));
  const differences = pairs.map(([i, j]) =>
    Math.abs(similarities(a![i]!, [a![j]!])[0]! - similarities(b![i]!, [b![j]!])[0]!),
  );
  expect(differences.reduce((sum, one) => sum + one, 0) / pairs.length).toBeLessThan(0.1);
});
