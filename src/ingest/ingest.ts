/**
 * Brings the knowledge base up to date with a folder: list, compare with the last scan, read what changed in worker
 * threads, and write versions, postings and scan rows in one transaction by the agent `indexer`. A first run and a large
 * one write while they read; any other holds the transaction for the few milliseconds that the writing takes.
 */
import { availableParallelism } from "node:os";
import { MomoError } from "../errors.ts";
import type { IngestStats } from "../model/api.ts";
import type { Store, WriteTransaction } from "../store/contract/store.ts";
import { type Draft, type IngestOptions, isCurrent, makeDraft } from "./draft.ts";
import { Pool, type PoolEvents } from "./pool.ts";
import type { FileTask } from "./protocol.ts";
import { keepEvents, writeInto } from "./writing.ts";

/** Less than this is read by one worker: a second thread costs more than it brings. */
const ONE_WORKER_BYTES = 400_000;
const MAX_WORKERS = 8;
/** What is read before anything is written is kept in memory: packs and postings take about as much as the files. */
const KEPT_BYTES = 32e6;
/** How often a run starts over because files were written meanwhile. */
const TRIES = 2;

/**
 * One run; throws with nothing changed: what listing raises, STORE_BUSY where another process keeps the store busy or
 * indexes the same folder, CANCELLED.
 */
export async function ingest(store: Store, options: IngestOptions): Promise<IngestStats> {
  const started = performance.now();
  const stats = store.seq() === 0 ? await writeWhileReading(store, options) : await readFirst(store, options);
  stats.processing_time_seconds = (performance.now() - started) / 1000;
  stats.entities_per_second = stats.total_entities / Math.max(0.001, stats.processing_time_seconds);
  return stats;
}

const threadCount = ({ workers }: IngestOptions): number =>
  Math.min(MAX_WORKERS, workers || availableParallelism());

const bytesOf = ({ changed }: Draft): number => changed.reduce((sum, { size }) => sum + size, 0);

function refuseCancelled({ signal }: IngestOptions): void {
  if (signal?.aborted) throw new MomoError("CANCELLED");
}

function begin(store: Store, { under }: IngestOptions): WriteTransaction {
  return store.begin({ agent: "indexer", kind: "index", intent: under ? `index ${under}` : "index" });
}

/** Holds the transaction from the beginning. */
async function writeWhileReading(store: Store, options: IngestOptions): Promise<IngestStats> {
  refuseCancelled(options);
  const tx = begin(store, options);
  // There is something to read on a first run: the threads load while the folder is listed.
  const pool = store.seq() === 0 ? new Pool(threadCount(options)) : undefined;
  try {
    const draft = makeDraft(store, options);
    const writing = writeInto(tx, { draft, store, options });
    writing.begin();
    await read(draft, { options, events: writing, pool });
    writing.finish();
    return draft.stats;
  } catch (error) {
    tx.abort();
    throw error;
  } finally {
    await pool?.close();
  }
}

/** Looks and reads without holding anybody up, then writes all of it at once, if it still stands. */
async function readFirst(store: Store, options: IngestOptions): Promise<IngestStats> {
  for (let left = TRIES; left > 0; left--) {
    refuseCancelled(options);
    const draft = makeDraft(store, options);
    if (bytesOf(draft) > KEPT_BYTES) return writeWhileReading(store, options);
    const kept = keepEvents();
    await read(draft, { options, events: kept });
    if (writeKept(store, { draft, options, kept })) return draft.stats;
  }
  throw new MomoError("STORE_BUSY", { seconds: 0 });
}

interface Kept {
  draft: Draft;
  options: IngestOptions;
  kept: ReturnType<typeof keepEvents>;
}

/** False when somebody wrote or moved files since they were looked at. */
function writeKept(store: Store, { draft, options, kept }: Kept): boolean {
  const tx = begin(store, options);
  try {
    const isStill = isCurrent(draft, store);
    if (isStill) {
      const writing = writeInto(tx, { draft, store, options });
      writing.begin();
      kept.tell(writing);
      writing.finish();
    } else tx.abort();
    return isStill;
  } catch (error) {
    tx.abort();
    throw error;
  }
}

interface Reading {
  options: IngestOptions;
  events: PoolEvents;
  /** One that was started before. */
  pool?: Pool | undefined;
}

async function read(draft: Draft, { options, events, pool: started }: Reading): Promise<void> {
  const { changed, tasks } = draft;
  const { signal } = options;
  refuseCancelled(options);
  if (tasks.length === 0) return;
  const pool = started ?? new Pool(bytesOf(draft) < ONE_WORKER_BYTES ? 1 : threadCount(options));
  const sizeOf = (index: number): number => changed[index].size;
  const stop = (): void => pool.stop(new MomoError("CANCELLED"));
  signal?.addEventListener("abort", stop);
  try {
    await pool.run(largestFirst(tasks, sizeOf), sizeOf, reporting(events, draft, options));
  } finally {
    signal?.removeEventListener("abort", stop);
  }
  refuseCancelled(options);
}

/** Tells how far reading has come. */
function reporting(events: PoolEvents, { tasks }: Draft, { on_progress }: IngestOptions): PoolEvents {
  let [done, bytes] = [0, 0];
  return {
    ...events,
    result: (result) => {
      events.result(result);
      done++;
      if (result.outcome !== "skipped") bytes += result.bytes;
      on_progress?.({ phase: "reading", done, total: tasks.length, bytes });
    },
  };
}

/** Of this size on, files come first: a large one at the end is read by one worker while the others have nothing. */
const LARGE_BYTES = 128 * 1024;

/** The small ones stay in the order of the listing, which keeps neighbours in one pack. */
function largestFirst(tasks: FileTask[], sizeOf: (index: number) => number): FileTask[] {
  const isLarge = ({ index }: FileTask): boolean => sizeOf(index) >= LARGE_BYTES;
  const large = tasks.filter(isLarge).sort((a, b) => sizeOf(b.index) - sizeOf(a.index));
  return [...large, ...tasks.filter((task) => !isLarge(task))];
}
