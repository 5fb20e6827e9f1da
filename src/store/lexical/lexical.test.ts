/** Builder, segment, merge and index together, against a plain count over the same documents. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Definition } from "../../model/lexical-document.ts";
import { hashHigh, hashLow, hashText, stem, termsOf, WORD_CLASSES } from "../../model/words.ts";
import { SegmentBuilder } from "./builder.ts";
import { LexicalIndex } from "./index.ts";
import { mergeSegments } from "./merge.ts";
import { Packed, pack } from "./pack.ts";
import { Segment, type SegmentSource } from "./segment.ts";

interface Doc {
  path: string;
  /** Per chunk: words and their class. */
  chunks: { word: string; class: number }[][];
}

const vocabulary = ["alpha", "beta", "gamma", "delta", "Handler", "handlers", "getUser"];
const doc = fc.record({
  path: fc.constantFrom("a/beta.py", "b/user.ts", "c/d/gamma_delta.go", "e.rs"),
  chunks: fc.array(
    fc.array(fc.record({ word: fc.constantFrom(...vocabulary), class: fc.nat(2) }), { maxLength: 30 }),
    { minLength: 1, maxLength: 4 },
  ),
});

const ones = new Float64Array(WORD_CLASSES).fill(1);
const text = Float64Array.from({ length: WORD_CLASSES }, (_, i) => (i < 8 ? 1 : 0));
const weights = { document: ones, chunk: text, shown: text };

function addTo(builder: SegmentBuilder, { path, chunks }: Doc, definitions: Definition[] = []): void {
  const words = chunks.flatMap((chunk, line) => chunk.map((token) => ({ ...token, line: line * 10 })));
  builder.add({
    path,
    language: path.split(".").at(-1)!,
    flags: path.length,
    lines: chunks.length * 10,
    chunkStarts: chunks.map((_, i) => i * 10),
    entityCounts: [chunks.length, 0],
    words: {
      count: words.length,
      word: Int32Array.from(words, ({ word }) => builder.vocabulary.internText(word)),
      line: Int32Array.from(words, ({ line }) => line),
      class: Uint8Array.from(words, (token) => token.class),
    },
    definitions,
    imports: [path],
  });
}

function segmentOf(docs: Doc[], firstVid: number): SegmentSource {
  const builder = new SegmentBuilder();
  for (const one of docs) addTo(builder, one);
  return sourceOf(
    builder.finish(),
    docs.map((_, i) => firstVid + i),
  );
}

const sourceOf = (sections: Record<string, Uint8Array>, vids: number[]): SegmentSource => ({
  id: vids[0] ?? 0,
  vids: Float64Array.from(vids),
  section: (name) => sections[name],
  sectionNames: () => Object.keys(sections),
});

/** Occurrences of a stem in text per live document, keyed by version. */
function gather(index: LexicalIndex, term: string, by = weights): Record<string, number[]> {
  hashText(term);
  const { chunks, chunkCount, chunkFrequency } = index.gather(hashLow >>> 0, hashHigh >>> 0, by);
  const found: Record<string, number[]> = {};
  for (const chunk of Array.from(chunks.subarray(0, chunkCount)).sort((a, b) => a - b)) {
    const document = index.chunkDocument[chunk];
    const vid = index.vids[document];
    found[vid] ??= [];
    found[vid][chunk - index.firstChunk[document]] = chunkFrequency[chunk];
  }
  index.reset();
  return found;
}

const stemsOf = (word: string): string[] =>
  word === "getUser" ? ["get", "user"] : [stem(word.toLowerCase())];

function naive(docs: Map<number, Doc>, term: string): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  for (const [vid, { chunks }] of docs) {
    chunks.forEach((chunk, i) => {
      const count = chunk.filter(({ word }) => stemsOf(word).includes(term)).length;
      if (count === 0) return;
      found[vid] ??= [];
      found[vid][i] = count;
    });
  }
  return found;
}

const groups = fc.array(fc.array(doc, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });
const terms = ["alpha", "beta", "handler", "user", "get", "absent"];

