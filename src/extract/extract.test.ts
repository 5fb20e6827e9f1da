import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Entity, EntityFlag, emptyOutline, type Outline } from "../model/outline.ts";
import { extract } from "./extract.ts";
import { discardRuntime, hasGrammar, loadGrammar } from "./grammars.ts";
import { detectLanguage, languages } from "./language.ts";

/**
 * Sources and what is read from them. `.ts` and `.tsx` sources end in `.txt`, so that the compiler leaves them alone.
 * `UPDATE_GOLDEN=1 vitest run src/extract` writes the .json files; read every line of the difference.
 */
const folder = join(import.meta.dirname, "golden");
const fixtures = readdirSync(folder)
  .filter((file) => file.includes(".") && !file.endsWith(".json"))
  .map((file) => ({
    file,
    path: file.replace(/\.txt$/, ""),
    text: readFileSync(join(folder, file), "utf8"),
  }));

const outlineOf = (path: string, text: string): Outline =>
  extract({ path, language: detectLanguage(path)!.name, text });

/** One line for each entity and link: a difference shows which one changed. */
function written({ entities, links, warnings }: Outline): string {
  const lines = (values: unknown[]) => values.map((value) => `\n  ${JSON.stringify(value)}`).join(",");
  const { calls, imports, bases, bindings } = links;
  const lists = Object.entries({ entities, calls, imports, bases, bindings });
  const columns = lists.map(([name, values]) => `"${name}": [${lines(values)}\n]`).join(", ");
  return `{"package": ${JSON.stringify(links.package)}, ${columns}, "parents": ${JSON.stringify(links.parents)}, "warnings": ${JSON.stringify(warnings)}}\n`;
}

const goldenPath = (path: string): string => join(folder, `${basename(path, extname(path))}.json`);

async function loadAll(): Promise<void> {
  for (const { name, extensions } of languages) {
    for (const extension of extensions) if (hasGrammar(name)) await loadGrammar(name, `a${extension}`);
  }
}

beforeAll(loadAll);

describe("golden files", () => {
  it.each(fixtures)("$file", ({ path, text }) => {
    const actual = written(outlineOf(path, text));
    if (process.env.UPDATE_GOLDEN) writeFileSync(goldenPath(path), actual);
    expect(actual).toBe(readFileSync(goldenPath(path), "utf8"));
  });

  it("every language with entities has a source", () => {
    const covered = new Set(fixtures.map(({ path }) => detectLanguage(path)?.name));
    const expected = languages.filter(({ support }) => support !== "text").map(({ name }) => name);
    expect(expected.filter((name) => !covered.has(name))).toEqual([]);
  });

  it.each(fixtures)("$file: lines, names and relations agree with the text", ({ path, text }) => {
    const { entities, links } = outlineOf(path, text);
    const lines = text.split("\n");
    for (const entity of entities) {
      expect(entity.start_line).toBeLessThanOrEqual(entity.name_line);
      expect(entity.name_line).toBeLessThanOrEqual(entity.end_line);
      expect(entity.end_line).toBeLessThanOrEqual(lines.length);
      if (entity.type === "import" || entity.type === "export") continue;
      const nameLine = lines[entity.name_line - 1]!;
      expect(nameLine.search(/\S|$/), entity.qualified).toBe(entity.indent);
      expect(entity.qualified.endsWith(entity.name.replace(/::|\\/g, ".")), entity.qualified).toBe(true);
    }
    for (const { source, line, name } of links.calls) {
      expect(lines[line - 1], `call of ${name}`).toContain(name);
      if (source === 0) continue;
      const { start_line, end_line } = entities[source - 1]!;
      expect(line, `call of ${name}`).toBeGreaterThanOrEqual(start_line);
      expect(line, `call of ${name}`).toBeLessThanOrEqual(end_line);
    }
    for (const { line } of [...links.imports, ...links.bases, ...links.bindings])
      expect(lines[line - 1]).toBeDefined();
  });
});

