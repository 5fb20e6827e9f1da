/** Ranges against plain sets of numbers. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { SeqRange } from "../store/contract/transaction.ts";
import { holds, oddly, overlap, without } from "./ranges.ts";
import { check } from "./world.fixture.ts";

const range = fc
  .tuple(fc.integer({ min: 1, max: 30 }), fc.nat(6))
  .map(([first, more]): SeqRange => [first, first + more]);
const anyRanges = fc.array(range, { maxLength: 8 });
/** In order, none over another; neighbours may touch. */
const ranges = anyRanges.map((list) => {
  const taken: SeqRange[] = [];
  for (const [first, last] of list.toSorted(([a], [b]) => a - b)) {
    if (first > (taken.at(-1)?.[1] ?? 0)) taken.push([first, last]);
  }
  return taken;
});

const numbers = (list: readonly SeqRange[]): number[] =>
  list.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
const isInOrder = (list: readonly SeqRange[]): boolean =>
  list.every(([first, last], i) => first <= last && first > (list[i - 1]?.[1] ?? 0));

test("what both hold, what only one holds, and whether a number is held", () => {
  check([ranges, ranges], (a, b) => {
    const [left, right] = [numbers(a), numbers(b)];
    expect(numbers(overlap(a, b))).toEqual(left.filter((seq) => right.includes(seq)));
    expect(numbers(without(a, b))).toEqual(left.filter((seq) => !right.includes(seq)));
    for (let seq = 0; seq < 40; seq++) expect(holds(a, seq)).toBe(left.includes(seq));
  });
});

test("what an odd number of ranges hold, as few ranges in order", () => {
  check([anyRanges], (list) => {
    const counts = new Map<number, number>();
    for (const seq of numbers(list)) counts.set(seq, (counts.get(seq) ?? 0) + 1);
    const odd = [...counts].filter(([, count]) => count % 2 === 1).map(([seq]) => seq);
    const found = oddly(list);
    expect(numbers(found)).toEqual(odd.sort((a, b) => a - b));
    expect(isInOrder(found)).toBe(true);
  });
});
