/**
 * Runs jobs on knowledge bases that stay open between them: one open Momo for each home. Used by executors; each thread
 * has its own, and readers have another than writers, so that no read sees a write that is not committed.
 */
import type { CommandContext, CommandDefinition } from "../commands/command.ts";
import { findCommand } from "../commands/index.ts";
import { MomoError } from "../errors.ts";
import { type Momo, openMomo } from "../momo.ts";
import type { Job, JobHooks } from "./job.ts";
import { createRecorder, onRecord, type Recorder } from "./record.ts";
import type { Reply, Workspace } from "./service.ts";

export interface Runner {
  run(job: Job, hooks?: JobHooks): Promise<Reply>;
  close(): Promise<void>;
}

const leaveOpen = async (): Promise<void> => undefined;

export function createRunner(env: CommandContext["env"]): Runner {
  const open = new Map<string, Promise<Momo>>();
  const momoOf = ({ home, root }: Workspace): Promise<Momo> => {
    const known = open.get(home);
    if (known) return known;
    const opening = openMomo({ home, ...(root !== undefined && { root }) });
    open.set(home, opening);
    opening.catch(() => open.delete(home));
    return opening;
  };
  const recorders = new Map<string, Recorder>();
  const recorderOf = (home: string): Recorder => {
    const known = recorders.get(home) ?? createRecorder(home);
    recorders.set(home, known);
    return known;
  };
  return {
    run: async (job, hooks = {}) => {
      const command = await findCommand(job.command);
      if (!command)
        throw new MomoError("COMMAND_UNKNOWN", { command: job.command, hint: "momo --help lists them" });
      const momo = await momoOf(job.workspace);
      // A command closes what it opened; here it was open before and stays so.
      const kept: Momo = { ...momo, close: leaveOpen };
      const context = contextOf({ job, hooks, env, momo: kept });
      const work = async (): Promise<Reply> =>
        toReply(command, await command.run(context, job.input as never));
      return job.record ? onRecord(recorderOf(job.record.home), job.record.entry, work) : work();
    },
    close: async () => {
      for (const opening of open.values()) await (await opening).close();
      for (const recorder of recorders.values()) await recorder.close();
    },
  };
}

interface Running {
  job: Job;
  hooks: JobHooks;
  env: CommandContext["env"];
  momo: Momo;
}

function contextOf({ job, hooks, env, momo }: Running): CommandContext {
  const { root, home } = job.workspace;
  return {
    cwd: root ?? home,
    env,
    // With other settings than the server's it is opened for this job, which closes it.
    open: async ({ settings }) =>
      settings === undefined ? momo : openMomo({ home, settings, ...(root !== undefined && { root }) }),
    readInput: async () => "",
    served: { root, home },
    author: job.author,
    ...(hooks.signal && { signal: hooks.signal }),
    ...(hooks.on_progress && { onProgress: hooks.on_progress }),
  };
}

const isKept = (result: unknown): boolean =>
  typeof result === "object" && result !== null && "cached" in result && result.cached === true;

async function toReply(command: Pick<CommandDefinition, "failed">, result: unknown): Promise<Reply> {
  if (typeof result !== "object" || result === null || !(Symbol.asyncIterator in result))
    return {
      json: JSON.stringify(result),
      failed: command.failed?.(result) ?? false,
      ...(isKept(result) && { cached: true }),
    };
  const parts: string[] = [];
  for await (const one of result as AsyncIterable<unknown>)
    parts.push(typeof one === "string" ? one : JSON.stringify(one));
  return { json: `[${parts.join(",")}]`, failed: false };
}
