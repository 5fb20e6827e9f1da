/**
 * The golden ranking: what Momo answers to the questions of ranking/cases.json about the small project of
 * ranking/corpus, and how good that is. Both are committed, so that a change of ranking shows as a diff.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { SearchResponse } from "../src/model/api.ts";
import { openMomo } from "../src/momo.ts";

interface Case {
  kind: "words" | "symbol" | "path" | "error";
  query: string;
  /** Files that answer the query; any of them counts as found. */
  expected: string[];
}

type Answer = Pick<SearchResponse, "kind" | "results" | "coverage">;

const folder = join(import.meta.dirname, "ranking");
const cases = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8")) as Case[];
const LIMIT = 10;
const SHOWN = 5;

const scratch = mkdtempSync(join(tmpdir(), "momo-ranking-"));
// Not where it lies: inside a work tree, what git knows of it would decide what is indexed.
const root = join(scratch, "corpus");
let answers: Answer[];

beforeAll(async () => {
  cpSync(join(folder, "corpus"), root, { recursive: true });
  answers = await ask("home", 2);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Indexes the corpus into a new home with so many workers and asks every query, in the order of the cases. */
async function ask(home: string, workers: number): Promise<Answer[]> {
  vi.stubEnv("MOMO_WORKERS", String(workers));
  const momo = await openMomo({ root, home: join(scratch, home) });
  try {
    const { failed_files } = await momo.ingest();
    expect(failed_files).toBe(0);
    const all: Answer[] = [];
    for (const { query } of cases) {
      const { kind, results, coverage } = await momo.search({ query, limit: LIMIT });
      all.push({ kind, results, coverage });
    }
    return all;
  } finally {
    await momo.close();
    vi.unstubAllEnvs();
  }
}

function compareWithFile(name: string, actual: string): void {
  const file = join(folder, name);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, actual);
  const committed = existsSync(file) ? readFileSync(file, "utf8").replaceAll("\r\n", "\n") : "";
  expect(
    actual,
    `the ranking is not that of test/ranking/${name}; if it is meant to change, run ` +
      "UPDATE_GOLDEN=1 npx vitest run test/ranking, look at every changed line, and commit the file",
  ).toBe(committed);
}

/** The first results of a query; `*` marks an expected file, `-` stands for one that was not found at all. */
function goldenOf({ kind, query, expected }: Case, { kind: readAs, results }: Answer): string {
  const shown = results.slice(0, SHOWN).map(({ path, start_line, end_line }) => {
    return `${expected.includes(path) ? "*" : " "} ${path}:${start_line}-${end_line}`;
  });
  const missing = expected.filter((path) => !results.some((result) => result.path === path));
  return [`${kind} (as ${readAs}): ${query}`, ...shown, ...missing.map((path) => `- ${path}`), ""].join("\n");
}

interface Quality {
  recall1: number;
  recall5: number;
  reciprocal: number;
  ndcg: number;
}

/** How well one query was answered; a file counts where it stands first. */
function qualityOf(expected: string[], found: string[]): Quality {
  const files = [...new Set(found)];
  const first = files.findIndex((path) => expected.includes(path));
  const gain = (rank: number): number => 1 / Math.log2(rank + 2);
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
  const ideal = sum(expected.map((_, rank) => gain(rank)));
  return {
    recall1: first === 0 ? 1 : 0,
    recall5: first >= 0 && first < 5 ? 1 : 0,
    reciprocal: first < 0 ? 0 : 1 / (first + 1),
    ndcg: sum(files.map((path, rank) => (expected.includes(path) ? gain(rank) : 0))) / ideal,
  };
}

function statsOf(name: string, group: Quality[]): string {
  const mean = (key: keyof Quality): string =>
    (group.reduce((sum, quality) => sum + quality[key], 0) / group.length).toFixed(3).padStart(9);
  return `${name.padEnd(8)}${String(group.length).padStart(8)}${mean("recall1")}${mean("recall5")}${mean("reciprocal")}${mean("ndcg")}\n`;
}

test("every expected file is in the corpus", () => {
  expect(cases.filter(({ expected }) => expected.length === 0)).toEqual([]);
  const missing = cases.flatMap(({ expected }) => expected).filter((path) => !existsSync(join(root, path)));
  expect(missing).toEqual([]);
});

test("the first results of every query are the committed ones", () => {
  compareWithFile("golden.txt", cases.map((one, i) => goldenOf(one, answers[i])).join("\n"));
});

test("the quality of the ranking is the committed one", () => {
  const rows = cases.map(({ kind, expected }, i) => {
    return {
      kind,
      quality: qualityOf(
        expected,
        answers[i].results.map(({ path }) => path),
      ),
    };
  });
  const kinds = Object.entries(Object.groupBy(rows, ({ kind }) => kind));
  const header = "kind     queries recall@1 recall@5      mrr  ndcg@10\n";
  const lines = kinds.map(([kind, group]) =>
    statsOf(
      kind,
      group.map(({ quality }) => quality),
    ),
  );
  const overall = statsOf(
    "all",
    rows.map(({ quality }) => quality),
  );
  compareWithFile("stats.txt", header + lines.join("") + overall);
});

test("scores are between 0 and 1 and never rise down a list", () => {
  for (const { results } of answers) {
    const scores = results.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    for (const score of scores) {
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
    }
  }
});

test("scores tell results apart", () => {
  const differ = answers.filter(({ results }) => new Set(results.map(({ score }) => score)).size > 1);
  expect(differ.length).toBeGreaterThan(cases.length / 2);
});

test("a home built by one worker answers the same, with the same scores", async () => {
  expect(await ask("single", 1)).toEqual(answers);
});
