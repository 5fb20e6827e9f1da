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

  /** Adds the writes of a transaction that `take` accepts; transactions come oldest first. */
  add(
    journal: JournalView,
    transaction: JournalTransaction,
    take: (seq: number, kid: number) => boolean = () => true,
  ): void {
    const { kid, from, to, previous, first } = journal.operations(transaction);
    for (let seq = transaction.writes; seq <= transaction.last; seq++) {
      const i = seq - first;
      const own = kid[i]!;
      if (!take(seq, own)) continue;
      this.older.push(this.newest.get(own) ?? -1);
      this.newest.set(own, this.seq.length);
      this.seq.push(seq);
      this.kid.push(own);
      this.from.push(from[i]!);
      this.to.push(to[i]!);
      this.previous.push(previous[i]!);
    }
  }

  /** Adds those that count now. */
  addLive(
    journal: JournalView,
    transaction: JournalTransaction,
    take: (kid: number, seq: number) => boolean = () => true,
  ): void {
    const undone = journal.undone([transaction.first, transaction.last]);
    let at = 0;
    this.add(journal, transaction, (seq, kid) => {
      while (at < undone.length && undone[at]!.last < seq) at++;
      const isUndone = at < undone.length && undone[at]!.first <= seq;
      return !isUndone && take(kid, seq);
    });
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
      writes.add(journal, transaction, (own) => own >= first && own <= last);
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
