/**
 * What must hold whatever was done before: the invariants of taking back, over random histories of several agents with
 * undos under every policy, redos, rewinds, releases and reopenings. Those of relations are in relations.test.ts.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { JournalView } from "../store/contract/journal.ts";
import { rowsReadBy, runsBy } from "../store/counting.fixture.ts";
import { apply } from "./apply.ts";
import { Example } from "./example.fixture.ts";
import type { Model, ModelTransaction } from "./model.fixture.ts";
import { planOn } from "./plan.ts";
import { rollbackRequest } from "./select.ts";
import { snapshotOf } from "./state.fixture.ts";
import {
  agents,
  keys,
  policy,
  type Step,
  selected,
  selectorDraw,
  stepsWith,
  type Write,
  write,
} from "./steps.fixture.ts";
import { check, counted, inStore, inWorld, replay, type World } from "./world.fixture.ts";

const history = stepsWith(policy, { minLength: 2, maxLength: 8 });
const nothing = "0".repeat(64);
const draw = fc.nat(1000);

test("I1: taking everything back leaves nothing", () => {
  const byPeople = stepsWith(fc.constantFrom("block", "cascade", "skip", "force"), { maxLength: 10 });
  check([byPeople, policy], (steps, wanted) => {
    inWorld(steps, (world) => {
      const isFree = world.model.transactions.every(({ irreversible }) => !irreversible);
      world.undo({
        do: "undo",
        selector: { by: "after", draw: 0 },
        policy: isFree ? wanted : "force",
        by: "ann",
      });
      expect(world.store.digest()).toBe(nothing);
    });
  });
});

test("I1: going back to the beginning leaves nothing", () => {
  check([history], (steps) => {
    inWorld(steps, (world) => {
      world.rewind(world.model.recorded[0]!);
      expect(world.store.digest()).toBe(nothing);
    });
  });
});

test("I2: what is done and taken back leaves every byte as it was", () => {
  check([history, write, policy], (steps, own, wanted) => {
    inWorld(steps, (world) => {
      const before = snapshotOf(world.store);
      const done = world.write({ ...own, irreversible: false });
      if (done) world.take([done.number], wanted);
      expect(snapshotOf(world.store)).toEqual(before);
    });
  });
});

test("I3: an undo and its redo leave every byte as it was, and so does the redo of the redo", () => {
  counted((count) => {
    check([history, selectorDraw, policy], (steps, selector, wanted) => {
      inWorld(steps, (world) => {
        const before = snapshotOf(world.store);
        const undone = world.undo({ do: "undo", selector, policy: wanted, by: "eve" });
        if (!undone?.transaction) return;
        count();
        const after = snapshotOf(world.store);
        const redone = world.reverse(undone.transaction)!;
        expect(redone.outcome).toBe("done");
        expect(snapshotOf(world.store)).toEqual(before);
        world.reverse(redone.transaction);
        expect(snapshotOf(world.store)).toEqual(after);
        world.redo({ do: "redo", of: undefined, policy: "block", by: "eve" });
        expect(snapshotOf(world.store)).toEqual(before);
      });
    });
  });
});

/** Many small writes, so that some are in nobody's way. */
const smallWrites = fc.array(
  write.map((one): Step => ({ ...one, changes: one.changes.slice(0, 1), irreversible: false })),
  { minLength: 2, maxLength: 6, size: "max" },
);

test("I4: two undos in neither's way lead to the same whichever comes first", () => {
  counted((count) => {
    check([stepsWith(policy, { maxLength: 5 }), smallWrites, fc.tuple(draw, draw)], (before, writes, two) => {
      const steps = [...before, ...writes];
      const one = inWorld(steps, (world) => takeTwo(world, two));
      const other = inWorld(steps, (world) => takeTwo(world, two.toReversed()));
      if (!one || !other) return;
      count();
      expect(one).toEqual(other);
    });
  });
});

/** Takes two transactions back that nothing stands in the way of; undefined where there are none. */
function takeTwo(world: World, draws: number[]): unknown {
  const { model, store } = world;
  const clean = model.writing().filter((one) => {
    const request = rollbackRequest(store.journal, { transactions: [one.number] }, "block");
    return model.live(one).length > 0 && !planOn(store, () => request).blocked;
  });
  const chosen = new Set(draws.map((draw) => clean[draw % clean.length]?.number ?? 0));
  if (chosen.size < 2) return undefined;
  const isDone = [...chosen].every((number) => world.take([number], "block"));
  return isDone ? snapshotOf(store) : undefined;
}

test("I5: taking a clean selection back is the history without it", () => {
  counted((count) => {
    check([history, selectorDraw], (steps, selector) => {
      inWorld(steps, (world) => {
        const { writes } = selected(world.model, selector);
        if (!world.undo({ do: "undo", selector, policy: "block", by: "bob" })?.transaction) return;
        count();
        const rest = world.model.writes.filter((one) => world.model.counts(one));
        expect(rest.some((one) => writes.includes(one))).toBe(false);
        expect(replay(rest)).toBe(world.store.digest());
      });
    });
  });
});

