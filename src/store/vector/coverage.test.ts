import { expect, test } from "vitest";
import { SegmentBuilder } from "../lexical/builder.ts";
import { mergeSegments } from "../lexical/merge.ts";
import { Segment } from "../lexical/segment.ts";
import { openBlock, vectorSection } from "./block.ts";
import { isEmbedded, withVectors } from "./coverage.ts";

const model = { model: "small", dimensions: 2 };

/** A segment of one document with so many chunks. */
function segmentOf(vid: number, chunks: number, vectors?: Uint8Array): Segment {
  const builder = new SegmentBuilder();
  builder.addBare({
    path: `f${vid}.ts`,
    language: "typescript",
    flags: 0,
    lines: chunks,
    chunkStarts: Array.from({ length: chunks }, (_, i) => i + 1),
    chunkTypes: Array.from({ length: chunks }, () => 0),
    entityCounts: [],
    stemWords: [],
    directoryWords: [],
    imports: [],
  });
  const sections: Record<string, Uint8Array> = {
    ...builder.finish(),
    ...(vectors && { [vectorSection("small")]: vectors }),
  };
  return new Segment({
    id: vid,
    vids: Float64Array.of(vid),
    section: (name) => sections[name]!,
    sectionNames: () => Object.keys(sections),
  });
}

const embedded = (bytes: Uint8Array): boolean[] => {
  const block = openBlock(bytes);
  return Array.from({ length: block.chunks }, (_, chunk) => isEmbedded(block, chunk));
};

test("chunks that were embedded are told from those that were not, also where the model knew nothing", () => {
  const segment = segmentOf(1, 4);
  const some = withVectors(
    { segment, block: undefined },
    model,
    new Map([
      [2, Float32Array.of(0, 1)],
      [0, Float32Array.of(0, 0)],
    ]),
  );
  expect(embedded(some)).toEqual([true, false, true, false]);
  const more = withVectors({ segment, block: openBlock(some) }, model, new Map([[1, Float32Array.of(1, 0)]]));
  expect(embedded(more)).toEqual([true, true, true, false]);
  expect([...openBlock(more).codes]).toEqual([0, 0, 127, 0, 0, 127, 0, 0]);
});

test("a merge keeps both: what was embedded, and what is lacking", () => {
  const vectors = withVectors(
    { segment: segmentOf(1, 2), block: undefined },
    model,
    new Map([[0, Float32Array.of(0, 0)]]),
  );
  const merged = mergeSegments([segmentOf(2, 1), segmentOf(1, 2, vectors)], () => true);
  expect(embedded(merged.sections[vectorSection("small")]!)).toEqual([false, true, false]);
});
