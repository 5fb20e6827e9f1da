/** Where others built on what is taken back: what each policy does, what it says, and when a plan no longer holds. */
import { describe, expect, test } from "vitest";
import { type Example, example } from "./example.fixture.ts";

const stopped = "stand in the way";

/** ann writes a and b, then bob writes a: a is in bob's way, b is in nobody's. */
function twoAgents(here: Example): { first: number; second: number } {
  const first = here.write("ann", { a: { x: 1 }, b: { x: 1 } });
  const second = here.write("bob", { a: { x: 2 } }, { intent: "correct it" });
  return { first, second };
}

describe("block", () => {
  test("changes nothing where one key is written over, and says by whom and why", () => {
    example((here) => {
      const { second } = twoAgents(here);
      const before = here.state;
      const { said, apply } = here.plan({ agent: "ann" });
      expect(said).toMatchObject({
        blocked: true,
        residue: [],
        transactions: [1],
        agents: { ann: 2 },
        conflicts: [{ reason: "write", id: "a", transaction: second, agent: "bob", intent: "correct it" }],
      });
      expect(apply).toThrow(`1 things ${stopped}, first a: nothing was changed; choose a policy`);
      expect(here.state).toEqual(before);
      expect(here.store.seq()).toBe(3);
    });
  });

  test("lets go what somebody else wrote again word for word, or removed as well", () => {
    example((here) => {
      here.write("eve", { a: { x: 1 } });
      const changed = here.write("ann", { a: { x: 2 }, b: { x: 1 } });
      here.write("bob", { a: { x: 1 }, b: null });
      expect(here.undo({ transactions: [changed] }).outcome).toBe("done");
      expect(here.state).toEqual({ a: { x: 1 } });
    });
  });

  test("looks at what the key would hold, not at what it holds now", () => {
    example((here) => {
      here.write("eve", { a: { x: 1 } });
      here.write("ann", { a: { x: 2 } });
      here.write("bob", { a: { x: 3 } });
      here.write("ann", { a: { x: 1 } });
      // Without ann's writes bob's counts, which is not what the key held before ann came.
      expect(here.plan({ agent: "ann" }).said).toMatchObject({
        blocked: true,
        conflicts: [{ agent: "bob" }],
      });
      expect(here.undo({ agent: "ann" }, "skip").residue).toEqual(["a"]);
      expect(here.state).toEqual({ a: { x: 1 } });
    });
  });
});

describe("cascade", () => {
  test("takes along what was written on top, whole transactions, until nothing more rests on it", () => {
    example((here) => {
      const first = here.write("ann", { a: { x: 1 } });
      const second = here.write("bob", { a: { x: 2 }, b: { x: 1 } });
      const third = here.write("eve", { b: { x: 2 }, c: { x: 1 } });
      here.write("eve", { d: { x: 1 } });
      const { said, apply } = here.plan({ transactions: [first] }, "cascade");
      expect(said).toMatchObject({
        cascade: [second, third],
        agents: { ann: 1, bob: 2, eve: 2 },
        blocked: false,
      });
      apply();
      expect(here.state).toEqual({ d: { x: 1 } });
      here.redo();
      expect(here.state).toEqual({ a: { x: 2 }, b: { x: 2 }, c: { x: 1 }, d: { x: 1 } });
    });
  });

  test("stops before what cannot be taken back silently, also where nobody asked for it", () => {
    example((here) => {
      const first = here.write("ann", { a: { x: 1 } });
      const sent = here.write("bob", { a: { x: 2 } }, { irreversible: "mail sent" });
      const { said, apply } = here.plan({ transactions: [first] }, "cascade");
      expect(said.conflicts).toContainEqual(
        expect.objectContaining({ reason: "external", id: "a", transaction: sent, detail: "mail sent" }),
      );
      expect(apply).toThrow(stopped);
    });
  });
});

