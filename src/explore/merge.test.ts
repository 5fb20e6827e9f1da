/**
 * I15 where both sides go on: what a merge makes of each id is what three plain values say, or it changes nothing. What
 * it leaves of words and scores, and merging what was not touched elsewhere, is in test/explorations.test.ts.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { MergeOptions } from "../model/rollback.ts";
import type { Store } from "../store/contract/store.ts";
import { openStore } from "../store/open.ts";
import { changedHeads } from "./compare.ts";
import { discard, list, open, start } from "./exploration.ts";
import { merge } from "./merge.ts";

/** In memory where there is some: else each of thousands of commits waits for a disk that is not what is tested. */
const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "momo-merge-"));
afterAll(() => rmSync(folder, { recursive: true }));

const seeds = process.env.MOMO_TEST_LONG ? 1000 : 100;
const now = new Date(0);
const keys = ["a", "b", "c", "日本"];
let files = 0;

/** Content of each key as JSON of the fields x and y; "" where there is none. */
type State = Map<string, string>;
interface Change {
  key: string;
  field: "x" | "y" | "remove";
  value: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  key: fc.constantFrom(...keys),
  field: fc.constantFrom("x" as const, "x" as const, "y" as const, "y" as const, "remove" as const),
  value: fc.nat(2),
});
const changes = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { maxLength: 4, size: "max" });
const prefer = fc.constantFrom<MergeOptions["prefer"]>(undefined, undefined, "exploration", "base");

function changed(before: string, { field, value }: Change): string {
  if (field === "remove") return "";
  const fields = { ...(before && JSON.parse(before)), [field]: value };
  return JSON.stringify({ x: fields.x, y: fields.y });
}

/** Writes to the store and to the model. */
function write(store: Store, state: State, transactions: readonly Change[][]): void {
  for (const own of transactions) {
    const tx = store.begin({ agent: "ann" });
    for (const one of own) {
      const content = changed(state.get(one.key) ?? "", one);
      state.set(one.key, content);
      if (content === "") tx.remove("entry", one.key);
      else tx.put({ key: one.key, kind: "entry", body: Buffer.from(content) });
    }
    tx.commit();
  }
}

