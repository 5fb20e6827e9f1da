/** Going back to an earlier state, over random histories that took back and redid things in between. */

import fc from "fast-check";
import { expect, test } from "vitest";
import type { RewindTarget } from "../model/rollback.ts";
import type { WriteTransaction } from "../store/contract/write.ts";
import { apply } from "./apply.ts";
import { removeCheckpoint, setCheckpoint } from "./checkpoint.ts";
import type { Recorded } from "./model.fixture.ts";
import { planOn } from "./plan.ts";
import { rewindRequest, seqOf } from "./redo.ts";
import { digestOf, snapshotOf } from "./state.fixture.ts";
import { policy, stepsWith } from "./steps.fixture.ts";
import { bytesOf, check, counted, inStore, inWorld, put, type World } from "./world.fixture.ts";

const history = stepsWith(policy, { minLength: 2, maxLength: 8 });

test("I10: every state that was can be gone back to, and left again", () => {
  check([history], (steps) => {
    inWorld(steps, (world) => {
      for (const state of [...world.model.recorded]) {
        const before = snapshotOf(world.store);
        const receipt = world.rewind(state);
        expect(world.store.digest()).toBe(state.digest);
        if (!receipt?.transaction) continue;
        world.reverse(receipt.transaction);
        expect(snapshotOf(world.store)).toEqual(before);
      }
    });
  });
});

test("I10: one after the other, without going back in between", () => {
  check([history, fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 })], (steps, draws) => {
    inWorld(steps, (world) => {
      for (const draw of draws) {
        const state = world.recorded(draw);
        world.rewind(state);
        expect(world.store.digest()).toBe(state.digest);
      }
    });
  });
});

test("in the middle of a transaction that wrote", () => {
  counted((count) => {
    check([history, fc.nat(1000)], (steps, draw) => {
      inWorld(steps, (world) => {
        const inner = statesWithin(world);
        if (inner.length === 0) return;
        count();
        world.rewind(inner[draw % inner.length]!);
      });
    });
  });
});

/** After each operation that is not the last of its transaction. */
function statesWithin({ model }: World): Recorded[] {
  return model.writing().flatMap(({ own }) =>
    own.slice(0, -1).map(({ seq }) => {
      const { dead } = model.recorded.findLast((state) => state.seq < seq)!;
      const state = new Map<string, string>();
      for (const write of model.writes) {
        if (write.seq <= seq && !dead.has(write)) state.set(write.key, write.content);
      }
      const heads = new Map([...state].filter(([, content]) => content !== ""));
      return { seq, dead, digest: digestOf(heads) };
    }),
  );
}

test("inside a transaction, a relation that would be left without an end is in the way", () => {
  inStore((store) => {
    const body = bytesOf("{}");
    const relate = (tx: WriteTransaction): void => {
      const edge = { source: "a", type: "needs", target: "b" };
      tx.put({ key: "a needs b", kind: "relation", body, edge });
    };
    const transact = (work: (tx: WriteTransaction) => void): number => {
      const tx = store.begin({ agent: "ann" });
      work(tx);
      return tx.commit().seq;
    };
    const made = transact((tx) => {
      put(tx, "a", "{}");
      relate(tx);
      put(tx, "b", "{}");
    });
    const taken = transact((tx) => {
      put(tx, "b", "");
      tx.remove("relation", "a needs b");
    });
    for (const seq of [made - 1, taken - 1]) {
      const plan = planOn(store, (journal) => rewindRequest(journal, { seq, inside_transaction: true }));
      expect(plan.obstacles).toMatchObject([{ reason: "structure" }]);
      expect(() => apply(store, plan, { agent: "ann" })).toThrow("go back to the end of a transaction");
    }
    // Before the relation, and without asking for the middle, all is whole.
    for (const target of [{ seq: 1, inside_transaction: true }, { seq: made - 1 }, { seq: taken - 1 }])
      expect(planOn(store, (journal) => rewindRequest(journal, target)).blocked).toBe(false);
    expect(store.verify()).toBeUndefined();
  });
});

