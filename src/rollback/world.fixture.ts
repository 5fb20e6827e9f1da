/**
 * A knowledge base beside the model of it: random steps happen to both, and after each they must agree. Used by the
 * tests of this room and by two-handles.test.ts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, vi } from "vitest";
import type { RollbackPolicy, RollbackReceipt } from "../model/rollback.ts";
import type { Store } from "../store/contract/store.ts";
import type { Attribution, Author, Receipt } from "../store/contract/transaction.ts";
import type { WriteTransaction } from "../store/contract/write.ts";
import { openStore } from "../store/open.ts";
import { apply } from "./apply.ts";
import { setCheckpoint } from "./checkpoint.ts";
import { describe } from "./describe.ts";
import { edgeOf, Model, type ModelTransaction, type ModelWrite, type Recorded } from "./model.fixture.ts";
import { type ModelPlan, type ModelRequest, planIn, redoIn, rewindIn } from "./oracle.fixture.ts";
import { type Plan, planOn } from "./plan.ts";
import { release } from "./quarantine.ts";
import { redoRequest, rewindRequest } from "./redo.ts";
import type { PlanRequest } from "./request.ts";
import { rollbackRequest } from "./select.ts";
import { digestOf, headsOf, listed, stateOf } from "./state.fixture.ts";
import {
  type Change,
  type Redo,
  type Selected,
  type Step,
  selected,
  type Undo,
  type Write,
} from "./steps.fixture.ts";

export const seeds = process.env.MOMO_TEST_LONG ? 1000 : 100;
// Of the long run on a busy machine.
vi.setConfig({ testTimeout: 1_200_000 });

/** A folder in memory where there is one: else thousands of small files wait for a disk that is not what is tested. */
function fastFolder(): string {
  try {
    return mkdtempSync("/dev/shm/momo-rollback-");
  } catch {
    return mkdtempSync(join(tmpdir(), "momo-rollback-"));
  }
}

const folder = fastFolder();
let files = 0;
afterAll(() => rmSync(folder, { recursive: true }));

export const bytesOf = (content: string): Uint8Array => Buffer.from(content);

/** A store of its own for the work; nothing of it remains. */
export function inStore<T>(work: (store: Store) => T, clock?: () => Date): T {
  const store = openNew(clock);
  try {
    return work(store);
  } finally {
    discard(store);
  }
}

/** The same for work that takes its time. */
export async function inStoreLater(work: (store: Store) => Promise<void>): Promise<void> {
  const store = openNew();
  try {
    await work(store);
  } finally {
    discard(store);
  }
}

/** A property over random values, with the number of runs of this room. */
export const check = <T extends unknown[]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  property: (...values: T) => void,
): void => {
  const untyped = arbitraries as unknown as [fc.Arbitrary<unknown>];
  fc.assert(fc.property(...untyped, property as () => void), { numRuns: seeds });
};

/** Counts the runs that were about something: a property that is never tried would always hold. */
export function counted(work: (count: () => void) => void): void {
  let tried = 0;
  work(() => tried++);
  expect(tried).toBeGreaterThan(seeds / 50);
}

/** The digest that these writes lead to when nothing else was ever written. */
export const replay = (writes: readonly ModelWrite[]): string =>
  inStore((store) => {
    const tx = store.begin({ agent: "replay" });
    for (const { key, content } of writes) put(tx, key, content);
    tx.commit();
    return store.digest();
  });

const openNew = (clock?: () => Date): Store => openAt(join(folder, `${files++}`, "momo.db"), clock);

const openAt = (file: string, clock: (() => Date) | undefined): Store =>
  openStore(file, { mode: "write", durability: "process", ...(clock && { clock }) });

function discard(store: Store): void {
  store.close();
  rmSync(dirname(store.path), { recursive: true });
}

/** Runs work on a world of its own after these steps. */
export function inWorld<T = void>(
  steps: readonly Step[],
  work: (world: World) => T = () => undefined as T,
  clock?: () => Date,
): T {
  const world = new World(clock);
  try {
    for (const step of steps) world.step(step);
    const result = work(world);
    world.check();
    expect(world.store.verify()).toBeUndefined();
    return result;
  } finally {
    discard(world.store);
  }
}

export class World {
  readonly model = new Model();
  readonly #clock: (() => Date) | undefined;
  store: Store;

  constructor(clock?: () => Date) {
    this.#clock = clock;
    this.store = openNew(clock);
  }

  step(step: Step): void {
    if (step.do === "write") this.write(step);
    else if (step.do === "undo") this.undo(step);
    else if (step.do === "redo") this.redo(step);
    else if (step.do === "rewind") this.rewind(this.recorded(step.to));
    else if (step.do === "release") this.release(step.by);
    else if (step.do === "checkpoint") setCheckpoint(this.store, step.name, { agent: "tester" });
    else this.reopen();
    this.check();
  }

