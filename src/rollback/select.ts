/** From what a caller wants taken back to the writes that are meant. Used by plan.ts. */
import { MomoError } from "../errors.ts";
import type { RollbackPolicy, RollbackSelector } from "../model/rollback.ts";
import type {
  Authorship,
  JournalTransaction,
  JournalView,
  TransactionFilter,
} from "../store/contract/journal.ts";
import { kindCount, kindOf } from "../store/contract/kinds.ts";
import type { TransactionKind } from "../store/contract/transaction.ts";
import { readTime } from "../store/records/time.ts";
import { authorAt } from "./authors.ts";
import { checkpointSeq } from "./checkpoint.ts";
import type { PlanRequest } from "./request.ts";
import { isLive, WriteSet } from "./write-set.ts";

const WRITING: readonly TransactionKind[] = ["write", "merge", "index"];
const BY_PEOPLE: readonly TransactionKind[] = ["write", "merge"];

/** Takes back the writes that count now and that the selector means. */
export function rollbackRequest(
  journal: JournalView,
  selector: RollbackSelector,
  policy: RollbackPolicy,
): PlanRequest {
  refuseEmpty(selector);
  const kids = kidsOf(journal, selector);
  const isMeantOperation = operationFilter(selector, kids);
  const isAuthor = authorFilter(selector);
  const authorOf = authorship(journal);
  const isBy = (seq: number): boolean => !isAuthor || isAuthor(authorOf(seq));
  const takes = (kid: number, seq: number): boolean => isMeantOperation(kid, seq) && isBy(seq);
  const isMeant = (transaction: JournalTransaction): boolean => {
    if (!isLive(journal, transaction)) return false;
    const isMixed = isAuthor && transaction.detail.origins;
    if (isMixed && !journal.authors(transaction).some(isAuthor)) return false;
    if (!kids && !selector.operations && !isMixed) return true;
    const writes = new WriteSet();
    writes.addLive(journal, transaction, takes);
    return writes.size > 0;
  };
  // Operations are named by their transactions.
  const search = {
    filter: filterOf(journal, selector),
    kids: selector.operations ? undefined : kids,
    isMeant,
    named: selector.transactions ?? [],
  };
  const sources =
    selector.steps === undefined
      ? allMeant(journal, search)
      : newestMeant(journal, search, { count: selector.steps, kinds: kindsOf(selector) });
  return { action: "rollback", policy, sources, takes, live: new WriteSet(), selector };
}

/** What `steps` counts: not the indexer's work, which the next ingest would bring back, unless that is asked for. */
const kindsOf = ({ agent }: RollbackSelector): readonly TransactionKind[] =>
  agent === "indexer" ? WRITING : BY_PEOPLE;

interface Search {
  filter: TransactionFilter;
  /** Keys that it is about, where it is about keys. */
  kids: ReadonlySet<number> | undefined;
  isMeant: (transaction: JournalTransaction) => boolean;
  /** Transactions that were asked for by number: each must be there. */
  named: readonly number[];
}

/** Oldest first. */
function allMeant(journal: JournalView, { filter, kids, isMeant, named }: Search): JournalTransaction[] {
  const all = { ...filter, kinds: WRITING };
  if (!kids) {
    const found = journal.select(all);
    checkTransactions(journal, named, found);
    return found.filter(isMeant);
  }
  checkTransactions(journal, named);
  const upTo = journal.horizon();
  if (upTo > 0)
    for (const dropped of journal.select({ ...all, upTo, limit: 1 })) refuseDropped(journal, kids, dropped);
  return journal.select(onKeys(journal, all, kids)).filter(isMeant);
}

/** Oldest first. "Meant" looks at what was taken back, so two calls walk back twice as far. */
function newestMeant(
  journal: JournalView,
  { filter, kids, isMeant, named }: Search,
  { count, kinds }: { count: number; kinds: readonly TransactionKind[] },
): JournalTransaction[] {
  checkTransactions(journal, named);
  const all = { ...filter, kinds };
  const found: JournalTransaction[] = [];
  for (const transaction of journal.newest(kids ? onKeys(journal, all, kids) : all)) {
    if (isMeant(transaction)) found.push(transaction);
    if (found.length === count) return found.reverse();
  }
  const upTo = journal.horizon();
  if (kids && upTo > 0) {
    for (const dropped of journal.newest({ ...all, upTo })) {
      refuseDropped(journal, kids, dropped);
      break;
    }
  }
  return found.reverse();
}

/** Those that have their operations; of a few keys found by following each back, instead of reading every transaction. */
function onKeys(
  journal: JournalView,
  filter: TransactionFilter,
  kids: ReadonlySet<number>,
): TransactionFilter {
  const after = Math.max(filter.after ?? 0, journal.horizon());
  const touching = numbersOn(journal, kids);
  if (!touching) return { ...filter, after };
  const transactions = filter.transactions?.filter((number) => touching.has(number)) ?? [...touching];
  return { ...filter, after, transactions };
}

/** Transactions with an operation on one of these keys; undefined where there are more keys than transactions. */
function numbersOn(journal: JournalView, kids: ReadonlySet<number>): Set<number> | undefined {
  for (const { transaction } of journal.newest({})) {
    if (kids.size > transaction) return undefined;
    break;
  }
  const numbers = new Set<number>();
  const asked = Float64Array.from(kids);
  const { kind } = journal.pointers(asked);
  asked.forEach((kid, i) => {
    for (const { transaction } of journal.chain(kid, kind[i]!)) numbers.add(transaction.transaction);
  });
  return numbers;
}

