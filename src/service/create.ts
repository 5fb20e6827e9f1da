/** Makes the service of service.ts over an executor. Called where a server begins: src/cli/serve-http.ts, serve-mcp.ts. */
import { type Command, effectOf } from "../commands/command.ts";
import { commandWords, findCommand } from "../commands/index.ts";
import { readInput } from "../commands/input.ts";
import { MomoError } from "../errors.ts";
import { didYouMean } from "../model/nearest.ts";
import { authorize, type Effect } from "../security/roles.ts";
import { createFeed } from "./feed.ts";
import { createHealth } from "./health.ts";
import type { Executor, Job, Lane } from "./job.ts";
import { Plans } from "./plans.ts";
import type { Call, LiveEvent, Reply, Service, Workspace } from "./service.ts";
import { takeBack, takeBackCommands } from "./take-back.ts";
import { findWorkspace } from "./workspaces.ts";

/** Who keeps count and record of calls. */
export interface Observers {
  /** Before a change, and when one was refused or came to an end. Raises AUDIT_UNAVAILABLE: then nothing is changed. */
  audit?(record: AuditedCall): void;
  /** After every call. */
  called?(call: FinishedCall): void;
}

export interface AuditedCall {
  call: Call;
  workspace: string;
  effect: Effect;
  outcome: "begun" | "ok" | "refused" | "failed";
  error?: string;
}

export interface FinishedCall {
  command: string;
  workspace: string;
  effect: Effect | undefined;
  seconds: number;
  /** Code of the error it ended with, or `INTERNAL`. */
  error?: string;
}

export interface ServiceOptions {
  executor: Executor;
  workspaces: readonly Workspace[];
  version: string;
  /** How long running requests have when it closes. */
  shutdown_ms: number;
  observers?: Observers;
  now?: () => number;
}

interface Prepared {
  command: Command;
  workspace: Workspace;
  effect: Effect;
  input: Readonly<Record<string, unknown>>;
}

/** Admin work that reads: it must not keep writers waiting. */
const reading: Readonly<Record<string, readonly unknown[]>> = {
  audit: [undefined, "verify", "export", "log"],
  config: [undefined, "list", "get"],
};

const laneOf = ({ command, effect, input }: Prepared): Lane =>
  effect === "read" || reading[command.name]?.includes(input.action) ? "read" : "write";

async function commandOf(name: string): Promise<Command> {
  const command = await findCommand(name);
  if (command && command.only !== "cli") return command;
  throw new MomoError("COMMAND_UNKNOWN", {
    command: name.slice(0, 60),
    hint: didYouMean(name, commandWords),
  });
}

/** A search that finds no index says so: indexing is a write, and its own request. */
const served = (name: string, input: Record<string, unknown>): Record<string, unknown> =>
  name === "search" ? { ...input, no_index: true } : input;

/** What every call works with. */
interface Parts {
  options: ServiceOptions;
  plans: Plans;
  tell(event: LiveEvent): void;
}

