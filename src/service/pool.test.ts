import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Job } from "./job.ts";
import { Pool, type PoolOptions } from "./pool.ts";
import { sources, world, writer } from "./world.fixture.ts";

const patient = { readers: 1, max_queue: 50, timeout_ms: 30_000 };

function poolOf(options: PoolOptions = patient): Pool {
  const pool = new Pool(options);
  onTestFinished(() => pool.close(0));
  return pool;
}

const author = { agent: "ann", principal: "key:ann", trusted: false };
const jobIn =
  (folder: string) =>
  (command: string, input: Record<string, unknown> = {}): Job => ({
    workspace: { name: "w", root: folder, home: join(folder, ".momo") },
    command,
    input,
    author,
  });
const ingest = { pattern: [], ignore: [], verbose: false };
const search = { keep: [], type: [], language: [], dir: [], path_glob: [], explain: false, no_index: true };

test("the whole service works on threads as in one", async () => {
  const { call, code } = world({ executor: poolOf() });
  await call("ingest");
  expect(await call("search", { query: "greet", limit: 1 })).toMatchObject({
    results: [{ path: "src/greet.ts" }],
  });
  await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      call("doc", { action: "set", id: `notes/${i}`, content: "x" }, writer),
    ),
  );
  const { entries } = (await call("doc", { action: "list" })) as { entries: unknown[] };
  expect(entries).toHaveLength(20);
  expect(await code("doc", { action: "show", id: "notes/99" })).toBe("ENTRY_UNKNOWN");
});

test("what waits is bounded, and refused work is not done", async () => {
  const folder = sources();
  const pool = poolOf({ ...patient, max_queue: 3 });
  const job = jobIn(folder);
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) =>
      pool.run(
        job("transact", { operations: [{ op: "put", id: `n/${i}`, content: "x" }], reads: [] }),
        "write",
      ),
    ),
  );
  const refused = results.filter(({ status }) => status === "rejected");
  // One is in hand, three wait.
  expect(refused).toHaveLength(6);
  for (const one of refused) expect(one).toMatchObject({ reason: { code: "OVERLOADED", status: 503 } });
  const { json } = await pool.run(job("doc", { action: "list" }), "read");
  expect(JSON.parse(json).entries).toHaveLength(4);
});

test("a read that takes too long is ended with its thread, and another takes its place", async () => {
  const folder = sources();
  const faults: string[] = [];
  const options = { ...patient, timeout_ms: 1, on_fault: (lane: string) => faults.push(lane) };
  const pool = poolOf(options);
  const job = jobIn(folder);
  await pool.run(job("ingest", ingest), "write");
  await expect(pool.run(job("search", { ...search, query: "greet" }), "read")).rejects.toMatchObject({
    code: "TIMED_OUT",
  });
  await expect.poll(() => faults).toEqual(["read"]);
  options.timeout_ms = 30_000;
  const { json } = await pool.run(job("search", { ...search, query: "greet" }), "read");
  expect(JSON.parse(json).results[0].path).toBe("src/greet.ts");
});

test("what was cancelled before its turn does not happen", async () => {
  const folder = sources();
  const pool = poolOf();
  const job = jobIn(folder);
  const put = (id: string): Job =>
    job("transact", { operations: [{ op: "put", id, content: "x" }], reads: [] });
  const stop = new AbortController();
  const first = pool.run(put("n/1"), "write");
  const second = pool.run(put("n/2"), "write", { signal: stop.signal });
  stop.abort();
  await expect(second).rejects.toMatchObject({ code: "CANCELLED" });
  await first;
  await expect(pool.run(put("n/3"), "write", { signal: stop.signal })).rejects.toMatchObject({
    code: "CANCELLED",
  });
  const { json } = await pool.run(job("doc", { action: "list" }), "read");
  expect(JSON.parse(json).entries.map(({ id }: { id: string }) => id)).toEqual(["n/1"]);
});

test("closing lets what was asked for finish, and takes no more", async () => {
  const folder = sources();
  const pool = poolOf();
  const job = jobIn(folder);
  const asked = [1, 2, 3].map((i) =>
    pool.run(
      job("transact", { operations: [{ op: "put", id: `n/${i}`, content: "x" }], reads: [] }),
      "write",
    ),
  );
  const closed = pool.close(10_000);
  await expect(pool.run(job("status"), "read")).rejects.toMatchObject({ code: "NOT_READY" });
  expect((await Promise.all(asked)).map(({ json }) => JSON.parse(json).operations)).toEqual([1, 1, 1]);
  await closed;
});

test("progress comes through, and a fault in Momo itself ends the job and not the thread", async () => {
  const folder = sources();
  for (let i = 0; i < 30; i++) writeFileSync(join(folder, `f${i}.py`), `def f${i}():\n  pass\n`);
  const pool = poolOf();
  const job = jobIn(folder);
  const phases = new Set<string>();
  await pool.run(job("ingest", ingest), "write", { on_progress: ({ phase }) => phases.add(phase) });
  expect(phases.size).toBeGreaterThan(0);
  // The pool trusts its caller to have read the input: this is none.
  await expect(pool.run(job("search", { query: "x" }), "read")).rejects.not.toMatchObject({
    code: "NOT_READY",
  });
  await pool.run(job("status"), "read");
});

test("a question that was answered a moment ago is asked anew after a write, by whoever wrote", async () => {
  const { call } = world({ executor: poolOf() });
  await call("ingest");
  const found = async (): Promise<unknown[]> => {
    const { results } = (await call("search", { query: "lighthouse", limit: 5 })) as {
      results: { entry_id?: string }[];
    };
    return results.flatMap(({ entry_id = [] }) => entry_id);
  };
  for (let i = 0; i < 5; i++) {
    expect(await found()).not.toContain(`notes/${i}`);
    await call("doc", { action: "set", id: `notes/${i}`, content: `lighthouse ${i}` }, writer);
    const answers = await Promise.all([found(), found(), found()]);
    for (const ids of answers) expect(ids).toContain(`notes/${i}`);
  }
});
