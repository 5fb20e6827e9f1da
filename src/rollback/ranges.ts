/**
 * Sets of sequence numbers as ranges in ascending order that do not overlap. Taking one agent's work back among others'
 * gives as many ranges as operations, so nothing here looks at each pair of them. Used by redo.ts.
 */
import type { SeqRange } from "../store/contract/transaction.ts";

type Ranges = readonly SeqRange[];

/** Place of the first range that ends at `seq` or later. */
function placeOf(ranges: Ranges, seq: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle]![1] < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const holds = (ranges: Ranges, seq: number): boolean =>
  (ranges[placeOf(ranges, seq)]?.[0] ?? seq + 1) <= seq;

/** What both hold. */
export function overlap(a: Ranges, b: Ranges): SeqRange[] {
  const [few, many] = a.length < b.length ? [a, b] : [b, a];
  const found: SeqRange[] = [];
  for (const [first, last] of few) {
    for (let at = placeOf(many, first); at < many.length && many[at]![0] <= last; at++) {
      found.push([Math.max(first, many[at]![0]), Math.min(last, many[at]![1])]);
    }
  }
  return found;
}

/** What an odd number of these ranges hold, which may overlap and come in any order. */
export function oddly(ranges: Ranges): SeqRange[] {
  const edges = Float64Array.from(ranges.flatMap(([first, last]) => [first, last + 1])).sort();
  const open: number[] = [];
  for (const edge of edges)
    if (open.at(-1) === edge) open.pop();
    else open.push(edge);
  return Array.from({ length: open.length / 2 }, (_, i) => [open[2 * i]!, open[2 * i + 1]! - 1]);
}

/** What `a` holds and `b` does not. */
export const without = (a: Ranges, b: Ranges): SeqRange[] => oddly([...a, ...overlap(a, b)]);
