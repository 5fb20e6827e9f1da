/**
 * Runs jobs in this thread: for one client, as over standard input, where starting threads would cost more than they
 * bring. Writes still wait for each other, and reads have a connection of their own.
 */
import type { CommandContext } from "../commands/command.ts";
import { MomoError } from "../errors.ts";
import type { Executor } from "./job.ts";
import { createRunner } from "./run-job.ts";

export function createInlineExecutor(env: CommandContext["env"]): Executor {
  const readers = createRunner(env);
  const writer = createRunner(env);
  const waiting = { read: 0, write: 0 };
  let last: Promise<unknown> = Promise.resolve();
  let isClosing = false;
  return {
    run: async (job, lane, hooks = {}) => {
      if (isClosing) throw new MomoError("NOT_READY", { why: "it is stopping" });
      if (hooks.signal?.aborted) throw new MomoError("CANCELLED");
      if (lane === "read") return readers.run(job, hooks);
      waiting.write++;
      const turn = last.then(async () => {
        waiting.write--;
        if (hooks.signal?.aborted) throw new MomoError("CANCELLED");
        return writer.run(job, hooks);
      });
      last = turn.catch(() => undefined);
      return turn;
    },
    waiting: () => waiting,
    close: async () => {
      isClosing = true;
      await last;
      await readers.close();
      await writer.close();
    },
  };
}
