/**
 * Brings an exploration home as one transaction of its parent, which can be rolled back like any other. Used by momo.ts.
 */

import { MomoError } from "../errors.ts";
import type { MergeOptions } from "../model/rollback.ts";
import type { ChainLink, JournalView, OverlayHead } from "../store/contract/journal.ts";
import { kindNumber, kindOf } from "../store/contract/kinds.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import type { Store } from "../store/contract/store.ts";
import type { Author, Receipt } from "../store/contract/transaction.ts";
import type { Moves, WriteTransaction } from "../store/contract/write.ts";
import { type Content, mergeFields } from "../store/records/merge-fields.ts";
import { changedHeads, isSame } from "./compare.ts";

interface Sides {
  parent: StoreReader;
  view: StoreReader;
  prefer: MergeOptions["prefer"];
}

interface Outcome {
  moves: { head: OverlayHead; from: number; previous: number }[];
  merged: { head: OverlayHead; key: string; content: Content }[];
  conflicts: string[];
}

/**
 * Raises MERGE_CONFLICT with nothing changed where both sides changed an id and neither was preferred, and MERGE_SOURCE
 * where something it was derived from was taken back meanwhile and the exploration was not preferred.
 */
export const merge = (
  { parent, view, prefer, name }: Sides & { parent: Store; name: string },
  by: Author,
): Receipt =>
  parent.once({ ...by, kind: "merge" }, (tx) => {
    const sides = { parent: tx.reader, view: tx.reader.on(view.branch), prefer };
    const outcome = decide(sides);
    for (const key of brokenRelations(sides, outcome)) outcome.conflicts.push(key);
    if (outcome.conflicts.length > 0) {
      const count = outcome.conflicts.length;
      throw new MomoError("MERGE_CONFLICT", { name, count, id: outcome.conflicts[0]! });
    }
    refuseTakenBack({ ...sides, name });
    const { journal } = sides.view;
    write(tx, outcome, originsIn(journal));
    for (const { vid, declared } of journal.reads()) tx.read(vid, declared ? "declared" : "weak");
    tx.describe({ name, branch: view.branch, digest_of: sides.view.digest() });
    tx.drop(view.branch);
    return {};
  });

/** The transaction that wrote first what a head of the exploration shows. */
const originsIn =
  (journal: JournalView) =>
  ({ kid, kind, vid }: OverlayHead): number => {
    for (const link of journal.chain(kid, kind)) {
      const isShown = link.writes && link.to === vid && journal.undone([link.seq, link.seq]).length === 0;
      if (isShown) return authorOf(journal, link);
    }
    return 0;
  };

/** What was merged into the exploration before is still its first author's. */
function authorOf(journal: JournalView, { transaction, seq }: ChainLink): number {
  const author = journal.authors(transaction).find(({ first, last }) => first <= seq && seq <= last);
  return author?.transaction ?? transaction.transaction;
}

/** Three sides a key: at the fork, in the parent now, in the exploration. */
function decide({ parent, view, prefer }: Sides): Outcome {
  // What was erased meanwhile does not come back by a merge.
  const changed = changedHeads(view);
  const gone = view.journal.gone(Float64Array.from(changed, ({ vid }) => vid).filter((vid) => vid > 0));
  const heads = changed.filter(({ vid }) => !gone.has(vid));
  const now = parent.journal.pointers(Float64Array.from(heads, ({ kid }) => kid));
  const outcome: Outcome = { moves: [], merged: [], conflicts: [] };
  heads.forEach((head, i) => {
    const [from, previous] = [now.vid[i]!, now.seq[i]!];
    const move = { head, from, previous };
    if (isSame(parent, from, head.vid)) return;
    if (from === head.base || isSame(parent, from, head.base)) {
      outcome.moves.push(move);
      return;
    }
    const key = parent.journal.nameOf(head.kid);
    const content = kindOf(head.kind) === "entry" ? mergeOf(parent, [head.base, from, head.vid]) : undefined;
    if (content) outcome.merged.push({ head, key, content });
    else if (prefer === "exploration") outcome.moves.push(move);
    else if (prefer === undefined) outcome.conflicts.push(key);
  });
  return outcome;
}

function refuseTakenBack({ parent, view, prefer, name }: Sides & { name: string }): void {
  if (prefer === "exploration") return;
  const gone = view.journal.reads().flatMap(({ vid, declared }) => {
    const id = declared ? parent.keyOf(vid) : undefined;
    return id !== undefined && isTakenBack(parent, id, vid) ? [id] : [];
  });
  if (gone.length > 0) throw new MomoError("MERGE_SOURCE", { name, count: gone.length, id: gone[0]! });
}

/** False for a version of the exploration itself: its parent has no write of it. */
function isTakenBack({ journal }: StoreReader, id: string, vid: number): boolean {
  for (const kind of ["file", "entry"] as const) {
    const key = journal.kidOf(id, kind);
    for (const link of key ? journal.chain(key.kid, kindNumber(kind)) : [])
      if (link.writes && link.to === vid) return journal.undone([link.seq, link.seq]).length > 0;
  }
  return false;
}

function mergeOf(
  store: StoreReader,
  vids: readonly [base: number, ours: number, theirs: number],
): Content | undefined {
  const [base, ours, theirs] = vids.map((vid): Content | undefined => {
    const body = vid ? store.body(vid) : undefined;
    return body && { body, text: store.text(vid) };
  });
  return base && ours && theirs && mergeFields(base, ours, theirs);
}

/** Relations that would be left with an end that is an entry and does not exist. */
function brokenRelations({ parent }: Sides, { moves }: Outcome): string[] {
  const to = new Map(moves.map(({ head }) => [head.kid, head.vid]));
  const isLive = (id: string): boolean => {
    const key = parent.journal.kidOf(id, "entry");
    if (!key || parent.head(id, "file")) return true;
    return (to.get(key.kid) ?? parent.journal.pointers(Float64Array.of(key.kid)).vid[0]!) > 0;
  };
  const added = moves.filter(({ head }) => kindOf(head.kind) === "relation" && head.vid > 0);
  const dangling = added.filter(({ head }) => {
    const ends = parent.journal.endsOf(head.vid);
    return ends && !(isLive(ends.source) && isLive(ends.target));
  });
  const removed = moves.filter(({ head }) => kindOf(head.kind) === "entry" && head.vid === 0);
  const left = parent.journal.relationsAt(
    Float64Array.from(removed, ({ head }) => head.kid),
    (kid) => to.get(kid) === 0,
  );
  return [...dangling.map(({ head }) => head.kid), ...left.map(({ kid }) => kid)].map((kid) =>
    parent.journal.nameOf(kid),
  );
}

function write(
  tx: WriteTransaction,
  { moves, merged }: Outcome,
  originOf: (head: OverlayHead) => number,
): void {
  const columns: Moves = {
    kid: Float64Array.from(moves, ({ head }) => head.kid),
    kind: Uint8Array.from(moves, ({ head }) => head.kind),
    from: Float64Array.from(moves, ({ from }) => from),
    to: Float64Array.from(moves, ({ head }) => head.vid),
    previous: Float64Array.from(moves, ({ previous }) => previous),
    origin: Float64Array.from(moves, ({ head }) => originOf(head)),
  };
  tx.move(columns);
  for (const { head, key, content } of merged) {
    const { body, text } = content;
    tx.put({ key, kind: "entry", body, ...(text && { text }), origin: originOf(head) });
  }
}
