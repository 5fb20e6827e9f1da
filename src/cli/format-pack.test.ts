/** What is printed and what agents get are one text. */
import { expect, test } from "vitest";
import type { SearchAnswer } from "../commands/search.ts";
import type { SearchResult } from "../model/api.ts";
import { footerText, packedText } from "../retrieve/pack-text.ts";
import { formatPacked } from "./format-pack.ts";
import { terminalOf } from "./terminal.ts";

type Span = Pick<SearchResult, "path" | "start_line" | "content"> & Partial<SearchResult>;

const span = ({ content, start_line, ...more }: Span): SearchResult => ({
  start_line,
  end_line: start_line + content.split("\n").length - 1,
  content,
  score: 0.5,
  language: "typescript",
  matched_lines: [],
  ...more,
});

const answer: SearchAnswer = {
  query: "q",
  took_ms: 1,
  kind: "words",
  root: "/r",
  inside: "",
  searched: ".",
  filters: {},
  coverage: { files: 3, chunks: 3, skipped: 0 },
  budget: 400,
  tokens: 120,
  did_you_mean: "query",
  results: [
    span({ path: "src/a.ts", start_line: 8, content: "one\n\ttwo\n  \u001b[2Jthree" }),
    span({ path: "src/a.ts", start_line: 120, content: "\n  four  " }),
    span({ path: "src/b.ts", start_line: 1, content: "five", stale: true }),
  ],
  outlines: [
    {
      path: "src/a.ts",
      lines: 200,
      definitions: [{ line: 3, end_line: 4, signature: "function f(): void" }],
      more: 2,
    },
    { path: "src/c.ts", lines: 9, definitions: [], more: 0, same_as: "src/a.ts" },
  ],
};

test("without colours, the packed text is what is printed", () => {
  const printed = formatPacked(answer, terminalOf({}, {}), { content: false, titled: false });
  expect(printed).toBe(`${packedText(answer)}\n\n${footerText(120, 400, 2)}\n`);
  expect(printed).not.toContain("\u001b");
});

test("nothing found is an empty text", () => {
  expect(packedText({ results: [] })).toBe("");
});
