import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Pool } from "./pool.ts";
import type { FileResult, FileTask } from "./protocol.ts";

const golden = join(import.meta.dirname, "../extract/golden");
const folder = mkdtempSync(join(tmpdir(), "momo-pool-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const task = (file: string, index: number): FileTask => {
  const language = { py: "python", sh: "bash", rb: "ruby", md: "markdown" }[file.split(".")[1]]!;
  return { index, path: file, file: join(golden, file), language, parse: true };
};

/** Results in the order in which they came, and how many documents the segments hold. */
async function run(files: string[], size: number): Promise<{ results: FileResult[]; documents: number }> {
  const results: FileResult[] = [];
  let documents = 0;
  const pool = new Pool(2);
  await pool.run(files.map(task), () => size, {
    packs: () => undefined,
    result: (result) => results.push(result),
    segment: (segment) => {
      documents += segment.documents.length;
    },
  });
  return { results, documents };
}

describe("files of languages with a huge lexer", () => {
  it("come last, when the optimising compiler is off for good; later runs keep their order", async () => {
    const files = ["bash.sh", "ruby.rb", ...Array.from({ length: 7 }, () => "python.py")];
    const first = await run(files, 100_000);
    expect(first.results.map(({ outcome }) => outcome)).toEqual(files.map(() => "indexed"));
    expect(first.documents).toBe(files.length);
    expect(
      first.results
        .slice(-2)
        .map(({ index }) => index)
        .sort(),
    ).toEqual([0, 1]);
    const second = await run(files, 100);
    expect(second.results.map(({ index }) => index)).toEqual([...files.keys()]);
  });

  it.each([
    ["alone, and few", ["bash.sh"], 1000],
    ["alone, and many", ["bash.sh", "ruby.rb", "bash.sh"], 300_000],
  ])("are read when they are %s", (_, files, size) => {
    const script = `
      const { Pool } = await import(${JSON.stringify(new URL("./pool.ts", import.meta.url).href)});
      let documents = 0;
      const pool = new Pool(2);
      const events = { packs() {}, result() {}, segment(s) { documents += s.documents.length; } };
      await pool.run(${JSON.stringify(files.map(task))}, () => ${size}, events);
      console.log(documents);`;
    expect(Number(node(script))).toBe(files.length);
  });

  it("do not fill the memory", () => {
    for (const file of ["swift.swift", "python.py"]) copyFileSync(join(golden, file), join(folder, file));
    const script = `
      const { openMomo } = await import(${JSON.stringify(new URL("../index.ts", import.meta.url).href)});
      const momo = await openMomo({ root: ${JSON.stringify(folder)} });
      await momo.ingest();
      await momo.close();
      // The compiler would work in the background.
      setTimeout(() => console.log(process.resourceUsage().maxRSS), 1500);`;
    expect(Number(node(script)) / 1024).toBeLessThan(500);
  });
});

/** A process of its own: the compiler is still on in it, and its memory is its own. */
function node(script: string): string {
  const file = join(folder, "script.mjs");
  writeFileSync(file, script);
  return execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", file], {
    encoding: "utf8",
  });
}