test("an undo that a rewind went back over and a redo brought again can still be redone", () => {
  inWorld([], (world) => {
    const write = (value: number) =>
      world.write({
        do: "write",
        agent: "ann",
        session: "s1",
        reads: [],
        irreversible: false,
        changes: [{ key: "a", field: "x", value }],
      })!;
    write(1);
    const second = write(2);
    const before = snapshotOf(world.store);
    world.take([second.number], "block");
    const back = world.rewind(world.model.recorded[1]!);
    expect(back?.outcome).toBe("already");
    write(3);
    const gone = world.rewind(world.model.recorded[0]!)!;
    world.reverse(gone.transaction);
    expect(world.model.content("a")).toBe('{"x":3}');
    world.rewind(world.model.recorded[3]!);
    const undo = world.model.transactions.find(({ kind }) => kind === "undo")!;
    world.reverse(undo.number);
    expect(snapshotOf(world.store)).toEqual(before);
  });
});

const minute = 60_000;

/** A store whose states are one minute apart: a=1 after the first, a=2 after the second, a=3 after the third. */
function inThree(work: (store: Parameters<Parameters<typeof inStore>[0]>[0]) => void): void {
  let minutes = 0;
  inStore(
    (store) => {
      for (const value of [1, 2, 3]) {
        minutes = value;
        const tx = store.begin({ agent: "ann" });
        put(tx, "a", `{"x":${value}}`);
        tx.commit();
        setCheckpoint(store, `p${value}`, { agent: "ann", intent: "before the next" });
      }
      work(store);
    },
    () => new Date(minutes * minute),
  );
}

test("a target is a checkpoint, a sequence number or a time", () => {
  inThree((store) => {
    const at = (minutes: number): string => new Date(minutes * minute).toISOString();
    const found = [
      seqOf(store.journal, { checkpoint: "p2" }),
      seqOf(store.journal, { seq: 2 }),
      seqOf(store.journal, { time: at(2.5) }),
      seqOf(store.journal, { time: at(2) }),
    ];
    expect(found).toEqual([2, 2, 2, 2]);
    expect(seqOf(store.journal, { time: at(0.5) })).toBe(0);
    expect(() => seqOf(store.journal, { checkpoint: "p9" })).toThrow("there is no checkpoint p9");
    expect(() => seqOf(store.journal, { seq: -1 })).toThrow("give a sequence number");
    expect(() => seqOf(store.journal, { time: "noon" })).toThrow("ISO 8601");
  });
});

test("the newest checkpoint of a name counts, and a removed one does not", () => {
  inThree((store) => {
    setCheckpoint(store, "p1", { agent: "bob" });
    expect(seqOf(store.journal, { checkpoint: "p1" })).toBe(3);
    removeCheckpoint(store, "p1", { agent: "bob" });
    expect(() => seqOf(store.journal, { checkpoint: "p1" })).toThrow("there is no checkpoint p1");
    expect(() => setCheckpoint(store, "not a name", { agent: "bob" })).toThrow("letters, digits");
    expect(store.verify()).toBeUndefined();
  });
});

test("a state later than the last operation is refused", () => {
  inThree((store) => {
    expect(() => rewindRequest(store.journal, { seq: 99 })).toThrow("the last operation is 3");
    expect(rewindRequest(store.journal, { seq: 3 })).toMatchObject({ sources: [], live: { size: 0 } });
  });
});

test("a number inside a transaction means its end, unless just that operation is asked for", () => {
  inStore((store) => {
    for (const name of ["first", "second"]) {
      const tx = store.begin({ agent: "ann" });
      for (const key of ["a", "b", "c"]) put(tx, key, JSON.stringify({ name }));
      tx.commit();
    }
    const to = (target: RewindTarget) => rewindRequest(store.journal, target).to_seq;
    expect([0, 1, 2, 3, 4, 6].map((seq) => to({ seq }))).toEqual([0, 3, 3, 3, 6, 6]);
    expect([1, 4].map((seq) => to({ seq, inside_transaction: true }))).toEqual([1, 4]);
  });
});
