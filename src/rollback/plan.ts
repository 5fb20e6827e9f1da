/**
 * Plans a rollback, redo or rewind: which writes stop or start counting, where each key will point, and what stands in
 * the way. Pure: reads one state of the store and changes nothing; apply.ts carries a plan out.
 */

import { hash } from "node:crypto";
import { MomoError } from "../errors.ts";
import { canonicalJson } from "../model/canonical-json.ts";
import type { RollbackPlan, RollbackPolicy, RollbackSelector } from "../model/rollback.ts";
import type { ChainLink, JournalTransaction, JournalView } from "../store/contract/journal.ts";
import { kindOf } from "../store/contract/kinds.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import type { SeqRange } from "../store/contract/transaction.ts";
import type { Moves } from "../store/contract/write.ts";
import { contentHash, leaf } from "../store/records/digest.ts";
import { decodeMark, markKey } from "../store/records/marks.ts";
import { type Content, mergeFields } from "../store/records/merge-fields.ts";
import { toRanges } from "../store/records/ranges.ts";
import { findDependents } from "./dependents.ts";
import type { Dependents, Obstacle, Restored } from "./obstacles.ts";
import { oddly, without } from "./ranges.ts";
import { type Change, kindAt, type Resolution, resolve } from "./resolve.ts";
import { findSources } from "./sources.ts";
import { isLive, WriteSet, writesIn } from "./write-set.ts";

/** What is meant, with nothing left to look up: the same request on another state shows whether a plan still holds. */
export interface PlanRequest {
  action: RollbackPlan["action"];
  policy: RollbackPolicy;
  /** Transactions that were selected; only those of their writes that `takes` accepts. */
  sources: readonly JournalTransaction[];
  takes: (kid: number, seq: number) => boolean;
  live: WriteSet;
  selector?: RollbackSelector;
  /** Transaction that a redo brings back. */
  of?: number;
  /** Sequence number that a rewind goes to. */
  to_seq?: number;
}

export interface MergedVersion {
  kid: number;
  key: string;
  content: Content;
}

export interface Mark {
  id: string;
  version: number;
  reason: string;
  /** Last operation on the mark itself: one that was released can be set again. */
  seq: number;
}

/** Makes the request on the state that is planned on: what is meant by "the newest undo" depends on it. */
export type Intent = (journal: JournalView) => PlanRequest;

export interface Plan {
  hash: string;
  intent: Intent;
  request: PlanRequest;
  base_seq: number;
  losses: number;
  moves: Moves;
  merged: MergedVersion[];
  marks: Mark[];
  dead: SeqRange[];
  live: SeqRange[];
  residue: SeqRange[];
  residueKids: number[];
  cascade: number[];
  restores: number[];
  /** All that was met, and what the policy has no way around. */
  obstacles: Obstacle[];
  unsolved: Obstacle[];
  dependents: Dependents["dependents"];
  blocked: boolean;
}

/** Further than this a cascade is not followed: it would take back most of what there is. */
const MAX_CASCADE = 10_000;

/** Grows with what is erased or dropped, which moves no head. */
export const lossesIn = (journal: JournalView): number => journal.said("erase").length + journal.horizon();

export const planOn = (store: StoreReader, intent: Intent): Plan =>
  store.snapshot(() => makePlan(store, intent));

interface Draft {
  store: StoreReader;
  intent: Intent;
  request: PlanRequest;
  change: Change;
  resolution: Resolution;
  /** Transactions that were not asked for, but go with the rest. */
  cascade: ReadonlyMap<number, JournalTransaction>;
  /** What a redo brings back although it was not asked for. */
  restores: ReadonlyMap<string, Restored>;
  /** Keys that stay as they are. */
  skipped: Set<number>;
  merged: Map<number, MergedVersion>;
}

function makePlan(store: StoreReader, intent: Intent): Plan {
  const { journal } = store;
  const request = intent(journal);
  const { policy } = request;
  const cascade = new Map<number, JournalTransaction>();
  const restores = new Map<string, Restored>();
  const skipped = new Set<number>();
  const seen = new Map<string, Obstacle>();
  let dead = writesOf(journal, request, cascade);
  const reversed = request.of === undefined ? undefined : journal.transaction(request.of);
  let change: Change = {
    dead,
    live: request.live,
    isRewind: request.action === "rewind",
    redone: reversed && journal.operations(reversed),
    since: reversed?.last,
  };
  for (;;) {
    const resolution = resolve(journal, change);
    const draft: Draft = {
      store,
      intent,
      request,
      change,
      resolution,
      cascade,
      restores,
      skipped,
      merged: new Map(),
    };
    const found = findObstacles(draft);
    for (const obstacle of found.all) seen.set(nameOf(obstacle), obstacle);
    if (policy === "cascade" && extend(journal, { cascade, restores }, found)) {
      dead = writesOf(journal, request, cascade);
      change = { ...change, dead, live: returning(journal, request, restores), redone: undefined };
      continue;
    }
    if ((policy === "skip" || policy === "quarantine") && leave(draft, found.obstacles)) continue;
    return finish(draft, { ...found, all: [...seen.values()] });
  }
}

