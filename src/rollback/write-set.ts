/** A set of writes out of the journal, grouped by the key that they wrote. What a plan takes back or brings back. */

import type { JournalTransaction, JournalView } from "../store/contract/journal.ts";
import type { SeqRange } from "../store/contract/transaction.ts";
import { toRanges } from "../store/journal/undone.ts";

/** Parallel arrays, one place for each write; a key's writes are linked from the newest to the oldest. */
export class WriteSet {
  readonly seq: number[] = [];
  readonly kid: number[] = [];
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly previous: number[] = [];
  /** Place of the next older write of the same key, -1 for none. */
  readonly older: number[] = [];
  /** Place of the newest write of each key. */
  readonly newest = new Map<number, number>();

  /** Adds the writes of a transaction that lie `within` a range and that `take` accepts, whichever way they come. */
  add(
    journal: JournalView,
    transaction: JournalTransaction,
    { within, take = () => true }: { within?: SeqRange; take?: (kid: number, seq: number) => boolean } = {},
  ): void {
    const { kid, from, to, previous, first } = journal.operations(transaction);
    const begin = Math.max(transaction.writes, within?.[0] ?? 0);
    const end = Math.min(transaction.last, within?.[1] ?? transaction.last);
    for (let seq = begin; seq <= end; seq++) {
      const i = seq - first;
      const own = kid[i]!;
      if (!take(own, seq)) continue;
      this.#link(own, seq);
      this.seq.push(seq);
      this.kid.push(own);
      this.from.push(from[i]!);
      this.to.push(to[i]!);
      this.previous.push(previous[i]!);
    }
  }

  /** Puts the next write in its place among those of its key, which nearly always is the newest. */
  #link(kid: number, seq: number): void {
    const at = this.seq.length;
    let newer = -1;
    let older = this.newest.get(kid) ?? -1;
    while (older >= 0 && this.seq[older]! > seq) [newer, older] = [older, this.older[older]!];
    this.older.push(older);
    if (newer < 0) this.newest.set(kid, at);
    else this.older[newer] = at;
  }

  /** Adds those that count now and are not there yet. */
  addLive(
    journal: JournalView,
    transaction: JournalTransaction,
    takes: (kid: number, seq: number) => boolean = () => true,
  ): void {
    const undone = journal.undone([transaction.first, transaction.last]);
    let at = 0;
    const take = (kid: number, seq: number): boolean => {
      while (at < undone.length && undone[at]!.last < seq) at++;
      const isUndone = at < undone.length && undone[at]!.first <= seq;
      return !isUndone && takes(kid, seq) && !this.has(kid, seq);
    };
    this.add(journal, transaction, { take });
  }

  has(kid: number, seq: number): boolean {
    let at = this.newest.get(kid) ?? -1;
    while (at >= 0 && this.seq[at]! > seq) at = this.older[at]!;
    return at >= 0 && this.seq[at] === seq;
  }

  get size(): number {
    return this.seq.length;
  }

  /** Sequence numbers of a key's writes, newest first. */
  of(kid: number): number[] {
    const seqs: number[] = [];
    for (let at = this.newest.get(kid) ?? -1; at >= 0; at = this.older[at]!) seqs.push(this.seq[at]!);
    return seqs;
  }

  /** In order, without those of the keys in `except`. */
  ranges(except?: ReadonlySet<number>): SeqRange[] {
    const kept = except?.size ? this.seq.filter((_, at) => !except.has(this.kid[at]!)) : this.seq;
    return toRanges(kept);
  }

  /** Ranges of the writes of these keys only. */
  rangesOf(kids: ReadonlySet<number>): SeqRange[] {
    return kids.size === 0 ? [] : toRanges(this.seq.filter((_, at) => kids.has(this.kid[at]!)));
  }
}

export function transactionsIn(journal: JournalView, ranges: readonly SeqRange[]): JournalTransaction[] {
  const found = new Map<number, JournalTransaction>();
  for (const [first, last] of ranges) {
    for (let seq = first; seq <= last; ) {
      const transaction = journal.at(seq);
      found.set(transaction.transaction, transaction);
      seq = transaction.last + 1;
    }
  }
  return [...found.values()];
}

/** The writes in these ranges, whichever transactions they belong to. */
export function writesIn(journal: JournalView, ranges: readonly SeqRange[]): WriteSet {
  const writes = new WriteSet();
  for (const [first, last] of ranges) {
    for (let seq = first; seq <= last; ) {
      const transaction = journal.at(seq);
      writes.add(journal, transaction, { within: [first, last] });
      seq = transaction.last + 1;
    }
  }
  return writes;
}

/** Whether any write of a transaction counts now. */
export function isLive(journal: JournalView, { writes, last }: JournalTransaction): boolean {
  let covered = 0;
  for (const range of journal.undone([writes, last])) {
    covered += Math.min(range.last, last) - Math.max(range.first, writes) + 1;
  }
  return covered < last - writes + 1;
}
