/**
 * What `momo rollback`, `redo` and `rewind` have in common: a plan is made and shown, somebody agrees to it, and then
 * exactly that plan is carried out.
 */
import { MomoError } from "../errors.ts";
import {
  type RollbackOptions,
  type RollbackPlan,
  type RollbackPolicy,
  type RollbackReceipt,
  rollbackPolicies,
} from "../model/rollback.ts";
import type { Momo } from "../momo.ts";
import { refuseRewind } from "../rollback/refuse-rewind.ts";
import type { RewindOptions } from "../rollback/rollback.ts";
import { type CommandContext, explorationOption, homeOption, type Option, waitOption } from "./command.ts";
import { authorOf, takerOptions, type WrittenBy } from "./who.ts";

/** A policy under which a blocked plan would not be blocked, and what it would do. */
export interface Remedy {
  policy: RollbackPolicy;
  operations: number;
  /** Transactions of others that it takes back as well, and what a redo brings back as well. */
  cascade: number[];
  restores: number[];
  agents: string[];
  /** Ids that it leaves as they are, and that it takes out of retrieval. */
  residue: string[];
  quarantined: string[];
}

export interface BlockedPlan extends RollbackPlan {
  remedies: Remedy[];
}

/** Somebody was asked and said no. */
export interface Declined {
  action: RollbackPlan["action"];
  plan_hash: string;
  outcome: "declined";
}

export type TakeBackResult = RollbackPlan | BlockedPlan | RollbackReceipt | Declined;

export const policyOption = {
  type: "string",
  value_name: "POLICY",
  choices: rollbackPolicies,
  default: "block",
  help:
    "where others built on it: block changes nothing; skip leaves those places; cascade takes theirs back too; merge " +
    "takes back the fields they left alone; quarantine hides what they built; force overrides them",
} as const satisfies Option;

export const takeBackOptions = {
  dry_run: { type: "boolean", help: "show the plan and change nothing" },
  plan: {
    type: "string",
    value_name: "HASH",
    help: "carry out this plan, as it was shown, and no other; needs the same options again",
  },
  yes: { type: "boolean", short: "y", help: "do not ask" },
  ...takerOptions,
  exploration: explorationOption,
  home: homeOption,
  wait: waitOption,
} as const;

interface TakeBackInput {
  dry_run: boolean;
  plan: string | undefined;
  yes: boolean;
  as: string | undefined;
  as_session: string | undefined;
  as_request_id: string | undefined;
  intent: string | undefined;
  exploration: string | undefined;
}

export interface TakingBack {
  momo: Momo;
  input: TakeBackInput;
  /** As it was given: `2h` ago is another time when the same is asked again. */
  asked: unknown;
  question: string;
  policy?: RollbackPolicy;
  /** A rewind may remove what others did, and what was also done outside. */
  others?: boolean;
  irreversible?: boolean;
  plan(options: RollbackOptions): Promise<RollbackPlan>;
}

const isEmpty = ({ operations, quarantined }: RollbackPlan): boolean =>
  operations === 0 && quarantined.length === 0;

export async function takeBack(context: CommandContext, taking: TakingBack): Promise<TakeBackResult> {
  const { momo, input, policy, others = false, irreversible = false } = taking;
  const { exploration } = input;
  const by: RewindOptions = {
    ...takerOf(context, input),
    asked: input.plan ?? taking.asked,
    affects_others: others,
    passes_irreversible: irreversible,
    exploration,
  };
  // What was done before is answered as it was then: a plan of now would be another.
  const before = await momo.takenBack(by.asked, by);
  if (before) return before;
  const plan = await taking.plan({ ...by, ...(policy && { policy }) });
  if (input.plan !== undefined && input.plan !== plan.plan_hash) return anotherPlan(momo, input.plan, by);
  if (plan.blocked) return { ...plan, remedies: await remediesFor(taking, plan, by) };
  if (input.dry_run) return plan;
  if (!isEmpty(plan) && !(await isAgreed(context, taking, plan))) {
    return { action: plan.action, plan_hash: plan.plan_hash, outcome: "declined" };
  }
  return momo.rollback(plan.plan_hash, by);
}

const takerOf = (
  context: CommandContext,
  { as, as_session, as_request_id, intent }: TakeBackInput,
): WrittenBy => authorOf(context, { agent: as, session: as_session, request_id: as_request_id, intent });

/** The plan that was seen is not the plan of now: because it was carried out already, or because the state moved. */
async function anotherPlan(momo: Momo, plan: string, by: RewindOptions): Promise<RollbackReceipt> {
  try {
    return await momo.rollback(plan, by);
  } catch (error) {
    if (error instanceof MomoError && error.code === "PLAN_UNKNOWN")
      throw new MomoError("ROLLBACK_STALE", { plan });
    throw error;
  }
}

async function isAgreed(
  context: CommandContext,
  { input, question, others, irreversible }: TakingBack,
  plan: RollbackPlan,
): Promise<boolean> {
  const isAsked = !input.yes && input.plan === undefined;
  if (isAsked) await context.show?.(plan);
  refuseUnasked(plan, { others, irreversible });
  if (!isAsked) return true;
  if (!context.confirm) throw new MomoError("CONFIRMATION_NEEDED", { plan: plan.plan_hash });
  return context.confirm(question);
}

/** Said before somebody is asked: a yes to the plan is no yes to these. */
function refuseUnasked(
  { action, others, outside, to_seq }: RollbackPlan,
  agreed: { others: boolean | undefined; irreversible: boolean | undefined },
): void {
  if (action !== "rewind") return;
  refuseRewind({ others: agreed.others ? [] : others, outside: agreed.irreversible ? [] : outside, to_seq });
}

/** Tried out rather than guessed: a plan changes nothing. */
async function remediesFor(
  taking: TakingBack,
  blocked: RollbackPlan,
  by: RollbackOptions,
): Promise<Remedy[]> {
  if (taking.policy === undefined) return [];
  const remedies: Remedy[] = [];
  for (const policy of rollbackPolicies) {
    if (policy === blocked.policy) continue;
    const plan = await taking.plan({ ...by, policy }).catch(tooLarge);
    if (!plan || plan.blocked || isEmpty(plan)) continue;
    const more = Object.entries(plan.agents).filter(([agent, count]) => count > (blocked.agents[agent] ?? 0));
    const agents = more.map(([agent]) => agent);
    const { operations, cascade, restores, residue, quarantined } = plan;
    remedies.push({ policy, operations, cascade, restores, agents, residue, quarantined });
  }
  return remedies;
}

/** A cascade without an end helps nobody. */
function tooLarge(error: unknown): undefined {
  if (!(error instanceof MomoError && error.code === "CASCADE_TOO_LARGE")) throw error;
}

/** Looking at a plan changes nothing. */
export const effectOf = ({ dry_run }: Readonly<Record<string, unknown>>): "read" | "write" =>
  dry_run === true ? "read" : "write";

/** Nothing was done that was wanted. */
export const failed = (result: TakeBackResult): boolean =>
  "blocked" in result ? result.blocked : result.outcome === "declined";
