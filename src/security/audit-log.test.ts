import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { erase, expectFault, logOf, using, verify } from "./audit.fixture.ts";
import { hasAuditLog, openAuditLog } from "./audit-log.ts";
import { startChild, temporaryHome } from "./processes.fixture.ts";

describe("a log", () => {
  test("keeps what it is told, newest first, and verifies", () => {
    const home = temporaryHome();
    let now = Date.parse("2026-11-24T12:00:00Z");
    expect(hasAuditLog(home)).toBe(false);
    using(
      home,
      (log) => {
        expect(log.head()).toBe(`0:${"0".repeat(64)}`);
        expect(log.verify()).toEqual({ ok: true, count: 0, head: log.head() });
        log.append(erase);
        now += 60_000;
        const full = {
          principal: "key:a",
          agent: "ci",
          action: "doc set",
          resource: "notes/a",
          outcome: "refused" as const,
          workspace: "shop",
          request_id: "r1",
          address: "10.0.0.1",
          details: { needed: "writer", n: [1] },
        };
        const { seq, hash } = log.append(full);
        expect(log.head()).toBe(`${seq}:${hash}`);
        const [newest, oldest] = log.list();
        expect(newest).toMatchObject({ ...full, seq: 2, at: "2026-11-24T12:01:00.000Z", hash });
        expect(oldest).toEqual({
          ...erase,
          seq: 1,
          at: "2026-11-24T12:00:00.000Z",
          prev_hash: "0".repeat(64),
          hash: newest?.prev_hash,
        });
        expect(log.verify()).toEqual({ ok: true, count: 2, head: log.head() });
        expect(log.list({ since: "2026-11-24T12:00:30Z" })).toEqual([newest]);
        expect(log.list({ principal: "local:ann" })).toEqual([oldest]);
        expect(log.list({ action: "doc set", principal: "key:a" })).toEqual([newest]);
        expect(log.list({ action: "' OR 1=1 --" })).toEqual([]);
        expect(log.list({ limit: 1 })).toEqual([newest]);
      },
      { now: () => now },
    );
    expect(hasAuditLog(home)).toBe(true);
    expect(verify(home)).toMatchObject({ ok: true, count: 2 });
  });

  test.skipIf(process.platform === "win32")("is for its owner only", () => {
    const home = temporaryHome();
    using(home, (log) => {
      log.append(erase);
      for (const name of readdirSync(home).filter((file) => file.startsWith("audit")))
        expect(statSync(join(home, name)).mode & 0o777, name).toBe(0o600);
    });
  });

  test("holds no secret, and nothing without an end", () => {
    const home = temporaryHome();
    const redact = (text: string): string => text.replaceAll("hunter2", "[redacted]");
    using(
      home,
      (log) => {
        log.append({
          ...erase,
          resource: "hunter2",
          details: {
            text: "is hunter2",
            deep: [{ token: "abc", Password: 7, authorization: { a: 1 } }],
            ok: null,
          },
        });
        log.append({ ...erase, resource: "x".repeat(10_000), details: { text: "y".repeat(10_000) } });
        const [long, secret] = log.list();
        expect(secret).toMatchObject({
          resource: "[redacted]",
          details: {
            text: "is [redacted]",
            deep: [{ token: "[redacted]", Password: "[redacted]", authorization: "[redacted]" }],
            ok: null,
          },
        });
        expect(long?.resource).toHaveLength(500);
        expect(long?.details).toEqual({ left_out_bytes: 10_011 });
      },
      { redact },
    );
    expect(readFileSync(join(home, "audit.db")).includes("hunter2")).toBe(false);
  });

  test("verifies whatever texts it is given", () => {
    const home = temporaryHome();
    const odd = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("\0", "a\0b", "\ud800", "\u2028", "é"),
    );
    using(home, (log) => {
      fc.assert(
        fc.property(odd, fc.option(odd, { nil: undefined }), fc.jsonValue(), (principal, resource, any) => {
          log.append({ ...erase, principal, agent: principal, resource, details: { any } });
          expect(log.list({ limit: 1 })).toHaveLength(1);
        }),
        { numRuns: 60 },
      );
      expect(log.verify()).toMatchObject({ ok: true, count: 60 });
    });
    expect(verify(home).ok).toBe(true);
  });
});