describe("skip", () => {
  test("leaves what others wrote over, and a later try takes it", () => {
    example((here) => {
      const { first, second } = twoAgents(here);
      expect(here.undo({ agent: "ann" }, "skip")).toMatchObject({ outcome: "partial", residue: ["a"] });
      expect(here.state).toEqual({ a: { x: 2 } });
      // Nothing changed since: there is nothing to do, but what is left is not denied.
      expect(here.undo({ transactions: [first] }, "skip")).toMatchObject({
        outcome: "partial",
        transaction: 0,
        residue: ["a"],
      });
      here.undo({ transactions: [second] });
      expect(here.state).toEqual({ a: { x: 1 } });
      expect(here.undo({ agent: "ann" }, "skip")).toMatchObject({ outcome: "done", residue: [] });
      expect(here.state).toEqual({});
    });
  });

  test("leaves all of a key's writes where one is in the way, and takes the other keys of the same transactions", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 }, b: { x: 1 } });
      here.write("bob", { a: { x: 2 } });
      here.write("ann", { a: { x: 3 }, b: { x: 2 } });
      expect(here.undo({ agent: "ann" }, "skip").residue).toEqual(["a"]);
      expect(here.state).toEqual({ a: { x: 3 } });
      expect(here.store.history({ key: "a" })).toHaveLength(3);
    });
  });

  test("leaves too what the skipped was derived from", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      here.write("ann", { b: { x: 1 } }, { reads: ["a"] });
      here.write("bob", { b: { x: 2 } });
      expect(here.undo({ agent: "ann" }, "skip").residue.toSorted()).toEqual(["a", "b"]);
      expect(here.state).toEqual({ a: { x: 1 }, b: { x: 2 } });
    });
  });

  test("remembers what it left", () => {
    example((here) => {
      twoAgents(here);
      const { transaction } = here.undo({ agent: "ann" }, "skip");
      expect(here.store.history()[0]).toMatchObject({
        transaction,
        detail: { residue: [[1, 1]], dead: [[2, 2]] },
      });
    });
  });
});

describe("force", () => {
  test("takes back over later writes, and a redo brings those again too", () => {
    example((here) => {
      here.write("eve", { a: { x: 0 } });
      const { first } = twoAgents(here);
      here.write("eve", { a: { x: 4 } });
      const before = here.state;
      expect(here.plan({ transactions: [first] }, "force").said.agents).toEqual({ ann: 2, bob: 1, eve: 1 });
      const { transaction } = here.undo({ transactions: [first] }, "force");
      expect(here.state).toEqual({ a: { x: 0 } });
      here.redo(transaction);
      expect(here.state).toEqual(before);
    });
  });

  test("of a middle write keeps what was there before the oldest of those taken back", () => {
    example((here) => {
      here.write("eve", { a: { x: 0 } });
      here.write("ann", { a: { x: 1 } });
      here.write("bob", { a: { x: 2 } });
      here.write("ann", { a: { x: 3 } });
      here.undo({ agent: "ann" }, "force");
      expect(here.state).toEqual({ a: { x: 0 } });
      // Everything but eve's write is taken back now.
      expect(here.undo({ agent: "bob" }).outcome).toBe("already");
    });
  });
});

describe("quarantine", () => {
  test("leaves what stands on it, marked, and takes the rest", () => {
    example((here) => {
      twoAgents(here);
      here.write("eve", { c: { x: 1 } }, { reads: ["b"] });
      here.write("eve", { d: { x: 1 } }, { weak: ["b"] });
      const { said, apply } = here.plan({ agent: "ann" }, "quarantine");
      expect(said).toMatchObject({ blocked: false, quarantined: ["a", "c", "d"], residue: ["a"] });
      expect(said.dependents).toMatchObject([
        { strength: "declared", agent: "eve", id: "b" },
        { strength: "weak", agent: "eve", id: "b" },
      ]);
      const { transaction } = apply();
      expect(here.state).toEqual({ a: { x: 2 }, c: { x: 1 }, d: { x: 1 } });
      const marks = here.quarantined;
      expect(marks.map(({ id, current }) => [id, current])).toEqual([
        ["a", true],
        ["c", true],
        ["d", true],
      ]);
      expect(marks.map(({ reason }) => reason)).toEqual([
        "written on top of what was taken back",
        "derived from what was taken back (declared read)",
        "derived from what was taken back (weak read)",
      ]);
      here.redo(transaction);
      expect(here.quarantined).toEqual([]);
    });
  });

  test("marks a version: what is written anew is not kept out", () => {
    example((here) => {
      twoAgents(here);
      here.undo({ agent: "ann" }, "quarantine");
      here.write("bob", { a: { x: 3 } });
      expect(here.quarantined).toMatchObject([{ id: "a", current: false }]);
    });
  });

  test("again does nothing; after a release it marks again", () => {
    example((here) => {
      twoAgents(here);
      const first = here.undo({ agent: "ann" }, "quarantine");
      expect(here.undo({ agent: "ann" }, "quarantine")).toMatchObject({ transaction: 0, residue: ["a"] });
      here.release(["a"]);
      expect(here.quarantined).toEqual([]);
      const second = here.undo({ agent: "ann" }, "quarantine");
      expect(second.transaction).toBeGreaterThan(first.transaction);
      expect(here.quarantined).toMatchObject([{ id: "a", current: true }]);
      here.release(["a"]);
      expect(here.undo({ agent: "ann" }, "quarantine").transaction).toBeGreaterThan(second.transaction);
      expect(() => here.release(["a", "b"])).toThrow("b");
      expect(here.quarantined).toHaveLength(1);
    });
  });
});

