/**
 * Ten agents write ten thousand operations on common ground; then they are taken back one after the other in random
 * order under each policy. Nobody else's work is touched unless the plan said so, and what was left is named.
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import { type RollbackPlan, rollbackPolicies } from "../src/model/rollback.ts";
import { openMomo } from "../src/momo.ts";
import { openStore } from "../src/store/open.ts";
import { isLong, temporaryFolder } from "./momo-process.ts";

const AGENTS = 10;
const OPERATIONS = isLong ? 10_000 : 3000;
const BATCH = 20;

/** Mulberry32. */
function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

interface Write {
  agent: string;
  transaction: number;
  value: string;
  isLive: boolean;
}

/** Writes of each key, oldest first. */
type Model = Map<string, Write[]>;

/** Most keys belong to one agent, one in five to all of them. */
function fill(file: string, roll: (limit: number) => number): Model {
  const store = openStore(file, { mode: "write", durability: "process" });
  const model: Model = new Map();
  for (let done = 0; done < OPERATIONS; ) {
    const agent = `agent-${roll(AGENTS)}`;
    const tx = store.begin({ agent });
    const written: Write[] = [];
    for (let i = 0; i < BATCH; i++) {
      const key = roll(5) === 0 ? `common/${roll(400)}` : `${agent}/${roll(400)}`;
      const value = `{"metadata":{"by":"${agent}","n":${done}},"type":"code"}`;
      tx.put({ key, kind: "entry", body: Buffer.from(value) });
      const write = { agent, transaction: 0, value, isLive: true };
      model.set(key, [...(model.get(key) ?? []), write]);
      written.push(write);
      done++;
    }
    const { transaction } = tx.commit();
    for (const write of written) write.transaction = transaction;
  }
  store.close();
  return model;
}

const newest = (writes: readonly Write[]): Write | undefined => writes.findLast(({ isLive }) => isLive);

/** What each key holds now. */
function stateOf(file: string): Map<string, string> {
  const store = openStore(file, { mode: "read" });
  try {
    expect(store.verify()).toBeUndefined();
    return new Map(
      store.heads("entry").map(({ key, vid }) => [key, Buffer.from(store.body(vid)!).toString()]),
    );
  } finally {
    store.close();
  }
}

/** A key is clean when nobody wrote it after the agent's oldest live write of it. */
function isClean(writes: readonly Write[], agent: string): boolean {
  const first = writes.findIndex((write) => write.isLive && write.agent === agent);
  return writes.slice(first).every((write) => !write.isLive || write.agent === agent);
}

const touched = (model: Model, agent: string): [string, Write[]][] =>
  [...model].filter(([, writes]) => writes.some((write) => write.isLive && write.agent === agent));

test.each(rollbackPolicies)("%s", { timeout: 300_000 }, async (policy) => {
  const roll = dice(rollbackPolicies.indexOf(policy) + 1);
  const home = temporaryFolder();
  const file = join(home, "momo.db");
  const model = fill(file, roll);
  const momo = await openMomo({ home });
  const order = Array.from({ length: AGENTS }, (_, i) => `agent-${i}`).sort(() => roll(2) - 0.5);
  for (const agent of order) {
    const before = stateOf(file);
    const plan = await momo.planRollback({ agent }, { policy });
    const conflicts = touched(model, agent).filter(([, writes]) => !isClean(writes, agent));
    const named = new Set(plan.conflicts.map(({ id }) => id));
    expect(conflicts.filter(([key]) => !named.has(key)).map(([key]) => key)).toEqual([]);
    if (plan.blocked) {
      await expect(momo.rollback(plan.plan_hash)).rejects.toMatchObject({ code: "ROLLBACK_BLOCKED" });
      expect(stateOf(file)).toEqual(before);
      continue;
    }
    const receipt = await momo.rollback(plan.plan_hash, { agent: "referee" });
    const after = stateOf(file);
    checkOthers({ before, after, agent, plan, model });
    expect(receipt.outcome === "partial").toBe(receipt.residue.length > 0);
    if (policy === "skip" || policy === "quarantine") {
      expect(new Set(receipt.residue)).toEqual(new Set(conflicts.map(([key]) => key)));
      for (const [key] of conflicts) expect(after.get(key)).toBe(before.get(key));
    }
    forget(model, { agent, plan, residue: new Set(receipt.residue) });
    if (policy !== "merge")
      for (const [key, writes] of model) expect(after.get(key)).toBe(newest(writes)?.value);
    expect(await momo.digest()).toBe(plan.digest_after);
  }
  await momo.close();
});

interface Checked {
  before: Map<string, string>;
  after: Map<string, string>;
  agent: string;
  plan: RollbackPlan;
  model: Model;
}

/** Where another agent's write was the newest, it still is, unless the plan names that agent. */
function checkOthers({ before, after, agent, plan, model }: Checked): void {
  const said = new Set(plan.changes.map(({ id }) => id));
  for (const [key, value] of before) {
    if (after.get(key) === value) continue;
    expect(said.has(key)).toBe(true);
    const owner = newest(model.get(key)!)!.agent;
    if (owner !== agent && plan.policy !== "merge") expect(Object.keys(plan.agents)).toContain(owner);
  }
}

/** The same in the model: whole transactions, except for what was left; `force` overrides what came later. */
function forget(
  model: Model,
  { agent, plan, residue }: { agent: string; plan: RollbackPlan; residue: ReadonlySet<string> },
): void {
  const taken = new Set([...plan.transactions, ...plan.cascade]);
  for (const [key, writes] of model) {
    if (residue.has(key)) continue;
    const first = writes.findIndex((write) => write.isLive && write.agent === agent);
    writes.forEach((write, i) => {
      const isOverridden = plan.policy === "force" && first >= 0 && i > first;
      if (taken.has(write.transaction) || isOverridden) write.isLive = false;
    });
  }
}
