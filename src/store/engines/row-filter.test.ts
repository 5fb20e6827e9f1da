/** A filter as data says the same to every engine. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RowFields } from "../contract/rows.ts";
import { folderMatcher, folderName, foldersOf, matcherOf, partOf } from "./row-filter.ts";

const row: RowFields = {
  kind: "file",
  path: "src/deep/a.ts",
  language: "typescript",
  types: ["class", "method"],
};

test.each([
  [{}, true],
  [{ kinds: ["file"] }, true],
  [{ kinds: ["entry", "relation"] }, false],
  [{ languages: ["go", "typescript"] }, true],
  [{ languages: ["go"] }, false],
  [{ types: ["enum", "method"] }, true],
  [{ types: ["enum"] }, false],
  [{ directories: ["src"] }, true],
  [{ directories: ["src/deep/"] }, true],
  [{ directories: ["./src"] }, true],
  [{ directories: ["sr", "deep", "src/deep/a.ts"] }, false],
  [{ directories: ["."] }, true],
  [{ directories: ["/"] }, true],
  [{ kinds: ["file"], languages: ["typescript"], directories: ["src"], types: ["class"] }, true],
  [{ kinds: ["file"], languages: ["go"], directories: ["src"], types: ["class"] }, false],
  [{ kinds: [] }, false],
] as const)("%j: %s", (filter, expected) => {
  expect(matcherOf(filter)(row)).toBe(expected);
});

test("a row without a language or types passes no filter that asks for one", () => {
  const bare: RowFields = { kind: "entry", path: "note" };
  const all = [{ languages: ["go"] }, { types: ["class"] }, { directories: ["note"] }];
  expect(all.map((filter) => matcherOf(filter)(bare))).toEqual([false, false, false]);
});

test("an engine that knows equality only finds the same by the folders of a path", () => {
  const name = fc.constantFrom("a", "b", "ab", "a.b");
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const folder = fc.oneof(
    path,
    path.map((one) => `./${one}/`),
    fc.constantFrom("", ".", "./", "/"),
  );
  fc.assert(
    fc.property(path, folder, (own, directory) => {
      expect(foldersOf(own).includes(folderName(directory))).toBe(folderMatcher([directory])(own));
    }),
  );
});

test("a part of a filter is what the engine can do", () => {
  const filter = { kinds: ["file" as const], languages: ["go"] };
  expect(partOf(filter, ["kinds", "types"])).toEqual({ kinds: ["file"] });
  expect(partOf(filter, [])).toBeUndefined();
  expect(partOf({}, ["kinds"])).toBeUndefined();
});