describe("imports", () => {
  it("gives one import per imported name", () => {
    const { entities } = outlineOf("a.py", "import os\nimport sys\nfrom typing import List, Dict\n");
    expect(entities.map(({ name, type }) => `${type} ${name}`)).toEqual([
      "import os",
      "import sys",
      "import List",
      "import Dict",
    ]);
  });
});

describe("metadata of a function", () => {
  it("has every field the language knows", () => {
    const text = '@app.get("/")\nasync def f(a: int = 1) -> str:\n    """Doc."""\n    return a or "x"\n';
    const { entities } = outlineOf("a.py", text);
    expect(entities[0]).toEqual({
      name: "f",
      qualified: "f",
      type: "function",
      start_line: 1,
      end_line: 4,
      name_line: 2,
      indent: 0,
      signature: "async def f(a: int = 1) -> str",
      docstring: "Doc.",
      decorators: ['app.get("/")'],
      parameters: [{ name: "a", type: "int", default: "1" }],
      return_annotation: "str",
      complexity: 2,
      flags: EntityFlag.exported,
    } satisfies Entity);
  });
});

/** Requirement H03: 1 + branches + (operands of boolean operators - 1), nested functions not included. */
const complexities: [string, string, number][] = [
  ["a.py", "def f():\n  return 1", 1],
  ["a.py", "def f(a):\n  if a:\n    return 1\n  elif a > 1:\n    return 2\n  else:\n    return 3", 3],
  ["a.py", "def f(a, b, c):\n  return a and b and c or a", 4],
  ["a.py", "def f(a):\n  for x in a:\n    while x:\n      x -= 1", 3],
  [
    "a.py",
    "def f(a):\n  try:\n    a()\n  except A:\n    pass\n  except B:\n    pass\n  finally:\n    b()",
    3,
  ],
  ["a.py", "def f(a):\n  with a as b:\n    return 1 if b else 2", 3],
  ["a.py", "def f(a):\n  def g():\n    if a:\n      return 1\n  return g", 1],
  ["a.js", "function f(a) { for (const b of a) if (b && b.c || b?.d) return b ? 1 : 2; }", 6],
  ["a.js", "function f(a) { switch (a) { case 1: case 2: return 1; default: return 2; } }", 3],
  [
    "A.java",
    "class A { int f(int a) { do { a--; } while (a > 0); try { g(); } catch (E e) { } return a; } }",
    3,
  ],
  ["a.go", "package a\nfunc f(a int) { for a > 0 { if a == 1 || a == 2 { return } } }", 4],
  ["a.rs", "fn f(a: u8) -> u8 { match a { 1 => 1, 2 | 3 if a > 1 && true => 2, _ => 3 } }", 4],
];

describe("complexity", () => {
  it.each(complexities)("%s %s", (path, text, expected) => {
    const f = outlineOf(path, text).entities.find(({ name }) => name === "f");
    expect(f?.complexity).toBe(expected);
  });
});

const grammarFixtures = fixtures.filter(({ path }) => detectLanguage(path)?.support === "grammar");

