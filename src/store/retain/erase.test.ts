/** Erased content must not be left anywhere: what is looked at are the bytes of the file and of its write-ahead log. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openPack } from "../contents/pack-file.ts";
import type { NewVersion } from "../contract/knowledge.ts";
import type { Store } from "../contract/store.ts";
import { index } from "../everything.fixture.ts";
import {
  alter,
  contentsOf,
  entry,
  file,
  folder,
  fork,
  move,
  numbers,
  open,
  relation,
  remove,
  transact,
  write,
} from "../knowledge.fixture.ts";
import { tidySegments } from "../lexical/tidy.ts";

/** Everything that the knowledge base has on the disk. */
const stored = (path = file): Buffer =>
  Buffer.concat([path, `${path}-wal`].filter(existsSync).map((one) => readFileSync(one)));

function erase(store: Store, ...keys: string[]): number[] {
  let counts: number[] = [];
  transact(
    store,
    (tx) => {
      const { journal } = tx.reader;
      counts = keys.map((key) => tx.erase(journal.kidOf(key) ? [journal.kidOf(key)!.kid] : []));
    },
    { kind: "erase" },
  );
  return counts;
}

const secret = (key: string, body: string, text?: string): NewVersion => ({
  key,
  kind: "entry",
  body: Buffer.from(body),
  ...(text !== undefined && { text: Buffer.from(text) }),
});

function packs(): Uint8Array[] {
  let found: Uint8Array[] = [];
  alter(file, (database) => {
    found = database
      .prepare("SELECT bytes FROM pack")
      .all()
      .map(({ bytes }) => bytes as Uint8Array);
  });
  return found;
}

