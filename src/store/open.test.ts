import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Store } from "./contract/store.ts";
import {
  bytes,
  entry,
  file,
  folder,
  fork,
  open,
  relation,
  transact,
  version,
  write,
} from "./knowledge.fixture.ts";
import { leaf } from "./records/digest.ts";

describe("put and remove", () => {
  test("make the head point at the content, or away from it", () => {
    const store = open();
    const [first, other] = write(store, version("a.ts", 1, { text: bytes(7, 8) }), entry("b", 1));
    expect(store.head("a.ts")).toEqual({
      key: "a.ts",
      kind: "file",
      vid: first,
      leaf: Uint8Array.from(leaf("a.ts", new Uint8Array(32).fill(1))),
    });
    expect(store.body(first)).toEqual(bytes(1));
    expect(store.text(first)).toEqual(bytes(7, 8));
    expect(store.text(other)).toBeUndefined();
    expect(store.heads("entry").map(({ key, kind, vid }) => [key, kind, vid])).toEqual([
      ["b", "entry", other],
    ]);
    expect([...store.liveVersions("file")]).toEqual([first]);

    const [second] = write(store, version("a.ts", 2));
    expect(store.head("a.ts")?.vid).toBe(second);
    expect(store.body(first)).toEqual(bytes(1));

    const tx = store.begin({ agent: "tester" });
    expect(tx.remove("file", "a.ts")).toBe(true);
    expect(tx.remove("file", "a.ts")).toBe(false);
    expect(tx.remove("entry", "never there")).toBe(false);
    tx.commit();
    expect(store.head("a.ts")).toBeUndefined();
    expect([...store.liveVersions("file")]).toEqual([]);
    expect(store.body(second)).toEqual(bytes(2));
    expect(store.verify()).toBeUndefined();
  });

  test("of the head's own content change nothing", () => {
    const store = open();
    const [vid] = write(store, version("a", 1));
    const tx = store.begin({ agent: "tester" });
    expect(tx.put(version("a", 1, { body: bytes(9) }))).toEqual({ vid, changed: false });
    expect(tx.commit()).toEqual({ transaction: 0, seq: 0, operations: 0 });
    expect(store.body(vid)).toEqual(bytes(1));
    expect(store.seq()).toBe(1);
    expect(store.history()).toHaveLength(1);
  });

  test("never give a version number twice, also for content that came before", () => {
    const store = open();
    const seen = write(store, version("a", 1), version("a", 2), version("a", 1));
    const tx = store.begin({ agent: "tester" });
    tx.remove("file", "a");
    tx.commit();
    seen.push(...write(store, version("a", 1)));
    expect(new Set(seen).size).toBe(4);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    store.close();
    expect(write(open(), version("a", 3))[0]).toBeGreaterThan(seen[3]);
  });

  test("keep things of two kinds apart that have one name", () => {
    const store = open();
    const [file, note] = write(store, version("a", 1), entry("a", 2));
    expect([store.head("a")?.vid, store.head("a", "file")?.vid, store.head("a", "entry")?.vid]).toEqual([
      file,
      file,
      note,
    ]);
    const tx = store.begin({ agent: "tester" });
    expect(tx.remove("file", "a")).toBe(true);
    expect(tx.reader.head("a")?.vid).toBe(note);
    tx.commit();
    expect([store.head("a")?.kind, store.head("a", "file")]).toEqual(["entry", undefined]);
    expect(store.verify()).toBeUndefined();
  });

  test("end the transaction where they fail", () => {
    const store = open();
    const tx = store.begin({ agent: "tester" });
    tx.put(version("b", 1));
    expect(() => tx.put({ key: "c", kind: "file", body: new Uint8Array(0) })).toThrow(/hash/);
    expect(() => tx.commit()).toThrow(/over/);
    expect(store.head("b")).toBeUndefined();
  });

  test("refuse a hash of a file that is not SHA-256, and make the others' themselves", () => {
    const store = open();
    expect(() => write(store, version("a", 1, { hash: bytes(1) }))).toThrow(/32/);
    expect(() => write(store, { key: "a", kind: "file", body: bytes(1) })).toThrow(/32/);
    const [first] = write(store, { ...entry("b", 1), hash: new Uint8Array(32).fill(1) });
    const [same] = write(store, { ...entry("b", 1), hash: new Uint8Array(32).fill(2) });
    expect(same).toBe(first);
    expect(store.head("b")?.leaf).toHaveLength(32);
    expect(store.verify()).toBeUndefined();
  });

  test("take body, text and the ends of a relation for the content", () => {
    const store = open();
    const edge = { source: "a", type: "calls", target: "b" };
    const different = [
      entry("r", 1),
      entry("r", 1, ""),
      entry("r", 1, "text"),
      relation("q", edge, 1),
      relation("q", { ...edge, type: "uses" }, 1),
      relation("q", { ...edge, target: "c" }, 1),
      relation("q", { ...edge, source: "b" }, 1),
    ];
    expect(new Set(different.flatMap((one) => write(store, one))).size).toBe(different.length);
    expect(write(store, different.at(-1)!)).toEqual([different.length]);
    expect(store.edges("b", "source").map(({ key }) => key)).toEqual(["q"]);
    expect(store.edges("a", "source")).toEqual([]);
    expect(store.verify()).toBeUndefined();
  });

  test("take empty bodies and texts, and keys of any script", () => {
    const store = open();
    const key = `${"日本語/🙂".repeat(200)}'; DROP TABLE head; --`;
    const [vid] = write(store, version(key, 1, { body: bytes(), text: bytes() }));
    expect(store.head(key)?.vid).toBe(vid);
    expect(store.body(vid)).toEqual(bytes());
    expect(store.text(vid)).toEqual(bytes());
    expect(store.verify()).toBeUndefined();
  });
});

