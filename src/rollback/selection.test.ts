/** What is selected, and how long a plan for it holds. */
import { describe, expect, test } from "vitest";
import { rowsReadBy } from "../store/counting.fixture.ts";
import { setCheckpoint } from "./checkpoint.ts";
import { type Example, example } from "./example.fixture.ts";
import { planOn } from "./plan.ts";
import { rollbackRequest } from "./select.ts";

const stale = "make a new plan";

/** Three transactions by two agents in two sessions, a minute apart: 1, 3 and 4; 2 is a checkpoint. */
function inThree(work: (here: Example) => void): void {
  let minutes = 0;
  example(
    (here) => {
      here.write("ann", { a: { x: 1 }, "src/b": { x: 1 } }, { session: "s1", request_id: "r1" });
      minutes = 1;
      setCheckpoint(here.store, "between", { agent: "eve" });
      here.write("bob", { "src/c": { x: 1 } }, { session: "s1" });
      minutes = 2;
      here.write("ann", { d: { x: 1 } }, { session: "s2" });
      work(here);
    },
    () => new Date(minutes * 60_000),
  );
}

describe("a selector", () => {
  const at = (minutes: number): string => new Date(minutes * 60_000).toISOString();
  test.each([
    [{ agent: "ann" }, [1, 4]],
    [{ session: "s1" }, [1, 3]],
    [{ agent: "ann", session: "s1" }, [1]],
    [{ agent: "ann", request_id: "r1" }, [1]],
    [{ transactions: [3, 4] }, [3, 4]],
    [{ transactions: [3, 4], agent: "ann" }, [4]],
    [{ operations: [2, 4] }, [1, 4]],
    [{ operations: [2, 4], transactions: [1] }, [1]],
    [{ keys: ["src/b", "d"] }, [1, 4]],
    [{ prefix: "src/" }, [1, 3]],
    [{ prefix: "src/", agent: "bob" }, [3]],
    [{ since: at(1) }, [3, 4]],
    [{ since: at(1), until: at(1) }, [3]],
    [{ until: at(0) }, [1]],
    [{ after: "between" }, [3, 4]],
    [{ after: 3 }, [4]],
    [{ steps: 1 }, [4]],
    [{ steps: 2 }, [3, 4]],
    [{ steps: 1, agent: "bob" }, [3]],
    [{ steps: 1, session: "s1" }, [3]],
    [{ steps: 1, keys: ["a"] }, [1]],
    [{ steps: 2, prefix: "src/" }, [1, 3]],
    [{ steps: 1, transactions: [1, 3] }, [3]],
    [{ keys: ["a", "src/c"], transactions: [1, 4] }, [1]],
    [{ keys: ["a", "src/c"], prefix: "src/" }, [3]],
    [{ keys: ["a", "d"], agent: "ann", since: at(1) }, [4]],
    [{ keys: ["src/b"], after: 2 }, []],
    [{ prefix: "src" }, [1, 3]],
    [{ prefix: "src/b" }, [1]],
    [{ prefix: "src/%" }, []],
    [{ prefix: "" }, [1, 3, 4]],
    [{ agent: "nobody" }, []],
  ])("%j means transactions %j", (selector, transactions) => {
    inThree((here) => expect(here.plan(selector).said.transactions).toEqual(transactions));
  });

  test("of keys, a prefix or operations takes these and leaves the rest of their transactions", () => {
    inThree((here) => {
      here.undo({ prefix: "src/" });
      expect(Object.keys(here.state).sort()).toEqual(["a", "d"]);
      here.undo({ operations: [1] });
      expect(here.state).toEqual({ d: { x: 1 } });
    });
  });

  test.each([
    { keys: ["mine"] },
    { keys: ["mine"], agent: "ann" },
    { prefix: "mi" },
    { steps: 1, keys: ["mine"], agent: "ann" },
    { operations: [3] },
  ])("%j reads as much among many transactions as among few", (selector) => {
    const rowsAmong = (others: number): number => {
      let rows = 0;
      example((here) => {
        here.write("bob", { mine: { x: 1 } });
        here.write("bob", { other: { x: 1 } });
        here.write("ann", { mine: { x: 2 } });
        for (let i = 0; i < others; i++) here.write("ann", { [`other ${i % 3}`]: { x: i } });
        rows = rowsReadBy(() => planOn(here.store, (journal) => rollbackRequest(journal, selector, "block")));
      });
      return rows;
    };
    expect(rowsAmong(90)).toBe(rowsAmong(30));
  });

  test("of a prefix means names by their letters, whatever these are", () => {
    example((here) => {
      here.write("ann", { 日本: { x: 1 }, "日本/a": { x: 1 }, 日: { x: 1 }, "\u{10FFFF}": { x: 1 } });
      const idsBelow = (prefix: string): string[] =>
        here
          .plan({ prefix })
          .said.changes.map(({ id }) => id)
          .toSorted();
      expect(idsBelow("日本")).toEqual(["日本", "日本/a"]);
      expect(idsBelow("日")).toEqual(["日", "日本", "日本/a"]);
      expect(idsBelow("\u{10FFFF}")).toEqual(["\u{10FFFF}"]);
    });
  });

  test("must say something, and what it says must be there", () => {
    inThree((here) => {
      expect(() => here.plan({})).toThrow("nothing says what to take back");
      expect(() => here.plan({ transactions: [99] })).toThrow("there is no transaction 99");
      expect(() => here.plan({ operations: [99] })).toThrow('operations cannot be "99"');
      expect(() => here.plan({ operations: [0] })).toThrow('operations cannot be "0"');
      expect(() => here.plan({ keys: ["never"] })).toThrow("never");
      expect(() => here.plan({ after: "never" })).toThrow("there is no checkpoint never");
      expect(() => here.plan({ since: "noon" })).toThrow("ISO 8601");
      for (const steps of [0, -1, 1.5]) expect(() => here.plan({ steps })).toThrow("a whole number from 1");
      const { transaction } = here.undo({ steps: 1 });
      expect(() => here.plan({ transactions: [transaction] })).toThrow("is of kind undo");
      expect(() => here.redo(1)).toThrow("is of kind write");
      expect(() => here.redo(99)).toThrow("there is no transaction 99");
    });
  });

  test("with nothing left to take is done already", () => {
    inThree((here) => {
      expect(here.undo({ agent: "ann" }).outcome).toBe("done");
      const seq = here.store.seq();
      expect(here.undo({ agent: "ann" })).toMatchObject({
        outcome: "already",
        transaction: 0,
        operations: 0,
      });
      expect(here.store.seq()).toBe(seq);
    });
  });
});

