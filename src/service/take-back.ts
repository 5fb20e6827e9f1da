/**
 * Rollback, redo and rewind for callers who are not at a terminal: a plan is shown first and carried out by its hash;
 * a writer may take back its own work, anybody's only an admin. Used by create.ts.
 */
import { MomoError } from "../errors.ts";
import type { RollbackReceipt } from "../model/rollback.ts";
import { isAdmin } from "../security/roles.ts";
import type { Plans } from "./plans.ts";
import type { Caller, Reply } from "./service.ts";

export const takeBackCommands: readonly string[] = ["rollback", "redo", "rewind"];

export interface TakingBack {
  command: string;
  input: Readonly<Record<string, unknown>>;
  caller: Caller;
  workspace: string;
  plans: Plans;
  /** Runs the command with this input. */
  run(input: Readonly<Record<string, unknown>>, lane: "read" | "write"): Promise<Reply>;
}

interface Planned {
  plan_hash: string;
  /** Operations by agent. */
  agents: Record<string, number>;
}

/** Of a request that was carried out before there is no plan, but what it got. */
type Looked = { reply: Reply; planned: Planned | undefined };

/** One key may write from several clients: `ci/nightly` and `ci/editor` are both of `ci`. */
export const isOwn = ({ agent }: Caller, other: string): boolean => {
  const owner = agent.split("/")[0]!;
  return other === owner || other.startsWith(`${owner}/`);
};

/** The indexer counts as another: what it read is everybody's. */
function refuseOthers({ caller, workspace }: TakingBack, agents: readonly string[]): void {
  if (isAdmin(caller.grants, workspace)) return;
  const others = agents.filter((agent) => !isOwn(caller, agent));
  if (others.length > 0) throw new MomoError("FORBIDDEN_OTHERS", { agents: others.slice(0, 5).join(", ") });
}

/** Says how, and not what. */
const manner = [
  "plan",
  "dry_run",
  "yes",
  "as",
  "as_session",
  "as_request_id",
  "intent",
  "exploration",
  "path",
  "policy",
];

/** Names a plan and nothing that could be planned anew. */
const isBare = (input: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(input).every(
    ([name, value]) =>
      manner.includes(name) ||
      value === undefined ||
      value === false ||
      (Array.isArray(value) && value.length === 0),
  );

/** What may be said when a plan is carried out: how it stands in the history, and what is agreed to. */
const saidLate = ["as", "as_session", "as_request_id", "intent", "others", "irreversible"];

const lateOf = (input: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(input).filter(
      ([name, value]) => saidLate.includes(name) && value !== undefined && value !== false,
    ),
  );

/** `plan` alone names what was shown before; with a selector beside it, that is planned anew and must come to the same. */
function known({ command, input, caller, workspace, plans }: TakingBack): Readonly<Record<string, unknown>> {
  const hash = input.plan;
  if (typeof hash !== "string") return input;
  const plan = plans.find(hash, { workspace, principal: caller.principal });
  if (plan && plan.command === command)
    return { ...plan.input, ...lateOf(input), dry_run: false, plan: hash };
  if (isBare(input)) throw new MomoError("PLAN_UNKNOWN", { plan: hash });
  return input;
}

async function look(taking: TakingBack, input: Readonly<Record<string, unknown>>): Promise<Looked> {
  const { command, caller, workspace, plans } = taking;
  const reply = await taking.run({ ...input, plan: undefined, yes: false, dry_run: true }, "read");
  const planned = JSON.parse(reply.json) as Planned | RollbackReceipt;
  if (!("agents" in planned)) return { reply, planned: undefined };
  const agents = Object.keys(planned.agents);
  const { principal } = caller;
  // A plan is of what was asked, not of the request that asked.
  const { as_request_id: _, ...kept } = input;
  plans.keep(planned.plan_hash, { workspace, command, input: kept, principal, agents });
  return { reply, planned };
}

/** Raises FORBIDDEN_OTHERS, PLAN_UNKNOWN and what the command raises. */
export async function takeBack(taking: TakingBack): Promise<Reply> {
  const input = known(taking);
  if (input.dry_run === true) return (await look(taking, input)).reply;
  if (!isAdmin(taking.caller.grants, taking.workspace)) {
    const before = await mustBeOwn(taking, input);
    if (before) return before;
  }
  return taking.run(input, "write");
}

/**
 * What was shown is what counts: the hash says that nothing else is done. Without one, a plan is made to be looked at;
 * returns what the same request got where it was carried out before.
 */
async function mustBeOwn(
  taking: TakingBack,
  input: Readonly<Record<string, unknown>>,
): Promise<Reply | undefined> {
  const { caller, workspace, plans } = taking;
  if (typeof input.plan === "string") {
    const shown = plans.find(input.plan, { workspace, principal: caller.principal });
    if (!shown) throw new MomoError("PLAN_UNKNOWN", { plan: input.plan });
    refuseOthers(taking, shown.agents);
    return undefined;
  }
  const { reply, planned } = await look(taking, input);
  if (!planned) return reply;
  refuseOthers(taking, Object.keys(planned.agents));
  return undefined;
}
