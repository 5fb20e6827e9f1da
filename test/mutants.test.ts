/** Mutation testing (bench/mutants): which wrong changes it makes, which tests it asks, and that it tells what they say. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { editsOf } from "../bench/mutants/edits.ts";
import { readReach } from "../bench/mutants/reach.ts";
import { Runner } from "../bench/mutants/runner.ts";
import { repository } from "./momo-process.ts";

/** What a source becomes, for each edit: only the lines that differ. */
const changesOf = (source: string): string[] =>
  editsOf("x.ts", source).map(({ start, end, text }) => source.slice(0, start) + text + source.slice(end));

test("operators, conditions, numbers, calls, results and elements are changed, one at a time", () => {
  expect(changesOf("const a = b < 1 && c === d;")).toEqual([
    "const a = b <= 1 && c === d;",
    "const a = b < 0 && c === d;",
    "const a = b < 1 || c === d;",
    "const a = b < 1 && c !== d;",
  ]);
  expect(changesOf("if (a) b();")).toEqual(["if (!(a)) b();", "if (a) {}"]);
  expect(changesOf("function f() { i++; return i + 2; }")).toEqual([
    "function f() { i--; return i + 2; }",
    "function f() { i++; return undefined; }",
    "function f() { i++; return i - 2; }",
    "function f() { i++; return i + (2 + 1); }",
  ]);
  expect(changesOf("f([a, b,], [c]);")).toEqual(["{}", "f([b,], [c]);", "f([a, ], [c]);", "f([a, b,], []);"]);
});

test("types, imports, texts and the making of errors are left alone", () => {
  const sources = [
    'import { a } from "./1.ts";',
    "type A = [1, 2]; interface B { c: 0 | 1 }",
    'if (a) throw new Error("1 + 1 " + (b < 1));',
    'const text = "a" + b;',
    "new MomoError(a < 1);",
    "function f(): void { return; }",
  ];
  expect(sources.flatMap(changesOf)).toEqual(['if (!(a)) throw new Error("1 + 1 " + (b < 1));']);
});

test("a condition of SQL comes to hold for every row, with its parameters, and a boundary moves", () => {
  const sql =
    "`SELECT a FROM b JOIN c ON b.d = c.d WHERE e > ? AND f BETWEEN ? AND ? ORDER BY $" + "{g(h)} DESC`";
  expect(changesOf(`const s = ${sql};`).map((text) => text.slice(10, -1))).toEqual([
    sql.replace("b.d = c.d", "(TRUE OR b.d = c.d)"),
    sql.replace("e > ?", "(TRUE OR e > ?)"),
    sql.replace("e > ?", "e >= ?"),
    sql.replace("f BETWEEN ? AND ?", "(TRUE OR f BETWEEN ? AND ?)"),
    sql.replace("DESC", "ASC"),
  ]);
  expect(changesOf('const s = "UPDATE a SET b = 1 WHERE c IN (SELECT d FROM e WHERE f = ?)";')).toEqual([
    'const s = "UPDATE a SET b = 1 WHERE (TRUE OR c IN (SELECT d FROM e WHERE f = ?))";',
    'const s = "UPDATE a SET b = 1 WHERE c IN (SELECT d FROM e WHERE (TRUE OR f = ?))";',
  ]);
});

/** A checkout with these files, and this repository's packages. */
function checkoutOf(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "momo-checkout-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test("the tests of a file are those that import it, however far, its own first; types are not asked for", () => {
  const files = {
    "src/a/one.ts": "export const one = 1;",
    "src/a/one.test.ts": 'import { one } from "./one.ts";',
    "src/a/by.ts": 'export { one } from "./one.ts";',
    "src/a/by.test.ts": 'const by = await import("./by.ts");',
    "src/b/worker.test.ts": 'new Worker(new URL("../a/by.ts", import.meta.url));',
    "src/b/type.test.ts": 'import type { one } from "../a/one.ts";',
    "src/b/near.test.ts": 'import { one } from "../a/one.ts";',
  };
  expect(readReach(checkoutOf(files), Object.keys(files))("src/a/one.ts")).toEqual([
    "src/a/one.test.ts",
    "src/a/by.test.ts",
    "src/b/near.test.ts",
    "src/b/worker.test.ts",
  ]);
});

test("a change that a test notices is told from one that makes no difference, and from one that hangs", async () => {
  const source = "export const least = (a: number, b: number): number => (a < b ? a : b);\n";
  const runner = new Runner(
    checkoutOf({
      "least.ts": source,
      "least.test.ts": `import { expect, test } from "vitest";
        import { least } from "./least.ts";
        test("the least", () => expect(least(1, 2)).toBe(1));`,
      "vitest.config.ts": 'export default { test: { include: ["*.test.ts"] } };',
    }),
    ["least.ts", "least.test.ts", "vitest.config.ts"],
  );
  onTestFinished(() => runner.close());
  const verdictOn = async (text: string, limit_ms = 60_000): Promise<string> => {
    runner.write("least.ts", text);
    return (await runner.run("least.test.ts", limit_ms)).verdict;
  };
  expect(await verdictOn(source)).toBe("passed");
  expect(await verdictOn(source.replace("a < b", "!(a < b)"))).toBe("failed");
  // Equal numbers are the same, whichever of them is taken.
  expect(await verdictOn(source.replace("a < b", "a <= b"))).toBe("passed");
  expect(await verdictOn(`for (;;);\n${source}`, 3000)).toBe("timeout");
  expect(await verdictOn(`throw new Error("at once");\n${source}`)).toBe("failed");
  expect(await verdictOn(source)).toBe("passed");
});