describe("the key", () => {
  const key = "k".repeat(32);

  test("from outside leaves none in the home", () => {
    const home = temporaryHome();
    using(home, (log) => log.append(erase), { key });
    expect(readdirSync(home)).not.toContain("audit.key");
    expect(using(home, (log) => log.verify(), { key, mode: "read" }).ok).toBe(true);
  });

  test("another one signs nothing and verifies nothing", () => {
    const home = temporaryHome();
    using(home, (log) => log.append(erase), { key });
    for (const options of [{ key: "x".repeat(32) }])
      expectFault(() => openAuditLog(home, options), "AUDIT_UNAVAILABLE", /another key/);
    const verdict = using(home, (log) => log.verify(), { key: "x".repeat(32), mode: "read" });
    expect(verdict).toMatchObject({
      ok: false,
      fault: { seq: 1, why: expect.stringMatching(/another key/) },
    });
  });

  test("that is missing is not made anew for a log that has one; the log can still be read", () => {
    const home = logOf(2);
    rmSync(join(home, "audit.key"));
    expectFault(() => openAuditLog(home), "AUDIT_UNAVAILABLE", /key is missing/);
    expect(verify(home)).toMatchObject({
      ok: false,
      fault: { why: expect.stringMatching(/key is missing/) },
    });
    expect(using(home, (log) => log.list(), { mode: "read" })).toHaveLength(2);
  });

  test("that is too short or that others may read is not used", () => {
    const home = logOf(1);
    expectFault(
      () => openAuditLog(home, { key: "short" }),
      "CONFIG_INVALID",
      /^(?!.*"?short).*MOMO_AUDIT_KEY/,
    );
    writeFileSync(join(home, "audit.key"), "secret\n");
    expectFault(() => openAuditLog(home), "AUDIT_UNAVAILABLE", /^(?!.*secret).*holds no key/);
  });
});

describe("where it cannot be written", () => {
  test("the record is refused, and so what it is of", () => {
    const home = temporaryHome();
    mkdirSync(join(home, "audit.db"), { recursive: true });
    expectFault(
      () => openAuditLog(home),
      "AUDIT_UNAVAILABLE",
      /audit\.db cannot be written, so nothing is changed/,
    );
    const other = logOf(1);
    using(other, (log) => expectFault(() => log.append(erase), "AUDIT_UNAVAILABLE", /readonly/), {
      mode: "read",
    });
    using(other, (log) => {
      rmSync(join(other, "audit.seal"));
      mkdirSync(join(other, "audit.seal"));
      expectFault(() => log.append(erase), "AUDIT_UNAVAILABLE", /audit\.db/);
    });
  });

  test("another process that holds it for too long", () => {
    const home = logOf(1);
    const other = new DatabaseSync(join(home, "audit.db"));
    using(home, (log) => {
      other.exec("BEGIN IMMEDIATE");
      expectFault(() => log.append(erase), "AUDIT_UNAVAILABLE", /locked/);
      other.exec("ROLLBACK");
      expect(log.append(erase).seq).toBe(2);
    });
    other.close();
  });
});

describe("several processes", () => {
  const record = JSON.stringify(erase);

  test("that begin a log in the same moment begin one", async () => {
    for (let round = 0; round < 4; round++) {
      const home = temporaryHome();
      const script = `
        const { statSync } = await import("node:fs");
        say("ready");
        while (!statSync(home + ".go", { throwIfNoEntry: false }));
        openAuditLog(home).append(${record});
        say("done");
      `;
      const children = [1, 2].map(() => startChild(home, script));
      await Promise.all(children.map((child) => child.said(1)));
      writeFileSync(`${home}.go`, "");
      for (const { ended } of children) expect(await ended).toEqual(["ready", "done"]);
      expect(verify(home)).toMatchObject({ ok: true, count: 2 });
    }
  });

  test("two that begin and append at once make one chain", async () => {
    const home = temporaryHome();
    const script = (name: string): string => `
      const log = openAuditLog(home);
      for (let i = 0; i < 200; i++) log.append({ ...${record}, agent: "${name}", resource: String(i) });
      log.close();
      say("done");
    `;
    const children = ["a", "b"].map((name) => startChild(home, script(name)));
    expect((await Promise.all(children.map(({ ended }) => ended))).flat()).toEqual(["done", "done"]);
    expect(verify(home)).toMatchObject({ ok: true, count: 400 });
    const records = using(home, (log) => log.list({ limit: 1000 }), { mode: "read" });
    for (const agent of ["a", "b"]) {
      const own = records.filter((one) => one.agent === agent).map(({ resource }) => Number(resource));
      expect(own).toEqual(Array.from({ length: 200 }, (_, i) => 199 - i));
    }
  });

  test("one that is killed while it appends leaves every record it said it made, and a sound log", async () => {
    const home = temporaryHome();
    let said = 0;
    for (let round = 0; round < 6; round++) {
      const child = startChild(
        home,
        `const log = openAuditLog(home);
         for (;;) say(log.append(${record}).seq);`,
      );
      await child.said(5 + round * 3);
      child.process.kill("SIGKILL");
      said = Math.max(said, ...(await child.ended).map(Number));
      expect(verify(home)).toMatchObject({ ok: true });
      expect(verify(home).count).toBeGreaterThanOrEqual(said);
    }
    using(home, (log) => log.append(erase));
    expect(verify(home).ok).toBe(true);
  });
});
