/** How long explorations live, what they are called, and what is left when they go. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import type { ExploreRequest } from "../model/rollback.ts";
import type { Store } from "../store/contract/store.ts";
import { openStore } from "../store/open.ts";
import { discard, list, open, start, sweep } from "./exploration.ts";

const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "momo-exploration-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

/** Seconds after the beginning of 2026. */
const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);

function newStore(): Store {
  const store = openStore(join(folder, `${files++}`, "momo.db"), { mode: "write", durability: "process" });
  onTestFinished(() => store.close());
  put(store, "base", 1);
  return store;
}

function put(store: Store, key: string, content: number): void {
  const tx = store.begin({ agent: "ann" });
  tx.put({ key, kind: "entry", body: Buffer.from(`${content}`) });
  tx.commit();
}

const begin = (store: Store, request: Partial<ExploreRequest>, seconds = 0) =>
  start(store, { agent: "bob", ...request }, at(seconds));
const namesOf = (store: Store): string[] => store.branches().map(({ name }) => name);
const coded = (code: string): unknown => expect.objectContaining({ code });

test("what has expired goes when the next one starts, and what was written in it with it", () => {
  const store = newStore();
  begin(store, { name: "short", ttl_seconds: 10 });
  begin(store, { name: "long", ttl_seconds: 100 });
  begin(store, { name: "kept", ttl_seconds: 10, pinned: true });
  const short = open(store, "short", at(9));
  put(short, "own", 1);
  const before = store.digest();
  begin(store, { name: "next" }, 9.999);
  expect(namesOf(store)).toEqual(["short", "long", "kept", "next"]);
  begin(store, { name: "last" }, 10);
  expect(namesOf(store)).toEqual(["long", "kept", "next", "last"]);
  for (const read of [() => short.seq(), () => short.head("base"), () => short.heads("entry")])
    expect(read, String(read)).toThrow(coded("EXPLORATION_UNKNOWN"));
  expect(store.digest()).toBe(before);
  const [discarded] = store.history().filter(({ kind }) => kind === "discard");
  expect(discarded).toMatchObject({
    agent: "momo",
    intent: "expired",
    detail: { name: "short", operations: 1, transactions: 1 },
  });
  expect(store.verify()).toBeUndefined();
});

test("an expired one cannot be opened before it goes, and says so in the list; a pinned one can", () => {
  const store = newStore();
  begin(store, { name: "short", ttl_seconds: 10 });
  begin(store, { name: "kept", ttl_seconds: 10, pinned: true });
  put(open(store, "short", at(9)), "own", 1);
  expect(list(store, at(9)).map(({ expired }) => expired)).toEqual([false, false]);
  expect(list(store, at(10)).map(({ expired, pinned }) => [expired, pinned])).toEqual([
    [true, false],
    [false, true],
  ]);
  expect(() => open(store, "short", at(10))).toThrow(coded("EXPLORATION_EXPIRED"));
  expect(open(store, "kept", at(10)).head("base")).toBeDefined();
  expect(() => open(store, "never", at(0))).toThrow(coded("EXPLORATION_UNKNOWN"));
  expect(() => begin(store, { name: "over", parent: "short" }, 10)).toThrow(coded("EXPLORATION_UNKNOWN"));
});

test("one that something lies over stays until that is gone", () => {
  const store = newStore();
  begin(store, { name: "below", ttl_seconds: 10 });
  begin(store, { name: "over", parent: "below", ttl_seconds: 20 });
  begin(store, { name: "top", parent: "over", ttl_seconds: 10 });
  expect(sweep(store, at(9))).toEqual([]);
  expect(sweep(store, at(10))).toEqual(["top"]);
  expect(namesOf(store)).toEqual(["below", "over"]);
  expect(() => discard(store, "below", { agent: "bob" })).toThrow(coded("EXPLORATION_HAS_CHILDREN"));
  // Both in one go, the upper one first.
  expect(sweep(store, at(20))).toEqual(["over", "below"]);
  expect([namesOf(store), sweep(store, at(99))]).toEqual([[], []]);
  expect(store.verify()).toBeUndefined();
});

test("says what it is, and what it has used", () => {
  const store = newStore();
  put(store, "base", 2);
  const made = begin(store, { name: "try", intent: "see", ttl_seconds: 60, max_operations: 3, max_bytes: 9 });
  const expected = {
    name: "try",
    agent: "bob",
    intent: "see",
    created_at: "2026-01-01T00:00:00.000Z",
    expires_at: "2026-01-01T00:01:00.000Z",
    expired: false,
    pinned: false,
    operations: 0,
    max_operations: 3,
    bytes: 0,
    max_bytes: 9,
    base_seq: 2,
  };
  expect(made).toEqual(expected);
  const view = open(store, "try", at(1));
  put(view, "a", 12);
  put(view, "b", 345);
  expect(list(store, at(1))).toEqual([{ ...expected, operations: 2, bytes: 5 }]);
  expect(() => put(view, "c", 67890)).toThrow(coded("EXPLORATION_BUDGET"));
  put(view, "c", 1);
  expect(() => put(view, "d", 1)).toThrow(coded("EXPLORATION_BUDGET"));
  expect(begin(store, { parent: "try" }, 1)).toMatchObject({ parent: "try", name: "exploration-1" });
});

test("without terms it lasts an hour, and has the next free name", () => {
  const store = newStore();
  expect(begin(store, {})).toMatchObject({
    name: "exploration-1",
    expires_at: "2026-01-01T01:00:00.000Z",
    max_operations: 100_000,
    max_bytes: 256 * 1024 * 1024,
  });
  begin(store, { name: "exploration-2" });
  expect(begin(store, {}).name).toBe("exploration-3");
  expect(() => begin(store, { name: "exploration-3" })).toThrow(coded("EXPLORATION_EXISTS"));
  discard(store, "exploration-1", { agent: "bob" });
  expect(begin(store, {}).name).toBe("exploration-1");
});

test.each<Partial<ExploreRequest>>([
  { ttl_seconds: 0 },
  { ttl_seconds: 1.5 },
  { ttl_seconds: 30 * 86_400 + 1 },
  { max_operations: 0 },
  { max_operations: Number.MAX_SAFE_INTEGER + 1 },
  { max_bytes: 0 },
  { max_bytes: Number.NaN },
  { name: "" },
  { name: "a b" },
  { name: "x".repeat(61) },
])("%j is refused, and nothing begins", (request) => {
  const store = newStore();
  expect(() => begin(store, request)).toThrow(coded("VALUE_INVALID"));
  expect([namesOf(store), store.history().length]).toEqual([[], 1]);
});

test("the least and the most that may be asked for", () => {
  const store = newStore();
  const least = begin(store, { name: "x".repeat(60), ttl_seconds: 1, max_operations: 1, max_bytes: 1 });
  expect(least.expires_at).toBe("2026-01-01T00:00:01.000Z");
  const most = { ttl_seconds: 30 * 86_400, max_operations: Number.MAX_SAFE_INTEGER };
  expect(begin(store, { name: "a.b-c_1", ...most }).expires_at).toBe("2026-01-31T00:00:00.000Z");
});

test("at most eight lie over each other", () => {
  const store = newStore();
  let parent: string | undefined;
  for (let depth = 1; depth <= 8; depth++) {
    parent = begin(store, { name: `level-${depth}`, ...(parent && { parent }) }).name;
  }
  expect(() => begin(store, { name: "level-9", parent: "level-8" })).toThrow(coded("VALUE_INVALID"));
  expect(begin(store, { name: "beside", parent: "level-7" }).parent).toBe("level-7");
});
