/** The outbox in pages: nothing is lost or told twice, whatever happens between two, and a page costs what is on it. */
import { expect, test } from "vitest";
import type { KeyState } from "../contract/feed.ts";
import type { Store } from "../contract/store.ts";
import { askedBy, runsBy } from "../counting.fixture.ts";
import { entry, open, remove, transact, write } from "../knowledge.fixture.ts";

const LIMIT = 10;

/** What an engine holds that reads page by page; `between` is done before each page but the first. */
function readAll(store: Store, between: (page: number) => void = () => undefined): Map<string, number> {
  const held = new Map<string, number>();
  let after = 0;
  for (let page = 0; ; page++) {
    if (page > 0) between(page);
    const states: KeyState[] = store.changes(after, LIMIT);
    if (states.length === 0) return held;
    expect(states.length).toBeLessThanOrEqual(LIMIT);
    for (const { key, seq, vid } of states) {
      expect(seq).toBeGreaterThan(after);
      after = seq;
      held.set(key, vid);
    }
  }
}

const truth = (store: Store): Map<string, number> =>
  new Map(store.heads("entry").map(({ key, vid }) => [key, vid]));
const live = (held: Map<string, number>): Map<string, number> =>
  new Map([...held].filter(([, vid]) => vid > 0).toSorted(([a], [b]) => (a < b ? -1 : 1)));
const sorted = (map: Map<string, number>) => new Map([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));

const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => entry(`k${String(from + i).padStart(3, "0")}`, 1));

const compact = (store: Store, horizon: number) =>
  transact(store, (tx) => tx.compact(horizon), { kind: "compact" });

test.each([false, true])("pages come to all of it, compacted: %s", (isCompacted) => {
  const store = open();
  write(store, ...many(57));
  write(store, entry("k003", 2), entry("k050", 2), ...many(5, 90));
  remove(store, "k011");
  if (isCompacted) compact(store, 60);
  expect(live(readAll(store))).toEqual(sorted(truth(store)));
});

test.each([false, true])(
  "also while others write and take away between two pages, compacted: %s",
  (isCompacted) => {
    const store = open();
    write(store, ...many(57));
    write(store, entry("last", 1));
    if (isCompacted) compact(store, 57);
    const held = readAll(store, (page) => {
      if (page > 8) return;
      write(store, entry("k002", page + 1), entry(`k0${40 + page}`, page + 1));
      remove(store, `k0${20 + page}`);
      const tx = store.begin({ agent: "tester" });
      tx.put(entry("k055", 9));
      tx.reader.changes(0, 3);
      tx.abort();
    });
    expect(live(held)).toEqual(sorted(truth(store)));
  },
);

test("also where the rest of a transaction is dropped by compaction between two pages", () => {
  const store = open();
  write(store, ...many(57));
  write(store, entry("k002", 2));
  const held = readAll(store, (page) => {
    if (page === 2) compact(store, 57);
    if (page === 4) write(store, entry("k056", 3));
  });
  expect(live(held)).toEqual(sorted(truth(store)));
});

test("a large transaction is read and unpacked once, not once a page", () => {
  const store = open();
  write(store, ...many(200));
  const { runs, rows } = askedBy(() => readAll(store));
  const journal = [...runs].filter(([text]) => text.includes("journal.ops"));
  // Once to begin, and once to see that nothing follows.
  expect(journal.reduce((sum, [, count]) => sum + count, 0)).toBeLessThanOrEqual(3);
  expect(rows).toBeLessThan(300);
});

test("all that was dropped is put in order once, not once a page", () => {
  const store = open();
  write(store, ...many(200));
  write(store, entry("last", 1));
  compact(store, 200);
  expect(runsBy(() => readAll(store), /FROM head h? ?.*ORDER BY/s)).toBeLessThanOrEqual(2);
});
