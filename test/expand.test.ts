/** Other words for those of a query, over a real index of a small project. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SearchRequest, SearchResponse } from "../src/model/api.ts";
import { type Momo, openMomo } from "../src/momo.ts";

const root = mkdtempSync(join(tmpdir(), "momo-expand-"));
let momo: Momo;

const project: Record<string, string> = {
  "src/retry-policy.ts":
    "export class RetryPolicy {\n  multiplier = 2;\n  nextDelay(): number {\n    return this.multiplier;\n  }\n}\n",
  "src/authentication.ts":
    "export function authenticate(user: string): boolean {\n  return user !== '';\n}\n",
  "src/settings.ts": "export const configuration = { verbose: true };\n",
  "src/report.ts": "export function report(file_name: string): string {\n  return file_name;\n}\n",
  "src/arguments.ts": "export const keywordonly = ['def'];\n",
  "src/other.ts": "export const unrelated = 1;\nexport const resort = 2;\n",
};

beforeAll(async () => {
  for (const [path, text] of Object.entries(project)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  momo = await openMomo({ root });
  await momo.ingest();
});
afterAll(async () => {
  await momo.close();
  rmSync(root, { recursive: true, force: true });
});

const search = (query: string, change: Partial<SearchRequest> = {}): Promise<SearchResponse> =>
  momo.search({ query, ...change });
const paths = ({ results }: SearchResponse): string[] => results.map(({ path }) => path);

test("a misspelt word finds what was meant, and the answer says so", async () => {
  const answer = await search("how is the multipleir used");
  expect(paths(answer)[0]).toBe("src/retry-policy.ts");
  expect(answer.did_you_mean).toBe("how is the multiplier used");
  const off = await search("multipleir", { expand: "off" });
  expect(off.results).toEqual([]);
  expect(off).not.toHaveProperty("did_you_mean");
});

test("a part of an identifier is corrected in its own case, and the definition found", async () => {
  const answer = await search("RetyrPolicy");
  expect(answer.did_you_mean).toBe("RetryPolicy");
  expect(answer.results[0]).toMatchObject({ path: "src/retry-policy.ts", entity_name: "RetryPolicy" });
});

test("what occurs anywhere is never corrected, nor the beginning of a word in a path", async () => {
  for (const query of ["multiplier", "unrelated verbose", "settin", "report", "resort"]) {
    expect(await search(query), query).not.toHaveProperty("did_you_mean");
  }
});

test("a correction is a word that is live: one that was removed is no longer suggested", async () => {
  const path = join(root, "src", "shape.ts");
  writeFileSync(path, "export const quadrilateral = 4;\n");
  await momo.ingest();
  expect((await search("quadrilatreal")).did_you_mean).toBe("quadrilateral");
  writeFileSync(path, "export const triangle = 3;\n");
  await momo.ingest();
  expect(await search("quadrilatreal")).not.toHaveProperty("did_you_mean");
});

test("all: short forms and compounds are found by their words; without it they are not", async () => {
  // A file may also be near the query by what its words mean: that is no word of it.
  const wordScore = async (query: string, path: string, expand: "all" | "off"): Promise<number> => {
    const { results } = await search(query, { expand, explain: true });
    return results.find((result) => result.path === path)?.explain?.file?.value ?? 0;
  };
  for (const [query, path] of [
    ["cfg", "src/settings.ts"],
    ["filename", "src/report.ts"],
    ["keyword only", "src/arguments.ts"],
  ]) {
    expect(await wordScore(query, path, "off"), query).toBe(0);
    expect(await wordScore(query, path, "all"), query).toBeGreaterThan(0);
  }
});

test("--explain says which words were added", async () => {
  const { expansions, understanding } = await search("multipleir cfg", { expand: "all", explain: true });
  expect(expansions).toContainEqual({ kind: "spelling", from: "multipleir", to: ["multiplier"] });
  expect(expansions?.find(({ from }) => from === "cfg")?.to).toContain("config");
  expect(understanding).toMatchObject({ intent: "general", scope: { kind: "whole" } });
  expect(await search("multiplier")).not.toHaveProperty("understanding");
});

test("an unknown way of expanding is refused", async () => {
  await expect(search("x", { expand: "everything" as "all" })).rejects.toThrow(/off, spelling, all/);
});

test("the file and line of a stack trace come first, wherever the project lay", async () => {
  const trace = `TypeError: unrelated\n    at report (/home/ann/shop/src/report.ts:2:10)\n    at ${"x".repeat(20)} (node:internal/main:1:1)`;
  const { results } = await search(trace);
  expect(results[0]).toMatchObject({ path: "src/report.ts", score: 1 });
  const python = `Traceback (most recent call last):\n  File "src/other.ts", line 1, in a\n  File "src/settings.ts", line 1, in b\nKeyError`;
  expect(paths(await search(python)).slice(0, 2)).toEqual(["src/settings.ts", "src/other.ts"]);
});
