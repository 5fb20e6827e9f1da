/**
 * How long the past is kept: dropping old operations as far as nothing needs them, erasing one subject's content, and
 * the journal as JSON lines. Used by momo.ts.
 */
import { MomoError } from "../errors.ts";
import type { CompactReceipt, CompactRequest, EraseReceipt } from "../model/rollback.ts";
import type { Attribution, Store } from "../store/contract/store.ts";
import { checkpoints } from "./checkpoint.ts";
import { seqOf } from "./redo.ts";

/**
 * Drops operations, and the versions that only they name, up to the wanted point or as far as checkpoints,
 * explorations and engines that lag behind allow. Headers and hashes stay.
 */
export function compact(store: Store, request: CompactRequest, by: Attribution): CompactReceipt {
  const wanted =
    request.keep_days === undefined ? seqOf(store.journal, request) : before(store, request.keep_days);
  const tx = store.begin({ ...by, kind: "compact" });
  try {
    const { seq, holder } = allowed(store, wanted);
    const dropped = tx.compact(Math.max(seq, store.journal.horizon()));
    // Whole transactions are dropped, so it may end before what was wanted.
    const horizon = store.journal.horizon();
    tx.describe({ to_seq: horizon });
    tx.commit();
    store.settle({ shrink: true });
    return { horizon, wanted, ...dropped, ...(holder !== undefined && { held_by: holder }) };
  } catch (error) {
    tx.abort();
    throw error;
  }
}

function before(store: Store, days: number): number {
  if (!Number.isFinite(days) || days < 0) {
    throw new MomoError("VALUE_INVALID", {
      name: "keep_days",
      value: days,
      hint: "give a number of days from 0",
    });
  }
  // Before 1970 there was nothing, and a date has an end.
  const time = new Date(Math.max(0, Date.now() - days * 86_400_000)).toISOString();
  return seqOf(store.journal, { time });
}

/** The wanted point, or the earliest that somebody still needs. */
function allowed(store: Store, wanted: number): { seq: number; holder?: string } {
  const needs = [
    ...checkpoints(store.journal).map(({ name, seq }) => ({ holder: `checkpoint ${name}`, seq })),
    ...store.branches().map(({ name, base }) => ({ holder: `exploration ${name}`, seq: base })),
    ...store.cursors().map(({ name, seq }) => ({ holder: `engine ${name}`, seq })),
  ];
  const [first] = needs.filter(({ seq }) => seq < wanted).toSorted((a, b) => a.seq - b.seq);
  return first ?? { seq: Math.min(wanted, store.seq()) };
}

/**
 * Removes ids and overwrites the content of all their versions. Names, times and hashes stay, so the chain still
 * verifies; the content does not come back.
 */
export function erase(store: Store, ids: readonly string[], by: Attribution): EraseReceipt {
  const tx = store.begin({ ...by, kind: "erase" });
  try {
    let versions = 0;
    for (const id of ids) {
      for (const { key } of [...store.edges(id, "source"), ...store.edges(id, "target")]) tx.remove(key);
      const erased = tx.erase(id);
      if (erased === 0) throw new MomoError("ENTRY_UNKNOWN", { id });
      versions += erased;
    }
    tx.describe({ erased: ids });
    const receipt = tx.commit();
    return { ...receipt, ids: [...ids], versions, overwritten: store.settle() };
  } catch (error) {
    tx.abort();
    throw error;
  }
}

/**
 * Every transaction with its operations, oldest first, one JSON document each. A line never changes but by compaction, so
 * what was taken back is told by the later ones only.
 */
export function* exportJournal(store: Store): Generator<string> {
  const { journal } = store;
  for (const { undone: _, ...record } of store.history().toReversed()) {
    const transaction = journal.transaction(record.transaction)!;
    const isKept = record.operations > 0 && transaction.last > journal.horizon();
    yield JSON.stringify({ ...record, ...(isKept && { changes: store.operations(record.transaction) }) });
  }
}
