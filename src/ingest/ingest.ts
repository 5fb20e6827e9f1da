/**
 * Brings the knowledge base up to date with a folder: list, compare with the last scan, read what changed in worker
 * threads, and write versions, postings and scan rows in one transaction by the agent `indexer`. Nobody waits for the
 * reading: what it finds is kept, or staged where it is much, and the transaction lasts as long as it takes to name it.
 */
import { availableParallelism } from "node:os";
import { MomoError } from "../errors.ts";
import type { IngestStats } from "../model/api.ts";
import type { Store } from "../store/contract/store.ts";
import type { WriteTransaction } from "../store/contract/write.ts";
import { type Draft, type IngestOptions, isCurrent, makeDraft } from "./draft.ts";
import { Findings } from "./findings.ts";
import { Pool, type PoolEvents } from "./pool.ts";
import type { FileTask } from "./protocol.ts";
import { recognise } from "./renames/recognise.ts";
import { writeFindings } from "./writing.ts";

/** Less than this is read by one worker: a second thread costs more than it brings. */
const ONE_WORKER_BYTES = 400_000;
const MAX_WORKERS = 8;
/** How often a run starts over because files were written meanwhile. */
const TRIES = 3;

/**
 * One run; throws with nothing changed: what listing raises, STORE_BUSY where another process keeps the store busy or
 * indexes the same folder all the time, CANCELLED.
 */
export async function ingest(store: Store, options: IngestOptions): Promise<IngestStats> {
  const started = performance.now();
  const stats = await readAndWrite(store, options);
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

/** Looks and reads without holding anybody up, then writes all of it at once, if it still stands. */
async function readAndWrite(store: Store, options: IngestOptions): Promise<IngestStats> {
  // There is something to read on a first run: the threads load while the folder is listed.
  const pool = store.seq() === 0 ? new Pool(threadCount(options)) : undefined;
  try {
    for (let left = TRIES; left > 0; left--) {
      refuseCancelled(options);
      const draft = makeDraft(store, options);
      const findings = new Findings(store);
      try {
        await read(draft, { options, events: findings, pool: left === TRIES ? pool : undefined });
        if (write(store, { draft, options, findings })) return draft.stats;
      } catch (error) {
        if (!(error instanceof MomoError && error.code === "STAGE_GONE")) throw error;
      } finally {
        findings.drop();
      }
    }
  } finally {
    await pool?.close();
  }
  throw new MomoError("STORE_BUSY", { seconds: 0 });
}

interface Found {
  draft: Draft;
  options: IngestOptions;
  findings: Findings;
}

/** False when somebody wrote or moved files since they were looked at. */
function write(store: Store, { draft, options, findings }: Found): boolean {
  const renames = store.snapshot(() =>
    isCurrent(draft, store) ? recognise(store, draft, findings) : undefined,
  );
  if (!renames) return false;
  const tx = begin(store, options);
  try {
    if (!isCurrent(draft, tx.reader)) return false;
    writeFindings(tx, { draft, findings, options, renames });
    return true;
  } finally {
    tx.abort();
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
    packs: (packs) => events.packs(packs),
    segment: (segment) => events.segment(segment),
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
