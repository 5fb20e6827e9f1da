/** What an exploration is said to have changed, by the public API: ids, relations, and the first results on either side. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import type { Store } from "../store/contract/store.ts";
import type { WriteTransaction } from "../store/contract/write.ts";
import { openStore } from "../store/open.ts";
import { createExplore, type Explore } from "./explore.ts";

const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "momo-compare-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

interface Place {
  explore: Explore;
  main: Store;
  trial: Store;
}

/** main holds a, b, c, a relation of each two, and a setting when the exploration begins. */
async function inTrial(): Promise<Place> {
  const main = openStore(join(folder, `${files++}`, "momo.db"), { mode: "write", durability: "process" });
  onTestFinished(() => main.close());
  write(main, (tx) => {
    for (const key of ["a", "b", "c"]) put(tx, key, 1);
    relate(tx, ["a", "b"]);
    relate(tx, ["b", "c"]);
    tx.put({ key: "color", kind: "setting", body: Buffer.from("blue") });
  });
  const explore = createExplore({
    read: () => main,
    write: () => main,
    now: () => new Date(0),
    // Entries that begin with the query, by name; their content is the score.
    find: (store) => (query) =>
      store
        .heads("entry")
        .filter(({ key }) => key.startsWith(query))
        .map(({ key, vid }) => ({ path: key, score: Number(Buffer.from(store.body(vid)!).toString()) })),
  });
  await explore.explore({ agent: "eve", name: "trial" });
  return { explore, main, trial: main.on(main.branches()[0]!.branch) };
}

function write(store: Store, work: (tx: WriteTransaction) => void): void {
  const tx = store.begin({ agent: "ann" });
  work(tx);
  tx.commit();
}

const put = (tx: WriteTransaction, key: string, content: number): unknown =>
  tx.put({ key, kind: "entry", body: Buffer.from(`${content}`) });
const relate = (tx: WriteTransaction, [source, target]: readonly [string, string], id?: string): unknown =>
  tx.put({
    key: `${source}->${target}`,
    kind: "relation",
    body: Buffer.from(JSON.stringify({ metadata: { of: source }, id })),
    edge: { source, type: "references", target },
  });

test("an exploration that wrote nothing changed nothing", async () => {
  const { explore } = await inTrial();
  expect(await explore.compareExploration("trial")).toEqual({
    exploration: "trial",
    changes: [],
    relations: { added: [], removed: [] },
    rankings: [],
  });
});

test("each id that is another is named: created, updated or removed, and whether its parent went on too", async () => {
  const { explore, main, trial } = await inTrial();
  write(trial, (tx) => {
    put(tx, "a", 2);
    tx.remove("entry", "b");
    put(tx, "new", 1);
    put(tx, "c", 5);
    put(tx, "c", 1);
    tx.put({ key: "color", kind: "setting", body: Buffer.from("red") });
  });
  write(main, (tx) => {
    put(tx, "b", 7);
    put(tx, "new", 7);
    put(tx, "elsewhere", 7);
  });
  const { changes } = await explore.compareExploration("trial");
  expect(changes.toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual([
    { id: "a", kind: "entry", change: "updated", conflict: false },
    { id: "b", kind: "entry", change: "removed", conflict: true },
    { id: "color", kind: "setting", change: "updated", conflict: false },
    { id: "new", kind: "entry", change: "created", conflict: true },
  ]);
});

test("relations that came and went are told with both ends", async () => {
  const { explore, trial } = await inTrial();
  write(trial, (tx) => {
    tx.remove("relation", "a->b");
    relate(tx, ["c", "a"], "cycle");
    relate(tx, ["a", "c"]);
  });
  const { relations, changes } = await explore.compareExploration("trial");
  expect(relations.removed).toEqual([
    { source: "a", type: "references", target: "b", metadata: { of: "a" } },
  ]);
  expect(relations.added.toSorted((one, other) => (one.source < other.source ? -1 : 1))).toEqual([
    { source: "a", type: "references", target: "c", metadata: { of: "a" } },
    { source: "c", type: "references", target: "a", metadata: { of: "c" }, id: "cycle" },
  ]);
  expect(changes.map(({ kind }) => kind)).toEqual(["relation", "relation", "relation"]);
});

test("results of both sides are shown, with how many they share", async () => {
  const { explore, trial } = await inTrial();
  write(trial, (tx) => {
    put(tx, "a", 4);
    put(tx, "ab", 1);
    put(tx, "ac", 1);
    tx.remove("entry", "b");
  });
  const { rankings } = await explore.compareExploration("trial", ["a", "b", "c", "none"]);
  expect(rankings).toEqual([
    {
      query: "a",
      overlap: 0.333,
      base: [{ path: "a", score: 1 }],
      exploration: [
        { path: "a", score: 4 },
        { path: "ab", score: 1 },
        { path: "ac", score: 1 },
      ],
    },
    { query: "b", overlap: 0, base: [{ path: "b", score: 1 }], exploration: [] },
    { query: "c", overlap: 1, base: [{ path: "c", score: 1 }], exploration: [{ path: "c", score: 1 }] },
    { query: "none", overlap: 1, base: [], exploration: [] },
  ]);
});

test("one over another is compared with that, and merged into it", async () => {
  const { explore, main, trial } = await inTrial();
  write(trial, (tx) => put(tx, "a", 2));
  await explore.explore({ agent: "eve", name: "over", parent: "trial" });
  const over = main.on(main.branches().find(({ name }) => name === "over")!.branch);
  write(over, (tx) => put(tx, "b", 3));
  const { changes, rankings } = await explore.compareExploration("over", ["a"]);
  expect(changes).toEqual([{ id: "b", kind: "entry", change: "updated", conflict: false }]);
  expect(rankings[0]!.base).toEqual([{ path: "a", score: 2 }]);
  await explore.mergeExploration("over", { agent: "eve" });
  expect((await explore.explorations()).map(({ name }) => name)).toEqual(["trial"]);
  expect((await explore.compareExploration("trial")).changes).toHaveLength(2);
  await explore.discardExploration("trial", { agent: "eve" });
  expect([await explore.explorations(), main.verify()]).toEqual([[], undefined]);
  for (const done of [
    () => explore.compareExploration("trial"),
    () => explore.mergeExploration("trial", { agent: "eve" }),
  ])
    await expect(done()).rejects.toThrow(expect.objectContaining({ code: "EXPLORATION_UNKNOWN" }));
});
