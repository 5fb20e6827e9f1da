import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PackWriter } from "../contents/pack-file.ts";
import { writerOf } from "../knowledge.fixture.ts";
import { openStore } from "../open.ts";
import { connect, migrate } from "./open.ts";
import { migrations } from "./schema.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "momo-open-"));
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

function openedAndSound(mode: "read" | "write"): string | undefined {
  const store = openStore(file, { mode });
  try {
    store.heads("file");
    return store.verify();
  } finally {
    store.close();
  }
}

describe("a file that is not a knowledge base of this Momo", () => {
  test("of a newer Momo is left as it is, byte for byte", () => {
    makeStore();
    alter("PRAGMA user_version = 99");
    expectRefusal("STORE_NEWER", /schema 99, this one knows \d+\): upgrade Momo/);
  });

  test("of a newer Momo that was killed keeps its write-ahead log too", () => {
    makeStore();
    const writer = new DatabaseSync(file);
    writer.exec(
      "PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 99; INSERT INTO meta VALUES ('new', 'x')",
    );
    const copy = join(folder, "copy.db");
    writeFileSync(copy, readFileSync(file));
    writeFileSync(`${copy}-wal`, readFileSync(`${file}-wal`));
    writer.close();
    file = copy;
    const wal = content(`${file}-wal`);
    expectRefusal("STORE_NEWER", /schema 99/);
    expect(content(`${file}-wal`)).toBe(wal);
  });

  test("is a database of another program", () => {
    alter("CREATE TABLE people (name TEXT); INSERT INTO people VALUES ('Ada')");
    expectRefusal("STORE_FOREIGN", /a database of another program.*--home/);
    alter("PRAGMA application_id = 7; DROP TABLE people");
    expectRefusal("STORE_FOREIGN", /another program/);
  });

  test("is text", () => {
    writeFileSync(file, "These are notes.\n".repeat(1000));
    expectRefusal("STORE_FOREIGN", /not a Momo knowledge base/);
    writeFileSync(file, "Short notes.");
    expectRefusal("STORE_FOREIGN", /not a Momo knowledge base/);
  });

  test("is a folder, or lies in a file", () => {
    mkdirSync(file);
    expectRefusal("STORE_FOREIGN", /not a file/);
    writeFileSync(join(folder, "plain"), "x");
    file = join(folder, "plain", "momo.db");
    expect(() => openStore(file, { mode: "write" })).toThrow(
      expect.objectContaining({ code: "STORE_FOREIGN" }),
    );
    expect(() => openStore(file, { mode: "read" })).toThrow(
      expect.objectContaining({ code: "STORE_MISSING" }),
    );
  });

  test("is missing, or was never finished: reading says so, writing makes it", () => {
    expect(() => openStore(file, { mode: "read" })).toThrow(
      expect.objectContaining({ code: "STORE_MISSING", message: expect.stringContaining("momo ingest") }),
    );
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, "");
    expect(() => openStore(file, { mode: "read" })).toThrow(
      expect.objectContaining({ code: "STORE_MISSING" }),
    );
    // A creation cut after the first page.
    alter("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL");
    expect(statSync(file).size).toBe(8192);
    expect(() => openStore(file, { mode: "read" })).toThrow(
      expect.objectContaining({ code: "STORE_MISSING" }),
    );
    makeStore();
    expect(openedAndSound("read")).toBeUndefined();
  });

  test("is reached through a link", () => {
    makeStore();
    const link = join(folder, "link.db");
    symlinkSync(file, link);
    file = link;
    expect(openedAndSound("write")).toBeUndefined();
  });
});

