import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { MomoError } from "../errors.ts";
import type { RollbackPlan, RollbackReceipt } from "../model/rollback.ts";
import { openMomo } from "../momo.ts";
import type { Caller, LiveEvent } from "./service.ts";
import { admin, callerOf, reader, sources, world, writer } from "./world.fixture.ts";

const note = (id: string, content = "text"): Record<string, unknown> => ({ action: "set", id, content });

describe("a call", () => {
  test("indexes, searches, reads and counts what it did", async () => {
    const { call, finished } = world();
    expect(await call("ingest")).toMatchObject({ successful_files: 2 });
    expect(await call("search", { query: "greet", limit: 1 }, reader)).toMatchObject({
      results: [{ path: "src/greet.ts" }],
    });
    expect(await call("entity", { id: "greet" }, reader)).toMatchObject({ id: "src/greet.ts#greet" });
    expect(finished.map(({ command, effect }) => [command, effect])).toEqual([
      ["ingest", "write"],
      ["search", "read"],
      ["entity", "read"],
    ]);
  });

  test("that finds no index does not make one", async () => {
    const { code } = world();
    expect(await code("search", { query: "greet" })).toBe("NOT_INDEXED");
  });

  test.each([
    ["nonsense", {}, "COMMAND_UNKNOWN"],
    ["__proto__", {}, "COMMAND_UNKNOWN"],
    ["serve", {}, "COMMAND_UNKNOWN"],
    ["doctor", {}, "COMMAND_UNKNOWN"],
    ["search", {}, "ARGUMENT_MISSING"],
    ["search", { query: "a", home: "/tmp" }, "OPTION_UNKNOWN"],
    ["search", { query: "a", queries: "/etc/passwd" }, "OPTION_UNKNOWN"],
    ["search", { query: 5 }, "VALUE_INVALID"],
    ["search", { query: "a", limit: 1e9 }, "VALUE_INVALID"],
    ["search", { query: "a", limit: "5;" }, "VALUE_INVALID"],
    ["search", { query: "a", type: [{}] }, "VALUE_INVALID"],
    ["search", { query: "x".repeat(20_001) }, "VALUE_INVALID"],
    ["search", { query: "\ud800" }, "VALUE_INVALID"],
    ["search", [], "BODY_INVALID"],
    ["search", "text", "BODY_INVALID"],
    ["search", null, "BODY_INVALID"],
    ["doc", { action: "set", id: "a", file: "/etc/passwd" }, "OPTION_UNKNOWN"],
  ])("%s %j is refused with %s", async (command, input, expected) => {
    const { code } = world();
    expect(await code(command, input)).toBe(expected);
  });

  test.each(["../", "/etc", "src/../../x", "/", "src/\0", "..%2f", "link"])(
    "the path %j does not lead out of the root, or to nothing",
    async (path) => {
      const { call, code, folder } = world();
      await call("ingest");
      symlinkSync("/etc", join(folder, "link"));
      for (const command of ["ingest", "search", "status"])
        expect(["PATH_OUTSIDE_ROOT", "PATH_MISSING"]).toContain(
          await code(command, { path, ...(command === "search" && { query: "a" }) }),
        );
    },
  );

  test("names a workspace that there is", async () => {
    const { service, call, code } = world({ folders: [sources(), sources()] });
    const [, second] = service.workspaces;
    await call("ingest");
    expect(await code("status")).toBe("none");
    const ask = { command: "status", input: {}, caller: admin, request_id: "1" };
    await expect(service.call({ ...ask, workspace: second!.name })).rejects.toMatchObject({
      code: "NOT_INDEXED",
    });
    await expect(service.call({ ...ask, workspace: "../x" })).rejects.toMatchObject({
      code: "WORKSPACE_UNKNOWN",
    });
  });
});

