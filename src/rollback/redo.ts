/** The requests that are not a selection: bringing back what an undo took, and going back to an earlier state. */
import { MomoError } from "../errors.ts";
import type { RewindTarget, RollbackPolicy } from "../model/rollback.ts";
import type { JournalTransaction, JournalView } from "../store/contract/journal.ts";
import type { SeqRange, TransactionDetail, TransactionKind } from "../store/contract/transaction.ts";
import { readTime } from "../store/records/time.ts";
import { checkpointSeq } from "./checkpoint.ts";
import { holds, oddly, overlap, without } from "./ranges.ts";
import type { PlanRequest } from "./request.ts";
import { transactionsIn, writesIn } from "./write-set.ts";

const MOVING: readonly TransactionKind[] = ["undo", "redo", "rewind"];

/** Reverses an undo, redo or rewind; without a number the newest one that was not reversed yet. */
export function redoRequest(
  journal: JournalView,
  number: number | undefined,
  policy: RollbackPolicy,
): PlanRequest {
  const transaction = number === undefined ? newestUndo(journal) : movingTransaction(journal, number);
  const { dead = [], live = [] } = transaction.detail;
  const again = inForce(journal, transaction, [...live, ...ownWrites(transaction)]);
  return {
    action: "redo",
    policy,
    of: transaction.transaction,
    sources: transactionsIn(journal, again),
    takes: (_kid, seq) => holds(again, seq),
    live: writesIn(journal, inForce(journal, transaction, dead)),
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
  const [found] = journal.select({ transactions: [number], kinds: MOVING });
  if (found) return found;
  const kind = journal.transaction(number)?.kind;
  if (kind === undefined || MOVING.includes(kind)) {
    throw new MomoError("TRANSACTION_UNKNOWN", { transaction: number });
  }
  throw new MomoError("TRANSACTION_NOT_MOVING", { transaction: number, kind });
}

/**
 * Of the writes that a transaction took back or brought back, those that are as it left them. What somebody changed
 * since is as it left it again once a redo has reversed that.
 */
function inForce(
  journal: JournalView,
  { transaction: number, last }: JournalTransaction,
  writes: readonly SeqRange[],
): readonly SeqRange[] {
  // Still taken back by it: nobody touched them since, and later undos need not be read.
  if (writes.every((range) => isUndoneBy(journal, range, number))) return writes;
  let held = writes;
  const ended = new Map<number, SeqRange[]>();
  for (const { transaction, detail } of journal.select({ kinds: MOVING, after: last })) {
    const changed = changedBy(detail);
    const ends = overlap(held, changed);
    const again = detail.of === undefined ? [] : overlap(ended.get(detail.of) ?? [], changed);
    ended.set(transaction, ends);
    if (ends.length + again.length > 0) held = oddly([...held, ...ends, ...again]);
  }
  return held;
}

function isUndoneBy(journal: JournalView, range: SeqRange, number: number): boolean {
  const [undone] = journal.undone(range);
  return undone?.by === number && undone.first <= range[0] && undone.last >= range[1];
}

/** Every write that it took back counted before, and the other way round: so a write changes each time it is named. */
const changedBy = ({ dead = [], live = [] }: TransactionDetail): SeqRange[] => oddly([...dead, ...live]);

const ownWrites = ({ writes, last }: JournalTransaction): SeqRange[] =>
  writes <= last ? [[writes, last]] : [];

/**
 * The state after a transaction: every later write stops counting, and what counted then counts again. A number inside a
 * transaction means its end, so that it stays whole, unless `inside_transaction` asks for just that operation: then it must not leave a relation
 * without an end.
 */
export function rewindRequest(journal: JournalView, target: RewindTarget): PlanRequest {
  const { to_seq, isInside } = endOf(journal, target);
  const horizon = journal.horizon();
  if (to_seq < horizon) throw new MomoError("REWIND_BEYOND_HORIZON", { seq: to_seq, horizon });
  const later = journal.select({ after: to_seq });
  const named = later.flatMap(({ detail: { dead = [], live = [] } }) => [...dead, ...live]);
  const changed = oddly(upTo(named, to_seq));
  const undone = undoneIn(journal, changed);
  const away = without(changed, undone);
  const writing = later.filter(({ writes, last }) => writes <= last);
  return {
    action: "rewind",
    policy: "block",
    to_seq,
    ...(isInside && { is_inside: true }),
    sources: [...transactionsIn(journal, away), ...writing],
    takes: (_kid, seq) => seq > to_seq || holds(away, seq),
    live: writesIn(journal, overlap(changed, undone)),
  };
}

function endOf(journal: JournalView, target: RewindTarget): { to_seq: number; isInside: boolean } {
  const seq = seqOf(journal, target);
  for (const { last } of journal.newest({})) {
    if (seq <= last) break;
    const hint = `the last operation is ${last}`;
    throw new MomoError("VALUE_INVALID", { name: "seq", value: seq, hint });
  }
  const [next] = journal.select({ after: seq, limit: 1 });
  if (!next || next.first > seq) return { to_seq: seq, isInside: false };
  return target.inside_transaction ? { to_seq: seq, isInside: true } : { to_seq: next.last, isInside: false };
}

function undoneIn(journal: JournalView, ranges: readonly SeqRange[]): SeqRange[] {
  if (ranges.length === 0) return [];
  return journal.undone([ranges[0]![0], ranges.at(-1)![1]]).map(({ first, last }) => [first, last]);
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

const upTo = (ranges: readonly SeqRange[], seq: number): SeqRange[] =>
  ranges.filter(([first]) => first <= seq).map(([first, last]) => [first, Math.min(last, seq)]);
