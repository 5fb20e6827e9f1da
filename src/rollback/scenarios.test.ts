/** What went wrong elsewhere: the defects of the earlier prototype (D1 to D8) and reports of other undo managers (I18). */
import { describe, expect, test } from "vitest";
import { Example, example } from "./example.fixture.ts";
import { compact } from "./retention.ts";
import { inStore } from "./world.fixture.ts";

/** D3 and D4 are about relations: relations.test.ts. */
describe("defects of the prototype", () => {
  test("D1: a rollback twice walks back two, not one back and forth", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      here.write("ann", { b: { x: 1 } });
      here.undo({ steps: 1 });
      expect(Object.keys(here.state)).toEqual(["a"]);
      here.undo({ steps: 1 });
      expect(Object.keys(here.state)).toEqual([]);
    });
  });

  test("D2: the second write of an id taken back leaves the first", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      const { vid } = here.store.head("a")!;
      here.write("ann", { a: { x: 2 } });
      here.undo({ steps: 1 });
      expect(here.store.head("a")!.vid).toBe(vid);
    });
  });

  test("D5: everything says who did it, taking back too, and can be taken back by who did it", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } }, { session: "s1", principal: "mia", intent: "learn" });
      here.write("bob", { b: { x: 1 } });
      here.plan({ agent: "ann" }).apply({ agent: "eve", session: "s9", principal: "leo", intent: "tidy up" });
      expect(here.store.history()).toMatchObject([
        { kind: "undo", agent: "eve", session: "s9", principal: "leo", intent: "tidy up" },
        { kind: "write", agent: "bob" },
        { kind: "write", agent: "ann", session: "s1", principal: "mia", intent: "learn" },
      ]);
      expect(here.state).toEqual({ b: { x: 1 } });
    });
  });

  test("D6: what is read stays as it was, so that undo is exact", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      const before = here.store.digest();
      here.write("bob", { b: { x: 1 } });
      for (let i = 0; i < 3; i++) here.store.body(here.store.head("a")!.vid);
      here.undo({ agent: "bob" });
      expect(here.store.digest()).toBe(before);
    });
  });

  test("D7: an id that comes again after its past was dropped is one id", () => {
    inStore((store) => {
      const here = new Example(store);
      here.write("ann", { a: { x: 1 } });
      here.write("ann", { a: null });
      here.write("bob", { b: { x: 1 } });
      compact(store, { seq: 3 }, { agent: "tester" });
      const before = store.digest();
      const again = here.write("ann", { a: { x: 1 } });
      expect(
        store
          .heads("entry")
          .map(({ key }) => key)
          .sort(),
      ).toEqual(["a", "b"]);
      here.undo({ transactions: [again] });
      expect(store.digest()).toBe(before);
      expect(store.verify()).toBeUndefined();
    });
  });

  test("D8: what cannot be taken back whole is not taken back in part", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 }, b: { x: 1 }, c: { x: 1 } });
      here.write("bob", { b: { x: 2 } });
      const before = [here.state, here.store.seq(), here.store.history()];
      expect(() => here.undo({ agent: "ann" })).toThrow("nothing was changed");
      expect([here.state, here.store.seq(), here.store.history()]).toEqual(before);
    });
  });

  test("D8: an error on the way leaves nothing behind, and the next try works", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 }, b: { x: 1 } });
      const before = [here.state, here.store.seq(), here.store.history()];
      const broken = here.plan({ agent: "ann" });
      // A version that is not there: the second of two moves fails.
      broken.plan.moves.from[1] = 99;
      expect(broken.apply).toThrow();
      expect([here.state, here.store.seq(), here.store.history()]).toEqual(before);
      expect(here.undo({ agent: "ann" }).outcome).toBe("done");
    });
  });
});

