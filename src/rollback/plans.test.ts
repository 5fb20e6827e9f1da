/** Plans and requests over random histories: planning changes nothing, and what was done is not done twice. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { rollbackPolicies } from "../model/rollback.ts";
import type { Store } from "../store/contract/store.ts";
import { openStore } from "../store/open.ts";
import { apply } from "./apply.ts";
import { blame } from "./blame.ts";
import { checkpoints } from "./checkpoint.ts";
import { describe } from "./describe.ts";
import { planOn } from "./plan.ts";
import { quarantined } from "./quarantine.ts";
import { rewindRequest } from "./redo.ts";
import { createRollback, type Rollback } from "./rollback.ts";
import { rollbackRequest } from "./select.ts";
import { snapshotOf } from "./state.fixture.ts";
import { policy, selected, selectorDraw, stepsWith } from "./steps.fixture.ts";
import { check, counted, inStore, inStoreLater, inWorld, put, seeds, World } from "./world.fixture.ts";

const history = stepsWith(policy, { minLength: 2, maxLength: 8 });

/** Every byte of the knowledge base and of its log; not of the index that readers share. */
function filesOf({ path }: Store): string[] {
  const folder = dirname(path);
  const names = readdirSync(folder).filter((name) => !name.endsWith("-shm"));
  return names.map((name) => `${name} ${readFileSync(join(folder, name)).toString("base64")}`);
}

const everything = (store: Store): unknown[] => [
  store.seq(),
  store.history(),
  snapshotOf(store),
  filesOf(store),
];

test("I8: planning changes nothing, and foretells the digest", () => {
  check([history, selectorDraw, policy], (steps, draw, wanted) => {
    inWorld(steps, (world) => {
      const { store } = world;
      const { selector } = selected(world.model, draw);
      const before = everything(store);
      const plans = rollbackPolicies.map((one) => {
        const plan = planOn(store, () => rollbackRequest(store.journal, selector, one));
        return { plan, said: describe(store, plan) };
      });
      expect(everything(store)).toEqual(before);
      for (const { plan } of plans) {
        const again = planOn(store, () => rollbackRequest(store.journal, selector, plan.request.policy));
        expect(again.hash).toBe(plan.hash);
      }
      const { plan, said } = plans.find((one) => one.said.policy === wanted)!;
      if (!plan.blocked) world.undo({ do: "undo", selector: draw, policy: wanted, by: "ann" });
      else expect(() => apply(store, plan, { agent: "ann" })).toThrow("stand in the way");
      expect(store.digest()).toBe(said.digest_after);
    });
  });
});

test("I9: a plan is carried out once, and the same selection has nothing left to take", () => {
  const selections = selectorDraw.filter(({ by }) => by !== "steps");
  counted((count) => {
    check([history, selections, policy], (steps, draw, wanted) => {
      inWorld(steps, (world) => {
        const { store, model } = world;
        const { selector, writes } = selected(model, draw);
        const plan = planOn(store, () => rollbackRequest(store.journal, selector, wanted));
        const first = world.takeBack({ selector, writes }, wanted);
        if (!first?.transaction) return;
        count();
        const before = everything(store);
        expect(apply(store, plan, { agent: "bob" })).toMatchObject({
          transaction: first.transaction,
          seq: first.seq,
          outcome: "already",
        });
        const left = writes.filter((one) => model.counts(one));
        const second = world.takeBack({ selector, writes: left }, wanted);
        expect(second).toMatchObject({ transaction: 0, operations: 0, residue: first.residue });
        expect(everything(store)).toEqual(before);
      });
    });
  });
});

/** Taking back as the API offers it, over the file as another process has it open. */
function processOn(path: string): { offered: Rollback; store: Store } {
  const store = openStore(path, { mode: "write", durability: "process" });
  return { store, offered: createRollback({ read: () => store, write: () => store }) };
}

test("I9: of several processes one carries a plan out, and the others hear of it", async () => {
  let carriedOut = 0;
  await fc.assert(
    fc.asyncProperty(history, selectorDraw, policy, async (steps, draw, wanted) => {
      const world = new World();
      for (const step of steps) world.step(step);
      const { selector } = selected(world.model, draw);
      const path = world.store.path;
      const [one, other, late] = [processOn(path), processOn(path), processOn(path)];
      const plans = [one, other].map(({ offered }) => offered.planRollback(selector, { policy: wanted }));
      const [plan, same] = await Promise.all(plans);
      expect(same).toEqual(plan);
      const { plan_hash, blocked, digest_after } = plan!;
      const before = world.store.history().length;
      const first = await one.offered.rollback(plan_hash).catch((error: Error) => error.message);
      if (typeof first === "string")
        expect([blocked, first]).toEqual([true, expect.stringContaining("stand in the way")]);
      else if (first.transaction > 0) {
        carriedOut++;
        for (const { offered } of [other, late, one]) {
          const { transaction, seq, operations, outcome } = await offered.rollback(plan_hash, {
            agent: "eve",
          });
          expect([transaction, seq, operations, outcome]).toEqual([
            ...[first.transaction, first.seq, first.operations],
            "already",
          ]);
        }
        expect(world.store.history().length).toBe(before + 1);
        expect(late.store.digest()).toBe(digest_after);
      } else expect(world.store.history().length).toBe(before);
      expect(late.store.verify()).toBeUndefined();
      for (const { store } of [one, other, late, world]) store.close();
    }),
    { numRuns: seeds / 4 },
  );
  expect(carriedOut).toBeGreaterThan(seeds / 50);
});