export function createService(options: ServiceOptions): Service {
  const { executor, workspaces, version, now = Date.now } = options;
  const listeners = new Set<(event: LiveEvent) => void>();
  const tell = (event: LiveEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const feed = createFeed(workspaces, tell);
  const parts: Parts = { options, plans: new Plans(now), tell };
  return {
    workspaces,
    version,
    call: (call) => counted(parts, call),
    changes: async (name, after, limit) => feed.changes(findWorkspace(workspaces, name), after, limit),
    seq: (name) => feed.seq(findWorkspace(workspaces, name)),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    waiting: () => executor.waiting(),
    health: createHealth({ executor, workspaces, version, now }),
    close: async () => {
      await executor.close(options.shutdown_ms);
      feed.close();
    },
  };
}

async function counted(parts: Parts, call: Call): Promise<Reply> {
  const started = performance.now();
  let prepared: Prepared | undefined;
  const finished = (error?: string): void =>
    parts.options.observers?.called?.({
      command: prepared?.command.name ?? "unknown",
      workspace: prepared?.workspace.name ?? "",
      effect: prepared?.effect,
      seconds: (performance.now() - started) / 1000,
      ...(error !== undefined && { error }),
    });
  try {
    prepared = await prepareAudited(parts, call);
    const reply = await audited(parts, call, prepared);
    finished();
    return reply;
  } catch (error) {
    finished(codeOf(error));
    throw error;
  }
}

/** What was refused for want of a role is on record, too. */
async function prepareAudited({ options }: Parts, call: Call): Promise<Prepared> {
  try {
    return await prepare(options.workspaces, call);
  } catch (error) {
    if (codeOf(error) === "FORBIDDEN")
      options.observers?.audit?.({
        ...{ call, workspace: call.workspace ?? options.workspaces[0]?.name ?? "" },
        ...{ effect: "admin", outcome: "refused", error: "FORBIDDEN" },
      });
    throw error;
  }
}

/** The role is looked at before the input: who may not, learns nothing about it. */
async function prepare(workspaces: readonly Workspace[], call: Call): Promise<Prepared> {
  const command = await commandOf(call.command);
  const workspace = findWorkspace(workspaces, call.workspace);
  const raw = (typeof call.input === "object" ? call.input : undefined) ?? {};
  const given = raw as Readonly<Record<string, unknown>>;
  const action =
    typeof given.action === "string" ? `${command.name} ${given.action.slice(0, 20)}` : command.name;
  const check = (effect: Effect): Effect => {
    authorize(call.caller.grants, { workspace: workspace.name, effect, action });
    return effect;
  };
  check(effectOf(command, given));
  const input = served(command.name, readInput(command, call.input));
  // Once more as it was understood: only that is carried out.
  return { command, workspace, effect: check(effectOf(command, input)), input };
}

async function audited(parts: Parts, call: Call, prepared: Prepared): Promise<Reply> {
  const audit = parts.options.observers?.audit;
  if (!audit || prepared.effect === "read") return carryOut(parts, call, prepared);
  const of = { call, workspace: prepared.workspace.name, effect: prepared.effect };
  audit({ ...of, outcome: "begun" });
  try {
    const reply = await carryOut(parts, call, prepared);
    audit({ ...of, outcome: reply.failed ? "failed" : "ok" });
    return reply;
  } catch (error) {
    const code = codeOf(error);
    audit({ ...of, outcome: code.startsWith("FORBIDDEN") ? "refused" : "failed", error: code });
    throw error;
  }
}

type Run = (input: Readonly<Record<string, unknown>>, lane: Lane) => Promise<Reply>;

function runOn({ options, tell }: Parts, call: Call, { command, workspace }: Prepared): Run {
  const { agent, session, principal, trusted } = call.caller;
  const author = { agent, principal, trusted, ...(session !== undefined && { session }) };
  return (input, lane) => {
    const job: Job = { workspace, command: command.name, input, author };
    return options.executor.run(job, lane, {
      signal: call.signal,
      on_progress: (progress) => {
        call.on_progress?.(progress);
        tell({ type: "progress", workspace: workspace.name, request_id: call.request_id, ...progress });
      },
    });
  };
}

async function carryOut(parts: Parts, call: Call, prepared: Prepared): Promise<Reply> {
  const { command, workspace, input } = prepared;
  const run = runOn(parts, call, prepared);
  if (takeBackCommands.includes(command.name)) {
    const { plans } = parts;
    return takeBack({
      command: command.name,
      input,
      caller: call.caller,
      workspace: workspace.name,
      plans,
      run,
    });
  }
  if (command.name === "explore") await refuseDiscard(call, prepared, run);
  return run(input, laneOf(prepared));
}

/** What an exploration holds is gone when it is discarded: a writer discards its own. */
async function refuseDiscard({ caller }: Call, { input }: Prepared, run: Run): Promise<void> {
  if (caller.trusted || input.action !== "discard") return;
  const { json } = await run({ ...input, action: "list", name: undefined }, "read");
  const { explorations } = JSON.parse(json) as { explorations: { name: string; agent: string }[] };
  const other = explorations.find(({ name }) => name === input.name)?.agent ?? caller.agent;
  if (other !== caller.agent && !other.startsWith(`${caller.agent}/`))
    throw new MomoError("FORBIDDEN_OTHERS", { agents: other });
}

const codeOf = (error: unknown): string => (error instanceof MomoError ? error.code : "INTERNAL");
