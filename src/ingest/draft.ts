/**
 * What an ingest has to do, found out by comparing the folder with the last scan: nothing is written here. Used by
 * ingest.ts, which carries it out.
 */

import { join } from "node:path";
import { fileOf, listFiles } from "../collect/files.ts";
import { compileGlobs } from "../collect/globs.ts";
import { firstLine } from "../collect/read.ts";
import type { ListedFile } from "../collect/select.ts";
import { detectLanguage, type Language } from "../extract/language.ts";
import type { IngestProgress, IngestStats } from "../model/api.ts";
import type { ScanRow } from "../store/contract/derived.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import { EXTRACTOR_VERSION } from "./document.ts";
import type { FileTask } from "./protocol.ts";

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
  signal?: AbortSignal;
}

/** A file changed this recently may change again within one tick of its time stamp: it is compared by content. */
const RACY_MS = 2_000;

export const fileKey = (path: string): string => path;

interface Candidate extends ListedFile {
  language: Language;
}

export interface Draft {
  stats: IngestStats;
  /** To be read. */
  changed: Candidate[];
  /** For `changed`, in its order. */
  tasks: FileTask[];
  /** Indexed before, and not to be found now: they leave the knowledge. */
  dropped: string[];
  /** Paths of the last scan that are not there any more. */
  gone: string[];
  /** Rows of the last scan, by path. */
  before: Map<string, ScanRow>;
  /** Scan rows to write at the end. */
  rows: ScanRow[];
  /** Other than this once files were written or moved meanwhile. */
  state: string;
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

/** All of it from one committed state. */
export function makeDraft(store: StoreReader, options: IngestOptions): Draft {
  const draft: Draft = {
    stats: emptyStats(),
    changed: [],
    tasks: [],
    dropped: [],
    gone: [],
    rows: [],
    before: new Map<string, ScanRow>(),
    state: "",
  };
  const files = list(draft, options);
  store.snapshot(() => {
    draft.state = stateOf(store);
    draft.before = new Map(store.scan().map((row) => [row.path, row]));
    compare({ draft, store, options }, files);
    draft.tasks = tasksOf(draft, store, options);
  });
  return draft;
}

/** Whether what was looked at still stands. In the transaction that is to write it. */
export const isCurrent = (draft: Draft, store: StoreReader): boolean => draft.state === stateOf(store);

/** What others write besides files is none of an ingest's business. */
const stateOf = (store: StoreReader): string => `${store.digestOf("file")} ${store.erasures()}`;

function list({ stats, rows }: Draft, options: IngestOptions): Candidate[] {
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

interface Comparison {
  draft: Draft;
  store: StoreReader;
  options: IngestOptions;
}

/** Sorts the listing into unchanged, changed and gone. */
function compare(comparison: Comparison, files: Candidate[]): void {
  const { draft, store, options } = comparison;
  const { stats, before, rows } = draft;
  const sameExtractor = store.meta("extractor") === String(EXTRACTOR_VERSION);
  const racyAfter = Number(store.meta("scanned_at") ?? 0) - RACY_MS;
  const present = new Set<string>();
  for (const { path } of rows) {
    present.add(path);
    dropIndexed(draft, path);
  }
  for (const file of files) {
    const row = before.get(file.path);
    present.add(file.path);
    const isSame = row && row.size === file.size && row.mtime === file.mtime && row.mtime < racyAfter;
    if (isSame && sameExtractor && !row.skipped) stats.unchanged++;
    else if (isSame && sameExtractor && LASTING.some((reason) => row.skipped?.startsWith(reason)))
      stats.skipped_files++;
    else draft.changed.push(file);
  }
  draft.gone = [...before.keys()].filter((path) => !present.has(path) && isBelow(path, options.under));
  for (const path of draft.gone) dropIndexed(draft, path);
  stats.successful_files += stats.unchanged;
}

/** A file that was indexed, and is skipped now or gone. */
function dropIndexed({ dropped, before }: Draft, path: string): void {
  const row = before.get(path);
  if (row && !row.skipped) dropped.push(path);
}

function tasksOf({ changed }: Draft, store: StoreReader, { root }: IngestOptions): FileTask[] {
  const isFirst = store.seq() === 0;
  return changed.map((file, index) => {
    const known = isFirst ? undefined : store.head(fileKey(file.path), "file")?.leaf;
    return {
      index,
      path: file.path,
      file: fileOf(root, file),
      language: file.language.name,
      parse: true,
      ...(known && { known }),
    };
  });
}
