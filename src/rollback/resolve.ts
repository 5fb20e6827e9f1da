/**
 * Where each key must point once some of its writes stop counting and others count again: at the newest write that
 * then counts. Says where a later write by somebody else is in the way. Used by plan.ts.
 */

import type { ChainLink, JournalView, Operations } from "../store/contract/journal.ts";
import { kindOf } from "../store/contract/kinds.ts";
import type { WriteSet } from "./write-set.ts";

/** One place for each key that a plan touches, as parallel arrays. */
export interface Resolution {
  kids: Float64Array;
  kind: Uint8Array;
  /** The head as it is, and the sequence number of the last operation on the key. */
  vid: Float64Array;
  seq: Float64Array;
  to: Float64Array;
  /** Keys with later writes that are not part of it, by place. */
  conflicts: Map<number, KeyConflict>;
  /** Keys whose older state was dropped by compaction. */
  lost: Set<number>;
}

export interface KeyConflict {
  /** Later writes that count, newest first. */
  others: ChainLink[];
  /** Version to point at when they give way. */
  forced: number;
}

export interface Change {
  /** Writes that stop counting, and writes that count again. */
  dead: WriteSet;
  live: WriteSet;
  /** A rewind removes everything that came later, so nobody's write can be in the way. */
  isRewind: boolean;
  /** Operations of the transaction that a redo reverses, while it reverses nothing else. */
  redone: Operations | undefined;
  /** Last operation of the transaction that a redo reverses: only what was written after it can be in the way. */
  since: number | undefined;
}

/** Of these keys, by default of all that change. */
export function resolve(
  journal: JournalView,
  change: Change,
  kids = Float64Array.from(new Set([...change.dead.newest.keys(), ...change.live.newest.keys()])),
): Resolution {
  const { kind, vid, seq } = journal.pointers(kids);
  const resolution: Resolution = {
    kids,
    kind,
    vid,
    seq,
    to: new Float64Array(kids.length),
    conflicts: new Map(),
    lost: new Set(),
  };
  for (let i = 0; i < kids.length; i++) {
    const before = stateBefore(change, kids[i]!, seq[i]!);
    if (before === undefined) follow(journal, resolution, { i, change });
    else resolution.to[i] = before;
  }
  return resolution;
}

/**
 * The usual case: nothing happened on the key after what is reversed, and nothing in between. Then it must point again
 * at what it pointed at before. undefined in any other case.
 */
function stateBefore({ dead, live, redone }: Change, kid: number, lastOnKey: number): number | undefined {
  if (redone && lastOnKey >= redone.first && lastOnKey < redone.first + redone.count) {
    let i = lastOnKey - redone.first;
    while (redone.previous[i]! >= redone.first) i = redone.previous[i]! - redone.first;
    return redone.from[i]!;
  }
  let at = dead.newest.get(kid) ?? -1;
  if (live.newest.has(kid) || at < 0 || dead.seq[at] !== lastOnKey) return undefined;
  for (let older = dead.older[at]!; older >= 0; older = dead.older[at]!) {
    if (dead.previous[at] !== dead.seq[older]) return undefined;
    at = older;
  }
  return dead.from[at]!;
}

/** Any case: walks the key's operations from the newest back to the oldest that changes. */
function follow(
  journal: JournalView,
  resolution: Resolution,
  { i, change }: { i: number; change: Change },
): void {
  const kid = resolution.kids[i]!;
  const [takenBack, broughtBack] = [change.dead.of(kid), change.live.of(kid)];
  const [dead, live] = [new Set(takenBack), new Set(broughtBack)];
  const oldest = Math.min(
    takenBack.at(-1) ?? Number.POSITIVE_INFINITY,
    broughtBack.at(-1) ?? Number.POSITIVE_INFINITY,
  );
  const since = Math.max(oldest, change.since ?? 0);
  const others: ChainLink[] = [];
  let to: number | undefined;
  let forced: number | undefined;
  let before = resolution.vid[i]!;
  let crossesHorizon = false;
  const horizon = journal.horizon();
  for (const link of journal.chain(kid, resolution.kind[i]!)) {
    if (link.seq < oldest && to !== undefined && forced !== undefined) break;
    if (!link.writes) {
      crossesHorizon ||= targetsBefore(link, horizon);
      continue;
    }
    before = link.from;
    const counts = live.has(link.seq) || (!dead.has(link.seq) && isCounted(journal, link.seq));
    if (!counts) continue;
    to ??= link.to;
    if (link.seq > since && !live.has(link.seq)) others.push(link);
    else forced ??= link.to;
  }
  if (crossesHorizon && (to === undefined || forced === undefined)) resolution.lost.add(i);
  const [kept, without] = [to ?? before, forced ?? before];
  resolution.to[i] = kept;
  if (change.isRewind || others.length === 0 || isSameContent(journal, kept, without)) return;
  resolution.conflicts.set(i, { others, forced: without });
}

const isCounted = (journal: JournalView, seq: number): boolean => journal.undone([seq, seq]).length === 0;

/** Whether an undo changed which writes count before the horizon: then the state there is not known any more. */
function targetsBefore({ transaction }: ChainLink, horizon: number): boolean {
  const { dead = [], live = [] } = transaction.detail;
  // In order, so the first of each says it: this is asked for every key that the undo moved.
  return [dead[0], live[0]].some((range) => range !== undefined && range[0] <= horizon);
}

function isSameContent(journal: JournalView, a: number, b: number): boolean {
  if (a === b) return true;
  const [one, other] = [a ? journal.leaf(a) : undefined, b ? journal.leaf(b) : undefined];
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
}

export const kindAt = ({ kind }: Resolution, i: number): ReturnType<typeof kindOf> => kindOf(kind[i]!);
