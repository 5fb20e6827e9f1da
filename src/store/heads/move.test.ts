import { describe, expect, test } from "vitest";
import { kindNumber } from "../contract/kinds.ts";
import type { Store } from "../contract/store.ts";
import {
  contentsOf,
  entry,
  fork,
  move,
  open,
  remove,
  transact,
  version,
  write,
} from "../knowledge.fixture.ts";

/** Sequence numbers of the operations on a key, newest first, with the versions that they moved between. */
function chainOf(store: Store, key: string): number[][] {
  const { kid } = store.journal.kidOf(key)!;
  return Array.from(
    store.journal.chain(kid, store.journal.pointers(Float64Array.of(kid)).kind[0]!),
    (link) => [link.seq, link.from, link.to],
  );
}

describe("moving heads between versions that exist", () => {
  test("brings the digest back to the byte", () => {
    const store = open();
    const [a, b] = write(store, entry("a", 1), entry("b", 1), version("f", 1));
    const before = [store.digest(), store.digestOf("entry"), store.digestOf("file")];
    const [a2, , c] = write(store, entry("a", 2), version("f", 2), entry("c", 1));
    remove(store, "b");
    const after = store.digest();
    const receipt = move(store, { a: a!, b: b!, f: 3, c: 0 });
    expect([store.digest(), store.digestOf("entry"), store.digestOf("file")]).toEqual(before);
    expect(contentsOf(store)).toEqual({ a: 1, b: 1 });
    expect(receipt).toMatchObject({ operations: 4, seq: 11 });
    expect(store.history()[0]).toMatchObject({ kind: "undo", created: 1, updated: 2, removed: 1 });
    move(store, { a: a2!, b: 0, f: 5, c: c! }, { author: { kind: "redo" } });
    expect(store.digest()).toBe(after);
    // No version was made.
    expect(write(store, entry("d", 1))).toEqual([c! + 1]);
    expect(store.verify()).toBeUndefined();
  });

  test("continues each key's chain of operations", () => {
    const store = open();
    const [a, other] = write(store, entry("a", 1), entry("other", 1));
    write(store, entry("other", 2), entry("a", 2));
    move(store, { a: a!, other: other! });
    remove(store, "a");
    move(store, { a: 4 });
    expect(chainOf(store, "a")).toEqual([
      [8, 0, 4],
      [7, 1, 0],
      [5, 4, 1],
      [4, 1, 4],
      [1, 0, 1],
    ]);
    expect(chainOf(store, "other")).toEqual([
      [6, 3, 2],
      [3, 2, 3],
      [2, 0, 2],
    ]);
    expect(store.operations(3)).toEqual([
      { seq: 5, key: "a", from: 4, to: 1 },
      { seq: 6, key: "other", from: 3, to: 2 },
    ]);
    expect(store.history({ key: "a" }).map(({ transaction }) => transaction)).toEqual([5, 4, 3, 2, 1]);
    expect(store.verify()).toBeUndefined();
  });

  test("to where they are is an operation that changes nothing", () => {
    const store = open();
    const [a] = write(store, entry("a", 1));
    const before = store.digest();
    move(store, { a: a! });
    expect(store.digest()).toBe(before);
    expect(store.history()[0]).toMatchObject({ operations: 1, created: 0, updated: 0, removed: 0 });
    expect(chainOf(store, "a")).toEqual([
      [2, 1, 1],
      [1, 0, 1],
    ]);
    remove(store, "a");
    move(store, { a: 0 });
    expect([store.head("a"), store.verify()]).toEqual([undefined, undefined]);
  });

  test("goes on with what is written in the same transaction, which are the ones that write", () => {
    const store = open();
    const [a] = write(store, entry("a", 1), entry("b", 1));
    write(store, entry("a", 2));
    const { journal } = store;
    const kid = Float64Array.of(journal.kidOf("a")!.kid);
    const { kind, vid: from, seq: previous } = journal.pointers(kid);
    transact(
      store,
      (tx) => {
        tx.move({ kid, kind, from, to: Float64Array.of(a!), previous });
        tx.put(entry("b", 2));
        tx.describe({ writes: 1 });
      },
      { kind: "undo" },
    );
    const [transaction] = journal.select({ kinds: ["undo"] });
    expect(transaction).toMatchObject({ first: 4, last: 5, writes: 5 });
    const { kid: b } = journal.kidOf("b")!;
    expect(Array.from(journal.chain(b, 2), ({ seq, writes }) => [seq, writes])).toEqual([
      [5, true],
      [2, true],
    ]);
    expect(Array.from(journal.chain(kid[0]!, 2), ({ seq, writes }) => [seq, writes])).toEqual([
      [4, false],
      [3, true],
      [1, true],
    ]);
    expect(store.verify()).toBeUndefined();
  });

  test("of many keys at once is one transaction", () => {
    const store = open();
    const keys = Array.from({ length: 3000 }, (_, i) => `k${i}`);
    const vids = write(store, ...keys.map((key, i) => entry(key, i % 256)));
    const before = store.digest();
    write(store, ...keys.map((key, i) => entry(key, (i + 1) % 256)));
    expect(store.digest()).not.toBe(before);
    move(store, Object.fromEntries(keys.map((key, i) => [key, vids[i]!])));
    expect(store.digest()).toBe(before);
    expect(store.liveVersions("entry")).toEqual(Float64Array.from(vids));
    expect(store.verify()).toBeUndefined();
  });

  test("to a version that does not exist fails and leaves nothing", () => {
    const store = open();
    write(store, entry("a", 1));
    const before = store.digest();
    expect(() => move(store, { a: 99 })).toThrow();
    expect([store.digest(), store.seq(), store.history().length]).toEqual([before, 1, 1]);
    write(store, entry("a", 2));
    expect(store.verify()).toBeUndefined();
  });

  describe.each([1, 3, 8, 40])("of %i keys", (count) => {
    const keys = Array.from({ length: count }, (_, i) => `k${i}`);
    const kid = Float64Array.from(keys, (_, i) => i + 1);
    const kind = new Uint8Array(count).fill(kindNumber("entry"));

    test("is refused where one of the heads is not where it was read, and changes nothing", () => {
      const store = open();
      write(store, ...keys.map((key) => entry(key, 1)));
      const { vid: from, seq: previous } = store.journal.pointers(kid);
      for (const key of [keys[0]!, keys.at(-1)!, keys[count >> 1]!]) {
        // It is at the same version again, but something happened.
        const [vid] = write(store, entry(key, 2));
        expect(vid).toBeGreaterThan(count);
        const before = [store.digest(), store.seq()];
        const stale = { kid, kind, from, to: new Float64Array(count), previous };
        expect(() => transact(store, (tx) => tx.move(stale), { kind: "undo" })).toThrow(
          "not where they were",
        );
        expect([store.digest(), store.seq(), store.liveVersions("entry").length]).toEqual([...before, count]);
      }
      expect(store.verify()).toBeUndefined();
    });

    test("touches no head of another branch", () => {
      const main = open();
      write(main, ...keys.map((key) => entry(key, 1)));
      const [one, other] = [fork(main, "one"), fork(main, "other")];
      for (const branch of [one, other]) write(branch, ...keys.map((key) => entry(key, 2)));
      const counts = (): number[] => [main, one, other].map((store) => store.liveVersions("entry").length);
      const removeAll = (store: Store): void => {
        const { vid: from, seq: previous } = store.journal.pointers(kid);
        const moves = { kid, kind, from, to: new Float64Array(count), previous };
        transact(store, (tx) => tx.move(moves), { kind: "undo" });
      };
      removeAll(main);
      expect(counts()).toEqual([0, count, count]);
      removeAll(other);
      expect(counts()).toEqual([0, count, 0]);
      expect(contentsOf(one)).toEqual(Object.fromEntries(keys.map((key) => [key, 2])));
      expect(main.verify()).toBeUndefined();
    });
  });
});
