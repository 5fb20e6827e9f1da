/** Keys and the audit log, as a user runs them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openKeys } from "../src/security/keys.ts";
import { type Finished, momo, project, type RunOptions } from "./momo-process.ts";

/** An indexed folder, and the program run in it. */
async function indexed() {
  const cwd = project();
  expect((await momo(["ingest"], { cwd })).code).toBe(0);
  const run = (args: string[], options: RunOptions = {}): Promise<Finished> =>
    momo(args, { cwd, ...options, env: { USER: "ann", ...options.env } });
  return {
    home: join(cwd, ".momo"),
    run,
    async json(args: string[]) {
      const { code, stdout, stderr } = await run([...args, "--json"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return JSON.parse(stdout);
    },
  };
}

test("a key is made, listed, rotated and revoked, and each of it is recorded", async () => {
  const { home, run, json } = await indexed();
  expect((await run(["keys"])).stdout).toMatch(/^No keys\. momo keys create/);
  const started = Date.now();
  const made = await json(["keys", "create", "--name", "ci", "--role", "writer", "--expires", "90d"]);
  expect(made.record).toMatchObject({ name: "ci", grants: { "*": "writer" } });
  expect(Date.parse(made.record.expires_at) - started).toBeGreaterThanOrEqual(90 * 86_400_000);
  const { id } = made.record;
  const shop = ["--workspace", "shop", "--workspace", "lab"];
  const printed = await run(["keys", "create", "--name", "bob", "--role", "reader", ...shop]);
  const [key = "", , ...said] = printed.stdout.split("\n");
  expect(said.join(" ")).toMatch(/key of bob, shown this once.*reader of shop, reader of lab, good/);
  const keys = openKeys(home);
  expect(keys.verify(key)).toMatchObject({ name: "bob", grants: { shop: "reader", lab: "reader" } });
  const rotated = await json(["keys", "rotate", id, "--overlap", "0"]);
  expect(keys.verify(made.key)).toBe("unknown");
  expect(keys.verify(rotated.key)).toMatchObject({ name: "ci" });
  expect((await run(["keys", "revoke", id])).stdout).toBe(`Revoked the key ${id} of ci.\n`);
  expect(keys.verify(rotated.key)).toBe("revoked");
  const list = await run(["keys", "list"]);
  expect(list.stdout).toMatch(
    /ci +writer +never used +revoked .*UTC\n.*bob +reader of shop, reader of lab +used .*UTC +good\n$/,
  );
  for (const secret of [made.key, key, rotated.key]) {
    expect(list.stdout).not.toContain(secret.split("_")[2]);
    for (const file of readdirSync(home))
      expect(readFileSync(join(home, file)).includes(secret.split("_")[2])).toBe(false);
  }
  const { records } = await json(["audit", "log"]);
  expect(records.map((one: { action: string; agent: string }) => [one.action, one.agent])).toEqual(
    ["revoke", "rotate", "create", "create"].map((action) => [`keys ${action}`, "ann"]),
  );
  expect(records[3]).toMatchObject({
    resource: `key:${id}`,
    outcome: "ok",
    details: { name: "ci", role: "writer", expires: "90d" },
  });
  expect(records[3].principal).toMatch(/^local:./);
  expect((await json(["audit", "log", "--limit", "1"])).records).toEqual([records[0]]);
  expect((await json(["audit", "log", "--principal", "local:nobody"])).records).toEqual([]);
  expect((await json(["audit", "log", "--since", "2099-01-01"])).records).toEqual([]);
  expect((await run(["audit", "log"])).stdout).toContain(`keys create  ok  key:${id}`);
});

test.each([
  [["keys", "create"], 2, "--name is missing"],
  [["keys", "create", "--name", "x"], 2, "--role is missing"],
  [["keys", "create", "--name", "x", "--role", "root"], 2, "--role"],
  [["keys", "create", "--name", "indexer", "--role", "admin"], 2, "Momo itself"],
  [["keys", "create", "--name", "x", "--role", "admin", "--expires", "soon"], 2, "--expires"],
  [["keys", "create", "--name", "x", "--role", "admin", "--expires", "0"], 2, "in the future"],
  [["keys", "create", "abc", "--name", "x", "--role", "admin"], 2, 'unexpected argument "abc"'],
  [["keys", "rotate"], 2, "ID is missing: usage: momo keys rotate"],
  [["keys", "revoke", "abc"], 1, "there is no key abc"],
  [["keys", "rotate", "abc", "--overlap", "x"], 2, "--overlap"],
  [["audit", "log", "x"], 2, 'unexpected argument "x"'],
  [["audit", "log", "--since", "x"], 2, "--since"],
  [["audit", "verify", "--anchor", "x"], 1, "there is no audit log"],
])("momo %j is refused, and nothing is made", async (args, code, message) => {
  const cwd = project({ "a.ts": "export const a = 1;\n" });
  if (args[1] === "verify") await momo(["ingest"], { cwd });
  const finished = await momo(args, { cwd });
  expect({ ...finished, text: finished.stdout + finished.stderr }).toMatchObject({
    code,
    text: expect.stringContaining(message),
  });
  const homes = args[1] === "verify" ? [".momo"] : args[1] === "create" ? [".momo", undefined] : [undefined];
  expect(homes).toContain(existsSync(join(cwd, ".momo")) ? ".momo" : undefined);
  expect((await momo(["keys", "list", "--json"], { cwd })).stdout).toContain('"keys": []');
  expect((await momo(["audit", "log", "--json"], { cwd })).stdout).toContain('"records": []');
});

test("verify says what happened to the audit log, and keys do not change without it", async () => {
  const { home, run, json } = await indexed();
  expect(await json(["audit", "verify"])).toEqual({ ok: true });
  await json(["keys", "create", "--name", "ci", "--role", "writer"]);
  await json(["keys", "create", "--name", "bob", "--role", "admin"]);
  const { ok, log } = await json(["audit", "verify"]);
  expect({ ok, log }).toEqual({ ok: true, log: { ok: true, count: 2, head: expect.stringMatching(/^2:/) } });
  expect((await run(["audit", "verify", "--anchor", log.head])).code).toBe(0);
  const database = new DatabaseSync(join(home, "audit.db"));
  database.exec("DELETE FROM audit WHERE seq = 2");
  database.close();
  const verdict = await run(["audit"]);
  expect(verdict.code).toBe(1);
  expect(verdict.stdout).toMatch(/^ok {2}journal.*\nwrong {2}audit log: records up to 2 were there/);
  const cut = await run(["audit", "verify", "--json", "--anchor", log.head]);
  expect(JSON.parse(cut.stdout)).toMatchObject({ ok: false, log: { ok: false, fault: { seq: 2 } } });
  const before = readFileSync(join(home, "keys.json"), "utf8");
  const refused = await run(["keys", "create", "--name", "eve", "--role", "admin"]);
  expect(refused).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("nothing is changed"),
  });
  expect(readFileSync(join(home, "keys.json"), "utf8")).toBe(before);
  const wrongAnchor = await run(["audit", "verify", "--anchor", "2"]);
  expect(wrongAnchor).toMatchObject({ code: 2, stderr: expect.stringContaining("--anchor") });
});