describe("code that cannot be parsed", () => {
  it.each(grammarFixtures)("$file cut in half gives part of its entities and a warning", ({ path, text }) => {
    const whole = outlineOf(path, text);
    const { entities, warnings } = outlineOf(
      path,
      `${text.slice(0, text.length * 0.6)}\n)]}} @@ ((( "\n))) ]]] }}}`,
    );
    expect(entities.length).toBeGreaterThan(whole.entities.length / 4);
    expect(entities.length).toBeLessThanOrEqual(whole.entities.length + 5);
    expect(warnings).toEqual(["syntax errors: entities are partial"]);
  });

  it.each(fixtures)("$file with every tenth character lost does not throw", ({ path, text }) => {
    const damaged = [...text].filter((_, i) => i % 10 !== 3).join("");
    expect(outlineOf(path, damaged).entities).toBeInstanceOf(Array);
  });

  it("a binary, an empty and a one-line file are read, too", () => {
    for (const { path } of fixtures) {
      for (const text of ["", "\n", "\0\u0001\ud800", "\ufeff", "x".repeat(50_000), " ".repeat(50_000)]) {
        expect(outlineOf(path, text).links).toEqual(outlineOf(path, text).links);
      }
    }
  });

  it("a language without grammar and patterns has no entities", () => {
    expect(outlineOf("a.md", "# Title\n")).toEqual(emptyOutline());
  });

  it("a text that keeps the parser busy is given up with a warning, and the next one is read", () => {
    const source = { path: "a.dart", language: "dart" as const, text: `x = ${"{".repeat(2000)}` };
    expect(extract({ ...source, parse_limit_ms: 0 })).toEqual({
      ...emptyOutline(),
      warnings: ["parser stopped: the text takes too much time or memory"],
    });
    expect(outlineOf("b.dart", "void f() {}").entities.map(({ name }) => name)).toEqual(["f"]);
  });
});

describe("a runtime that aborted", () => {
  it("is replaced by the next load", async () => {
    discardRuntime();
    expect(() => outlineOf("a.go", "package a")).toThrow("grammar go is not loaded");
    await loadAll();
    expect(outlineOf("a.go", "package a\nfunc f() {}").entities.map(({ name }) => name)).toEqual(["f"]);
  });
});

describe("deep nesting", () => {
  it.each(grammarFixtures)("5,000 brackets deep: $file", ({ path }) => {
    // The Dart and Scala grammars need time that grows with the square of the depth for the other two.
    for (const [depth, open, close] of [
      [5000, "(", ")"],
      [1000, "[", "]"],
      [1000, "{", "}"],
    ] as const) {
      const text = `x = ${open.repeat(depth)}1${close.repeat(depth)}\n`;
      expect(outlineOf(path, text).entities.length).toBeLessThan(10);
    }
  });

  it("10,000 functions inside of each other: the outer ones are listed, and the rest is said", () => {
    const text = `${"function f() {\n".repeat(10_000)}${"}\n".repeat(10_000)}`;
    const { entities, warnings } = outlineOf("a.js", text);
    expect(entities).toHaveLength(40);
    expect(entities[39]!.qualified).toBe(Array(40).fill("f").join("."));
    expect(warnings).toEqual(["nested deeper than 40: inner definitions are not listed"]);
  });
});

describe("work that grows with the text, not with its square", () => {
  const hostile: [string, string, string][] = [
    ["comment ends without a start", "a.c", "*/\nint f(void);\n".repeat(20_000)],
    ["functions on one line", "a.js", "function f(a){return g(a)};".repeat(40_000)],
    ["classes on one line", "a.java", "class A{int f(){return 1;}}".repeat(20_000)],
    ["indented without end", "a.js", `${" ".repeat(200_000)}${"function f(){};".repeat(5000)}`],
    ["open type arguments", "a.ts", `f${"<".repeat(2000)}${"(a)".repeat(2000)}`],
    ["open strings", "a.py", 'def f(a="b\n'.repeat(10_000)],
    ["decorators", "a.py", `${"@a(\n".repeat(5000)}`],
    ["one long parameter list", "a.py", `def f(${"a: int = 1, ".repeat(30_000)}): pass`],
    ["create without end", "a.sql", "create table a (b int -- '\n".repeat(10_000)],
  ];
  it.each(hostile)("%s", (_name, path, text) => {
    expect(outlineOf(path, text).warnings.length).toBeLessThan(3);
  });
});

describe("memory", () => {
  it("2,000 parses leave no tree behind", () => {
    const { path, text } = fixtures.find(({ file }) => file === "java.java")!;
    for (let i = 0; i < 200; i++) outlineOf(path, text);
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 2000; i++) outlineOf(path, text);
    expect(process.memoryUsage().rss - before).toBeLessThan(60e6);
  });
});
