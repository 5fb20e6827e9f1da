/** Which writes count, as ranges in a table and in memory, against a plain Map from write to who took it back. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { UndoneRange } from "../contract/journal.ts";
import type { SeqRange } from "../contract/transaction.ts";
import { file, writerOf } from "../knowledge.fixture.ts";
import { connect } from "../sqlite/open.ts";
import { bringBack, takeBack, toRanges, UndoneSet, undoneBetween } from "./undone.ts";

const MOST = 60;
const seeds = process.env.MOMO_TEST_LONG ? 2000 : 100;

const range = fc
  .tuple(fc.integer({ min: 1, max: MOST }), fc.integer({ min: 1, max: MOST }))
  .map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]);
const step = fc.record({ take: fc.boolean(), ranges: fc.array(range, { minLength: 1, maxLength: 3 }) });

function* numbersIn(ranges: Iterable<readonly [number, number]>): Generator<number> {
  for (const [first, last] of ranges) for (let seq = first; seq <= last; seq++) yield seq;
}

/** The writes of some ranges that were taken back, or the others, as ranges. */
const those = (model: Map<number, number>, ranges: SeqRange[], undone: boolean): SeqRange[] =>
  toRanges(
    [...new Set(numbersIn(ranges))].filter((seq) => model.has(seq) === undone).toSorted((a, b) => a - b),
  );

const asMap = (ranges: UndoneRange[]): Map<number, number> =>
  new Map(ranges.flatMap(({ first, last, by }) => [...numbersIn([[first, last]])].map((seq) => [seq, by])));

const sorted = (map: Map<number, number>): [number, number][] => [...map].toSorted(([a], [b]) => a - b);

test("what is taken back and brought back is what a Map says", { timeout: 1_200_000 }, () => {
  const connection = writerOf(connect(file, { mode: "write", wait_ms: 0, durability: "process" }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.array(range, { maxLength: 5 }), (steps, asked) => {
      connection.exec("DELETE FROM undone");
      const set = new UndoneSet();
      const model = new Map<number, number>();
      steps.forEach(({ take, ranges }, by) => {
        const changed = those(model, ranges, !take);
        if (take) {
          takeBack(connection, changed, by);
          set.takeBack(changed, by);
          for (const seq of numbersIn(changed)) model.set(seq, by);
        } else {
          bringBack(connection, changed);
          set.bringBack(changed);
          for (const seq of numbersIn(changed)) model.delete(seq);
        }
        const stored = undoneBetween(connection, 1, MOST);
        expect([...asMap(stored)]).toEqual(sorted(model));
        // Order and extent too: verify compares the two.
        expect(stored.map((one) => ({ ...one }))).toEqual(set.ranges());
      });
      for (const [first, last] of [...asked, [1, 1], [MOST, MOST]] as const) {
        const found = undoneBetween(connection, first, last);
        for (const one of found) expect(one.last >= first && one.first <= last).toBe(true);
        const inside = sorted(asMap(found)).filter(([seq]) => seq >= first && seq <= last);
        expect(inside).toEqual(sorted(model).filter(([seq]) => seq >= first && seq <= last));
      }
    }),
    { numRuns: seeds },
  );
  connection.close();
});

test("bringing back reaches into ranges at both ends, and passes over what counts anyway", () => {
  const connection = writerOf(connect(file, { mode: "write", wait_ms: 0, durability: "process" }));
  const set = new UndoneSet();
  const ranges: SeqRange[] = [
    [1, 5],
    [8, 9],
    [12, 20],
  ];
  takeBack(connection, ranges, 7);
  set.takeBack(ranges, 7);
  bringBack(connection, [[4, 14]]);
  set.bringBack([[4, 14]]);
  const left = [
    { first: 1, last: 3, by: 7 },
    { first: 15, last: 20, by: 7 },
  ];
  expect(undoneBetween(connection, 0, 99).map((one) => ({ ...one }))).toEqual(left);
  expect(set.ranges()).toEqual(left);
  bringBack(connection, [[17, 17]]);
  expect(undoneBetween(connection, 16, 17).map((one) => ({ ...one }))).toEqual([
    { first: 15, last: 16, by: 7 },
  ]);
  expect(undoneBetween(connection, 17, 17)).toEqual([]);
  connection.close();
});

test("ranges are made of what follows without a gap", () => {
  expect(toRanges([])).toEqual([]);
  expect(toRanges([3, 4, 5, 7, 9, 10])).toEqual([
    [3, 5],
    [7, 7],
    [9, 10],
  ]);
});
