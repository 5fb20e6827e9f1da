import { describe, expect, test } from "vitest";
import type { JournalView, TransactionFilter } from "../contract/journal.ts";
import type { Store } from "../contract/store.ts";
import type { Author } from "../contract/transaction.ts";
import {
  alter,
  entry,
  file,
  fork,
  move,
  open,
  remove,
  transact,
  version,
  write,
} from "../knowledge.fixture.ts";

/** One transaction a minute, from 2026 on. */
function openClocked(): Store {
  let minute = 0;
  return open("write", { clock: () => new Date(at(minute++)) });
}

const at = (minute: number): number => Date.UTC(2026, 0, 1, 0, minute);

function putAs(store: Store, key: string, author: Partial<Author> = {}): void {
  transact(store, (tx) => tx.put(entry(key, 1)), author);
}

const numbers = (transactions: Iterable<{ transaction: number }>): number[] =>
  Array.from(transactions, ({ transaction }) => transaction);

describe("transactions are selected", () => {
  /** Transaction 4 has no operation, 7 lies on a branch. */
  function fill(): { store: Store; journal: JournalView; select: (filter: TransactionFilter) => number[] } {
    const store = openClocked();
    putAs(store, "a", { agent: "Ada", session: "s1", request_id: "r1", intent: "first" });
    putAs(store, "b", { agent: "Bob", session: "s1", kind: "index" });
    putAs(store, "c", { agent: "Ada", session: "s2" });
    transact(store, (tx) => tx.describe({ name: "here" }), { agent: "Ada", kind: "checkpoint" });
    transact(store, (tx) => {
      tx.put(entry("d", 1));
      tx.put(entry("e", 1));
      tx.remove("entry", "a");
    });
    const branch = fork(store, "branch");
    putAs(branch, "z", { agent: "Ada" });
    putAs(store, "f", { agent: "Ada", session: "s1" });
    const { journal } = store;
    return { store, journal, select: (filter) => numbers(journal.select(filter)) };
  }

  test("of their branch, oldest first, where they have operations", () => {
    const { store, journal, select } = fill();
    expect(select({})).toEqual([1, 2, 3, 5, 8]);
    expect(numbers(journal.newest({}))).toEqual([8, 5, 3, 2, 1]);
    expect(numbers(store.on(2).journal.select({}))).toEqual([7]);
    expect(journal.select({ transactions: [1, 5] })).toEqual([
      {
        transaction: 1,
        kind: "write",
        agent: "Ada",
        session: "s1",
        intent: "first",
        at: at(0),
        first: 1,
        last: 1,
        writes: 1,
        detail: {},
      },
      {
        transaction: 5,
        kind: "write",
        agent: "tester",
        session: undefined,
        intent: undefined,
        at: at(4),
        first: 4,
        last: 6,
        writes: 4,
        detail: {},
      },
    ]);
  });

  test("by number, author, time, place and kind", () => {
    const { select } = fill();
    expect(select({ transactions: [3, 1, 4, 7, 99] })).toEqual([1, 3]);
    expect(select({ transactions: [] })).toEqual([]);
    expect(select({ agent: "Ada" })).toEqual([1, 3, 8]);
    expect(select({ agent: "nobody" })).toEqual([]);
    expect(select({ session: "s1" })).toEqual([1, 2, 8]);
    expect(select({ request_id: "r1" })).toEqual([1]);
    expect(select({ since: at(2) })).toEqual([3, 5, 8]);
    expect(select({ until: at(2) })).toEqual([1, 2, 3]);
    expect(select({ since: at(1), until: at(2) })).toEqual([2, 3]);
    expect(select({ kinds: ["index"] })).toEqual([2]);
    expect(select({ kinds: ["index", "write", "undo"] })).toEqual([1, 2, 3, 5, 8]);
    // An operation of transaction 5 lies after 4 and 5, none after 6.
    expect(select({ after: 4 })).toEqual([5, 8]);
    expect(select({ after: 5 })).toEqual([5, 8]);
    expect(select({ after: 6 })).toEqual([8]);
  });

  test("by all conditions together", () => {
    const { journal, select } = fill();
    expect(select({ agent: "Ada", session: "s1" })).toEqual([1, 8]);
    expect(select({ agent: "Ada", session: "s1", after: 1, since: at(1) })).toEqual([8]);
    expect(select({ agent: "Bob", kinds: ["write"] })).toEqual([]);
    expect(numbers(journal.newest({ agent: "Ada", until: at(5) }))).toEqual([3, 1]);
  });

  test("by what they said, with or without operations", () => {
    const { store, journal } = fill();
    expect(journal.said("checkpoint")).toMatchObject([
      { transaction: 4, detail: { name: "here" }, first: 4, last: 3 },
    ]);
    expect(numbers(journal.said("explore"))).toEqual([6]);
    expect([journal.said("undo"), journal.hasLosses()]).toEqual([[], false]);
    transact(store, (tx) => tx.erase([tx.reader.journal.kidOf("b")!.kid]), { kind: "erase" });
    expect(journal.hasLosses()).toBe(true);
  });

  test("one at a time: by number, by an operation, by plan", () => {
    const { store, journal } = fill();
    expect(journal.transaction(4)?.kind).toBe("checkpoint");
    expect(journal.transaction(99)).toBeUndefined();
    expect([1, 4, 5, 6, 7, 8].map((seq) => journal.at(seq).transaction)).toEqual([1, 5, 5, 5, 7, 8]);
    move(store, { f: 0 }, { detail: { plan: "p1" } });
    expect(journal.planned("p1")).toMatchObject({ transaction: 9, kind: "undo", detail: { plan: "p1" } });
    expect(journal.planned("p2")).toBeUndefined();
    // A plan is carried out once.
    expect(() => move(store, { f: 1 }, { detail: { plan: "p1" } })).toThrow(/UNIQUE/);
    expect(store.head("f")).toBeUndefined();
  });
});

