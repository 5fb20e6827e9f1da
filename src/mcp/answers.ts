/**
 * How results of commands become what an agent reads: short, with what it needs to go on. Pure; used by tools.ts.
 * A result comes as the JSON of the command, so that nothing here depends on how the command computes it.
 */
import type { EntityAnswer } from "../commands/entity.ts";
import type { IngestAnswer } from "../commands/ingest.ts";
import type { SearchAnswer } from "../commands/search.ts";
import type { BlockedPlan } from "../commands/take-back.ts";
import type { EntityMetadata } from "../model/api.ts";
import type { RelationRecord, RollbackReceipt, WriteReceipt } from "../model/rollback.ts";
import { packedText } from "../retrieve/pack-text.ts";
import type { TransactionRecord } from "../store/contract/journal.ts";

/** Structured content of a result: always a JSON object. */
export type Answer = (result: never) => Record<string, unknown>;

/** Of lists that may be long. The rest is counted. */
const MOST = 30;

/** What there is, at most `most` of it, and how many more under `more_<name>`. */
function listed(name: string, items: readonly unknown[], most = MOST): Record<string, unknown> {
  if (items.length === 0) return {};
  return {
    [name]: items.slice(0, most),
    ...(items.length > most && { [`more_${name}`]: items.length - most }),
  };
}

function searchNotes({ results, coverage, indexed, filters }: SearchAnswer): string[] {
  const notes: string[] = [];
  if (indexed) notes.push(`indexed ${indexed.successful_files} files first`);
  if (coverage.files === 0) notes.push("nothing is indexed: no readable file was found");
  else if (results.length === 0)
    notes.push(
      Object.keys(filters).length > 0
        ? "nothing found: try without dir, or other words"
        : "nothing found: try other words, or fewer",
    );
  else if (results.every(({ near }) => near)) notes.push("no word of the query occurs: these lie near it");
  if (coverage.stale) notes.push(`${coverage.stale} of these files changed since they were indexed`);
  if (coverage.degraded) notes.push(`by words only: ${coverage.degraded}`);
  return notes;
}

export function searchAnswer(result: SearchAnswer): Record<string, unknown> {
  const notes = searchNotes(result);
  return {
    context: packedText(result),
    places: result.results.map(({ path, start_line, end_line }) => `${path}:${start_line}-${end_line}`),
    tokens: result.tokens ?? 0,
    ...(notes.length > 0 && { notes: notes.join("; ") }),
  };
}

/** `documents <- notes/x`: what it is joined to, seen from it. */
function neighborLine(id: string, { source, type, target, missing }: RelationRecord): string {
  const line = source === id ? `${type} -> ${target}` : `${type} <- ${source}`;
  return missing ? `${line} (gone)` : line;
}

export function entityAnswer(result: EntityAnswer): Record<string, unknown> {
  const {
    id,
    renamed_from,
    type,
    content,
    metadata,
    relations,
    documentation = [],
    neighbors,
    cut_lines,
    version,
  } = result;
  const { file_path, start_line, end_line, entity_type, signature } = metadata as Partial<EntityMetadata>;
  const lines = start_line === undefined ? "" : `:${start_line}-${end_line}`;
  const stated = relations.map(({ type, target_id }) => `${type} -> ${target_id}`);
  const written = neighbors.map((relation) => neighborLine(id, relation));
  return {
    id,
    ...(renamed_from !== undefined && { renamed_from }),
    kind: entity_type ?? type,
    ...(file_path !== undefined && { place: `${file_path}${lines}` }),
    ...(signature !== undefined && { signature }),
    content,
    ...(cut_lines !== undefined && { cut_lines }),
    ...listed("documentation", documentation),
    ...listed("neighbors", [...new Set([...written, ...stated])], 2 * MOST),
    ...(version !== undefined && { version }),
  };
}

export function documentAnswer(
  result: WriteReceipt & { id: string; version?: number },
): Record<string, unknown> {
  const { id, version, transaction, repeated } = result;
  return {
    id,
    ...(version !== undefined && { version }),
    transaction,
    ...(transaction === 0 && { notes: "it said so already: nothing was written" }),
    ...(repeated && { repeated }),
  };
}

export function historyAnswer(result: { transactions: TransactionRecord[] }): Record<string, unknown> {
  const transactions = result.transactions.map((record) => {
    const { transaction, at, agent, session, kind, intent, created, updated, removed, undone, authors } =
      record;
    return {
      transaction,
      at,
      agent,
      ...(authors && { authors }),
      kind,
      created,
      updated,
      removed,
      ...(session !== undefined && { session }),
      ...(intent !== undefined && { intent }),
      ...(undone && { undone }),
    };
  });
  return { transactions };
}

export function planAnswer(plan: BlockedPlan): Record<string, unknown> {
  const { plan_hash, blocked, operations, agents, transactions, conflicts, residue, quarantined } = plan;
  return {
    plan_hash,
    blocked,
    operations,
    agents,
    transactions,
    changes: plan.changes.slice(0, MOST).map(({ change, id }) => `${change} ${id}`),
    ...(plan.changes.length > MOST && { more_changes: plan.changes.length - MOST }),
    ...listed("conflicts", conflicts, 10),
    ...listed(
      "remedies",
      (plan.remedies ?? []).map(({ policy, operations, agents }) => ({ policy, operations, agents })),
    ),
    ...listed("residue", residue),
    ...listed("quarantined", quarantined),
  };
}

/** Of a plan that turned out to be blocked, the plan. */
export function receiptAnswer(result: RollbackReceipt | BlockedPlan): Record<string, unknown> {
  if ("blocked" in result) return planAnswer(result);
  const { plan_hash, outcome, transaction, operations, residue, repeated } = result;
  return {
    plan_hash,
    outcome,
    transaction,
    operations,
    ...listed("residue", residue),
    ...(repeated && { repeated }),
  };
}

export function indexAnswer(result: IngestAnswer): Record<string, unknown> {
  const { total_files, created, updated, removed, unchanged, skipped_files, failed_files } = result;
  return {
    total_files,
    created,
    updated,
    removed,
    unchanged,
    skipped_files,
    failed_files,
    seconds: result.processing_time_seconds,
    ...(result.embedding?.warning !== undefined && { notes: result.embedding.warning }),
  };
}
