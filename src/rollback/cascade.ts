/**
 * Takes back what stands in the way, and what stands in the way of that, and so on. Each round looks only at the keys
 * that the transactions of the round before wrote, so a long chain takes as long as its writes. Used by plan.ts, which
 * plans everything once more with what was found.
 */
import { MomoError } from "../errors.ts";
import type { JournalTransaction } from "../store/contract/journal.ts";
import { brokenRelations, derivedFrom, findReaders, relationChanges } from "./dependents.ts";
import { type Draft, findConflicts, irreversible, lostVersions, targetsOf } from "./draft.ts";
import type { Obstacle } from "./obstacles.ts";
import { type Resolution, resolve } from "./resolve.ts";
import { isLive } from "./write-set.ts";

/** Further than this a cascade is not followed: it would take back most of what there is. */
const MAX_CASCADE = 10_000;

/** Adds the transactions that stand in the way to what is taken back, and what a redo needs to what it brings back. */
export function extend(
  { store, cascade, restores }: Draft,
  obstacles: readonly Obstacle[],
): { added: JournalTransaction[]; isRestoring: boolean } {
  const added: JournalTransaction[] = [];
  const before = restores.size;
  for (const { by, source } of obstacles) {
    if (source) restores.set(`${source.transaction} ${source.by}`, source);
    else if (by && !cascade.has(by.transaction) && isLive(store.journal, by)) {
      cascade.set(by.transaction, by);
      added.push(by);
    }
  }
  const count = cascade.size + restores.size;
  if (count > MAX_CASCADE) throw new MomoError("CASCADE_TOO_LARGE", { count });
  return { added, isRestoring: restores.size > before };
}

/** Round after round until nothing more is added. `draft` is planned already, without what was `added` to it since. */
export function followCascade(
  draft: Draft,
  added: readonly JournalTransaction[],
  see: (obstacles: readonly Obstacle[]) => void,
): void {
  if (added.length === 0) return;
  const rounds = new Rounds(draft);
  for (let next = added; next.length > 0; ) {
    const obstacles = rounds.take(next);
    see(obstacles);
    next = extend(draft, obstacles).added;
  }
}

/** What the plan comes to, kept up as transactions are added to what it takes back. */
class Rounds {
  readonly #draft: Draft;
  readonly #to: Map<number, number>;
  readonly #taken: Set<number>;
  /** Entries that would be gone. */
  readonly #removed = new Set<number>();
  /** Relations that would point at another version than now, and those at each end. */
  readonly #joined = new Map<number, number>();
  readonly #joinedAt = new Map<number, Set<number>>();

  constructor(draft: Draft) {
    this.#draft = draft;
    this.#to = targetsOf(draft);
    this.#taken = new Set(draft.change.dead.seq);
    this.#follow(draft.resolution);
  }

  /** What stands in the way of these, now that they are taken back as well. */
  take(added: readonly JournalTransaction[]): Obstacle[] {
    const { store, request, change } = this.#draft;
    const { kids, written } = this.#add(added);
    const resolution = resolve(store.journal, change, kids);
    const draft = { ...this.#draft, resolution };
    for (const [kid, vid] of targetsOf(draft)) this.#to.set(kid, vid);
    const broken = this.#brokenBy(resolution);
    const isTaken = (seq: number): boolean => this.#taken.has(seq);
    const { dead, since = 0 } = change;
    const readers = findReaders(store.journal, { written, isTaken, dead, since });
    const numbers = new Set(added.map(({ transaction }) => transaction));
    // A source of which only a part was meant goes whole now.
    const whole = new Set([...request.sources.filter((own) => numbers.has(own.transaction)), ...added]);
    return [
      ...findConflicts(draft).obstacles,
      ...lostVersions(draft),
      ...irreversible(draft, whole),
      ...broken,
      ...derivedFrom(readers, request.policy),
    ];
  }

  /** Keys that they wrote, in the order of a plan; versions that they wrote, with their keys. */
  #add(added: readonly JournalTransaction[]): {
    kids: Float64Array<ArrayBuffer>;
    written: Map<number, number>;
  } {
    const { store, change } = this.#draft;
    const { dead } = change;
    const before = dead.size;
    for (const transaction of added.toSorted((a, b) => a.first - b.first))
      dead.addLive(store.journal, transaction);
    const written = new Map<number, number>();
    const fresh = new Set<number>();
    for (let at = before; at < dead.size; at++) {
      fresh.add(dead.kid[at]!);
      this.#taken.add(dead.seq[at]!);
      if (dead.to[at]! > 0) written.set(dead.to[at]!, dead.kid[at]!);
    }
    return { kids: this.#ordered(fresh), written };
  }

  /** By the oldest write that is taken back. */
  #ordered(kids: Iterable<number>): Float64Array<ArrayBuffer> {
    const { dead } = this.#draft.change;
    const oldest = Array.from(kids, (kid) => [kid, dead.of(kid).at(-1) ?? 0] as const);
    return Float64Array.from(
      oldest.sort((a, b) => a[1] - b[1]),
      ([kid]) => kid,
    );
  }

  /** Relations of these keys, and those of others at an end that goes only now. */
  #brokenBy(resolution: Resolution): Obstacle[] {
    const { journal } = this.#draft.store;
    const own = new Set(resolution.kids);
    for (const kid of own) {
      this.#removed.delete(kid);
      this.#joined.delete(kid);
    }
    const { removed, joined } = this.#follow(resolution);
    const asked = new Set(removed);
    for (const end of this.#endsOfStaying(resolution)) asked.add(end);
    const relations = new Set(joined);
    for (const end of removed) {
      for (const kid of this.#joinedAt.get(end) ?? []) if (this.#joined.has(kid)) relations.add(kid);
    }
    const vids = Array.from(this.#ordered(relations), (kid) => this.#joined.get(kid)!);
    return brokenRelations(journal, { to: this.#to, removed: [...this.#ordered(asked)], joined: vids });
  }

  /** Remembers what these keys mean for relations. */
  #follow(resolution: Resolution): { removed: readonly number[]; joined: number[] } {
    const { removed, joined } = relationChanges(resolution, this.#to);
    for (const kid of removed) this.#removed.add(kid);
    const kids: number[] = [];
    for (const { kid, vid, end } of this.#draft.store.journal.entryEnds(Float64Array.from(joined))) {
      this.#joined.set(kid, vid);
      const at = this.#joinedAt.get(end) ?? new Set();
      this.#joinedAt.set(end, at.add(kid));
      kids.push(kid);
    }
    return { removed, joined: kids };
  }

  /** Entries that go, at an end of a live relation that was to go with them and does not now. */
  #endsOfStaying({ kids, vid }: Resolution): number[] {
    const staying = vid.filter((own, i) => own > 0 && this.#to.get(kids[i]!) !== 0);
    return this.#draft.store.journal
      .entryEnds(staying)
      .map(({ end }) => end)
      .filter((end) => this.#removed.has(end));
  }
}