const nameOf = ({ reason, kid, by }: Obstacle): string => `${reason} ${kid} ${by?.transaction ?? ""}`;

function writesOf(
  journal: JournalView,
  { sources, takes }: PlanRequest,
  cascade: ReadonlyMap<number, JournalTransaction>,
): WriteSet {
  const all = new Map(sources.map((transaction) => [transaction.transaction, transaction]));
  for (const [number, transaction] of cascade) all.set(number, transaction);
  const writes = new WriteSet();
  for (const transaction of [...all.values()].toSorted((a, b) => a.first - b.first)) {
    writes.addLive(journal, transaction, cascade.has(transaction.transaction) ? undefined : takes);
  }
  return writes;
}

/** What a redo was asked for, with what that rests on. */
function returning(journal: JournalView, { live }: PlanRequest, restores: Draft["restores"]): WriteSet {
  if (restores.size === 0) return live;
  const more = [...restores.values()].flatMap(({ writes }) => writes);
  return writesIn(journal, oddly([...live.ranges(), ...without(more, live.ranges())]));
}

interface Found extends Dependents {
  /** What the policy has no way around. */
  obstacles: Obstacle[];
  all: Obstacle[];
}

function findObstacles(draft: Draft): Found {
  const { store, request, change, resolution, skipped } = draft;
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
  obstacles.push(...lostVersions(draft), ...irreversible(draft));
  if (change.isRewind) return { obstacles, all: obstacles, dependents: [] };
  const targets = targetsOf(draft);
  const { obstacles: more, dependents } = findDependents(store, { draft: targets, policy: request.policy });
  const sources = findSources(store.journal, { ...request, live: change.live, skipped });
  const unsolved = [...obstacles, ...more, ...sources.obstacles];
  return {
    obstacles: unsolved,
    all: [...solved, ...unsolved],
    dependents: [...dependents, ...sources.dependents],
  };
}

const distinct = (links: readonly ChainLink[]): Iterable<JournalTransaction> =>
  new Map(links.map(({ transaction }) => [transaction.transaction, transaction])).values();

/** Head of each key that the plan touches, as it will be. */
function targetsOf({ request, resolution, change, skipped, merged }: Draft) {
  const to = new Map<number, number>();
  resolution.kids.forEach((kid, i) => {
    if (skipped.has(kid) || merged.has(i)) return;
    const conflict = resolution.conflicts.get(i);
    to.set(kid, conflict && request.policy === "force" ? conflict.forced : resolution.to[i]!);
  });
  return { to, resolution, dead: change.dead, skipped, since: change.since ?? 0 };
}

function lostVersions(draft: Draft): Obstacle[] {
  const { journal } = draft.store;
  if (!journal.hasLosses()) return [];
  const { to } = targetsOf(draft);
  const gone = journal.gone(Float64Array.from(to.values()).filter((vid) => vid > 0));
  return [...to].filter(([, vid]) => gone.has(vid)).map(([kid]) => ({ reason: "horizon", kid }));
}

