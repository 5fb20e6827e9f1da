/** What a thread is asked to do, and what it answers. Plain data: it crosses to worker threads. */
import type { Author } from "../commands/command.ts";
import type { IngestProgress } from "../model/api.ts";
import type { Recorded } from "./record.ts";
import type { Reply, Workspace } from "./service.ts";

export interface Job {
  workspace: Workspace;
  /** Name of a command, and its input as it was read. */
  command: string;
  input: Readonly<Record<string, unknown>>;
  author: Author;
  /** Where it is to be put on record, and what; absent for what changes nothing. */
  record?: { home: string; entry: Recorded };
  /** Where spans go, and the one that this is part of; absent where nothing is traced. */
  trace?: { url: string; version: string; parent: string | undefined };
}

/**
 * `read`: any number at once, each on a state that is whole. `write`: one after the other in the order they came, so
 * that two writers of a server never meet.
 */
export type Lane = "read" | "write";

export interface JobHooks {
  signal?: AbortSignal | undefined;
  on_progress?: ((progress: IngestProgress) => void) | undefined;
}

/** Runs jobs somewhere. */
export interface Executor {
  /** Raises what the command raises, and OVERLOADED, TIMED_OUT, CANCELLED, NOT_READY. */
  run(job: Job, lane: Lane, hooks?: JobHooks): Promise<Reply>;
  /** How many wait in each lane. */
  waiting(): Readonly<Record<Lane, number>>;
  /** Takes no more, waits for what runs at most so long, then ends it. */
  close(deadline_ms: number): Promise<void>;
}