test("I6: block and skip never change what another agent's write holds", () => {
  counted((count) => {
    check([history, fc.constantFrom(...agents), fc.constantFrom("block", "skip")], (steps, agent, wanted) => {
      inWorld(steps, (world) => {
        const { model, store } = world;
        const others = model.keys().filter((key) => {
          const newest = model.on(key).findLast((one) => model.counts(one));
          return newest && model.transaction(newest.transaction)!.agent !== agent;
        });
        const held = (): unknown[] => others.map((key) => store.head(key));
        const before = held();
        const isAbout = model.writing().some((one) => one.agent === agent && model.live(one).length > 0);
        if (isAbout && others.length > 0) count();
        world.undo({ do: "undo", selector: { by: "agent", agent }, policy: wanted, by: agent });
        expect(held()).toEqual(before);
      });
    });
  });
});

/** Writes that say something new each time, so that nothing is in nobody's way by chance. */
const newWrites = fc.array(write, { minLength: 2, maxLength: 9, size: "max" }).map((writes) => {
  let value = 10;
  return writes.map((one): Write => {
    const changes = one.changes.map(({ key }) => ({ key, field: "x" as const, value: value++ }));
    return { ...one, changes, irreversible: false };
  });
});

/** Everything that was written over these transactions or derived from them, and so on. */
function closure(model: Model, chosen: ReadonlySet<number>): Set<number> {
  const all = new Set(chosen);
  for (;;) {
    const taken = model.writes.filter(({ transaction }) => all.has(transaction));
    const rests = ({ own, reads }: ModelTransaction): boolean =>
      taken.some(
        ({ key, seq, vid }) =>
          own.some((later) => later.key === key && later.seq > seq) ||
          (own.length > 0 && reads.some((one) => one.declared && one.vid === vid)),
      );
    const more = model.transactions.filter((one) => !all.has(one.number) && rests(one));
    if (more.length === 0) return all;
    for (const { number } of more) all.add(number);
  }
}

test("I7: cascade is the history without what was selected and all that rests on it", () => {
  counted((count) => {
    check([newWrites, fc.array(draw, { minLength: 1, maxLength: 2 })], (steps, draws) => {
      inWorld(steps, (world) => {
        const { model } = world;
        const all = model.writing();
        const chosen = new Set(draws.map((one) => all[one % all.length]!.number));
        const expected = closure(model, chosen);
        if (expected.size > chosen.size) count();
        world.take([...chosen], "cascade");
        expect(new Set([...model.dead].map(({ transaction }) => transaction))).toEqual(expected);
        const rest = model.writes.filter(({ transaction }) => !expected.has(transaction));
        expect(world.store.digest()).toBe(replay(rest));
      });
    });
  });
});

/** Each reads or overwrites what one before it wrote, so that a cascade goes from one to the next. */
const chainedWrites = fc
  .array(
    fc.record({
      key: fc.constantFrom(...keys),
      read: fc.constantFrom(...keys),
      agent: fc.constantFrom(...agents),
    }),
    {
      minLength: 8,
      maxLength: 25,
      size: "max",
    },
  )
  .map((links) =>
    links.map(({ key, read, agent }, i): Write => {
      const changes = [{ key, field: "x" as const, value: 10 + i }];
      const reads = i % 3 === 0 ? [] : [{ key: read, declared: i % 5 > 0 }];
      return { do: "write", agent, session: "s1", changes, reads, irreversible: false };
    }),
  );

test("I7: also where it takes many rounds to come to all of it", () => {
  counted((count) => {
    check([chainedWrites, draw], (steps, one) => {
      inWorld(steps, (world) => {
        const { model } = world;
        const { number } = model.writing()[one % 5]!;
        const expected = closure(model, new Set([number]));
        if (expected.size > 6) count();
        world.take([number], "cascade");
        expect(new Set([...model.dead].map(({ transaction }) => transaction))).toEqual(expected);
        const rest = model.writes.filter(({ transaction }) => !expected.has(transaction));
        expect(world.store.digest()).toBe(replay(rest));
        // And all of it comes back, and goes again, under whatever stands in the way.
        world.redo({ do: "redo", of: undefined, policy: "cascade", by: "eve" });
        for (const policy of ["skip", "quarantine", "cascade"] as const) world.take([number], policy);
      });
    });
  });
});

test("a cascade along a chain reads in proportion to it", () => {
  const rowsAlong = (length: number): number =>
    inStore((store) => {
      const here = new Example(store);
      const first = here.write("ann", { "0": { x: 0 } });
      for (let i = 1; i < length; i++) here.write("bob", { [i]: { x: i } }, { reads: [`${i - 1}`] });
      let rows = 0;
      const intent = (journal: JournalView) => rollbackRequest(journal, { transactions: [first] }, "cascade");
      rows = rowsReadBy(() => expect(planOn(store, intent).cascade).toHaveLength(length - 1));
      return rows;
    });
  expect(rowsAlong(200)).toBeLessThan(2.3 * rowsAlong(100));
});

test("taking back what was taken back and redone asks for the branch as often for many operations as for few", () => {
  const runsFor = (operations: number): number =>
    inStore((store) => {
      const here = new Example(store);
      const all = Array.from({ length: operations }, (_, i) => [`${i}`, { x: i }]);
      const number = here.write("ann", Object.fromEntries(all));
      here.undo({ transactions: [number] });
      here.redo();
      const intent = (journal: JournalView) => rollbackRequest(journal, { transactions: [number] }, "block");
      return runsBy(
        () => apply(store, planOn(store, intent), { agent: "bob" }),
        /FROM branch WHERE branch = \?/,
      );
    });
  expect(runsFor(60)).toBe(runsFor(6));
});
