/** The static embedding of segments: against a plain sum over the words, through merges, and its table as a file. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TermVectors } from "../../model/term-vectors.ts";
import { rowOf } from "../../model/term-vectors.ts";
import { hashHigh, hashLow, hashText, splitIdentifier, stem, WordClass } from "../../model/words.ts";
import { SegmentBuilder } from "../lexical/builder.ts";
import { mergeSegments } from "../lexical/merge.ts";
import { Segment } from "../lexical/segment.ts";
import { segmentVectors } from "./segment-vectors.ts";
import { STATIC_SECTION, staticTable, staticVectors } from "./static.ts";
import { decodeTable, encodeTable } from "./static-table.ts";

const stems = ["alpha", "beta", "gamma", "delta", "handler", "get", "user"];
const vocabulary = ["alpha", "beta", "gamma", "Handler", "handlers", "getUser", "unknown"];
const DIMENSIONS = 4;

/** A row of whole numbers for each stem. */
const values = new Map(stems.map((text, i) => [text, [i + 1, (i * 7) % 5, -i, (i * 3) % 4]]));

function tableOf(rows: ReadonlyMap<string, readonly number[]>): TermVectors {
  const terms = Array.from(rows, ([text, row]) => {
    hashText(text);
    return { low: hashLow >>> 0, high: hashHigh >>> 0, row };
  }).sort((a, b) => a.low - b.low);
  return {
    model: "test",
    dimensions: DIMENSIONS,
    rows: terms.length,
    low: Uint32Array.from(terms, ({ low }) => low),
    high: Uint32Array.from(terms, ({ high }) => high),
    read: (row, into) => into.set(terms[row]!.row),
  };
}

interface Doc {
  path: string;
  chunks: { word: string; class: number }[][];
}

const doc = fc.record({
  path: fc.constantFrom("a/beta.ts", "gamma/alpha_user.ts", "other.ts"),
  chunks: fc.array(
    fc.array(
      fc.record({
        word: fc.constantFrom(...vocabulary),
        class: fc.constantFrom(WordClass.code, WordClass.comment, WordClass.string),
      }),
      { maxLength: 12 },
    ),
    { minLength: 1, maxLength: 4 },
  ),
});

function segmentOf(docs: readonly Doc[], firstVid = 1): Segment {
  const builder = new SegmentBuilder();
  for (const { path, chunks } of docs) {
    const words = chunks.flatMap((chunk, at) => chunk.map((token) => ({ ...token, line: at * 10 })));
    builder.add({
      path,
      language: "typescript",
      flags: 0,
      lines: chunks.length * 10,
      entityCounts: [0],
      chunkStarts: chunks.map((_, at) => at * 10),
      words: {
        count: words.length,
        word: Int32Array.from(words, ({ word }) => builder.vocabulary.internText(word)),
        line: Int32Array.from(words, ({ line }) => line),
        class: Uint8Array.from(words, (token) => token.class),
      },
      definitions: [],
      imports: [],
    });
  }
  const sections = builder.finish();
  return new Segment({
    id: firstVid,
    vids: Float64Array.from(docs, (_, i) => firstVid + i),
    section: (name) => sections[name]!,
    sectionNames: () => Object.keys(sections),
  });
}

/** Sum of (1 + ln count) * row over the stems of some words. */
function bag(words: readonly string[]): number[] {
  const counts = new Map<string, number>();
  for (const part of words.flatMap(splitIdentifier).map(stem)) counts.set(part, (counts.get(part) ?? 0) + 1);
  const sum = new Array<number>(DIMENSIONS).fill(0);
  for (const [part, count] of counts) {
    const row = values.get(part);
    for (let i = 0; row && i < DIMENSIONS; i++) sum[i]! += (1 + Math.log(count)) * row[i]!;
  }
  return sum;
}

const partsOfPath = (path: string): string[] => path.replace(/\.ts$/, "").split(/[/_]/);

