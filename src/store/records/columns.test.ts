import { expect, it } from "vitest";
import { MomoError } from "../../errors.ts";
import { ColumnReader, ColumnWriter } from "./columns.ts";

function written(): Buffer {
  const out = new ColumnWriter();
  for (const value of [0, 127, 128, 300, 2 ** 31 - 1]) out.number(value);
  for (const value of [0, -1, 1, -64, 1000]) out.signed(value);
  for (const value of ["a", "b", "a", "", "ä", "b"]) out.string(value);
  return out.finish();
}

it("gives back numbers and strings in their order", () => {
  const from = new ColumnReader(written());
  expect(from.numbers(5)).toEqual([0, 127, 128, 300, 2 ** 31 - 1]);
  expect([0, 0, 0, 0, 0].map(() => from.signed())).toEqual([0, -1, 1, -64, 1000]);
  expect(from.strings(6)).toEqual(["a", "b", "a", "", "ä", "b"]);
  from.close();
});

it("refuses what no column holds", () => {
  const out = new ColumnWriter();
  for (const value of [-1, 2 ** 31, 0.5, Number.NaN]) expect(() => out.number(value)).toThrow(RangeError);
});

it("says when something is left", () => {
  expect(() => new ColumnReader(written()).close()).toThrow("goes on after its end");
});

/** Without the checksum of a body: whatever the bytes are, reading ends, with values or with the error. */
it("ends on any bytes", () => {
  const bytes = written();
  let refused = 0;
  for (let at = 0; at < bytes.length; at++)
    for (let bit = 0; bit < 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << bit;
      try {
        const from = new ColumnReader(flipped);
        from.numbers(5);
        for (let i = 0; i < 5; i++) from.signed();
        from.strings(6);
        from.close();
      } catch (error) {
        expect(error).toBeInstanceOf(MomoError);
        refused++;
      }
    }
  expect(refused).toBeGreaterThan(bytes.length);
});