describe("steps", () => {
  test("twice walk back two, and redo walks forward again", () => {
    example((here) => {
      for (const x of [1, 2, 3]) here.write("ann", { a: { x } });
      const seen: unknown[] = [];
      for (let i = 0; i < 3; i++) {
        here.undo({ steps: 1 });
        seen.push(here.state);
      }
      expect(seen).toEqual([{ a: { x: 2 } }, { a: { x: 1 } }, {}]);
      expect(here.undo({ steps: 1 }).outcome).toBe("already");
      const again: unknown[] = [];
      for (let i = 0; i < 3; i++) {
        here.redo();
        again.push(here.state);
      }
      expect(again).toEqual([{ a: { x: 1 } }, { a: { x: 2 } }, { a: { x: 3 } }]);
      expect(() => here.redo()).toThrow("nothing was taken back");
    });
  });

  test("do not count what the indexer did, unless it is the agent asked for", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      here.write("indexer", { b: { x: 1 } }, { kind: "index" });
      expect(here.plan({ steps: 1 }).said.transactions).toEqual([1]);
      expect(here.plan({ steps: 1, agent: "indexer" }).said.transactions).toEqual([2]);
      expect(here.plan({ after: 0 }).said.transactions).toEqual([1, 2]);
      here.undo({ steps: 5 });
      expect(here.state).toEqual({ b: { x: 1 } });
    });
  });

  test("more than there are take what there is, and the plan says so", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      here.write("ann", { b: { x: 1 } });
      expect(here.plan({ steps: 9 }).said).toMatchObject({ transactions: [1, 2], operations: 2 });
    });
  });
});

