/** Taking back where the past was dropped or erased: what can still be done is done as before, the rest is refused. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { MomoError } from "../errors.ts";
import type { Store } from "../store/contract/store.ts";
import { describe } from "./describe.ts";
import { Example } from "./example.fixture.ts";
import { planOn } from "./plan.ts";
import { redoRequest, rewindRequest } from "./redo.ts";
import type { PlanRequest } from "./request.ts";
import { compact, erase } from "./retention.ts";
import { rollbackRequest } from "./select.ts";
import { policy, stepsWith } from "./steps.fixture.ts";
import { check, counted, inStore, inWorld, type World } from "./world.fixture.ts";

/** What a plan leads to, or that it needs what is gone. */
function outcomeOf(store: Store, request: () => PlanRequest): unknown {
  try {
    const said = describe(
      store,
      planOn(store, () => request()),
    );
    if (said.conflicts.some(({ reason }) => reason === "horizon")) return "gone";
    const { digest_after, blocked, conflicts, residue, agents } = said;
    return {
      digest_after,
      blocked,
      residue,
      agents,
      conflicts: conflicts.map(({ reason, id }) => [reason, id]),
    };
  } catch (error) {
    if (error instanceof MomoError && /HORIZON/.test(error.code)) return "gone";
    throw error;
  }
}

/** Everything that could be taken back, brought again or gone back to after the horizon, by name. */
function outcomes({ store, model }: World, horizon: number): Map<string, unknown> {
  const { journal } = store;
  const found = new Map<string, unknown>();
  for (const { number, kind, own, last } of model.transactions) {
    if (last <= horizon || (own[0]?.seq ?? last) <= horizon) continue;
    if (kind !== "write")
      found.set(
        `redo ${number}`,
        outcomeOf(store, () => redoRequest(journal, number, "block")),
      );
    for (const one of kind === "write" ? (["block", "skip", "force", "cascade"] as const) : []) {
      const request = (): PlanRequest => rollbackRequest(journal, { transactions: [number] }, one);
      found.set(`${one} ${number}`, outcomeOf(store, request));
    }
  }
  for (const { seq } of model.recorded.filter((state) => state.seq >= horizon)) {
    found.set(
      `rewind ${seq}`,
      outcomeOf(store, () => rewindRequest(journal, { seq: seq })),
    );
  }
  return found;
}

test("I16: compaction changes no digest, and no plan that needs nothing from before the horizon", () => {
  const parts = fc.tuple(
    stepsWith(policy, { minLength: 2, maxLength: 6 }),
    stepsWith(policy, { minLength: 2, maxLength: 6 }),
  );
  counted((count) => {
    check([parts], ([before, after]) => {
      inWorld(before, (world) => {
        const wanted = world.store.seq();
        for (const step of after) world.step(step);
        const digest = world.store.digest();
        const known = outcomes(world, wanted);
        const { horizon } = compact(world.store, { seq: wanted }, { agent: "tester" });
        expect(world.store.digest()).toBe(digest);
        if (horizon === wanted && horizon > 0) compare(world, { horizon, known, count });
      });
    });
  });
});

function compare(
  world: World,
  { horizon, known, count }: { horizon: number; known: Map<string, unknown>; count: () => void },
): void {
  const { model } = world;
  // Only what changed which of the old writes count needs them.
  const isApart = model.transactions.every(
    ({ last, dead, live }) => last <= horizon || [...dead, ...live].every(({ seq }) => seq > horizon),
  );
  for (const [name, outcome] of outcomes(world, horizon)) {
    if (isApart) expect([name, outcome]).toEqual([name, known.get(name)]);
    else if (outcome !== "gone") expect([name, outcome]).toEqual([name, known.get(name)]);
  }
  if (isApart && known.size > 1) count();
}

test("an undo of what was dropped since cannot be redone, and what it rests on is not guessed", () => {
  inStore((store) => {
    const here = new Example(store);
    here.write("ann", { a: { x: 1 } });
    here.write("bob", { a: { x: 2 } });
    const { transaction } = here.undo({ agent: "bob" });
    const later = here.write("bob", { a: { x: 3 } });
    compact(store, { seq: 2 }, { agent: "tester" });
    expect(() => here.redo(transaction)).toThrow("dropped by compaction");
    expect(() => here.rewind(1)).toThrow("dropped by compaction");
    expect(() => here.rewind(2)).toThrow("dropped by compaction");
    here.undo({ transactions: [later] });
    expect(here.state).toEqual({ a: { x: 1 } });
    expect(store.verify()).toBeUndefined();
  });
});