test("the key of the audit log comes from outside, and without it nothing verifies", async () => {
  const { home, run } = await indexed();
  const env = { MOMO_AUDIT_KEY: "an audit key of at least 32 bytes" };
  expect((await run(["keys", "create", "--name", "ci", "--role", "reader"], { env })).code).toBe(0);
  expect((await run(["audit"], { env })).code).toBe(0);
  expect((await run(["audit"])).stdout).toContain("its key is missing");
  expect((await run(["audit", "log"])).stdout).toContain("keys create");
  const short = await run(["audit"], { env: { MOMO_AUDIT_KEY: "short" } });
  expect(short).toMatchObject({ code: 2, stderr: expect.stringContaining("at least 32 bytes") });
  rmSync(join(home, "audit.seal"));
  expect((await run(["audit"], { env })).stdout).toContain("audit.seal is missing");
});

test("momo config shows that secrets are set, and none of them", async () => {
  const { run, json } = await indexed();
  const env = {
    MOMO_JWT_SECRET: "hunter2-hunter2-hunter2-hunter2-hunter2",
    MOMO_EMBEDDING_MODEL: "sk-hunter2hunter2",
  };
  for (const args of [["config"], ["config", "--json"], ["config", "get", "embedding_model"]]) {
    const { stdout, stderr } = await run(args, { env });
    expect(stdout + stderr).not.toContain("hunter2");
    expect(stdout).toMatch(/\(hidden\)/);
  }
  expect((await json(["config"])).secrets).toContainEqual({ env: "MOMO_JWT_SECRET", set: false });
  expect((await run(["config"], { env })).stdout).toMatch(/MOMO_JWT_SECRET +\(hidden\)/);
});

test("a key that the disk refuses after it was recorded is recorded as failed", async () => {
  const { home, run, json } = await indexed();
  mkdirSync(join(home, "keys.json.tmp", "x"), { recursive: true });
  const refused = await run(["keys", "create", "--name", "ci", "--role", "reader"]);
  expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("keys.json") });
  const { records } = await json(["audit", "log"]);
  expect(records.map(({ outcome }: { outcome: string }) => outcome)).toEqual(["failed", "ok"]);
  expect(records[0].resource).toBe(records[1].resource);
  expect(await json(["keys", "list"])).toEqual({ keys: [] });
});
