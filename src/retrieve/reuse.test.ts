/**
 * What a query leaves behind for the next one, and what is not looked at, changes no number: every query of a series
 * over one index gives the features it gives over an index of its own, and the ranking that sorting everything gives.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { DocumentFlag } from "../model/lexical-document.ts";
import { SegmentBuilder } from "../store/lexical/builder.ts";
import { LexicalIndex } from "../store/lexical/index.ts";
import type { SegmentSource } from "../store/lexical/segment.ts";
import { documentFacts } from "./document-facts.ts";
import { computeFeatures, type DocumentFacts, featureNames } from "./features.ts";
import { readQuery } from "./query.ts";
import { noFilter, rank, shippedModel } from "./rank.ts";

const vocabulary = ["alpha", "beta", "gamma", "parseConfig", "open_file", "Handler", "retry", "v2"];

interface Doc {
  path: string;
  chunks: string[][];
}

const doc = fc.record({
  path: fc
    .array(fc.constantFrom(...vocabulary.map((word) => word.toLowerCase())), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join("/")),
  chunks: fc.array(fc.array(fc.constantFrom(...vocabulary), { maxLength: 12 }), {
    minLength: 1,
    maxLength: 5,
  }),
});

/** From this number on, documents are entries, as those that no stored segment holds. */
const NOTES = 100;

function segmentOf(docs: Doc[], first: number): SegmentSource {
  const builder = new SegmentBuilder();
  docs.forEach(({ path, chunks }, i) => {
    const words = chunks.flatMap((chunk, at) => chunk.map((word) => ({ word, line: at * 10 })));
    builder.add({
      path: `${path}${first + i}.ts`,
      language: "typescript",
      flags: first === NOTES ? DocumentFlag.entry : (first + i) % 128,
      lines: chunks.length * 10,
      chunkStarts: chunks.map((_, at) => at * 10),
      entityCounts: [0],
      words: {
        count: words.length,
        word: Int32Array.from(words, ({ word }) => builder.vocabulary.internText(word)),
        line: Int32Array.from(words, ({ line }) => line),
        class: Uint8Array.from(words, (_, at) => at % 3),
      },
      definitions: chunks.flatMap((chunk, at) =>
        chunk[0] ? [{ name: chunk[0], line: at * 10, kind: "function" as const, indent: 0, typeBit: 0 }] : [],
      ),
      // An entry imports nothing.
      imports: chunks.flatMap(([word]) => (word && first !== NOTES ? [word.toLowerCase()] : [])),
    });
  });
  const sections = builder.finish();
  const vids = Float64Array.from(docs, (_, i) => first + i);
  return { id: first, vids, section: (name) => sections[name]!, sectionNames: () => Object.keys(sections) };
}

const docs = fc.array(doc, { minLength: 1, maxLength: 12 });
const query = fc
  .array(fc.constantFrom(...vocabulary, "config", "fi", "handlers"), { minLength: 1, maxLength: 4 })
  .map((words) => words.join(" "));

test("a series of queries over one index", () => {
  fc.assert(
    fc.property(docs, docs, fc.array(query, { minLength: 2, maxLength: 5 }), (one, other, queries) => {
      const sources = [segmentOf(one, 0), segmentOf(other, one.length)];
      // Every third version is dead.
      const live = Float64Array.from({ length: one.length + other.length }, (_, i) => i).filter((i) => i % 3);
      const shared = new LexicalIndex(sources, live);
      const facts = documentFacts(shared);
      for (const text of queries) {
        const read = readQuery(text);
        const own = new LexicalIndex(sources, live);
        const plain = computeFeatures(own, documentFacts(own), read);
        const found = computeFeatures(shared, facts, read);
        expect([...found.documents]).toEqual([...plain.documents]);
        for (const name of featureNames) expect(found.columns[name]).toEqual(plain.columns[name]);
        expect(found.shown).toEqual(plain.shown);
      }
    }),
  );
});

test("an index that takes over what it can from the one before it, as segments come, change places and go", () => {
  const step = fc.record({
    keep: fc.array(fc.nat(3), { maxLength: 4 }),
    dead: fc.array(fc.nat(30), { maxLength: 6 }),
    note: fc.option(docs),
  });
  fc.assert(
    fc.property(
      fc.array(docs, { minLength: 4, maxLength: 4 }),
      fc.array(step, { minLength: 1 }),
      query,
      (all, steps, text) => {
        const stored = all.map((some, i) => ({ ...segmentOf(some, i * 12), id: i + 1 }));
        let before: { index: LexicalIndex; facts: DocumentFacts } | undefined;
        for (const { keep, dead, note } of steps) {
          const pending = note ? [{ ...segmentOf(note, NOTES), id: 0 }] : [];
          const sources = [...new Set(keep)].map((i) => stored[i]!).concat(pending);
          const live = Float64Array.from({ length: 112 }, (_, i) => i).filter((i) => !dead.includes(i));
          const index = new LexicalIndex(sources, live, before?.index);
          const facts = documentFacts(index, before?.facts);
          const read = readQuery(text);
          const own = new LexicalIndex(sources, live);
          const plain = computeFeatures(own, documentFacts(own), read);
          const found = computeFeatures(index, facts, read);
          expect([...found.documents]).toEqual([...plain.documents]);
          for (const name of featureNames) expect(found.columns[name]).toEqual(plain.columns[name]);
          expect(found.shown).toEqual(plain.shown);
          before = { index, facts };
        }
      },
    ),
  );
});

test("the best of many are those that sorting all of them gives, equal ones by path", () => {
  const files = Array.from({ length: 900 }, (_, i): Doc => {
    // Few different scores, many equal ones; the order of paths is not the order of storage.
    const words = Array.from({ length: 1 + ((i * 7) % 9) }, () => "alpha");
    return { path: `f${String((i * 389) % 900).padStart(3, "0")}_`, chunks: [words] };
  });
  const index = new LexicalIndex(
    [segmentOf(files, 0)],
    Float64Array.from(files, (_, i) => i),
  );
  const read = readQuery("alpha beta");
  const candidates = computeFeatures(index, documentFacts(index), read);
  expect(candidates.documents).toHaveLength(900);
  const request = { query: read, candidates, filter: noFilter, model: shippedModel };
  // With so many asked for, nothing is turned away before sorting.
  const all = rank(index, { ...request, limit: 900 });
  for (const limit of [1, 2, 10, 100])
    expect(rank(index, { ...request, limit })).toEqual(all.slice(0, limit));
});
