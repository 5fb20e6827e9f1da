/**
 * A knowledge base beside the model of it: random steps happen to both, and after each they must agree. Used by the
 * tests of this room.
 */
import { hash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import type { RollbackReceipt } from "../model/rollback.ts";
import { openStore } from "../store/journal.ts";
import type { Attribution, Receipt, Store } from "../store/store.ts";
import { apply } from "./apply.ts";
import { setCheckpoint } from "./checkpoint.ts";
import { describe } from "./describe.ts";
import { Model, type ModelTransaction, type ModelWrite, type Recorded } from "./model.fixture.ts";
import { type ModelPlan, type ModelRequest, planIn, redoIn, rewindIn } from "./oracle.fixture.ts";
import { type Plan, type PlanRequest, planOn } from "./plan.ts";
import { redoRequest, rewindRequest } from "./redo.ts";
import { rollbackRequest } from "./select.ts";
import { type Redo, type Step, selected, type Undo, type Write } from "./steps.fixture.ts";

export const seeds = process.env.MOMO_TEST_LONG ? 1000 : 100;

const folder = mkdtempSync(join(tmpdir(), "momo-rollback-"));
let files = 0;
const open = new Set<Store>();
afterAll(() => {
  for (const store of open) store.close();
  rmSync(folder, { recursive: true });
});

export const bytesOf = (content: string): Uint8Array => Buffer.from(content);

export function newStore(clock?: () => Date, file = join(folder, `${files++}`, "momo.db")): Store {
  const store = openStore(file, { mode: "write", durability: "process", ...(clock && { clock }) });
  open.add(store);
  return store;
}

export function closeStore(store: Store): void {
  store.close();
  open.delete(store);
}

/** Runs work on a world of its own after these steps. */
export function inWorld(steps: readonly Step[], work: (world: World) => void = () => undefined): void {
  const world = new World();
  for (const step of steps) world.step(step);
  work(world);
  world.check();
  expect(world.store.verify()).toBeUndefined();
  closeStore(world.store);
}

export class World {
  readonly model = new Model();
  readonly #clock: (() => Date) | undefined;
  store: Store;

  constructor(clock?: () => Date) {
    this.#clock = clock;
    this.store = newStore(clock);
  }

  step(step: Step): void {
    if (step.do === "write") this.write(step);
    else if (step.do === "undo") this.undo(step);
    else if (step.do === "redo") this.redo(step);
    else if (step.do === "rewind") this.rewind(this.recorded(step.to));
    else if (step.do === "checkpoint") setCheckpoint(this.store, step.name, { agent: "tester" });
    else this.reopen();
    this.check();
    expect(this.store.verify()).toBeUndefined();
  }

  recorded(draw: number): Recorded {
    return this.model.recorded[draw % this.model.recorded.length]!;
  }

  write({ agent, session, changes, reads }: Write): ModelTransaction | undefined {
    const { model, store } = this;
    const tx = store.begin({ agent, session });
    const happening = {
      number: 0,
      kind: "write" as const,
      agent,
      session,
      reads: [] as ModelTransaction["reads"],
    };
    for (const { key, declared } of reads) {
      const vid = store.head(key)?.vid;
      if (vid === undefined) continue;
      tx.read(vid, declared ? "declared" : "weak");
      happening.reads.push({ vid, declared });
    }
    const own: ModelWrite[] = [];
    let seq = model.seq;
    const now = new Map<string, string>();
    for (const change of changes) {
      const before = now.get(change.key) ?? model.content(change.key);
      const content = contentAfter(before, change);
      if (content === before) continue;
      now.set(change.key, content);
      const vid = put(tx, change.key, content);
      own.push({ seq: ++seq, vid, key: change.key, content, before, transaction: 0 });
    }
    const receipt = tx.commit();
    expect(receipt.operations).toBe(own.length);
    if (own.length === 0) return undefined;
    for (const write of own) write.transaction = receipt.transaction;
    model.seq = seq;
    model.add({ ...happening, number: receipt.transaction, own });
    model.record(this.store.digest());
    return model.transactions.at(-1);
  }

  undo({ selector: draw, policy, by }: Undo): RollbackReceipt | undefined {
    const { selector, writes } = selected(this.model, draw);
    const request = rollbackRequest(this.store.journal, selector, policy);
    const expected = { action: "rollback" as const, policy, dead: writes, live: [] };
    return this.carryOut(request, expected, { agent: by });
  }

  redo({ of, policy, by }: Redo): RollbackReceipt | undefined {
    const moving = this.model.transactions.filter(({ kind }) => kind !== "write");
    const number = of === undefined ? undefined : moving[of % moving.length]?.number;
    const expected = moving.length > 0 ? redoIn(this.model, number, policy) : undefined;
    if (!expected) {
      expect(() => redoRequest(this.store.journal, undefined, policy)).toThrow("nothing was taken back");
      return undefined;
    }
    return this.carryOut(redoRequest(this.store.journal, number, policy), expected, { agent: by });
  }

  rewind(to: Recorded): RollbackReceipt | undefined {
    const request = rewindRequest(this.store.journal, to.seq);
    const receipt = this.carryOut(request, rewindIn(this.model, to), { agent: "tester" });
    expect(this.store.digest()).toBe(to.digest);
    return receipt;
  }

  /** Plans and applies; undefined when it was refused. */
  carryOut(request: PlanRequest, expected: ModelRequest, by: Attribution): RollbackReceipt | undefined {
    const { store, model } = this;
    const wanted = planIn(model, expected);
    const plan = planOn(store, request);
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
    if (receipt.transaction > 0) expect(apply(store, plan, by).outcome).toBe("already");
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
    model.add({ ...{ number, kind, agent: "tester", own, of }, dead: [...dead], live: [...live] });
    model.record(store.digest());
  }

  reopen(): void {
    const file = this.store.path;
    closeStore(this.store);
    this.store = newStore(this.#clock, file);
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
  const listed = (ranges: Plan["dead"]): number[] =>
    ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  expect(plan.blocked).toBe(wanted.blocked);
  expect(plan.residueKids.map(nameOf).sort()).toEqual(wanted.residue);
  expect(plan.cascade.toSorted((a, b) => a - b)).toEqual(wanted.cascade.toSorted((a, b) => a - b));
  if (wanted.blocked) return;
  expect(listed(plan.dead)).toEqual(seqs(wanted.dead));
  expect(listed(plan.live)).toEqual(seqs(wanted.live));
  expect(plan.marks.map(({ id }) => id)).toEqual(wanted.marked);
  expect([...plan.moves.kid].map(nameOf).sort()).toEqual(wanted.moved.toSorted());
}

function contentAfter(before: string, { field, value }: Write["changes"][number]): string {
  if (field === "remove") return "";
  const fields = { ...(before && JSON.parse(before)), [field]: value };
  return JSON.stringify({ x: fields.x, y: fields.y });
}

export function put(tx: ReturnType<Store["begin"]>, key: string, content: string): number {
  if (content !== "") return tx.put({ key, kind: "entry", body: bytesOf(content) }).vid;
  tx.remove(key);
  return 0;
}

/** Key to head, of every kind. */
export function headsOf(store: Store): Map<string, { vid: number; kind: string }> {
  const heads = (["entry", "relation", "setting", "mark"] as const).flatMap((kind) => store.heads(kind));
  return new Map(heads.map(({ key, vid, kind }) => [key, { vid, kind }] as const));
}

export function stateOf(store: Store): Map<string, string> {
  const state = [...headsOf(store)].map(([key, { vid }]): [string, string] => {
    return [key, Buffer.from(store.body(vid)!).toString()];
  });
  return new Map(state.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The digest from its definition, by other means than the store's. */
export function digestOf(state: ReadonlyMap<string, string>): string {
  let sum = 0n;
  for (const [key, content] of state) {
    const own = hash("sha256", content, "buffer");
    sum += BigInt(`0x${hash("sha256", Buffer.concat([Buffer.from(key), own]))}`);
  }
  return (sum % 2n ** 256n).toString(16).padStart(64, "0");
}