/** Transactions that said they did something outside: only `force` goes past them. */
function irreversible({ request, change, skipped, cascade }: Draft): Obstacle[] {
  if (request.action !== "rollback" || request.policy === "force") return [];
  const { seq, kid } = change.dead;
  const found: Obstacle[] = [];
  for (const by of new Set([...request.sources, ...cascade.values()])) {
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

/** Adds the transactions that stand in the way to what is taken back; false when there are no more. */
function extend(
  journal: JournalView,
  { cascade, restores }: { cascade: Map<number, JournalTransaction>; restores: Map<string, Restored> },
  { obstacles }: Found,
): boolean {
  const before = cascade.size + restores.size;
  for (const { by, source } of obstacles) {
    if (source) restores.set(`${source.transaction} ${source.by}`, source);
    else if (by && isLive(journal, by)) cascade.set(by.transaction, by);
  }
  const count = cascade.size + restores.size;
  if (count > MAX_CASCADE) throw new MomoError("CASCADE_TOO_LARGE", { count });
  return count > before;
}

/** Leaves the keys that something stands in the way of as they are; false when there are no more. */
function leave({ skipped, resolution }: Draft, obstacles: readonly Obstacle[]): boolean {
  const before = skipped.size;
  const own = new Set(resolution.kids);
  for (const { kid } of obstacles) if (own.has(kid)) skipped.add(kid);
  return skipped.size > before;
}

function finish(draft: Draft, found: Found): Plan {
  const { store, request, change, skipped, merged, resolution } = draft;
  const clobbered = request.policy === "force" ? conflictingSeqs(draft) : [];
  const marks = request.policy === "quarantine" ? marksFor(draft, found) : [];
  const dead = joined(change.dead.ranges(skipped), clobbered);
  const live = change.live.ranges(skipped);
  const moves = movesOf(draft);
  const unsolved = found.obstacles.filter(({ kid }) => !skipped.has(kid));
  const plan = {
    intent: draft.intent,
    request,
    base_seq: store.seq(),
    losses: lossesIn(store.journal),
    moves,
    merged: [...merged.values()],
    marks,
    dead,
    live,
    residue: change.dead.rangesOf(skipped),
    residueKids: [...skipped],
    cascade: [...draft.cascade.keys()].filter(
      (number) => !request.sources.some((own) => own.transaction === number),
    ),
    restores: [...new Set(Array.from(draft.restores.values(), ({ transaction }) => transaction))],
    obstacles: found.all,
    unsolved,
    dependents: found.dependents,
    blocked: unsolved.length > 0,
  };
  return { ...plan, hash: hashOf(plan, resolution) };
}

/** The later writes that `force` overrides: taken back with the rest, so that a redo brings them again. */
function conflictingSeqs({ resolution, skipped }: Draft): SeqRange[] {
  const seqs: number[] = [];
  for (const [i, { others }] of resolution.conflicts) {
    if (!skipped.has(resolution.kids[i]!)) for (const { seq } of others) seqs.push(seq);
  }
  return toRanges(seqs.sort((a, b) => a - b));
}

const joined = (a: SeqRange[], b: SeqRange[]): SeqRange[] =>
  b.length === 0 ? a : [...a, ...b].sort(([one], [other]) => one - other);

/** What is left standing on what is taken back: kept, but out of retrieval. */
function marksFor(draft: Draft, { dependents }: Found): Mark[] {
  const { store, skipped, resolution } = draft;
  const { to } = targetsOf(draft);
  const marks = new Map<string, Mark>();
  const add = (kid: number, reason: string): void => {
    const mark = markFor(store, { kid, reason }, to);
    if (mark) marks.set(mark.id, mark);
  };
  const conflicting = new Set([...resolution.conflicts.keys()].map((i) => resolution.kids[i]!));
  for (const kid of skipped) {
    add(kid, conflicting.has(kid) ? "written on top of what was taken back" : "needed by what was kept");
  }
  for (const { kids, strength } of dependents) {
    for (const kid of kids) add(kid, `derived from what was taken back (${strength} read)`);
  }
  return [...marks.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** undefined for what has no version to mark, and for a version that will be marked anyway. */
function markFor(
  store: StoreReader,
  { kid, reason }: { kid: number; reason: string },
  to: ReadonlyMap<number, number>,
): Mark | undefined {
  const id = store.journal.nameOf(kid);
  const { kind } = store.journal.pointers(Float64Array.of(kid));
  const head = store.head(id, kindOf(kind[0]!));
  // What comes back is marked as it will be.
  const version = to.get(kid) ?? head?.vid;
  if (!version || kindOf(kind[0]!) === "mark") return undefined;
  const own = store.journal.kidOf(markKey(id), "mark")?.kid ?? 0;
  const mark = to.get(own) ?? store.head(markKey(id), "mark")?.vid;
  if (mark && decodeMark(store.body(mark)!).version === version) return undefined;
  const seq = own && store.journal.pointers(Float64Array.of(own)).seq[0]!;
  return { id, version, reason, seq };
}

/**
 * Every key keeps an operation of this, also one whose head stays: later plans look no further back than that. A merged
 * one goes to what the others wrote before it gets its new version, as if that had been written there.
 */
function movesOf({ request, resolution, skipped }: Draft): Moves {
  const { kids, kind, vid, seq } = resolution;
  const to = resolution.to.slice();
  if (request.policy === "force") for (const [i, { forced }] of resolution.conflicts) to[i] = forced;
  const moves = { kid: kids, kind, from: vid, to, previous: seq };
  if (skipped.size === 0) return moves;
  const isKept = (_: number, i: number): boolean => !skipped.has(kids[i]!);
  return {
    kid: kids.filter(isKept),
    kind: kind.filter(isKept),
    from: vid.filter(isKept),
    to: to.filter(isKept),
    previous: seq.filter(isKept),
  };
}

/**
 * Covers what would change and what was seen, but not the sequence number of the store: traffic elsewhere leaves a plan
 * as it is. The last operation of each key is part of it, so a head that left and came back counts as moved.
 */
function hashOf(plan: Omit<Plan, "hash">, { kids, vid, seq }: Resolution): string {
  const { request, moves, merged, marks, dead, live, obstacles, dependents } = plan;
  const said = canonicalJson({
    action: request.action,
    policy: request.policy,
    of: request.of,
    to_seq: request.to_seq,
    dead,
    live,
    marks,
    merged: merged.map(({ key, content }) => [key, ...[content.body, content.text ?? ""].map(digest)]),
    obstacles: obstacles.map(({ reason, kid, by }) => [reason, kid, by?.transaction]),
    dependents: dependents.map(({ transaction, strength, kids: all }) => [
      transaction.transaction,
      strength,
      all,
    ]),
  });
  const numbers = [kids, vid, seq, moves.kid, moves.to].map((list) => new Uint8Array(list.buffer));
  return hash("sha256", Buffer.concat([Buffer.from(said), ...numbers])).slice(0, 32);
}

const digest = (content: Uint8Array | string): string => hash("sha256", content);
