/**
 * Brings an exploration home as one transaction of its parent, which can be rolled back like any other. Used by momo.ts.
 */
import { MomoError } from "../errors.ts";
import type { MergeOptions } from "../model/rollback.ts";
import { kindNumber, kindOf } from "../store/contract/kinds.ts";
import type { Moves, Receipt, Store, WriteTransaction } from "../store/contract/store.ts";
import type { OverlayHead } from "../store/journal/view.ts";
import { type Content, mergeFields } from "../store/records/merge-fields.ts";
import { changedHeads, isSame } from "./compare.ts";

interface Sides {
  parent: Store;
  view: Store;
  prefer: MergeOptions["prefer"];
}

interface Outcome {
  moves: { head: OverlayHead; from: number; previous: number }[];
  merged: { key: string; content: Content }[];
  conflicts: string[];
}

/**
 * Raises MERGE_CONFLICT with nothing changed where both sides changed an id and neither was preferred, and MERGE_SOURCE
 * where something it was derived from was taken back meanwhile and the exploration was not preferred.
 */
export function merge(sides: Sides & { name: string }, options: MergeOptions): Receipt {
  const { parent, view, name } = sides;
  const { agent, intent } = options;
  const tx = parent.begin({ agent, kind: "merge", ...(intent !== undefined && { intent }) });
  try {
    const outcome = decide(sides);
    outcome.conflicts.push(...brokenRelations(sides, outcome));
    if (outcome.conflicts.length > 0) {
      throw new MomoError("MERGE_CONFLICT", {
        name,
        count: outcome.conflicts.length,
        id: outcome.conflicts[0]!,
      });
    }
    refuseTakenBack(sides);
    write(tx, outcome);
    for (const { vid, declared } of view.journal.reads()) tx.read(vid, declared ? "declared" : "weak");
    tx.describe({ name, branch: view.branch, digest_of: view.digest() });
    tx.drop(view.branch);
    return tx.commit();
  } catch (error) {
    tx.abort();
    throw error;
  }
}

/** Three sides a key: at the fork, in the parent now, in the exploration. */
function decide({ parent, view, prefer }: Sides): Outcome {
  const heads = changedHeads(view);
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
    if (content) outcome.merged.push({ key, content });
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
function isTakenBack({ journal }: Store, id: string, vid: number): boolean {
  const { kid, kind } = journal.kidOf(id)!;
  for (const link of journal.chain(kid, kindNumber(kind))) {
    if (link.writes && link.to === vid) return journal.undone([link.seq, link.seq]).length > 0;
  }
  return false;
}

function mergeOf(
  store: Store,
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
    const key = parent.journal.kidOf(id);
    if (key?.kind !== "entry") return true;
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

function write(tx: WriteTransaction, { moves, merged }: Outcome): void {
  const columns: Moves = {
    kid: Float64Array.from(moves, ({ head }) => head.kid),
    kind: Uint8Array.from(moves, ({ head }) => head.kind),
    from: Float64Array.from(moves, ({ from }) => from),
    to: Float64Array.from(moves, ({ head }) => head.vid),
    previous: Float64Array.from(moves, ({ previous }) => previous),
  };
  tx.move(columns);
  for (const { key, content } of merged) {
    const { body, text } = content;
    tx.put({ key, kind: "entry", body, ...(text && { text }) });
  }
}
