/** Makes the service of service.ts over an executor. Called where a server begins: src/cli/serve-http.ts, serve-mcp.ts. */
import { type Command, effectOf } from "../commands/command.ts";
import { commandWords, findCommand } from "../commands/index.ts";
import { readInput } from "../commands/input.ts";
import { MomoError } from "../errors.ts";
import { canonicalJson } from "../model/canonical-json.ts";
import { didYouMean } from "../model/nearest.ts";
import { traceparent } from "../observe/trace.ts";
import { authorize, type Effect, isAdmin, roleIn } from "../security/roles.ts";
import { createFeed, type Feed } from "./feed.ts";
import type { Executor, Job, Lane } from "./job.ts";
import { Plans } from "./plans.ts";
import { createRecent, type Recent } from "./recent.ts";
import { createRecorder, type Recorder, recordOf } from "./record.ts";
import type { Call, LiveEvent, Reply, Service, Workspace } from "./service.ts";
import { isOwn, takeBack, takeBackCommands } from "./take-back.ts";
import { findWorkspace } from "./workspaces.ts";

export interface FinishedCall {
  command: string;
  workspace: string;
  effect: Effect | undefined;
  seconds: number;
  reply?: Reply;
  /** Code of the error it ended with, or `INTERNAL`. */
  error?: string;
}

export interface ServiceOptions {
  executor: Executor;
  workspaces: readonly Workspace[];
  version: string;
  /** How long running requests have when it closes. */
  shutdown_ms: number;
  /** Home of the audit log; absent where nothing is put on record. */
  audit_home?: string;
  /** Where jobs send their spans. */
  trace_url?: string;
  /** After every call. */
  called?(call: FinishedCall): void;
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
  refusals: Recorder | undefined;
  recent: Recent;
  feed: Feed;
  tell(event: LiveEvent): void;
}

export function createService(options: ServiceOptions): Service {
  const { executor, workspaces, version, now = Date.now } = options;
  const listeners = new Set<(event: LiveEvent) => void>();
  const tell = (event: LiveEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const feed = createFeed(workspaces, tell);
  // A server over pipes is never asked.
  let made: Promise<Service["health"]> | undefined;
  const { audit_home } = options;
  const refusals = audit_home === undefined ? undefined : createRecorder(audit_home);
  const recent = createRecent(now);
  const parts: Parts = { options, plans: new Plans(now), refusals, recent, feed, tell };
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
    health: async () => {
      made ??= import("./health.ts").then(({ createHealth }) =>
        createHealth({ executor, workspaces, version, now }),
      );
      return (await made)();
    },
    close: async () => {
      await executor.close(options.shutdown_ms);
      await refusals?.close();
      feed.close();
    },
  };
}

async function counted(parts: Parts, call: Call): Promise<Reply> {
  const started = performance.now();
  let prepared: Prepared | undefined;
  const finished = (end: Pick<FinishedCall, "reply" | "error">): void =>
    parts.options.called?.({
      command: prepared?.command.name ?? "unknown",
      workspace: prepared?.workspace.name ?? "",
      effect: prepared?.effect,
      seconds: (performance.now() - started) / 1000,
      ...end,
    });
  try {
    prepared = await prepare(parts.options.workspaces, call);
    const reply = await carryOut(parts, call, prepared);
    finished({ reply });
    return reply;
  } catch (error) {
    const code = codeOf(error);
    finished({ error: code });
    if (code.startsWith("FORBIDDEN")) await recordRefusal(parts, call, prepared);
    throw error;
  }
}

/** What somebody wanted and may not is on record, too. */
async function recordRefusal({ refusals, options }: Parts, call: Call, prepared?: Prepared): Promise<void> {
  const workspace = prepared?.workspace.name ?? call.workspace ?? options.workspaces[0]?.name ?? "";
  const input = prepared?.input ?? objectOf(call.input);
  await refusals?.append({ ...recordOf(call, { workspace, input }), outcome: "refused" });
}

