/**
 * Carries a plan out: exactly once, in one transaction, and only while every head that it touches is where it was.
 * Used by momo.ts.
 */
import { MomoError } from "../errors.ts";
import type { RollbackPolicy, RollbackReceipt } from "../model/rollback.ts";
import { kindNumber } from "../store/contract/kinds.ts";
import type { Attribution, Store, WriteTransaction } from "../store/contract/store.ts";
import type { JournalTransaction } from "../store/journal/view.ts";
import { encodeMark, markKey } from "../store/records/marks.ts";
import { lossesIn, type Plan, planOn } from "./plan.ts";

/** Raises ROLLBACK_STALE, ROLLBACK_BLOCKED, and what begin raises; then nothing was changed. */
export function apply(store: Store, plan: Plan, by: Attribution): RollbackReceipt {
  const { action } = plan.request;
  const kind = action === "rollback" ? "undo" : action;
  const tx = store.begin({ ...by, kind });
  try {
    if (tx.repeated) return { ...already(tx, { store, plan }), ...tx.repeated, repeated: true };
    const done = store.journal.planned(plan.hash);
    if (done) return already(tx, { store, plan, done });
    if (isOld(store, plan) && planOn(store, plan.request).hash !== plan.hash) {
      throw new MomoError("ROLLBACK_STALE", { plan: plan.hash });
    }
    if (plan.blocked) throw blocked(store, plan);
    if (plan.dead.length + plan.live.length + plan.marks.length === 0) return already(tx, { store, plan });
    return carryOut(store, tx, plan);
  } catch (error) {
    tx.abort();
    throw error;
  }
}

/** Whether anything happened that could change what the plan comes to. */
const isOld = (store: Store, { base_seq, losses }: Plan): boolean =>
  store.seq() !== base_seq || lossesIn(store.journal) !== losses;

function carryOut(store: Store, tx: WriteTransaction, plan: Plan): RollbackReceipt {
  const { request, moves, dead, live, residue } = plan;
  forgetScans(store, tx, plan);
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
  const receipt = tx.commit();
  const left = namesOf(store, plan.residueKids);
  return {
    ...receipt,
    plan_hash: plan.hash,
    action: request.action,
    residue: left,
    outcome: left.length > 0 ? "partial" : "done",
  };
}

/** What the file system last looked like does not fit an older version of a file: the next ingest reads it again. */
function forgetScans(store: Store, tx: WriteTransaction, { moves }: Plan): void {
  const paths: string[] = [];
  moves.kid.forEach((kid, i) => {
    if (moves.kind[i] === fileKind) paths.push(store.journal.nameOf(kid));
  });
  if (paths.length > 0) tx.forgetScan(paths);
}

const fileKind = kindNumber("file");

/** What was done before, or could not be done at all because everything is in somebody's way. */
function already(
  tx: WriteTransaction,
  { store, plan, done }: { store: Store; plan: Plan; done?: JournalTransaction },
): RollbackReceipt {
  tx.abort();
  const { action } = plan.request;
  const operations = done ? done.last - done.first + 1 : 0;
  const seq = operations > 0 ? done!.last : 0;
  const receipt = { transaction: done?.transaction ?? 0, seq, operations };
  const residue = done ? [] : namesOf(store, plan.residueKids);
  const outcome = residue.length > 0 ? "partial" : "already";
  return { ...receipt, plan_hash: plan.hash, action, outcome, residue };
}

const namesOf = (store: Store, kids: readonly number[]): string[] =>
  kids.map((kid) => store.journal.nameOf(kid));

const HINTS: Readonly<Record<RollbackPolicy, string>> = {
  block: "choose a policy: skip, cascade, merge, quarantine or force",
  cascade: "they cannot be taken back with it",
  skip: "they cannot be left out",
  merge: "the same fields were changed: skip, cascade, quarantine or force",
  force: "take back what needs it first, or choose cascade or skip",
  quarantine: "they cannot be set aside",
};

function blocked(store: Store, { unsolved, request }: Plan): MomoError {
  const id = store.journal.nameOf(unsolved[0]!.kid);
  return new MomoError("ROLLBACK_BLOCKED", { count: unsolved.length, id, hint: HINTS[request.policy] });
}
