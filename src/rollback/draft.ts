/** A plan that is being made, and what stands in its way. Used by plan.ts and, transaction by transaction, by cascade.ts. */
import type { ChainLink, JournalTransaction } from "../store/contract/journal.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import { contentHash, leaf } from "../store/records/digest.ts";
import { type Content, mergeFields } from "../store/records/merge-fields.ts";
import { brokenRelations, derivedFrom, findReaders, type Reading, relationChanges } from "./dependents.ts";
import type { Dependents, Obstacle, Restored } from "./obstacles.ts";
import type { Intent, PlanRequest } from "./request.ts";
import { type Change, kindAt, type Resolution } from "./resolve.ts";
import { findSources } from "./sources.ts";

export interface MergedVersion {
  kid: number;
  key: string;
  content: Content;
}

/** A plan that is being made: what it comes to so far. */
export interface Draft {
  store: StoreReader;
  intent: Intent;
  request: PlanRequest;
  change: Change;
  resolution: Resolution;
  /** Transactions that were not asked for, but go with the rest. */
  cascade: Map<number, JournalTransaction>;
  /** What a redo brings back although it was not asked for. */
  restores: Map<string, Restored>;
  /** Keys that stay as they are. */
  skipped: Set<number>;
  merged: Map<number, MergedVersion>;
}

export interface Found extends Dependents {
  /** What the policy has no way around. */
  obstacles: Obstacle[];
  all: Obstacle[];
}

export function findObstacles(draft: Draft): Found {
  const { store, request, change, skipped, cascade } = draft;
  const { obstacles: own, solved } = findConflicts(draft);
  const obstacles = [
    ...own,
    ...lostVersions(draft),
    ...irreversible(draft, new Set([...request.sources, ...cascade.values()])),
  ];
  if (change.isRewind) {
    // A state that was there is whole; only inside a transaction may a relation have lost an end.
    if (request.is_inside) for (const one of brokenBy(draft)) obstacles.push(one);
    return { obstacles, all: [...solved, ...obstacles], dependents: [] };
  }
  const broken = brokenBy(draft);
  const readers = findReaders(store.journal, readingOf(draft));
  const sources = findSources(store.journal, { ...request, live: change.live, skipped });
  const unsolved = [...obstacles, ...broken, ...derivedFrom(readers, request.policy), ...sources.obstacles];
  return {
    obstacles: unsolved,
    all: [...solved, ...unsolved],
    dependents: [...readers, ...sources.dependents],
  };
}

function brokenBy(draft: Draft): Obstacle[] {
  const to = targetsOf(draft);
  return brokenRelations(draft.store.journal, { to, ...relationChanges(draft.resolution, to) });
}

/** Later writes by somebody else, and keys whose older state is gone. */
export function findConflicts(draft: Draft): { obstacles: Obstacle[]; solved: Obstacle[] } {
  const { request, resolution, skipped } = draft;
  const obstacles: Obstacle[] = [];
  const solved: Obstacle[] = [];
  for (const i of resolution.lost) obstacles.push({ reason: "horizon", kid: resolution.kids[i]! });
  for (const [i, { others }] of resolution.conflicts) {
    const kid = resolution.kids[i]!;
    const isSolved =
      skipped.has(kid) || request.policy === "force" || (request.policy === "merge" && merge(draft, i));
    for (const by of distinct(others)) {
      (isSolved ? solved : obstacles).push({ reason: "write", kid, by });
    }
  }
  return { obstacles, solved };
}

const distinct = (links: readonly ChainLink[]): Iterable<JournalTransaction> =>
  new Map(links.map(({ transaction }) => [transaction.transaction, transaction])).values();

/** Head of each key that the plan touches, as it will be; keys that stay as they are left out. */
export function targetsOf({ request, resolution, skipped, merged }: Draft): Map<number, number> {
  const to = new Map<number, number>();
  resolution.kids.forEach((kid, i) => {
    if (skipped.has(kid) || merged.has(i)) return;
    const conflict = resolution.conflicts.get(i);
    to.set(kid, conflict && request.policy === "force" ? conflict.forced : resolution.to[i]!);
  });
  return to;
}

/** What is taken back, as those who read it see it. */
function readingOf({ change: { dead, since = 0 }, skipped }: Draft): Reading {
  const written = new Map<number, number>();
  dead.to.forEach((vid, at) => {
    if (vid > 0 && !skipped.has(dead.kid[at]!)) written.set(vid, dead.kid[at]!);
  });
  let taken: Set<number> | undefined;
  const isTaken = (seq: number): boolean => {
    taken ??= new Set(dead.seq.filter((_, at) => !skipped.has(dead.kid[at]!)));
    return taken.has(seq);
  };
  return { written, isTaken, dead, since };
}

export function lostVersions(draft: Draft): Obstacle[] {
  const { journal } = draft.store;
  if (!journal.hasLosses()) return [];
  const to = targetsOf(draft);
  const gone = journal.gone(Float64Array.from(to.values()).filter((vid) => vid > 0));
  // Of what was erased the row stays.
  const why = (vid: number): Obstacle["reason"] => (journal.leaf(vid) ? "erased" : "horizon");
  return [...to].filter(([, vid]) => gone.has(vid)).map(([kid, vid]) => ({ reason: why(vid), kid }));
}

/** Transactions that said they did something outside: only `force` goes past them. */
export function irreversible(
  { request, change, skipped }: Draft,
  among: ReadonlySet<JournalTransaction>,
): Obstacle[] {
  if (request.action !== "rollback" || request.policy === "force") return [];
  const { seq, kid } = change.dead;
  const found: Obstacle[] = [];
  for (const by of among) {
    if (!by.detail.irreversible) continue;
    const own = kid.filter((one, at) => !skipped.has(one) && by.first <= seq[at]! && seq[at]! <= by.last);
    for (const one of new Set(own)) {
      found.push({ reason: "external", kid: one, by, detail: by.detail.irreversible });
    }
  }
  return found;
}

/** Takes the selected writes out of an entry field by field; false where both sides changed one field. */
function merge(draft: Draft, i: number): boolean {
  const { store, change, resolution } = draft;
  const kid = resolution.kids[i]!;
  if (kindAt(resolution, i) !== "entry" || change.live.newest.has(kid)) return false;
  let content = contentOf(store, resolution.vid[i]!);
  for (let at = change.dead.newest.get(kid)!; at >= 0 && content; at = change.dead.older[at]!) {
    const [base, theirs] = [contentOf(store, change.dead.to[at]!), contentOf(store, change.dead.from[at]!)];
    content = base && theirs && mergeFields(base, content, theirs);
  }
  if (!content) return false;
  const key = store.journal.nameOf(kid);
  const [own, kept] = [leaf(key, contentHash(content.body, content.text)), resolution.to[i]!];
  // What the others wrote may say it already.
  const isSaid = kept > 0 && Buffer.compare(store.journal.leaf(kept)!, own) === 0;
  if (!isSaid) draft.merged.set(i, { kid, key, content });
  return true;
}

function contentOf(store: StoreReader, vid: number): Content | undefined {
  const body = vid ? store.body(vid) : undefined;
  return body && { body, text: store.text(vid) };
}