describe("erasing a key", () => {
  test("removes it and the content of all its versions; names and hashes stay", () => {
    const store = open();
    const first = write(store, secret("a", "BODY-ONE", "TEXT-ONE"), entry("b", 1, "kept"));
    const before = store.digest();
    const [second] = write(store, secret("a", "BODY-TWO", "TEXT-TWO".repeat(9000)));
    expect(stored().includes("TEXT-TWO")).toBe(true);
    expect(erase(store, "a", "unknown")).toEqual([2, 0]);
    expect(store.settle()).toBe(true);
    for (const text of ["BODY-ONE", "TEXT-ONE", "BODY-TWO", "TEXT-TWO"])
      expect(stored().includes(text)).toBe(false);
    expect(stored().includes("kept")).toBe(true);
    expect(store.head("a")).toBeUndefined();
    for (const vid of [first[0]!, second!]) {
      expect([store.body(vid), store.text(vid), store.keyOf(vid)]).toEqual([undefined, undefined, "a"]);
      expect(store.journal.leaf(vid)).toHaveLength(32);
    }
    expect(store.history()[0]).toMatchObject({ kind: "erase", operations: 1, removed: 1 });
    expect(store.operations(1)).toHaveLength(2);
    expect(store.digest()).not.toBe(before);
    expect(store.verify()).toBeUndefined();
    expect(erase(store, "a")).toEqual([0]);
    expect(store.verify()).toBeUndefined();
  });

  test("also when it was removed before, and it may be written again", () => {
    const store = open();
    write(store, secret("a", "BODY-ONE"));
    remove(store, "a");
    expect(erase(store, "a")).toEqual([1]);
    expect(store.history()[0]).toMatchObject({ kind: "erase", operations: 0 });
    store.settle();
    expect(stored().includes("BODY-ONE")).toBe(false);
    const [vid] = write(store, secret("a", "BODY-ONE"));
    expect([vid, store.head("a")?.vid, store.body(vid!)]).toEqual([
      2,
      2,
      Uint8Array.from(Buffer.from("BODY-ONE")),
    ]);
    expect(erase(store, "a")).toEqual([1]);
    expect(store.verify()).toBeUndefined();
  });

  test("takes what it joins and what it was read by", () => {
    const store = open();
    const [vid] = write(store, relation("r", { source: "a", type: "SECRETLY", target: "b" }), entry("b", 1));
    transact(store, (tx) => {
      tx.read(vid!, "declared");
      tx.put(entry("c", 1));
    });
    erase(store, "r");
    expect([numbers("edge"), numbers("read")]).toEqual([[], []]);
    store.settle();
    expect(stored().includes("SECRETLY")).toBe(false);
    expect(store.verify()).toBeUndefined();
  });

  test("rewrites the pack and the segment that it lies in", () => {
    const store = open();
    const noise = (): string => randomBytes(60).toString("hex");
    const [own, other] = [noise(), noise()];
    const vids = index(store, { "own.ts": own, "other.ts": other });
    index(store, { "third.ts": "gamma" });
    const text = (vid: number, from = store): string => String(Buffer.from(from.text(vid)!));
    const reader = open("read");
    const branch = store.on(fork(store, "b").branch);
    expect([text(vids[1]!, reader), text(vids[1]!, branch)]).toEqual([other, other]);
    expect(stored().includes(own)).toBe(true);
    const [pack] = packs();
    erase(store, "own.ts");
    store.settle();
    // Nothing of the packed form either: compressed alone it would look the same.
    expect(stored().includes(Buffer.from(pack!.subarray(pack!.length >> 1)))).toBe(false);
    expect(stored().includes(own)).toBe(false);
    expect(packs().map((bytes) => Buffer.from(openPack(bytes)).includes(own))).toEqual([false, false]);
    for (const from of [store, reader, branch]) {
      expect([text(vids[1]!, from), from.text(vids[0]!)]).toEqual([other, undefined]);
    }
    expect(store.segments().map((one) => [...one.vids])).toEqual([[3], [vids[1]]]);
    expect(store.verify()).toBeUndefined();
  });

  test("leaves nothing of it in segments that were merged before", () => {
    const store = open();
    const word = "zyxwvutsrq";
    for (let i = 0; i < 12; i++) {
      index(store, { [`f${i}.ts`]: i === 3 ? word : `word${i}` });
      transact(store, (tx) => tidySegments(tx));
    }
    expect(store.segments().length).toBeLessThan(9);
    expect(stored().includes(word)).toBe(true);
    erase(store, "f3.ts");
    store.settle();
    expect(stored().includes(word)).toBe(false);
    expect(store.segments().flatMap(({ vids }) => [...vids])).toHaveLength(11);
    expect(store.verify()).toBeUndefined();
  });

  test("is for main alone; a branch that points at it has nothing there, and can be written over", () => {
    const main = open();
    write(main, secret("a", "BODY-ONE"));
    const branch = fork(main, "b");
    expect(() => erase(branch, "a")).toThrow(/only main/);
    const before = branch.digest();
    erase(main, "a");
    expect(branch.digest()).toBe(before);
    expect([branch.head("a"), branch.heads("entry"), branch.body(1)]).toEqual([undefined, [], undefined]);
    expect(main.verify()).toBeUndefined();
    // The same content as the hole's.
    expect(write(branch, secret("a", "BODY-ONE"))).toEqual([2]);
    expect([branch.head("a")?.vid, branch.digest()]).toEqual([2, before]);
    expect(main.verify()).toBeUndefined();
  });

  test("cannot be undone: the version is gone, and its neighbours are not", () => {
    const store = open();
    const [a, b] = write(store, entry("a", 1), entry("b", 1));
    write(store, entry("b", 2));
    erase(store, "a");
    expect(store.journal.gone(Float64Array.of(a!, b!))).toEqual(new Set([a]));
    move(store, { b: b! });
    expect(contentsOf(store)).toEqual({ b: 1 });
    expect(store.verify()).toBeUndefined();
    transact(store, (tx) => tx.compact(store.seq()), { kind: "compact" });
    expect(numbers("version")).toEqual([b]);
    expect(store.verify()).toBeUndefined();
  });

  test("that is aborted leaves everything", () => {
    const store = open();
    const [vid] = write(store, secret("a", "BODY-ONE", "TEXT-ONE"));
    const tx = store.begin({ agent: "tester", kind: "erase" });
    expect(tx.erase([tx.reader.journal.kidOf("a")!.kid])).toBe(1);
    tx.abort();
    expect(String(Buffer.from(store.text(vid!)!))).toBe("TEXT-ONE");
    expect([store.meta("leftovers"), store.verify()]).toEqual([undefined, undefined]);
  });
});

