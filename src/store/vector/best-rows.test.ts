/** The heap against sorting everything. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { BestRows } from "./best-rows.ts";

it("keeps what sorting would put first, equal scores by the given order", () => {
  // Few distinct scores, so that ties decide; float32, as scores are.
  const scores = fc.array(
    fc.integer({ min: -4, max: 4 }).map((n) => n / 8),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(scores, fc.nat(12), (all, capacity) => {
      // Larger rows first: not the order in which they come.
      const best = new BestRows(capacity, (a, b) => a > b);
      all.forEach((score, row) => {
        const { floor } = best;
        const takes = best.takes(row, score);
        const before = [...best.rows.subarray(0, best.length)].toSorted();
        best.add(row, score);
        const isKept = best.rows.subarray(0, best.length).includes(row);
        expect(isKept).toBe(takes);
        if (!takes) expect([...best.rows.subarray(0, best.length)].toSorted()).toEqual(before);
        if (score < floor) expect(takes).toBe(false);
      });
      const sorted = all
        .map((score, row) => ({ score, row }))
        .sort((a, b) => b.score - a.score || b.row - a.row);
      const expected = sorted.slice(0, capacity).map(({ row }) => row);
      expect([...best.rows.subarray(0, best.length)].toSorted()).toEqual(expected.toSorted());
    }),
    { numRuns: 500 },
  );
});
