import { expect, test } from "vitest";
import { similarText } from "./similar-text.ts";

/** Lines `from` to `to` of a text that no other one has. */
const lines = (name: string, from: number, to: number): string =>
  Array.from(
    { length: to - from },
    (_, i) => `const ${name}${from + i} = compute(${name}, ${from + i});`,
  ).join("\n");

function found(left: Record<string, string>, came: Record<string, string>): Record<string, string> {
  const files = (given: Record<string, string>) =>
    Object.entries(given).map(([path, text]) => ({ path, text }));
  return Object.fromEntries(similarText(files(left), files(came)).map(({ from, to }) => [from, to]));
}

test("most of the lines are the same", () => {
  const text = lines("a", 0, 10);
  expect(found({ "a.ts": text }, { "b.ts": `${lines("a", 0, 7)}\n${lines("z", 0, 3)}` })).toEqual({
    "a.ts": "b.ts",
  });
  expect(found({ "a.ts": text }, { "b.ts": `${lines("a", 0, 4)}\n${lines("z", 0, 6)}` })).toEqual({});
  expect(found({ "x/a.ts": text }, { "y/a.ts": `${lines("a", 0, 5)}\n${lines("z", 0, 5)}` })).toEqual({
    "x/a.ts": "y/a.ts",
  });
  expect(found({ "x/a.ts": text }, { "y/a.ts": `${lines("a", 0, 3)}\n${lines("z", 0, 7)}` })).toEqual({});
});

test("white space around lines, and lines that are next to nothing, do not count", () => {
  const indented = lines("a", 0, 5).replaceAll(/^/gm, "\t\t");
  expect(found({ "a.ts": lines("a", 0, 5) }, { "b.ts": `{\n${indented}\n}\n}\n` })).toEqual({
    "a.ts": "b.ts",
  });
  expect(found({ "a.ts": "}\n}\n}\n" }, { "b.ts": "}\n}\n}\n" })).toEqual({});
});

test("a file that only grew out of a part of another is not that file", () => {
  expect(found({ "a.ts": lines("a", 0, 100) }, { "b.ts": lines("a", 0, 20) })).toEqual({});
});

test("nothing is guessed: two that are as near are neither", () => {
  const text = lines("a", 0, 10);
  expect(found({ "a.ts": text }, { "b.ts": text, "c.ts": `${text}\n${lines("z", 0, 1)}` })).toEqual({});
  expect(found({ "a.ts": text, "b.ts": `${text}\n${lines("z", 0, 1)}` }, { "c.ts": text })).toEqual({});
  const part = `${lines("a", 0, 6)}\n${lines("y", 0, 4)}`;
  expect(found({ "a.ts": text }, { "b.ts": text, "c.ts": part })).toEqual({ "a.ts": "b.ts" });
});

test("lines that everybody has say nothing", () => {
  const license = lines("license", 0, 20);
  const many = (folder: string, own: string) =>
    Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [
        `${folder}/${own}${i}.ts`,
        `${license}\n${lines(`${own}${i}_`, 0, 2)}`,
      ]),
    );
  expect(found(many("old", "a"), many("new", "b"))).toEqual({});
});

test("a folder of edited files is paired in one go", () => {
  const many = (folder: string, edit: string) =>
    Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [
        `${folder}/${i}.ts`,
        `import x;\n${lines(`a${i}_`, 0, 9)}\n${edit}`,
      ]),
    );
  const pairs = found(many("old", "const before = 1;"), many("new", "const after = 2;"));
  expect(Object.keys(pairs)).toHaveLength(300);
  expect(pairs["old/17.ts"]).toBe("new/17.ts");
});
