/**
 * Brings the knowledge base up to date with a folder: list, compare with the last scan, read what changed in worker
 * threads, and write versions, postings and scan rows in one transaction by the agent `indexer`.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileOf, listFiles } from "../collect/files.ts";
import { compileGlobs } from "../collect/globs.ts";
import { firstLine } from "../collect/read.ts";
import type { ListedFile } from "../collect/select.ts";
import type { SkipReason } from "../collect/skip.ts";
import { MomoError } from "../errors.ts";
import { detectLanguage, type Language } from "../extract/language.ts";
import type { IngestProgress, IngestStats } from "../model/api.ts";
import { tidySegments } from "../store/lexical/tidy.ts";
import type { ScanRow, Store, WriteTransaction } from "../store/store.ts";
import { EXTRACTOR_VERSION } from "./document.ts";
import { Pool, type Segment } from "./pool.ts";
import type { FileResult, FileTask } from "./protocol.ts";

export interface IngestOptions {
  root: string;
  home: string;
  /** Only below this path, relative to the root. */
  under?: string;
  patterns?: readonly string[];
  ignore?: readonly string[];
  max_bytes: number;
  /** 0: one per core. */
  workers: number;
  on_progress?: (progress: IngestProgress) => void;
  /** Ends the run between two batches, with nothing changed: CANCELLED. */
  signal?: AbortSignal;
}

/** Less than this is read by one worker: a second thread costs more than it brings. */
const ONE_WORKER_BYTES = 400_000;
const MAX_WORKERS = 8;
/** A file changed this recently may change again within one tick of its time stamp: it is compared by content. */
const RACY_MS = 2_000;

const fileKey = (path: string): string => path;

interface Candidate extends ListedFile {
  language: Language;
}

interface Run {
  options: IngestOptions;
  /** Nothing was ever written: no path can be taken. */
  isNew: boolean;
  store: Store;
  tx: WriteTransaction;
  stats: IngestStats;
  changed: Candidate[];
  /** Rows of the last scan, by path. */
  before: Map<string, ScanRow>;
  /** Version of each changed file, by its place in `changed`. */
  vids: Float64Array;
  /** Numbers of the packs that the newest results lie in. */
  packs: number[];
  /** Scan rows to write at the end. */
  rows: ScanRow[];
}

const emptyStats = (): IngestStats => ({
  total_files: 0,
  successful_files: 0,
  failed_files: 0,
  skipped_files: 0,
  created: 0,
  updated: 0,
  removed: 0,
  unchanged: 0,
  total_entities: 0,
  bytes: 0,
  processing_time_seconds: 0,
  entities_per_second: 0,
});

/** One run; throws with nothing changed when the folder cannot be listed or another process keeps the store busy. */
export async function ingest(store: Store, options: IngestOptions): Promise<IngestStats> {
  const started = performance.now();
  const intent = options.under ? `index ${options.under}` : "index";
  const tx = store.begin({ agent: "indexer", kind: "index", intent });
  const stats = emptyStats();
  const before = new Map(store.scan().map((row) => [row.path, row]));
  const run: Run = {
    options,
    isNew: store.history({ limit: 1 }).length === 0,
    store,
    tx,
    stats,
    changed: [],
    before,
    vids: new Float64Array(0),
    packs: [],
    rows: [],
  };
  try {
    const isFirst = store.seq() === 0;
    const pool = isFirst ? startPool(run, threadCount(options)) : undefined;
    try {
      compare(run, list(run));
      await readChanged(run, pool);
    } finally {
      await pool?.close();
    }
    refuseCancelled(options);
    await finish(run);
  } catch (error) {
    tx.abort();
    throw error;
  }
  stats.processing_time_seconds = (performance.now() - started) / 1000;
  stats.entities_per_second = stats.total_entities / Math.max(0.001, stats.processing_time_seconds);
  return stats;
}