describe("who may what", () => {
  test("a reader reads, and looks at plans", async () => {
    const { call, code, audited } = world();
    await call("ingest");
    await call("doc", note("notes/a"), writer);
    for (const [command, input] of [
      ["status", {}],
      ["doc", { action: "list" }],
      ["doc", {}],
      ["history", {}],
      ["explore", {}],
      ["checkpoint", {}],
      ["rollback", { agent: "ann", dry_run: true }],
    ] as const)
      expect([command, await code(command, input, reader)]).toEqual([command, "none"]);
    for (const [command, input] of [
      ["ingest", {}],
      ["doc", note("notes/b")],
      ["doc", { action: "nonsense" }],
      ["rollback", { agent: "ann" }],
      ["checkpoint", { name: "x" }],
      ["config", {}],
      ["audit", {}],
    ] as const)
      expect([command, await code(command, input, reader)]).toEqual([command, "FORBIDDEN"]);
    expect(audited().filter(({ outcome }) => outcome === "refused")).toHaveLength(7);
  });

  test("nothing is granted by default, and a grant is for its workspace", async () => {
    const { service, call, code } = world({ folders: [sources(), sources()] });
    await call("ingest");
    expect(await code("status", {}, callerOf("x", {}))).toBe("FORBIDDEN");
    const [first, second] = service.workspaces;
    expect(await code("status", {}, callerOf("x", { [first!.name]: "reader" }))).toBe("none");
    expect(await code("status", {}, callerOf("x", { [second!.name]: "admin" }))).toBe("FORBIDDEN");
  });

  test("what a key writes bears its name, whatever it says", async () => {
    const { call } = world();
    await call("doc", { ...note("notes/a"), agent: "bob" }, writer);
    await call("doc", { ...note("notes/b"), agent: "ann/nightly" }, writer);
    await call("doc", { ...note("notes/c"), agent: "bob" }, admin);
    const { transactions } = (await call("history")) as { transactions: Record<string, unknown>[] };
    expect(transactions.map(({ agent, principal }) => [agent, principal])).toEqual([
      ["bob", "key:root"],
      ["ann/nightly", "key:ann"],
      ["ann/bob", "key:ann"],
    ]);
  });

  test("every change is on record before it happens, and how it ended; without a record there is no change", async () => {
    const { call, code, audited } = world();
    await call("doc", { ...note("notes/a", "x".repeat(5000)), intent: "learnt" }, writer);
    await code("doc", { action: "remove" }, writer);
    await call("status");
    const { plan_hash }: RollbackPlan = await call("rollback", { agent: "ann", dry_run: true }, writer);
    await call("rollback", { plan: plan_hash }, writer);
    await call("config");
    expect(audited().map(({ action, resource, outcome }) => [action, resource, outcome])).toEqual([
      ["doc set", "notes/a", "begun"],
      ["doc set", "notes/a", "ok"],
      ["doc remove", undefined, "begun"],
      ["doc remove", undefined, "failed"],
      ["rollback", plan_hash, "begun"],
      ["rollback", plan_hash, "ok"],
      ["config", undefined, "begun"],
      ["config", undefined, "ok"],
    ]);
    const [first, , , failed] = audited();
    expect(first).toMatchObject({ principal: "key:ann", agent: "ann", details: { intent: "learnt" } });
    expect(JSON.stringify(first!.details).length).toBeLessThan(400);
    expect(failed!.details).toEqual({ error: "ARGUMENT_MISSING" });
    const deaf = world();
    mkdirSync(join(deaf.folder, ".momo", "audit.db"), { recursive: true });
    expect(await deaf.code("doc", note("notes/a"), writer)).toBe("AUDIT_UNAVAILABLE");
    expect(await deaf.code("doc", { action: "show", id: "notes/a" })).toBe("NOT_INDEXED");
  });
});

