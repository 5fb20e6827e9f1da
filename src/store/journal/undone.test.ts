/** Which writes count, as ranges in a table, against a plain Map from write to who took it back. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { UndoneRange } from "../contract/journal.ts";
import type { SeqRange } from "../contract/transaction.ts";
import { file, writerOf } from "../knowledge.fixture.ts";
import { toRanges } from "../records/ranges.ts";
import type { Connection } from "../sqlite/connection.ts";
import { connect } from "../sqlite/open.ts";
import { replay, type UndoneChange } from "../verify/undone.ts";
import { bringBack, takeBack, undoneBetween } from "./undone.ts";

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

function inTable(work: (connection: Connection) => void): void {
  const connection = writerOf(connect(file, { mode: "write", wait_ms: 0, durability: "process" }));
  try {
    work(connection);
  } finally {
    connection.close();
  }
}

test("what is taken back and brought back is what a Map says", { timeout: 1_200_000 }, () => {
  inTable((connection) =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.array(range, { maxLength: 5 }), (steps, asked) => {
        connection.exec("DELETE FROM undone");
        const model = new Map<number, number>();
        const changes: UndoneChange[] = [];
        steps.forEach(({ take, ranges }, transaction) => {
          const changed = those(model, ranges, !take);
          if (take) {
            takeBack(connection, changed, transaction);
            for (const seq of numbersIn(changed)) model.set(seq, transaction);
          } else {
            bringBack(connection, changed);
            for (const seq of numbersIn(changed)) model.delete(seq);
          }
          changes.push({ transaction, dead: take ? changed : [], live: take ? [] : changed });
          const stored = undoneBetween(connection, 1, MOST);
          expect([...asMap(stored)]).toEqual(sorted(model));
          expect(sorted(asMap(replay(changes) as UndoneRange[]))).toEqual(sorted(model));
        });
        for (const [first, last] of [...asked, [1, 1], [MOST, MOST]] as const) {
          const found = undoneBetween(connection, first, last);
          for (const one of found) expect(one.last >= first && one.first <= last).toBe(true);
          const inside = sorted(asMap(found)).filter(([seq]) => seq >= first && seq <= last);
          expect(inside).toEqual(sorted(model).filter(([seq]) => seq >= first && seq <= last));
        }
      }),
      { numRuns: seeds },
    ),
  );
});

test("what is not wholly as it must be is refused, in the table and by verify", {
  timeout: 1_200_000,
}, () => {
  inTable((connection) =>
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        connection.exec("DELETE FROM undone");
        const model = new Map<number, number>();
        const changes: UndoneChange[] = [];
        for (const [transaction, { take, ranges }] of steps.entries()) {
          const [asked] = ranges;
          const change = take ? takeBack : bringBack;
          const dead = take ? [asked!] : [];
          changes.push({ transaction, dead, live: take ? [] : [asked!] });
          if ([...numbersIn([asked!])].some((seq) => model.has(seq) === take)) {
            expect(() => change(connection, [asked!], transaction)).toThrow(/already.*make a new plan/);
            const fault = `transaction ${transaction} ${take ? "takes" : "brings"} back operation`;
            expect(replay(changes)).toMatch(fault);
            return;
          }
          change(connection, [asked!], transaction);
          for (const seq of numbersIn([asked!])) take ? model.set(seq, transaction) : model.delete(seq);
          expect(sorted(asMap(replay(changes) as UndoneRange[]))).toEqual(sorted(model));
        }
      }),
      { numRuns: seeds },
    ),
  );
});

test("one transaction takes a write back once, and does not bring it back too", () => {
  const wrong = (dead: SeqRange[], live: SeqRange[]) => replay([{ transaction: 7, dead, live }]);
  expect(
    wrong(
      [
        [1, 3],
        [3, 4],
      ],
      [],
    ),
  ).toBe("transaction 7 takes back operation 3, which did not count");
  expect(wrong([[1, 3]], [[2, 2]])).toBe("transaction 7 takes back operation 2, which did not count");
  expect(
    wrong(
      [
        [1, 3],
        [4, 4],
      ],
      [],
    ),
  ).toEqual([
    { first: 1, last: 3, by: 7 },
    { first: 4, last: 4, by: 7 },
  ]);
});

test("bringing back reaches into ranges at both ends", () => {
  inTable((connection) => {
    takeBack(connection, [[1, 5]], 6);
    takeBack(
      connection,
      [
        [6, 9],
        [12, 20],
      ],
      7,
    );
    bringBack(connection, [[4, 8]]);
    expect(undoneBetween(connection, 0, 99).map((one) => ({ ...one }))).toEqual([
      { first: 1, last: 3, by: 6 },
      { first: 9, last: 9, by: 7 },
      { first: 12, last: 20, by: 7 },
    ]);
    bringBack(connection, [[17, 17]]);
    expect(undoneBetween(connection, 16, 17).map((one) => ({ ...one }))).toEqual([
      { first: 12, last: 16, by: 7 },
    ]);
    expect(undoneBetween(connection, 17, 17)).toEqual([]);
  });
});

test("ranges are made of what follows without a gap", () => {
  expect(toRanges([])).toEqual([]);
  expect(toRanges([3, 4, 5, 7, 9, 10])).toEqual([
    [3, 5],
    [7, 7],
    [9, 10],
  ]);
});
