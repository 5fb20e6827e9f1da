/**
 * Carries a plan out: exactly once, in one transaction, and only while every head that it touches is where it was.
 * Used by momo.ts.
 */

import { MomoError } from "../errors.ts";
import type { RollbackPolicy, RollbackReceipt } from "../model/rollback.ts";
import type { ScanRow } from "../store/contract/derived.ts";
import type { JournalTransaction } from "../store/contract/journal.ts";
import { kindNumber } from "../store/contract/kinds.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import type { Store } from "../store/contract/store.ts";
import type { Author, Receipt } from "../store/contract/transaction.ts";
import type { WriteTransaction } from "../store/contract/write.ts";
import { encodeMark, markKey } from "../store/records/marks.ts";
import type { Plan } from "./plan.ts";
import { lossesIn, planOn } from "./plan.ts";

/** What the caller gets beside the receipt. */
type Answer = Omit<RollbackReceipt, keyof Receipt | "repeated"> & Partial<Receipt>;

/**
 * Raises ROLLBACK_STALE, ROLLBACK_BLOCKED, and what begin raises; then nothing was changed. What is meant is worked out
 * again where anything happened since: another plan than this one is not carried out.
 */
export function apply(store: Store, plan: Plan, by: Author): RollbackReceipt {
  const { action } = plan.request;
  const tx = store.begin({ ...by, kind: action === "rollback" ? "undo" : action });
  try {
    if (tx.repeated) return { ...tx.commit(), ...(tx.repeated.answer as unknown as Answer), repeated: true };
    const answer = answerOf(tx, plan);
    // Where nothing changes, only a request is worth remembering.
    if (answer.transaction === undefined || by.request_id !== undefined)
      return { ...tx.commit({ answer: { ...answer } }), ...answer };
    return { transaction: 0, seq: 0, operations: 0, ...answer };
  } finally {
    tx.abort();
  }
}

function answerOf(tx: WriteTransaction, plan: Plan): Answer {
  const { reader } = tx;
  const done = reader.journal.planned(plan.hash);
  if (done) return already(reader, { plan, done });
  if (isOld(reader, plan) && planOn(reader, plan.intent).hash !== plan.hash)
    throw new MomoError("ROLLBACK_STALE", { plan: plan.hash });
  if (plan.blocked) throw blocked(reader, plan);
  if (plan.dead.length + plan.live.length + plan.marks.length === 0) return already(reader, { plan });
  return carryOut(tx, plan);
}

/** Whether anything happened that could change what the plan comes to. */
const isOld = (store: StoreReader, { base_seq, losses }: Plan): boolean =>
  store.seq() !== base_seq || lossesIn(store.journal) !== losses;

function carryOut(tx: WriteTransaction, plan: Plan): Answer {
  const { request, moves, dead, live, residue } = plan;
  forgetScans(tx, plan);
  tx.move(moves);
  let writes = 0;
  for (const { key, content } of plan.merged) {
    const { body, text } = content;
    if (tx.put({ key, kind: "entry", body, ...(text && { text }) }).changed) writes++;
  }
  for (const { id, version, reason } of plan.marks) {
    if (tx.put({ key: markKey(id), kind: "mark", body: encodeMark({ version, reason }) }).changed) writes++;
  }
  tx.describe({
    plan: plan.hash,
    policy: request.policy,
    dead,
    live,
    writes,
    ...(residue.length > 0 && { residue }),
    ...(request.of !== undefined && { of: request.of }),
    ...(request.to_seq !== undefined && { to_seq: request.to_seq }),
    ...(request.selector && { selector: request.selector }),
  });
  const left = namesOf(tx.reader, plan.residueKids);
  return {
    plan_hash: plan.hash,
    action: request.action,
    residue: left,
    outcome: left.length > 0 ? "partial" : "done",
  };
}

/**
 * What the file system last looked like does not fit an older version of a file: the next ingest reads it again, and
 * finds that it is gone where it is.
 */
function forgetScans(tx: WriteTransaction, { moves }: Plan): void {
  const gone: string[] = [];
  const there: ScanRow[] = [];
  moves.kid.forEach((kid, i) => {
    if (moves.kind[i] !== fileKind) return;
    const path = tx.reader.journal.nameOf(kid);
    if (moves.to[i] === 0) gone.push(path);
    else there.push({ path, size: 0, mtime: never });
  });
  if (gone.length > 0) tx.forgetScan(gone);
  if (there.length > 0) tx.recordScan(there);
}

/** No file is so old: what was last seen of it is not known. */
const never = 0;

const fileKind = kindNumber("file");

/** What was done before, or could not be done at all because everything is in somebody's way. */
function already(store: StoreReader, { plan, done }: { plan: Plan; done?: JournalTransaction }): Answer {
  const operations = done ? done.last - done.first + 1 : 0;
  const residue = done ? [] : namesOf(store, plan.residueKids);
  return {
    transaction: done?.transaction ?? 0,
    seq: operations > 0 ? done!.last : 0,
    operations,
    plan_hash: plan.hash,
    action: plan.request.action,
    outcome: residue.length > 0 ? "partial" : "already",
    residue,
  };
}

const namesOf = (store: StoreReader, kids: readonly number[]): string[] =>
  kids.map((kid) => store.journal.nameOf(kid));

const HINTS: Readonly<Record<RollbackPolicy, string>> = {
  block: "choose a policy: skip, cascade, merge, quarantine or force",
  cascade: "they cannot be taken back with it",
  skip: "they cannot be left out",
  merge: "the same fields were changed: skip, cascade, quarantine or force",
  force: "take back what needs it first, or choose cascade or skip",
  quarantine: "they cannot be set aside",
};

function blocked(store: StoreReader, { unsolved, request }: Plan): MomoError {
  const id = store.journal.nameOf(unsolved[0]!.kid);
  const hint = request.is_inside ? "go back to the end of a transaction instead" : HINTS[request.policy];
  return new MomoError("ROLLBACK_BLOCKED", { count: unsolved.length, id, hint });
}