describe("taking back", () => {
  test("a plan is shown, and carried out once by its hash alone", async () => {
    const { call, code } = world();
    await call("doc", note("notes/a"), writer);
    const plan: RollbackPlan = await call("rollback", { agent: "ann", dry_run: true }, writer);
    expect(plan).toMatchObject({ operations: 1, agents: { ann: 1 } });
    const receipt: RollbackReceipt = await call("rollback", { plan: plan.plan_hash }, writer);
    expect(receipt).toMatchObject({ outcome: "done", operations: 1 });
    expect(await call("rollback", { plan: plan.plan_hash }, writer)).toMatchObject({ outcome: "already" });
    expect(await code("doc", { action: "show", id: "notes/a" })).toBe("ENTRY_UNKNOWN");
    const { plan_hash }: RollbackPlan = await call("redo", { dry_run: true }, writer);
    await call("redo", { plan: plan_hash }, writer);
    expect(await call("doc", { action: "show", id: "notes/a" })).toMatchObject({ content: "text" });
  });

  test("a writer takes back its own; anybody's only who is trusted", async () => {
    const { call, code } = world();
    const bob = callerOf("bob", { "*": "writer" });
    await call("doc", note("notes/a"), writer);
    await call("doc", { ...note("notes/b"), agent: "bob/x" }, bob);
    const plan: RollbackPlan = await call("rollback", { agent: "ann", dry_run: true }, bob);
    expect(await code("rollback", { plan: plan.plan_hash }, bob)).toBe("FORBIDDEN_OTHERS");
    expect(await code("rollback", { agent: "ann", yes: true }, bob)).toBe("FORBIDDEN_OTHERS");
    expect(await code("rewind", { seq: 0, yes: true, others: true }, bob)).toBe("FORBIDDEN_OTHERS");
    expect(await call("rollback", { agent: "bob/x", yes: true }, bob)).toMatchObject({ outcome: "done" });
    expect(await call("rollback", { agent: "ann", yes: true }, admin)).toMatchObject({ outcome: "done" });
  });

  test("a plan belongs to whom it was shown", async () => {
    const { call, code } = world();
    const bob = callerOf("bob", { "*": "writer" });
    await call("doc", note("notes/a"), writer);
    const { plan_hash }: RollbackPlan = await call("rollback", { agent: "ann", dry_run: true }, writer);
    expect(await code("rollback", { plan: plan_hash }, bob)).toBe("PLAN_UNKNOWN");
    expect(await code("rollback", { plan: plan_hash, agent: "ann" }, bob)).toBe("PLAN_UNKNOWN");
    expect(await code("rollback", { plan: plan_hash }, reader)).toBe("FORBIDDEN");
    expect(await code("rollback", { plan: "feed" }, admin)).toBe("PLAN_UNKNOWN");
    expect(await code("redo", { plan: plan_hash }, writer)).toBe("PLAN_UNKNOWN");
  });

  test("what moved since makes a plan stale", async () => {
    const { call, code } = world();
    await call("doc", note("notes/a"), writer);
    const { plan_hash }: RollbackPlan = await call("rollback", { agent: "ann", dry_run: true }, writer);
    await call("doc", note("notes/a", "another"), writer);
    expect(await code("rollback", { plan: plan_hash }, writer)).toBe("ROLLBACK_STALE");
  });

  test("without a plan or a yes nothing happens", async () => {
    const { call, code } = world();
    await call("doc", note("notes/a"), writer);
    expect(await code("rollback", { agent: "ann" }, writer)).toBe("CONFIRMATION_NEEDED");
  });

  test("an exploration is discarded by whose it is", async () => {
    const { call, code } = world();
    await call("doc", note("notes/a"), writer);
    await call("explore", { action: "start", name: "trial" }, writer);
    const bob = callerOf("bob", { "*": "writer" });
    expect(await code("explore", { action: "discard", name: "trial" }, bob)).toBe("FORBIDDEN_OTHERS");
    expect(await call("explore", { action: "discard", name: "trial" }, writer)).toEqual({
      discarded: "trial",
    });
  });
});

