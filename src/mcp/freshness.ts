/**
 * Keeps the index of a served folder up to date beside the answers: soon after the start, and after a search that met
 * changed files or the last look at which is a while ago. One look at a time; an answer never waits for one, except
 * where nothing is indexed yet. Used by stdio.ts.
 */
import { MomoError } from "../errors.ts";
import type { IngestProgress } from "../model/api.ts";

export interface Freshness {
  /** Brings the index up to date, or joins the look that is under way. Raises what indexing raises. */
  now(onProgress?: (progress: IngestProgress) => void): Promise<void>;
  /** After an answer: looks again soon, if it met changed files or the last look is old. */
  after(answer: { stale: boolean }): void;
  /** What an answer should say: the index is being built, or could not be; undefined where all is well. */
  note(): string | undefined;
  /** Ends what is under way. */
  close(): Promise<void>;
}

export interface FreshnessOptions {
  ingest(more: { signal: AbortSignal; on_progress: (progress: IngestProgress) => void }): Promise<void>;
  now(): number;
  /** Before the first look, so that the first answers have the machine for themselves. */
  first_ms: number;
  /** Between an answer and a look. */
  pause_ms: number;
  /** A look older than this is old. */
  old_ms: number;
}

type Listener = (progress: IngestProgress) => void;

export function createFreshness({ ingest, now, first_ms, pause_ms, old_ms }: FreshnessOptions): Freshness {
  const ending = new AbortController();
  const listeners = new Set<Listener>();
  let looking: Promise<void> | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let failure: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const on_progress: Listener = (progress) => {
    for (const listener of listeners) listener(progress);
  };
  const finish = (error?: unknown): void => {
    looking = undefined;
    lookedAt = now();
    failure = error instanceof MomoError ? error.message : error === undefined ? undefined : String(error);
  };
  const look = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    looking ??= ingest({ signal: ending.signal, on_progress }).then(
      () => finish(),
      (error: unknown) => {
        finish(error);
        throw error;
      },
    );
    return looking;
  };
  const soon = (delay: number): void => {
    if (ending.signal.aborted || looking || timer) return;
    // A look that failed is told by the next answer (note).
    timer = setTimeout(() => look().catch(() => undefined), delay).unref();
  };
  soon(first_ms);
  return {
    now: async (onProgress) => {
      if (onProgress) listeners.add(onProgress);
      try {
        await look();
      } finally {
        if (onProgress) listeners.delete(onProgress);
      }
    },
    after: ({ stale }) => {
      if (stale || now() - lookedAt > old_ms) soon(pause_ms);
    },
    note: () => {
      if (looking) return "the index is being brought up to date: files that changed may be missing still";
      return failure === undefined ? undefined : `the index could not be brought up to date: ${failure}`;
    },
    close: async () => {
      clearTimeout(timer);
      ending.abort();
      await looking?.catch(() => undefined);
    },
  };
}
