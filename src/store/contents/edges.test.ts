import { describe, expect, test } from "vitest";
import type { Edge } from "../contract/knowledge.ts";
import type { Store } from "../contract/store.ts";
import { entry, fork, move, open, relation, remove, transact, write } from "../knowledge.fixture.ts";

const edge = (source: string, type: string, target: string): Edge => ({ source, type, target });
const keysAt = (store: Store, key: string, end: "source" | "target"): string[] =>
  store.edges(key, end).map((one) => one.key);

describe("a relation", () => {
  test("is found from both of its ends, with what it joins", () => {
    const store = open();
    const [vid] = write(store, relation("r", edge("a", "calls", "b")));
    const record = { key: "r", vid, source: "a", type: "calls", target: "b" };
    expect([store.edges("a", "source"), store.edges("b", "target")]).toEqual([[record], [record]]);
    expect([store.edges("b", "source"), store.edges("a", "target"), store.edges("r", "source")]).toEqual([
      [],
      [],
      [],
    ]);
    expect(store.journal.endsOf(vid!)).toEqual({ source: "a", type: "calls", target: "b" });
    expect(store.verify()).toBeUndefined();
  });

  test("may run beside others between the same ends, and go away alone", () => {
    const store = open();
    write(
      store,
      relation("r1", edge("a", "calls", "b")),
      relation("r2", edge("a", "calls", "b")),
      relation("r3", edge("a", "uses", "b")),
      relation("back", edge("b", "calls", "a")),
      relation("loop", edge("a", "calls", "a")),
    );
    expect(keysAt(store, "a", "source")).toEqual(["r1", "r2", "r3", "loop"]);
    expect(keysAt(store, "a", "target")).toEqual(["back", "loop"]);
    remove(store, "r1");
    expect(keysAt(store, "b", "target")).toEqual(["r2", "r3"]);
    expect(keysAt(store, "a", "source")).toEqual(["r2", "r3", "loop"]);
  });

  test("is found where its live version goes, whatever older ones joined", () => {
    const store = open();
    const [first] = write(store, relation("r", edge("a", "calls", "b")));
    write(store, relation("r", edge("a", "calls", "c")));
    expect([keysAt(store, "b", "target"), keysAt(store, "c", "target")]).toEqual([[], ["r"]]);
    move(store, { r: first! });
    expect([keysAt(store, "b", "target"), keysAt(store, "c", "target")]).toEqual([["r"], []]);
    move(store, { r: 0 });
    expect(keysAt(store, "a", "source")).toEqual([]);
    expect(store.verify()).toBeUndefined();
  });

  test("is one branch's own", () => {
    const main = open();
    write(main, relation("kept", edge("a", "calls", "b")), relation("removed", edge("a", "calls", "b")));
    const branch = fork(main, "b");
    write(branch, relation("new", edge("a", "calls", "b")));
    remove(branch, "removed");
    write(main, relation("later", edge("a", "calls", "b")));
    remove(main, "kept");
    for (const [key, end] of [
      ["a", "source"],
      ["b", "target"],
    ] as const) {
      expect(keysAt(branch, key, end)).toEqual(["kept", "new"]);
      expect(keysAt(main, key, end)).toEqual(["removed", "later"]);
    }
  });

  test("is found by the numbers of the keys at its ends", () => {
    const store = open();
    expect(store.journal.relationsAt(Float64Array.of(1))).toEqual([]);
    write(store, entry("a", 1), entry("b", 1), entry("c", 1));
    const [calls, loop] = write(
      store,
      relation("a calls b", edge("a", "calls", "b")),
      relation("loop", edge("c", "calls", "c")),
      relation("elsewhere", edge("x", "calls", "y")),
    );
    const { journal } = store;
    const kid = (key: string): number => journal.kidOf(key)!.kid;
    const at = (...keys: string[]): object[] =>
      journal.relationsAt(Float64Array.from(keys, kid)).map((one) => ({ ...one }));
    const found = (vid: number | undefined, key: string, end: string): object => ({
      kid: kid(key),
      vid,
      end: kid(end),
    });
    expect(at("a")).toEqual([found(calls, "a calls b", "a")]);
    expect(at("b", "a")).toEqual([found(calls, "a calls b", "a"), found(calls, "a calls b", "b")]);
    expect(at("c")).toEqual([found(loop, "loop", "c"), found(loop, "loop", "c")]);
    remove(store, "a calls b");
    expect(at("a", "b")).toEqual([]);
  });

  test("that is erased joins nothing", () => {
    const store = open();
    write(store, relation("r", edge("a", "calls", "b")));
    transact(store, (tx) => expect(tx.erase([tx.reader.journal.kidOf("r")!.kid])).toBe(1), { kind: "erase" });
    expect([keysAt(store, "a", "source"), store.journal.endsOf(1)]).toEqual([[], undefined]);
    expect(store.verify()).toBeUndefined();
  });
});