describe("the writes of an undo", () => {
  test("are the last ones, as many as it says; the others write all of them", () => {
    const store = open();
    const [a] = write(store, entry("a", 1));
    write(store, entry("a", 2));
    move(store, { a: a! }, { detail: { writes: 0 } });
    move(store, { a: a! });
    const writes = store.journal.select({}).map(({ first, last, writes: from }) => [first, last, from]);
    expect(writes).toEqual([
      [1, 1, 1],
      [2, 2, 2],
      [3, 3, 4],
      [4, 4, 5],
    ]);
  });
});

describe("what was taken back", () => {
  test("is told by ranges, with the transaction that did it", () => {
    const store = open();
    const [a] = write(store, entry("a", 1), entry("b", 1));
    write(store, entry("a", 2), entry("b", 2));
    const { journal } = store;
    expect(journal.undone([1, 99])).toEqual([]);
    move(store, { a: a! }, { detail: { dead: [[3, 4]] } });
    expect(journal.undone([1, 99]).map((one) => ({ ...one }))).toEqual([{ first: 3, last: 4, by: 3 }]);
    move(store, { a: 3 }, { detail: { live: [[3, 3]] }, author: { kind: "redo" } });
    expect(journal.undone([1, 99]).map((one) => ({ ...one }))).toEqual([{ first: 4, last: 4, by: 3 }]);
    expect([journal.undone([1, 3]), journal.undone([5, 9])]).toEqual([[], []]);
    expect(store.verify()).toBeUndefined();
  });
});

describe("keys", () => {
  test("are numbers, names and kinds", () => {
    const store = open();
    write(store, version("src/a.ts", 1), version("src/a.tsx", 1), entry("src", 1), version("Src/b.ts", 1));
    const { journal } = store;
    const { kid, kind } = journal.kidOf("src")!;
    expect([kind, journal.nameOf(kid), journal.kidOf("unknown")]).toEqual(["entry", "src", undefined]);
    const below = (prefix: string): string[] =>
      Array.from(journal.kidsBelow(prefix), (own) => journal.nameOf(own));
    expect(below("src/")).toEqual(["src/a.ts", "src/a.tsx"]);
    expect(below("src/a.ts")).toEqual(["src/a.ts", "src/a.tsx"]);
    expect(below("%")).toEqual([]);
    expect(below("")).toHaveLength(4);
    expect(() => journal.nameOf(99)).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
  });

  test("point where they are asked for, in that order", () => {
    const store = open();
    write(store, entry("a", 1), version("f", 1), entry("gone", 1));
    remove(store, "gone");
    const branch = fork(store, "b");
    write(branch, entry("a", 2), entry("new", 2));
    const pointers = (from: Store): number[][] => {
      const kid = Float64Array.from(["new", "f", "a", "gone", "a"], (key) => from.journal.kidOf(key)!.kid);
      const { kind, vid, seq } = from.journal.pointers(kid);
      return [[...kind], [...vid], [...seq]];
    };
    expect(pointers(store)).toEqual([
      [2, 1, 2, 2, 2],
      [0, 2, 1, 0, 1],
      [0, 2, 1, 4, 1],
    ]);
    expect(pointers(branch)).toEqual([
      [2, 1, 2, 2, 2],
      [5, 2, 4, 0, 4],
      [6, 0, 5, 0, 5],
    ]);
    expect(store.journal.pointers(new Float64Array(0))).toEqual({
      kind: new Uint8Array(0),
      vid: new Float64Array(0),
      seq: new Float64Array(0),
    });
  });

  test("of a branch tell what was moved, and from where", () => {
    const store = open();
    write(store, entry("a", 1), entry("b", 1), entry("c", 1));
    const branch = fork(store, "b");
    write(store, entry("a", 9), entry("later", 9));
    const [a, fresh] = write(branch, entry("a", 2), entry("fresh", 2));
    remove(branch, "b");
    move(branch, { c: 3 });
    const overlay = branch.journal
      .overlay()
      .map(({ kid, seq: _, ...head }) => [branch.journal.nameOf(kid), head]);
    expect(overlay).toEqual([
      ["a", { kind: 2, vid: a, base: 1 }],
      ["b", { kind: 2, vid: 0, base: 2 }],
      ["c", { kind: 2, vid: 3, base: 3 }],
      ["fresh", { kind: 2, vid: fresh, base: 0 }],
    ]);
    expect(branch.journal.written()).toEqual({ transactions: 3, operations: 4, bytes: 2 });
  });
});