describe("without permission", () => {
  const root = process.geteuid?.() === 0;

  /** Root may write everything, so what a user meets is tried as one. */
  function asUser<T>(work: () => T): T {
    if (!root) return work();
    process.seteuid!(65534);
    try {
      return work();
    } finally {
      process.seteuid!(0);
    }
  }

  beforeEach(() => chmodSync(folder, 0o755));
  afterEach(() => chmodSync(folder, 0o755));

  test("on the folder, a settled knowledge base is read and not written", () => {
    makeStore();
    chmodSync(folder, 0o555);
    const before = content();
    expect(asUser(() => openedAndSound("read"))).toBeUndefined();
    expect(() => asUser(() => openStore(file, { mode: "write" }))).toThrow(
      expect.objectContaining({ code: "STORE_READONLY", message: expect.stringMatching(/permission/) }),
    );
    expect(content()).toBe(before);
  });

  test("on the folder, one that a writer has open is read with what the writer committed", () => {
    const writer = openStore(file, { mode: "write" });
    const tx = writer.begin({ agent: "tester" });
    tx.put({ key: "a", kind: "file", hash: new Uint8Array(32), body: new Uint8Array(1) });
    tx.commit();
    chmodSync(folder, 0o555);
    for (const suffix of ["", "-wal", "-shm"]) chmodSync(file + suffix, 0o444);
    expect(asUser(() => openedAndSound("read"))).toBeUndefined();
    asUser(() => {
      const reader = openStore(file, { mode: "read" });
      expect(reader.head("a")?.vid).toBe(1);
      reader.close();
    });
    writer.close();
  });

  test("on the folder, one whose writer was killed is not read without what it committed last", () => {
    makeStore();
    const writer = openStore(file, { mode: "write" });
    const tx = writer.begin({ agent: "tester" });
    tx.put({ key: "late", kind: "file", hash: new Uint8Array(32), body: new Uint8Array(1) });
    tx.commit();
    const left = join(folder, "left.db");
    writeFileSync(left, readFileSync(file));
    writeFileSync(`${left}-wal`, readFileSync(`${file}-wal`));
    writer.close();
    chmodSync(folder, 0o555);
    asUser(() => expectReadOnly(left, "read"));
    chmodSync(folder, 0o755);
    const reader = openStore(left, { mode: "read" });
    expect(reader.head("late")).toBeDefined();
    reader.close();
  });

  test("on the file, it is read and not written", () => {
    makeStore();
    chmodSync(folder, 0o777);
    chmodSync(file, 0o444);
    const before = content();
    expect(asUser(() => openedAndSound("read"))).toBeUndefined();
    expect(() => asUser(() => openStore(file, { mode: "write" }))).toThrow(
      expect.objectContaining({ code: "STORE_READONLY" }),
    );
    expect(content()).toBe(before);
  });

  test("to read, or to make the folder, the error says so", () => {
    makeStore();
    chmodSync(file, 0o000);
    asUser(() => expectReadOnly(file, "read"));
    chmodSync(folder, 0o555);
    asUser(() => expectReadOnly(join(folder, "new", "momo.db"), "write"));
    chmodSync(folder, 0o000);
    asUser(() => expectReadOnly(file, "read"));
  });

  function expectReadOnly(path: string, mode: "read" | "write"): void {
    expect(() => openStore(path, { mode })).toThrow(expect.objectContaining({ code: "STORE_READONLY" }));
  }
});

describe("migrations", () => {
  const options = { mode: "write", wait_ms: 1000, durability: "process" } as const;

  test("add what an older file lacks, once", () => {
    makeStore();
    const connection = writerOf(connect(file, options));
    const longer = [...migrations, "CREATE TABLE later (x INTEGER); INSERT INTO later VALUES (1)"];
    migrate(connection, longer);
    migrate(connection, longer);
    expect(connection.value("PRAGMA user_version")).toBe(migrations.length + 1);
    expect(connection.value("SELECT count(*) FROM later")).toBe(1);
    expect(connection.value("SELECT count(*) FROM version")).toBe(21);
    connection.close();
    expectRefusal("STORE_NEWER", /upgrade/);
  });

  test("that fail leave the file as it was", () => {
    makeStore();
    const connection = writerOf(connect(file, options));
    const broken = [...migrations, "CREATE TABLE later (x INTEGER)", "INSERT INTO nowhere VALUES (1)"];
    expect(() => migrate(connection, broken)).toThrow(/nowhere/);
    expect(connection.value("PRAGMA user_version")).toBe(migrations.length);
    expect(connection.value("SELECT count(*) FROM sqlite_schema WHERE name = 'later'")).toBe(0);
    connection.close();
    expect(openedAndSound("write")).toBeUndefined();
  });
});

test("the file is set up as the decision record says", () => {
  const pragmas = (durability: "process" | "disk"): unknown[] => {
    const connection = writerOf(connect(file, { mode: "write", wait_ms: 1234, durability }));
    const values = [
      "page_size",
      "journal_mode",
      "synchronous",
      "mmap_size",
      "foreign_keys",
      "busy_timeout",
    ].map((name) => connection.value(`PRAGMA ${name}`));
    connection.close();
    return values;
  };
  expect(pragmas("disk")).toEqual([4096, "wal", 2, 2 ** 30, 0, 1234]);
  expect(pragmas("process")).toEqual([4096, "wal", 1, 2 ** 30, 0, 1234]);
  expect(readFileSync(file).subarray(68, 72).toString()).toBe("Momo");
});
