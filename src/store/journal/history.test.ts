import { describe, expect, test } from "vitest";
import type { Store } from "../contract/store.ts";
import { entry, fork, open, transact, version, write } from "../knowledge.fixture.ts";

describe("history", () => {
  test("is newest first and filtered by agent, key, time and count", () => {
    let minute = 0;
    const store = open("write", { clock: () => new Date(Date.UTC(2026, 0, 1, 0, minute++)) });
    for (let i = 0; i < 300; i++) {
      const tx = store.begin({ agent: i % 2 ? "odd" : "even" });
      tx.put(version(`key ${i}`, 1));
      if (i % 100 === 0) tx.put(version("hundreds", i / 100));
      tx.commit();
    }
    const ids = (...filter: Parameters<Store["history"]>): number[] =>
      store.history(...filter).map((t) => t.transaction);
    expect(ids()).toEqual(Array.from({ length: 300 }, (_, i) => 300 - i));
    expect(ids({ agent: "odd", limit: 2 })).toEqual([300, 298]);
    expect(ids({ key: "hundreds" })).toEqual([201, 101, 1]);
    // Key numbers also stand in other operations as parts of version numbers.
    expect(ids({ key: "key 1" })).toEqual([2]);
    expect(ids({ key: "key 129" })).toEqual([130]);
    expect(ids({ key: "unknown" })).toEqual([]);
    expect(ids({ since: "2026-01-01T04:58:00Z" })).toEqual([300, 299]);
    expect(ids({ since: "2026-01-01T04:50:00Z", agent: "even", key: "key 298" })).toEqual([299]);
    expect(() => ids({ since: "soon" })).toThrow(expect.objectContaining({ code: "VALUE_INVALID" }));
  });

  test("is filtered by session and by both ends of a span of time", () => {
    let minute = 0;
    const store = open("write", { clock: () => new Date(Date.UTC(2026, 0, 1, 0, minute++)) });
    for (const session of ["s1", "s2", undefined, "s1"]) {
      transact(store, (tx) => tx.put(entry("a", minute)), session === undefined ? {} : { session });
    }
    const ids = (...filter: Parameters<Store["history"]>): number[] =>
      store.history(...filter).map((t) => t.transaction);
    expect(ids({ session: "s1" })).toEqual([4, 1]);
    expect(ids({ session: "s3" })).toEqual([]);
    expect(ids({ until: "2026-01-01T00:01:00Z" })).toEqual([2, 1]);
    expect(ids({ since: "2026-01-01T00:01:00Z", until: "2026-01-01T00:02:00Z" })).toEqual([3, 2]);
    expect(ids({ until: "2025-12-31" })).toEqual([]);
    expect(ids({ session: "s1", until: "2026-01-01T00:02:00Z", key: "a" })).toEqual([1]);
    expect(ids({ key: "a", limit: 2 })).toEqual([4, 3]);
    expect(() => ids({ until: "later" })).toThrow(expect.objectContaining({ code: "VALUE_INVALID" }));
  });

  test("is one branch's own, and tells what each transaction said", () => {
    const main = open();
    write(main, entry("a", 1));
    const branch = fork(main, "b");
    write(branch, entry("a", 2));
    write(main, entry("a", 3));
    transact(main, (tx) => tx.describe({ name: "here", seq: 3 }), { kind: "checkpoint" });
    const ids = (store: Store, key?: string): number[] =>
      store.history(key === undefined ? {} : { key }).map((t) => t.transaction);
    expect([ids(main), ids(branch)]).toEqual([[5, 4, 2, 1], [3]]);
    expect([ids(main, "a"), ids(branch, "a")]).toEqual([[4, 1], [3]]);
    expect(main.history().map(({ detail }) => detail)).toEqual([
      { name: "here", seq: 3 },
      undefined,
      { name: "b", branch: 2 },
      undefined,
    ]);
    expect(branch.history()[0]?.detail).toEqual({ bytes: 1 });
  });
});
