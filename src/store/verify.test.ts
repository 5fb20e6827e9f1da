import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chainHash, sealOf, type TransactionRow } from "./chain.ts";
import { leaf, StateDigest } from "./digest.ts";
import { openStore } from "./journal.ts";

let folder: string;
let file: string;
let sound: Buffer;

/** Three transactions by two agents: creates, updates, a removal. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "momo-verify-"));
  file = join(folder, "momo.db");
  const store = openStore(file, { mode: "write", durability: "process", clock: () => new Date(0) });
  for (let round = 0; round < 3; round++) {
    const agent = round === 1 ? "Ada" : "Bob";
    const tx = store.begin({ agent, session: "s", principal: "p", request_id: `r${round}`, intent: "try" });
    for (let i = 0; i < 4; i++) {
      tx.put({
        key: `k${i}`,
        kind: "entry",
        hash: new Uint8Array(32).fill(round * 4 + i),
        body: Uint8Array.of(round),
      });
    }
    if (round === 2) tx.remove("k3");
    tx.commit();
  }
  expect(store.verify()).toBeUndefined();
  store.close();
  sound = readFileSync(file);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What verify says after this was done to the file behind Momo's back. */
function faultAfter(tamper: (database: DatabaseSync) => void): string | undefined {
  for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
  writeFileSync(file, sound);
  const database = new DatabaseSync(file);
  tamper(database);
  database.close();
  const store = openStore(file, { mode: "read" });
  try {
    return store.verify();
  } finally {
    store.close();
  }
}

