import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson } from "./json.ts";

const read = (text: string): unknown => parseJson(new TextEncoder().encode(text));
const refused = (why: string) =>
  expect.objectContaining({ code: "BODY_INVALID", message: expect.stringContaining(why) });

test("what JSON.stringify writes is read as it was", () => {
  const safe = fc.jsonValue({ maxDepth: 8 }).filter((value) => !/"__proto__"/.test(JSON.stringify(value)));
  fc.assert(
    fc.property(safe, (value) => {
      expect(JSON.stringify(read(JSON.stringify(value)))).toBe(JSON.stringify(value));
    }),
  );
});

test.each([
  ['{"a":1,"a":2}', '"a" is given twice'],
  ['{"a":1,"\\u0061":2}', '"a" is given twice'],
  ['{"x":{"__proto__":{}}}', '"__proto__" is not allowed'],
  ['{"a":', "not JSON"],
  ["{'a':1}", "not JSON"],
  ["", "not JSON"],
  ["NaN", "not JSON"],
  ['"\\x"', "not JSON"],
  [`${"[".repeat(65)}${"]".repeat(65)}`, "more than 64 levels"],
  ["[".repeat(200_000), "more than 64 levels"],
  [`{${Array.from({ length: 200_001 }, (_, at) => `"${at}":1`).join(",")}}`, "more than 200000 names"],
  [`[${`{"a":1,"b":2},`.repeat(100_001)}1]`, "more than 200000 names"],
])("%.40s", (text, why) => {
  expect(() => read(text)).toThrow(refused(why));
});

test("the same name in two objects, and names as values, are no repetition", () => {
  expect(read('[{"a":"a"},{"a":{"a":"__proto__"}},"a"]')).toEqual([
    { a: "a" },
    { a: { a: "__proto__" } },
    "a",
  ]);
});

test("bytes that are no UTF-8 are refused, a byte order mark is not", () => {
  expect(() => parseJson(Uint8Array.from([0x22, 0xff, 0x22]))).toThrow(refused("not UTF-8"));
  expect(parseJson(Uint8Array.from([0xef, 0xbb, 0xbf, 0x31]))).toBe(1);
});

test.each([
  ["backslashes", `"${"\\\\".repeat(2_000_000)}`],
  ["escaped quotes", `"${'\\"'.repeat(2_000_000)}`],
  ["colons", `["${":".repeat(100)}"${":".repeat(1_000_000)}`],
])("text made to be looked at again and again costs its length only: %s", (_, text) => {
  expect(() => read(text)).toThrow(refused(""));
});

test("a string of ten megabytes is read", () => {
  expect(read(JSON.stringify("x\n".repeat(5_000_000)))).toHaveLength(10_000_000);
});