test("work is not brought back where what it was derived from was taken back and dropped: nobody can tell any more", () => {
  inStore((store) => {
    const here = new Example(store);
    here.write("ann", { a: { x: 1 } });
    const dropped = store.seq();
    here.write("bob", { b: { x: 1 } }, { reads: ["a"] });
    const { transaction } = here.undo({ agent: "bob" });
    here.undo({ agent: "ann" });
    expect(here.planRedo(transaction).said.conflicts).toMatchObject([{ reason: "source", id: "b" }]);
    compact(store, { seq: dropped }, { agent: "tester" });
    expect(() => here.redo(transaction)).toThrow("dropped by compaction");
    expect(store.verify()).toBeUndefined();
  });
});

test("what was dropped is out of reach, also for whoever had read it before", () => {
  inStore((store) => {
    const here = new Example(store);
    here.write("ann", { a: { x: 1 } });
    here.write("bob", { b: { x: 1 } });
    const { apply } = here.plan({ agent: "ann" });
    compact(store, { seq: 1 }, { agent: "tester" });
    expect(apply).toThrow("dropped by compaction");
    expect(() => here.plan({ agent: "ann" })).toThrow("dropped by compaction");
    expect(here.undo({ agent: "bob" }).outcome).toBe("done");
    expect(here.state).toEqual({ a: { x: 1 } });
    expect(store.verify()).toBeUndefined();
  });
});

test("an id that was written since is taken back by its name, whatever was dropped of others", () => {
  inStore((store) => {
    const here = new Example(store);
    here.write("ann", { "old/a": { x: 1 }, "new/b": { x: 1 } });
    here.write("ann", { "new/b": null });
    compact(store, { seq: 3 }, { agent: "tester" });
    here.write("ann", { "new/c": { x: 1 }, "old/a": { x: 2 } });
    // Those that were written before the horizon as well may have more to take back than is known.
    for (const selector of [{ keys: ["old/a"] }, { prefix: "old/" }, { prefix: "new/" }])
      expect(() => here.plan(selector)).toThrow("dropped by compaction");
    here.write("ann", { "new/b": { x: 2 } });
    expect(() => here.plan({ keys: ["new/b"] })).toThrow("dropped by compaction");
    expect(here.undo({ keys: ["new/c"] }).outcome).toBe("done");
    expect(here.undo({ prefix: "new/c" }).outcome).toBe("already");
    expect(here.state).toEqual({ "old/a": { x: 2 }, "new/b": { x: 2 } });
    expect(store.verify()).toBeUndefined();
  });
});

test("a key whose state below the horizon was changed by an undo above it is not guessed", () => {
  inStore((store) => {
    const here = new Example(store);
    here.write("eve", { a: { x: 1, y: 1 } });
    here.write("ann", { a: { x: 2, y: 1 } });
    const over = here.write("bob", { a: { x: 2, y: 2 }, b: { x: 1 } });
    here.undo({ agent: "ann" }, "merge");
    compact(store, { seq: 2 }, { agent: "tester" });
    // Without bob's write eve's would count, but only bob's says what was there before: ann's, which does not.
    const { said, apply } = here.plan({ transactions: [over] }, "force");
    expect(said.conflicts).toContainEqual({ reason: "horizon", id: "a" });
    expect(apply).toThrow("stand in the way");
    expect(here.undo({ transactions: [over] }, "skip").residue).toEqual(["a"]);
    expect(here.state).toEqual({ a: { x: 1, y: 2 } });
    expect(store.verify()).toBeUndefined();
  });
});

test("nothing goes back to what was erased, not even by force", () => {
  inStore((store) => {
    const here = new Example(store);
    here.write("eve", { a: { x: 1 }, b: { x: 1 } });
    const middle = here.write("ann", { a: { x: 2 } });
    here.write("bob", { a: { x: 3 } });
    erase(store, ["a"], { agent: "tester" });
    const { said, apply } = here.plan({ transactions: [middle] }, "force");
    expect(said.conflicts).toContainEqual({ reason: "horizon", id: "a" });
    expect(apply).toThrow("stand in the way");
    expect(() => here.rewind(3)).toThrow("stand in the way");
    expect(here.state).toEqual({ b: { x: 1 } });
    here.write("bob", { a: { x: 9 } });
    here.undo({ steps: 1 });
    expect(here.state).toEqual({ b: { x: 1 } });
    expect(store.verify()).toBeUndefined();
  });
});

test("a plan is stale once what it goes back to was erased", () => {
  inStore((store) => {
    const here = new Example(store);
    here.write("eve", { a: { x: 1 } });
    here.write("ann", { a: null });
    const { apply } = here.plan({ agent: "ann" });
    erase(store, ["a"], { agent: "tester" });
    expect(apply).toThrow("make a new plan");
    expect(here.plan({ agent: "ann" }).said.conflicts).toMatchObject([{ reason: "horizon", id: "a" }]);
    expect(here.state).toEqual({});
  });
});
