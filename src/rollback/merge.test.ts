/** Policy merge: only the fields that are taken back change, what others wrote into the same entry stays. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entryVersion } from "../store/records/entry.ts";
import { type Example, example } from "./example.fixture.ts";
import { snapshotOf } from "./state.fixture.ts";
import { check, counted } from "./world.fixture.ts";

const stopped = "stand in the way";

describe("an entry", () => {
  test("loses what is taken back and keeps what others wrote since", () => {
    example((here) => {
      here.write("eve", { a: { x: 1, y: 1 } });
      const changed = here.write("ann", { a: { x: 2, y: 1 } });
      here.write("bob", { a: { x: 2, y: 2 } });
      const before = snapshotOf(here.store);
      const { said, apply } = here.plan({ transactions: [changed] }, "merge");
      expect(said).toMatchObject({
        blocked: false,
        changes: [{ id: "a", kind: "entry", change: "merged", from: 3, to: 0 }],
        conflicts: [{ reason: "write", agent: "bob" }],
      });
      const { transaction, outcome } = apply();
      expect(outcome).toBe("done");
      expect(here.state).toEqual({ a: { x: 1, y: 2 } });
      here.redo(transaction);
      expect(snapshotOf(here.store)).toEqual(before);
    });
  });

  test("with its text, type, tags and counters", () => {
    example((here) => {
      const put = (agent: string, content: string, metadata: Record<string, unknown>): number => {
        const tx = here.store.begin({ agent });
        tx.put(entryVersion({ id: "a", type: "documentation", content, metadata }));
        return tx.commit().transaction;
      };
      put("eve", "first", { tags: ["k"], counters: { seen: 1 } });
      const changed = put("ann", "second", { tags: ["k", "x"], counters: { seen: 3 }, owner: "ann" });
      put("bob", "second", { tags: ["k", "x", "y"], counters: { seen: 4 }, owner: "ann" });
      here.undo({ transactions: [changed] }, "merge");
      const { vid } = here.store.head("a")!;
      expect(Buffer.from(here.store.text(vid)!).toString()).toBe("first");
      expect(here.state).toEqual({
        a: { type: "documentation", metadata: { tags: ["k", "y"], counters: { seen: 2 } } },
      });
    });
  });

  test("is left alone where one field was changed by both, and so is all the rest", () => {
    example((here) => {
      here.write("eve", { a: { x: 1 }, b: { x: 1 } });
      const changed = here.write("ann", { a: { x: 2 }, b: { x: 2 } });
      here.write("bob", { a: { x: 3 }, b: { x: 2, y: 1 } });
      const { said, apply } = here.plan({ transactions: [changed] }, "merge");
      expect(said.blocked).toBe(true);
      expect(apply).toThrow(`1 things ${stopped}, first a`);
      expect(here.state).toEqual({ a: { x: 3 }, b: { x: 2, y: 1 } });
    });
  });

  test("that was made or removed by what is taken back cannot be merged", () => {
    example((here) => {
      const made = here.write("ann", { a: { x: 1 } });
      here.write("bob", { a: { x: 1, y: 1 } });
      expect(() => here.undo({ transactions: [made] }, "merge")).toThrow(stopped);
      const removed = here.write("ann", { a: null });
      here.write("bob", { a: { x: 5 } });
      expect(() => here.undo({ transactions: [removed] }, "merge")).toThrow(stopped);
    });
  });

  test("from which two separated writes are taken loses both", () => {
    example((here) => {
      here.write("eve", { a: { x: 1, y: 1, z: 1 } });
      here.write("ann", { a: { x: 2, y: 1, z: 1 } });
      here.write("bob", { a: { x: 2, y: 2, z: 1 } });
      here.write("ann", { a: { x: 2, y: 2, z: 2 } });
      const before = snapshotOf(here.store);
      const { transaction } = here.undo({ agent: "ann" }, "merge");
      expect(here.state).toEqual({ a: { x: 1, y: 2, z: 1 } });
      here.redo(transaction);
      expect(snapshotOf(here.store)).toEqual(before);
    });
  });

  test("that says already what it should stays, and what was taken back does not come again with the next undo", () => {
    example((here) => {
      here.write("eve", { a: { x: 1 } });
      const changed = here.write("ann", { a: { x: 2 } });
      const over = here.write("bob", { a: { x: 1, y: 9 } });
      const { vid } = here.store.head("a")!;
      const { said, apply } = here.plan({ transactions: [changed] }, "merge");
      expect(said.changes).toMatchObject([{ id: "a", change: "unchanged", from: vid, to: vid }]);
      expect(apply().outcome).toBe("done");
      expect(here.store.head("a")!.vid).toBe(vid);
      here.undo({ transactions: [over] });
      expect(here.state).toEqual({ a: { x: 1 } });
    });
  });

  test("goes back through a merge to what counted before", () => {
    example((here) => {
      here.write("eve", { a: { x: 1 } });
      here.write("bob", { a: { x: 1, y: 1 } });
      const [digest, seq] = [here.store.digest(), here.store.seq()];
      here.write("ann", { a: { x: 2, y: 1 } });
      here.write("eve", { a: { x: 2, y: 1, z: 1 } });
      here.undo({ agent: "ann" }, "merge");
      here.rewind(seq);
      expect(here.store.digest()).toBe(digest);
    });
  });
});

test("a relation, a mark or a setting is not merged", () => {
  example((here) => {
    const put = (agent: string, weight: number): number => {
      const tx = here.store.begin({ agent });
      tx.put({ key: "s", kind: "setting", body: Buffer.from(JSON.stringify({ x: weight })) });
      return tx.commit().transaction;
    };
    put("eve", 1);
    const changed = put("ann", 2);
    put("bob", 3);
    expect(() => here.undo({ transactions: [changed] }, "merge")).toThrow(stopped);
  });
});

/** Each agent writes into a field of its own. */
const turns = fc.array(fc.tuple(fc.constantFrom("ann", "bob", "eve"), fc.nat(9)), {
  minLength: 3,
  maxLength: 8,
  size: "max" as const,
});

/** Takes the agents' work back, one after the other. */
function after(writes: readonly (readonly [string, number])[], agents: readonly string[]): unknown {
  let state: unknown;
  example((here: Example) => {
    const fields: Record<string, unknown> = { start: 1 };
    here.write("start", { a: fields });
    for (const [agent, value] of writes) {
      fields[agent] = value;
      here.write(agent, { a: fields });
    }
    for (const agent of agents) here.undo({ agent }, "merge");
    state = here.state;
  });
  return state;
}

test("I4, I19: what goes into different fields is taken back in any order, and the rest is as if it had been alone", () => {
  const order = fc.shuffledSubarray(["ann", "bob", "eve"], { minLength: 2 });
  counted((count) => {
    check([turns, order], (writes, gone) => {
      const left = new Map(writes.filter(([agent]) => !gone.includes(agent)));
      if (left.size > 0) count();
      const expected = { a: { start: 1, ...Object.fromEntries(left) } };
      expect(after(writes, gone)).toEqual(expected);
      expect(after(writes, gone.toReversed())).toEqual(expected);
    });
  });
});
