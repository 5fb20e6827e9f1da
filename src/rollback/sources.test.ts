/** Redoing what was derived from something that was taken back meanwhile: it is not brought back without a word. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Example, example } from "./example.fixture.ts";
import { policy, stepsWith } from "./steps.fixture.ts";
import { check, counted, inWorld } from "./world.fixture.ts";

/** ann writes a, bob derives b from it; b is taken back, then a. */
function derived(here: Example, { weak = false } = {}): { undoB: number; undoA: number } {
  here.write("ann", { a: { x: 1 } });
  here.write("bob", { b: { x: 1 } }, weak ? { weak: ["a"] } : { reads: ["a"] });
  const undoB = here.undo({ agent: "bob" }).transaction;
  const undoA = here.undo({ agent: "ann" }).transaction;
  return { undoB, undoA };
}

test("block: it is refused, and the plan says what it was derived from and who took that back", () => {
  example((here) => {
    const { undoB, undoA } = derived(here);
    expect(here.planRedo(undoB).said).toMatchObject({
      blocked: true,
      restores: [],
      dependents: [],
      conflicts: [{ reason: "source", id: "b", detail: "a", transaction: undoA, agent: "tester" }],
    });
    for (const policy of ["block", "merge"] as const)
      expect(() => here.redo(undoB, policy)).toThrow("1 things stand in the way, first b");
    expect(here.state).toEqual({});
  });
});

test("once what it was derived from is back, nothing is in its way", () => {
  example((here) => {
    const { undoB, undoA } = derived(here);
    here.redo(undoA);
    expect(here.redo(undoB).outcome).toBe("done");
    expect(here.state).toEqual({ a: { x: 1 }, b: { x: 1 } });
  });
});

test("cascade: brings back what it was derived from as well, and what that was derived from", () => {
  example((here) => {
    here.write("ann", { first: { x: 1 } });
    here.write("ann", { a: { x: 1 }, other: { x: 1 } }, { reads: ["first"] });
    here.write("bob", { b: { x: 1 } }, { reads: ["a"] });
    here.write("eve", { c: { x: 1 } });
    const { transaction } = here.undo({ agent: "bob" });
    here.undo({ agent: "ann" });
    here.undo({ agent: "eve" });
    const { said, apply } = here.planRedo(transaction, "cascade");
    expect(said).toMatchObject({ blocked: false, cascade: [], restores: [2, 1], agents: { ann: 3, bob: 1 } });
    const back = apply();
    expect(here.state).toEqual({ first: { x: 1 }, a: { x: 1 }, other: { x: 1 }, b: { x: 1 } });
    here.redo(back.transaction);
    expect(here.state).toEqual({});
  });
});

test("cascade: takes back what was written where it was derived from, as it does elsewhere", () => {
  example((here) => {
    const { undoB } = derived(here);
    here.write("eve", { a: { x: 9 } });
    expect(here.planRedo(undoB, "cascade").said).toMatchObject({ cascade: [5], restores: [1] });
    here.redo(undoB, "cascade");
    expect(here.state).toEqual({ a: { x: 1 }, b: { x: 1 } });
  });
});

test("skip: leaves it away, with what was derived from it in turn, and brings the rest back", () => {
  example((here) => {
    here.write("ann", { a: { x: 1 } });
    here.write("bob", { b: { x: 1 } }, { reads: ["a"] });
    here.write("bob", { c: { x: 1 } }, { reads: ["b"] });
    here.write("bob", { d: { x: 1 } });
    const { transaction } = here.undo({ agent: "bob" });
    here.undo({ agent: "ann" });
    expect(here.redo(transaction, "skip")).toMatchObject({ outcome: "partial", residue: ["b", "c"] });
    expect(here.state).toEqual({ d: { x: 1 } });
  });
});

test("force: brings it back all the same, and says what it rests on", () => {
  example((here) => {
    const { undoB } = derived(here);
    const { said } = here.planRedo(undoB, "force");
    expect(said).toMatchObject({
      conflicts: [],
      dependents: [{ strength: "declared", id: "a", agent: "bob" }],
    });
    here.redo(undoB, "force");
    expect(here.state).toEqual({ b: { x: 1 } });
  });
});

test("quarantine: brings it back, and out of search", () => {
  example((here) => {
    const { undoB } = derived(here);
    const version = here.store.history().length;
    expect(version).toBe(4);
    here.redo(undoB, "quarantine");
    expect(here.state).toEqual({ b: { x: 1 } });
    expect(here.quarantined).toMatchObject([
      {
        id: "b",
        version: here.store.head("b")!.vid,
        reason: "derived from what was taken back (declared read)",
      },
    ]);
  });
});

test("what was only seen is in nobody's way, and is said", () => {
  example((here) => {
    const { undoB } = derived(here, { weak: true });
    const { said } = here.planRedo(undoB);
    expect(said).toMatchObject({ blocked: false, dependents: [{ strength: "weak", id: "a", agent: "bob" }] });
    expect(here.redo(undoB).outcome).toBe("done");
  });
});

test("what was missing already when it was there before is nobody's concern", () => {
  example((here) => {
    here.write("ann", { a: { x: 1 } });
    here.write("bob", { b: { x: 1 } }, { reads: ["a"] });
    here.undo({ agent: "ann" }, "force");
    const { transaction } = here.undo({ agent: "bob" });
    expect(here.redo(transaction).outcome).toBe("done");
    expect(here.state).toEqual({ b: { x: 1 } });
  });
});

test("a source that was only written over is there still", () => {
  example((here) => {
    here.write("ann", { a: { x: 1 } });
    here.write("bob", { b: { x: 1 } }, { reads: ["a"] });
    const { transaction } = here.undo({ agent: "bob" });
    here.write("ann", { a: { x: 2 } });
    here.write("ann", { a: null });
    expect(here.redo(transaction).outcome).toBe("done");
  });
});

test("over random histories the plan is that of the model, whatever the policy", () => {
  counted((count) => {
    check(
      [stepsWith(policy, { maxLength: 4 }), policy, fc.record({ x: fc.nat(3), y: fc.nat(3) })],
      (steps, wanted, { x, y }) => {
        inWorld(steps, (world) => {
          const write = { do: "write" as const, session: "s", irreversible: false };
          const change = (key: string, value: number) => [{ key, field: "x" as const, value }];
          const source = world.write({ ...write, agent: "ann", changes: change("a", 10 + x), reads: [] })!;
          const reads = [{ key: "a", declared: true }];
          const own = world.write({ ...write, agent: "bob", changes: change("b", 10 + y), reads })!;
          const undone = world.take([own.number], "block")!;
          world.take([source.number], "force");
          const before = world.model.transactions.length;
          world.reverse(undone.transaction, wanted);
          const isRefused = world.model.transactions.length === before;
          if (wanted === "block") expect(isRefused).toBe(true);
          if (!isRefused) count();
        });
      },
    );
  });
});
