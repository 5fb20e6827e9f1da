import { describe, expect, test } from "vitest";
import { emptyLinks } from "../../model/links.ts";
import { type Entity, emptyOutline } from "../../model/outline.ts";
import type { NewVersion } from "../contract/knowledge.ts";
import type { Store } from "../contract/store.ts";
import { entry, open, transact } from "../knowledge.fixture.ts";
import { aliasVersion, takeIds } from "./alias.ts";
import { encodeBody } from "./file.ts";
import { currentOf, headOf, keysOf, namesOf } from "./names.ts";

const definition = (qualified: string): Entity => ({
  name: qualified,
  qualified,
  type: "function",
  start_line: 1,
  end_line: 1,
  name_line: 1,
  indent: 0,
});

let contents = 0;

/** A file that defines these names. */
function file(key: string, ...names: string[]): NewVersion {
  const links = { ...emptyLinks(), parents: names.map(() => 0) };
  const outline = { ...emptyOutline(), entities: names.map(definition), links };
  const body = encodeBody({ language: "typescript", lines: 1, bytes: 1, ...outline });
  return { key, kind: "file", hash: new Uint8Array(32).fill(++contents), body };
}

interface Change {
  put?: NewVersion[];
  gone?: string[];
  renamed?: Record<string, string>;
  taken?: string[];
}

const change = (store: Store, { put = [], gone = [], renamed = {}, taken = [] }: Change): void => {
  transact(store, (tx) => {
    for (const key of gone) tx.remove("file", key);
    for (const version of put) tx.put(version);
    takeIds(tx, taken);
    for (const [from, to] of Object.entries(renamed)) tx.put(aliasVersion({ from, to }));
  });
};

function knowing(files: NewVersion[], renamed: Record<string, string> = {}): Store {
  const store = open();
  change(store, { put: files, renamed });
  return store;
}

const leads = (store: Store, ids: string[]) =>
  Object.fromEntries(ids.map((id) => [id, currentOf(store, id)?.id]));

describe("an alias", () => {
  test("leads to what the id stands for now, and what lies in a file with it", () => {
    const store = knowing([file("b", "f", "g"), entry("note", 1)], { a: "b", "a#f": "b#g", x: "a" });
    expect(leads(store, ["a", "x", "a#f", "x#f", "a#g", "b", "note", "c", "c#f"])).toEqual({
      a: "b",
      x: "b",
      "a#f": "b#g",
      "x#f": "b#g",
      "a#g": "b#g",
      b: "b",
      note: "note",
      c: undefined,
      "c#f": undefined,
    });
    expect(headOf(store, "a#g")?.key).toBe("b");
  });

  test("gives way to what has the id itself", () => {
    const renamed = { a: "b", "a#f": "b#f", "b#g": "b#f", note: "b" };
    const store = knowing([file("a", "g"), file("b", "f"), entry("note", 1)], renamed);
    expect(leads(store, ["a", "a#f", "a#g", "a#h", "b#g", "note"])).toEqual({
      a: "a",
      // A file that is there may have lost a definition to another one.
      "a#f": "b#f",
      "a#g": "a#g",
      "a#h": "a#h",
      "b#g": "b#f",
      note: "note",
    });
  });

  test("leads to code only, and nowhere where it leads in a circle", () => {
    const store = knowing([entry("note", 1)], { a: "note", b: "c", c: "b", d: "d" });
    expect(leads(store, ["a", "b", "c", "d", "b#f"])).toEqual({
      a: undefined,
      b: undefined,
      c: undefined,
      d: undefined,
      "b#f": undefined,
    });
    expect(namesOf(store, "b")).toEqual(["b"]);
  });

  test("is asked for by an id of any length", () => {
    const store = knowing([file("b")], { a: "b" });
    expect(currentOf(store, "a#".repeat(1_000_000))).toBeUndefined();
    expect(currentOf(store, `${"doc:".repeat(2000)}a:b`)).toBeUndefined();
  });

  test("of a path with a #", () => {
    const store = knowing([file("b#c", "f")], { "a#c": "b#c" });
    expect(leads(store, ["a#c", "a#c#f", "b#c#f"])).toEqual({
      "a#c": "b#c",
      "a#c#f": "b#c#f",
      "b#c#f": "b#c#f",
    });
    expect(namesOf(store, "b#c#f")).toEqual(["b#c#f", "a#c#f"]);
  });
});

