/**
 * Taking back, as the public API offers it: plan first, then carry the plan out by its hash. Plans are kept as long as
 * this object. momo.ts makes it over the open store.
 */

import { MomoError } from "../errors.ts";
import type {
  Checkpoint,
  CompactReceipt,
  CompactRequest,
  EraseReceipt,
  QuarantineRecord,
  RewindTarget,
  RollbackOptions,
  RollbackPlan,
  RollbackReceipt,
  RollbackSelector,
  VersionRecord,
  WriteReceipt,
} from "../model/rollback.ts";
import { rollbackPolicies } from "../model/rollback.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import type { Store } from "../store/contract/store.ts";
import type { Attribution, Author, TransactionKind } from "../store/contract/transaction.ts";
import { fingerprintOf } from "../store/records/digest.ts";
import { apply } from "./apply.ts";
import { blame } from "./blame.ts";
import { checkpoints, removeCheckpoint, setCheckpoint } from "./checkpoint.ts";
import { agentsIn, describe, outsideIn } from "./describe.ts";
import { type Plan, planOn } from "./plan.ts";
import { quarantined, release } from "./quarantine.ts";
import { redoRequest, rewindRequest } from "./redo.ts";
import { refuseRewind } from "./refuse-rewind.ts";
import type { Intent } from "./request.ts";
import { compact, erase, exportJournal } from "./retention.ts";
import { rollbackRequest } from "./select.ts";

/** Where to look or write: the knowledge base itself, or one exploration. */
export interface Where {
  exploration?: string | undefined;
}

export interface RewindOptions extends RollbackOptions {
  /** Say yes to removing what other agents wrote. */
  affects_others?: boolean;
  /** Say yes to taking back what was also done outside Momo, where it stays done. */
  passes_irreversible?: boolean;
  /** Of a plan: what it was made from. The same request asks for the same again, and the plan may be another by then. */
  asked?: unknown;
}

export interface Rollback {
  /** Pure: what would be taken back, what stands in the way, who builds on it. */
  planRollback(selector: RollbackSelector, options?: RollbackOptions): Promise<RollbackPlan>;
  planRedo(transaction?: number, options?: RollbackOptions): Promise<RollbackPlan>;
  planRewind(target: RewindTarget, options?: RollbackOptions): Promise<RollbackPlan>;
  /**
   * Carries out a plan made here, exactly once, whichever process did it first; ROLLBACK_STALE when a head that it
   * touches moved since, REWIND_OTHERS and REWIND_IRREVERSIBLE as for rewind.
   */
  rollback(plan_hash: string, by?: RewindOptions): Promise<RollbackReceipt>;
  /** What a request that asked for the same got, by its id; undefined for a new one. Raises REQUEST_REUSED. */
  takenBack(asked: unknown, by: RollbackOptions): Promise<RollbackReceipt | undefined>;
  /** Brings back what an undo, redo or rewind changed; the newest one by default. */
  redo(transaction?: number, options?: RollbackOptions): Promise<RollbackReceipt>;
  /**
   * Goes back to an earlier state; REWIND_OTHERS unless the work of others that it removes was agreed to, and
   * REWIND_IRREVERSIBLE unless what was done outside too.
   */
  rewind(target: RewindTarget, options?: RewindOptions): Promise<RollbackReceipt>;
  checkpoint(name: string, by?: Partial<Attribution> & Where): Promise<Checkpoint>;
  removeCheckpoint(name: string, by?: Partial<Attribution> & Where): Promise<void>;
  checkpoints(where?: Where): Promise<Checkpoint[]>;
  /** Every write of one id, newest first. */
  versions(id: string, where?: Where): Promise<VersionRecord[]>;
  quarantined(where?: Where): Promise<QuarantineRecord[]>;
  release(ids: readonly string[], by?: Partial<Attribution> & Where): Promise<WriteReceipt>;
  compact(request: CompactRequest, by?: Partial<Attribution>): Promise<CompactReceipt>;
  erase(ids: readonly string[], by?: Partial<Attribution>): Promise<EraseReceipt>;
  /** Each transaction with its operations as one line of JSON, oldest first. */
  exportJournal(): Promise<Iterable<string>>;
  /** The first fault in the hash chain, heads, digest or contents; undefined when there is none. */
  verify(): Promise<string | undefined>;
}

export interface Stores {
  read(exploration?: string): Store;
  write(exploration?: string): Store;
}

const ANYBODY = "momo";

interface KeptPlan {
  plan: Plan;
  exploration: string | undefined;
}

/** Plans that wait to be carried out, the newest. One of a million operations takes about 100 MB. */
const MAX_PLANS = 32;

function keep(plans: Map<string, KeptPlan>, kept: KeptPlan): void {
  plans.delete(kept.plan.hash);
  plans.set(kept.plan.hash, kept);
  for (const [oldest] of plans) if (plans.size > MAX_PLANS) plans.delete(oldest);
}

function redoIntent(transaction: number | undefined, options: RollbackOptions): Intent {
  const policy = policyOf(options);
  return (journal) => redoRequest(journal, transaction, policy);
}

const rewindIntent =
  (target: RewindTarget): Intent =>
  (journal) =>
    rewindRequest(journal, target);

