/** What is read and moved as ranges is what reading and moving one by one gives, over random sets of neighbours. */
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { kindNumber } from "../contract/kinds.ts";
import type { NewVersion } from "../contract/knowledge.ts";
import type { Store } from "../contract/store.ts";
import { folder, fork, open, transact } from "../knowledge.fixture.ts";
import { placesOf, spanOf } from "./dense.ts";

const seeds = process.env.MOMO_TEST_LONG ? 1000 : 40;
const KEYS = 60;

const contentOf = (key: number, round: number): NewVersion =>
  key % 3 === 0
    ? { key: `s${key}`, kind: "setting", body: Uint8Array.of(key, round) }
    : { key: `e${key}`, kind: "entry", body: Uint8Array.of(key, round) };

/** Version of each key now, 0 for none, by its number. */
type Heads = Map<number, number>;

const one = (store: Store, key: number) => {
  const { key: name, kind } = contentOf(key, 0);
  const { kid } = store.journal.kidOf(name)!;
  const { seq } = store.journal.chain(kid, kindNumber(kind)).next().value!;
  return { kid, kind: kindNumber(kind), vid: store.head(name)?.vid ?? 0, seq };
};

function expectSame(store: Store, heads: Heads): void {
  const chosen = [...heads.keys()];
  const ones = chosen.map((key) => one(store, key));
  const kids = Float64Array.from(ones, ({ kid }) => kid);
  const { kind, vid, seq } = store.journal.pointers(kids);
  expect([...kind]).toEqual(ones.map((each) => each.kind));
  expect([...vid]).toEqual([...heads.values()]);
  expect([...vid]).toEqual(ones.map((each) => each.vid));
  expect([...seq]).toEqual(ones.map((each) => each.seq));
}

function moveTo(store: Store, to: Heads): void {
  const kid = Float64Array.from(to.keys(), (key) => one(store, key).kid);
  transact(
    store,
    (tx) => {
      const { kind, vid: from, seq: previous } = store.journal.pointers(kid);
      tx.move({ kid, kind, from, to: Float64Array.from(to.values()), previous });
    },
    { kind: "undo" },
  );
}

/** A part of the keys: a piece of neighbours, all but some of them, or in another order. */
const part = fc.record({
  first: fc.nat(KEYS - 1),
  count: fc.integer({ min: 1, max: KEYS }),
  without: fc.array(fc.nat(KEYS - 1), { maxLength: 4 }),
  isTurned: fc.boolean(),
  /** 0: to none; 1 and 2: to what the first and second write made; `other` is where some go. */
  to: fc.nat(2),
  other: fc.nat(2),
  others: fc.array(fc.nat(KEYS - 1), { maxLength: 4 }),
});

test("keys are read and moved the same, whether they lie close together or not", { timeout: 600_000 }, () => {
  let files = 0;
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const store = open("write", {}, join(folder, `${files++}`, "momo.db"));
      const keys = Array.from({ length: KEYS }, (_, key) => key);
      const versions = [1, 2].map((round) => {
        const made: number[] = [];
        transact(store, (tx) => {
          for (const key of keys) made.push(tx.put(contentOf(key, round)).vid);
        });
        return made;
      });
      const heads: Heads = new Map(keys.map((key) => [key, versions[1]![key]!]));
      for (const { first, count, without, isTurned, ...where } of parts) {
        const chosen = keys.slice(first, first + count).filter((key) => !without.includes(key));
        if (isTurned) chosen.reverse();
        const toOf = (key: number): number => (where.others.includes(key) ? where.other : where.to);
        const target = new Map(chosen.map((key) => [key, versions[toOf(key) - 1]?.[key] ?? 0]));
        moveTo(store, target);
        for (const [key, vid] of target) heads.set(key, vid);
        expectSame(store, heads);
        expectSame(store, target);
      }
      expect(store.verify()).toBeUndefined();
      store.close();
    }),
    { numRuns: seeds },
  );
});

test("a key that only an exploration ever wrote is read among others that main has", () => {
  const store = open();
  const view = fork(store, "trial");
  transact(view, (tx) => tx.put(contentOf(1, 1)));
  transact(store, (tx) => {
    for (let key = 2; key < 40; key++) tx.put(contentOf(key, 1));
  });
  const kids = Float64Array.from({ length: 39 }, (_, i) => i + 1);
  const { kind, vid, seq } = store.journal.pointers(kids);
  expect([kind[0], vid[0], seq[0]]).toEqual([kindNumber("entry"), 0, 0]);
  expect([...vid.subarray(1)]).toEqual(Array.from({ length: 38 }, (_, i) => i + 2));
});

test("a span is where at least every second number is one of them, without zeros", () => {
  const list = (count: number, step: number) => Float64Array.from({ length: count }, (_, i) => 5 + i * step);
  expect(spanOf(list(16, 1))).toEqual({ low: 5, high: 20 });
  expect(spanOf(list(15, 1))).toBeUndefined();
  expect(spanOf(list(16, 2))).toEqual({ low: 5, high: 35 });
  expect(spanOf(list(16, 3))).toBeUndefined();
  expect(spanOf(Float64Array.from([...list(16, 1), 0, 0]))).toEqual({ low: 5, high: 20 });
  expect(spanOf(new Float64Array(20))).toBeUndefined();
  expect([...placesOf(Float64Array.of(7, 5), { low: 5, high: 7 })]).toEqual([1, -1, 0]);
});
