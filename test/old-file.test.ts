/**
 * A knowledge base that an older Momo wrote (test/fixtures/make-old-file.mjs, run at revision 1a7280b) is brought to
 * the present format when it is opened: nothing is lost, and everything that can be done can be done with it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Momo, openMomo } from "../src/momo.ts";
import type { VersionKind } from "../src/store/contract/knowledge.ts";
import type { StoreReader } from "../src/store/contract/reader.ts";
import { openStore } from "../src/store/open.ts";

interface View {
  digest: string;
  seq: number;
  parts: Record<string, string>;
  searches: Record<string, string[]>;
  heads: Record<VersionKind, Record<string, number>>;
}

interface Expected {
  main: View & {
    entries: Record<string, { version: number; content: string }>;
    history_length: number;
    history: Record<string, unknown>[];
  };
  open_explorations: Record<string, View>;
  checkpoints: Record<string, unknown>[];
  quarantined: Record<string, unknown>[];
  definitions: Record<string, string[]>;
  cursors: { name: string; seq: number }[];
  horizon: number;
}

const fixture = join(import.meta.dirname, "fixtures", "momo-1a7280b");
const expected: Expected = JSON.parse(readFileSync(`${fixture}.json`, "utf8"));

let home: string;
let momo: Momo;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "momo-old-"));
  writeFileSync(join(home, "momo.db"), gunzipSync(readFileSync(`${fixture}.db.gz`)));
  momo = await openMomo({ home });
});

afterEach(async () => {
  await momo.close();
  rmSync(home, { recursive: true, force: true });
});

/** What was erased is not there any more on an exploration either. */
const ERASED = "secret/token";

function headsOf(store: StoreReader): Record<string, Record<string, number>> {
  const kinds: readonly VersionKind[] = ["file", "entry", "relation", "setting", "mark"];
  return Object.fromEntries(
    kinds.map((kind) => [kind, Object.fromEntries(store.heads(kind).map(({ key, vid }) => [key, vid]))]),
  );
}

function withStore<T>(work: (store: ReturnType<typeof openStore>) => T): T {
  const store = openStore(join(home, "momo.db"), { mode: "read" });
  try {
    return work(store);
  } finally {
    store.close();
  }
}

const without = ({ entry, ...heads }: View["heads"]): Record<string, unknown> => ({
  ...heads,
  entry: Object.fromEntries(Object.entries(entry).filter(([key]) => key !== ERASED)),
});

describe("the state", () => {
  test("is what it was, to the last version, on every branch", async () => {
    expect(await momo.verify()).toBeUndefined();
    const report = await momo.digestReport();
    expect([report.digest, report.seq]).toEqual([expected.main.digest, expected.main.seq]);
    for (const part of ["documents", "graph", "metadata"] as const)
      expect(report.parts[part]).toBe(expected.main.parts[part]);
    withStore((store) => {
      expect(headsOf(store)).toEqual(expected.main.heads);
      expect(store.journal.horizon()).toBe(expected.horizon);
      expect(store.engines().map(({ name, seq }) => ({ name, seq }))).toEqual(expected.cursors);
      for (const { branch, name } of store.branches())
        expect(headsOf(store.on(branch))).toEqual(without(expected.open_explorations[name]!.heads));
    });
  });

  test("has its history, entries, checkpoints and marks", async () => {
    const history = await momo.history();
    expect(history).toHaveLength(expected.main.history_length);
    expect(history).toMatchObject(expected.main.history);
    for (const [id, { version, content }] of Object.entries(expected.main.entries))
      expect(await momo.get(id)).toMatchObject({ id, version, content });
    expect((await momo.entries()).map(({ id }) => id)).toEqual(Object.keys(expected.main.entries));
    expect(await momo.checkpoints()).toMatchObject(expected.checkpoints);
    expect(await momo.quarantined()).toMatchObject(expected.quarantined);
  });

  test("is searched, and its files still say what they define", async () => {
    for (const [query, paths] of Object.entries(expected.main.searches)) {
      const found = (await momo.search({ query, limit: 10 })).results.map(({ path }) => path);
      expect(found[0]).toBe(paths[0]);
      expect(found).toEqual(expect.arrayContaining(paths.slice(0, 2)));
    }
    for (const ids of Object.values(expected.definitions))
      for (const id of ids) expect((await momo.get(id))?.id).toBeDefined();
  });
});

describe("what can be done", () => {
  test("a request that was done before the change of format is known again", async () => {
    const [{ agent, request_id, transaction }] = expected.main.history as [
      { agent: string; request_id: string; transaction: number },
    ];
    const again = await momo.transact({ agent, request_id }, (tx) =>
      tx.put({ id: "note/again", type: "documentation", content: "again" }),
    );
    expect(again).toMatchObject({ transaction, repeated: true });
    expect(await momo.get("note/again")).toBeUndefined();
  });

  test("explorations are merged, and every writer's work can be taken back and brought back", async () => {
    await momo.mergeExploration("deeper", { agent: "Ben" });
    await momo.mergeExploration("open", { agent: "Ada" });
    expect(await momo.verify()).toBeUndefined();
    const before = await momo.digest();
    const plan = await momo.planRollback({ transactions: [(await momo.history())[0]!.transaction] });
    const { transaction } = await momo.rollback(plan.plan_hash);
    expect(await momo.digest()).toBe(expected.main.digest);
    await momo.redo(transaction);
    expect([await momo.digest(), await momo.verify()]).toEqual([before, undefined]);
  });

  test("it goes back to its checkpoint, and forgets", async () => {
    const { name, digest } = expected.checkpoints.at(-1)! as { name: string; digest: string };
    await momo.discardExploration("deeper", { agent: "Ben" });
    await momo.discardExploration("open", { agent: "Ada" });
    await momo.rewind({ checkpoint: name }, { affects_others: true, passes_irreversible: true }).then(
      async () => expect(await momo.digest()).toBe(digest),
      // What was erased since cannot come back.
      (error) => expect(error.code).toBe("ROLLBACK_BLOCKED"),
    );
    await momo.erase(["note/retry"]);
    expect(await momo.get("note/retry")).toBeUndefined();
    await momo.compact({ seq: expected.main.seq });
    expect(await momo.verify()).toBeUndefined();
  });
});
