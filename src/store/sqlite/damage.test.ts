import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MomoError } from "../../errors.ts";
import { PackWriter } from "../contents/pack-file.ts";
import { writerOf } from "../knowledge.fixture.ts";
import { openStore } from "../open.ts";
import { connect } from "./open.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "momo-damage-"));
  file = join(folder, "momo.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

const modes = ["read", "write"] as const;
const content = (path = file): string => createHash("sha256").update(readFileSync(path)).digest("hex");

/** A knowledge base with `count` files and a segment, closed. */
function makeStore(count = 20): void {
  const store = openStore(file, { mode: "write", durability: "process" });
  const tx = store.begin({ agent: "tester", request_id: "r" });
  for (let i = 0; i < count; i++) {
    tx.put({
      key: `f${i}`,
      kind: "file",
      hash: new Uint8Array(32).fill(i),
      body: new Uint8Array(500).fill(i),
    });
  }
  const packs = new PackWriter();
  const place = packs.add(randomBytes(3000), new Uint8Array(9));
  const [pack] = packs.take().map((stored) => tx.addPack(stored));
  tx.put({ key: "packed", kind: "file", hash: new Uint8Array(32), ...place, pack });
  tx.addSegment({ words: new Uint8Array(20_000) }, Float64Array.of(1));
  tx.recordScan([{ path: "f1", size: 1, mtime: 1 }]);
  tx.commit();
  store.close();
}

/** Opening fails with this error in both modes, and the file stays as it is. */
function expectRefusal(code: string, message: RegExp): void {
  const before = existsSync(file) && statSync(file).isFile() ? content() : undefined;
  for (const mode of modes) {
    expect(() => openStore(file, { mode, wait_ms: 0 })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  }
  if (before !== undefined) expect(content()).toBe(before);
}

function alter(sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

describe("a damaged file", () => {
  test.each([1, 100, 512, 4096, 8192, 8193, 30_000])(
    "cut to %i bytes is named damaged and left as it is",
    (size) => {
      makeStore();
      truncateSync(file, size);
      expectRefusal("STORE_CORRUPT", /is damaged .*restore a backup/);
    },
  );

  test("with bytes overwritten anywhere never brings anything but a Momo error", {
    timeout: 1_200_000,
  }, () => {
    makeStore(200);
    const sound = readFileSync(file);
    const damage = fc.array(
      fc.record({ at: fc.nat(sound.length - 1), bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }) }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(damage, fc.constantFrom(...modes), (patches, mode) => {
        const bytes = Buffer.from(sound);
        for (const { at, bytes: patch } of patches) bytes.set(patch.subarray(0, bytes.length - at), at);
        for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
        writeFileSync(file, bytes);
        try {
          const store = openStore(file, { mode, wait_ms: 0 });
          try {
            for (const { vid } of store.heads("file")) store.body(vid);
            store.segments().map((segment) => segment.section("words").length + segment.vids.length);
            for (const { transaction } of store.history()) store.operations(transaction);
            store.verify();
          } finally {
            store.close();
          }
        } catch (error) {
          expect(error).toBeInstanceOf(MomoError);
        }
      }),
      process.env.MOMO_TEST_LONG ? { numRuns: 5000 } : { numRuns: 150, seed: 1 },
    );
  });
});

describe("a full disk", () => {
  // A limit on the size of files stands for a full disk: the kernel refuses the write inside SQLite.
  const limited = (blocks: number, script: string): string =>
    execFileSync(
      "/bin/sh",
      ["-c", `ulimit -f ${blocks}; exec "$0" "$@"`, process.execPath, "--input-type=module", "-e", script],
      {
        env: { ...process.env, FILE: file, JOURNAL: new URL("../open.ts", import.meta.url).href },
        encoding: "utf8",
      },
    );
  const script = (size: number): string => `
    const { openStore } = await import(process.env.JOURNAL);
    const { randomBytes } = await import("node:crypto");
    const store = openStore(process.env.FILE, { mode: "write" });
    const version = (key, size) => ({ key, kind: "file", hash: randomBytes(32), body: randomBytes(size) });
    const small = store.begin({ agent: "tester" });
    small.put(version("small", 100));
    small.commit();
    let step = "put";
    try {
      const tx = store.begin({ agent: "tester" });
      for (let i = 0; i < ${size}; i++) tx.put(version("large" + i, 100_000));
      step = "commit";
      tx.commit();
    } catch (error) {
      console.log(step, error.code);
    }
    console.log(store.seq(), store.heads("file").length, store.verify());
    const again = store.begin({ agent: "tester" });
    again.put(version("after", 100));
    again.commit();
    console.log(store.seq(), store.verify());
  `;

  test.each([
    ["while writing", 400, "put STORE_FULL"],
    ["while committing", 80, "commit STORE_FULL"],
  ])("%s loses nothing that was committed", (_when, size, first) => {
    expect(limited(4000, script(size)).trim().split("\n")).toEqual([first, "1 1 undefined", "2 undefined"]);
    const store = openStore(file, { mode: "read" });
    expect(store.heads("file").map(({ key }) => key)).toEqual(["small", "after"]);
    expect(store.verify()).toBeUndefined();
    store.close();
  });
});

test("a disk that fills up inside SQLite is named too", () => {
  makeStore();
  const connection = writerOf(connect(file, { mode: "write", wait_ms: 0, durability: "process" }));
  // The limit on pages raises what ENOSPC does.
  connection.exec("PRAGMA max_page_count = 1");
  expect(() => connection.exec("INSERT INTO text VALUES (1, zeroblob(1000000))")).toThrow(
    expect.objectContaining({ code: "STORE_FULL" }),
  );
  connection.close();
});

test.each([
  ["a number beyond all that are given out", "UPDATE branch SET seq = 9007199254740993"],
  ["a schema version that never was", "PRAGMA user_version = 0"],
  ["a row that is gone", "DELETE FROM branch"],
  ["a table that is gone", "DROP TABLE branch"],
  ["a column that is gone", "ALTER TABLE head RENAME COLUMN vid TO wid"],
  ["a pack that cannot be opened", "UPDATE pack SET bytes = zeroblob(100)"],
  ["a pack that is gone", "DELETE FROM pack"],
  ["a slice beyond its pack", "UPDATE slice SET start = 1000000"],
])("%s is damage", (_what, sql) => {
  makeStore();
  alter(sql);
  const readAll = (): void => {
    const store = openStore(file, { mode: "read" });
    try {
      store.seq();
      for (const { vid } of store.heads("file")) store.body(vid);
    } finally {
      store.close();
    }
  };
  expect(readAll).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
});
