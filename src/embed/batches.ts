/** Work on many texts in batches, a few at a time, results in order. Used by remote.ts and transformer.ts. */

export interface BatchOptions {
  /** Texts in a batch. */
  size: number;
  /** Batches under way at once. */
  concurrency: number;
  signal?: AbortSignal | undefined;
}

/** The first failure ends it: what is under way is aborted, and nothing is begun. */
export async function inBatches<T, R>(
  items: readonly T[],
  { size, concurrency, signal }: BatchOptions,
  work: (batch: readonly T[], signal: AbortSignal) => Promise<readonly R[]>,
): Promise<R[]> {
  signal?.throwIfAborted();
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const results: R[] = new Array(items.length);
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < items.length) {
      const start = next;
      next += size;
      either.throwIfAborted();
      const done = await work(items.slice(start, start + size), either);
      done.forEach((result, i) => {
        results[start + i] = result;
      });
    }
  };
  try {
    const workers = Math.min(concurrency, Math.ceil(items.length / size));
    await Promise.all(Array.from({ length: workers }, run));
  } catch (error) {
    failed.abort(error);
    throw error;
  }
  return results;
}
