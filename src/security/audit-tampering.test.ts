import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { erase, expectFault, logOf, tamper, using, verify } from "./audit.fixture.ts";
import { openAuditLog } from "./audit-log.ts";

describe("tampering", () => {
  const columns: [string, string][] = [
    ["at", "at + 1"],
    ["principal", "'local:bob'"],
    ["agent", "'bob'"],
    ["action", "'search'"],
    ["resource", "NULL"],
    ["outcome", "'refused'"],
    ["workspace", "'shop'"],
    ["request_id", "'r'"],
    ["address", "'10.0.0.1'"],
    ["details", "'{}'"],
    ["prev_hash", "upper(prev_hash)"],
    ["hash", "upper(hash)"],
  ];
  test.each(columns)("an edit of %s is found at its record", (column, value) => {
    const home = logOf(5);
    tamper(home, `UPDATE audit SET ${column} = ${value} WHERE seq = 3`);
    expect(verify(home)).toMatchObject({
      ok: false,
      count: 2,
      fault: { seq: 3, why: expect.stringContaining("record 3") },
    });
  });

  const move = "UPDATE audit SET seq = ";
  const insert = (seq: number): string =>
    `INSERT INTO audit SELECT ${seq}, at, principal, agent, action, resource, outcome, workspace, request_id, address, details, prev_hash, hash FROM audit WHERE seq = 2`;
  test.each([
    ["a record taken out", ["DELETE FROM audit WHERE seq = 3"], 3, /record 3 is missing/],
    ["the first taken out", ["DELETE FROM audit WHERE seq = 1"], 1, /record 1 is missing/],
    [
      "a record taken out and the rest moved up",
      ["DELETE FROM audit WHERE seq = 3", `${move} -seq`, `${move} -seq - (seq < -3)`],
      3,
      /record 3/,
    ],
    [
      "two exchanged",
      [`${move} 9 WHERE seq = 2`, `${move} 2 WHERE seq = 3`, `${move} 3 WHERE seq = 9`],
      2,
      /record 2 was changed/,
    ],
    ["one put in at the end", [insert(6)], 6, /record 6 was changed/],
    ["one put in before the first", [insert(0)], 0, /record 0 was put before/],
    ["one put in far before the first", [insert(-7)], -7, /record -7 was put before/],
    ["the last cut off", ["DELETE FROM audit WHERE seq = 5"], 5, /records up to 5 were there/],
    ["the last three cut off", ["DELETE FROM audit WHERE seq > 2"], 3, /records up to 5 were there/],
    ["all taken out", ["DELETE FROM audit"], 1, /records up to 5 were there/],
    [
      "a trigger",
      ["CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM audit WHERE seq = new.seq; END"],
      0,
      /tables/,
    ],
    [
      "a trigger that swallows",
      ["CREATE TRIGGER t BEFORE INSERT ON audit BEGIN SELECT raise(IGNORE); END"],
      0,
      /tables/,
    ],
    [
      "a table in its place",
      ["ALTER TABLE audit RENAME TO old", "CREATE VIEW audit AS SELECT * FROM old"],
      0,
      /tables/,
    ],
  ] as const)("%s is found", (...[, statements, seq, why]) => {
    const home = logOf(5);
    const before = verify(home).head;
    tamper(home, ...statements);
    const verdict = verify(home);
    expect(verdict).toMatchObject({ ok: false, fault: { seq, why: expect.stringMatching(why) } });
    expect(verdict.head === before && verdict.count === 5).toBe(seq === 6);
  });

  test.each([
    ["cut off", ["DELETE FROM audit WHERE seq = 5"]],
    ["changed at its end", ["UPDATE audit SET agent = 'bob' WHERE seq = 5"]],
    ["emptied", ["DELETE FROM audit"]],
    ["given a trigger", ["CREATE TRIGGER t BEFORE INSERT ON audit BEGIN SELECT raise(IGNORE); END"]],
  ])("a log that was %s takes no more records, which would cover it up", (_, statements) => {
    const home = logOf(5);
    using(home, (log) => {
      tamper(home, ...statements);
      expectFault(() => log.append(erase), "AUDIT_UNAVAILABLE", /nothing is changed/);
    });
    expectFault(() => openAuditLog(home), "AUDIT_UNAVAILABLE", /audit\.db/);
    expect(verify(home).ok).toBe(false);
  });

  test("the seal cannot be removed, changed, or taken from before", () => {
    const home = logOf(5);
    const seal = join(home, "audit.seal");
    const content = readFileSync(seal, "utf8");
    const old = `${seal}.old`;
    copyFileSync(seal, old);
    for (const text of ["", content.replace(/^5:/, "4:"), content.replace(/ ./, " x"), `${content}\n`]) {
      writeFileSync(seal, text);
      expect(verify(home)).toMatchObject({
        ok: false,
        fault: { why: expect.stringContaining("audit.seal") },
      });
      expectFault(() => openAuditLog(home), "AUDIT_UNAVAILABLE", /audit\.seal/);
    }
    rmSync(seal);
    expect(verify(home)).toMatchObject({ ok: false, fault: { seq: 0, why: "audit.seal is missing" } });
    expectFault(() => openAuditLog(home), "AUDIT_UNAVAILABLE", /audit\.seal is missing/);
    copyFileSync(old, seal);
    using(home, (log) => log.append(erase));
    // As a process leaves it that dies between a record and its seal.
    copyFileSync(old, seal);
    expect(verify(home)).toMatchObject({ ok: true, count: 6 });
    using(home, (log) => log.append(erase));
    expect(verify(home)).toMatchObject({ ok: true, count: 7 });
  });

  test("without the whole database, its seal says that there was one", () => {
    const home = logOf(3);
    for (const suffix of ["", "-wal", "-shm"]) rmSync(join(home, `audit.db${suffix}`), { force: true });
    expectFault(() => openAuditLog(home), "AUDIT_UNAVAILABLE", /a log that is not there/);
  });

  test("an anchor finds what a stolen key could rewrite", () => {
    const home = logOf(3);
    const anchor = verify(home).head;
    expect(anchor).toMatch(/^3:[0-9a-f]{64}$/);
    using(home, (log) => log.append(erase));
    expect(verify(home, anchor)).toMatchObject({ ok: true, count: 4 });
    expect(verify(home, `0:${"0".repeat(64)}`).ok).toBe(true);
    const key = readFileSync(join(home, "audit.key"));
    rmSync(home, { recursive: true });
    mkdirSync(home);
    writeFileSync(join(home, "audit.key"), key, { mode: 0o600 });
    using(home, (log) => [1, 2].map(() => log.append(erase)));
    expect(verify(home).ok).toBe(true);
    expect(verify(home, anchor)).toMatchObject({
      ok: false,
      fault: { seq: 3, why: expect.stringMatching(/anchor 3/) },
    });
    using(home, (log) => log.append(erase));
    expect(verify(home, anchor)).toMatchObject({ ok: false, fault: { seq: 3 } });
    expect(verify(home, `0:${"1".repeat(64)}`)).toMatchObject({ ok: false, fault: { seq: 0 } });
    for (const wrong of ["", "3", `3:${"g".repeat(64)}`, `-1:${"0".repeat(64)}`, `${anchor}\n`])
      expectFault(() => verify(home, wrong), "VALUE_INVALID", /--anchor/);
  });

  test("a file that is no database, or is damaged, is said to be", () => {
    const home = logOf(200);
    const file = join(home, "audit.db");
    const sound = readFileSync(file);
    let found = 0;
    for (let at = 0; at < sound.length; at += 997) {
      const damaged = Buffer.from(sound);
      damaged[at]! ^= 255;
      writeFileSync(file, damaged);
      const verdict = verify(home);
      // A byte that SQLite does not use changes nothing that is read.
      if (verdict.ok) expect(verdict.count).toBe(200);
      else found++;
    }
    expect(found).toBeGreaterThan(sound.length / 997 / 2);
    writeFileSync(file, "These are notes.\n".repeat(1000));
    expect(verify(home)).toMatchObject({ ok: false, fault: { why: expect.stringMatching(/damaged/) } });
    expectFault(() => openAuditLog(home), "AUDIT_UNAVAILABLE", /audit\.db/);
  });
});
