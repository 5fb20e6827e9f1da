import { expect, test } from "vitest";
import type { SearchAnswer } from "../commands/search.ts";
import type { SearchResult } from "../model/api.ts";
import { formatSearch } from "./format-search.ts";
import { terminalOf } from "./terminal.ts";

const plain = terminalOf({}, {});
const narrow = terminalOf({ isTTY: true, columns: 40 }, { NO_COLOR: "1" });
const coloured = terminalOf({}, { FORCE_COLOR: "1" });
const view = { content: false, titled: false };

const code = [
  "export class RetryPolicy {",
  "\tlimit = 3;",
  "\tnext(attempt: number): number {",
  "\t\tif (attempt > this.limit) return -1;",
  "\t\tlog('again');",
  "\t\treturn this.delay * 2 ** attempt; // retries wait longer each time",
  "\t}",
  "}",
];

const result = (change: Partial<SearchResult> = {}): SearchResult => ({
  path: "src/retry.ts",
  start_line: 10,
  end_line: 17,
  score: 0.9312,
  language: "typescript",
  content: code.join("\n"),
  matched_lines: [10, 12, 15],
  entity_id: "src/retry.ts#RetryPolicy",
  entity_name: "RetryPolicy",
  entity_type: "class",
  ...change,
});

const answer = (change: Partial<SearchAnswer> = {}): SearchAnswer => ({
  query: "retry attempt",
  took_ms: 3.21,
  kind: "words",
  results: [result()],
  coverage: { files: 1204, chunks: 9311, skipped: 0 },
  root: "/srv/shop",
  inside: "",
  searched: ".",
  filters: {},
  ...change,
});

test("a result says where, what, how sure, and shows the lines that matched", () => {
  expect(formatSearch(answer(), plain, view)).toBe(
    [
      "src/retry.ts:10-17  RetryPolicy (class)  0.931",
      "  10  export class RetryPolicy {",
      "  11      limit = 3;",
      "  12      next(attempt: number): number {",
      "   ⋯",
      "  15          return this.delay * 2 ** attempt; // retries wait longer each time",
      "",
      "1 result in 3.2 ms · 1,204 files, 9,311 chunks",
      "",
    ].join("\n"),
  );
});

test("words of the query are marked inside identifiers and in other forms", () => {
  const text = formatSearch(answer(), coloured, view);
  expect(text).toContain("\x1b[33mRetryPolicy\x1b[0m");
  expect(text).toContain("\x1b[33mretries\x1b[0m");
  expect(text).toContain("\x1b[33mattempt\x1b[0m");
  expect(text).not.toContain("\x1b[33mreturn\x1b[0m");
});

test("no line is wider than a narrow terminal", () => {
  const long = result({ path: "src/a/very/deep/folder/with/files/retry.ts" });
  for (const line of formatSearch(answer({ results: [long] }), narrow, view)
    .split("\n")
    .slice(2, -2))
    expect(line.length).toBeLessThanOrEqual(40);
  expect(formatSearch(answer({ results: [long] }), narrow, view)).toContain(
    ":10-17\n    RetryPolicy (class)",
  );
});

test("at most six lines, those with most words of the query, in the order of the file", () => {
  const lines = Array.from({ length: 20 }, (_, i) => (i === 17 ? "retry the attempt" : `retry ${i}`));
  const many = result({ content: lines.join("\n"), matched_lines: lines.map((_, i) => 10 + i) });
  const shown = formatSearch(answer({ results: [many] }), plain, view).match(/^ +\d+ {2}/gm) ?? [];
  expect(shown.map(Number)).toEqual([10, 11, 12, 13, 14, 27]);
});

test("content shows the whole chunk; a chunk without matches shows its beginning", () => {
  expect(formatSearch(answer(), plain, { ...view, content: true })).toContain("  14          log('again');");
  const unmatched = formatSearch(answer({ results: [result({ matched_lines: [] })] }), plain, view);
  expect(unmatched).toContain("  11      limit = 3;");
  expect(unmatched).not.toContain("  13  ");
});

test("text of a file cannot steer the terminal", () => {
  const evil = result({
    path: "a\x1b[2Jb.ts",
    content: "retry\x1b]0;x\x07",
    matched_lines: [10],
    entity_name: "r\x1bx",
  });
  const text = formatSearch(answer({ results: [evil] }), plain, view);
  for (const control of ["\x1b", "\x07"]) expect(text).not.toContain(control);
});

test("the paths lead to the file from where the user is", () => {
  expect(formatSearch(answer({ searched: "../shop/lib" }), plain, view)).toMatch(
    /^\.\.\/shop\/lib\/src\/retry\.ts:10/,
  );
});

test("nothing found says where was looked and what to try", () => {
  const none = answer({ results: [], query: "flux capacitor" });
  expect(formatSearch(none, plain, view)).toMatch(
    /^No results for “flux capacitor” in 1,204 files \(9,311 chunks\)\. Try other words, or fewer\./,
  );
  const limited = { ...none, filters: { languages: ["rust"], directories: ["lib"] } };
  expect(formatSearch(limited, plain, view)).toContain(
    "limited to language rust; in lib. Try without the limits",
  );
  const empty = { ...none, coverage: { files: 0, chunks: 0, skipped: 3 } };
  expect(formatSearch(empty, plain, view)).toContain("Nothing to search in .");
});

test("the last lines say how complete and how fresh the answer is", () => {
  const text = formatSearch(
    answer({ coverage: { files: 2, chunks: 5, skipped: 1, stale: 3 }, inside: "lib", searched: "lib" }),
    plain,
    view,
  );
  expect(text).toContain("1 file left out (momo status)");
  expect(text).toContain("3 files changed since indexing: momo ingest");
  expect(text).toContain("limited to lib in the index of /srv/shop");
});

test("explain lists features, the strongest first, without those that did nothing", () => {
  const explain = {
    weak: { value: 1, weight: -0.1, contribution: -0.1 },
    none: { value: 0, weight: 2, contribution: 0 },
    strong: { value: 0.5, weight: 2, contribution: 1 },
  };
  const text = formatSearch(answer({ results: [result({ explain })] }), plain, view);
  expect(text).toMatch(/strong +1\.000 {2}= 0\.500 × 2\.000\n +weak +-0\.100/);
  expect(text).not.toContain("none");
});