describe("several things at once", () => {
  test("one transaction of many operations, once for its request", async () => {
    const { call, code } = world();
    await call("ingest");
    const operations = [
      { op: "put", id: "notes/a", content: "one", metadata: { n: 1 } },
      { op: "document", entity_id: "src/greet.ts", documentation_type: "overview", content: "two" },
      { op: "relate", source: "notes/a", type: "references", target: "src/greet.ts#greet" },
      { op: "update", id: "notes/a", metadata: { n: 2 } },
    ];
    const first = await call("transact", { operations, request_id: "1", expect: { "notes/a": 0 } }, writer);
    const again = { operations, request_id: "1", expect: { "notes/a": 0 } };
    expect(await call("transact", again, writer)).toEqual({ ...(first as object), repeated: true });
    expect(await call("entity", { id: "notes/a" })).toMatchObject({
      metadata: { n: 2 },
      neighbors: [{ source: "notes/a", target: "src/greet.ts#greet" }],
    });
    const wrong = [
      { op: "put", id: "notes/b", content: "x" },
      { op: "remove", id: "notes/zzz" },
    ];
    expect(await code("transact", { operations: wrong }, writer)).toBe("ENTRY_UNKNOWN");
    expect(await code("doc", { action: "show", id: "notes/b" })).toBe("ENTRY_UNKNOWN");
  });

  test.each([
    [undefined],
    [[]],
    ["x"],
    [[1]],
    [[{ op: "drop" }]],
    [[{ op: "put", id: "a" }]],
    [[{ op: "put", id: "a", content: 1 }]],
    [[{ op: "put", id: "a", content: "x", evil: 1 }]],
    [[{ op: "__proto__", id: "a" }]],
    [[{ op: "relate", source: "a", type: "hates", target: "b" }]],
    [Array.from({ length: 10_001 }, () => ({ op: "remove", id: "a" }))],
  ])("operations %j are refused whole", async (operations) => {
    const { code, call } = world();
    await call("doc", note("notes/a"), writer);
    expect(["VALUE_INVALID", "ARGUMENT_MISSING", "ENTRY_UNKNOWN"]).toContain(
      await code("transact", { operations }, writer),
    );
  });
});

test("changes are told in order, without gap or repetition, whoever made them", async () => {
  const { service, call, folder } = world();
  const events: LiveEvent[] = [];
  service.listen((event) => events.push(event));
  await call("ingest");
  await call("doc", note("notes/a"), writer);
  const other = await openMomo({ root: folder });
  await other.transact({ agent: "eve" }, (tx) => {
    tx.put({ id: "notes/b", type: "documentation", content: "from another connection" });
  });
  await other.close();
  const told = (): string[] => events.flatMap((event) => (event.type === "change" ? [event.agent] : []));
  await expect.poll(told, { timeout: 10_000 }).toEqual(["indexer", "ann", "eve"]);
  const { name } = service.workspaces[0]!;
  const all = await service.changes(name, 0, 10);
  expect(all).toEqual(events.filter(({ type }) => type === "change"));
  const [first] = all;
  expect(await service.changes(name, (first as { seq: number }).seq, 1)).toEqual([all[1]]);
  expect(service.seq(name)).toBe((all.at(-1) as { seq: number }).seq);
});

test("a caller hears only the names of the workspaces that it may read", async () => {
  const { service } = world({ folders: [sources(), sources()] });
  const [first, second] = service.workspaces.map(({ name }) => name) as [string, string];
  const ask = (caller: Caller, workspace: string) =>
    service.call({ command: "status", input: {}, caller, request_id: "r", workspace });
  const one = callerOf("one", { [first]: "reader" });
  for (const workspace of [second, "nowhere"])
    await expect(ask(one, workspace)).rejects.toMatchObject({ code: "FORBIDDEN" });
  const some = callerOf("some", { [first]: "reader", nowhere: "admin" });
  const fault = await ask(some, "nowhere").catch((error: MomoError) => error);
  expect(fault).toMatchObject({ code: "WORKSPACE_UNKNOWN", message: expect.stringContaining(first) });
  expect((fault as MomoError).message).not.toContain(second);
});

test("health asks the store and the search, and says what fails", async () => {
  const { service, call } = world();
  expect(await service.health()).toMatchObject({ status: "healthy", total_entries: 0 });
  await call("doc", note("notes/before"), writer);
  expect(await service.health()).toMatchObject({ status: "healthy", total_entries: 1 });
  await call("ingest");
  expect(await service.health()).toMatchObject({ status: "healthy", service: "momo", version: "1.2.3" });
  const folder = sources();
  const late = world({ folders: [folder] });
  mkdirSync(join(folder, ".momo"));
  writeFileSync(join(folder, ".momo", "momo.db"), "this is no database".repeat(100));
  const health = await late.service.health();
  expect(health.status).toBe("unhealthy");
  expect(health.checks[0]!.error).toContain("momo.db");
});
