import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { leaf } from "../../store/records/digest.ts";
import { type CameFile, type LeftFile, sameContent } from "./same-content.ts";

const hash = (content: string): Uint8Array => createHash("sha256").update(content).digest();
const LONG = "x".repeat(60);
const sizeOf = (content: string): number => (content === "" ? 0 : LONG.length);

/** Paths with the content of each; `` is an empty file. */
function found(left: Record<string, string>, came: Record<string, string>): Record<string, string> {
  const olds = Object.entries(left).map(([path, content]): LeftFile => {
    return { path, size: sizeOf(content), leaf: leaf(path, hash(content)) };
  });
  const news = Object.entries(came).map(([path, content]): CameFile => {
    return { path, size: sizeOf(content), hash: hash(content) };
  });
  return Object.fromEntries(sameContent(olds, news).map(({ from, to }) => [from, to]));
}

test("one content that left and came under another name or in another folder is a rename", () => {
  expect(found({ "a.ts": "1", "b.ts": "2" }, { "c.ts": "1", "d/b.ts": "2" })).toEqual({
    "a.ts": "c.ts",
    "b.ts": "d/b.ts",
  });
  expect(found({ "a.ts": "1" }, { "b.ts": "2" })).toEqual({});
  expect(found({}, { "b.ts": "2" })).toEqual({});
  expect(found({ "a.ts": "1" }, {})).toEqual({});
});

test("an upper-case letter is another name", () => {
  expect(found({ "src/Cart.ts": "1" }, { "src/cart.ts": "1" })).toEqual({ "src/Cart.ts": "src/cart.ts" });
});

test("of several with one content each goes where its name and folders say", () => {
  const left = { "a/x/__init__.py": "1", "a/y/__init__.py": "1" };
  expect(found(left, { "b/x/__init__.py": "1", "b/y/__init__.py": "1" })).toEqual({
    "a/x/__init__.py": "b/x/__init__.py",
    "a/y/__init__.py": "b/y/__init__.py",
  });
  expect(found({ "a/x/f": "1", "b/x/f": "1" }, { "a/y/f": "1", "b/y/f": "1" })).toEqual({
    "a/x/f": "a/y/f",
    "b/x/f": "b/y/f",
  });
});

test("nothing is guessed: what may be either is neither", () => {
  expect(found({ "a.ts": "1" }, { "b.ts": "1", "c.ts": "1" })).toEqual({});
  expect(found({ "a.ts": "1", "b.ts": "1" }, { "c.ts": "1" })).toEqual({});
  expect(found({ "x/a.ts": "1", "y/a.ts": "1" }, { "z/a.ts": "1" })).toEqual({});
  expect(found({ "x/a.ts": "1" }, { "y/a.ts": "1", "z/a.ts": "1" })).toEqual({});
});

test("a content that says nothing goes by its name only", () => {
  expect(found({ "a/__init__.py": "" }, { "b/empty.py": "" })).toEqual({});
  expect(found({ "a/__init__.py": "" }, { "b/__init__.py": "" })).toEqual({
    "a/__init__.py": "b/__init__.py",
  });
});

test("what is left over goes with everything else of its folder", () => {
  const left = { "a/__init__.py": "", "b/__init__.py": "", "a/one.py": "1", "b/two.py": "2" };
  const came = { "c/__init__.py": "", "d/__init__.py": "", "c/one.py": "1", "d/two.py": "2" };
  expect(found(left, came)).toMatchObject({
    "a/__init__.py": "c/__init__.py",
    "b/__init__.py": "d/__init__.py",
  });
  expect(found(left, { ...came, "d/one.py": "1" })).not.toHaveProperty(["a/__init__.py"]);
});

test("thousands of files of one size are compared within bounds", () => {
  const names = Array.from({ length: 3000 }, (_, i) => `${i}`);
  const left = Object.fromEntries(names.map((name) => [`old/${name}.ts`, "same"]));
  expect(found(left, Object.fromEntries(names.map((name) => [`new/${name}x.ts`, "same"])))).toEqual({});
  const many = Object.fromEntries(names.map((name) => [`old/${name}.ts`, name]));
  const moved = found(many, Object.fromEntries(names.map((name) => [`new/${name}.ts`, name])));
  expect(Object.keys(moved)).toHaveLength(3000);
  expect(found(many, Object.fromEntries(names.map((name) => [`new/${name}x.ts`, name])))).toEqual({});
});
