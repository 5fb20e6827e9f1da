/** What verify says of a knowledge base that was changed behind Momo's back; verify-flips.test.ts has every byte. */
import { readFileSync, writeFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { type Everything, index, makeEverything, segmentOf } from "../everything.fixture.ts";
import {
  chainHash,
  chainStart,
  OperationPack,
  sealOf,
  type TransactionRow,
  unpackOperations,
} from "../journal/chain.ts";
import { alter, entry, file, open, transact } from "../knowledge.fixture.ts";
import { StateDigest } from "../records/digest.ts";

/** Three transactions by two agents: creates, updates, a removal. */
function makeSmall(): void {
  const store = open("write", { clock: () => new Date(0) });
  for (let round = 0; round < 3; round++) {
    const agent = round === 1 ? "Ada" : "Bob";
    const tx = store.begin({ agent, session: "s", principal: "p", request_id: `r${round}`, intent: "try" });
    for (let i = 0; i < 4; i++) tx.put({ key: `k${i}`, kind: "entry", body: bodyOf(round, i) });
    if (round === 2) tx.remove("entry", "k3");
    tx.commit();
  }
  expect(store.verify()).toBeUndefined();
  store.close();
}

const bodyOf = (round: number, i: number): Uint8Array => Uint8Array.of(round * 4 + i);

/** What verify says after this was done to the file. */
function faultAfter(tamper: string | ((database: DatabaseSync) => void)): string | undefined {
  alter(file, tamper);
  const store = open("read");
  try {
    return store.verify();
  } finally {
    store.close();
  }
}

describe("changed attribution is found", () => {
  beforeEach(makeSmall);

  const columns = ["agent", "session", "principal", "request_id", "intent", "kind"];
  test.each(columns)("%s", (column) => {
    for (const value of ["'Eve'", column === "agent" || column === "kind" ? "''" : "NULL"]) {
      const fault = faultAfter(`UPDATE tx SET ${column} = ${value} WHERE tx = 2`);
      expect(fault).toMatch(/hash chain breaks at transaction 2/);
    }
  });

  test.each([
    ["at", /hash chain breaks at transaction 2/],
    ["branch", /transaction 2 belongs to no branch/],
    ["last_seq", /transaction 2 does not end where the next one begins/],
    ["operations", /transaction 2 does not hold the operations it counts/],
    ["created", /hash chain breaks at transaction 2/],
    ["updated", /hash chain breaks at transaction 2/],
    ["removed", /hash chain breaks at transaction 2/],
  ])("%s", (column, sentence) => {
    const fault = faultAfter(`UPDATE tx SET ${column} = ${column} + 1 WHERE tx = 2`);
    expect(fault).toMatch(sentence);
  });

  test("swapped between neighbouring fields", () => {
    const fault = faultAfter("UPDATE tx SET session = 'p', principal = 's' WHERE tx = 1");
    expect(fault).toMatch(/transaction 1/);
  });
});

describe("the first fault is a sentence", () => {
  beforeEach(makeSmall);

  const chainBreak = (tx: number): string =>
    `the hash chain breaks at transaction ${tx}: its operations, versions or attribution were changed`;
  const digestOf = (tx: number): string => `the digest of transaction ${tx} does not fit the heads after it`;
  const unfitting = "the digest does not fit the heads";
  test.each([
    ["DELETE FROM tx WHERE tx = 2", "transaction 2 is missing"],
    ["DELETE FROM tx WHERE tx = 3", "transaction 3 is missing"],
    ["UPDATE counter SET tx = 2", "the journal does not end where the counters say"],
    ["DELETE FROM journal WHERE tx = 3", "the operations of transaction 3 are missing"],
    ["UPDATE key SET name = 'other' WHERE name = 'k3'", "the content of version 4 (other) was changed"],
    ["DELETE FROM key WHERE name = 'k0'", "the head of key 1 is not what the journal says"],
    ["DELETE FROM version WHERE vid = 1", "version 1 or its key, of operation 5, is missing"],
    ["DELETE FROM version WHERE vid = 9", "version 9, the head of key 1, is missing or another key's"],
    ["UPDATE version SET kid = 2 WHERE vid = 1", "version 1 or its key, of operation 5, is missing"],
    ["UPDATE version SET kid = 2 WHERE vid = 9", "version 9, the head of key 1, is missing or another key's"],
    ["UPDATE version SET leaf = zeroblob(32) WHERE vid = 1", digestOf(1)],
    ["UPDATE version SET leaf = zeroblob(32) WHERE vid = 12", chainBreak(3)],
    ["UPDATE head SET vid = 5 WHERE kid = 1", unfitting],
    ["UPDATE head SET seq = 1 WHERE kid = 1", "operation 9 does not lead to what follows it on key 1"],
    ["UPDATE head SET kind = 1 WHERE kid = 1", "the head of key 1 is not what the journal says"],
    ["UPDATE head SET vid = 8 WHERE kid = 4", unfitting],
    ["DELETE FROM head WHERE kid = 2", unfitting],
    ["DELETE FROM head WHERE kid = 4", "operation 13 does not lead to what follows it on key 4"],
    ["INSERT INTO head VALUES (2, 2, 1, 1, 1)", "the head of key 1 belongs to no branch"],
    ["INSERT INTO head VALUES (1, 2, 77, 1, 1)", "the head of key 77 is not what the journal says"],
    ["UPDATE branch SET digest = zeroblob(32)", unfitting],
    ["UPDATE branch SET seq = 12", "branch 1, or one over it, does not begin and end where the journal says"],
    ["UPDATE branch SET horizon = 4", "the journal of branch 1 was not dropped as far as the branch says"],
    ["DELETE FROM branch", "the head of key 1 belongs to no branch"],
    [
      "UPDATE journal SET ops = NULL, sealed = zeroblob(32) WHERE tx = 1",
      "the operations of transaction 1 are missing",
    ],
    ["INSERT INTO undone VALUES (1, 2, 2)", "what was taken back is not what the journal says"],
    ["UPDATE tx SET detail = '{' WHERE tx = 3", "the detail of transaction 3 is not readable"],
    ["UPDATE tx SET detail = 'null' WHERE tx = 3", "the detail of transaction 3 is not readable"],
    ["UPDATE tx SET detail = '{}' WHERE tx = 3", chainBreak(3)],
    ["UPDATE tx SET plan = 'p' WHERE tx = 3", "the plan of transaction 3 was changed"],
    ["UPDATE counter SET seq = seq - 1", "the journal does not end where the counters say"],
    ["UPDATE counter SET vid = 3", "table version holds a number that was never given out"],
    ["UPDATE counter SET kid = 3", "table key holds a number that was never given out"],
    ["UPDATE counter SET pack = -1", "table pack holds a number that was never given out"],
    ["UPDATE version SET body = NULL WHERE vid = 7", "the content of version 7 is missing"],
    ["UPDATE version SET body = x'00' WHERE vid = 7", "the content of version 7 (k2) was changed"],
    ["INSERT INTO text VALUES (7, x'00')", "the content of version 7 (k2) was changed"],
    [
      "INSERT INTO engine VALUES ('other', 99, 0, 'following', 0, NULL, 0, NULL)",
      "engine other is ahead of the journal",
    ],
    ["INSERT INTO text VALUES (99, x'00')", "table text holds something of version 99, which has none"],
    ["INSERT INTO edge VALUES (7, 'a', 'b', 'c')", "the content of version 7 (k2) was changed"],
    ["UPDATE version SET erased = 1 WHERE vid = 7", "version 7 is said to be erased, and has content"],
    ["INSERT INTO pack VALUES (1, x'00'); UPDATE counter SET pack = 1", "pack 1 cannot be decompressed"],
    [
      "UPDATE version SET body = NULL WHERE vid = 7; INSERT INTO slice VALUES (7, 3, 0, 1, 1)",
      "the content of version 7 is missing",
    ],
    ["INSERT INTO segment VALUES (9, x'', 0)", "table segment holds a number that was never given out"],
  ])("%s", (sql, fault) => {
    expect(faultAfter(sql)).toBe(fault);
  });

  test("also where the chain was sealed over a wrong digest", () => {
    const fault = faultAfter((db) => {
      const rows = db.prepare("SELECT * FROM tx JOIN journal USING (tx)").all() as unknown as Sealable[];
      rows[2]!.digest = new Uint8Array(32).fill(1);
      sealAnew(db, rows, 2);
    });
    expect(fault).toBe("the digest of transaction 3 does not fit the heads after it");
  });

  test("nothing done, nothing found", () => {
    expect(faultAfter("")).toBeUndefined();
  });
});

const STAGED = "INSERT INTO staged VALUES (1, NULL, NULL, NULL, NULL, 0)";
const COUNT_STAGE = "UPDATE counter SET stage = 1";
const stageFault = "what stage 1 says that it stored is not there, or not only there";

describe("also where branches lie over each other, writes are taken back and contents share a pack", () => {
  let made: Everything;
  beforeEach(() => {
    made = makeEverything(open());
  });
  test("nothing done, nothing found, compacted or not", () => {
    expect(faultAfter("")).toBeUndefined();
    transact(made.main, (tx) => tx.compact(made.early), { kind: "compact" });
    expect(faultAfter("")).toBeUndefined();
  });

  test.each([
    ["UPDATE slice SET start = 999", "pack 1 is too short for its versions"],
    ["UPDATE pack SET bytes = zeroblob(9)", "pack 1 cannot be decompressed"],
    ["DELETE FROM pack", /the content of version \d+ is missing/],
    ["UPDATE branch SET name = 'other' WHERE branch = 2", "branch 2 is not the one that was laid over 1"],
    ["UPDATE branch SET parent = 1 WHERE branch = 3", "branch 3 is not the one that was laid over 2"],
    [
      "UPDATE branch SET base = base - 1 WHERE branch = 3",
      /^branch 2, or one over it, does not begin and end/,
    ],
    ["INSERT INTO head VALUES (2, 2, 4, 4, 0)", "the digest of branch 2 does not fit what is seen from it"],
    ["INSERT INTO branch VALUES (5, 'new', x'', 3, 1, 3, 0, '{}')", "branch 5 does not begin anywhere"],
    [
      "INSERT INTO head SELECT 2, kind, kid, 0, 5 FROM key WHERE kid NOT IN (SELECT kid FROM head WHERE branch = 2) LIMIT 1",
      /^the head of key \d+ is not what/,
    ],
    ["UPDATE counter SET branch = 2", "table branch holds a number that was never given out"],
    ["UPDATE undone SET last = last + 1", "what was taken back is not what the journal says"],
    ["DELETE FROM request", /^the request of transaction \d+ is missing$/],
    ["UPDATE request SET agent = 'Eve'", "request r names a transaction that did not do it"],
    ["UPDATE request SET tx = 1", "request r names a transaction that did not do it"],
    ["UPDATE request SET branch = 9", "request r names a transaction that did not do it"],
    [
      "INSERT INTO request VALUES (2, 'Ada', 'r', NULL, 1, NULL)",
      "request r names a transaction that did not do it",
    ],
    ["INSERT INTO origin VALUES (1, 2)", "who wrote first what was merged is not what the journal says"],
    [STAGED, "table staged holds a number that was never given out"],
    [`${COUNT_STAGE}; ${STAGED}; INSERT INTO staged VALUES (1, 1, NULL, NULL, NULL, 0)`, stageFault],
    [`${COUNT_STAGE}; ${STAGED}; INSERT INTO staged VALUES (1, 99, NULL, NULL, NULL, 0)`, stageFault],
    [`${COUNT_STAGE}; ${STAGED}; INSERT INTO staged VALUES (1, NULL, 1, 1, 1, 0)`, stageFault],
    [`${COUNT_STAGE}; ${STAGED}; INSERT INTO staged VALUES (1, NULL, 99, 1, 1, 0)`, stageFault],
    [
      `${COUNT_STAGE}; INSERT INTO pack VALUES (2, x''); UPDATE counter SET pack = 2;
       INSERT INTO staged VALUES (1, 2, NULL, NULL, NULL, 0)`,
      stageFault,
    ],
  ])("%s", (sql, fault) => {
    expect(faultAfter(sql)).toMatch(fault);
  });

  test("a first operation on a branch that does not start where its parent was", () => {
    made.main.close();
    const fault = faultAfter((db) => {
      const rows = db
        .prepare("SELECT * FROM tx JOIN journal USING (tx) ORDER BY tx")
        .all() as unknown as Sealable[];
      const at = rows.findIndex(({ branch }) => branch === 2);
      const { ops, operations, last_seq } = rows[at]!;
      const first = unpackOperations(ops!, operations, last_seq - operations + 1)!;
      const pack = new OperationPack();
      // It updates an entry: now it says that it made it.
      for (let i = 0; i < operations; i++) pack.add(first.kid[i]!, 0, first.to[i]!, 0);
      rows[at]!.ops = pack.bytes();
      db.prepare("UPDATE journal SET ops = ? WHERE tx = ?").run(pack.bytes(), rows[at]!.tx);
      sealAnew(db, rows, at);
    });
    expect(fault).toBe("the digest does not fit the heads");
  });

  /** Of the undo, or of the redo of half of it, as if it had been written so. */
  function faultOfChange(kind: string, change: (detail: Changing) => void): string | undefined {
    made.main.close();
    return faultAfter((db) => {
      const rows = db
        .prepare("SELECT * FROM tx JOIN journal USING (tx) ORDER BY tx")
        .all() as unknown as Sealable[];
      const at = rows.findIndex((row) => row.kind === kind);
      const detail = JSON.parse(rows[at]!.detail!) as Changing;
      change(detail);
      rows[at]!.detail = JSON.stringify(detail);
      db.prepare("UPDATE tx SET detail = ? WHERE tx = ?").run(rows[at]!.detail, rows[at]!.tx);
      sealAnew(db, rows, at);
    });
  }

  test("whose work a merge brought home", () => {
    const { transaction } = transact(made.exploration, (tx) => tx.put(entry("k2", 5)));
    const home = { ...entry("k2", 5), origin: transaction };
    transact(made.main, (tx) => tx.put(home), { kind: "merge" });
    expect(faultAfter("")).toBeUndefined();
    const lost = "who wrote first what was merged is not what the journal says";
    expect(faultAfter('UPDATE origin SET "of" = 1')).toBe(lost);
    expect(faultAfter("DELETE FROM origin")).toBe(lost);
  });

  test("a redo of what counted, as two processes once recorded one undo", () => {
    const widen = ({ live }: Changing): void => void live![0]![0]--;
    const fault = faultOfChange("redo", widen);
    expect(fault).toMatch(/^transaction \d+ brings back operation \d+, which counted$/);
  });

  test("an undo of what did not count", () => {
    const again = ({ dead }: Changing): void => void dead!.push([dead![0]![0], dead![0]![0]]);
    const fault = faultOfChange("undo", again);
    expect(fault).toMatch(/^transaction \d+ takes back operation \d+, which did not count$/);
  });

  test("a name of a file that SQLite's index does not know", () => {
    made.main.settle({ shrink: true });
    made.main.close();
    const bytes = readFileSync(file);
    const at = bytes.indexOf("f4.ts");
    expect(at).toBeGreaterThan(0);
    bytes.write("f5.ts", at);
    writeFileSync(file, bytes);
    expect(faultAfter("")).toMatch(/^the file is damaged: .*index sqlite_autoindex_key_1/);
  });

  test("digests of dropped operations, which nothing but the state after them can be compared with", () => {
    transact(made.main, (tx) => tx.compact(made.early), { kind: "compact" });
    made.main.close();
    // Sealed over anew from there on, so that the chain holds.
    const fault = faultAfter((db) => {
      const rows = db
        .prepare("SELECT * FROM tx JOIN journal USING (tx) ORDER BY tx")
        .all() as unknown as Sealable[];
      const at = rows.findLastIndex(({ last_seq, operations }) => last_seq <= made.early && operations > 0);
      rows[at]!.digest = new Uint8Array(32).fill(1);
      sealAnew(db, rows, at);
    });
    expect(fault).toMatch(/^the digest of transaction \d+ does not fit the heads after it$/);
  });
});

interface Changing {
  dead?: [number, number][];
  live?: [number, number][];
}

interface Sealable extends TransactionRow {
  digest: Uint8Array;
  hash: Uint8Array;
  ops: Uint8Array | null;
  sealed: Uint8Array | null;
}

/** Gives the transactions from place `first` on hashes that fit, as somebody would who knows how. */
function sealAnew(db: DatabaseSync, rows: Sealable[], first: number): void {
  const leafOf = db.prepare("SELECT leaf FROM version WHERE vid = ?");
  for (let i = first; i < rows.length; i++) {
    const row = rows[i]!;
    const written = new StateDigest();
    const operations =
      row.ops && unpackOperations(row.ops, row.operations, row.last_seq - row.operations + 1)!;
    for (const vid of operations?.to ?? []) if (vid) written.add(leafOf.get(vid)!.leaf as Uint8Array);
    const sealed = row.sealed ?? sealOf(row.ops!, written.bytes());
    row.hash = chainHash(rows[i - 1]?.hash ?? chainStart, {
      header: row,
      operations: sealed,
      digest: row.digest,
    });
    db.prepare("UPDATE tx SET digest = ?, hash = ? WHERE tx = ?").run(row.digest, row.hash, row.tx);
  }
}

describe("words", () => {
  const files = { "a.ts": "alpha", "b.ts": "beta" };
  const mend = ": nothing that was written is lost, indexing anew makes the words again";

  function faultOf(sql: string): string | undefined {
    const store = open();
    index(store, files);
    transact(store, (tx) => tx.setMeta("scanned_at", "1"));
    expect(store.verify()).toBeUndefined();
    alter(file, sql);
    return store.verify();
  }

  test.each([
    [
      "UPDATE section SET bytes = zeroblob(9) WHERE name = 'terms'",
      `the words of segment 1 were damaged${mend}`,
    ],
    ["DELETE FROM section WHERE name = 'postings'", `the words of segment 1 were damaged${mend}`],
    [
      "UPDATE segment SET sum = NULL; DELETE FROM section WHERE name = 'documents'",
      `the words of segment 1 were damaged${mend}`,
    ],
    ["UPDATE segment SET vids = zeroblob(3)", "segment 1 does not name its versions"],
    ["DELETE FROM segment", "segment 1 is missing, and sections of it are there"],
    ["DELETE FROM segment; DELETE FROM section", `the words of a.ts (version 1) are missing${mend}`],
  ])("%s", (sql, fault) => {
    expect(faultOf(sql)).toBe(fault);
  });

  test("a segment from before there were checksums is only tried out", () => {
    expect(faultOf("UPDATE segment SET sum = NULL")).toBeUndefined();
  });

  test("words of a version that is not there", () => {
    const store = open();
    index(store, files);
    transact(store, (tx) => tx.addSegment(segmentOf({ "c.ts": "gamma" }), Float64Array.of(9)));
    expect(store.verify()).toBe(`segment 2 holds words of version 9, which is not there${mend}`);
  });
});