const objectOf = (input: unknown): Readonly<Record<string, unknown>> =>
  typeof input === "object" && input !== null ? (input as Readonly<Record<string, unknown>>) : {};

/** The role is looked at before the input: who may not, learns nothing about it. */
async function prepare(workspaces: readonly Workspace[], call: Call): Promise<Prepared> {
  const command = await commandOf(call.command);
  const { grants } = call.caller;
  const asked = call.workspace ?? workspaces[0]?.name ?? "";
  const given = objectOf(call.input);
  const action =
    typeof given.action === "string" ? `${command.name} ${given.action.slice(0, 20)}` : command.name;
  const check = (effect: Effect): Effect => {
    authorize(grants, { workspace: asked, effect, action });
    return effect;
  };
  check(effectOf(command, given));
  // Of the others a caller does not even hear the names.
  const readable = workspaces.filter(({ name }) => roleIn(grants, name) !== undefined);
  const workspace = findWorkspace(readable, asked);
  const input = served(command.name, readInput(command, call.input));
  // Once more as it was understood: only that is carried out.
  return { command, workspace, effect: check(effectOf(command, input)), input };
}

type Run = (input: Readonly<Record<string, unknown>>, lane: Lane) => Promise<Reply>;

function runOn({ options, tell }: Parts, call: Call, prepared: Prepared): Run {
  const { command, workspace } = prepared;
  const { agent, session, principal, grants } = call.caller;
  const trusted = isAdmin(grants, workspace.name);
  const author = { agent, principal, trusted, ...(session !== undefined && { session }) };
  const { audit_home: home } = options;
  /** A plan that a rollback is made of is no change yet; an admin's look at settings and logs counts. */
  const recordIn = (lane: Lane): Pick<Job, "record"> => {
    const isOn = prepared.effect !== "read" && (lane === "write" || prepared.effect === "admin");
    if (home === undefined || !isOn) return {};
    return { record: { home, entry: recordOf(call, { workspace: workspace.name, input: prepared.input }) } };
  };
  const { trace_url: url, version } = options;
  const trace = (): Pick<Job, "trace"> => (url ? { trace: { url, version, parent: traceparent() } } : {});
  return (input, lane) => {
    const job: Job = { workspace, command: command.name, input, author, ...recordIn(lane), ...trace() };
    return options.executor.run(job, lane, {
      signal: call.signal,
      on_progress: (progress) => {
        call.on_progress?.(progress);
        tell({ type: "progress", workspace: workspace.name, request_id: call.request_id, ...progress });
      },
    });
  };
}

/** The answer is the same for all who may ask. */
function read(parts: Parts, call: Call, prepared: Prepared): Promise<Reply> {
  const { workspace, command, input } = prepared;
  return parts.recent.of(
    {
      key: canonicalJson([workspace.name, command.name, input]),
      state: () => parts.feed.state(workspace),
      signal: call.signal,
    },
    (signal) => runOn(parts, { ...call, signal }, prepared)(input, "read"),
  );
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
  const lane = laneOf(prepared);
  return prepared.effect === "read" && lane === "read" ? read(parts, call, prepared) : run(input, lane);
}

/** What an exploration holds is gone when it is discarded: a writer discards its own. */
async function refuseDiscard({ caller }: Call, { input, workspace }: Prepared, run: Run): Promise<void> {
  if (isAdmin(caller.grants, workspace.name) || input.action !== "discard") return;
  const { json } = await run({ ...input, action: "list", name: undefined }, "read");
  const { explorations } = JSON.parse(json) as { explorations: { name: string; agent: string }[] };
  const other = explorations.find(({ name }) => name === input.name)?.agent ?? caller.agent;
  if (!isOwn(caller, other)) throw new MomoError("FORBIDDEN_OTHERS", { agents: other });
}

const codeOf = (error: unknown): string => (error instanceof MomoError ? error.code : "INTERNAL");
