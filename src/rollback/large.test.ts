/** Transactions so large that their operations are no list of arguments, and keys that were written as often. */
import { expect, test, vi } from "vitest";
import type { SeqRange } from "../store/contract/transaction.ts";
import { apply } from "./apply.ts";
import { describe } from "./describe.ts";
import { planOn } from "./plan.ts";
import { redoRequest } from "./redo.ts";
import { rollbackRequest } from "./select.ts";
import { inStore } from "./world.fixture.ts";

const MANY = 150_000;
vi.setConfig({ testTimeout: 600_000 });

test("one that also did something outside is refused, and forced", () => {
  inStore((store) => {
    const tx = store.begin({ agent: "ann" });
    tx.describe({ irreversible: "mail sent" });
    for (let i = 0; i < MANY; i++) tx.put({ key: `k${i}`, kind: "setting", body: Buffer.of(1) });
    tx.commit();
    const blocked = planOn(store, (journal) => rollbackRequest(journal, { agent: "ann" }, "block"));
    expect(blocked.obstacles).toHaveLength(MANY);
    expect(() => apply(store, blocked, { agent: "bob" })).toThrow("stand in the way");
    const forced = planOn(store, (journal) => rollbackRequest(journal, { agent: "ann" }, "force"));
    expect(apply(store, forced, { agent: "bob" }).operations).toBe(MANY);
    expect(store.digest()).toBe("0".repeat(64));
  });
});

test("one that wrote one key over and over is taken back, in part too, and comes back", () => {
  inStore((store) => {
    const tx = store.begin({ agent: "ann" });
    for (let i = 0; i < MANY; i++) tx.put({ key: "k", kind: "setting", body: Buffer.from(String(i)) });
    tx.commit();
    const { vid } = store.head("k")!;
    const first = planOn(store, (journal) => rollbackRequest(journal, { operations: [1] }, "cascade"));
    expect(first.moves.to[0]).toBe(0);
    const whole = planOn(store, (journal) => rollbackRequest(journal, { keys: ["k"] }, "block"));
    expect(describe(store, whole).operations).toBe(MANY);
    apply(store, whole, { agent: "bob" });
    expect(store.head("k")).toBeUndefined();
    apply(
      store,
      planOn(store, (journal) => redoRequest(journal, undefined, "block")),
      { agent: "bob" },
    );
    expect(store.head("k")?.vid).toBe(vid);
    expect(store.verify()).toBeUndefined();
  });
});

test("what was taken back in as many pieces verifies", () => {
  inStore((store) => {
    const dead = Array.from({ length: MANY }, (_, i): SeqRange => [2 * i + 1, 2 * i + 1]);
    const undo = store.begin({ agent: "bob", kind: "undo" });
    undo.describe({ dead });
    undo.commit();
    const redo = store.begin({ agent: "bob", kind: "redo" });
    redo.describe({ live: dead.filter((_, i) => i % 3 > 0) });
    redo.commit();
    expect(store.verify()).toBeUndefined();
  });
});