  recorded(draw: number): Recorded {
    return this.model.recorded[draw % this.model.recorded.length]!;
  }

  write({ agent, session, changes, reads, irreversible }: Write): ModelTransaction | undefined {
    const { store } = this;
    const tx = store.begin({ agent, session });
    const happening = { kind: "write" as const, agent, session, irreversible };
    const read: ModelTransaction["reads"] = [];
    if (irreversible) tx.describe({ irreversible: "mail sent" });
    for (const { key, declared } of reads) {
      const vid = store.head(key)?.vid;
      if (vid === undefined) continue;
      tx.read(vid, declared ? "declared" : "weak");
      read.push({ vid, declared });
    }
    const own = this.putAll(tx, changes);
    return this.written(tx.commit(), { ...happening, own, reads: read });
  }

  /** Makes the changes in a transaction; what the model has to know of it once it is committed. */
  putAll(tx: WriteTransaction, changes: readonly Change[]): ModelWrite[] {
    const own: ModelWrite[] = [];
    let { seq } = this.model;
    const now = new Map<string, string>();
    for (const change of changes) {
      const before = now.get(change.key) ?? this.model.content(change.key);
      const content = contentAfter(before, change);
      if (content === before) continue;
      now.set(change.key, content);
      const vid = put(tx, change.key, content);
      own.push({ seq: ++seq, vid, key: change.key, content, before, transaction: 0 });
    }
    return own;
  }

  /** Remembers what a transaction wrote. */
  written(
    receipt: Receipt,
    { own, ...more }: Pick<ModelTransaction, "kind" | "agent" | "own"> & Partial<ModelTransaction>,
  ): ModelTransaction | undefined {
    const { model, store } = this;
    expect(receipt.operations).toBe(own.length);
    if (own.length === 0) return undefined;
    for (const write of own) write.transaction = receipt.transaction;
    model.seq = receipt.seq;
    model.add({ ...more, number: receipt.transaction, own });
    model.record(store.digest());
    return model.transactions.at(-1);
  }

  /** Lets everything out of quarantine. */
  release(agent: string): void {
    const { model, store } = this;
    const marks = model.keys().filter((key) => key.startsWith(markOf("")) && model.head(key));
    const own = marks.map((key, i): ModelWrite => {
      const before = model.content(key);
      return { seq: model.seq + i + 1, vid: 0, key, content: "", before, transaction: 0 };
    });
    const ids = marks.map((key) => key.slice(markOf("").length));
    this.written(release(store, ids, { agent }), { kind: "write", agent, own });
  }

  undo({ selector, policy, by }: Undo): RollbackReceipt | undefined {
    return this.takeBack(selected(this.model, selector), policy, by);
  }

  /** Takes back what a selector means: these writes. */
  takeBack(
    { selector, writes }: Selected,
    policy: RollbackPolicy,
    agent = "tester",
  ): RollbackReceipt | undefined {
    const request = rollbackRequest(this.store.journal, selector, policy);
    return this.carryOut(request, { action: "rollback", policy, dead: writes, live: [] }, { agent });
  }

  redo({ of, policy, by }: Redo): RollbackReceipt | undefined {
    const moving = this.model.moving();
    const number = of === undefined ? undefined : moving[of % moving.length]?.number;
    const expected = moving.length > 0 ? redoIn(this.model, number, policy) : undefined;
    if (!expected) {
      expect(() => redoRequest(this.store.journal, undefined, policy)).toThrow("nothing was taken back");
      return undefined;
    }
    return this.carryOut(redoRequest(this.store.journal, number, policy), expected, { agent: by });
  }

  /** Takes back all live writes of these transactions. */
  take(transactions: readonly number[], policy: RollbackPolicy): RollbackReceipt | undefined {
    const { model } = this;
    const writes = model.writes.filter((one) => transactions.includes(one.transaction) && model.counts(one));
    return this.takeBack({ selector: { transactions }, writes }, policy);
  }

  /** Redoes the transaction of this number. */
  reverse(number: number, policy: RollbackPolicy = "block"): RollbackReceipt | undefined {
    const expected = redoIn(this.model, number, policy)!;
    return this.carryOut(redoRequest(this.store.journal, number, policy), expected, { agent: "tester" });
  }

  rewind(to: Recorded): RollbackReceipt | undefined {
    const request = rewindRequest(this.store.journal, { seq: to.seq, inside_transaction: true });
    const receipt = this.carryOut(request, rewindIn(this.model, to), { agent: "tester" });
    expect(this.store.digest()).toBe(to.digest);
    return receipt;
  }