describe("vectors of a segment", () => {
  test("are the sum over the words of a chunk and of its path", () => {
    fc.assert(
      fc.property(fc.array(doc, { minLength: 1, maxLength: 4 }), (docs) => {
        const chunk = segmentVectors(segmentOf(docs), tableOf(values));
        let row = 0;
        for (const { path, chunks: texts } of docs) {
          const inPath = bag(partsOfPath(path));
          for (const text of texts) {
            const wanted = bag(text.map(({ word }) => word)).map((value, i) => value + inPath[i]!);
            const found = chunk(row++);
            wanted.forEach((value, i) => void expect(found[i]).toBeCloseTo(value, 3));
          }
        }
      }),
    );
  });

  test("are the same whether documents came together or were merged", () => {
    fc.assert(
      fc.property(
        fc.array(doc, { minLength: 1, maxLength: 3 }),
        fc.array(doc, { minLength: 1, maxLength: 3 }),
        (a, b) => {
          const { sections } = mergeSegments([segmentOf(a), segmentOf(b, 10)], () => true);
          const together = segmentOf([...a, ...b]);
          expect(sections[STATIC_SECTION]).toEqual(together.section(STATIC_SECTION));
        },
      ),
    );
  });

  test("are made anew where they are of another table", () => {
    const segment = segmentOf([{ path: "alpha.ts", chunks: [[{ word: "beta", class: 0 }]] }]);
    expect(staticVectors(segment).codes).toHaveLength(staticTable().dimensions);
    const { codes, scales } = staticVectors(segment, tableOf(values));
    expect(codes).toHaveLength(DIMENSIONS);
    expect(scales[0]).toBeGreaterThan(0);
  });
});

describe("the table", () => {
  test("comes back from its file, each number to half a step of its row", () => {
    const finite = fc.float({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.array(finite, { minLength: 4, maxLength: 4 }), { maxLength: 9 }), (rows) => {
        const low = Uint32Array.from(rows, (_, i) => i * 11);
        const table = { model: "m", dimensions: 4, low, high: low.map((hash) => hash + 1) };
        const read = decodeTable(encodeTable({ ...table, values: Float32Array.from(rows.flat()) }));
        expect(read).toMatchObject(table);
        const into = new Float32Array(4);
        const largestOfAll = Math.max(0, ...rows.flat().map(Math.abs));
        rows.forEach((row, i) => {
          const found = rowOf(read, { low: i * 11, high: i * 11 + 1 });
          read.read(found, into);
          const step = Math.max(...row.map(Math.abs)) / 127 + largestOfAll / 65_535;
          row.forEach((value, k) => void expect(Math.abs(into[k]! - value)).toBeLessThanOrEqual(step));
        });
      }),
    );
  });

  test("that is none is refused", () => {
    expect(() => decodeTable(Buffer.from("something else entirely"))).toThrow("not a table");
  });

  test("that is shipped has at most 2 MB, and knows what code talks of", () => {
    const table = staticTable();
    expect(table.rows * (table.dimensions + 10)).toBeLessThanOrEqual(2_000_000);
    const unit = (text: string): number[] => {
      hashText(stem(text));
      const row = new Float32Array(table.dimensions);
      table.read(rowOf(table, { low: hashLow >>> 0, high: hashHigh >>> 0 }), row);
      const length = Math.hypot(...row);
      return Array.from(row, (value) => value / length);
    };
    const cosine = (a: string, b: string): number => {
      const other = unit(b);
      return unit(a).reduce((sum, value, i) => sum + value * other[i]!, 0);
    };
    expect(cosine("login", "authentication")).toBeGreaterThan(cosine("login", "rectangle") + 0.2);
    expect(cosine("retry", "attempt")).toBeGreaterThan(cosine("retry", "color") + 0.2);
    expect(cosine("error", "exception")).toBeGreaterThan(cosine("error", "color") + 0.2);
  });
});
