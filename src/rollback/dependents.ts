/**
 * Work that rests on what a plan takes back: relations whose end would vanish, and what was derived from versions that
 * would not count any more. Used by draft.ts and cascade.ts.
 */

import type { RollbackPolicy } from "../model/rollback.ts";
import type { JournalTransaction, JournalView } from "../store/contract/journal.ts";
import type { Dependent, Obstacle } from "./obstacles.ts";
import { kindAt, type Resolution } from "./resolve.ts";
import { isLive, WriteSet } from "./write-set.ts";

/** Heads as they will be, and of what changes what matters to relations. */
interface Targets {
  to: ReadonlyMap<number, number>;
  /** Keys of entries that will be gone. */
  removed: readonly number[];
  /** Versions of relations that will be there and are not now. */
  joined: readonly number[];
}

export function relationChanges(
  resolution: Resolution,
  to: ReadonlyMap<number, number>,
): Pick<Targets, "removed" | "joined"> {
  const removed: number[] = [];
  const joined: number[] = [];
  resolution.kids.forEach((kid, i) => {
    const target = to.get(kid);
    if (target === undefined || target === resolution.vid[i]) return;
    const kind = kindAt(resolution, i);
    if (kind === "entry" && target === 0) removed.push(kid);
    if (kind === "relation" && target > 0) joined.push(target);
  });
  return { removed, joined };
}

/** Relations that would be left with an end that does not exist. */
export function brokenRelations(journal: JournalView, { to, removed, joined }: Targets): Obstacle[] {
  const obstacles = missingEnds(journal, Float64Array.from(joined), to);
  const goes = (kid: number): boolean => to.get(kid) === 0;
  for (const { kid, end } of journal.relationsAt(Float64Array.from(removed), goes)) {
    const by = writerOf(journal, kid);
    const detail = `needed by ${journal.nameOf(kid)}`;
    obstacles.push({ reason: "structure", kid: end, detail, ...(by && { by }) });
  }
  return obstacles;
}

/** Ends that are entries and would not exist. Ends in code come and go with the files: those may be missing. */
function missingEnds(journal: JournalView, vids: Float64Array, to: ReadonlyMap<number, number>): Obstacle[] {
  const ends = journal.entryEnds(vids);
  const others = Float64Array.from(new Set(ends.map(({ end }) => end).filter((end) => !to.has(end))));
  const heads = journal.pointers(others);
  const now = new Map(Array.from(others, (kid, i) => [kid, heads.vid[i]!]));
  return ends
    .filter(({ end }) => (to.get(end) ?? now.get(end)) === 0)
    .map(({ kid, vid, end }): Obstacle => {
      const by = to.get(end) === 0 ? writerOf(journal, kid, vid) : writerOf(journal, end);
      return { reason: "structure", kid, detail: `${journal.nameOf(end)} does not exist`, ...(by && { by }) };
    });
}

/** The transaction whose write of a key counts now; with `to` the one that wrote this version. */
function writerOf(journal: JournalView, kid: number, to?: number): JournalTransaction | undefined {
  const { kind } = journal.pointers(Float64Array.of(kid));
  for (const link of journal.chain(kid, kind[0]!)) {
    if (!link.writes) continue;
    const isMeant = to === undefined ? journal.undone([link.seq, link.seq]).length === 0 : link.to === to;
    if (isMeant) return link.transaction;
  }
  return undefined;
}

/** What readers are looked for of, and how they are judged. */
export interface Reading {
  /** Versions that would not count any more, with their keys. */
  written: ReadonlyMap<number, number>;
  /** Whether a write is taken back. */
  isTaken: (seq: number) => boolean;
  dead: WriteSet;
  /** What a redo goes back to was there before: nothing read up to this operation is in its way. */
  since: number;
}

export function findReaders(journal: JournalView, { written, isTaken, dead, since }: Reading): Dependent[] {
  const found: Dependent[] = [];
  const readers = journal.readers(Float64Array.from(written.keys()));
  if (readers.length === 0) return [];
  // Not those of explorations: they find out when they are merged.
  const transactions = [...new Set(readers.map(({ transaction }) => transaction))];
  const here = new Map(journal.select({ transactions }).map((one) => [one.transaction, one]));
  for (const { vid, transaction: number, declared } of readers) {
    const transaction = here.get(number);
    if (!transaction || transaction.last <= since || !isLive(journal, transaction)) continue;
    const own = new WriteSet();
    own.addLive(journal, transaction);
    // What is taken back with the rest is in nobody's way.
    if (own.seq.every(isTaken)) continue;
    const kids = [...own.newest.keys()].filter((kid) => !dead.newest.has(kid));
    found.push({ strength: declared ? "declared" : "weak", transaction, on: written.get(vid)!, kids });
  }
  return found;
}

/** `force` and `quarantine` let stand what was derived from what goes. */
export function derivedFrom(readers: readonly Dependent[], policy: RollbackPolicy): Obstacle[] {
  if (policy === "force" || policy === "quarantine") return [];
  return readers
    .filter(({ strength }) => strength === "declared")
    .map(({ on, transaction }): Obstacle => ({ reason: "read", kid: on, by: transaction }));
}