describe("settling", () => {
  test("says when a reader keeps old content from going, and goes on later", () => {
    const store = open("write", { wait_ms: 10 });
    write(store, secret("a", "BODY-ONE"));
    const reader = open("read");
    reader.snapshot(() => {
      expect(reader.seq()).toBe(1);
      erase(store, "a");
      expect(store.settle()).toBe(false);
      expect(reader.head("a")?.vid).toBe(1);
      expect(stored().includes("BODY-ONE")).toBe(true);
    });
    expect(store.settle()).toBe(true);
    expect(stored().includes("BODY-ONE")).toBe(false);
  });

  test("is made up for by the next process, when the one that erased died before", () => {
    const store = open();
    write(
      store,
      ...Array.from({ length: 40 }, (_, i) => secret(`k${i}`, `BODY-${i}-`, `TEXT-${i}-`.repeat(50))),
    );
    erase(store, ...Array.from({ length: 39 }, (_, i) => `k${i}`));
    store.close();
    const next = open();
    expect(next.settle()).toBe(true);
    for (let i = 0; i < 39; i++)
      expect([i, stored().includes(`BODY-${i}-`), stored().includes(`TEXT-${i}-`)]).toEqual([
        i,
        false,
        false,
      ]);
    expect(stored().includes("TEXT-39-")).toBe(true);
    expect([next.meta("leftovers"), next.verify()]).toEqual([undefined, undefined]);
  });

  test("with shrink gives free pages back", () => {
    const store = open();
    write(store, secret("a", "x", "long ".repeat(100_000)));
    write(store, secret("a", "y"));
    transact(store, (tx) => tx.compact(2), { kind: "compact" });
    store.settle();
    const before = stored().length;
    expect(before).toBeGreaterThan(500_000);
    expect(store.settle({ shrink: true })).toBe(true);
    expect(stored().length).toBeLessThan(before / 2);
    expect(store.verify()).toBeUndefined();
  });
});

test("no mark of an erased key is left, however rows were moved about before", { timeout: 1_200_000 }, () => {
  const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
  const writes = fc.array(fc.tuple(fc.constantFrom(...keys), fc.integer({ min: 1, max: 300 })), {
    minLength: 1,
    maxLength: 25,
  });
  const rounds = fc.array(fc.tuple(writes, fc.uniqueArray(fc.constantFrom(...keys), { maxLength: 4 })), {
    minLength: 1,
    maxLength: 5,
  });
  let files = 0;
  fc.assert(
    fc.property(rounds, (all) => {
      const path = join(folder, `${files++}`, "momo.db");
      const store = open("write", {}, path);
      const marks = new Map(keys.map((key): [string, string[]] => [key, []]));
      const erased: string[] = [];
      for (const [changes, gone] of all) {
        transact(store, (tx) => {
          for (const [key, size] of changes) {
            const mark = `MARK-${randomBytes(8).toString("hex")}`;
            marks.get(key)!.push(mark);
            tx.put(secret(key, `{"mark":"${mark}"}`, `${mark} `.repeat(size)));
          }
        });
        erase(store, ...gone);
        for (const key of gone) erased.push(...marks.get(key)!.splice(0));
      }
      expect(store.settle()).toBe(true);
      const bytes = stored(path);
      expect(erased.filter((mark) => bytes.includes(mark))).toEqual([]);
      for (const kept of marks.values()) for (const mark of kept) expect(bytes.includes(mark)).toBe(true);
      expect(store.verify()).toBeUndefined();
      store.close();
    }),
    { numRuns: process.env.MOMO_TEST_LONG ? 2000 : 100 },
  );
});
