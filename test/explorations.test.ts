/**
 * I15: what happens in an exploration that is discarded never happened, and one that is merged is as if the same had been
 * done directly; to the last score of what a search finds. Over random histories, with undos, redos, rewinds and
 * explorations inside.
 */
import { rmSync } from "node:fs";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { discard, open, start } from "../src/explore/exploration.ts";
import { merge } from "../src/explore/merge.ts";
import { apply } from "../src/rollback/apply.ts";
import { planOn } from "../src/rollback/plan.ts";
import { quarantined } from "../src/rollback/quarantine.ts";
import { redoRequest } from "../src/rollback/redo.ts";
import { rollbackRequest } from "../src/rollback/select.ts";
import type { Store } from "../src/store/contract/store.ts";
import { fastFolder, isLong } from "./momo-process.ts";
import {
  comparable,
  exactly,
  inPlace,
  playDirectly,
  playWithin,
  resultsIn,
  type Step,
  stateOf,
  stepsWith,
  writeIn,
} from "./scored-world.ts";

const seeds = isLong ? 1000 : 40;
const timeout = isLong ? 1_200_000 : 60_000;
const folder = fastFolder("momo-explorations-");
afterAll(() => rmSync(folder, { recursive: true }));

const now = new Date(0);
const before = stepsWith(comparable, { maxLength: 5 });
const within = stepsWith(comparable, { maxLength: 8, depth: 2 });

/** Main goes on while the exploration is open, elsewhere. */
const meanwhile = fc.array(
  fc.record({ id: fc.constantFrom("main/x", "main/y"), words: fc.constantFrom("queue", "retry token") }),
  { maxLength: 2 },
);

function goOn(store: Store, writes: { id: string; words: string }[]): void {
  for (const { id, words } of writes)
    writeIn(store, {
      do: "write",
      agent: "carol",
      changes: [{ do: "put", id, words: [words], title: "index" }],
      reads: [],
    });
}

function explore(store: Store, steps: readonly Step[]): Store {
  start(store, { agent: "eve", name: "trial" }, now);
  const view = open(store, "trial", now);
  playWithin(view, steps);
  return view;
}

test("I15: an exploration that is discarded leaves every byte, every posting and every score as it was", {
  timeout,
}, () => {
  let changed = 0;
  fc.assert(
    fc.property(before, within, (steps, tried) => {
      inPlace(folder, (store) => {
        playDirectly(store, steps);
        const was = exactly(store);
        const view = explore(store, tried);
        if (view.digest() !== store.digest()) changed++;
        expect(exactly(store)).toEqual(was);
        discard(store, "trial", { agent: "eve" });
        expect(exactly(store)).toEqual(was);
        expect(store.branches()).toEqual([]);
      });
    }),
    { numRuns: seeds },
  );
  // Far below what is usual: random runs must not fail by chance, only when hardly any is about something.
  expect(changed).toBeGreaterThan(seeds / 5);
});

test("I15: an exploration that is merged is as if all of it had been done directly, and can be taken back", {
  timeout,
}, () => {
  let [changed, found] = [0, 0];
  fc.assert(
    fc.property(before, within, meanwhile, (steps, tried, others) => {
      const direct = inPlace(folder, (store) => {
        playDirectly(store, steps);
        playDirectly(store, tried);
        goOn(store, others);
        return stateOf(store);
      });
      inPlace(folder, (store) => {
        playDirectly(store, steps);
        const view = explore(store, tried);
        goOn(store, others);
        const was = exactly(store);
        const { transaction } = merge(
          { parent: store, view, name: "trial", prefer: undefined },
          { agent: "eve" },
        );
        expect(stateOf(store)).toEqual(direct);
        found += resultsIn(store);
        const merged = exactly(store);
        const operations = store.operations(transaction).length;
        if (operations === 0) return;
        changed++;
        const plan = planOn(store, () =>
          rollbackRequest(store.journal, { transactions: [transaction] }, "block"),
        );
        const undone = apply(store, plan, { agent: "ann" });
        expect(undone).toMatchObject({ outcome: "done", operations });
        expect(exactly(store)).toEqual(was);
        apply(
          store,
          planOn(store, () => redoRequest(store.journal, undone.transaction, "block")),
          {
            agent: "ann",
          },
        );
        expect(exactly(store)).toEqual(merged);
      });
    }),
    { numRuns: seeds },
  );
  expect(changed).toBeGreaterThan(seeds / 6);
  expect(found).toBeGreaterThan(seeds * 5);
});

/** What an exploration read and wrote, merged into a knowledge base that holds `source`. */
function mergedWith(strength: "declared" | "weak", work: (store: Store) => void): void {
  inPlace(folder, (store) => {
    const put = (on: Store, agent: string, key: string): void => {
      const tx = on.begin({ agent });
      if (key === "derived") tx.read(on.head("source")!.vid, strength);
      tx.put({ key, kind: "entry", body: Buffer.from(`{"of":"${key}"}`) });
      tx.commit();
    };
    put(store, "ann", "source");
    start(store, { agent: "eve", name: "trial" }, now);
    const view = open(store, "trial", now);
    put(view, "eve", "derived");
    merge({ parent: store, view, name: "trial", prefer: undefined }, { agent: "eve" });
    work(store);
    expect(store.verify()).toBeUndefined();
  });
}

const planFor = (store: Store, policy: "block" | "cascade" | "quarantine") =>
  planOn(store, (journal) => rollbackRequest(journal, { agent: "ann" }, policy));

test("what an exploration derived rests on its source after a merge too: it stands in the way, and goes along", () => {
  mergedWith("declared", (store) => {
    expect(() => apply(store, planFor(store, "block"), { agent: "bob" })).toThrow("stand in the way");
    expect(store.head("source")).toBeDefined();
    expect(apply(store, planFor(store, "cascade"), { agent: "bob" })).toMatchObject({ operations: 2 });
    expect([store.head("source"), store.head("derived")]).toEqual([undefined, undefined]);
  });
});

test("what it looked at only is in nobody's way after a merge, but is set aside where that is wanted", () => {
  mergedWith("weak", (store) => {
    expect(planFor(store, "block").blocked).toBe(false);
    apply(store, planFor(store, "quarantine"), { agent: "bob" });
    expect(quarantined(store)).toMatchObject([{ id: "derived" }]);
  });
});