describe("a transaction", () => {
  test("is one sequence of operations with a receipt and an author", () => {
    const store = open("write", { clock: () => new Date("2026-01-02T03:04:05.678Z") });
    const tx = store.begin({
      agent: "a1",
      session: "s",
      principal: "p",
      request_id: "r",
      intent: "why",
      kind: "index",
    });
    const a = tx.put(version("a", 1)).vid;
    const b = tx.put(version("b", 1)).vid;
    const a2 = tx.put(version("a", 2)).vid;
    tx.remove("file", "b");
    expect(tx.commit()).toEqual({ transaction: 1, seq: 4, operations: 4 });
    expect(store.operations(1)).toEqual([
      { seq: 1, key: "a", from: undefined, to: a },
      { seq: 2, key: "b", from: undefined, to: b },
      { seq: 3, key: "a", from: a, to: a2 },
      { seq: 4, key: "b", from: b, to: undefined },
    ]);
    expect(store.operations(2)).toEqual([]);
    const author = { agent: "a1", session: "s", principal: "p", request_id: "r", intent: "why" };
    const counts = { operations: 4, created: 2, updated: 1, removed: 1 };
    expect(store.history()).toEqual([
      { ...author, ...counts, transaction: 1, seq: 4, kind: "index", at: "2026-01-02T03:04:05.678Z" },
    ]);
    expect(store.seq()).toBe(4);
  });

  test("that is aborted leaves nothing", () => {
    const store = open();
    write(store, version("a", 1));
    const before = store.digest();
    const tx = store.begin({ agent: "tester" });
    tx.put(version("a", 2));
    tx.addSegment({ words: bytes(1) }, Float64Array.of(2));
    tx.recordScan([{ path: "a", size: 1, mtime: 2 }]);
    tx.setMeta("m", "1");
    tx.abort();
    tx.abort();
    expect(() => tx.put(version("a", 3))).toThrow(/over/);
    expect([store.digest(), store.seq(), store.meta("m")]).toEqual([before, 1, undefined]);
    expect([store.segments(), store.scan()]).toEqual([[], []]);
    expect(store.head("a")?.vid).toBe(1);
  });

  test("is the only one of its store, and needs a store that can write", () => {
    const store = open();
    const tx = store.begin({ agent: "tester" });
    expect(() => store.begin({ agent: "tester" })).toThrow(
      expect.objectContaining({ code: "TRANSACTION_OPEN" }),
    );
    tx.commit();
    const reader = open("read");
    expect(reader.writable).toBe(false);
    expect(() => reader.begin({ agent: "tester" })).toThrow(/reading/);
  });

  test("left open when the store closes is aborted", () => {
    const store = open();
    store.begin({ agent: "tester" }).put(version("a", 1));
    store.close();
    expect(open().head("a")).toBeUndefined();
  });

  test("is invisible to other stores until it commits, then visible at once", () => {
    const store = open();
    write(store, version("a", 1));
    const reader = open("read");
    const tx = store.begin({ agent: "tester" });
    tx.put(version("a", 2));
    expect([tx.reader.head("a")?.vid, store.head("a")?.vid, reader.head("a")?.vid]).toEqual([2, 1, 1]);
    expect([store.seq(), reader.seq()]).toEqual([1, 1]);
    tx.commit();
    expect([store.head("a")?.vid, reader.head("a")?.vid, reader.seq()]).toEqual([2, 2, 2]);
  });

  test("committed inside another store's snapshot is seen only after it", () => {
    const store = open();
    write(store, version("a", 1));
    const reader = open("read");
    const inside = reader.snapshot(() => {
      const before = reader.seq();
      write(store, version("a", 2));
      return [before, reader.seq(), reader.head("a")?.vid, reader.snapshot(() => reader.seq())];
    });
    expect(inside).toEqual([1, 1, 1, 1]);
    expect(reader.seq()).toBe(2);
    expect(() => reader.snapshot(() => reader.body(1) && nothing())).toThrow("nothing");
    expect(reader.seq()).toBe(2);
  });
});

function nothing(): never {
  throw new Error("nothing");
}

