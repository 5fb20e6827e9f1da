import { describe, expect, test } from "vitest";
import type { NewVersion } from "../contract/knowledge.ts";
import {
  contentsOf,
  entry,
  file,
  fork,
  move,
  open,
  relation,
  remove,
  transact,
  version,
  write,
} from "../knowledge.fixture.ts";
import { openStore } from "../open.ts";

describe("a branch", () => {
  test("sees its parent as of the fork, even when the parent moves later", () => {
    const main = open();
    write(main, entry("changed", 1), entry("removed", 1), entry("kept", 1), entry("twice", 1));
    remove(main, "gone before");
    const branch = fork(main, "b");
    const before = contentsOf(main);
    write(main, entry("changed", 2), entry("new", 2), entry("twice", 2));
    remove(main, "removed");
    expect(contentsOf(branch)).toEqual(before);
    write(main, entry("twice", 3), entry("removed", 3));
    expect(contentsOf(branch)).toEqual(before);
    expect(branch.head("new")).toBeUndefined();
    expect(branch.head("changed")?.vid).toBe(1);
    // Also for somebody who opens the file only now.
    expect(contentsOf(open("read").on(branch.branch))).toEqual(before);
    expect(contentsOf(main)).toEqual({ changed: 2, kept: 1, new: 2, removed: 3, twice: 3 });
    expect(main.verify()).toBeUndefined();
  });

  test("keeps what is written on it to itself", () => {
    const main = open();
    write(main, entry("a", 1), entry("b", 1));
    const [one, other] = [fork(main, "one"), fork(main, "other")];
    const [vid] = write(one, entry("a", 2), entry("c", 2));
    remove(one, "b");
    expect(contentsOf(one)).toEqual({ a: 2, c: 2 });
    expect(contentsOf(other)).toEqual({ a: 1, b: 1 });
    expect(contentsOf(main)).toEqual({ a: 1, b: 1 });
    expect([one.head("a")?.vid, one.head("b"), other.head("c")]).toEqual([vid, undefined, undefined]);
    expect([...one.liveVersions("entry")].toSorted()).toEqual([vid, vid! + 1]);
    expect(main.verify()).toBeUndefined();
  });

  test("can write again what it removed, and remove what it wrote", () => {
    const main = open();
    write(main, entry("a", 1));
    const branch = fork(main, "b");
    const digest = branch.digest();
    remove(branch, "a");
    expect(branch.digest()).toBe("0".repeat(64));
    write(branch, entry("a", 1), entry("n", 1));
    remove(branch, "n");
    expect(contentsOf(branch)).toEqual({ a: 1 });
    // The same content is another version, and the same state.
    expect(branch.head("a")?.vid).not.toBe(main.head("a")?.vid);
    expect(branch.digest()).toBe(digest);
    expect(transact(branch, (tx) => tx.remove("entry", "n")).operations).toBe(0);
    expect(main.verify()).toBeUndefined();
  });

  test("knows the content that its parent had: writing it again changes nothing", () => {
    const main = open();
    const [vid] = write(main, entry("a", 1));
    const branch = fork(main, "b");
    write(main, entry("a", 2));
    const tx = branch.begin({ agent: "tester" });
    expect(tx.put(entry("a", 1))).toEqual({ vid, changed: false });
    expect(tx.put(entry("a", 2)).changed).toBe(true);
    expect(tx.commit().operations).toBe(1);
    expect(branch.digest()).toBe(main.digest());
  });

  test("leaves nothing behind: no key, so that its names can be anything afterwards", () => {
    const main = open();
    const branch = fork(main, "b");
    write(branch, entry("a", 1));
    write(main, version("a", 1));
    expect([branch.head("a")?.kind, main.head("a")?.kind]).toEqual(["entry", "file"]);
    transact(main, (tx) => tx.drop(branch.branch), { kind: "discard" });
    expect(main.journal.kidOf("a", "entry")).toBeUndefined();
    expect(main.journal.kidOf("a", "file")).toBeDefined();
    expect(main.verify()).toBeUndefined();
  });

  test("has the digests of its parent at the fork, until it is written on", () => {
    const main = open();
    const edge = { source: "a", type: "t", target: "b" };
    write(main, entry("a", 1), version("f", 1), relation("r", edge));
    const digests = (store = main): string[] =>
      (["file", "entry", "relation"] as const).map((kind) => store.digestOf(kind)).concat(store.digest());
    const before = digests();
    const branch = fork(main, "b");
    write(main, entry("a", 2), version("f", 2));
    expect(digests(branch)).toEqual(before);
    expect(digests()).not.toEqual(before);
    write(branch, entry("a", 3));
    const [files, entries, relations, whole] = digests(branch);
    expect([files, relations]).toEqual([before[0], before[2]]);
    expect([entries === before[1], whole === before[3]]).toEqual([false, false]);
    expect(main.verify()).toBeUndefined();
  });

  test("numbers its operations among those of the others, and begins at its base", () => {
    const main = open();
    write(main, entry("a", 1));
    const branch = fork(main, "b");
    expect(branch.seq()).toBe(1);
    write(main, entry("a", 2));
    expect([main.seq(), branch.seq()]).toEqual([2, 1]);
    expect(write(branch, entry("a", 3))).toEqual([3]);
    expect([main.seq(), branch.seq()]).toEqual([2, 3]);
    expect(main.branches()).toEqual([{ branch: 2, name: "b", parent: 1, base: 1, seq: 3, detail: {} }]);
    expect(branch.history().map(({ seq }) => seq)).toEqual([3]);
    expect(main.history().map(({ kind, seq }) => [kind, seq])).toEqual([
      ["write", 2],
      ["explore", 0],
      ["write", 1],
    ]);
    // The first operation of a branch on a key has none before it, whoever wrote below.
    const { kid, kind } = branch.journal.kidOf("a")!;
    expect(Array.from(branch.journal.chain(kid, 2), ({ seq, from, to }) => [seq, from, to])).toEqual([
      [3, 1, 3],
    ]);
    expect(kind).toBe("entry");
  });

  test("moves heads to versions of its parent's past", () => {
    const main = open();
    const [first] = write(main, entry("a", 1));
    write(main, entry("a", 2));
    const branch = fork(main, "b");
    move(branch, { a: first! });
    expect([contentsOf(branch), contentsOf(main)]).toEqual([{ a: 1 }, { a: 2 }]);
    move(branch, { a: 0 });
    expect([contentsOf(branch), contentsOf(main)]).toEqual([{}, { a: 2 }]);
    expect(main.verify()).toBeUndefined();
  });

  test("keeps its detail, in the order of their numbers", () => {
    const main = open();
    fork(main, "z", { expires: 12, pinned: true });
    fork(main, "a");
    expect(
      open("read")
        .branches()
        .map(({ name, detail }) => [name, detail]),
    ).toEqual([
      ["z", { expires: 12, pinned: true }],
      ["a", {}],
    ]);
    expect(() => fork(main, "a")).toThrow(/UNIQUE/);
  });

  test("is seen by other processes' stores once it is committed", () => {
    const main = open();
    write(main, entry("a", 1));
    const branch = fork(main, "b");
    const reader = openStore(file, { mode: "read" });
    const view = reader.on(branch.branch);
    const tx = branch.begin({ agent: "tester" });
    tx.put(entry("a", 2));
    expect([contentsOf(tx.reader), contentsOf(branch), contentsOf(view)]).toEqual([
      { a: 2 },
      { a: 1 },
      { a: 1 },
    ]);
    tx.commit();
    write(main, entry("x", 1));
    expect(contentsOf(view)).toEqual({ a: 2 });
    // Closing what is seen from a branch closes nothing.
    view.close();
    expect(contentsOf(reader)).toEqual({ a: 1, x: 1 });
    reader.close();
  });

  test("that was dropped, or never was, raises EXPLORATION_UNKNOWN", () => {
    const main = open();
    write(main, entry("a", 1));
    const branch = fork(main, "b");
    expect(contentsOf(branch)).toEqual({ a: 1 });
    transact(main, (tx) => tx.drop(branch.branch), { kind: "discard" });
    const unknown = expect.objectContaining({ code: "EXPLORATION_UNKNOWN" });
    for (const store of [branch, main.on(99)]) {
      expect(() => store.seq()).toThrow(unknown);
      expect(() => store.digest()).toThrow(unknown);
      expect(() => store.begin({ agent: "tester" })).toThrow(unknown);
      expect(() => store.journal.horizon()).toThrow(unknown);
    }
    expect(() => main.on(99).head("a")).toThrow(unknown);
    expect(() => transact(main, (tx) => tx.drop(99))).toThrow(unknown);
    // Nothing is left open.
    write(main, entry("a", 2));
    expect(main.verify()).toBeUndefined();
  });
});

