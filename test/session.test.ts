/** What an open knowledge base does beside answering: answers again what it knows, and merges segments in the background. */
import { mkdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { createEntryReader } from "../src/extract/entry-words.ts";
import { transact } from "../src/knowledge/transact.ts";
import { type Momo, openMomo } from "../src/momo.ts";
import { createSession } from "../src/session.ts";
import type { Store } from "../src/store/contract/store.ts";
import { index } from "../src/store/everything.fixture.ts";
import { openStore } from "../src/store/open.ts";
import { project, temporaryFolder } from "./momo-process.ts";

async function openProject() {
  const root = project();
  const momo = await openMomo({ root });
  onTestFinished(() => momo.close());
  await momo.ingest();
  return { root, momo };
}

/** Takes all texts away behind Momo's back, under the same digest: from now on only a kept answer shows one. */
function takeTexts(root: string): void {
  const database = new DatabaseSync(join(root, ".momo", "momo.db"));
  database.exec("DELETE FROM slice");
  database.close();
}

const shown = async (momo: Momo): Promise<boolean> =>
  (await momo.search({ query: "retry" })).results[0]!.content !== "";

test("whether a file changed since is looked at anew, also for an answer that is given again", async () => {
  const { root, momo } = await openProject();
  const fresh = await momo.search({ query: "retry" });
  const { path } = fresh.results[0]!;
  expect([fresh.results[0]!.stale, fresh.coverage.stale]).toEqual([undefined, 0]);
  const later = statSync(join(root, path)).mtimeMs / 1000 + 5;
  utimesSync(join(root, path), later, later);
  const old = await momo.search({ query: "retry" });
  expect([old.results[0]!.stale, old.coverage.stale]).toEqual([true, 1]);
});

test("an answer is kept, is not of a state after a write, and is good again after an undo", async () => {
  const { root, momo } = await openProject();
  const before = await momo.search({ query: "retry" });
  const { transaction } = await momo.transact({ agent: "ann" }, (tx) => {
    tx.put({ id: "notes/retry", type: "documentation", content: "Retry, retry and retry." });
  });
  const found = await momo.search({ query: "retry" });
  expect(found.results.map(({ path }) => path)).toContain("notes/retry");
  takeTexts(root);
  const { plan_hash } = await momo.planRollback({ transactions: [transaction] });
  await momo.rollback(plan_hash);
  const after = await momo.search({ query: "retry" });
  expect(after).toEqual({ ...before, took_ms: expect.any(Number), cached: true });
});

test("with cache_ttl_search 0 nothing is kept", async () => {
  const keeping = await openProject();
  await shown(keeping.momo);
  takeTexts(keeping.root);
  expect(await shown(keeping.momo)).toBe(true);

  vi.stubEnv("MOMO_CACHE_TTL_SEARCH", "0");
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const { root, momo } = await openProject();
  expect(await shown(momo)).toBe(true);
  takeTexts(root);
  expect(await shown(momo)).toBe(false);
});

/** More segments than are left, each with more documents than a transaction merges by itself. */
function writeSegments(store: Store): void {
  for (let s = 0; s < 9; s++) {
    const paths = Array.from({ length: 260 }, (_, i) => `s${s}/f${i}.ts`);
    index(store, Object.fromEntries(paths.map((path) => [path, "word"])));
  }
}

test("segments are merged in a thread of their own, and closing waits for that", async () => {
  const store = openStore(join(temporaryFolder(), "momo.db"), { mode: "write", durability: "process" });
  onTestFinished(() => store.close());
  writeSegments(store);
  const explore = (): Store => {
    throw new Error("nobody explores");
  };
  const session = createSession({
    file: store.path,
    root: undefined,
    wait_ms: 5000,
    explore,
    sweep: () => undefined,
    keep_days: 0,
  });
  session.write();
  session.tidy();
  expect(store.segmentSizes()).toHaveLength(9);
  await session.close();
  expect(store.segmentSizes()).toHaveLength(1);
});

test("what answers is of the store that is open now: opened again to write, and after closing", async () => {
  const store = openStore(join(temporaryFolder(), "momo.db"), { mode: "write", durability: "process" });
  const note = (place: Store, id: string): void => {
    transact({ store: place, addEntry: createEntryReader() }, { agent: "ann" }, (tx) => {
      tx.put({ id, type: "documentation", content: `Of the queue: ${id}.` });
    });
  };
  note(store, "notes/one");
  store.close();
  const explore = (): Store => {
    throw new Error("nobody explores");
  };
  const session = createSession({
    file: store.path,
    root: undefined,
    wait_ms: 5000,
    keep_days: 0,
    explore,
    sweep: () => undefined,
  });
  const found = (): (string | undefined)[] =>
    session
      .retriever()
      .search({ query: "queue" })
      .results.map(({ path }) => path);
  expect([found(), session.read().writable]).toEqual([["notes/one"], false]);
  const writing = session.write();
  note(writing, "notes/two");
  expect(found().sort()).toEqual(["notes/one", "notes/two"]);
  expect([session.read(), session.write()]).toEqual([writing, writing]);
  await session.close();
  expect(() => writing.seq()).toThrow();
  expect(found().sort()).toEqual(["notes/one", "notes/two"]);
  await session.close();
});

test("a write of entries starts it, and the knowledge base is closed when it is done", async () => {
  const home = temporaryFolder();
  const store = openStore(join(home, "momo.db"), { mode: "write", durability: "process" });
  onTestFinished(() => store.close());
  writeSegments(store);
  const momo = await openMomo({ home });
  await momo.transact({ agent: "ann" }, (tx) => {
    tx.put({ id: "notes/one", type: "documentation", content: "One." });
  });
  await momo.close();
  expect(store.segmentSizes()).toHaveLength(1);
});

test("a file that another process is about to make is no knowledge base yet, and no fault", async () => {
  const root = project();
  const home = join(root, ".momo");
  mkdirSync(home);
  const maker = new DatabaseSync(join(home, "momo.db"));
  maker.exec("PRAGMA journal_mode = WAL");
  const momo = await openMomo({ root });
  onTestFinished(() => momo.close());
  expect(momo.isEmpty()).toBe(true);
  maker.close();
  await momo.ingest();
  expect([momo.isEmpty(), await momo.verify()]).toEqual([false, undefined]);
});
