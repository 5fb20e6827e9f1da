/** Taking back a whole transaction by what it did to the digest. */
import { expect, test } from "vitest";
import type { Store } from "../contract/store.ts";
import {
  alter,
  entry,
  file,
  fork,
  move,
  open,
  relation,
  remove,
  transact,
  version,
  write,
} from "../knowledge.fixture.ts";

/** Moves each head that the transaction moved back to where it was, in the order in which it moved them. */
function reverse(store: Store, number: number, more: { without?: string } = {}): void {
  const back = store.operations(number).filter(({ key }) => key !== more.without);
  move(store, Object.fromEntries(back.map(({ key, from }) => [key, from ?? 0])));
}

const digests = (store: Store): string[] => [
  store.digest(),
  ...(["entry", "relation"] as const).map((kind) => store.digestOf(kind)),
];

/** Writes over what is there, and takes that back and brings it back again. */
function thereAndBack(store: Store): void {
  const number = (): number => store.history({ limit: 1 })[0]!.transaction;
  write(store, entry("a", 1), entry("b", 1), entry("c", 1));
  const before = digests(store);
  const edge = { source: "a", type: "calls", target: "b" };
  transact(store, (tx) => {
    tx.put(entry("a", 2));
    tx.put(entry("d", 1));
    tx.remove("entry", "b");
    tx.put(relation("a calls b", edge));
  });
  const after = digests(store);
  reverse(store, number());
  expect(digests(store)).toEqual(before);
  reverse(store, number());
  expect(digests(store)).toEqual(after);
  reverse(store, number(), { without: "c" });
  expect(digests(store)).toEqual(before);
}

test("brings the digests back, and again, on main and on an exploration", () => {
  const store = open();
  thereAndBack(store);
  thereAndBack(fork(store, "trial"));
  expect(store.verify()).toBeUndefined();
});

test("reads no leaf, and a part of a transaction does", () => {
  const store = open();
  write(store, entry("a", 1), entry("b", 1));
  write(store, entry("a", 2), entry("b", 2));
  // A leaf that is gone shows who looks for it.
  const hide = "UPDATE version SET vid = -vid WHERE vid = 1";
  alter(file, hide);
  reverse(store, 2);
  alter(file, "UPDATE version SET vid = -vid WHERE vid < 0");
  expect(store.verify()).toBeUndefined();
  reverse(store, 3);
  alter(file, hide);
  expect(() => reverse(store, 4, { without: "b" })).toThrow();
  alter(file, "UPDATE version SET vid = -vid WHERE vid < 0");
  expect(store.verify()).toBeUndefined();
});

test("one that is not there, as an older Momo left it, is done without", () => {
  const store = open();
  write(store, entry("a", 1), entry("b", 1), version("f", 1));
  const before = store.digest();
  remove(store, "a", "b");
  alter(file, "UPDATE journal SET delta = NULL");
  reverse(store, 2);
  expect([store.digest(), store.verify()]).toEqual([before, undefined]);
});

/** Puts another delta of a transaction into the file; returns what was there. */
function setDelta(number: number, change: (delta: Uint8Array) => Uint8Array): Uint8Array {
  let was = new Uint8Array();
  alter(file, (database) => {
    const row = database.prepare("SELECT delta FROM journal WHERE tx = ?").get(number) as {
      delta: Uint8Array;
    };
    was = Uint8Array.from(row.delta);
    database.prepare("UPDATE journal SET delta = ? WHERE tx = ?").run(change(row.delta), number);
  });
  return was;
}

test("a wrong one is found by verify, and a damaged one stops the undo", () => {
  const store = open();
  write(store, entry("a", 1));
  write(store, entry("a", 2));
  const first = setDelta(1, (delta) => delta);
  const right = setDelta(2, () => first);
  expect(store.verify()).toBe("the delta of transaction 2 does not fit its operations");
  const damages = [
    Uint8Array.from(right, (byte, i) => (i === 40 ? byte ^ 1 : byte)),
    right.subarray(0, 40),
    right.subarray(1),
    new Uint8Array(0),
  ];
  for (const damage of damages) {
    setDelta(2, () => damage);
    expect(() => reverse(store, 2)).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
    expect(store.seq()).toBe(2);
  }
  setDelta(2, () => right);
  reverse(store, 2);
  expect(store.verify()).toBeUndefined();
});