describe("a redo", () => {
  test("is itself taken back by the redo of its own number, over and over", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      const undone = here.undo({ steps: 1 });
      const redone = here.redo();
      const again = here.redo(redone.transaction);
      expect(here.state).toEqual({});
      here.redo();
      expect(here.state).toEqual({ a: { x: 1 } });
      expect(here.redo(undone.transaction).outcome).toBe("already");
      expect(here.redo(again.transaction).outcome).toBe("already");
    });
  });

  test("after somebody wrote there is a conflict like any other", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 }, b: { x: 1 } });
      const { transaction } = here.undo({ steps: 1 });
      here.write("bob", { a: { x: 2 } });
      expect(() => here.redo(transaction)).toThrow("stand in the way");
      expect(here.redo(transaction, "skip").residue).toEqual(["a"]);
      expect(here.state).toEqual({ a: { x: 2 }, b: { x: 1 } });
      here.redo(transaction, "force");
      expect(here.state).toEqual({ a: { x: 1 }, b: { x: 1 } });
    });
  });

  test("brings a write back beneath one that had been written on it", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      here.write("bob", { a: { x: 2 } });
      const upper = here.undo({ agent: "bob" });
      const lower = here.undo({ agent: "ann" });
      here.redo(upper.transaction);
      expect(here.redo(lower.transaction).outcome).toBe("done");
      expect(here.state).toEqual({ a: { x: 2 } });
      here.undo({ agent: "bob" });
      expect(here.state).toEqual({ a: { x: 1 } });
    });
  });
});

describe("a redo with cascade", () => {
  test("takes what was written since on what comes back, not what was there before that", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      const { transaction } = here.undo({ steps: 1 });
      here.write("bob", { b: { x: 1 } });
      const over = here.write("bob", { a: { x: 2 }, b: { x: 2 } });
      here.write("eve", { b: { x: 3 } });
      here.undo({ agent: "eve" });
      expect(here.redo(transaction, "cascade").outcome).toBe("done");
      expect(here.state).toEqual({ a: { x: 1 }, b: { x: 1 } });
      expect(here.plan({ transactions: [over] }).said.transactions).toEqual([]);
    });
  });

  test("goes past the version that the reversed undo left, where the cascade takes that too", () => {
    example((here) => {
      here.write("eve", { a: { x: 1 } });
      const { vid } = here.store.head("a")!;
      here.write("ann", { a: { x: 2 }, b: { x: 1 } });
      here.undo({ agent: "ann" });
      const redone = here.redo();
      // Says again what eve said, so that ann's write beneath it can go.
      here.write("bob", { a: { x: 1 } }, { reads: ["b"] });
      here.redo(redone.transaction, "cascade");
      expect(here.store.head("a")!.vid).toBe(vid);
    });
  });

  test("leaves who rested on it before: that is how it was", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      here.write("bob", { b: { x: 1 } }, { reads: ["a"] });
      here.undo({ agent: "ann" }, "force");
      const redone = here.redo();
      expect(here.redo(redone.transaction).outcome).toBe("done");
      expect(here.state).toEqual({ b: { x: 1 } });
    });
  });
});

describe("a plan", () => {
  test("holds while others work elsewhere", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      const { plan, apply } = here.plan({ agent: "ann" });
      here.write("bob", { b: { x: 1 } });
      setCheckpoint(here.store, "p", { agent: "bob" });
      // What ann does meanwhile was not planned, and is not taken.
      here.write("ann", { c: { x: 1 } });
      expect(apply()).toMatchObject({ outcome: "done", plan_hash: plan.hash });
      expect(here.state).toEqual({ b: { x: 1 }, c: { x: 1 } });
    });
  });

  test.each([
    ["a head moved", (here: Example) => here.write("bob", { a: { x: 2 } })],
    [
      "a head moved and came back",
      (here: Example) => {
        here.write("bob", { a: { x: 2 } });
        here.undo({ agent: "bob" });
      },
    ],
    ["somebody derived from it", (here: Example) => here.write("bob", { c: { x: 1 } }, { reads: ["a"] })],
    ["somebody took it back", (here: Example) => here.undo({ agent: "ann" })],
    ["it went and came back", (here: Example) => here.undo({ agent: "ann" }) && here.redo()],
  ])("is stale once %s", (_, happens) => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      const { apply } = here.plan({ agent: "ann" }, "force");
      const before = here.store.seq();
      happens(here);
      const after = here.state;
      // Planned with force and taken with block is another plan; the same one would count as carried out.
      expect(here.store.seq()).toBeGreaterThan(before);
      expect(() => apply()).toThrow(stale);
      expect(here.state).toEqual(after);
    });
  });

  test("that was carried out is not carried out again, by whomever", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      const { apply } = here.plan({ agent: "ann" });
      const first = apply({ agent: "bob" });
      here.write("ann", { a: { x: 2 } });
      expect(apply({ agent: "eve" })).toMatchObject({ outcome: "already", transaction: first.transaction });
      expect(here.state).toEqual({ a: { x: 2 } });
    });
  });
});