/** The blobs of a column, with every byte flipped in turn: one bit of it, another each time. */
function expectEveryFlipFound(table: string, column: string): void {
  const id = table === "branch" ? "branch" : table === "version" ? "vid" : "tx";
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare(`SELECT ${id} AS id, ${column} AS bytes FROM ${table}`).all();
  database.close();
  for (const row of rows as { id: number; bytes: Uint8Array }[]) {
    for (let at = 0; at < row.bytes.length; at++) {
      const flipped = row.bytes.slice();
      flipped[at]! ^= 1 << (at % 8);
      const fault = faultAfter((db) =>
        db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${id} = ?`).run(flipped, row.id),
      );
      expect(fault, `${table}.${column} of ${row.id}, byte ${at}`).toBeDefined();
    }
  }
}

describe("every flipped byte is found", () => {
  test.each([
    ["journal", "ops"],
    ["tx", "hash"],
    ["tx", "digest"],
    ["branch", "digest"],
  ])("of %s.%s", (table, column) => expectEveryFlipFound(table, column));

  // Version 12 was put and removed in one transaction: no state between transactions ever had it.
  test("of the content hash of any version, live or not", () => {
    for (let vid = 1; vid <= 12; vid++) {
      const flip = (db: DatabaseSync): void => {
        const { hash } = db.prepare("SELECT hash FROM version WHERE vid = ?").get(vid) as {
          hash: Uint8Array;
        };
        hash[vid]! ^= 1;
        db.prepare("UPDATE version SET hash = ? WHERE vid = ?").run(hash, vid);
      };
      expect(faultAfter(flip)).toMatch(/hash chain breaks at transaction \d/);
    }
  });
});

describe("changed attribution is found", () => {
  const columns = ["agent", "session", "principal", "request_id", "intent", "kind"];
  test.each(columns)("%s", (column) => {
    for (const value of ["'Eve'", column === "agent" || column === "kind" ? "''" : "NULL"]) {
      const fault = faultAfter((db) => db.exec(`UPDATE tx SET ${column} = ${value} WHERE tx = 2`));
      expect(fault).toMatch(/hash chain breaks at transaction 2/);
    }
  });

  test.each([
    ["at", /hash chain breaks at transaction 2/],
    ["branch", /operation 5 starts from version 1, which was not the head/],
    ["last_seq", /transaction 2 does not hold the operations it counts/],
    ["operations", /transaction 2 does not hold the operations it counts/],
    ["created", /hash chain breaks at transaction 2/],
    ["updated", /hash chain breaks at transaction 2/],
    ["removed", /hash chain breaks at transaction 2/],
  ])("%s", (column, sentence) => {
    const fault = faultAfter((db) => db.exec(`UPDATE tx SET ${column} = ${column} + 1 WHERE tx = 2`));
    expect(fault).toMatch(sentence);
  });

  test("swapped between neighbouring fields", () => {
    const fault = faultAfter((db) => db.exec("UPDATE tx SET session = 'p', principal = 's' WHERE tx = 1"));
    expect(fault).toMatch(/transaction 1/);
  });
});

describe("the first fault is a sentence", () => {
  const chainBreak =
    "the hash chain breaks at transaction 1: its operations, versions or attribution were changed";
  test.each([
    ["DELETE FROM tx WHERE tx = 2", "transaction 2 is missing"],
    ["DELETE FROM tx WHERE tx = 3", "the journal does not end where the counters say"],
    ["DELETE FROM journal WHERE tx = 3", "the operations of transaction 3 are missing"],
    ["UPDATE key SET name = 'other' WHERE name = 'k3'", chainBreak],
    ["DELETE FROM key WHERE name = 'k0'", "version 1 or its key, of operation 1, is missing"],
    ["DELETE FROM version WHERE vid = 1", "version 1 or its key, of operation 1, is missing"],
    ["UPDATE version SET kid = 2 WHERE vid = 1", "version 1 or its key, of operation 1, is missing"],
    ["UPDATE head SET vid = 5 WHERE kid = 1", "the head of key 1 is not what the journal says"],
    ["UPDATE head SET seq = 1 WHERE kid = 1", "the head of key 1 is not what the journal says"],
    ["UPDATE head SET kind = 1 WHERE kid = 1", "the head of key 1 is not what the journal says"],
    ["UPDATE head SET vid = 8 WHERE kid = 4", "the head of key 4 is not what the journal says"],
    ["DELETE FROM head WHERE kid = 2", "the head of key 2 is missing"],
    ["INSERT INTO head VALUES (1, 2, 77, 1, 1)", "the head of key 77 is not what the journal says"],
    ["UPDATE branch SET digest = zeroblob(32)", "the digest does not fit the heads"],
    ["UPDATE counter SET seq = seq - 1", "the journal does not end where the counters say"],
    ["UPDATE counter SET vid = 3", "table version holds a number that was never given out"],
    ["UPDATE counter SET kid = 3", "table key holds a number that was never given out"],
    ["UPDATE counter SET pack = -1", "table pack holds a number that was never given out"],
    ["UPDATE version SET body = NULL WHERE vid = 7", "the content of version 7 is missing"],
    [
      "UPDATE version SET body = NULL WHERE vid = 7; INSERT INTO slice VALUES (7, 3, 0, 1, 1)",
      "the content of version 7 is missing",
    ],
    ["INSERT INTO segment VALUES (9, x'')", "table segment holds a number that was never given out"],
  ])("%s", (sql, fault) => {
    expect(faultAfter((db) => db.exec(sql))).toBe(fault);
  });

  test("also where the chain was sealed over a wrong digest", () => {
    const fault = faultAfter((db) => {
      const header = db.prepare("SELECT * FROM tx WHERE tx = 3").get() as unknown as TransactionRow;
      const { ops } = db.prepare("SELECT ops FROM journal WHERE tx = 3").get() as { ops: Uint8Array };
      const { hash } = db.prepare("SELECT hash FROM tx WHERE tx = 2").get() as { hash: Uint8Array };
      const written = new StateDigest();
      for (let i = 0; i < 4; i++) written.add(leaf(`k${i}`, new Uint8Array(32).fill(8 + i)));
      const digest = new Uint8Array(32).fill(1);
      const sealed = chainHash(hash, { header, operations: sealOf(ops, written.bytes()), digest });
      db.prepare("UPDATE tx SET digest = ?, hash = ? WHERE tx = 3").run(digest, sealed);
    });
    expect(fault).toBe("the digest of transaction 3 does not fit the heads after it");
  });

  test("nothing done, nothing found", () => {
    expect(faultAfter(() => undefined)).toBeUndefined();
  });
});