describe("I18: reports of other undo managers", () => {
  test("yjs 273: taking back one's own work that ran together with another's leaves the other's", () => {
    example((here) => {
      here.write("ann", { intro: { text: "a" } });
      here.write("bob", { body: { text: "b" } });
      here.write("ann", { end: { text: "c" } });
      here.undo({ agent: "ann" });
      expect(here.state).toEqual({ body: { text: "b" } });
    });
  });

  const tracked = (here: Example): void => {
    here.write("ann", { foo: { x: "A" } });
    here.write("ann", { bar: { x: "A" } });
    here.write("ann", { foo: { x: "B" } });
    here.write("ann", { bar: { x: "B" } });
    here.write("bob", { foo: { x: "C" } });
  };

  test("yjs 477: steps of one agent walk back its own writes past another's, one at a time", () => {
    example((here) => {
      tracked(here);
      here.undo({ steps: 1, agent: "ann" });
      expect(here.state).toEqual({ foo: { x: "C" }, bar: { x: "A" } });
      // The next of ann's lies under bob's: it is not taken silently, and not what bob wrote either.
      expect(here.plan({ steps: 1, agent: "ann" }).said).toMatchObject({
        conflicts: [{ id: "foo", agent: "bob" }],
      });
      expect(here.undo({ steps: 3, agent: "ann" }, "skip").residue).toEqual(["foo"]);
      expect(here.state).toEqual({ foo: { x: "C" } });
    });
  });

  test("yjs 477: once the other's write is gone, the steps go on where they stopped", () => {
    example((here) => {
      tracked(here);
      here.undo({ agent: "bob" });
      const seen: unknown[] = [];
      for (let i = 0; i < 4; i++) {
        here.undo({ steps: 1, agent: "ann" });
        seen.push(here.state);
      }
      expect(seen).toEqual([
        { foo: { x: "B" }, bar: { x: "A" } },
        { foo: { x: "A" }, bar: { x: "A" } },
        { foo: { x: "A" } },
        {},
      ]);
    });
  });

  test("yjs 624: what was written outside any session goes with its agent, and with no session", () => {
    example((here) => {
      here.write("ann", { a: { x: 1 } });
      here.write("ann", { b: { x: 1 } }, { session: "s1" });
      here.write("bob", { c: { x: 1 } });
      expect(here.plan({ session: "s2" }).said.operations).toBe(0);
      here.undo({ session: "s1" });
      expect(here.state).toEqual({ a: { x: 1 }, c: { x: 1 } });
      here.undo({ agent: "ann" });
      expect(here.state).toEqual({ c: { x: 1 } });
    });
  });

  test("yjs 724: a later write that is not to be taken back does not change what undo goes back to", () => {
    example((here) => {
      here.write("eve", { image: { src: "first" } });
      here.write("ann", { image: { src: "second" } });
      here.write("bob", { image: { src: "third" } });
      expect(here.plan({ agent: "ann" }).plan.blocked).toBe(true);
      const { transaction } = here.undo({ agent: "ann" }, "force");
      expect(here.state).toEqual({ image: { src: "first" } });
      here.redo(transaction);
      expect(here.state).toEqual({ image: { src: "third" } });
    });
  });

  test("yjs 724: where the later write is about another field, both hold", () => {
    example((here) => {
      here.write("eve", { image: { src: "first" } });
      here.write("ann", { image: { src: "second" } });
      here.write("bob", { image: { src: "second", width: 7 } });
      here.undo({ agent: "ann" }, "merge");
      expect(here.state).toEqual({ image: { src: "first", width: 7 } });
    });
  });
});

test("what the last scan saw of a file is forgotten when the file is moved back, so that it is read again; not of others", () => {
  inStore((store) => {
    const index = (content: number, ...paths: string[]): void => {
      const tx = store.begin({ agent: "indexer", kind: "index" });
      for (const key of paths) {
        const text = Buffer.from(`${key} ${content}`);
        tx.put({ key, kind: "file", hash: new Uint8Array(32).fill(content), body: text });
      }
      tx.recordScan(paths.map((path) => ({ path, size: content, mtime: content })));
      tx.commit();
    };
    index(1, "a.ts", "b.ts", "c.ts");
    const here = new Example(store);
    here.write("ann", { "notes/a": { x: 1 } });
    index(2, "a.ts", "b.ts");
    here.undo({ keys: ["notes/a"] });
    expect(store.scan().map(({ path, size }) => [path, size])).toEqual([
      ["a.ts", 2],
      ["b.ts", 2],
      ["c.ts", 1],
    ]);
    here.undo({ operations: [5] });
    // Of no file that is there: it is read again, or found to be gone.
    const unknown = { size: 0, mtime: 0 };
    const rowOf = (path: string) => store.scan().find((row) => row.path === path);
    expect(rowOf("a.ts")).toMatchObject(unknown);
    expect(rowOf("b.ts")).toMatchObject({ size: 2, mtime: 2 });
    here.rewind(3);
    for (const path of ["a.ts", "b.ts"]) expect(rowOf(path)).toMatchObject(unknown);
    expect(rowOf("c.ts")).toMatchObject({ size: 1 });
  });
});