describe("readers", () => {
  test("are the transactions that said which versions they read, and how surely", () => {
    const store = open();
    expect(store.journal.readers(Float64Array.of(1))).toEqual([]);
    const [a, b] = write(store, entry("a", 1), entry("b", 1));
    const reading = (key: string, ...reads: [vid: number, strength: "declared" | "weak"][]): void => {
      transact(store, (tx) => {
        for (const [vid, strength] of reads) tx.read(vid, strength);
        tx.put(entry(key, 1));
      });
    };
    reading("x", [a!, "weak"], [b!, "declared"]);
    reading("y", [a!, "declared"], [a!, "weak"]);
    reading("z", [b!, "weak"], [b!, "declared"]);
    const readers = (...vids: number[]): object[] =>
      store.journal.readers(Float64Array.from(vids)).map((one) => ({ ...one }));
    expect(readers(a!)).toEqual([
      { vid: a, transaction: 2, declared: false },
      { vid: a, transaction: 3, declared: true },
    ]);
    expect(readers(b!, a!).map((one) => Object.values(one))).toEqual([
      [a, 2, false],
      [b, 2, true],
      [a, 3, true],
      [b, 4, true],
    ]);
    expect(readers(99)).toEqual([]);
  });

  test("without an operation are none, and a branch tells what it read", () => {
    const store = open();
    const [a, b] = write(store, entry("a", 1), entry("b", 1));
    transact(store, (tx) => tx.read(a!, "declared"));
    expect(store.journal.readers(Float64Array.of(a!))).toEqual([]);
    const branch = fork(store, "b");
    for (const [strength, key] of [
      ["weak", "x"],
      ["declared", "y"],
    ] as const) {
      transact(branch, (tx) => {
        tx.read(a!, strength);
        tx.read(b!, "weak");
        tx.put(entry(key, 1));
      });
    }
    expect(branch.journal.reads()).toEqual([
      { vid: a, declared: true },
      { vid: b, declared: false },
    ]);
    expect(store.journal.reads()).toEqual([]);
  });
});

describe("versions", () => {
  test("that are gone cannot be restored", () => {
    const store = open();
    const [a, b] = write(store, entry("a", 1), entry("b", 1));
    transact(store, (tx) => tx.erase([tx.reader.journal.kidOf("b")!.kid]), { kind: "erase" });
    expect(store.journal.gone(Float64Array.of(a!, b!, 99))).toEqual(new Set([b, 99]));
    expect([store.journal.leaf(a!)?.length, store.journal.leaf(b!)?.length, store.journal.leaf(99)]).toEqual([
      32,
      32,
      undefined,
    ]);
    expect([store.keyOf(a!), store.keyOf(99)]).toEqual(["a", undefined]);
    expect(Array.from(store.versions("entry", 0), ({ vid, key }) => [vid, key])).toEqual([[a, "a"]]);
    expect([...store.versions("entry", a!)]).toEqual([]);
    expect([...store.versions("file", 0)]).toEqual([]);
  });
});

test("operations that are not readable are damage", () => {
  const store = open();
  write(store, entry("a", 1), entry("b", 1));
  const branch = fork(store, "b");
  write(store, entry("a", 2));
  alter(file, "UPDATE journal SET ops = x'ff'");
  const damage = expect.objectContaining({ code: "STORE_CORRUPT" });
  const { journal } = store;
  expect(() => journal.operations(journal.transaction(1)!)).toThrow(damage);
  expect(() => [...journal.chain(1, 2)]).toThrow(damage);
  expect(() => store.operations(1)).toThrow(damage);
  expect(() => branch.heads("entry")).toThrow(damage);
  expect(store.verify()).toMatch(/transaction 3 does not hold the operations it counts/);
});