function refuseCancelled({ signal }: IngestOptions): void {
  if (signal?.aborted) throw new MomoError("CANCELLED");
}

const threadCount = ({ workers }: IngestOptions): number =>
  Math.min(MAX_WORKERS, workers || availableParallelism());

function list({ options, stats, rows }: Run): Candidate[] {
  const { root, home, under, patterns = [], ignore = [], max_bytes } = options;
  const matches = patterns.length > 0 ? compileGlobs(patterns) : () => true;
  const known = new Map<string, Language>();
  const accept = (path: string): boolean => {
    const language = matches(path) ? languageOf(root, path) : undefined;
    if (language) known.set(path, language);
    return language !== undefined;
  };
  options.on_progress?.({ phase: "listing", done: 0, total: 0, bytes: 0 });
  const listing = listFiles({ root, home, ignore, max_bytes, accept, ...(under && { under }) });
  for (const { path, reason, detail } of listing.skipped) {
    rows.push({ path, size: 0, mtime: 0, skipped: detail ? `${reason}: ${detail}` : reason });
    stats.skipped_files++;
  }
  stats.total_files = listing.files.length + listing.skipped.length;
  return listing.files.map((file) => ({ ...file, language: known.get(file.path)! }));
}

/** A file without an extension may be a script: its first line tells. */
function languageOf(root: string, path: string): Language | undefined {
  const named = detectLanguage(path);
  const isPlain = !named && !path.slice(path.lastIndexOf("/") + 1).includes(".");
  return isPlain ? detectLanguage(path, firstLine(join(root, path))) : named;
}

const isBelow = (path: string, under: string | undefined): boolean =>
  !under || path === under || path.startsWith(`${under}/`);

/** Reasons that hold until the file changes. */
const LASTING = ["binary", "minified", "generated"];

/** Sorts the listing into unchanged, changed and gone. */
function compare(run: Run, files: Candidate[]): void {
  const { store, tx, stats, options, before } = run;
  const sameExtractor = store.meta("extractor") === String(EXTRACTOR_VERSION);
  const racyAfter = Number(store.meta("scanned_at") ?? 0) - RACY_MS;
  const present = new Set<string>();
  for (const { path } of run.rows) {
    present.add(path);
    dropIndexed(run, path);
  }
  for (const file of files) {
    const row = before.get(file.path);
    present.add(file.path);
    const isSame = row && row.size === file.size && row.mtime === file.mtime && row.mtime < racyAfter;
    if (!isSame || !sameExtractor) readAnew(run, file);
    else if (!row.skipped) stats.unchanged++;
    else if (LASTING.some((reason) => row.skipped?.startsWith(reason))) stats.skipped_files++;
    else readAnew(run, file);
  }
  const gone = [...before.keys()].filter((path) => !present.has(path) && isBelow(path, options.under));
  for (const path of gone) dropIndexed(run, path);
  tx.forgetScan(gone);
  stats.successful_files += stats.unchanged;
  run.vids = new Float64Array(run.changed.length);
}

/** A path that names an entry would be refused by the store, and all of the run with it. */
function readAnew({ store, isNew, changed, rows, stats }: Run, file: Candidate): void {
  const kind = isNew ? undefined : store.journal.kidOf(fileKey(file.path))?.kind;
  if (kind === undefined || kind === "file") {
    changed.push(file);
    return;
  }
  rows.push({ path: file.path, size: 0, mtime: 0, skipped: "id-taken" satisfies SkipReason });
  stats.skipped_files++;
}

/** A file that was indexed, and is skipped now or gone, leaves the knowledge. */
function dropIndexed({ tx, stats, before }: Run, path: string): void {
  const row = before.get(path);
  if (row && !row.skipped && tx.remove(fileKey(path))) stats.removed++;
}

function startPool(run: Run, size: number): Pool {
  return new Pool(size, {
    packs: (packs) => {
      refuseCancelled(run.options);
      run.packs = packs.map((bytes) => run.tx.addPack(bytes));
    },
    result: (result) => accept(run, result),
    segment: (segment) => addSegment(run, segment),
  });
}

