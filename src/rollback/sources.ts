/**
 * What a redo brings back although what it was derived from was taken back meanwhile. What was missing already when the
 * work was there before is nobody's concern: a redo goes back to how it was. Used by plan.ts.
 */

import { MomoError } from "../errors.ts";
import type { RollbackPolicy } from "../model/rollback.ts";
import type { ChainLink, JournalTransaction, JournalView, ReadVersion } from "../store/contract/journal.ts";
import type { SeqRange } from "../store/contract/transaction.ts";
import type { Dependent, Dependents, Obstacle, Restored } from "./obstacles.ts";
import { transactionsIn, type WriteSet } from "./write-set.ts";

/** A read of a version that would still not count. */
interface MissingSource {
  reader: JournalTransaction;
  /** Keys of the reader that are brought back. */
  kids: number[];
  declared: boolean;
  by: JournalTransaction;
  source: Restored;
}

interface Redoing {
  policy: RollbackPolicy;
  /** Transaction that is reversed; undefined for what is no redo. */
  of?: number;
  live: WriteSet;
  skipped: ReadonlySet<number>;
}

/** `force` and `quarantine` let it come back; under the others it is in the way. */
export function findSources(journal: JournalView, redoing: Redoing): Dependents {
  if (redoing.of === undefined || redoing.live.size === 0) return { obstacles: [], dependents: [] };
  const missing = missingSources(journal, redoing);
  const isLet = redoing.policy === "force" || redoing.policy === "quarantine";
  const [stopping, standing] = [
    missing.filter(({ declared }) => declared && !isLet),
    missing.filter(({ declared }) => isLet || !declared),
  ];
  return {
    obstacles: stopping.flatMap(({ kids, by, source }) =>
      kids.map((kid): Obstacle => ({ reason: "source", kid, by, source })),
    ),
    dependents: standing.map(({ reader, kids, declared, source }): Dependent => {
      return { strength: declared ? "declared" : "weak", transaction: reader, on: source.on, kids };
    }),
  };
}

function missingSources(journal: JournalView, { live, skipped, of }: Redoing): MissingSource[] {
  const readers = transactionsIn(journal, live.ranges(skipped));
  const reads = journal.readsOf(readers.map(({ transaction }) => transaction));
  if (reads.length === 0) return [];
  const back = new Map(live.seq.map((seq, at): [number, number] => [seq, live.kid[at]!]));
  for (const [seq, kid] of back) if (skipped.has(kid)) back.delete(seq);
  const found = reads.map((read) => ({ read, write: writeOf(journal, read) }));
  if (found.some(({ read, write }) => !write && read.declared)) checkLost(journal, of!);
  return found.flatMap(({ read, write }) => {
    if (!write || back.has(write.seq)) return [];
    const [undone] = journal.undone([write.seq, write.seq]);
    if (!undone || undone.by < of!) return [];
    const reader = readers.find(({ transaction }) => transaction === read.transaction)!;
    const kids = new Set<number>();
    for (const [seq, kid] of back) if (reader.first <= seq && seq <= reader.last) kids.add(kid);
    const by = journal.transaction(undone.by)!;
    const source = { on: read.kid, by: undone.by, ...takenOf(journal, write, undone.by) };
    return { reader, kids: [...kids], declared: read.declared, by, source };
  });
}

/** undefined for a version that was written on another branch, or before what is kept. */
function writeOf(journal: JournalView, { vid, kid, kind }: ReadVersion): ChainLink | undefined {
  for (const link of journal.chain(kid, kind)) if (link.writes && link.to === vid) return link;
  return undefined;
}

/** Where something was taken back after the work was, and then dropped by compaction, nobody can tell whether it was a source. */
function checkLost(journal: JournalView, of: number): void {
  const horizon = journal.horizon();
  if (horizon === 0) return;
  for (const kind of ["undo", "redo", "rewind"] as const)
    for (const { transaction, detail } of journal.said(kind)) {
      const lost = transaction > of ? detail.dead?.find(([first]) => first <= horizon) : undefined;
      if (lost) throw new MomoError("BEYOND_HORIZON", { transaction: journal.at(lost[0]).transaction });
    }
}

/** All that one transaction took back of another. */
function takenOf(journal: JournalView, { transaction }: ChainLink, by: number) {
  const { writes: from, last: to } = transaction;
  const taken = journal.undone([from, to]).filter((range) => range.by === by);
  const writes = taken.map(({ first, last }): SeqRange => [Math.max(first, from), Math.min(last, to)]);
  return { transaction: transaction.transaction, writes };
}
