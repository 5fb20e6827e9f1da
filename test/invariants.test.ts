/**
 * Each invariant of taking back has a test that names it in its title, so that `vitest -t I15` runs it: I1 to I20, the
 * defects D1 to D8 of an earlier prototype, and what other undo managers were reported for.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "./momo-process.ts";

const titles = ["src", "test"].flatMap((folder) =>
  readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts"))
    .flatMap((path) => {
      const text = readFileSync(join(repository, folder, path), "utf8");
      return [
        ...text.matchAll(/\b(?:test|describe)(?:\.(?:skipIf|each)\([^)]*\))?\(\s*["`]([^"`]*)["`]/g),
      ].map(([, title]) => title!);
    }),
);

const range = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);

test.each([...range("I", 20), ...range("D", 8), "yjs 273", "yjs 477", "yjs 724", "yjs 624"])(
  "%s is in the title of a test",
  (name) => {
    const named = new RegExp(`^(?:[ID]\\d+, )*${name}(?:, [ID]\\d+)*:`);
    expect(titles.filter((title) => named.test(title))).not.toEqual([]);
  },
);
