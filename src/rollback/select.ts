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
import { readTime } from "../store/journal/history.ts";
import { authorAt } from "./authors.ts";
import { checkpointSeq } from "./checkpoint.ts";
import type { PlanRequest } from "./plan.ts";
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
  const filter = filterOf(journal, selector);
  const isMeantOperation = operationFilter(journal, selector);
  const isBy = authorFilter(journal, selector);
  const takes = (kid: number, seq: number): boolean => isMeantOperation(kid, seq) && isBy(seq);
  const isAboutKeys = selector.keys || selector.prefix !== undefined || selector.operations;
  const isAbout = selector.operations ? undefined : reachesBack(journal, selector);
  const isMeant = (transaction: JournalTransaction): boolean => {
    if (!isLive(journal, transaction)) return false;
    if (!isAboutKeys && !transaction.detail.origins) return true;
    // Its operations are gone, and with them which keys it wrote: that matters only where one of these is so old.
    if (transaction.last <= journal.horizon() && isAbout !== undefined && !isAbout()) return false;
    const writes = new WriteSet();
    writes.addLive(journal, transaction, takes);
    return writes.size > 0;
  };
  const sources =
    selector.steps === undefined
      ? journal.select({ ...filter, kinds: WRITING }).filter(isMeant)
      : newest(journal, { ...filter, kinds: kindsOf(selector) }, { count: selector.steps, isMeant });
  return { action: "rollback", policy, sources, takes, live: new WriteSet(), selector };
}

/** What `steps` counts: not the indexer's work, which the next ingest would bring back, unless that is asked for. */
const kindsOf = ({ agent }: RollbackSelector): readonly TransactionKind[] =>
  agent === "indexer" ? WRITING : BY_PEOPLE;

/** Oldest first. "Meant" looks at what was taken back, so two calls walk back twice as far. */
function newest(
  journal: JournalView,
  filter: TransactionFilter,
  { count, isMeant }: { count: number; isMeant: (transaction: JournalTransaction) => boolean },
): JournalTransaction[] {
  const found: JournalTransaction[] = [];
  for (const transaction of journal.newest(filter)) {
    if (!isMeant(transaction)) continue;
    found.push(transaction);
    if (found.length === count) break;
  }
  return found.reverse();
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
  if (transactions) checkTransactions(journal, transactions);
  for (const seq of operations ?? []) checkOperation(journal, seq);
  const holders = operations?.map((seq) => journal.at(seq).transaction);
  if (!transactions || !holders) return [...(transactions ?? holders ?? [])];
  return transactions.filter((number) => holders.includes(number));
}

function checkTransactions(journal: JournalView, transactions: readonly number[]): void {
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

/** Conditions on single operations. */
function operationFilter(
  journal: JournalView,
  { operations, keys, prefix }: RollbackSelector,
): (kid: number, seq: number) => boolean {
  const kids = keys && new Set(keys.flatMap((key) => kidsOf(journal, key)));
  const below = prefix === undefined ? undefined : journal.kidsBelow(prefix);
  const seqs = operations && new Set(operations);
  return (kid, seq) => (!kids || kids.has(kid)) && (!below || below.has(kid)) && (!seqs || seqs.has(seq));
}

/** A merge holds the work of several. */
function authorFilter(journal: JournalView, { agent, session }: RollbackSelector): (seq: number) => boolean {
  if (agent === undefined && session === undefined) return () => true;
  let authors: Authorship[] = [];
  return (seq) => {
    let author = authorAt(authors, seq);
    if (!author) {
      authors = journal.authors(journal.at(seq));
      author = authorAt(authors, seq)!;
    }
    return (
      (agent === undefined || author.agent === agent) && (session === undefined || author.session === session)
    );
  };
}

/** Whether any selected key was written before the horizon; looked up once, and only where somebody asks. */
function reachesBack(journal: JournalView, { keys, prefix }: RollbackSelector): () => boolean {
  let isOld: boolean | undefined;
  return () => {
    isOld ??= [
      ...(prefix === undefined ? [] : journal.kidsBelow(prefix)),
      ...(keys ?? []).flatMap((key) => kidsOf(journal, key)),
    ].some((kid) => isBeforeHorizon(journal, kid));
    return isOld;
  };
}

function isBeforeHorizon(journal: JournalView, kid: number): boolean {
  const { kind, seq } = journal.pointers(Float64Array.of(kid));
  let oldest = seq[0]!;
  for (const { previous } of journal.chain(kid, kind[0]!)) oldest = previous;
  return oldest > 0;
}

/** Everything of that name: a file, an entry, where a file of that name went. */
function kidsOf(journal: JournalView, key: string): number[] {
  const kinds = Array.from({ length: kindCount }, (_, i) => kindOf(i + 1));
  const found = kinds.flatMap((kind) => journal.kidOf(key, kind)?.kid ?? []);
  if (found.length > 0) return found;
  throw new MomoError("ENTRY_UNKNOWN", { id: key });
}