  /** Plans and applies; undefined when it was refused. */
  carryOut(request: PlanRequest, expected: ModelRequest, by: Attribution): RollbackReceipt | undefined {
    return this.carry(
      planOn(this.store, () => request),
      expected,
      by,
    );
  }

  /** Applies a plan that this store would make too; undefined when it was refused. */
  carry(plan: Plan, expected: ModelRequest, by: Author): RollbackReceipt | undefined {
    const { store, model } = this;
    const wanted = planIn(model, expected);
    comparePlans(store, plan, wanted);
    const { digest_after } = describe(store, plan);
    const before = store.seq();
    if (wanted.blocked) {
      expect(() => apply(store, plan, by)).toThrow("stand in the way");
      expect(store.seq()).toBe(before);
      return undefined;
    }
    const receipt = apply(store, plan, by);
    expect(receipt.residue.toSorted()).toEqual(wanted.residue);
    expect(store.digest()).toBe(digest_after);
    this.#remember(receipt, wanted, expected);
    if (receipt.transaction > 0) expect(apply(store, plan, { agent: by.agent }).outcome).toBe("already");
    return receipt;
  }

  #remember(receipt: Receipt & { outcome: string }, plan: ModelPlan, { action, of }: ModelRequest): void {
    const { model, store } = this;
    const { moved, merged, marked, dead, live } = plan;
    const count = moved.length + merged.size + marked.length;
    const isLeft = plan.residue.length > 0;
    expect(receipt.outcome).toBe(isLeft ? "partial" : count === 0 ? "already" : "done");
    expect(receipt.operations).toBe(count);
    if (count === 0) return;
    const number = receipt.transaction;
    const written = store.operations(number).slice(moved.length);
    expect(written.map(({ key }) => key).sort()).toEqual([...merged.keys(), ...marked.map(markOf)].sort());
    const contentOf = (vid: number | undefined): string =>
      vid === undefined ? "" : Buffer.from(store.body(vid)!).toString();
    const own = written.map(({ seq, key, from, to }): ModelWrite => {
      const content = contentOf(to);
      expect(merged.get(key) ?? content).toBe(content);
      return { seq, vid: to!, key, content, before: contentOf(from), transaction: number };
    });
    model.seq += count;
    const kind = action === "rollback" ? "undo" : action;
    model.add({ number, kind, agent: "tester", own, of, dead: [...dead], live: [...live] });
    model.record(store.digest());
  }

  reopen(): void {
    const file = this.store.path;
    this.store.close();
    this.store = openAt(file, this.#clock);
  }

  check(): void {
    const { store, model } = this;
    expect(stateOf(store)).toEqual(model.state());
    expect(store.digest()).toBe(digestOf(model.state()));
    expect(store.seq()).toBe(model.seq);
    for (const [key, { vid }] of headsOf(store)) expect([key, model.head(key)?.vid]).toEqual([key, vid]);
  }
}

const markOf = (id: string): string => `quarantine:${id}`;

function comparePlans(store: Store, plan: Plan, wanted: ModelPlan): void {
  const nameOf = (kid: number): string => store.journal.nameOf(kid);
  const seqs = (writes: Iterable<ModelWrite>): number[] =>
    [...writes].map(({ seq }) => seq).sort((a, b) => a - b);
  expect(plan.blocked).toBe(wanted.blocked);
  expect(plan.residueKids.map(nameOf).sort()).toEqual(wanted.residue);
  for (const list of ["cascade", "restores"] as const)
    expect(plan[list].toSorted((a, b) => a - b)).toEqual(wanted[list].toSorted((a, b) => a - b));
  if (wanted.blocked) return;
  expect(listed(plan.dead)).toEqual(seqs(wanted.dead));
  expect(listed(plan.live)).toEqual(seqs(wanted.live));
  expect(plan.marks.map(({ id }) => id)).toEqual(wanted.marked);
  expect([...plan.moves.kid].map(nameOf).sort()).toEqual(wanted.moved.toSorted());
}

export function contentAfter(before: string, { field, value }: Change): string {
  if (field === "remove") return "";
  const fields = { ...(before && JSON.parse(before)), [field]: value };
  return JSON.stringify({ x: fields.x, y: fields.y });
}

export function put(tx: WriteTransaction, key: string, content: string): number {
  const edge = edgeOf(key);
  const kind = edge ? "relation" : "entry";
  if (content !== "") return tx.put({ key, kind, body: bytesOf(content), ...(edge && { edge }) }).vid;
  tx.remove(kind, key);
  return 0;
}
