/** Writes what an ingest found, in one short transaction. Used by ingest.ts. */

import type { ScanRow } from "../store/contract/derived.ts";
import type { WriteTransaction } from "../store/contract/write.ts";
import { tidySegments } from "../store/lexical/tidy.ts";
import { EXTRACTOR_VERSION } from "./document.ts";
import { type Draft, fileKey, type IngestOptions } from "./draft.ts";
import type { Findings } from "./findings.ts";
import type { FileResult } from "./protocol.ts";
import type { Renames } from "./renames/recognise.ts";
import { recordRenames } from "./renames/record.ts";

interface Run {
  draft: Draft;
  tx: WriteTransaction;
  /** Version of each changed file, by its place in `changed`. */
  vids: Float64Array;
  /** Numbers of the packs of the run. */
  packs: readonly number[];
}

interface Found {
  draft: Draft;
  findings: Findings;
  options: IngestOptions;
  renames: Renames;
}

/** Commits. */
export function writeFindings(tx: WriteTransaction, { draft, findings, options, renames }: Found): void {
  const run: Run = {
    draft,
    tx,
    vids: new Float64Array(draft.changed.length),
    packs: findings.writePacks(tx),
  };
  for (const path of draft.dropped) if (tx.remove("file", fileKey(path))) draft.stats.removed++;
  tx.forgetScan(draft.gone);
  for (const result of findings.results) accept(run, result);
  findings.writeSegments(tx, run.vids);
  rename(run, renames);
  finish(run, options);
}

function accept(run: Run, result: FileResult): void {
  const { tx, draft } = run;
  const { stats, changed, rows, before } = draft;
  const { path, size, mtime } = changed[result.index];
  const row: ScanRow = { path, size, mtime };
  rows.push(row);
  if (result.outcome === "skipped") {
    row.skipped = result.reason;
    if (tx.remove("file", fileKey(path))) stats.removed++;
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
  const { tx } = run;
  const { stats } = run.draft;
  const { hash, slice } = result;
  const existed = tx.reader.head(fileKey(path), "file") !== undefined;
  const { vid, changed } = tx.put({
    key: fileKey(path),
    kind: "file",
    hash,
    ...slice,
    pack: run.packs[slice.pack]!,
  });
  run.vids[result.index] = vid;
  stats.total_entities += result.entities;
  if (!changed) stats.unchanged++;
  else if (existed) stats.updated++;
  else stats.created++;
}

function rename({ tx, draft, vids }: Run, renames: Renames): void {
  const { files, definitions, partly } = renames;
  recordRenames(tx, renames, new Set(draft.changed.filter((_, i) => vids[i]! > 0).map(({ path }) => path)));
  if (files.length + definitions.length > 0)
    draft.stats.renamed = { files: files.length, definitions: definitions.length };
  if (partly) draft.stats.renames_by_content_only = true;
}

function finish({ tx, draft }: Run, options: IngestOptions): void {
  const { stats, rows } = draft;
  options.on_progress?.({ phase: "writing", done: rows.length, total: rows.length, bytes: stats.bytes });
  const nothing = stats.created + stats.updated + stats.removed === 0;
  tx.recordScan(rows);
  tx.setMeta("root", options.root);
  tx.setMeta("extractor", String(EXTRACTOR_VERSION));
  tx.setMeta("scanned_at", String(Date.now()));
  if (!nothing) tidySegments(tx);
  const receipt = tx.commit();
  if (receipt.operations > 0) stats.transaction = receipt.transaction;
}
