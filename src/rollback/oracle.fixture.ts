/** Plans on the model, written for clarity and not for speed: what plan.ts must come to by other means. */
import type { RollbackPolicy } from "../model/rollback.ts";
import { markKey } from "../store/records/marks.ts";
import {
  edgeOf,
  type Model,
  type ModelTransaction,
  type ModelWrite,
  type Recorded,
} from "./model.fixture.ts";

export interface ModelRequest {
  action: "rollback" | "redo" | "rewind";
  policy: RollbackPolicy;
  dead: ModelWrite[];
  live: ModelWrite[];
  of?: number;
}

export interface ModelPlan {
  dead: Set<ModelWrite>;
  live: Set<ModelWrite>;
  /** Keys whose heads are moved, also to where they are. */
  moved: string[];
  /** Content of each key that is merged. */
  merged: Map<string, string>;
  marked: string[];
  residue: string[];
  /** Transactions that were not asked for: taken back as well, or brought back as well. */
  cascade: number[];
  restores: number[];
  blocked: boolean;
}

interface Draft {
  model: Model;
  request: ModelRequest;
  dead: Set<ModelWrite>;
  live: Set<ModelWrite>;
  skipped: Set<string>;
  merged: Map<string, string>;
  cascade: Set<ModelTransaction>;
  restores: Set<ModelWrite>;
}

interface Obstacle {
  key: string;
  /** What a cascade takes back as well. */
  by?: ModelTransaction;
  /** What it brings back as well. */
  back?: ModelWrite[];
}

export function planIn(model: Model, request: ModelRequest): ModelPlan {
  const { policy } = request;
  const [dead, live] = [new Set(request.dead), new Set(request.live)];
  const cascade = new Set<ModelTransaction>();
  const draft: Draft = {
    model,
    request,
    dead,
    live,
    cascade,
    skipped: new Set(),
    merged: new Map(),
    restores: new Set(),
  };
  for (;;) {
    draft.merged.clear();
    const obstacles = [
      ...[conflicts(draft), derived(draft), outside(draft)].flat(),
      ...(policy === "force" || policy === "quarantine"
        ? []
        : sourceless(draft).filter(({ declared }) => declared)),
    ];
    const size = (): number => cascade.size + draft.skipped.size + draft.restores.size;
    const before = size();
    for (const { key, by, back = [] } of obstacles) {
      if (policy === "cascade" && by) cascade.add(by);
      if (policy === "cascade") for (const write of back) draft.restores.add(write);
      if (policy === "skip" || policy === "quarantine") draft.skipped.add(key);
    }
    if (size() === before) return finish(draft, obstacles.length > 0);
    for (const one of cascade) for (const write of model.live(one)) draft.dead.add(write);
    for (const write of draft.restores) draft.live.add(write);
  }
}

const touched = ({ dead, live, skipped }: Draft): string[] =>
  [...new Set([...dead, ...live].map(({ key }) => key))].filter((key) => !skipped.has(key));

function conflicts(draft: Draft): Obstacle[] {
  const { model, request } = draft;
  const found: Obstacle[] = [];
  for (const key of touched(draft)) {
    const others = conflicting(draft, key);
    if (others.length === 0 || request.policy === "force") continue;
    const merged = request.policy === "merge" ? merge(draft, key) : undefined;
    if (merged !== undefined) draft.merged.set(key, merged);
    else for (const { transaction } of others) found.push({ key, by: model.transaction(transaction)! });
  }
  return found;
}

/** Writes of a key that count once it is done. */
const left = ({ model, dead, live }: Draft, key: string): ModelWrite[] =>
  model.on(key).filter((write) => live.has(write) || (model.counts(write) && !dead.has(write)));

const contentOf = (writes: readonly ModelWrite[]): string => writes.at(-1)?.content ?? "";

/** Later writes by others that count, unless the key would hold the same with and without them. */
function conflicting(draft: Draft, key: string): ModelWrite[] {
  const { model, request, dead, live } = draft;
  if (request.action === "rewind") return [];
  const oldest = model.on(key).find((write) => dead.has(write) || live.has(write))!.seq;
  // What a redo brings back was there before: only what was written since it went can be in the way.
  const since = request.of === undefined ? oldest : Math.max(oldest, model.transaction(request.of)!.last);
  const kept = left(draft, key);
  const others = kept.filter((write) => write.seq > since && !live.has(write));
  const without = kept.filter((write) => !others.includes(write));
  return contentOf(kept) === contentOf(without) ? [] : others;
}

/** Live transactions that rest on what is taken back, and are not taken back with it. */
function readersOf({
  model,
  request,
  dead,
  skipped,
}: Draft): { on: ModelWrite; by: ModelTransaction; declared: boolean }[] {
  const taken = [...dead].filter(({ key }) => !skipped.has(key));
  const since = request.of === undefined ? 0 : model.transaction(request.of)!.last;
  const later = model.transactions.filter(({ last }) => last > since);
  return taken.flatMap((on) =>
    later.flatMap((by) => {
      const reads = by.reads.filter(({ vid }) => on.vid > 0 && vid === on.vid);
      const live = model.live(by);
      if (reads.length === 0 || live.every((write) => taken.includes(write))) return [];
      return [{ on, by, declared: reads.some(({ declared }) => declared) }];
    }),
  );
}

function derived(draft: Draft): Obstacle[] {
  const { action, policy } = draft.request;
  if (action === "rewind" || policy === "force" || policy === "quarantine") return [];
  return readersOf(draft)
    .filter(({ declared }) => declared)
    .map(({ on, by }) => ({ key: on.key, by }));
}

