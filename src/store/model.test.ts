/** The store against a plain Map, over random sequences of puts, removals, aborts and reopenings. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { Store } from "./contract/store.ts";
import { openStore } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "momo-model-"));
afterAll(() => rmSync(folder, { recursive: true }));

const seeds = process.env.MOMO_TEST_LONG ? 2000 : 100;
let files = 0;
const newFile = (): string => join(folder, `${files++}`, "momo.db");
const open = (file: string): Store => openStore(file, { mode: "write", durability: "process" });

const keys = ["a", "b", "c", "c/d", "日本"];
const hashOf = (content: number): Uint8Array => createHash("sha256").update(Uint8Array.of(content)).digest();

/** Content 0 stands for a removal. */
const change = fc.record({ key: fc.constantFrom(...keys), content: fc.nat(4) });
const step = fc.record({
  changes: fc.array(change, { maxLength: 8 }),
  end: fc.constantFrom("commit", "commit", "commit", "abort", "reopen"),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Change = Step["changes"][number];

interface Model {
  heads: Map<string, number>;
  seq: number;
  transactions: { created: number; updated: number; removed: number }[];
}

/** What the changes do to the model; undefined when nothing. */
function applyToModel(model: Model, changes: Change[]): void {
  const counts = { created: 0, updated: 0, removed: 0 };
  for (const { key, content } of changes) {
    const before = model.heads.get(key);
    if (content === (before ?? 0)) continue;
    if (content === 0) model.heads.delete(key);
    else model.heads.set(key, content);
    counts[content === 0 ? "removed" : before === undefined ? "created" : "updated"]++;
    model.seq++;
  }
  if (counts.created + counts.updated + counts.removed > 0) model.transactions.push(counts);
}

function applyToStore(store: Store, { changes, end }: Step): void {
  const tx = store.begin({ agent: "tester" });
  for (const { key, content } of changes) {
    if (content === 0) tx.remove("entry", key);
    else tx.put({ key, kind: "entry", body: Uint8Array.of(content) });
  }
  if (end === "abort") tx.abort();
  else tx.commit();
}

const stateOf = (store: Store): Map<string, number> =>
  new Map(store.heads("entry").map(({ key, vid }) => [key, store.body(vid)![0]!]));

const sorted = (state: Map<string, number>): [string, number][] =>
  [...state].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** The digest from its definition, by other means than the store's. */
function digestOf(state: Map<string, number>): string {
  let sum = 0n;
  for (const [key, content] of state) {
    const leaf = createHash("sha256").update(key).update(hashOf(content)).digest("hex");
    sum = (sum + BigInt(`0x${leaf}`)) % 2n ** 256n;
  }
  return sum.toString(16).padStart(64, "0");
}

test("heads, digest, history and operations are those of the model", { timeout: 1_200_000 }, () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const file = newFile();
      const model: Model = { heads: new Map(), seq: 0, transactions: [] };
      let store = open(file);
      for (const one of steps) {
        applyToStore(store, one);
        if (one.end !== "abort") applyToModel(model, one.changes);
        if (one.end === "reopen") {
          store.close();
          store = open(file);
        }
        expect(sorted(stateOf(store))).toEqual(sorted(model.heads));
        expect(store.digest()).toBe(digestOf(model.heads));
        expect(store.seq()).toBe(model.seq);
      }
      const history = store.history().toReversed();
      expect(history.map(({ created, updated, removed }) => ({ created, updated, removed }))).toEqual(
        model.transactions,
      );
      expect(store.liveVersions("entry").length).toBe(model.heads.size);
      expect(sorted(replay(store))).toEqual(sorted(model.heads));
      for (const key of keys) {
        const touching = history.filter((t) => store.operations(t.transaction).some((op) => op.key === key));
        expect(store.history({ key }).toReversed()).toEqual(touching);
      }
      expect(store.verify()).toBeUndefined();
      store.close();
    }),
    { numRuns: seeds },
  );
});

/** The state that the operations lead to, whatever the heads say. */
function replay(store: Store): Map<string, number> {
  const vids = new Map<string, number>();
  let seq = 0;
  for (const { transaction } of store.history().toReversed()) {
    for (const operation of store.operations(transaction)) {
      expect(operation.seq).toBe(++seq);
      expect(operation.from).toBe(vids.get(operation.key));
      if (operation.to === undefined) vids.delete(operation.key);
      else vids.set(operation.key, operation.to);
    }
  }
  return new Map([...vids].map(([key, vid]) => [key, store.body(vid)![0]!]));
}

test("equal states reached by different ways have equal digests, different ones do not", {
  timeout: 1_200_000,
}, () => {
  const state = fc.dictionary(fc.constantFrom(...keys), fc.integer({ min: 1, max: 4 }));
  fc.assert(
    fc.property(state, state, fc.array(step, { maxLength: 6 }), (wanted, other, detour) => {
      const direct = open(newFile());
      const roundabout = open(newFile());
      for (const one of detour) applyToStore(roundabout, one);
      // The direct way in one transaction, the other key by key and backwards.
      const changes = keys.map((key) => ({ key, content: wanted[key] ?? 0 }));
      applyToStore(direct, { changes, end: "commit" });
      for (const one of changes.toReversed()) applyToStore(roundabout, { changes: [one], end: "commit" });
      expect(roundabout.digest()).toBe(direct.digest());

      const differs = keys.some((key) => wanted[key] !== other[key]);
      applyToStore(direct, {
        changes: keys.map((key) => ({ key, content: other[key] ?? 0 })),
        end: "commit",
      });
      expect(roundabout.digest() !== direct.digest()).toBe(differs);
      direct.close();
      roundabout.close();
    }),
    { numRuns: seeds },
  );
});
