/** Blocks: what is encoded comes back as views, and merging them is the same as encoding what was kept. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeBlock, type MergedPart, mergeBlocks, modelsOf, openBlock, vectorSection } from "./block.ts";

const model = { model: "static-1 of 2026", dimensions: 5 };
const component = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -3, max: 3 }),
);
const vector = fc
  .array(component, { minLength: model.dimensions, maxLength: model.dimensions })
  .map((values) => Float32Array.from(values));
const vectors = fc.array(vector, { maxLength: 6 });

const length = (values: Float32Array): number => Math.hypot(...values);

describe("a block", () => {
  it("holds unit vectors to within half a code, and exactly when asked to", () => {
    fc.assert(
      fc.property(vectors, fc.boolean(), (rows, exact) => {
        const block = openBlock(encodeBlock({ ...model, exact }, rows));
        expect([block.model, block.dimensions, block.chunks]).toEqual([model.model, 5, rows.length]);
        expect(block.exact === undefined).toBe(!exact || rows.length === 0);
        rows.forEach((row, chunk) => {
          const size = length(row);
          const scale = block.scales[chunk]!;
          if (size === 0) {
            expect(scale).toBe(0);
            return;
          }
          const decoded = block.codes.subarray(chunk * 5, chunk * 5 + 5);
          const unit = Float32Array.from(decoded, (code) => code * scale);
          expect(length(unit)).toBeCloseTo(1, 5);
          expect(Math.max(...decoded.map(Math.abs))).toBe(127);
          const largest = Math.max(...row.map(Math.abs));
          row.forEach((value, k) => {
            expect(Math.abs(decoded[k]! - (value / largest) * 127)).toBeLessThan(0.5001);
            if (exact) expect(block.exact![chunk * 5 + k]).toBeCloseTo(value / size, 6);
          });
        });
      }),
    );
  });

  it("is opened without copying", () => {
    const bytes = encodeBlock({ ...model, exact: true }, [Float32Array.of(1, 2, 3, 4, 5)]);
    const { codes, scales, exact } = openBlock(bytes);
    for (const view of [codes, scales, exact!]) expect(view.buffer).toBe(bytes.buffer);
  });

  it("refuses vectors of other dimensions and what is no number", () => {
    const good = new Float32Array(5);
    for (const [bad, code] of [
      [new Float32Array(4), "VECTOR_DIMENSIONS"],
      [Float32Array.of(0, 0, Number.NaN, 0, 0), "VECTOR_NUMBER"],
      [Float32Array.of(1, Number.POSITIVE_INFINITY, 0, 0, 0), "VECTOR_NUMBER"],
    ] as const) {
      expect(() => encodeBlock(model, [good, bad])).toThrow(expect.objectContaining({ code }));
    }
  });

  it("has a section that tells its model", () => {
    expect(modelsOf(["documents", vectorSection("a:b"), "words", vectorSection("c")])).toEqual(["a:b", "c"]);
  });
});

describe("merging blocks", () => {
  const part = fc.tuple(fc.array(fc.tuple(vector, fc.boolean()), { maxLength: 5 }));

  it("gives the block of the chunks that were kept, bit for bit", () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), fc.boolean(), (groups, exact) => {
        const kept: Float32Array[] = [];
        const parts = groups.map(([rows]): MergedPart => {
          const all = rows.map(([values]) => values);
          const chunkMap = Int32Array.from(rows, ([values, isKept]) => (isKept ? kept.push(values) - 1 : -1));
          return { block: openBlock(encodeBlock({ ...model, exact }, all)), chunkMap };
        });
        const merged = mergeBlocks(parts, kept.length);
        expect(merged).toEqual(kept.length === 0 ? undefined : encodeBlock({ ...model, exact }, kept));
      }),
    );
  });

  it("gives none when a part is too short, of another model or kept otherwise", () => {
    const rows = [Float32Array.of(1, 2, 3, 4, 5), Float32Array.of(5, 4, 3, 2, 1)];
    const whole = openBlock(encodeBlock(model, rows));
    const first = { block: whole, chunkMap: Int32Array.of(0, 1) };
    const merged = (block: MergedPart["block"], map = [2, 3]): Uint8Array | undefined =>
      mergeBlocks([first, { block, chunkMap: Int32Array.from(map) }], 4);
    expect(merged(whole)).toEqual(encodeBlock(model, [...rows, ...rows]));
    expect(merged(openBlock(encodeBlock(model, rows.slice(1))))).toBeUndefined();
    expect(merged({ ...whole, model: "another" })).toBeUndefined();
    expect(merged(openBlock(encodeBlock({ ...model, exact: true }, rows)))).toBeUndefined();
    const wider = rows.map((row) => Float32Array.of(...row, 0));
    expect(merged(openBlock(encodeBlock({ ...model, dimensions: 6 }, wider)))).toBeUndefined();
  });

  it("leaves the chunks of a part without vectors without one", () => {
    const rows = [Float32Array.of(1, 2, 3, 4, 5), Float32Array.of(5, 4, 3, 2, 1)];
    const block = openBlock(encodeBlock(model, rows));
    const parts = [
      { block: undefined, chunkMap: Int32Array.of(2) },
      { block, chunkMap: Int32Array.of(1, 0) },
    ];
    const zeros = new Float32Array(5);
    expect(mergeBlocks(parts, 3)).toEqual(encodeBlock(model, [rows[1]!, rows[0]!, zeros]));
    expect(mergeBlocks(parts.slice(0, 1), 3)).toBeUndefined();
  });

  it("does not mind what a part is of which nothing is kept", () => {
    const rows = [Float32Array.of(1, 2, 3, 4, 5)];
    const block = openBlock(encodeBlock(model, rows));
    const parts = [
      { block: undefined, chunkMap: Int32Array.of(-1, -1) },
      { block, chunkMap: Int32Array.of(0) },
    ];
    expect(mergeBlocks(parts, 1)).toEqual(encodeBlock(model, rows));
  });
});