/** Writes that a redo brings back although they read what somebody took back after what it reverses. */
function sourceless(draft: Draft): (Obstacle & { declared: boolean })[] {
  const { model, request, live, skipped } = draft;
  if (request.of === undefined) return [];
  const back = [...live].filter(({ key }) => !skipped.has(key));
  return back.flatMap((write) =>
    model.transaction(write.transaction)!.reads.flatMap(({ vid, declared }) => {
      const source = model.writes.find((one) => one.vid === vid)!;
      const by = back.includes(source) ? 0 : (model.takenBy(source) ?? 0);
      if (by < request.of!) return [];
      const all = model.transaction(source.transaction)!.own.filter((one) => model.takenBy(one) === by);
      return [{ key: write.key, declared, back: all }];
    }),
  );
}

/** Taking back what also happened outside stops everything but force. */
function outside({ model, request, dead, skipped, cascade }: Draft): Obstacle[] {
  if (request.action !== "rollback" || request.policy === "force") return [];
  const asked = new Set([
    ...request.dead.map(({ transaction }) => model.transaction(transaction)!),
    ...cascade,
  ]);
  return [...dead].flatMap(({ key, transaction }) => {
    const by = model.transaction(transaction)!;
    return by.irreversible && asked.has(by) && !skipped.has(key) ? [{ key, by }] : [];
  });
}

/** The inverse of each change, applied to what the key holds now, newest change first. */
function merge({ model, dead, live }: Draft, key: string): string | undefined {
  if (edgeOf(key) || model.on(key).some((write) => live.has(write))) return undefined;
  let content: string | undefined = model.content(key);
  for (const write of model.on(key).toReversed()) {
    if (!dead.has(write) || content === undefined) continue;
    content = mergeContent(write.content, content, write.before);
  }
  return content;
}

type Fields = Record<string, number | undefined>;

/** Undefined where both sides changed a field. */
export function mergeContent(base: string, ours: string, theirs: string): string | undefined {
  if (!base || !ours || !theirs) return undefined;
  const [from, own, wanted]: Fields[] = [base, ours, theirs].map((content) => JSON.parse(content));
  const merged: Fields = {};
  for (const name of ["x", "y"]) {
    if (own![name] === from![name]) merged[name] = wanted![name];
    else if (wanted![name] === from![name] || wanted![name] === own![name]) merged[name] = own![name];
    else return undefined;
  }
  return JSON.stringify(merged);
}

function finish(draft: Draft, isStopped: boolean): ModelPlan {
  const { request, skipped, cascade } = draft;
  const dead = new Set([...draft.dead].filter(({ key }) => !skipped.has(key)));
  const live = new Set([...draft.live].filter(({ key }) => !skipped.has(key)));
  const keys = touched(draft);
  const marked = request.policy === "quarantine" && request.action !== "rewind" ? marks(draft) : [];
  if (request.policy === "force") {
    for (const key of keys) for (const write of conflicting(draft, key)) dead.add(write);
  }
  const merged = new Map(
    [...draft.merged].filter(([key, content]) => content !== contentOf(left(draft, key))),
  );
  const asked = new Set(request.dead.map(({ transaction }) => transaction));
  return {
    dead,
    live,
    merged,
    marked,
    moved: keys,
    residue: [...skipped].sort(),
    cascade: [...cascade].map(({ number }) => number).filter((number) => !asked.has(number)),
    restores: [...new Set([...draft.restores].map(({ transaction }) => transaction))],
    blocked: isStopped && !(request.policy === "skip" || request.policy === "quarantine"),
  };
}

/** Keys that stay although what they rest on goes, unless this version of them is marked once it is done. */
function marks(draft: Draft): string[] {
  const { model, dead, skipped } = draft;
  const standing = readersOf(draft).flatMap(({ by }) => model.live(by).map(({ key }) => key));
  const written = new Set([...dead].map(({ key }) => key));
  const returned = sourceless(draft).map(({ key }) => key);
  const wanted = new Set([...skipped, ...standing.filter((key) => !written.has(key)), ...returned]);
  const moved = touched(draft);
  return [...wanted]
    .filter((key) => {
      const own = markKey(key);
      const head = moved.includes(key) ? left(draft, key).at(-1) : model.head(key);
      if (!head?.vid || key.startsWith(markKey(""))) return false;
      const mark = moved.includes(own) ? contentOf(left(draft, own)) : model.content(own);
      return mark === "" || JSON.parse(mark).version !== head.vid;
    })
    .sort();
}

/** Reverses what a transaction changed and nobody changed since; undefined when there is none to reverse. */
export function redoIn(
  model: Model,
  number: number | undefined,
  policy: RollbackPolicy,
): ModelRequest | undefined {
  const transaction = number === undefined ? model.newestUndo() : model.transaction(number);
  if (!transaction) return undefined;
  const inForce = (write: ModelWrite): boolean => model.isInForce(transaction, write);
  return {
    action: "redo",
    policy,
    of: transaction.number,
    dead: [...transaction.live, ...transaction.own].filter(inForce),
    live: transaction.dead.filter(inForce),
  };
}

/** Which writes counted is known for each recorded state. */
export function rewindIn(model: Model, { seq, dead }: Recorded): ModelRequest {
  const counted = (write: ModelWrite): boolean => write.seq <= seq && !dead.has(write);
  return {
    action: "rewind",
    policy: "block",
    dead: model.writes.filter((write) => model.counts(write) && !counted(write)),
    live: model.writes.filter((write) => !model.counts(write) && counted(write)),
  };
}
