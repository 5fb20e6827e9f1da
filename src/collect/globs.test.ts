import { describe, expect, test } from "vitest";
import { MomoError } from "../errors.ts";
import { compileGlobs } from "./globs.ts";

const paths = [
  "README.md",
  "a.py",
  "docs/dir/x.txt",
  "src/a.py",
  "src/api/index.ts",
  "src/api/v1/users.ts",
  "src/api.ts",
  "src/main.tsx",
  "test/src/b.ts",
];
const matching = (...globs: string[]) => paths.filter((path) => compileGlobs(globs)(path));

describe("compileGlobs", () => {
  test.each<[string, string[]]>([
    ["*.py", ["a.py", "src/a.py"]],
    ["a.py", ["a.py", "src/a.py"]],
    ["/a.py", ["a.py"]],
    ["./a.py", ["a.py", "src/a.py"]],
    ["src/*.py", ["src/a.py"]],
    ["src/**/*.ts", ["src/api/index.ts", "src/api/v1/users.ts", "src/api.ts"]],
    [
      "**/src/**",
      ["src/a.py", "src/api/index.ts", "src/api/v1/users.ts", "src/api.ts", "src/main.tsx", "test/src/b.ts"],
    ],
    ["dir/", ["docs/dir/x.txt"]],
    ["src/api", ["src/api/index.ts", "src/api/v1/users.ts"]],
    ["src/api/", ["src/api/index.ts", "src/api/v1/users.ts"]],
    ["src//api", ["src/api/index.ts", "src/api/v1/users.ts"]],
    ["api.ts/", []],
    ["src/api.ts/", []],
    [
      "*.{ts,tsx}",
      ["src/api/index.ts", "src/api/v1/users.ts", "src/api.ts", "src/main.tsx", "test/src/b.ts"],
    ],
    ["src/{api/{index,none},main}.ts*", ["src/api/index.ts", "src/main.tsx"]],
    ["src/**/", ["src/api/index.ts", "src/api/v1/users.ts"]],
    ["[a-c].py", ["a.py", "src/a.py"]],
    ["[!b].ts", []],
    ["?.[[:alpha:]]s", ["test/src/b.ts"]],
    ["**", paths],
    [".", paths],
    ["*", paths],
    ["SRC/", []],
    ["src/api\\.ts", ["src/api.ts"]],
  ])("%s", (glob, expected) => {
    expect(matching(glob)).toEqual(expected);
  });

  test("several globs match what either matches, none match nothing", () => {
    expect(matching("*.md", "a.py")).toEqual(["README.md", "a.py", "src/a.py"]);
    expect(matching()).toEqual([]);
  });

  test("a folder matches where all that is in it does", () => {
    const isMatch = compileGlobs(["out/", "src/*.ts", "lib/**"]);
    expect(isMatch("a/out", true)).toBe(true);
    expect(isMatch("a/out", false)).toBe(false);
    expect(isMatch("src", true)).toBe(false);
    expect(isMatch("lib", true)).toBe(false);
  });

  test("odd characters are just characters", () => {
    const isMatch = compileGlobs(["-rf/*.py", "a\\*b", "[]x]y", "é?"]);
    expect(["-rf/x.py", "a*b", "]y", "xy", "én"].filter((path) => isMatch(path))).toHaveLength(5);
    expect(["axb", "zy", "e"].filter((path) => isMatch(path))).toEqual([]);
    expect(compileGlobs(["*.py"])("new\nline.py")).toBe(true);
  });

  test.each([
    ["", "empty"],
    ["  ", "empty"],
    ["src/[ab", "not closed"],
    ["a[[:nope:]]", "not closed"],
    ["*.{ts,js", "not closed"],
    ["src\\", "ends it"],
    ["!*.py", "negated"],
    ["../other/*.py", "leave"],
    ["src/../../x", "leave"],
    ["a\0b", "NUL"],
    ["{a,b}".repeat(12), "too many"],
    ["a".repeat(5000), "too long"],
  ])("%j is refused", (glob, why) => {
    const compile = () => compileGlobs([glob]);
    expect(compile).toThrow(MomoError);
    expect(compile).toThrow(why);
  });

  test("a pattern made to be slow is not: the same number of steps for any text", () => {
    const path = `${"a/".repeat(500)}${"a".repeat(1000)}b${"a".repeat(1000)}`;
    const unclosed = ["[:".repeat(2000), `${"[a".repeat(1000)}/{x`];
    for (const glob of unclosed) expect(() => compileGlobs([glob])).toThrow("not closed");
    const hostile = [`${"a*".repeat(1000)}c`, `**/${"a/**/".repeat(300)}b`, `${"**/a*a*".repeat(200)}/c`];
    const isMatch = compileGlobs(hostile);
    for (let round = 0; round < 20; round++) expect(isMatch(path)).toBe(false);
  }, 20_000);
});
