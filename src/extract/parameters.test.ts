import { describe, expect, it } from "vitest";
import { expandGroups, readParameters, returnAfter, splitTop } from "./parameters.ts";

const named = { style: "named" } as const;
const typed = { style: "typed", modifiers: new Set(["final"]) } as const;

describe("readParameters", () => {
  it.each([
    ["(a, b = 1)", [{ name: "a" }, { name: "b", default: "1" }]],
    [
      "(a: int = 1, *args: str)",
      [
        { name: "a", type: "int", default: "1" },
        { name: "*args", type: "str" },
      ],
    ],
    [
      "(f: (x: A) => B, { a, b = [1, 2] }: C)",
      [
        { name: "f", type: "(x: A) => B" },
        { name: "{ a, b = [1, 2] }", type: "C" },
      ],
    ],
    [
      "(a: Map<K, V[]>, b?: T)",
      [
        { name: "a", type: "Map<K, V[]>" },
        { name: "b", type: "T" },
      ],
    ],
    [
      '(sep = ", (", end="\\"")',
      [
        { name: "sep", default: '", ("' },
        { name: "end", default: '"\\""' },
      ],
    ],
    ["(a, // one, two)\n b)", [{ name: "a" }, { name: "b" }]],
    [
      "(a, b = lambda x, y: (x, y), c = 1)",
      [{ name: "a" }, { name: "b", default: "lambda x, y: (x, y)" }, { name: "c", default: "1" }],
    ],
    ['(a = """x, "y" (z""", b)', [{ name: "a", default: '"""x, "y" (z"""' }, { name: "b" }]],
    [`(a = "${"x".repeat(20_000)}", b)`, [{ name: "a", default: `"${"x".repeat(199)}` }, { name: "b" }]],
    ["(a >= b, c)", [{ name: "a >= b" }, { name: "c" }]],
    ["()", []],
    ["(a", [{ name: "a" }]],
  ])("named %s", (text, expected) => {
    expect(readParameters(`${text}\n`, { open: 0, stop: text.length + 1 }, named)).toEqual(expected);
  });

  it.each([
    [
      "(final int a, String... b)",
      [
        { name: "a", type: "int" },
        { name: "b", type: "String..." },
      ],
    ],
    [
      "(const char **argv, int n[3])",
      [
        { name: "argv", type: "const char **" },
        { name: "n", type: "int[3]" },
      ],
    ],
    [
      "(int (*f)(int), void *)",
      [
        { name: "f", type: "int (*)(int)" },
        { name: "", type: "void *" },
      ],
    ],
    [
      "(const T&, T&&, std::string, std::vector<int>, Args&&...)",
      [
        { name: "", type: "const T&" },
        { name: "", type: "T&&" },
        { name: "", type: "std::string" },
        { name: "", type: "std::vector<int>" },
        { name: "", type: "Args&&..." },
      ],
    ],
    ["(bool test(T value))", [{ name: "test", type: "bool (T value)" }]],
    [
      "(unsigned n, unsigned long)",
      [
        { name: "n", type: "unsigned" },
        { name: "", type: "unsigned long" },
      ],
    ],
    ["(void)", []],
    [
      "(?array &$a = [], int ...$b)",
      [
        { name: "&a", type: "?array", default: "[]" },
        { name: "...b", type: "int" },
      ],
    ],
    ["(@NonNull Map<K, V> m)", [{ name: "m", type: "Map<K, V>" }]],
  ])("typed %s", (text, expected) => {
    expect(readParameters(text, { open: 0, stop: text.length }, typed)).toEqual(expected);
  });

  it.each([
    [
      "(a, b int, c ...string)",
      [
        { name: "a", type: "int" },
        { name: "b", type: "int" },
        { name: "c", type: "...string" },
      ],
    ],
    [
      "(int, func(a int) error)",
      [
        { name: "", type: "int" },
        { name: "", type: "func(a int) error" },
      ],
    ],
  ])("go %s", (text, expected) => {
    expect(readParameters(text, { open: 0, stop: text.length }, { style: "go" })).toEqual(expected);
  });
});

describe("comments of a language", () => {
  it("are no brackets and no commas", () => {
    const python = { style: "named", comment: "#" } as const;
    const text = "(a,  # it's (one, two\n b = 7 // 2, c = '#')";
    expect(readParameters(text, { open: 0, stop: text.length }, python)).toEqual([
      { name: "a" },
      { name: "b", default: "7 // 2" },
      { name: "c", default: "'#'" },
    ]);
  });
});

describe("returnAfter", () => {
  it.each([
    ["(a) -> List[int]:", "->", "List[int]"],
    ["(a: T): a is T =>", ":", "a is T"],
    ["(a) throws -> B where B: C {", "->", "B"],
    ["(a) {", ":", undefined],
  ])("%s", (text, mark, expected) => {
    expect(returnAfter(text, { open: 0, stop: text.length, mark })).toBe(expected);
  });
});

describe("splitTop and expandGroups", () => {
  it("splits outside of brackets and quotes only", () => {
    expect(splitTop("a(b, c), 'd, e', f<g, h>, i < j", ",")).toEqual([
      "a(b, c)",
      "'d, e'",
      "f<g, h>",
      "i < j",
    ]);
  });

  it("says every path of a group in full", () => {
    expect(expandGroups("a::{b, c::{self, d as e}}")).toEqual(["a::b", "a::c::self", "a::c::d as e"]);
  });
});
