/** Properties of packing, on random files, and a few cases by hand. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { estimateTokens } from "../model/tokens.ts";
import { type LineRange, type Packed, type PackFile, type PackRequest, pack } from "./pack.ts";
import { footerText, gapText, lineText, outlineLine } from "./pack-text.ts";

const WORDS = [
  "retry",
  "delay",
  "error",
  "file",
  "open",
  "{",
  "}",
  "=",
  "return",
  "handlerOfEverything",
  "12",
];

const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }).map((words) => words.join(" ")),
  },
  { weight: 1, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 900 }).map((length) => "x1 ".repeat(length)) },
);

/** Chunks of 1 to 12 lines that cover the file, in any order. */
function chunksOf(count: number, sizes: readonly number[], order: readonly number[]): LineRange[] {
  const chunks: LineRange[] = [];
  for (let start = 1, i = 0; start <= count; i++) {
    const end = Math.min(count, start + (sizes[i % sizes.length] ?? 1) - 1);
    chunks.push({ start, end });
    start = end + 1;
  }
  const key = (i: number): number => order[i % order.length] ?? 0;
  return chunks
    .map((chunk, i) => ({ chunk, i }))
    .sort((a, b) => key(a.i) - key(b.i) || a.i - b.i)
    .map(({ chunk }) => chunk);
}

const file = fc
  .record({
    text: fc.array(line, { minLength: 1, maxLength: 40 }),
    sizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
    order: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 5 }),
    weight: fc.double({ min: 0.01, max: 1, noNaN: true }),
    focus: fc.integer({ min: 0, max: 40 }),
    definitions: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }),
    keep: fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 4 })), {
      maxLength: 1,
    }),
  })
  .map((made) => ({ ...made, chunks: chunksOf(made.text.length, made.sizes, made.order) }));

type Made = typeof file extends fc.Arbitrary<infer T> ? T : never;

function fileOf(made: Made, i: number, keeps: boolean): PackFile {
  const count = made.text.length;
  const lines = [...new Set(made.definitions.filter((number) => number <= count))].sort((a, b) => a - b);
  return {
    path: `src/folder/file${i}.ts`,
    title: `src/folder/file${i}.ts`,
    line_count: count,
    weight: made.weight,
    chunks: made.chunks,
    focus: made.focus <= count ? made.focus : 0,
    lines: () => made.text,
    definitions: () =>
      lines.map((number) => ({
        line: number,
        end_line: Math.min(count, number + 5),
        signature: `function f${number}(retry)`,
      })),
    keep: keeps
      ? made.keep
          .filter(([start]) => start <= count)
          .map(([start, more]) => ({ start, end: Math.min(count, start + more) }))
      : [],
  };
}

const relevance = (text: string): number => ["retry", "delay"].filter((word) => text.includes(word)).length;

const requestOf = (files: readonly Made[], budget: number, keeps = false): PackRequest => ({
  files: files.map((made, i) => fileOf(made, i, keeps)),
  budget,
  relevance,
});

const files = fc.array(file, { minLength: 1, maxLength: 6 });
const budget = fc.integer({ min: 20, max: 3000 });

/** The text form as a surface prints it. */
function textOf({ files }: PackRequest, { spans, outlines, tokens }: Packed, most: number): string {
  const printed: string[] = [];
  files.forEach(({ path, title }, i) => {
    const own = spans.filter((span) => span.file === i);
    const outline = outlines.find((one) => one.path === path);
    if (own.length > 0) printed.push(title);
    own.forEach((span, at) => {
      if (at > 0) printed.push(gapText);
      printed.push(...span.content.split("\n").map((text, n) => lineText(span.start + n, text)));
    });
    if (outline) printed.push(outlineLine(outline, own.length > 0));
    if (own.length > 0 || outline) printed.push("");
  });
  const count = new Set(spans.map(({ file }) => file)).size;
  return `${[...printed, footerText(tokens, most, count)].join("\n")}\n`;
}

const shownLines = ({ spans }: Packed): string[] =>
  spans.flatMap(({ file, start, end }) =>
    Array.from({ length: end - start + 1 }, (_, i) => `${file}:${start + i}`),
  );