describe("names", () => {
  test("are the id of now and those before it that nothing else has", () => {
    const store = knowing([file("c", "f", "g")], { a: "b", b: "c", "b#h": "c#g" });
    for (const id of ["a", "b", "c"]) expect(namesOf(store, id)).toEqual(["c", "b", "a"]);
    expect(namesOf(store, "c#f")).toEqual(["c#f", "b#f", "a#f"]);
    expect(namesOf(store, "a#h").toSorted()).toEqual(["a#g", "a#h", "b#g", "b#h", "c#g"]);
    change(store, { put: [file("a", "f")] });
    expect(namesOf(store, "c")).toEqual(["c", "b"]);
    expect(namesOf(store, "c#f")).toEqual(["c#f", "b#f"]);
    expect(namesOf(store, "nothing")).toEqual(["nothing"]);
  });

  test("of documentation are found both ways", () => {
    const store = knowing([file("b", "f"), entry("doc:a#f:usage", 1), entry("doc:b:usage", 2)], { a: "b" });
    expect(leads(store, ["doc:b#f:usage", "doc:a#f:usage", "doc:a:usage", "doc:b:other"])).toEqual({
      "doc:b#f:usage": "doc:a#f:usage",
      "doc:a#f:usage": "doc:a#f:usage",
      "doc:a:usage": "doc:b:usage",
      "doc:b:other": undefined,
    });
  });

  test("as keys, the one of now first", () => {
    const store = knowing([file("a", "f")]);
    change(store, { gone: ["a"], put: [file("b", "f")], renamed: { a: "b" } });
    const keys = [
      { key: "b", kind: "file", isFormer: false },
      { key: "a", kind: "file", isFormer: true },
    ];
    for (const id of ["a", "b", "a#f", "b#f"]) expect(keysOf(store, id)).toEqual(keys);
    change(store, { gone: ["b"] });
    expect(keysOf(store, "b")).toEqual([{ key: "b", kind: "file", isFormer: false }]);
    expect(keysOf(store, "never")).toEqual([]);
  });
});

describe("an id that is taken", () => {
  test("has no alias any more, and what led through it leads on", () => {
    const store = knowing([file("c", "f")], { x: "a", "y#f": "a#f", a: "b", b: "c" });
    change(store, { put: [file("a"), file("b")], taken: ["a", "b"] });
    expect(leads(store, ["a", "b", "x", "x#f", "y#f", "a#f", "b#f"])).toEqual({
      a: "a",
      b: "b",
      x: "c",
      "x#f": "c#f",
      "y#f": "c#f",
      "a#f": "c#f",
      "b#f": "c#f",
    });
    expect(store.head("a", "alias")).toBeUndefined();
    expect(store.verify()).toBeUndefined();
  });

  test("keeps the definitions that the new file has itself", () => {
    const store = knowing([file("b", "f", "g")], { a: "b" });
    change(store, { put: [file("a", "f")], taken: ["a"] });
    expect(leads(store, ["a", "a#f", "a#g"])).toEqual({ a: "a", "a#f": "a#f", "a#g": "b#g" });
    expect(store.heads("alias").map(({ key }) => key)).toEqual(["a#g"]);
  });

  test("by the file that had it", () => {
    const store = knowing([file("b", "f")], { a: "b", x: "a" });
    change(store, { gone: ["b"], put: [file("a", "f")], taken: ["a"], renamed: { b: "a" } });
    expect(leads(store, ["a", "b", "x", "b#f", "x#f"])).toEqual({
      a: "a",
      b: "a",
      x: "a",
      "b#f": "a#f",
      "x#f": "a#f",
    });
    expect(
      store
        .heads("alias")
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(["b", "x"]);
  });

  test("by nobody changes nothing", () => {
    const store = knowing([file("b")], { a: "b" });
    const digest = store.digest();
    change(store, { taken: [] });
    expect(store.digest()).toBe(digest);
  });
});