/** Nobody can tell any more which keys it wrote: that matters where one of these was written so long ago. */
function refuseDropped(journal: JournalView, kids: ReadonlySet<number>, dropped: JournalTransaction): void {
  if (![...kids].some((kid) => isBeforeHorizon(journal, kid))) return;
  throw new MomoError("BEYOND_HORIZON", { transaction: dropped.transaction });
}

function refuseEmpty(selector: RollbackSelector): void {
  const conditions = Object.values(selector).filter((value) => value !== undefined);
  if (conditions.length === 0) throw new MomoError("ROLLBACK_EMPTY");
  const { steps } = selector;
  if (steps !== undefined && (!Number.isInteger(steps) || steps < 1)) {
    throw new MomoError("VALUE_INVALID", { name: "steps", value: steps, hint: "give a whole number from 1" });
  }
}

function filterOf(journal: JournalView, selector: RollbackSelector): TransactionFilter {
  const { agent, session, request_id, since, until, after } = selector;
  const named = namedTransactions(journal, selector);
  return {
    ...(named && { transactions: named }),
    ...(agent !== undefined && { agent }),
    ...(session !== undefined && { session }),
    ...(request_id !== undefined && { request_id }),
    ...(since !== undefined && { since: readTime("since", since) }),
    ...(until !== undefined && { until: readTime("until", until) }),
    ...(after !== undefined && { after: typeof after === "number" ? after : checkpointSeq(journal, after) }),
  };
}

function namedTransactions(journal: JournalView, selector: RollbackSelector): number[] | undefined {
  const { transactions, operations } = selector;
  if (!transactions && !operations) return undefined;
  for (const seq of operations ?? []) checkOperation(journal, seq);
  const holders = operations?.map((seq) => journal.at(seq).transaction);
  if (!transactions || !holders) return [...(transactions ?? holders ?? [])];
  return transactions.filter((number) => holders.includes(number));
}

/** `known` are some of them that are there. */
function checkTransactions(
  journal: JournalView,
  transactions: readonly number[],
  known: readonly JournalTransaction[] = [],
): void {
  if (transactions.length === 0 || known.length === transactions.length) return;
  const found = new Set(journal.select({ transactions, kinds: WRITING }).map((one) => one.transaction));
  for (const number of transactions) {
    if (found.has(number)) continue;
    const { kind, first = 0, last = 0 } = journal.transaction(number) ?? {};
    if (kind && !WRITING.includes(kind)) {
      throw new MomoError("TRANSACTION_NOT_WRITING", { transaction: number, kind });
    }
    // One that wrote nothing is no mistake; one of another branch is.
    if (!kind || first <= last) throw new MomoError("TRANSACTION_UNKNOWN", { transaction: number });
  }
}

function checkOperation(journal: JournalView, seq: number): void {
  for (const { last } of journal.newest({})) {
    if (Number.isInteger(seq) && seq > 0 && seq <= last) return;
    break;
  }
  throw new MomoError("VALUE_INVALID", { name: "operations", value: seq, hint: "momo history lists them" });
}

/** Keys that are named, or that lie below a prefix; both where both are given. undefined where neither is. */
function kidsOf(journal: JournalView, { keys, prefix }: RollbackSelector): Set<number> | undefined {
  const named = keys && new Set(keys.flatMap((key) => kidsNamed(journal, key)));
  if (prefix === undefined) return named;
  const below = journal.kidsBelow(prefix);
  return named ? new Set([...named].filter((kid) => below.has(kid))) : below;
}

/** Conditions on single operations. */
function operationFilter(
  { operations }: RollbackSelector,
  kids: ReadonlySet<number> | undefined,
): (kid: number, seq: number) => boolean {
  const seqs = operations && new Set(operations);
  return (kid, seq) => (!kids || kids.has(kid)) && (!seqs || seqs.has(seq));
}

/** undefined where anybody is meant. */
function authorFilter({ agent, session }: RollbackSelector): ((by: Authorship) => boolean) | undefined {
  if (agent === undefined && session === undefined) return undefined;
  return (by) =>
    (agent === undefined || by.agent === agent) && (session === undefined || by.session === session);
}

/** A merge holds the work of several: who made an operation first. */
function authorship(journal: JournalView): (seq: number) => Authorship {
  let authors: Authorship[] = [];
  return (seq) => {
    let author = authorAt(authors, seq);
    if (!author) {
      authors = journal.authors(journal.at(seq));
      author = authorAt(authors, seq)!;
    }
    return author;
  };
}

function isBeforeHorizon(journal: JournalView, kid: number): boolean {
  const { kind, seq } = journal.pointers(Float64Array.of(kid));
  let oldest = seq[0]!;
  for (const { previous } of journal.chain(kid, kind[0]!)) oldest = previous;
  return oldest > 0;
}

/** Everything of that name: a file, an entry, where a file of that name went. */
function kidsNamed(journal: JournalView, key: string): number[] {
  const kinds = Array.from({ length: kindCount }, (_, i) => kindOf(i + 1));
  const found = kinds.flatMap((kind) => journal.kidOf(key, kind)?.kid ?? []);
  if (found.length > 0) return found;
  throw new MomoError("ENTRY_UNKNOWN", { id: key });
}
