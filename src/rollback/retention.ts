/**
 * How long the past is kept: dropping old operations as far as nothing needs them, erasing one subject's content, and
 * the journal as JSON lines. Used by momo.ts.
 */

import { MomoError } from "../errors.ts";
import type { CompactReceipt, CompactRequest, EraseReceipt } from "../model/rollback.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import type { Store } from "../store/contract/store.ts";
import type { Author } from "../store/contract/transaction.ts";
import { abandonLost, isLost } from "../store/engines/health.ts";
import { headOf, namesOf } from "../store/records/names.ts";
import { checkpoints } from "./checkpoint.ts";
import { seqOf } from "./redo.ts";

/**
 * Drops operations, and the versions that only they name, up to the wanted point or as far as checkpoints,
 * explorations and engines that lag behind allow, but for engines that were not reached for a month. Headers and hashes
 * stay. The file keeps its size until `settle`.
 */
export function compact(store: Store, request: CompactRequest, by: Author): CompactReceipt {
  const done = store.once({ ...by, kind: "compact" }, (tx) => {
    const { reader } = tx;
    abandonLost(store, reader, Date.now());
    const wanted = wantedSeq(reader, request);
    const { seq, holder } = allowed(reader, wanted);
    const dropped = tx.compact(Math.max(seq, reader.journal.horizon()));
    // Whole transactions are dropped, so it may end before what was wanted.
    const horizon = reader.journal.horizon();
    tx.describe({ to_seq: horizon });
    return {
      horizon,
      wanted,
      dropped_transactions: dropped.transactions,
      versions: dropped.versions,
      holder,
    };
  });
  const { horizon, wanted, dropped_transactions: transactions, versions, holder, repeated } = done;
  return {
    horizon,
    wanted,
    transactions,
    versions,
    ...(holder !== undefined && { held_by: holder }),
    ...(repeated && { repeated }),
  };
}

function wantedSeq({ journal }: StoreReader, { keep_days: days, ...target }: CompactRequest): number {
  if (days === undefined) return seqOf(journal, target);
  if (!Number.isFinite(days) || days < 0) {
    throw new MomoError("VALUE_INVALID", {
      name: "keep_days",
      value: days,
      hint: "give a number of days from 0",
    });
  }
  return journal.lastBefore(Date.now() - days * 86_400_000);
}

/** Whether operations older than so many days could be dropped; 0 days keeps everything. */
export function isCompactionDue(store: StoreReader, keep_days: number): boolean {
  if (keep_days === 0) return false;
  return store.snapshot(() => {
    const wanted = wantedSeq(store, { keep_days });
    const horizon = store.journal.horizon();
    return wanted > horizon && allowed(store, wanted).seq > horizon;
  });
}

/** The wanted point, or the earliest that somebody still needs. */
function allowed(store: StoreReader, wanted: number): { seq: number; holder?: string } {
  const needs = [
    ...checkpoints(store.journal).map(({ name, seq }) => ({ holder: `checkpoint ${name}`, seq })),
    ...store.branches().map(({ name, base }) => ({ holder: `exploration ${name}`, seq: base })),
    ...store
      .engines()
      .filter((record) => !isLost(record, { seq: store.seq(), now: Date.now() }))
      .map(({ name, seq }) => ({ holder: `engine ${name}`, seq })),
  ];
  const [first] = needs.filter(({ seq }) => seq < wanted).toSorted((a, b) => a.seq - b.seq);
  return first ?? { seq: Math.min(wanted, store.seq()) };
}

/**
 * Removes ids, with what documents them and the relations at them, and overwrites the content of all their versions on
 * every branch. Names, times and hashes stay, so the chain still verifies; the content does not come back. May be
 * repeated: where `overwritten` is false, that finishes it.
 */
export function erase(store: Store, ids: readonly string[], by: Author): EraseReceipt {
  const done = store.once({ ...by, kind: "erase" }, (tx) => {
    const kids = new Set<number>();
    const erased = new Set<string>();
    for (const id of ids) {
      // What was renamed lies in the journal under each of its names.
      const names = [...new Set([id, ...namesOf(tx.reader, id)])];
      const now = headOf(tx.reader, id)?.key;
      const isTaken = (name: string): boolean =>
        name !== now && name !== id && !!tx.reader.head(name, "entry");
      const about = names.map((name) => tx.reader.journal.kidsAbout(name, { isTaken: isTaken(name) }));
      if (about.every(({ size }) => size === 0) && !wasErased(tx.reader, id))
        throw new MomoError("ENTRY_UNKNOWN", { id });
      for (const name of names) erased.add(name);
      for (const kid of about.flatMap((found) => [...found])) kids.add(kid);
    }
    const versions = tx.erase(kids);
    // What is still in the folder is read again by the next ingest.
    tx.forgetScan(erased);
    tx.describe({ erased: [...erased] });
    return { ids: [...erased], versions };
  });
  return { ...done, overwritten: store.settle() };
}

/** What was only an end of relations has no key that would tell. */
const wasErased = ({ journal }: StoreReader, id: string): boolean =>
  journal.said("erase").some(({ detail }) => Array.isArray(detail.erased) && detail.erased.includes(id));

/**
 * Every transaction with its operations, oldest first, one JSON document each. A line never changes but by compaction, so
 * what was taken back is told by the later ones only.
 */
export function* exportJournal(store: StoreReader): Generator<string> {
  for (const { undone: _, ...record } of store.history().toReversed()) {
    const changes = store.operations(record.transaction);
    yield JSON.stringify({ ...record, ...(changes.length > 0 && { changes }) });
  }
}