export function createRollback(stores: Stores): Rollback {
  const plans = new Map<string, KeptPlan>();
  const prepare = (intent: Intent, { exploration, agent }: RollbackOptions): RollbackPlan => {
    const store = stores.read(exploration);
    return store.snapshot(() => {
      const plan = planOn(store, intent);
      keep(plans, { plan, exploration });
      return describe(store, plan, othersIn(store, plan, agent));
    });
  };
  const carryOut = (intent: Intent, options: RewindOptions, asked: unknown): RollbackReceipt => {
    const store = stores.write(options.exploration);
    const by = asking(options, asked);
    const before = store.answered<RollbackReceipt>(by);
    if (before) return before;
    const plan = store.snapshot(() => {
      const made = planOn(store, intent);
      refuseUnasked(store, made, options);
      return made;
    });
    return apply(store, plan, by);
  };
  const reading = <T>({ exploration }: Where, work: (store: Store) => T): T => {
    const store = stores.read(exploration);
    return store.snapshot(() => work(store));
  };
  return {
    planRollback: async (selector, options = {}) =>
      prepare((journal) => rollbackRequest(journal, selector, policyOf(options)), options),
    planRedo: async (transaction, options = {}) => prepare(redoIntent(transaction, options), options),
    planRewind: async (target, options = {}) => prepare(rewindIntent(target), options),
    rollback: async (plan_hash, by = {}) => {
      const kept = plans.get(plan_hash);
      const asker = asking(by, by.asked ?? plan_hash);
      if (!kept) {
        const store = stores.read(by.exploration);
        return store.answered<RollbackReceipt>(asker) ?? doneBefore(store, plan_hash);
      }
      const store = stores.write(kept.exploration);
      const before = store.answered<RollbackReceipt>(asker);
      if (before) return before;
      store.snapshot(() => refuseUnasked(store, kept.plan, by));
      const receipt = apply(store, kept.plan, asker);
      plans.delete(plan_hash);
      return receipt;
    },
    takenBack: async (asked, by) => stores.read(by.exploration).answered<RollbackReceipt>(asking(by, asked)),
    redo: async (transaction, options = {}) =>
      carryOut(redoIntent(transaction, options), options, ["redo", transaction, policyOf(options)]),
    rewind: async (target, options = {}) => carryOut(rewindIntent(target), options, ["rewind", target]),
    checkpoint: async (name, by = {}) =>
      setCheckpoint(stores.write(by.exploration), name, asking(by, ["checkpoint", name])),
    removeCheckpoint: async (name, by = {}) =>
      removeCheckpoint(stores.write(by.exploration), name, asking(by, ["remove checkpoint", name])),
    checkpoints: async (where = {}) => reading(where, ({ journal }) => checkpoints(journal)),
    versions: async (id, where = {}) => reading(where, (store) => blame(store, id)),
    quarantined: async (where = {}) => reading(where, quarantined),
    release: async (ids, by = {}) => release(stores.write(by.exploration), ids, asking(by, ["release", ids])),
    compact: async (request, by = {}) => {
      const store = stores.write();
      const receipt = compact(store, request, asking(by, ["compact", request]));
      store.settle({ shrink: true });
      return receipt;
    },
    erase: async (ids, by = {}) => erase(stores.write(), ids, asking(by, ["erase", ids])),
    exportJournal: async () => exportJournal(stores.read()),
    verify: async () => stores.read().verify(),
  };
}

const asking = (by: RollbackOptions, asked: unknown): Author => ({
  ...author(by),
  fingerprint: fingerprintOf(asked),
});

function author({ agent = ANYBODY, session, principal, request_id, intent }: RollbackOptions): Attribution {
  return {
    agent,
    ...(session !== undefined && { session }),
    ...(principal !== undefined && { principal }),
    ...(request_id !== undefined && { request_id }),
    ...(intent !== undefined && { intent }),
  };
}

function policyOf({ policy = "block" }: RollbackOptions): (typeof rollbackPolicies)[number] {
  if (rollbackPolicies.includes(policy)) return policy;
  const hint = `one of ${rollbackPolicies.join(", ")}`;
  throw new MomoError("VALUE_INVALID", { name: "policy", value: policy, hint });
}

/** Whose work a rewind removes. What the indexer wrote can be read again from the files. */
function othersIn(store: StoreReader, { request, dead }: Plan, agent = ANYBODY): string[] {
  if (request.action !== "rewind") return [];
  const agents = Object.keys(agentsIn(store, dead));
  return agents.filter((other) => other !== agent && other !== "indexer").sort();
}

/** What a rewind would remove has to be agreed to where it is more than the caller's own. */
function refuseUnasked(store: StoreReader, plan: Plan, options: RewindOptions): void {
  if (plan.request.action !== "rewind") return;
  const { agent, affects_others, passes_irreversible } = options;
  const others = affects_others ? [] : othersIn(store, plan, agent);
  const outside = passes_irreversible ? [] : outsideIn(store, plan);
  refuseRewind({ others, outside, to_seq: plan.request.to_seq });
}

const actions: Partial<Record<TransactionKind, RollbackPlan["action"]>> = {
  undo: "rollback",
  redo: "redo",
  rewind: "rewind",
};

/** A plan of another process: all that is left of it is the transaction that carried it out. */
function doneBefore({ journal }: Store, plan_hash: string): RollbackReceipt {
  const done = journal.planned(plan_hash);
  const action = done && actions[done.kind];
  if (!action) throw new MomoError("PLAN_UNKNOWN", { plan: plan_hash });
  const { transaction, first, last } = done;
  return {
    transaction,
    seq: last >= first ? last : 0,
    operations: last - first + 1,
    plan_hash,
    action,
    outcome: "already",
    residue: [],
  };
}