test("I9: a plan is stale in one process once another moved what it is about, and not by anything else", async () => {
  await inStoreLater(async (store) => {
    const write = (key: string, content: string): void => {
      const tx = store.begin({ agent: "ann" });
      put(tx, key, content);
      tx.commit();
    };
    write("a", '{"x":1}');
    write("b", '{"x":1}');
    const [one, other] = [processOn(store.path), processOn(store.path)];
    const ofA = await one.offered.planRollback({ keys: ["a"] });
    const ofB = await one.offered.planRollback({ keys: ["b"] });
    expect(
      await other.offered.rollback((await other.offered.planRollback({ keys: ["b"] })).plan_hash),
    ).toMatchObject({
      outcome: "done",
    });
    expect(await other.offered.redo()).toMatchObject({ outcome: "done" });
    // That plan was carried out once, whatever became of it since.
    await expect(one.offered.rollback(ofB.plan_hash)).resolves.toMatchObject({ outcome: "already" });
    write("b", '{"x":2}');
    expect(await one.offered.rollback(ofA.plan_hash)).toMatchObject({ outcome: "done", operations: 1 });
    const late = await one.offered.planRollback({ keys: ["b"] });
    write("b", '{"x":3}');
    await expect(one.offered.rollback(late.plan_hash)).rejects.toThrow("make a new plan");
    await expect(other.offered.rollback("0".repeat(32))).rejects.toThrow(
      expect.objectContaining({ code: "PLAN_UNKNOWN" }),
    );
    expect([store.head("a"), Buffer.from(store.body(store.head("b")!.vid)!).toString()]).toEqual([
      undefined,
      '{"x":3}',
    ]);
    for (const { store: own } of [one, other]) own.close();
  });
});

test("I9: a request with an id gets the first receipt again", () => {
  inStore((store) => {
    const write = (key: string): void => {
      const tx = store.begin({ agent: "ann" });
      put(tx, key, '{"x":1}');
      tx.commit();
    };
    write("a");
    const by = { agent: "bob", request_id: "r1" };
    const { transaction, seq } = apply(
      store,
      planOn(store, () => rewindRequest(store.journal, { seq: 0 })),
      by,
    );
    write("b");
    const digest = store.digest();
    const other = planOn(store, () => rollbackRequest(store.journal, { steps: 1 }, "block"));
    expect(apply(store, other, by)).toMatchObject({ transaction, seq, repeated: true, outcome: "done" });
    expect(store.digest()).toBe(digest);
    expect(apply(store, other, { agent: "eve", request_id: "r1" }).outcome).toBe("done");
  });
});

test("I12: reading changes nothing", () => {
  check([history], (steps) => {
    inWorld(steps, ({ store, model }) => {
      const before = everything(store);
      for (const { transaction } of store.history()) store.operations(transaction);
      for (const key of model.keys()) {
        for (const agent of ["ann", "bob"]) store.history({ key, agent });
        const { vid } = store.head(key) ?? { vid: 0 };
        for (const read of [store.body(vid), store.text(vid), store.keyOf(vid), blame(store, key)]) void read;
        for (const end of ["source", "target"] as const) store.edges(key, end);
      }
      for (const seq of [0, 1, store.seq()])
        describe(
          store,
          planOn(store, () => rewindRequest(store.journal, { seq: seq })),
        );
      for (const read of [quarantined(store), checkpoints(store.journal), store.scan(), store.segments()])
        void read;
      expect(store.verify()).toBeUndefined();
      expect(everything(store)).toEqual(before);
    });
  });
});

test("I20: sequence numbers ascend without gaps", () => {
  check([history], (steps) => {
    inWorld(steps, ({ store }) => {
      const transactions = store.history().toReversed();
      const seqs = transactions.flatMap(({ transaction }) =>
        store.operations(transaction).map(({ seq }) => seq),
      );
      expect(seqs).toEqual(Array.from({ length: store.seq() }, (_, i) => i + 1));
      expect(transactions.map(({ transaction }) => transaction)).toEqual(transactions.map((_, i) => i + 1));
    });
  });
});

test("I20: a clock that jumps changes nothing but times", () => {
  const times = fc.infiniteStream(fc.integer({ min: 0, max: 2_000_000_000_000 }));
  check([history, times], (steps, jumps) => {
    const at = (clock: () => Date) => inWorld(steps, ({ store }) => timeless(store), clock);
    expect(at(() => new Date(jumps.next().value))).toEqual(at(() => new Date()));
  });
});

/** All that was done, without when. */
const timeless = (store: Store): unknown => [
  snapshotOf(store),
  store.history().map(({ at: _, ...record }) => [record, store.operations(record.transaction)]),
];