const stateOf = (store: Store): Record<string, string> =>
  Object.fromEntries(
    store
      .heads("entry")
      .map(({ key, vid }): [string, string] => [key, Buffer.from(store.body(vid)!).toString()])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const sorted = (state: State): Record<string, string> =>
  Object.fromEntries([...state].filter(([, content]) => content !== "").sort(([a], [b]) => (a < b ? -1 : 1)));

/** undefined where neither side gives way. */
function mergedField(base: unknown, ours: unknown, theirs: unknown): { value: unknown } | undefined {
  if (theirs === base || theirs === ours) return { value: ours };
  return ours === base ? { value: theirs } : undefined;
}

function mergedContent([base, ours, theirs]: readonly [string, string, string]): string | undefined {
  const whole = mergedField(base, ours, theirs);
  if (whole) return whole.value as string;
  if (!base || !ours || !theirs) return undefined;
  const [from, own, wanted] = [base, ours, theirs].map((one) => JSON.parse(one));
  const [x, y] = ["x", "y"].map((name) => mergedField(from[name], own[name], wanted[name]));
  return x && y && JSON.stringify({ x: x.value, y: y.value });
}

/** undefined where the merge must refuse. */
function expectedOf(
  sides: readonly [State, State, State],
  wanted: MergeOptions["prefer"],
): State | undefined {
  const merged: State = new Map();
  for (const key of keys) {
    const [base, ours, theirs] = sides.map((side) => side.get(key) ?? "") as [string, string, string];
    const content = mergedContent([base, ours, theirs]);
    if (content === undefined && wanted === undefined) return undefined;
    merged.set(key, content ?? (wanted === "exploration" ? theirs : ours));
  }
  return merged;
}

test("I15: a merge is what base, parent and exploration say of each id, or changes nothing", {
  timeout: 600_000,
}, () => {
  const met = { refused: 0, merged: 0 };
  fc.assert(
    fc.property(changes, fc.tuple(changes, changes), prefer, (before, [here, there], wanted) => {
      const store = openStore(join(folder, `${files++}`, "momo.db"), {
        mode: "write",
        durability: "process",
      });
      const base: State = new Map();
      write(store, base, before);
      start(store, { agent: "bob", name: "trial" }, now);
      const view = open(store, "trial", now);
      const [ours, theirs] = [new Map(base), new Map(base)];
      write(store, ours, here);
      write(view, theirs, there);
      expect([stateOf(store), stateOf(view)]).toEqual([sorted(ours), sorted(theirs)]);
      const expected = expectedOf([base, ours, theirs], wanted);
      const sides = { parent: store, view, name: "trial", prefer: wanted };
      if (expected) {
        const { operations } = merge(sides, { agent: "bob" });
        if (operations > 0) met.merged++;
        expect(stateOf(store)).toEqual(sorted(expected));
        expect(list(store, now)).toEqual([]);
      } else {
        met.refused++;
        const digests = [store.digest(), view.digest(), store.seq()];
        expect(() => merge(sides, { agent: "bob" })).toThrow("trial");
        expect([store.digest(), view.digest(), store.seq()]).toEqual(digests);
        expect(list(store, now)).toHaveLength(1);
        discard(store, "trial", { agent: "bob" });
        expect(stateOf(store)).toEqual(sorted(ours));
      }
      expect(store.verify()).toBeUndefined();
      store.close();
      rmSync(dirname(store.path), { recursive: true });
    }),
    { numRuns: seeds },
  );
  expect(met.refused).toBeGreaterThan(seeds / 50);
  expect(met.merged).toBeGreaterThan(seeds / 8);
});

test("I15: explorations over explorations: each sees what it lies over, and goes home one step at a time", {
  timeout: 600_000,
}, () => {
  fc.assert(
    fc.property(fc.array(changes, { minLength: 2, maxLength: 5 }), fc.array(fc.boolean()), (levels, ends) => {
      const store = openStore(join(folder, `${files++}`, "momo.db"), {
        mode: "write",
        durability: "process",
      });
      const states: State[] = [new Map()];
      write(store, states[0]!, levels[0]!);
      const views = [store];
      levels.slice(1).forEach((own, i) => {
        start(store, { agent: "bob", name: `level-${i + 1}`, ...(i > 0 && { parent: `level-${i}` }) }, now);
        views.push(open(store, `level-${i + 1}`, now));
        states.push(new Map(states[i]!));
        write(views[i + 1]!, states[i + 1]!, own);
      });
      for (let i = views.length - 1; i > 0; i--) {
        expect(views.slice(0, i + 1).map(stateOf)).toEqual(states.slice(0, i + 1).map(sorted));
        const [parent, view, name] = [views[i - 1]!, views[i]!, `level-${i}`];
        const digests = [parent.digest(), view.digest()];
        if (ends[i]) {
          const { operations } = merge({ parent, view, name, prefer: undefined }, { agent: "bob" });
          expect(operations === 0).toBe(digests[0] === digests[1]);
          states[i - 1] = states[i]!;
          expect(parent.digest()).toBe(digests[1]);
        } else {
          discard(store, name, { agent: "bob" });
          expect(parent.digest()).toBe(digests[0]);
        }
      }
      expect(stateOf(store)).toEqual(sorted(states[0]!));
      expect(store.verify()).toBeUndefined();
      store.close();
      rmSync(dirname(store.path), { recursive: true });
    }),
    { numRuns: seeds },
  );
});

test("what it was derived from was taken back beneath it: that is said, and merged only where that is wanted", () => {
  const store = openStore(join(folder, `${files++}`, "momo.db"), { mode: "write", durability: "process" });
  write(store, new Map(), [[{ key: "a", field: "x", value: 1 }]]);
  start(store, { agent: "bob", name: "trial" }, now);
  const view = open(store, "trial", now);
  const tx = view.begin({ agent: "bob" });
  tx.read(view.head("a")!.vid, "declared");
  tx.put({ key: "b", kind: "entry", body: Buffer.from("derived") });
  tx.commit();
  const { kid } = store.journal.kidOf("a")!;
  const kids = Float64Array.of(kid);
  const undo = store.begin({ agent: "ann", kind: "undo" });
  const { kind, vid: from, seq: previous } = store.journal.pointers(kids);
  undo.move({ kid: kids, kind, from, to: Float64Array.of(0), previous });
  undo.describe({ dead: [[1, 1]] });
  undo.commit();
  const sides = { parent: store, view, name: "trial" };
  for (const prefer of [undefined, "base"] as const)
    expect(() => merge({ ...sides, prefer }, { agent: "bob" })).toThrow(
      "derived from 1 ids that were taken back",
    );
  expect(stateOf(store)).toEqual({});
  merge({ ...sides, prefer: "exploration" }, { agent: "bob" });
  expect(stateOf(store)).toEqual({ b: "derived" });
  expect(store.verify()).toBeUndefined();
  store.close();
});

test("what came back to where it was is no change", () => {
  const store = openStore(join(folder, `${files++}`, "momo.db"), { mode: "write", durability: "process" });
  const state: State = new Map();
  write(store, state, [[{ key: "a", field: "x", value: 1 }]]);
  start(store, { agent: "bob", name: "trial" }, now);
  const view = open(store, "trial", now);
  write(view, new Map(state), [[{ key: "a", field: "x", value: 2 }], [{ key: "a", field: "x", value: 1 }]]);
  expect(changedHeads(view)).toEqual([]);
  write(store, state, [[{ key: "a", field: "remove", value: 0 }]]);
  const receipt = merge({ parent: store, view, name: "trial", prefer: undefined }, { agent: "bob" });
  expect(receipt.operations).toBe(0);
  expect(stateOf(store)).toEqual({});
  store.close();
});

test("many ids at once, new, changed and removed, come home to a parent that wrote none or some of them itself", () => {
  const store = openStore(join(folder, `${files++}`, "momo.db"), { mode: "write", durability: "process" });
  const state: State = new Map();
  const all = (part: string, field: Change["field"], value: number): Change[] =>
    Array.from({ length: 20 }, (_, i) => ({ key: `${part}/${String(i).padStart(2, "0")}`, field, value }));
  write(store, state, [[...all("kept", "x", 1), ...all("changed", "x", 1), ...all("removed", "x", 1)]]);
  start(store, { agent: "bob", name: "below" }, now);
  const below = open(store, "below", now);
  start(store, { agent: "bob", name: "over", parent: "below" }, now);
  const over = open(store, "over", now);
  const inOver = new Map(state);
  write(over, inOver, [
    all("new", "x", 2),
    all("changed", "y", 2),
    all("removed", "remove", 0),
    all("kept", "y", 1),
    all("kept", "y", 2),
  ]);
  // What the exploration has not written, it moves for the first time.
  write(below, new Map(state), [all("own", "x", 1)]);
  merge({ parent: below, view: over, name: "over", prefer: undefined }, { agent: "bob" });
  expect(stateOf(below)).toEqual(sorted(new Map([...inOver, ...expectedFields("own", '{"x":1}')])));
  expect([stateOf(store), store.verify()]).toEqual([sorted(state), undefined]);
  write(store, new Map(state), [all("main", "x", 1)]);
  merge({ parent: store, view: below, name: "below", prefer: undefined }, { agent: "bob" });
  const own = [...expectedFields("own", '{"x":1}'), ...expectedFields("main", '{"x":1}')];
  expect(stateOf(store)).toEqual(sorted(new Map([...inOver, ...own])));
  expect(store.verify()).toBeUndefined();
  store.close();
});

const expectedFields = (part: string, content: string): [string, string][] =>
  Array.from({ length: 20 }, (_, i) => [`${part}/${String(i).padStart(2, "0")}`, content]);
