/** Taking back inside an exploration, and beside one: what happens on one branch is nobody's business on another. */
import { expect, test } from "vitest";
import { Example } from "./example.fixture.ts";
import { inStore } from "./world.fixture.ts";

/** main holds a and b by ann when the exploration begins. */
function inBoth(work: (main: Example, branch: Example) => void): void {
  inStore((store) => {
    const main = new Example(store);
    main.write("ann", { a: { x: 1 } });
    main.write("ann", { b: { x: 1 } });
    const tx = store.begin({ agent: "bob", kind: "explore" });
    const number = tx.fork("try", {});
    tx.describe({ name: "try", branch: number });
    tx.commit();
    work(main, new Example(store.on(number)));
    expect(store.verify()).toBeUndefined();
  });
}

test("what an exploration takes back is its own, and main stays as it is", () => {
  inBoth((main, branch) => {
    const before = main.store.digest();
    branch.write("bob", { a: { x: 2 }, c: { x: 1 } });
    branch.write("bob", { a: { x: 3 } });
    expect(branch.plan({ after: 0 }).said.agents).toEqual({ bob: 3 });
    branch.undo({ steps: 1 });
    expect(branch.state).toEqual({ a: { x: 2 }, b: { x: 1 }, c: { x: 1 } });
    branch.undo({ steps: 1 });
    expect(branch.store.digest()).toBe(before);
    expect(branch.undo({ steps: 1 }).outcome).toBe("already");
    branch.redo();
    branch.redo();
    expect(branch.state).toEqual({ a: { x: 3 }, b: { x: 1 }, c: { x: 1 } });
    expect(main.store.digest()).toBe(before);
  });
});

test("what main takes back is gone from main only", () => {
  inBoth((main, branch) => {
    branch.write("bob", { a: { x: 2 } });
    expect(main.undo({ agent: "ann" }).outcome).toBe("done");
    expect(main.state).toEqual({});
    expect(branch.state).toEqual({ a: { x: 2 }, b: { x: 1 } });
    branch.undo({ agent: "bob" });
    expect(branch.state).toEqual({ a: { x: 1 }, b: { x: 1 } });
  });
});

test("what an exploration derived is in nobody's way on main, and is not taken along", () => {
  inBoth((main, branch) => {
    branch.write("bob", { c: { x: 1 } }, { reads: ["a"] });
    const plan = main.plan({ keys: ["a"] }, "cascade");
    expect(plan.said).toMatchObject({ cascade: [], dependents: [], conflicts: [] });
    expect(main.undo({ keys: ["a"] }).outcome).toBe("done");
    expect(branch.state).toEqual({ a: { x: 1 }, b: { x: 1 }, c: { x: 1 } });
  });
});

test("an undo is redone where it was done", () => {
  inBoth((main, branch) => {
    branch.write("bob", { a: { x: 2 } });
    const there = branch.undo({ agent: "bob" });
    const here = main.undo({ steps: 1 });
    expect(() => main.redo(there.transaction)).toThrow(`there is no transaction ${there.transaction}`);
    expect(() => branch.redo(here.transaction)).toThrow(`there is no transaction ${here.transaction}`);
    expect(() => main.plan({ transactions: [4] })).toThrow("there is no transaction 4");
    expect(branch.plan({ operations: [1] }).said.transactions).toEqual([]);
    expect(() => main.plan({ transactions: [3] })).toThrow("is of kind explore");
    main.redo();
    branch.redo();
    expect(main.state).toEqual({ a: { x: 1 }, b: { x: 1 } });
    expect(branch.state).toEqual({ a: { x: 2 }, b: { x: 1 } });
  });
});

test("an exploration can be rewound to where it began", () => {
  inBoth((main, branch) => {
    const before = branch.store.digest();
    branch.write("bob", { a: { x: 2 } });
    main.write("ann", { a: { x: 5 } });
    branch.write("bob", { c: { x: 2 } });
    branch.undo({ steps: 1 });
    branch.rewind(2);
    expect(branch.store.digest()).toBe(before);
    expect(main.state).toEqual({ a: { x: 5 }, b: { x: 1 } });
  });
});
