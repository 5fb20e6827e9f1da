/**
 * Plans a rollback, redo or rewind: which writes stop or start counting, where each key will point, and what stands in
 * the way. Pure: reads one state of the store and changes nothing; apply.ts carries a plan out.
 */

import { hash } from "node:crypto";
import { canonicalJson } from "../model/canonical-json.ts";
import type { JournalTransaction, JournalView } from "../store/contract/journal.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import type { SeqRange } from "../store/contract/transaction.ts";
import type { Moves } from "../store/contract/write.ts";
import { toRanges } from "../store/records/ranges.ts";
import { extend, followCascade } from "./cascade.ts";
import { type Draft, type Found, findObstacles, type MergedVersion } from "./draft.ts";
import type { Dependents, Obstacle, Restored } from "./obstacles.ts";
import { oddly, without } from "./ranges.ts";
import type { Intent, PlanRequest } from "./request.ts";
import { type Change, type Resolution, resolve } from "./resolve.ts";
import { type Mark, marksFor } from "./set-aside.ts";
import { WriteSet, writesIn } from "./write-set.ts";

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

/** Grows with what is erased or dropped, which moves no head. */
export const lossesIn = (journal: JournalView): number => journal.said("erase").length + journal.horizon();

export const planOn = (store: StoreReader, intent: Intent): Plan =>
  store.snapshot(() => makePlan(store, intent));

function makePlan(store: StoreReader, intent: Intent): Plan {
  const { journal } = store;
  const request = intent(journal);
  const { policy } = request;
  const cascade = new Map<number, JournalTransaction>();
  const restores = new Map<string, Restored>();
  const skipped = new Set<number>();
  const seen = new Map<string, Obstacle>();
  const see = (obstacles: readonly Obstacle[]): void => {
    for (const obstacle of obstacles) seen.set(nameOf(obstacle), obstacle);
  };
  let change = firstChange(journal, request);
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
    see(found.all);
    if (policy === "cascade") {
      const more = extend(draft, found.obstacles);
      // What comes back with it, or that it is no plain redo any more, changes what every key comes to.
      if (!more.isRestoring && !change.redone) followCascade(draft, more.added, see);
      if (more.isRestoring || more.added.length > 0) {
        const dead = writesOf(journal, request, cascade);
        change = { ...change, dead, live: returning(journal, request, restores), redone: undefined };
        continue;
      }
    }
    if ((policy === "skip" || policy === "quarantine") && leave(draft, found.obstacles)) continue;
    return finish(draft, { ...found, all: [...seen.values()] });
  }
}

function firstChange(journal: JournalView, request: PlanRequest): Change {
  const reversed = request.of === undefined ? undefined : journal.transaction(request.of);
  return {
    dead: writesOf(journal, request, new Map()),
    live: request.live,
    isRewind: request.action === "rewind",
    redone: reversed && journal.operations(reversed),
    since: reversed?.last,
  };
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
