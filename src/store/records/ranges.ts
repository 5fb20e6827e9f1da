/** Sequence numbers as ranges. Used wherever writes are counted. */
import type { SeqRange } from "../contract/transaction.ts";

/** Sequence numbers in ascending order as ranges. */
export function toRanges(seqs: Iterable<number>): SeqRange[] {
  const ranges: [number, number][] = [];
  for (const seq of seqs) {
    const open = ranges.at(-1);
    if (open && open[1] === seq - 1) open[1] = seq;
    else ranges.push([seq, seq]);
  }
  return ranges;
}
