/**
 * What once was wrong at the edges of the store: who wrote what after a merge, erasure that leaves something, clocks that
 * run backwards, reads beside compaction, export beside writes. Each failed at revision 1a7280b.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EntryTransaction } from "../src/model/rollback.ts";
import { type Momo, openMomo } from "../src/momo.ts";
import { openStore } from "../src/store/open.ts";

let home: string;
let momo: Momo;
const opened: Momo[] = [];

async function open(): Promise<Momo> {
  const one = await openMomo({ home, settings: { keep_days: 0 } });
  opened.push(one);
  return one;
}

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "momo-edges-"));
  momo = await open();
});

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  rmSync(home, { recursive: true, force: true });
});

const note = (id: string, content = id) => ({ id, type: "documentation" as const, content });
const write = (agent: string, work: (tx: EntryTransaction) => unknown, exploration?: string) =>
  momo.transact({ agent, ...(exploration && { exploration }) }, work);
const ids = async (): Promise<string[]> => (await momo.entries()).map(({ id }) => id);

describe("a merge keeps who wrote what", () => {
  beforeEach(async () => {
    await momo.explore({ agent: "alice", name: "trial" });
    await write("alice", (tx) => tx.put(note("a")), "trial");
    await write("carol", (tx) => tx.put(note("c")), "trial");
    await momo.mergeExploration("trial", { agent: "bob" });
  });

  test("so it is found by its author, and only that is taken back", async () => {
    const found = (await momo.history({ agent: "alice" })).map(({ kind, authors }) => [kind, authors]);
    expect(found).toEqual([
      ["merge", ["alice", "carol"]],
      ["explore", undefined],
    ]);
    const plan = await momo.planRollback({ agent: "alice" });
    expect([plan.agents, plan.changes.map(({ id }) => id)]).toEqual([{ alice: 1 }, ["a"]]);
    await momo.rollback(plan.plan_hash, { agent: "alice" });
    expect(await ids()).toEqual(["c"]);
    expect((await momo.planRollback({ agent: "bob" })).operations).toBe(0);
    expect(await momo.verify()).toBeUndefined();
  });

  test("in the versions of an id too", async () => {
    const [version] = await momo.versions("c");
    expect(version).toMatchObject({ agent: "carol", merged_by: "bob", current: true });
  });

  test("through an exploration inside another one", async () => {
    await momo.explore({ agent: "dan", name: "outer" });
    await momo.explore({ agent: "dan", name: "inner", parent: "outer" });
    await write("erin", (tx) => tx.put(note("e")), "inner");
    await momo.mergeExploration("inner", { agent: "dan" });
    await momo.mergeExploration("outer", { agent: "bob" });
    const plan = await momo.planRollback({ agent: "erin" });
    expect(plan.changes.map(({ id }) => id)).toEqual(["e"]);
  });

  test("and names that nobody can have are refused everywhere", async () => {
    await momo.explore({ agent: "dan", name: "open" });
    for (const agent of ["", "indexer", "a\nb", "a\u200bb", " a"]) {
      const refused = { code: "VALUE_INVALID" };
      await expect(momo.explore({ agent })).rejects.toMatchObject(refused);
      await expect(momo.mergeExploration("open", { agent })).rejects.toMatchObject(refused);
      await expect(momo.discardExploration("open", { agent })).rejects.toMatchObject(refused);
      await expect(momo.checkpoint("p", { agent })).rejects.toMatchObject(refused);
      await expect(momo.erase(["a"], { agent })).rejects.toMatchObject(refused);
      await expect(momo.compact({ seq: 0 }, { agent })).rejects.toMatchObject(refused);
      await expect(momo.redo(undefined, { agent })).rejects.toThrow();
    }
    expect((await momo.explorations()).map(({ name }) => name)).toEqual(["open"]);
  });
});

describe("a request to explorations is done once", () => {
  test("to start, merge and discard one", async () => {
    const start = { agent: "ann", request_id: "s" };
    const made = await momo.explore(start);
    expect((await momo.explore(start)).name).toBe(made.name);
    expect(await momo.explorations()).toHaveLength(1);
    await expect(momo.explore({ ...start, ttl_seconds: 5 })).rejects.toMatchObject({
      code: "REQUEST_REUSED",
    });
    await write("ann", (tx) => tx.put(note("a")), made.name);
    const merge = { agent: "ann", request_id: "m" };
    const merged = await momo.mergeExploration(made.name, merge);
    expect(await momo.mergeExploration(made.name, merge)).toEqual({ ...merged, repeated: true });
    await momo.explore({ agent: "ann", name: "second" });
    await momo.discardExploration("second", { agent: "ann", request_id: "d" });
    await momo.discardExploration("second", { agent: "ann", request_id: "d" });
    await expect(momo.discardExploration("other", { agent: "ann", request_id: "d" })).rejects.toMatchObject({
      code: "REQUEST_REUSED",
    });
  });

  test("and what was discarded is no answer for the knowledge base itself", async () => {
    const { name } = await momo.explore({ agent: "ann" });
    const asked = { agent: "ann", request_id: "r" };
    await momo.transact({ ...asked, exploration: name }, (tx) => tx.put(note("a")));
    await momo.discardExploration(name, { agent: "ann" });
    expect(await momo.transact(asked, (tx) => tx.put(note("a")))).toMatchObject({ operations: 1 });
    expect(await ids()).toEqual(["a"]);
  });

  test("a redo without a number is not another one the second time", async () => {
    for (const id of ["a", "b"]) await write("ann", (tx) => tx.put(note(id)));
    for (const steps of [1, 1]) await momo.rollback((await momo.planRollback({ steps })).plan_hash);
    const asked = { agent: "ann", request_id: "again" };
    const first = await momo.redo(undefined, asked);
    expect(await momo.redo(undefined, asked)).toMatchObject({
      transaction: first.transaction,
      repeated: true,
    });
    expect(await ids()).toEqual(["a"]);
  });
});

describe("erasure", () => {
  const everything = (): string =>
    readdirSync(home)
      .map((file) => readFileSync(join(home, file), "latin1"))
      .join("");

  test("reaches documentation, relations and explorations, and nothing comes back by a merge", async () => {
    await write("ann", (tx) => {
      tx.put(note("a", "SECRET-TEXT"));
      tx.put(note("b"));
      tx.relate("a", "references", "b", { metadata: { why: "SECRET-WHY" } });
      tx.storeDocumentation({ entity_id: "a", documentation_type: "usage", content: "SECRET-DOC" });
    });
    await momo.explore({ agent: "ann", name: "trial" });
    await write("ann", (tx) => tx.update("a", { content: "SECRET-TRIAL" }), "trial");
    expect(everything()).toContain("SECRET-TRIAL");
    const erased = await momo.erase(["a"], { agent: "ann" });
    expect([erased.overwritten, everything().match(/SECRET-\w+/g)]).toEqual([true, null]);
    expect([await ids(), await momo.get("a", { exploration: "trial" })]).toEqual([["b"], undefined]);
    await momo.mergeExploration("trial", { agent: "ann" });
    expect([await ids(), await momo.verify()]).toEqual([["b"], undefined]);
    // The same content is written, and there.
    await write("ann", (tx) => tx.put(note("a", "SECRET-TEXT")));
    expect((await momo.get("a"))?.content).toBe("SECRET-TEXT");
  });

  test("that another reader kept from the file is finished by the next call", async () => {
    await write("ann", (tx) => tx.put(note("a", "SECRET-TEXT")));
    const reader = openStore(join(home, "momo.db"), { mode: "read" });
    const first = await reader.snapshot(() => {
      reader.head("a");
      return momo.erase(["a"], { agent: "ann" });
    });
    reader.close();
    const again = await momo.erase(["a"], { agent: "ann" });
    expect([first.versions, again.versions, again.overwritten]).toEqual([1, 0, true]);
    expect(everything()).not.toContain("SECRET-TEXT");
    await expect(momo.erase(["never"], { agent: "ann" })).rejects.toMatchObject({ code: "ENTRY_UNKNOWN" });
  });

  test("that another reader kept from the file is finished by the next write", async () => {
    await write("ann", (tx) => tx.put(note("a", "SECRET-TEXT")));
    const reader = openStore(join(home, "momo.db"), { mode: "read" });
    await reader.snapshot(() => {
      reader.head("a");
      return momo.erase(["a"], { agent: "ann" });
    });
    reader.close();
    await write("ann", (tx) => tx.put(note("b")));
    expect(everything()).not.toContain("SECRET-TEXT");
  });
});

describe("erasing one thing leaves others alone", () => {
  test("whose ids begin in the same way", async () => {
    await write("bob", (tx) => {
      for (const id of ["adr", "adr:7"]) {
        tx.put(note(id));
        tx.storeDocumentation({ entity_id: id, documentation_type: "overview", content: `about ${id}` });
      }
    });
    await momo.erase(["adr"]);
    expect(await ids()).toEqual(["adr:7", "doc:adr:7:overview"]);
    expect((await momo.get("doc:adr:7:overview"))?.content).toBe("about adr:7");
  });
});

test("a nested exploration that ends takes along nothing that others still name", async () => {
  for (const end of ["discard", "merge"] as const) {
    const e = `e-${end}`;
    await write("ann", (tx) => tx.put(note(e, "one")));
    await momo.explore({ agent: "ann", name: "outer" });
    const second = await write("ann", (tx) => tx.put(note(e, "two")));
    await write("ann", (tx) => tx.put(note(`x-${end}`)), "outer");
    await momo.explore({ agent: "ann", name: "inner", parent: "outer" });
    await write("ann", (tx) => tx.put(note(e, "three")), "inner");
    const undo = await momo.planRollback({ steps: 1 }, { exploration: "inner" });
    await momo.rollback(undo.plan_hash, { exploration: "inner" });
    if (end === "discard") await momo.discardExploration("inner", { agent: "ann" });
    else await momo.mergeExploration("inner", { agent: "ann" });
    expect([await momo.verify(), (await momo.get(e, { exploration: "outer" }))?.content]).toEqual([
      undefined,
      "one",
    ]);
    await momo.rollback((await momo.planRollback({ transactions: [second.transaction] })).plan_hash);
    expect([(await momo.get(e))?.content, await momo.verify()]).toEqual(["one", undefined]);
    await momo.discardExploration("outer", { agent: "ann" });
  }
});

test("a search goes on after a compaction, with words that occur nowhere too", async () => {
  const many = Array.from({ length: 300 }, (_, i) => `n${i}`);
  await write("ann", (tx) => {
    for (const id of many) tx.put(note(id, `gamma delta ${id}`));
  });
  await write("ann", (tx) => {
    for (const id of many.slice(0, 200)) tx.put(note(id, `gamma delta again ${id}`));
  });
  expect((await momo.search({ query: "gamma" })).results.length).toBeGreaterThan(0);
  await momo.compact({ seq: (await momo.digestReport()).seq });
  for (const query of ["gamna delto", "gamma"])
    expect((await momo.search({ query })).results.length).toBeGreaterThan(0);
});

test("keep_days keeps what is recent, also after a clock that ran backwards", async () => {
  const file = join(home, "momo.db");
  const day = 86_400_000;
  const days = [100, 99, 1, 200, 0.5];
  for (const [i, ago] of days.entries()) {
    const store = openStore(file, { mode: "write", clock: () => new Date(Date.now() - ago * day) });
    const tx = store.begin({ agent: "ann" });
    tx.put({ key: `k${i}`, kind: "entry", body: Buffer.from("{}") });
    tx.commit();
    store.close();
  }
  await momo.close();
  momo = await open();
  expect(await momo.compact({ keep_days: 90 })).toMatchObject({ horizon: 2, transactions: 2 });
  for (const transaction of [3, 4, 5])
    expect((await momo.planRollback({ transactions: [transaction] })).operations).toBe(1);
});

test("every read is of one state, beside a process that writes, takes back and compacts", async () => {
  await write("ann", (tx) => tx.put(note("a", "0")));
  const script = join(home, "writer.mjs");
  const source = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  writeFileSync(
    script,
    `const { openMomo } = await import(${source("../src/momo.ts")});
     const momo = await openMomo({ home: ${JSON.stringify(home)}, wait_ms: 20000 });
     for (let n = 1; n <= 150; n++) {
       await momo.transact({ agent: "bob" }, (tx) => {
         for (const id of ["a", "b"]) tx.put({ id, type: "documentation", content: String(n) });
         tx.relate("a", "references", "b");
       });
       if (n % 3 === 0) await momo.rollback((await momo.planRollback({ steps: 1 })).plan_hash);
       if (n % 10 === 0) await momo.compact({ seq: (await momo.digestReport()).seq - 5 });
     }
     await momo.close();`,
  );
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "inherit", "inherit"] });
  let code: number | null | undefined;
  child.on("exit", (status) => {
    code = status;
  });
  let reads = 0;
  while (code === undefined) {
    for (const read of [
      async () => expect((await momo.get("a"))?.content).toMatch(/^\d+$/),
      async () => expect(["a", "b"]).toEqual(expect.arrayContaining(await ids())),
      async () => expect((await momo.neighbors("a")).filter(({ missing }) => missing)).toEqual([]),
      async () => expect((await momo.versions("a")).filter(({ version }) => version === 0)).toEqual([]),
      async () => expect((await momo.history({ limit: 20 })).length).toBeGreaterThan(0),
      async () => expect(await momo.verify()).toBeUndefined(),
      async () => expect((await momo.planRollback({ steps: 1 })).blocked).toBe(false),
    ]) {
      await read();
      reads++;
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
  expect(code).toBe(0);
  expect(reads).toBeGreaterThan(20);
});

test("a file whose creation was cut is made whole by the next write", async () => {
  const cut = mkdtempSync(join(tmpdir(), "momo-cut-"));
  const database = new DatabaseSync(join(cut, "momo.db"));
  database.exec("PRAGMA journal_mode = WAL");
  database.close();
  expect(statSync(join(cut, "momo.db")).size).toBeGreaterThan(0);
  const one = await openMomo({ home: cut });
  opened.push(one);
  expect(one.isEmpty()).toBe(true);
  await one.transact({ agent: "ann" }, (tx) => tx.put(note("a")));
  expect([(await one.get("a"))?.content, await one.verify()]).toEqual(["a", undefined]);
  await one.close();
  rmSync(cut, { recursive: true, force: true });
});

test("the journal is exported to its end, whatever is written meanwhile", async () => {
  for (const id of ["a", "b", "c"]) await write("ann", (tx) => tx.put(note(id)));
  const lines: string[] = [];
  for (const line of await momo.exportJournal()) {
    lines.push(line);
    await write("ann", (tx) => tx.put(note(`late-${lines.length}`)));
  }
  expect(lines.map((line) => JSON.parse(line).changes.length)).toEqual([1, 1, 1]);
});

test("ids do not hold what nobody sees", async () => {
  for (const id of ["a\u200b", "a\u202eb", "\ufeffa", "a\u2066b", "a\u200db"])
    await expect(write("ann", (tx) => tx.put(note(id)))).rejects.toMatchObject({ code: "VALUE_INVALID" });
  await write("ann", (tx) => tx.put(note("می‌خواهم 👩‍💻")));
  expect(await ids()).toEqual(["می‌خواهم 👩‍💻"]);
});

test("an exploration whose time is over goes with the next write", async () => {
  await momo.explore({ agent: "ann", name: "short", ttl_seconds: 1 });
  await new Promise((resolve) => setTimeout(resolve, 1100));
  expect((await momo.explorations()).map(({ expired }) => expired)).toEqual([true]);
  await write("ann", (tx) => tx.put(note("a")));
  expect(await momo.explorations()).toEqual([]);
});