describe("whatever the files", () => {
  test("the text takes no more than it says, and that is within the budget", () => {
    fc.assert(
      fc.property(files, budget, (made, most) => {
        const request = requestOf(made, most);
        const packed = pack(request);
        expect(packed.tokens).toBeLessThanOrEqual(Math.max(most, 16));
        const printed = estimateTokens(textOf(request, packed, most));
        expect(printed).toBeLessThanOrEqual(packed.tokens);
        // Nothing is counted twice: only the last line is taken at its longest.
        expect(printed).toBeGreaterThan(packed.tokens - 16);
      }),
    );
  });

  test("the same request gives the same answer", () => {
    fc.assert(
      fc.property(files, budget, (made, most) => {
        expect(pack(requestOf(made, most))).toEqual(pack(requestOf(made, most)));
      }),
    );
  });

  test("no line comes twice, files come by rank, lines in order, and neighbours are one span", () => {
    fc.assert(
      fc.property(files, budget, (made, most) => {
        const packed = pack(requestOf(made, most));
        const lines = shownLines(packed);
        expect(new Set(lines).size).toBe(lines.length);
        packed.spans.slice(1).forEach((span, i) => {
          const previous = packed.spans[i];
          expect(span.file > previous.file || span.start > previous.end + 1).toBe(true);
        });
      }),
    );
  });

  test("a larger budget shows every line that a smaller one does", () => {
    fc.assert(
      fc.property(files, budget, fc.integer({ min: 1, max: 500 }), (made, most, extra) => {
        const larger = new Set(shownLines(pack(requestOf(made, most + extra))));
        for (const shown of shownLines(pack(requestOf(made, most)))) expect(larger).toContain(shown);
      }),
    );
  });

  test("cited lines are shown whole, or the budget is refused with what they need", () => {
    fc.assert(
      fc.property(files, budget, (made, most) => {
        const request = requestOf(made, most, true);
        let packed: Packed;
        try {
          packed = pack(request);
        } catch (error) {
          const needed = Number(/take (\d+)/.exec(String(error))?.[1]);
          expect(needed).toBeGreaterThan(most);
          expect(pack({ ...request, budget: needed }).tokens).toBeLessThanOrEqual(needed);
          return;
        }
        const shown = new Map(
          packed.spans.flatMap(({ file, start, content }) =>
            content.split("\n").map((text, i): [string, string] => [`${file}:${start + i}`, text]),
          ),
        );
        request.files.forEach(({ keep, lines }, i) => {
          for (const { start, end } of keep)
            for (let at = start; at <= end; at++) expect(shown.get(`${i}:${at}`)).toBe(lines()[at - 1]);
        });
        expect(packed.tokens).toBeLessThanOrEqual(most);
        expect(estimateTokens(textOf(request, packed, most))).toBeGreaterThan(packed.tokens - 16);
      }),
    );
  });

  test("with room for everything, every line is shown that repeats no other, and no outline is left", () => {
    fc.assert(
      fc.property(files, (made) => {
        const request = requestOf(made, 1_000_000);
        const packed = pack(request);
        const all = made.reduce((sum, { text }) => sum + text.length, 0);
        if (packed.cut.copies === 0) {
          expect(shownLines(packed)).toHaveLength(all);
          expect(packed.outlines).toEqual([]);
          expect(packed.cut).toEqual({ files: 0, lines: 0, copies: 0 });
        } else expect(shownLines(packed).length).toBeLessThan(all);
      }),
    );
  });
});

const source = (name: string, size: number): string[] =>
  Array.from(
    { length: size },
    (_, i) => `  const ${name}${i} = compute(${name}, ${i}, "${name} number ${i}");`,
  );

function plain(path: string, text: string[], change: Partial<PackFile> = {}): PackFile {
  return {
    path,
    title: path,
    line_count: text.length,
    weight: 1,
    focus: 0,
    keep: [],
    chunks: [{ start: 1, end: text.length }],
    lines: () => text,
    definitions: () => [],
    ...change,
  };
}

test("a piece that says the same as a shown one is left out, and its file named as a copy", () => {
  const text = source("alpha", 30);
  const twin = text.map((one) => one.replace("const", "const  "));
  const packed = pack({
    files: [
      plain("src/a.ts", text),
      plain("dist/a.js", twin, { weight: 0.5 }),
      plain("src/b.ts", source("beta", 5)),
    ],
    budget: 4000,
    relevance,
  });
  expect(new Set(packed.spans.map(({ file }) => file))).toEqual(new Set([0, 2]));
  expect(packed.outlines).toEqual([
    { path: "dist/a.js", lines: 30, definitions: [], more: 0, same_as: "src/a.ts" },
  ]);
  expect(packed.cut).toEqual({ files: 1, lines: 0, copies: 1 });
});

test("a piece that is too large is cut to its head and its matched lines, and an outline says what else is there", () => {
  const text = source("gamma", 60);
  text[0] = "function gamma() {";
  text[40] = "  retry(delay);";
  const definitions = [
    { line: 1, end_line: 60, signature: "function gamma()" },
    { line: 55, end_line: 57, signature: "function inner(x)" },
  ];
  const [packed] = [260].map((most) =>
    pack({ files: [plain("src/g.ts", text, { definitions: () => definitions })], budget: most, relevance }),
  );
  const lines = shownLines(packed);
  for (const shown of ["0:1", "0:40", "0:41", "0:42"]) expect(lines).toContain(shown);
  expect(lines).not.toContain("0:20");
  expect(packed.outlines).toEqual([{ path: "src/g.ts", lines: 60, definitions: [definitions[1]], more: 0 }]);
});

test("a budget below one line gives an outline or nothing, never a line", () => {
  const files = [plain("src/a.ts", ["x = 1;".repeat(60)])];
  const nothing = pack({ files, budget: 20, relevance });
  expect(nothing).toMatchObject({ spans: [], outlines: [], cut: { files: 1, lines: 0 } });
  const outline = pack({ files, budget: 60, relevance });
  expect(outline).toMatchObject({ spans: [], outlines: [{ path: "src/a.ts", lines: 1 }] });
});

test("long lines are cut, except where they are cited", () => {
  const long = "y".repeat(1000);
  const [cut, cited] = [[], [{ start: 1, end: 1 }]].map((keep) =>
    pack({ files: [plain("src/a.min.js", [long], { keep })], budget: 1000, relevance }),
  );
  expect(cut.spans[0].content).toBe(`${"y".repeat(400)}…`);
  expect(cited.spans[0].content).toBe(long);
});
