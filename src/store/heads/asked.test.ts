/** What it costs to ask a branch what its parent was at the fork, and that it is right however it is found. */
import { describe, expect, test } from "vitest";
import type { StoreReader } from "../contract/reader.ts";
import { askedBy, rowsReadBy, runsBy } from "../counting.fixture.ts";
import { contentsOf, entry, file, fork, open, transact, write } from "../knowledge.fixture.ts";

describe("what a branch is asked", () => {
  /** One that was laid over `a`, before `a`, or another key, was written so many times. */
  function over(writes: number, key = (i: number): string => `other ${i % 5}`): { branch: number } {
    const main = open();
    write(main, entry("a", 1), entry("b", 1));
    const { branch } = fork(main, "b");
    for (let i = 0; i < writes; i++) write(main, entry(key(i), i + 2));
    return { branch };
  }

  test.each([
    ["a key that stayed", "a", () => "other"],
    ["a key that moved once", "a", (i: number) => (i === 3 ? "a" : "other")],
  ])("costs as much over many transactions as over few: %s", (_, asked, key) => {
    const rowsOver = (writes: number, path: string): number => {
      const main = open("write", {}, path);
      write(main, entry("a", 1));
      const { branch } = fork(main, "b");
      for (let i = 0; i < writes; i++) write(main, entry(key(i), i + 2));
      const fresh = open("read", {}, path);
      return rowsReadBy(() => expect(contentOf(fresh.on(branch), asked)).toBe(1));
    };
    expect(rowsOver(200, `${file}-200`)).toBe(rowsOver(20, `${file}-20`));
  });

  test("is answered the same by following keys and, where that takes too long, by reading all", () => {
    const { branch } = over(300, (i) => (i % 2 ? "a" : "b"));
    const view = open("read").on(branch);
    expect(contentsOf(view)).toEqual({ a: 1, b: 1 });
    expect([contentOf(view, "a"), contentOf(view, "b"), view.head("other")]).toEqual([1, 1, undefined]);
    // And what its parent does later is read from there on.
    write(open(), entry("a", 7), entry("c", 7));
    const { rows } = askedBy(() => expect(contentsOf(view)).toEqual({ a: 1, b: 1 }));
    expect(rows).toBeLessThan(30);
  });

  test("is remembered by the store, however often it is opened", () => {
    const { branch } = over(300, (i) => (i % 2 ? "a" : "b"));
    const store = open("read");
    expect(contentsOf(store.on(branch))).toEqual({ a: 1, b: 1 });
    expect(rowsReadBy(() => contentsOf(store.on(branch)))).toBeLessThan(20);
  });

  test("its row is read once a snapshot, and anew where it may be another", () => {
    const main = open();
    write(main, entry("a", 1));
    write(main, entry("a", 2));
    const horizons = (store: StoreReader, times: number): number[] =>
      Array.from({ length: times }, () => store.journal.horizon());
    const read = /FROM branch WHERE branch = \?/;
    expect(runsBy(() => main.snapshot(() => horizons(main, 50)), read)).toBe(1);
    expect(runsBy(() => horizons(main, 5), read)).toBe(5);
    transact(
      main,
      (tx) => {
        expect(horizons(tx.reader, 2)).toEqual([0, 0]);
        tx.compact(1);
        expect(horizons(tx.reader, 2)).toEqual([1, 1]);
      },
      { kind: "compact" },
    );
    expect(main.snapshot(() => horizons(main, 2))).toEqual([1, 1]);
  });

  test("is not answered from before it was dropped", () => {
    const { branch } = over(3);
    const main = open();
    const view = main.on(branch);
    expect(contentOf(view, "a")).toBe(1);
    transact(main, (tx) => tx.drop(branch), { kind: "discard" });
    expect(() => view.head("a")).toThrow("exploration");
    expect(() => view.heads("entry")).toThrow("exploration");
  });

  test("cannot be told of what its parent writes in the same transaction, and is not guessed", () => {
    const { branch } = over(3);
    const main = open();
    const tx = main.begin({ agent: "tester" });
    expect(contentOf(tx.reader.on(branch), "a")).toBe(1);
    tx.put(entry("a", 9));
    expect(() => tx.reader.on(branch).head("a")).toThrow("before its parent is written");
    tx.abort();
    expect(contentOf(main.on(branch), "a")).toBe(1);
  });
});

const contentOf = (store: StoreReader, key: string): number => store.body(store.head(key)!.vid)![0]!;
