/** The requests that are not a selection: bringing back what an undo took, and going back to an earlier state. */
import { MomoError } from "../errors.ts";
import type { RewindTarget, RollbackPolicy } from "../model/rollback.ts";
import { readTime } from "../store/history.ts";
import type { JournalTransaction, JournalView } from "../store/journal-view.ts";
import type { SeqRange, TransactionKind } from "../store/store.ts";
import { UndoneSet } from "../store/undone.ts";
import { checkpointSeq } from "./checkpoint.ts";
import type { PlanRequest } from "./plan.ts";
import { writesIn } from "./write-set.ts";

const MOVING: readonly TransactionKind[] = ["undo", "redo", "rewind"];

/** Reverses an undo, redo or rewind; without a number the newest one that was not reversed yet. */
export function redoRequest(
  journal: JournalView,
  number: number | undefined,
  policy: RollbackPolicy,
): PlanRequest {
  const transaction = number === undefined ? newestUndo(journal) : movingTransaction(journal, number);
  const { dead = [], live = [] } = transaction.detail;
  const back = stillUndoneBy(journal, dead, transaction.transaction);
  const again = [...live, ...ownWrites(transaction)];
  return {
    ...{ action: "redo", policy, of: transaction.transaction },
    sources: transactionsIn(journal, again),
    takes: within(again),
    live: writesIn(journal, back),
  };
}

function newestUndo(journal: JournalView): JournalTransaction {
  const reversed = new Set<number>();
  for (const transaction of journal.newest({ kinds: MOVING })) {
    if (reversed.has(transaction.transaction)) continue;
    if (transaction.kind !== "redo") return transaction;
    reversed.add(transaction.detail.of!);
  }
  throw new MomoError("NOTHING_TO_REDO");
}

function movingTransaction(journal: JournalView, number: number): JournalTransaction {
  const transaction = journal.transaction(number);
  if (!transaction) throw new MomoError("TRANSACTION_UNKNOWN", { transaction: number });
  if (MOVING.includes(transaction.kind)) return transaction;
  throw new MomoError("TRANSACTION_NOT_MOVING", { transaction: number, kind: transaction.kind });
}

/** Somebody may have brought part of it back, or taken it back anew, since. */
function stillUndoneBy(journal: JournalView, ranges: readonly SeqRange[], by: number): SeqRange[] {
  return ranges.flatMap((range) =>
    journal
      .undone(range)
      .filter((undone) => undone.by === by)
      .map(({ first, last }): SeqRange => [Math.max(first, range[0]), Math.min(last, range[1])]),
  );
}

const ownWrites = ({ writes, last }: JournalTransaction): SeqRange[] =>
  writes <= last ? [[writes, last]] : [];

/**
 * The state after operation `to_seq`: every later write stops counting, and what counted then counts again.
 */
export function rewindRequest(journal: JournalView, to_seq: number): PlanRequest {
  if (to_seq < journal.horizon()) {
    throw new MomoError("REWIND_BEYOND_HORIZON", { seq: to_seq, horizon: journal.horizon() });
  }
  const later = journal.select({ after: to_seq });
  const now = new UndoneSet();
  const then = new UndoneSet();
  for (const { detail } of later) {
    for (const range of [...(detail.dead ?? []), ...(detail.live ?? [])]) {
      const [first, last] = range;
      if (first > to_seq) continue;
      const undone = journal.undone([first, Math.min(last, to_seq)]);
      for (const set of [now, then]) {
        set.bringBack([range]);
        set.takeBack(
          undone.map((own): SeqRange => [Math.max(own.first, first), Math.min(own.last, last, to_seq)]),
          0,
        );
      }
    }
  }
  for (const { detail } of later.toReversed()) {
    then.bringBack(upTo(detail.dead, to_seq));
    then.takeBack(upTo(detail.live, to_seq), 0);
  }
  const back = difference(now, then);
  const away = difference(then, now);
  const writing = later.filter(({ writes, last }) => writes <= last);
  const isAway = within(away);
  return {
    ...{ action: "rewind", policy: "block", to_seq },
    sources: [...transactionsIn(journal, away), ...writing],
    takes: (kid, seq) => seq > to_seq || isAway(kid, seq),
    live: writesIn(journal, back),
  };
}

export function seqOf(journal: JournalView, { checkpoint, seq, time }: RewindTarget): number {
  if (checkpoint !== undefined) return checkpointSeq(journal, checkpoint);
  if (time !== undefined) {
    for (const { last } of journal.newest({ until: readTime("time", time) })) return last;
    return 0;
  }
  if (seq === undefined || !Number.isInteger(seq) || seq < 0) {
    throw new MomoError("VALUE_INVALID", { name: "seq", value: String(seq), hint: "give a sequence number" });
  }
  return seq;
}

const upTo = (ranges: readonly SeqRange[] | undefined, seq: number): SeqRange[] =>
  (ranges ?? []).filter(([first]) => first <= seq).map(([first, last]) => [first, Math.min(last, seq)]);

/** Ranges of `a` that are not in `b`. */
function difference(a: UndoneSet, b: UndoneSet): SeqRange[] {
  const left = new UndoneSet();
  left.takeBack(
    a.ranges().map(({ first, last }): SeqRange => [first, last]),
    0,
  );
  left.bringBack(b.ranges().map(({ first, last }): SeqRange => [first, last]));
  return left.ranges().map(({ first, last }): SeqRange => [first, last]);
}

function within(ranges: readonly SeqRange[]): (kid: number, seq: number) => boolean {
  return (_kid, seq) => ranges.some(([first, last]) => first <= seq && seq <= last);
}

function transactionsIn(journal: JournalView, ranges: readonly SeqRange[]): JournalTransaction[] {
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
