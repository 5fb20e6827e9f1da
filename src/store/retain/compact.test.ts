/** What is dropped with old operations. */

import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Store } from "../contract/store.ts";
import { index } from "../everything.fixture.ts";
import {
  contentsOf,
  entry,
  folder,
  fork,
  move,
  numbers,
  open,
  remove,
  transact,
  write,
} from "../knowledge.fixture.ts";

function compact(store: Store, horizon: number): { transactions: number; versions: number } {
  let dropped = { transactions: 0, versions: 0 };
  transact(
    store,
    (tx) => {
      dropped = tx.compact(horizon);
    },
    { kind: "compact" },
  );
  return dropped;
}

const beyond = expect.objectContaining({ code: "BEYOND_HORIZON" });

describe("compaction", () => {
  test("drops operations and the versions that only they name; the state stays", () => {
    const store = open();
    const [a1, b1] = write(store, entry("a", 1, "one"), entry("b", 1));
    const [a2] = write(store, entry("a", 2, "two"));
    const [a3] = write(store, entry("a", 3, "three"));
    const [a4] = write(store, entry("a", 4));
    const before = [store.digest(), store.seq(), contentsOf(store)];
    expect(compact(store, 3)).toEqual({ transactions: 2, versions: 1 });
    expect([store.digest(), store.seq(), contentsOf(store)]).toEqual(before);
    expect(store.journal.horizon()).toBe(3);
    // The oldest kept operation moves from the second version.
    expect(numbers("version")).toEqual([b1, a2, a3, a4]);
    expect(numbers("text")).toEqual([a2, a3]);
    expect([store.body(a1!), store.text(a1!), store.keyOf(a1!)]).toEqual([undefined, undefined, undefined]);
    expect(store.verify()).toBeUndefined();
    move(store, { a: a2! });
    expect(contentsOf(store)).toEqual({ a: 2, b: 1 });
    expect(open("read").verify()).toBeUndefined();
  });

  test("keeps every header, and says which operations are gone", () => {
    const store = open();
    write(store, entry("a", 1), entry("b", 1));
    transact(store, (tx) => tx.describe({ name: "here" }), { kind: "checkpoint" });
    write(store, entry("a", 2));
    write(store, entry("a", 3));
    const before = store.history();
    compact(store, 3);
    const { journal } = store;
    expect(store.history().slice(1)).toEqual(before);
    expect(store.history()[0]).toMatchObject({ kind: "compact", operations: 0 });
    expect([1, 2, 3, 4].map((number) => store.operations(number).length)).toEqual([0, 0, 0, 1]);
    expect([1, 2, 3, 4].map((number) => journal.isKept(journal.transaction(number)!))).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(() => journal.operations(journal.transaction(1)!)).toThrow(beyond);
    expect(journal.select({}).map(({ transaction }) => transaction)).toEqual([1, 3, 4]);
    expect(journal.hasLosses()).toBe(true);
    // The chain of a key, and so its history, ends there.
    expect(Array.from(journal.chain(1, 2), ({ seq }) => seq)).toEqual([4]);
    expect([...journal.chain(2, 2)]).toEqual([]);
    expect(store.history({ key: "a" }).map(({ transaction }) => transaction)).toEqual([4]);
    expect(journal.at(1).transaction).toBe(1);
  });

  test("goes as far as whole transactions do, and never back", () => {
    const store = open();
    write(store, entry("a", 1), entry("b", 1));
    write(store, entry("a", 2), entry("b", 2));
    expect(compact(store, 1)).toEqual({ transactions: 0, versions: 0 });
    expect(store.journal.horizon()).toBe(0);
    expect(compact(store, 3)).toEqual({ transactions: 1, versions: 0 });
    expect(store.journal.horizon()).toBe(2);
    expect(compact(store, 1)).toEqual({ transactions: 0, versions: 0 });
    expect(store.journal.horizon()).toBe(2);
    expect(compact(store, 1000)).toEqual({ transactions: 1, versions: 2 });
    expect(store.journal.horizon()).toBe(4);
    expect(store.verify()).toBeUndefined();
    // What is written then is kept.
    write(store, entry("a", 3));
    const [link, ...rest] = store.journal.chain(1, 2);
    expect([link?.seq, link?.from, rest]).toEqual([5, 3, []]);
    expect(store.operations(7)).toHaveLength(1);
    expect(store.verify()).toBeUndefined();
  });

  test("stops where a branch begins, which goes on seeing its parent's past", () => {
    const main = open();
    write(main, entry("a", 1), entry("b", 1));
    const branch = fork(main, "b");
    write(branch, entry("b", 2));
    const over = fork(branch, "over");
    write(main, entry("a", 2));
    write(main, entry("a", 3));
    write(over, entry("b", 3));
    const before = [branch, over].map((store) => [contentsOf(store), store.digest()]);
    compact(main, 1000);
    expect(main.journal.horizon()).toBe(2);
    expect([branch, over].map((store) => [contentsOf(store), store.digest()])).toEqual(before);
    expect(open("read").on(over.branch).heads("entry").length).toBe(2);
    expect(branch.operations(3)).toHaveLength(1);
    expect(main.verify()).toBeUndefined();
    transact(branch, (tx) => tx.drop(over.branch), { kind: "discard" });
    transact(main, (tx) => tx.drop(branch.branch), { kind: "discard" });
    compact(main, 1000);
    expect([main.journal.horizon(), contentsOf(main)]).toEqual([5, { a: 3, b: 1 }]);
    expect(numbers("version")).toHaveLength(2);
    expect(main.verify()).toBeUndefined();
  });

  test("of a branch is refused", () => {
    const branch = fork(open(), "b");
    expect(() => compact(branch, 1)).toThrow(/only main/);
  });

  test("forgets which of the dropped writes were taken back, and keeps it of the others", () => {
    const store = open();
    const [a, b, c] = write(store, entry("a", 1), entry("b", 1), entry("c", 1));
    write(store, entry("a", 2), entry("b", 2));
    write(store, entry("c", 2));
    // A range that goes, and one over the end of a transaction.
    move(store, { a: a! }, { detail: { dead: [[1, 2]] } });
    move(store, { a: 4 }, { detail: { live: [[2, 2]] } });
    move(store, { a: a!, b: b!, c: c! }, { detail: { dead: [[4, 6]] } });
    compact(store, 5);
    expect(store.journal.undone([1, 99]).map((one) => ({ ...one }))).toEqual([{ first: 6, last: 6, by: 6 }]);
    expect(numbers("undone")).toEqual([6]);
    expect(store.verify()).toBeUndefined();
    move(store, { c: 6 }, { author: { kind: "redo" }, detail: { live: [[6, 6]] } });
    expect(store.journal.undone([1, 99])).toEqual([]);
    expect(store.verify()).toBeUndefined();
    compact(store, 1000);
    expect(store.verify()).toBeUndefined();
  });

  test("takes packs and postings of the versions that go", () => {
    const store = open();
    index(store, { "a.ts": "alpha" });
    index(store, { "b.ts": "beta", "c.ts": "gamma" });
    const [a] = index(store, { "a.ts": "delta delta" });
    remove(store, "b.ts");
    write(store, entry("later", 1));
    compact(store, store.seq());
    expect(store.heads("file").map(({ vid, key }) => [key, String(Buffer.from(store.text(vid)!))])).toEqual([
      ["a.ts", "delta delta"],
      ["c.ts", "gamma"],
    ]);
    expect([numbers("version"), numbers("slice")]).toEqual([
      [3, a, 5],
      [3, a],
    ]);
    expect(store.segments().map(({ vids }) => [...vids])).toEqual([[a], [3]]);
    expect([numbers("pack"), numbers("segment")]).toEqual([
      [3, 4],
      [3, 4],
    ]);
    expect(store.verify()).toBeUndefined();
  });

  test("in a transaction that writes keeps what that one names", () => {
    const store = open();
    const [a1] = write(store, entry("a", 1));
    write(store, entry("b", 1));
    const tx = store.begin({ agent: "tester" });
    const a2 = tx.put(entry("a", 2)).vid;
    tx.put(entry("a", 3));
    tx.compact(2);
    tx.commit();
    expect(store.verify()).toBeUndefined();
    expect([a1, a2].map((vid) => store.keyOf(vid!))).toEqual(["a", "a"]);
    move(store, { a: a1! });
    expect(contentsOf(store)).toEqual({ a: 1, b: 1 });
  });

  test("that is aborted drops nothing", () => {
    const store = open();
    write(store, entry("a", 1));
    write(store, entry("a", 2));
    const tx = store.begin({ agent: "tester" });
    expect(tx.compact(2)).toEqual({ transactions: 2, versions: 1 });
    tx.abort();
    expect([store.journal.horizon(), store.operations(1).length, numbers("version")]).toEqual([0, 1, [1, 2]]);
    expect(store.verify()).toBeUndefined();
  });
});