describe("lexical index", () => {
  it("counts as a plain loop does, over any grouping into segments, live documents only", () => {
    fc.assert(
      fc.property(groups, fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }), (docGroups, live) => {
        const all = new Map(docGroups.flat().map((one, i) => [i + 1, one]));
        const alive = new Map([...all].filter(([vid]) => live[vid - 1]));
        const liveVids = Float64Array.from(alive.keys());
        let vid = 1;
        const sources = docGroups.map((docs) => {
          vid += docs.length;
          return segmentOf(docs, vid - docs.length);
        });
        const merged = mergeSegments(
          sources.map((source) => new Segment(source)),
          (id) => live[id - 1] || id % 2 === 0,
        );
        const indexes = [
          new LexicalIndex(sources, liveVids),
          new LexicalIndex([segmentOf(docGroups.flat(), 1)], liveVids),
          new LexicalIndex([sourceOf(merged.sections, [...merged.vids])], liveVids),
        ];
        for (const index of indexes) {
          for (const term of terms) expect(gather(index, term)).toEqual(naive(alive, term));
          expect(index.liveDocuments).toBe(alive.size);
          expect(index.meanDocumentLength).toBe(indexes[0].meanDocumentLength);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("finds path words in the stem and directory classes", () => {
    const index = new LexicalIndex(
      [segmentOf([{ path: "c/d/gamma_delta.go", chunks: [[]] }], 1)],
      Float64Array.of(1),
    );
    hashText("gamma");
    const { documentFrequency, classes } = index.gather(hashLow >>> 0, hashHigh >>> 0, weights);
    expect([documentFrequency[0], classes[0]]).toEqual([1, 1 << 8]);
  });

  it("finds definitions by simple and qualified name", () => {
    const builder = new SegmentBuilder();
    const put: Definition = {
      name: "put",
      qualified: "Store.put",
      line: 11,
      kind: "function",
      indent: 2,
      typeBit: 1,
    };
    addTo(builder, { path: "e.rs", chunks: [[], []] }, [put]);
    const index = new LexicalIndex([sourceOf(builder.finish(), [7])], Float64Array.of(7));
    for (const name of ["put", "Store.put"]) {
      hashText(name);
      expect(index.definitions(hashLow >>> 0, hashHigh >>> 0)).toEqual([
        { document: 0, line: 12, kind: 1, indent: 2 },
      ]);
    }
    hashText("Put");
    expect(index.definitions(hashLow >>> 0, hashHigh >>> 0)).toEqual([]);
    expect(index.chunkTypes[1]).toBe(2);
    expect(index.chunkOfLine(0, 12)).toBe(1);
    expect(index.chunkEnd(0)).toBe(10);
  });

  it("counts the name of a definition in the chunk of its line, among the words around it", () => {
    const builder = new SegmentBuilder();
    const define = (line: number, name: string): Definition => {
      return { name, line, kind: "function", indent: 0, typeBit: 1 };
    };
    // Chunks begin at lines 0, 10, 20 and 30; only the second and the last have words.
    const beta = [{ word: "beta", class: 0 }];
    addTo(builder, { path: "e.rs", chunks: [[], beta, [], beta] }, [
      ...[define(0, "alpha"), define(9, "delta"), define(10, "gamma")],
      ...[define(15, "alpha"), define(29, "gamma"), define(35, "delta")],
    ]);
    const index = new LexicalIndex([sourceOf(builder.finish(), [1])], Float64Array.of(1));
    const counts = (term: string): number[] =>
      Array.from(
        { length: 4 },
        (_, chunk) => gather(index, term, { ...weights, chunk: ones })[1]?.[chunk] ?? 0,
      );
    expect(counts("alpha")).toEqual([1, 1, 0, 0]);
    expect(counts("delta")).toEqual([1, 0, 0, 1]);
    expect(counts("gamma")).toEqual([0, 1, 1, 0]);
    expect(counts("beta")).toEqual([0, 1, 0, 1]);
  });

  it("keeps counts beyond one byte and chunk gaps beyond one byte", () => {
    const many = Array.from({ length: 400 }, (_, i) =>
      i === 399 ? Array.from({ length: 5000 }, () => ({ word: "beta", class: 1 })) : [],
    );
    const index = new LexicalIndex([segmentOf([{ path: "e.rs", chunks: many }], 1)], Float64Array.of(1));
    expect(gather(index, "beta")[1][399]).toBe(5000);
  });
});

describe("terms", () => {
  it("of the table are those of a query, each word once", () => {
    const words = ["get_get", "parseHTTPResponse2", "Handlers", "x", "größe", "_private_name", "a_b_a_b"];
    const builder = new SegmentBuilder();
    addTo(builder, { path: "e.rs", chunks: [words.map((word) => ({ word, class: 0 }))] });
    const { terms } = new Segment(sourceOf(builder.finish(), [1]));
    for (const word of words) {
      const id = builder.vocabulary.internText(word);
      for (const { text } of termsOf(word)) {
        hashText(text);
        const found = Array.from(terms.words(hashLow >>> 0, hashHigh >>> 0));
        expect(found.filter((other) => other === id)).toEqual([id]);
      }
    }
  });
});

describe("pack", () => {
  it("returns what it was given", () => {
    const columns = {
      a: Uint8Array.of(1, 2, 3),
      b: Float64Array.of(1.5, -2),
      names: ["x", "ü\n", ""],
      empty: new Uint32Array(0),
    };
    const packed = new Packed(pack(columns));
    expect(packed.column("a", "Uint8Array")).toEqual(columns.a);
    expect(packed.column("b", "Float64Array")).toEqual(columns.b);
    expect(packed.column("empty", "Uint32Array")).toEqual(columns.empty);
    expect(packed.strings("names")).toEqual(columns.names);
    expect(() => packed.column("a", "Uint32Array")).toThrow(TypeError);
    expect(() => packed.column("c", "Uint32Array")).toThrow(TypeError);
  });
});