describe("a repeated request", () => {
  const request = { agent: "a1", request_id: "r1", fingerprint: "asked" };

  test("gets the first answer and changes nothing, also after reopening", () => {
    const first = open();
    const tx = first.begin(request);
    tx.put(version("a", 1));
    const receipt = tx.commit({ answer: { name: "n" } });
    write(first, version("b", 1));
    first.close();

    const store = open();
    const again = store.begin(request);
    expect(again.repeated).toEqual({ receipt, answer: { name: "n" }, fingerprint: "asked" });
    expect(() => again.put(version("new", 1))).toThrow(/done before/);
    expect(again.commit()).toEqual(receipt);
    expect([store.head("new"), store.seq()]).toEqual([undefined, 2]);
    expect(store.once(request, () => nothing())).toEqual({ ...receipt, name: "n", repeated: true });
    expect(store.answered(request)).toEqual({ ...receipt, name: "n", repeated: true });
    // It holds no lock and leaves no transaction open.
    expect(write(store, version("c", 1))).toHaveLength(1);
  });

  test("is remembered when it had no operation, and is one agent's own", () => {
    const store = open();
    write(store, version("z", 1));
    const receipt = store.begin(request).commit();
    expect(receipt).toEqual({ transaction: 2, seq: 0, operations: 0 });
    expect(store.history()[0]).toMatchObject(receipt);
    const again = store.begin(request);
    expect(again.repeated?.receipt).toEqual(receipt);
    again.abort();
    const other = store.begin({ agent: "a2", request_id: "r1" });
    expect(other.repeated).toBeUndefined();
    other.put(version("a", 1));
    expect(other.commit()).toEqual({ transaction: 3, seq: 2, operations: 1 });
    expect(store.verify()).toBeUndefined();
  });

  test("with another content is an error, and leaves no transaction open", () => {
    const store = open();
    store.once(request, (tx) => tx.put(version("a", 1)));
    const other = { ...request, fingerprint: "something else" };
    for (const act of [() => store.begin(other), () => store.answered(other)])
      expect(act).toThrow(expect.objectContaining({ code: "REQUEST_REUSED", status: 409 }));
    const late = store.begin({ agent: "a1", request_id: "r1" });
    expect(() => late.commit({ fingerprint: "something else" })).toThrow(
      expect.objectContaining({ code: "REQUEST_REUSED" }),
    );
    expect(write(store, version("b", 1))).toHaveLength(1);
  });

  test("belongs to its branch, and goes with it", () => {
    const store = open();
    write(store, version("z", 1));
    const branch = fork(store, "b");
    const did = (on: Store): boolean => {
      const tx = on.begin(request);
      const isNew = tx.repeated === undefined;
      if (isNew) tx.put(version("a", 1));
      tx.commit();
      return isNew;
    };
    expect([did(branch), did(branch)]).toEqual([true, false]);
    expect(store.answered(request)).toBeUndefined();
    expect(store.answeredAnywhere(request)).toEqual(branch.answered(request));
    expect([did(store), did(store)]).toEqual([true, false]);
    transact(store, (tx) => tx.drop(branch.branch), { kind: "discard" });
    expect(did(fork(store, "b"))).toBe(true);
    expect(store.verify()).toBeUndefined();
  });

  test("that was aborted the first time runs", () => {
    const store = open();
    store.begin(request).abort();
    const tx = store.begin(request);
    expect(tx.repeated).toBeUndefined();
    tx.abort();
  });
});

describe("the file", () => {
  test("is made with its folder, which keeps itself out of git", () => {
    const path = join(folder, "deep", "er", "momo.db");
    const store = open("write", {}, path);
    expect([store.path, store.writable, store.seq(), store.digest()]).toEqual([
      path,
      true,
      0,
      "0".repeat(64),
    ]);
    expect([store.heads("file"), [...store.liveVersions("file")], store.scan(), store.segments()]).toEqual([
      [],
      [],
      [],
      [],
    ]);
    expect(readFileSync(join(folder, "deep", "er", ".gitignore"), "utf8")).toBe("*\n");
    expect(store.verify()).toBeUndefined();
  });

  test("does not make git ignore a folder that holds other things", () => {
    writeFileSync(join(folder, "mine.ts"), "");
    open("write", {}, join(folder, "momo.db"));
    expect(existsSync(join(folder, ".gitignore"))).toBe(false);
  });

  test("holds everything after closing, in one file", () => {
    const store = open();
    const versions = Array.from({ length: 500 }, (_, i) =>
      version(`f${i}`, i % 256, { body: new Uint8Array(3000).fill(i) }),
    );
    write(store, ...versions);
    const before = [store.seq(), store.digest(), store.heads("file"), store.history()];
    store.close();
    store.close();
    expect(readdirSync(dirname(file)).toSorted()).toEqual([".gitignore", "momo.db"]);
    for (const mode of ["read", "write"] as const) {
      const again = open(mode);
      expect([again.seq(), again.digest(), again.heads("file"), again.history()]).toEqual(before);
      expect(again.verify()).toBeUndefined();
    }
  });
});