describe("many heads moved at once", () => {
  const names = Array.from({ length: 20 }, (_, i) => `k${String(i).padStart(2, "0")}`);
  const all = (content: number): NewVersion[] => names.map((name) => entry(name, content));
  const to = (vids: readonly number[]): Record<string, number> =>
    Object.fromEntries(names.map((name, i) => [name, vids[i] ?? 0]));
  const holding = (content: number): Record<string, number> => to(names.map(() => content));

  test("are those of one branch, whichever it is", () => {
    const main = open();
    const first = write(main, ...all(1));
    write(main, ...all(2));
    const [one, other] = [fork(main, "one"), fork(main, "other")];
    write(one, ...all(3));
    write(other, ...all(4));
    move(main, to(first));
    expect([main, one, other].map(contentsOf)).toEqual([holding(1), holding(3), holding(4)]);
    move(one, to([]));
    expect([main, one, other].map(contentsOf)).toEqual([holding(1), {}, holding(4)]);
    move(other, to(first));
    expect([main, one, other].map(contentsOf)).toEqual([holding(1), {}, holding(1)]);
    move(main, to([]));
    expect([main, one, other].map(contentsOf)).toEqual([{}, {}, holding(1)]);
    expect(main.verify()).toBeUndefined();
  });

  test("are those that were named, and not their neighbours", () => {
    const main = open();
    const first = write(main, ...all(1));
    write(main, ...all(2));
    const inner = names.slice(4, 16);
    move(main, Object.fromEntries(inner.map((name, i) => [name, first[4 + i]!])));
    const expected = { ...holding(2), ...Object.fromEntries(inner.map((name) => [name, 1])) };
    expect(contentsOf(main)).toEqual(expected);
    move(main, Object.fromEntries(inner.map((name) => [name, 0])));
    expect(Object.keys(contentsOf(main))).toEqual(names.filter((name) => !inner.includes(name)));
    expect(main.verify()).toBeUndefined();
  });
});

