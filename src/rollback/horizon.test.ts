/** Taking back where the past was dropped or erased: what can still be done is done as before, the rest is refused. */
import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { MomoError } from "../errors.ts";
import type { Store } from "../store/contract/store.ts";
import { removeCheckpoint, setCheckpoint } from "./checkpoint.ts";
import { describe } from "./describe.ts";
import { Example } from "./example.fixture.ts";
import { planOn } from "./plan.ts";
import { redoRequest, rewindRequest } from "./redo.ts";
import type { PlanRequest } from "./request.ts";
import { compact, erase } from "./retention.ts";
import { rollbackRequest } from "./select.ts";
import { policy, stepsWith } from "./steps.fixture.ts";
import { check, counted, inStore, inWorld, put, type World } from "./world.fixture.ts";

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
    expect(said.conflicts).toContainEqual({ reason: "erased", id: "a" });
    expect(apply).toThrow("stand in the way");
    expect(() => here.rewind(3)).toThrow("stand in the way");
    expect(here.state).toEqual({ b: { x: 1 } });
    here.write("bob", { a: { x: 9 } });
    here.undo({ steps: 1 });
    expect(here.state).toEqual({ b: { x: 1 } });
    expect(store.verify()).toBeUndefined();
  });
});

test("an erasure may be repeated, also of what was only an end of relations", () => {
  inStore((store) => {
    const tx = store.begin({ agent: "ann" });
    put(tx, "r/calls/a/b", '{"x":1}');
    put(tx, "c", '{"x":1}');
    tx.commit();
    for (const id of ["b", "c"]) {
      expect(erase(store, [id], { agent: "tester" })).toMatchObject({ versions: 1, overwritten: true });
      expect(erase(store, [id], { agent: "tester" })).toMatchObject({ versions: 0, overwritten: true });
    }
    const unknown = expect.objectContaining({ code: "ENTRY_UNKNOWN" });
    expect(() => erase(store, ["never"], { agent: "tester" })).toThrow(unknown);
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
    expect(here.plan({ agent: "ann" }).said.conflicts).toMatchObject([{ reason: "erased", id: "a" }]);
    expect(here.state).toEqual({});
  });
});

const DAY = 86_400_000;
const today = Date.UTC(2026, 5, 30);
const daysAgo = (days: number): number => today - days * DAY;

/** A write 30, 20 and 10 days ago, a second apart from midnight; then it is today. */
function inDays(work: (store: Store) => void): void {
  onTestFinished(() => {
    vi.useRealTimers();
  });
  vi.useFakeTimers({ toFake: ["Date"], now: daysAgo(30) + 1000 });
  inStore(
    (store) => {
      const here = new Example(store);
      for (const days of [30, 20, 10]) {
        vi.setSystemTime(daysAgo(days) + 1000);
        here.write("ann", { a: { x: days } });
      }
      vi.setSystemTime(today);
      work(store);
    },
    () => new Date(),
  );
}

test.each([
  [31, 0],
  [30, 0],
  [29.5, 1],
  [20, 1],
  [19.5, 2],
  [10, 2],
  [1, 3],
  [0, 3],
])("keeping %s days drops the writes that are older: up to operation %s", (keep_days, horizon) => {
  inDays((store) => {
    expect(compact(store, { keep_days }, { agent: "tester" })).toMatchObject({ horizon, wanted: horizon });
    expect(store.verify()).toBeUndefined();
  });
});

test.each([-1, -0.001, Number.NaN, Number.POSITIVE_INFINITY])("%s days cannot be kept", (keep_days) => {
  inDays((store) => {
    const wrong = expect.objectContaining({ code: "VALUE_INVALID" });
    expect(() => compact(store, { keep_days }, { agent: "tester" })).toThrow(wrong);
    expect(store.journal.horizon()).toBe(0);
    // Nothing is left open.
    compact(store, { keep_days: 0 }, { agent: "tester" });
  });
});

test("more days than there were since 1970 keep everything", () => {
  inDays((store) => {
    expect(compact(store, { keep_days: 1e15 }, { agent: "tester" })).toMatchObject({ horizon: 0, wanted: 0 });
  });
});

test("compaction keeps what an engine has not got, a checkpoint names or an exploration lies over, the oldest first", () => {
  inStore((store) => {
    const here = new Example(store);
    const by = { agent: "tester" };
    const drop = () => compact(store, { seq: store.seq() }, by);
    const isUpTo = (name: string, seq: number): void =>
      store.setEngine({ name, seq, revision: 0, state: "following", attempts: 0, reached_at: Date.now() });
    for (let x = 1; x <= 6; x++) here.write("ann", { a: { x } });
    isUpTo("vectors", 2);
    isUpTo("graph", 1);
    expect(drop()).toMatchObject({ horizon: 1, wanted: 6, held_by: "engine graph" });
    // What it has not got is still told, step by step.
    expect(store.operations(2)).toHaveLength(1);
    isUpTo("graph", 6);
    expect(drop()).toMatchObject({ horizon: 2, wanted: 6, held_by: "engine vectors" });
    store.forgetEngine("vectors");
    setCheckpoint(store, "here", by);
    const tx = store.begin({ agent: "bob", kind: "explore" });
    tx.describe({ name: "try", branch: tx.fork("try", {}) });
    tx.commit();
    for (let x = 7; x <= 9; x++) here.write("ann", { a: { x } });
    expect(drop()).toMatchObject({ horizon: 6, wanted: 9, held_by: "checkpoint here" });
    removeCheckpoint(store, "here", by);
    isUpTo("graph", 9);
    expect(drop()).toMatchObject({ horizon: 6, wanted: 9, held_by: "exploration try" });
    const [branch] = store.branches();
    const discarding = store.begin({ agent: "bob", kind: "discard" });
    discarding.drop(branch!.branch);
    discarding.commit();
    const last = drop();
    expect([last.horizon, last.wanted, "held_by" in last]).toEqual([9, 9, false]);
    expect(store.verify()).toBeUndefined();
  });
});
