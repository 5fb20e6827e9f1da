/**
 * Writes what an ingest found: as it comes from the workers, or kept in memory until all of it is there. Used by
 * ingest.ts.
 */

import type { ScanRow, Store, WriteTransaction } from "../store/contract/store.ts";
import { tidySegments } from "../store/lexical/tidy.ts";
import { EXTRACTOR_VERSION } from "./document.ts";
import { type Draft, fileKey, type IngestOptions } from "./draft.ts";
import type { PoolEvents, Segment } from "./pool.ts";
import type { FileResult } from "./protocol.ts";

export interface Writing extends PoolEvents {
  /** Puts what the folder's listing alone decides. */
  begin(): void;
  /** Commits. */
  finish(): void;
}

interface Run {
  draft: Draft;
  store: Store;
  tx: WriteTransaction;
  /** Version of each changed file, by its place in `changed`. */
  vids: Float64Array;
  /** Numbers of the packs that the newest results lie in. */
  packs: number[];
}

export function writeInto(
  tx: WriteTransaction,
  { draft, store, options }: { draft: Draft; store: Store; options: IngestOptions },
): Writing {
  const run: Run = { draft, store, tx, vids: new Float64Array(draft.changed.length), packs: [] };
  return {
    begin: () => leave(run),
    packs: (packs) => {
      run.packs = packs.map((bytes) => tx.addPack(bytes));
    },
    result: (result) => accept(run, result),
    segment: (segment) => addSegment(run, segment),
    finish: () => finish(run, options),
  };
}

/** Remembers what comes, to tell it another one later, in the same order. */
export function keepEvents(): PoolEvents & { tell(events: PoolEvents): void } {
  const kept: ((events: PoolEvents) => void)[] = [];
  return {
    packs: (packs) => kept.push((events) => events.packs(packs)),
    result: (result) => kept.push((events) => events.result(result)),
    segment: (segment) => kept.push((events) => events.segment(segment)),
    tell: (events) => {
      for (const one of kept.splice(0)) one(events);
    },
  };
}

function leave({ tx, draft }: Run): void {
  const { stats, dropped, gone } = draft;
  for (const path of dropped) if (tx.remove(fileKey(path))) stats.removed++;
  tx.forgetScan(gone);
}

function accept(run: Run, result: FileResult): void {
  const { tx, draft } = run;
  const { stats, changed, rows, before } = draft;
  const { path, size, mtime } = changed[result.index];
  const row: ScanRow = { path, size, mtime };
  rows.push(row);
  if (result.outcome === "skipped") {
    row.skipped = result.reason;
    if (tx.remove(fileKey(path))) stats.removed++;
    if (result.reason === "unreadable" || result.reason === "parser-stopped") stats.failed_files++;
    else stats.skipped_files++;
    return;
  }
  stats.successful_files++;
  stats.bytes += result.bytes;
  const warning = result.outcome === "indexed" ? result.warning : before.get(path)?.warning;
  if (warning) row.warning = warning;
  if (result.outcome === "unchanged") stats.unchanged++;
  else put(run, path, result);
}

function put(run: Run, path: string, result: FileResult & { outcome: "indexed" }): void {
  const { tx, store } = run;
  const { stats } = run.draft;
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

function finish({ tx, store, draft }: Run, options: IngestOptions): void {
  const { stats, rows } = draft;
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