async function readChanged(run: Run, started: Pool | undefined): Promise<void> {
  const { changed, store, options } = run;
  if (changed.length === 0) return;
  const bytes = changed.reduce((sum, file) => sum + file.size, 0);
  const threads = bytes < ONE_WORKER_BYTES ? 1 : threadCount(options);
  const pool = started ?? startPool(run, threads);
  const tasks: FileTask[] = changed.map((file, index) => {
    const known = started ? undefined : store.head(fileKey(file.path))?.leaf;
    return {
      index,
      path: file.path,
      file: fileOf(options.root, file),
      language: file.language.name,
      parse: true,
      ...(known && { known }),
    };
  });
  const sizeOf = (index: number): number => changed[index].size;
  await pool.run(largestFirst(tasks, sizeOf), sizeOf);
}

/** Of this size on, files come first: a large one at the end is read by one worker while the others have nothing. */
const LARGE_BYTES = 128 * 1024;

/** The small ones stay in the order of the listing, which keeps neighbours in one pack. */
function largestFirst(tasks: FileTask[], sizeOf: (index: number) => number): FileTask[] {
  const isLarge = ({ index }: FileTask): boolean => sizeOf(index) >= LARGE_BYTES;
  const large = tasks.filter(isLarge).sort((a, b) => sizeOf(b.index) - sizeOf(a.index));
  return [...large, ...tasks.filter((task) => !isLarge(task))];
}

function accept(run: Run, result: FileResult): void {
  const { stats, tx, changed, rows, options } = run;
  const { path, size, mtime } = changed[result.index];
  const row: ScanRow = { path, size, mtime };
  rows.push(row);
  if (result.outcome === "skipped") {
    row.skipped = result.reason;
    if (tx.remove(fileKey(path))) stats.removed++;
    if (result.reason === "unreadable" || result.reason === "parser-stopped") stats.failed_files++;
    else stats.skipped_files++;
  } else {
    stats.successful_files++;
    stats.bytes += result.bytes;
    const warning = result.outcome === "indexed" ? result.warning : run.before.get(path)?.warning;
    if (warning) row.warning = warning;
    if (result.outcome === "unchanged") stats.unchanged++;
    else put(run, path, result);
  }
  const done = rows.length - stats.skipped_files;
  options.on_progress?.({ phase: "reading", done, total: changed.length, bytes: stats.bytes });
}

function put(run: Run, path: string, result: FileResult & { outcome: "indexed" }): void {
  const { tx, stats, store } = run;
  const { hash, slice } = result;
  const existed = store.head(fileKey(path)) !== undefined;
  const { vid, changed } = tx.put({
    key: fileKey(path),
    kind: "file",
    hash,
    ...slice,
    pack: run.packs[slice.pack],
  });
  run.vids[result.index] = vid;
  stats.total_entities += result.entities;
  if (!changed) stats.unchanged++;
  else if (existed) stats.updated++;
  else stats.created++;
}

function addSegment({ tx, vids }: Run, { sections, documents }: Segment): void {
  tx.addSegment(
    sections,
    Float64Array.from(documents, (index) => vids[index]),
  );
}

async function finish(run: Run): Promise<void> {
  const { tx, store, stats, rows, options } = run;
  options.on_progress?.({ phase: "writing", done: rows.length, total: rows.length, bytes: stats.bytes });
  const nothing = stats.created + stats.updated + stats.removed === 0;
  tx.recordScan(rows);
  tx.setMeta("root", options.root);
  tx.setMeta("extractor", String(EXTRACTOR_VERSION));
  tx.setMeta("scanned_at", String(Date.now()));
  if (!nothing) tidySegments(store, tx);
  const receipt = tx.commit();
  if (receipt.operations > 0) stats.transaction = receipt.transaction;
}
