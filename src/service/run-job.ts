/**
 * Runs jobs on knowledge bases that stay open between them: one open Momo for each home. Used by executors; each thread
 * has its own, and readers have another than writers, so that no read sees a write that is not committed.
 */
import type { CommandContext, CommandDefinition } from "../commands/command.ts";
import { findCommand } from "../commands/index.ts";
import { MomoError } from "../errors.ts";
import { type Momo, openMomo } from "../momo.ts";
import type { Job, JobHooks } from "./job.ts";
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
  return {
    run: async (job, hooks = {}) => {
      const command = await findCommand(job.command);
      if (!command)
        throw new MomoError("COMMAND_UNKNOWN", { command: job.command, hint: "momo --help lists them" });
      const momo = await momoOf(job.workspace);
      // A command closes what it opened; here it was open before and stays so.
      const kept: Momo = { ...momo, close: leaveOpen };
      const context = contextOf({ job, hooks, env, momo: kept });
      return toReply(command, await command.run(context, job.input as never));
    },
    close: async () => {
      for (const opening of open.values()) await (await opening).close();
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
    open: async () => momo,
    readInput: async () => "",
    served: { root, home },
    author: job.author,
    ...(hooks.signal && { signal: hooks.signal }),
    ...(hooks.on_progress && { onProgress: hooks.on_progress }),
  };
}

async function toReply(command: Pick<CommandDefinition, "failed">, result: unknown): Promise<Reply> {
  if (typeof result !== "object" || result === null || !(Symbol.asyncIterator in result))
    return { json: JSON.stringify(result), failed: command.failed?.(result) ?? false };
  const parts: string[] = [];
  for await (const one of result as AsyncIterable<unknown>)
    parts.push(typeof one === "string" ? one : JSON.stringify(one));
  return { json: `[${parts.join(",")}]`, failed: false };
}
