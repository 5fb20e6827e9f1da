/** The SIMD kernel against plain loops that round where it does: equal to the last bit. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKernel } from "./kernel.ts";
import { i32, moduleOf, v128 } from "./wasm.ts";

const { fround } = Math;
/** Rows that are only there to fill a group of four. */
const ROOM = 8;

interface Case {
  rows: number;
  stride: number;
  seed: number;
}

const cases = fc.record({
  rows: fc.integer({ min: 0, max: 37 }),
  stride: fc.integer({ min: 1, max: 24 }).map((lanes) => lanes * 16),
  seed: fc.integer(),
});

/** Numbers that look random and are the same for the same seed (xorshift32), -1 to 1. */
function numbers(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}

/** A kernel whose memory is full of numbers, none of which may show through. */
function littered(bytes: number): ReturnType<typeof createKernel> {
  const kernel = createKernel();
  kernel.memory.grow(Math.ceil(bytes / 65_536));
  new Uint8Array(kernel.memory.buffer).fill(0x3f);
  return kernel;
}

function dotI8({ rows, stride, seed }: Case): { found: Float32Array; expected: Float32Array } {
  const random = numbers(seed);
  const kernel = littered(stride * (rows + ROOM + 2) + (rows + ROOM) * 8);
  const { buffer } = kernel.memory;
  const values = stride * 2;
  const scalesAt = values + stride * (rows + ROOM);
  const out = scalesAt + (Math.ceil(rows / 4) + 1) * 16;
  // Extremes too: sums are largest where all numbers are.
  const code = (): number =>
    seed % 3 === 0 ? -128 + 255 * Number(random() > 0) : Math.round(random() * 127.49);
  const query = new Int16Array(buffer, 0, stride).map(code);
  new Int16Array(buffer, 0, stride).set(query);
  const codes = new Int8Array(buffer, values, rows * stride).map(code);
  new Int8Array(buffer, values, rows * stride).set(codes);
  const scales = new Float32Array(buffer, scalesAt, rows).map(random);
  new Float32Array(buffer, scalesAt, rows).set(scales);
  const scale = fround(random());
  kernel.dotI8(rows, { query: 0, values, stride, scales: scalesAt, out }, scale);
  const expected = Float32Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let k = 0; k < stride; k++) sum += query[k] * codes[row * stride + k];
    return fround(fround(fround(sum) * scales[row]) * scale);
  });
  return { found: new Float32Array(buffer, out, rows), expected };
}

function dotF32({ rows, stride, seed }: Case): { found: Float32Array; expected: Float32Array } {
  const random = numbers(seed);
  const kernel = littered(stride * (rows + ROOM + 1) + (rows + ROOM) * 4);
  const { buffer } = kernel.memory;
  const width = stride / 4;
  const out = stride * (rows + ROOM);
  const query = new Float32Array(buffer, 0, width).map(random);
  new Float32Array(buffer, 0, width).set(query);
  const values = new Float32Array(buffer, stride, rows * width).map(random);
  new Float32Array(buffer, stride, rows * width).set(values);
  kernel.dotF32(rows, { query: 0, values: stride, stride, out });
  const expected = Float32Array.from({ length: rows }, (_, row) => {
    const sums = [0, 0, 0, 0];
    for (let k = 0; k < width; k++)
      sums[k % 4] = fround(sums[k % 4] + fround(values[row * width + k] * query[k]));
    return fround(fround(sums[0] + sums[2]) + fround(sums[1] + sums[3]));
  });
  return { found: new Float32Array(buffer, out, rows), expected };
}

describe("the kernel", () => {
  it.each([
    ["8-bit", dotI8],
    ["float32", dotF32],
  ])("multiplies %s rows as a plain loop does", (_, run) => {
    fc.assert(
      fc.property(cases, (one) => {
        const { found, expected } = run(one);
        expect(found).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("adds a row to many, as often as it is told, and touches no other", () => {
    fc.assert(
      fc.property(
        cases,
        fc.array(fc.record({ target: fc.nat(36), weight: fc.float({ noNaN: true, min: -9, max: 9 }) }), {
          maxLength: 40,
        }),
        ({ rows, stride, seed }, given) => {
          const entries = given.filter(({ target }) => target < rows);
          const random = numbers(seed);
          const kernel = littered(stride * (rows + 2) + entries.length * 8 + 16);
          const { buffer } = kernel.memory;
          const sums = stride + Math.ceil((entries.length * 8) / 16) * 16;
          const columns = stride / 4;
          const row = new Float32Array(buffer, 0, columns).map(random);
          new Float32Array(buffer, 0, columns).set(row);
          const found = new Float32Array(buffer, sums, (rows + 1) * columns);
          found.set(found.map(random));
          const expected = found.slice();
          entries.forEach(({ target, weight }, i) => {
            new Uint32Array(buffer, stride + i * 8, 1)[0] = target;
            new Float32Array(buffer, stride + i * 8 + 4, 1)[0] = weight;
            for (let k = 0; k < columns; k++) {
              const at = target * columns + k;
              expected[at] = fround(expected[at]! + fround(fround(weight) * row[k]!));
            }
          });
          kernel.addF32(entries.length, { row: 0, entries: stride, stride, sums });
          expect(found).toEqual(expected);
        },
      ),
    );
  });

  it("writes no scores behind the group of four that the last row is in", () => {
    const kernel = littered(2048);
    kernel.dotI8(5, { query: 0, values: 64, stride: 16, scales: 1024, out: 1536 }, 1);
    const untouched = new Uint8Array(kernel.memory.buffer, 1536 + 32, 64);
    expect([...untouched].every((byte) => byte === 0x3f)).toBe(true);
    kernel.dotF32(0, { query: 0, values: 64, stride: 16, out: 1568 });
    expect([...untouched].every((byte) => byte === 0x3f)).toBe(true);
  });

  it("has a memory of its own", () => {
    const [a, b] = [createKernel(), createKernel()];
    a.memory.grow(1);
    expect([a.memory.buffer.byteLength, b.memory.buffer.byteLength]).toEqual([65_536, 0]);
  });
});

describe("the encoder", () => {
  it("writes numbers of more than one byte as the format wants them", () => {
    expect(i32.constant(63)).toEqual([0x41, 63]);
    expect(i32.constant(64)).toEqual([0x41, 0xc0, 0]);
    expect(i32.constant(-1)).toEqual([0x41, 0x7f]);
    expect(i32.constant(-65)).toEqual([0x41, 0xbf, 0x7f]);
    expect(i32.constant(2 ** 31 - 1)).toEqual([0x41, 0xff, 0xff, 0xff, 0xff, 0x07]);
    expect(v128.load(300)).toEqual([0xfd, 0, 4, 0xac, 0x02]);
  });

  it("makes a module without functions", () => {
    expect([...moduleOf([]).subarray(0, 8)]).toEqual([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  });
});