test("whatever was done before, compaction at any point keeps the state and every move after it", {
  timeout: 1_200_000,
}, () => {
  const change = fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat(3));
  const steps = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 10 });
  let files = 0;
  fc.assert(
    fc.property(steps, fc.array(fc.nat(30), { minLength: 1, maxLength: 3 }), (transactions, horizons) => {
      const store = open("write", {}, join(folder, `${files++}`, "momo.db"));
      const digests = new Map([[0, store.digest()]]);
      for (const changes of transactions) {
        transact(store, (tx) => {
          for (const [key, content] of changes)
            content === 0 ? tx.remove("entry", key) : tx.put(entry(key, content));
        });
        digests.set(store.seq(), store.digest());
      }
      for (const horizon of horizons) compact(store, horizon);
      expect(store.verify()).toBeUndefined();
      const horizon = store.journal.horizon();
      expect(horizon).toBe(Math.max(0, ...[...digests.keys()].filter((seq) => seq <= Math.max(...horizons))));
      // Back over every kept operation, newest first: each state comes back to the byte.
      for (const { transaction } of store.history()) {
        for (const { seq, key, from } of store.operations(transaction).toReversed()) {
          if (seq <= horizon) continue;
          move(store, { [key]: from ?? 0 });
          const digest = digests.get(seq - 1);
          if (digest !== undefined) expect(store.digest()).toBe(digest);
        }
      }
      expect(store.digest()).toBe(digests.get(horizon));
      expect(store.verify()).toBeUndefined();
      store.close();
    }),
    { numRuns: process.env.MOMO_TEST_LONG ? 2000 : 100 },
  );
});
