/** Damaged source files: no crash, no hang, every file accounted for, and the rest still found. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { openMomo } from "../src/momo.ts";
import { isLong, project, repository } from "./momo-process.ts";

const COUNT = isLong ? 2_000 : 200;

/** Deterministic numbers in [0, 1): a failure can be run again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const NESTED = 10_000;
const nests: Record<string, string> = {
  ".py": `${"(".repeat(NESTED)}1${")".repeat(NESTED)}\n`,
  ".js": `x = ${"[".repeat(NESTED)}${"]".repeat(NESTED)}\n`,
  ".go": `package a\nfunc f() ${"{ if true ".repeat(NESTED)}{}${"}".repeat(NESTED)}\n`,
  ".c": `int f() ${"{".repeat(NESTED)}${"}".repeat(NESTED)}\n`,
  ".rb": `${"module A\n".repeat(NESTED)}${"end\n".repeat(NESTED)}`,
  ".hs": `f = ${"(".repeat(NESTED)}1${")".repeat(NESTED)}\n`,
};

function mutate(bytes: Buffer, next: () => number): Buffer {
  const copy = Buffer.from(bytes);
  const kind = Math.floor(next() * 4);
  if (kind === 0) return copy.subarray(0, Math.floor(next() * copy.length));
  if (kind === 1) {
    for (let i = 0; i < 1 + copy.length / 50; i++)
      copy[Math.floor(next() * copy.length)] = Math.floor(next() * 256);
    return copy;
  }
  const at = Math.floor(next() * copy.length);
  const [a, b] = [copy.subarray(0, at), copy.subarray(at)];
  return kind === 2 ? Buffer.concat([b, a]) : Buffer.concat([a, Buffer.from("{([<\"'`/*".repeat(40)), b]);
}

function files(): Record<string, Uint8Array | string> {
  const folder = join(repository, "src", "extract", "golden");
  const sources = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".json"))
    .map(({ name }) => name);
  const next = random(7);
  const made: Record<string, Uint8Array | string> = {};
  for (let i = 0; i < COUNT; i++) {
    const name = sources[i % sources.length].replace(/\.txt$/, "");
    const source = readFileSync(join(folder, sources[i % sources.length]));
    made[`m${i}/${basename(name)}`] = mutate(source, next);
  }
  for (const [extension, text] of Object.entries(nests)) made[`deep/nested${extension}`] = text;
  made["long/line.js"] = `var a = "${"x".repeat(5_000_000)}";\n`;
  made["long/line.py"] = `a = [${"1, ".repeat(1_600_000)}]\n`;
  made["good/beacon.py"] = "def lighthouse_beacon():\n    return 1\n";
  return made;
}

it(`takes ${COUNT} damaged files`, { timeout: 1_800_000 }, async () => {
  const made = files();
  const root = project(made);
  const momo = await openMomo({ root });
  try {
    const stats = await momo.ingest();
    expect(stats.total_files).toBe(Object.keys(made).length);
    expect(stats.successful_files + stats.skipped_files + stats.failed_files).toBe(stats.total_files);
    const { results } = await momo.search({ query: "lighthouse_beacon" });
    expect(results[0].path).toBe("good/beacon.py");
    const status = await momo.status();
    const skipped = Object.values(status.skipped).reduce((sum, { count }) => sum + count, 0);
    expect(status.files + skipped).toBe(stats.total_files);
    const again = await momo.ingest();
    expect([again.created, again.updated, again.removed]).toEqual([0, 0, 0]);
  } finally {
    await momo.close();
  }
});
