/** `momo search --budget` as people and programs see it, by the real program. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { estimateTokens } from "../src/model/tokens.ts";
import { momo, ownSources, project } from "./momo-process.ts";

interface Packed {
  results: { path: string; start_line: number; end_line: number; content: string; tokens: number }[];
  outlines: { path: string; lines: number; definitions: { line: number; signature: string }[] }[];
  tokens: number;
  budget: number;
  cut: { files: number; lines: number; copies: number };
}

const readJson = (text: string): Packed => JSON.parse(text);

test("what is printed stays within the budget, whatever it is, and says what it took", async () => {
  const cwd = ownSources();
  for (const budget of [100, 357, 2000]) {
    const query = "how are files of a git repository listed, and wich are ignroed";
    const { code, stdout } = await momo(["search", query, "--budget", String(budget)], { cwd });
    expect(code).toBe(0);
    const [, tokens, most, files] =
      /^(\d+) of (\d+) tokens, (\d+) files?$/.exec(stdout.trimEnd().split("\n").at(-1) ?? "") ?? [];
    expect(Number(most)).toBe(budget);
    expect(Number(tokens)).toBeLessThanOrEqual(budget);
    expect(estimateTokens(stdout)).toBeLessThanOrEqual(Number(tokens));
    expect(Number(files)).toBeGreaterThan(0);
  }
});

test("as JSON: the same lines, what they take, outlines, and what was cut", async () => {
  const cwd = ownSources();
  const query = ["search", "rows of the table of errors", "--budget", "600"];
  const text = await momo(query, { cwd });
  const packed = readJson((await momo([...query, "--json"], { cwd })).stdout);
  expect(text.stdout).toContain(`${packed.tokens} of 600 tokens`);
  for (const { path, start_line, end_line, content } of packed.results) {
    const lines = content.split("\n");
    expect(lines).toHaveLength(end_line - start_line + 1);
    expect(text.stdout).toContain(path);
    lines.forEach((line, i) => {
      if (line.trim() !== "") expect(text.stdout).toContain(`${start_line + i}  ${line.trimEnd()}`);
    });
  }
  for (const { path, definitions } of packed.outlines) {
    expect(text.stdout).toContain(path);
    for (const { line, signature } of definitions) expect(text.stdout).toContain(`${line} ${signature}`);
  }
  expect(packed.results.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(packed.tokens);
  expect(packed.cut.files).toBeGreaterThan(0);
});

test("limit, filters, a subfolder and many queries work with a budget", async () => {
  const cwd = project();
  writeFileSync(join(cwd, "queries.txt"), "retry attempt\nmonthly sales\n");
  const one = readJson(
    (await momo(["search", "price", "--budget", "500", "--limit", "1", "--json"], { cwd })).stdout,
  );
  expect(new Set([...one.results, ...one.outlines].map(({ path }) => path)).size).toBe(1);
  const python = await momo(["search", "price", "--budget", "500", "-l", "py", "--json"], { cwd });
  expect(readJson(python.stdout).results.every(({ path }) => path.endsWith(".py"))).toBe(true);
  const inside = await momo(
    ["search", "price of the cart", "src", "--budget", "500", "--keep", "retry.ts:2-3", "--json"],
    { cwd },
  );
  const below = readJson(inside.stdout);
  expect([...below.results, ...below.outlines].every(({ path }) => !path.includes("/"))).toBe(true);
  expect(below.results.some(({ path, start_line }) => path === "retry.ts" && start_line <= 2)).toBe(true);
  const many = await momo(["search", "--queries", "queries.txt", "--budget", "300", "--json"], { cwd });
  const lines = many.stdout.trim().split("\n").map(readJson);
  expect(lines.map(({ results }) => results[0].path)).toEqual(["src/retry.ts", "tools/report.py"]);
  for (const { tokens, budget } of lines) expect(tokens).toBeLessThanOrEqual(budget);
});

test("what cannot be meant is refused", async () => {
  const cwd = project();
  await momo(["ingest"], { cwd });
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await momo(["search", "price", ...args], { cwd });
    expect(code, args.join(" ")).toBe(2);
    return stderr;
  };
  expect(await refused("--budget", "5")).toMatch(/100 to 1,?000,?000/);
  expect(await refused("--keep", "src/cart.ts:1-2")).toMatch(/budget/);
  expect(await refused("--budget", "500", "--keep", "src/cart.ts")).toMatch(/PATH:START-END/);
  expect(await refused("--budget", "500", "--keep", "src/none.ts:1-2")).toMatch(/indexed/);
  expect(await refused("--budget", "500", "--keep", "src/cart.ts:99-100")).toMatch(/12 lines/);
  expect(await refused("--budget", "500", "--keep", "src/cart.ts:5-2")).toMatch(/first before the last/);
  expect(await refused("--budget", "100", "--keep", "src/cart.ts:1-12")).toMatch(/too small/);
});