describe("a branch over a branch", () => {
  test("sees both as they were, whoever moves later", () => {
    const main = open();
    write(main, entry("main", 1), entry("below", 1), entry("own", 1), entry("gone", 1));
    const below = fork(main, "below");
    write(main, entry("main", 2));
    write(below, entry("below", 2));
    remove(below, "gone");
    const over = fork(below, "over");
    const before = { below: 2, main: 1, own: 1 };
    expect(contentsOf(over)).toEqual(before);
    expect(over.digest()).toBe(below.digest());
    write(over, entry("own", 3));
    write(below, entry("below", 4), entry("own", 4), entry("gone", 4), entry("main", 4));
    write(main, entry("below", 5), entry("own", 5), entry("main", 5));
    remove(main, "gone");
    expect(contentsOf(over)).toEqual({ ...before, own: 3 });
    expect(contentsOf(below)).toEqual({ below: 4, gone: 4, main: 4, own: 4 });
    const third = fork(over, "third");
    remove(over, "own");
    expect(contentsOf(third)).toEqual({ ...before, own: 3 });
    expect(main.verify()).toBeUndefined();
  });

  test("lies over what its parent was, where that had not been written on", () => {
    const main = open();
    write(main, entry("a", 1));
    const below = fork(main, "below");
    const over = fork(below, "over");
    write(main, entry("a", 2));
    write(below, entry("a", 3));
    expect([contentsOf(over), contentsOf(below)]).toEqual([{ a: 1 }, { a: 3 }]);
    expect(main.verify()).toBeUndefined();
  });
});

describe("a fork", () => {
  test("is a transaction of its own kind, without operations", () => {
    const main = open();
    write(main, entry("a", 1));
    expect(() => transact(main, (tx) => tx.fork("b", {}))).toThrow(/explore/);
    const author = { kind: "explore" } as const;
    const writing = (first: boolean): void => {
      transact(
        main,
        (tx) => {
          if (first) tx.put(entry("a", 2));
          tx.fork("b", {});
          if (!first) tx.put(entry("a", 2));
        },
        author,
      );
    };
    for (const first of [true, false]) expect(() => writing(first)).toThrow(/does not write/);
    expect([main.branches(), contentsOf(main)]).toEqual([[], { a: 1 }]);
    expect(transact(main, (tx) => tx.fork("b", {}), author)).toMatchObject({ transaction: 2, operations: 0 });
    expect(main.history()[0]).toMatchObject({ kind: "explore", detail: { name: "b", branch: 2 } });
  });

  test("that is aborted leaves no branch, and its number comes again", () => {
    const main = open();
    const tx = main.begin({ agent: "tester", kind: "explore" });
    expect(tx.fork("b", {})).toBe(2);
    tx.abort();
    expect(main.branches()).toEqual([]);
    expect(fork(main, "b").branch).toBe(2);
  });
});

test("a budget bounds what is written on a branch in all", () => {
  const main = open();
  const branch = main.on(fork(main, "b").branch, { operations: 3, bytes: 10 });
  const over = (what: string): unknown =>
    expect.objectContaining({ code: "EXPLORATION_BUDGET", message: expect.stringContaining(what) });
  write(branch, entry("a", 1, "four"), entry("b", 1));
  expect(() => write(branch, entry("c", 1, "12345"))).toThrow(over("bytes"));
  expect(() => write(branch, entry("c", 1), entry("d", 1))).toThrow(over("operations"));
  write(branch, entry("c", 1));
  expect(() => remove(branch, "a")).toThrow(over("operations"));
  expect(contentsOf(branch)).toEqual({ a: 1, b: 1, c: 1 });
  expect(branch.journal.written()).toEqual({ transactions: 2, operations: 3, bytes: 7 });
  expect(main.journal.written()).toEqual({ transactions: 0, operations: 0, bytes: 0 });
});
