/** Files that an earlier Momo made become current ones. */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, test } from "vitest";
import { index } from "../everything.fixture.ts";
import { alter, contentsOf, entry, file, fork, move, open, write } from "../knowledge.fixture.ts";
import { LexicalIndex } from "../lexical/index.ts";
import { applicationId, migrations } from "./schema.ts";

/** As schema 1 had them. */
const tables = `
  CREATE TABLE key (kid INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE version (vid INTEGER PRIMARY KEY, kid INTEGER NOT NULL, hash BLOB NOT NULL, body BLOB) STRICT;
  CREATE TABLE pack (pack INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE slice (
    vid INTEGER PRIMARY KEY, pack INTEGER NOT NULL,
    start INTEGER NOT NULL, body_bytes INTEGER NOT NULL, text_bytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE text (vid INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE branch (branch INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, digest BLOB NOT NULL) STRICT;
  CREATE TABLE head (
    branch INTEGER NOT NULL, kind INTEGER NOT NULL, kid INTEGER NOT NULL, vid INTEGER NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (branch, kind, kid)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tx (
    tx INTEGER PRIMARY KEY, branch INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
    agent TEXT NOT NULL, session TEXT, principal TEXT, request_id TEXT, intent TEXT,
    last_seq INTEGER NOT NULL, operations INTEGER NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, removed INTEGER NOT NULL,
    digest BLOB NOT NULL, hash BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX tx_request ON tx (agent, request_id) WHERE request_id IS NOT NULL;
  CREATE TABLE journal (tx INTEGER PRIMARY KEY, ops BLOB NOT NULL) STRICT;
  CREATE TABLE segment (segment INTEGER PRIMARY KEY, vids BLOB NOT NULL) STRICT;
  CREATE TABLE section (
    segment INTEGER NOT NULL, name TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (segment, name)
  ) STRICT;
  CREATE TABLE scan (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime REAL NOT NULL, skipped TEXT, warning TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE counter (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    tx INTEGER NOT NULL, seq INTEGER NOT NULL, kid INTEGER NOT NULL, vid INTEGER NOT NULL,
    segment INTEGER NOT NULL, pack INTEGER NOT NULL
  ) STRICT;`;
const rows = `
  INSERT INTO counter VALUES (1, 1, 1, 1, 1, 1, 1);
  INSERT INTO branch VALUES (1, 'main', zeroblob(32));
  INSERT INTO key VALUES (1, 1, 'a.ts');
  INSERT INTO version VALUES (1, 1, zeroblob(32), x'01');
  INSERT INTO pack VALUES (1, zeroblob(100));
  INSERT INTO text VALUES (1, x'02');
  INSERT INTO head VALUES (1, 1, 1, 1, 1);
  INSERT INTO tx VALUES (1, 1, 'write', 0, 'Ada', NULL, NULL, 'r', NULL, 1, 1, 1, 0, 0, zeroblob(32), zeroblob(32));
  INSERT INTO journal VALUES (1, x'010001');
  INSERT INTO segment VALUES (1, zeroblob(8));
  INSERT INTO section VALUES (1, 'words', zeroblob(50000));
  INSERT INTO scan VALUES ('a.ts', 1, 1.5, NULL, NULL);
  INSERT INTO meta VALUES ('extractor', '1');`;

beforeEach(() => {
  mkdirSync(dirname(file));
  alter(
    file,
    `PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; BEGIN; ${tables} ${rows}
     PRAGMA application_id = ${applicationId}; PRAGMA user_version = 1; COMMIT`,
  );
});

const version = (): unknown => {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare("PRAGMA user_version").get()!.user_version;
  } finally {
    database.close();
  }
};

test.each(["read", "write"] as const)("a file of schema 1, opened to %s, is an empty current one", (mode) => {
  const store = open(mode);
  expect(version()).toBe(migrations.length);
  expect([store.seq(), store.digest(), store.history(), store.branches()]).toEqual([
    0,
    "0".repeat(64),
    [],
    [],
  ]);
  expect([store.heads("file"), store.segments(), store.scan(), store.head("a.ts")]).toEqual([
    [],
    [],
    [],
    undefined,
  ]);
  expect([store.meta("extractor"), store.engines(), store.verify()]).toEqual([undefined, [], undefined]);
});

test("what is read again is found again, and everything new works", () => {
  open("read").close();
  const store = open();
  const vids = index(store, { "a.ts": "alpha", "b.ts": "beta" });
  expect(vids).toEqual([1, 2]);
  const lexical = new LexicalIndex(store.segments(), store.liveVersions("file"));
  expect([lexical.paths, lexical.liveDocuments]).toEqual([["a.ts", "b.ts"], 2]);
  const [first] = write(store, entry("e", 1));
  const digest = store.digest();
  write(store, entry("e", 2));
  const branch = fork(store, "b");
  move(store, { e: first! });
  expect([store.digest(), contentsOf(store), contentsOf(branch)]).toEqual([digest, { e: 1 }, { e: 2 }]);
  // The request of the old file is not remembered.
  expect(store.begin({ agent: "Ada", request_id: "r" }).repeated).toBeUndefined();
  store.close();
  expect(open("read").verify()).toBeUndefined();
});

test("one that two open at once is made current once", () => {
  const [one, other] = [open(), open()];
  write(one, entry("a", 1));
  expect(contentsOf(other)).toEqual({ a: 1 });
  write(other, entry("b", 1));
  expect([contentsOf(one), one.verify()]).toEqual([{ a: 1, b: 1 }, undefined]);
});

test("a file of a newer schema is refused and left as it is, with nothing beside it", () => {
  alter(file, `PRAGMA user_version = ${migrations.length + 1}`);
  for (const mode of ["read", "write"] as const) {
    expect(() => open(mode)).toThrow(expect.objectContaining({ code: "STORE_NEWER" }));
  }
  expect(version()).toBe(migrations.length + 1);
  alter(file, (database) => {
    expect(
      database
        .prepare("SELECT name FROM key")
        .all()
        .map(({ name }) => name),
    ).toEqual(["a.ts"]);
  });
  expect([
    existsSync(`${file}-journal`),
    readdirSync(dirname(file)).filter((name) => !/db(-wal|-shm)?$/.test(name)),
  ]).toEqual([false, []]);
});
