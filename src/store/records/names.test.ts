import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { NewVersion } from "../contract/knowledge.ts";
import type { Store } from "../contract/store.ts";
import { openStore } from "../open.ts";
import { headOf, timesOf } from "./names.ts";

let folder: string;
let store: Store;
let time: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "momo-names-"));
  time = Date.UTC(2026, 0, 1);
  const clock = () => new Date(time);
  store = openStore(join(folder, "momo.db"), { mode: "write", durability: "process", clock });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const entry = (key: string, content = ""): NewVersion => ({ key, kind: "entry", body: Buffer.from(content) });
const file = (key: string): NewVersion => ({
  key,
  kind: "file",
  hash: new Uint8Array(32),
  body: Buffer.from("{}"),
});

/** A second later than the one before. */
function write(view: Store, versions: NewVersion[], removed: string[] = []): void {
  time += 1000;
  const tx = view.begin({ agent: "ann" });
  for (const version of versions) tx.put(version);
  for (const key of removed) tx.remove("entry", key);
  tx.commit();
}

const second = (count: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, count)).toISOString();

describe("headOf", () => {
  test("finds entries, files, and files by what lies in them", () => {
    write(store, [file("src/a.ts"), file("c#/x#.cs"), entry("doc:src/a.ts#f:usage"), entry("src/a.ts#g")]);
    const key = (id: string) => headOf(store, id)?.key;
    expect(key("src/a.ts")).toBe("src/a.ts");
    expect(key("src/a.ts#f")).toBe("src/a.ts");
    expect(key("src/a.ts#C.#private~2")).toBe("src/a.ts");
    expect(key("c#/x#.cs")).toBe("c#/x#.cs");
    expect(key("c#/x#.cs#Main")).toBe("c#/x#.cs");
    expect(key("doc:src/a.ts#f:usage")).toBe("doc:src/a.ts#f:usage");
    expect(key("src/a.ts#g")).toBe("src/a.ts#g");
    for (const nothing of [
      "",
      "#",
      "#f",
      "src/b.ts",
      "src/b.ts#f",
      "doc:src/a.ts#f:usage#x",
      "#".repeat(1e6),
    ])
      expect(key(nothing)).toBeUndefined();
  });

  test("knows only what is live, and no relations, settings or marks", () => {
    const edge = { source: "a", type: "calls", target: "a" };
    write(store, [entry("a"), { ...entry("r"), kind: "relation", edge }, { ...entry("m"), kind: "mark" }]);
    write(store, [], ["a"]);
    for (const id of ["a", "r", "m"]) expect(headOf(store, id)).toBeUndefined();
  });
});

describe("timesOf", () => {
  test("are those of the first and the last operation on a key", () => {
    write(store, [entry("a", "1"), entry("b")]);
    write(store, [entry("a", "2")]);
    write(store, [], ["a"]);
    write(store, [entry("a", "1")]);
    expect(timesOf(store, { key: "a", kind: "entry" })).toEqual({
      created_at: second(1),
      updated_at: second(4),
    });
    expect(timesOf(store, { key: "b", kind: "entry" })).toEqual({
      created_at: second(1),
      updated_at: second(1),
    });
    expect(timesOf(store, { key: "never", kind: "entry" })).toEqual({ created_at: "", updated_at: "" });
  });

  test("on a branch count what lay beneath it when it began, and nothing later", () => {
    write(store, [entry("a", "1"), entry("b", "1")]);
    const fork = (view: Store, name: string): Store => {
      const tx = view.begin({ agent: "ann", kind: "explore" });
      const branch = tx.fork(name, {});
      tx.commit();
      return store.on(branch);
    };
    const trial = fork(store, "trial");
    write(store, [entry("a", "later"), entry("b", "later"), entry("c")]);
    write(trial, [entry("a", "2"), entry("c")]);
    const deeper = fork(trial, "deeper");
    write(trial, [entry("a", "3")]);
    expect(timesOf(trial, { key: "a", kind: "entry" })).toEqual({
      created_at: second(1),
      updated_at: second(4),
    });
    expect(timesOf(deeper, { key: "a", kind: "entry" })).toEqual({
      created_at: second(1),
      updated_at: second(3),
    });
    expect(timesOf(trial, { key: "b", kind: "entry" })).toEqual({
      created_at: second(1),
      updated_at: second(1),
    });
    expect(timesOf(trial, { key: "c", kind: "entry" })).toEqual({
      created_at: second(3),
      updated_at: second(3),
    });
    expect(timesOf(store, { key: "c", kind: "entry" })).toEqual({
      created_at: second(2),
      updated_at: second(2),
    });
  });

  test("come from the transaction's header where its operations were dropped", () => {
    write(store, [entry("a", "1")]);
    write(store, [entry("a", "2"), entry("b")]);
    write(store, [entry("c")]);
    const tx = store.begin({ agent: "ann", kind: "compact" });
    tx.compact(3);
    tx.commit();
    expect(timesOf(store, { key: "a", kind: "entry" })).toEqual({
      created_at: second(2),
      updated_at: second(2),
    });
    write(store, [entry("a", "3")]);
    expect(timesOf(store, { key: "a", kind: "entry" })).toMatchObject({ updated_at: second(4) });
  });
});