describe("marks", () => {
  test("that come back with what is taken back are not set again", () => {
    example((here) => {
      here.write("eve", { a: { x: 0 } });
      twoAgents(here);
      here.undo({ agent: "ann" }, "quarantine");
      here.release(["a"], "eve");
      const { said, apply } = here.plan({ agent: "eve" }, "quarantine");
      expect(said).toMatchObject({ residue: ["a"], quarantined: [] });
      expect(apply().operations).toBe(1);
      expect(here.quarantined).toMatchObject([{ id: "a", current: true }]);
    });
  });

  test("are not marked themselves", () => {
    example((here) => {
      twoAgents(here);
      here.undo({ agent: "ann" }, "quarantine");
      here.release(["a"], "eve");
      here.write("bob", { a: { x: 3 } });
      here.undo({ agent: "ann" }, "quarantine");
      // The newer mark is in the way of the older one, which the release took away.
      expect(here.undo({ agent: "eve" }, "quarantine").residue).toEqual(["quarantine:a"]);
      expect(here.quarantined.map(({ id }) => id)).toEqual(["a"]);
    });
  });
});

describe("what was derived from it", () => {
  test("stands in the way where it was declared, and is only told where it was merely seen", () => {
    example((here) => {
      const source = here.write("ann", { a: { x: 1 } });
      const seen = here.write("bob", { c: { x: 1 } }, { weak: ["a"] });
      expect(here.plan({ transactions: [source] }).said).toMatchObject({
        blocked: false,
        dependents: [{ strength: "weak", transaction: seen, agent: "bob", id: "a" }],
      });
      const derived = here.write("bob", { b: { x: 1 } }, { reads: ["a"] });
      expect(here.plan({ transactions: [source] }).said).toMatchObject({
        blocked: true,
        conflicts: [{ reason: "read", id: "a", transaction: derived, agent: "bob" }],
      });
      expect(here.undo({ transactions: [source] }, "skip")).toMatchObject({ transaction: 0, residue: ["a"] });
      const { said, apply } = here.plan({ transactions: [source] }, "cascade");
      expect(said.cascade).toEqual([derived]);
      apply();
      expect(here.state).toEqual({ c: { x: 1 } });
    });
  });

  test("does not matter once it is gone, or goes as well", () => {
    example((here) => {
      const source = here.write("ann", { a: { x: 1 } });
      const derived = here.write("bob", { b: { x: 1 } }, { reads: ["a"] });
      expect(here.plan({ transactions: [source, derived] }).plan.blocked).toBe(false);
      here.undo({ transactions: [derived] });
      expect(here.undo({ transactions: [source] }).outcome).toBe("done");
    });
  });

  test("matters where only a part of it goes as well", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      here.write("ann", { b: { x: 1 }, c: { x: 1 } }, { reads: ["a"] });
      expect(here.plan({ keys: ["a", "b"] }).said).toMatchObject({
        blocked: true,
        conflicts: [{ reason: "read", id: "a", transaction: 2 }],
      });
      expect(here.undo({ keys: ["a", "b", "c"] }).outcome).toBe("done");
    });
  });

  test("rests on the version that was read, not on what came after it", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      here.write("bob", { b: { x: 1 } }, { reads: ["a"] });
      const newer = here.write("ann", { a: { x: 2 } });
      expect(here.undo({ transactions: [newer] }).outcome).toBe("done");
      expect(here.plan({ agent: "ann" }).plan.blocked).toBe(true);
    });
  });
});

describe("what also happened outside", () => {
  test("is taken back by force only", () => {
    example((here) => {
      const sent = here.write("ann", { a: { x: 1 } }, { irreversible: "mail sent" });
      for (const policy of ["block", "cascade", "merge"] as const) {
        const { said, apply } = here.plan({ transactions: [sent] }, policy);
        expect(said.conflicts).toMatchObject([{ reason: "external", id: "a", detail: "mail sent" }]);
        expect(apply).toThrow(stopped);
      }
      expect(here.undo({ transactions: [sent] }, "skip")).toMatchObject({ transaction: 0, residue: ["a"] });
      expect(here.undo({ transactions: [sent] }, "force").outcome).toBe("done");
      expect(here.state).toEqual({});
    });
  });

  test("is not hidden by what its agent wrote over it", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } }, { irreversible: "mail sent" });
      here.write("ann", { a: { x: 2 } });
      expect(here.plan({ agent: "ann" }).said).toMatchObject({
        blocked: true,
        conflicts: [{ reason: "external", id: "a", transaction: 1 }],
      });
    });
  });
});
