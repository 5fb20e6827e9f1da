/** What is dropped with a branch. */
import { describe, expect, test } from "vitest";
import type { Store } from "../contract/store.ts";
import { index } from "../everything.fixture.ts";
import {
  bytes,
  contentsOf,
  entry,
  fork,
  move,
  numbers,
  open,
  relation,
  remove,
  transact,
  version,
  write,
} from "../knowledge.fixture.ts";

const drop = (store: Store, branch: Store): void => {
  transact(store, (tx) => tx.drop(branch.branch), { kind: "discard" });
};

describe("dropping a branch", () => {
  test("takes away what only it holds, and nothing else", () => {
    const main = open();
    const [a, b] = write(main, entry("a", 1, "text"), entry("b", 1));
    const branch = fork(main, "b");
    const own = write(
      branch,
      entry("a", 2, "other"),
      entry("a", 3),
      relation("r", { source: "a", type: "t", target: "b" }),
    );
    transact(branch, (tx) => {
      tx.read(a!, "declared");
      tx.put(entry("c", 1));
    });
    move(branch, { a: own[0]! }, { detail: { dead: [[4, 4]] } });
    remove(branch, "b");
    const before = [main.digest(), main.seq(), main.heads("entry"), main.history().length];
    drop(main, branch);
    expect([main.digest(), main.seq(), main.heads("entry"), main.history().length - 1]).toEqual(before);
    expect(numbers("version")).toEqual([a, b]);
    expect(numbers("text")).toEqual([a]);
    for (const table of ["edge", "read", "undone"]) expect([table, numbers(table)]).toEqual([table, []]);
    expect(own.map((vid) => [main.body(vid), main.text(vid)])).toEqual(own.map(() => [undefined, undefined]));
    expect([main.branches(), main.verify()]).toEqual([[], undefined]);
  });

  test("keeps the headers of its transactions, without operations", () => {
    const main = open();
    const branch = fork(main, "b");
    write(branch, entry("a", 1));
    remove(branch, "a");
    const before = branch.history();
    drop(main, branch);
    const gone = main.on(branch.branch);
    expect(gone.history()).toEqual(before);
    expect(main.operations(2)).toEqual([]);
    const { journal } = main;
    expect(() => journal.operations(journal.transaction(2)!)).toThrow(
      expect.objectContaining({ code: "BEYOND_HORIZON" }),
    );
    expect(journal.isKept(journal.transaction(2)!)).toBe(false);
    expect(journal.isKept(journal.transaction(1)!)).toBe(true);
    // Numbers do not come back.
    expect(write(main, entry("a", 1))).toEqual([2]);
    expect(fork(main, "b").branch).toBe(3);
    expect(main.seq()).toBe(3);
    expect(main.verify()).toBeUndefined();
  });

  test("leaves versions that were merged elsewhere, though only its operations made them", () => {
    const main = open();
    const [old] = write(main, entry("a", 1), entry("moved on", 1));
    const branch = fork(main, "b");
    const [passed, merged, dropped, again] = write(
      branch,
      entry("a", 2),
      entry("a", 3),
      entry("only there", 1),
      entry("moved on", 2),
    );
    move(main, { a: merged!, "moved on": again! });
    // Not live any more, but an operation of main names it: an undo needs it.
    write(main, entry("moved on", 3));
    drop(main, branch);
    expect(contentsOf(main)).toEqual({ a: 3, "moved on": 3 });
    expect(main.verify()).toBeUndefined();
    move(main, { a: old!, "moved on": again! });
    expect(contentsOf(main)).toEqual({ a: 1, "moved on": 2 });
    expect([main.body(passed!), main.body(dropped!)]).toEqual([undefined, undefined]);
    expect(main.verify()).toBeUndefined();
  });

  test("in the transaction that merges it leaves what that one passes through", () => {
    const main = open();
    const [old] = write(main, entry("a", 1), entry("b", 1));
    const branch = fork(main, "b");
    const [merged, passed] = write(branch, entry("a", 2), entry("b", 2));
    const { journal } = main;
    const kid = Float64Array.from(["a", "b"], (key) => journal.kidOf(key)!.kid);
    const { kind, vid: from, seq: previous } = journal.pointers(kid);
    transact(
      main,
      (tx) => {
        tx.move({ kid, kind, from, to: Float64Array.of(merged!, passed!), previous });
        tx.put(entry("b", 3));
        tx.drop(branch.branch);
      },
      { kind: "merge" },
    );
    expect(contentsOf(main)).toEqual({ a: 2, b: 3 });
    expect(main.verify()).toBeUndefined();
    move(main, { a: old!, b: passed! });
    expect(contentsOf(main)).toEqual({ a: 1, b: 2 });
  });

  test("is refused while another lies over it, to itself, and for main", () => {
    const main = open();
    const below = fork(main, "below");
    const over = fork(below, "over");
    expect(() => drop(main, below)).toThrow(
      expect.objectContaining({ code: "EXPLORATION_HAS_CHILDREN", message: expect.stringContaining("over") }),
    );
    expect(() => drop(below, below)).toThrow(/parent/);
    expect(() => drop(main, main)).toThrow(/parent/);
    expect(() => drop(over, main)).toThrow(expect.objectContaining({ code: "EXPLORATION_HAS_CHILDREN" }));
    expect(main.branches()).toHaveLength(2);
    drop(below, over);
    drop(main, below);
    expect([main.branches(), main.verify()]).toEqual([[], undefined]);
  });

  test("that is aborted keeps it", () => {
    const main = open();
    const branch = fork(main, "b");
    write(branch, entry("a", 1, "text"));
    const tx = main.begin({ agent: "tester" });
    tx.drop(branch.branch);
    tx.abort();
    expect(contentsOf(branch)).toEqual({ a: 1 });
    expect(branch.operations(2)).toHaveLength(1);
    expect(main.verify()).toBeUndefined();
  });

  test("writes packs and segments anew without its files, under new numbers", () => {
    const main = open();
    const [kept] = index(main, { "kept.ts": "alpha" });
    const branch = fork(main, "b");
    const [mixed, lost] = index(branch, { "mixed.ts": "beta", "lost.ts": "gamma" });
    const reader = open("read");
    expect(String(Buffer.from(reader.text(mixed!)!))).toBe("beta");
    move(branch, { "kept.ts": kept! });
    transact(
      main,
      (tx) => {
        const { kid } = main.journal.kidOf("mixed.ts")!;
        tx.move({
          kid: Float64Array.of(kid),
          kind: Uint8Array.of(1),
          from: Float64Array.of(0),
          to: Float64Array.of(mixed!),
          previous: Float64Array.of(0),
        });
        tx.drop(branch.branch);
      },
      { kind: "merge" },
    );
    expect([numbers("pack"), numbers("segment")]).toEqual([
      [1, 3],
      [1, 3],
    ]);
    for (const store of [main, reader]) {
      expect([store.text(kept!), store.text(mixed!)].map((text) => String(Buffer.from(text!)))).toEqual([
        "alpha",
        "beta",
      ]);
      expect([store.body(mixed!), store.body(lost!)]).toEqual([bytes(1), undefined]);
      expect(store.segments().map(({ vids }) => [...vids])).toEqual([[kept], [mixed]]);
    }
    const [vid] = write(main, version("after.ts", 1));
    expect(vid).toBeGreaterThan(lost!);
    expect(main.verify()).toBeUndefined();
  });
});
