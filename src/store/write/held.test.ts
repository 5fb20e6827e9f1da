/** What a transaction put and has not stored yet: whoever reads by its reader sees it, and it comes to the same. */
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kindNumber } from "../contract/kinds.ts";
import type { StoreReader } from "../contract/reader.ts";
import type { Store } from "../contract/store.ts";
import type { WriteTransaction } from "../contract/write.ts";
import {
  alter,
  entry,
  file,
  folder,
  fork,
  open,
  relation,
  transact,
  version,
  write,
} from "../knowledge.fixture.ts";

const calls = { source: "a", type: "calls", target: "b" };
const documents = { source: "doc", type: "documents", target: "a" };

/** A key of each sort that was there, and one of each that is new. */
function before(store: Store): void {
  write(store, entry("a", 1, "one"), entry("b", 1), entry("gone", 1), version("f", 1));
  write(store, relation("doc documents a", documents));
}
function change(tx: WriteTransaction): void {
  tx.put(entry("a", 2, "two"));
  tx.put(entry("new", 2, "text of new"));
  tx.put(version("f", 2));
  tx.put(version("new", 2));
  tx.remove("entry", "gone");
  tx.remove("relation", "doc documents a");
  tx.put(relation("a calls b", calls));
}

const vidOf = (reader: StoreReader, key: string): number => reader.head(key, "entry")?.vid ?? 0;
const kidsOf = (reader: StoreReader, ...keys: string[]): Float64Array =>
  Float64Array.from(keys, (key) => reader.journal.kidOf(key, "entry")?.kid ?? 0);
/** Numbers of the versions that change() makes: five stand before them. */
const made = { a: 6, new: 7, edge: 10 };

/** Bytes as bytes, whether they lie in a Buffer or not. */
const plain = (value: unknown): unknown => structuredClone(value);

/** By every call that looks at what a put or a removal changes. */
const reads: Record<string, (reader: StoreReader) => unknown> = {
  head: (reader) => ["a", "new", "gone", "f", "nothing"].map((key) => reader.head(key)),
  "head of a kind": (reader) => [vidOf(reader, "new"), reader.head("new", "file"), reader.head("a", "file")],
  heads: (reader) => reader.heads("entry"),
  liveVersions: (reader) => reader.liveVersions("entry"),
  versions: (reader) => [...reader.versions("entry", 2)],
  keyOf: (reader) => [reader.keyOf(made.a), reader.keyOf(made.new)],
  "edges from": (reader) => [reader.edges("a", "source"), reader.edges("doc", "source")],
  "edges to": (reader) => reader.edges("b", "target"),
  body: (reader) => reader.body(made.new),
  text: (reader) => reader.text(made.new),
  content: (reader) => reader.content(made.a),
  "another reader": (reader) => reader.on(reader.branch).head("new"),
  nameOf: (reader) => [6, 7].map((kid) => reader.journal.nameOf(kid)),
  kidOf: (reader) => [reader.journal.kidOf("new"), reader.journal.kidOf("gone")],
  kidsAbout: (reader) => reader.journal.kidsAbout("a"),
  kidsBelow: (reader) => reader.journal.kidsBelow("ne"),
  leaf: (reader) => reader.journal.leaf(made.new),
  gone: (reader) => reader.journal.gone(Float64Array.of(made.a, made.new, 99)),
  pointers: (reader) => reader.journal.pointers(Float64Array.of(1, 2, 3, 6)),
  overlay: (reader) => reader.journal.overlay(),
  relationsAt: (reader) => reader.journal.relationsAt(kidsOf(reader, "a", "b")),
  entryEnds: (reader) => reader.journal.entryEnds(Float64Array.of(made.edge)),
  endsOf: (reader) => reader.journal.endsOf(made.edge),
};

describe.each(["main", "an exploration"])("what was put on %s", (where) => {
  const place = (store: Store): Store => (where === "main" ? store : fork(store, "trial"));
  test.each(Object.entries(reads))("is seen by %s before it is committed", (_name, read) => {
    const main = open();
    before(main);
    const store = place(main);
    const tx = store.begin({ agent: "tester" });
    change(tx);
    const seen = plain(read(tx.reader));
    // Nobody else sees it yet.
    expect(store.head("a", "entry")?.vid).toBe(1);
    tx.commit();
    expect(seen).toEqual(plain(read(store)));
    expect(main.verify()).toBeUndefined();
  });
});

test("a head is the one of each put in turn", () => {
  const store = open();
  write(store, entry("a", 1));
  const tx = store.begin({ agent: "tester" });
  const first = tx.put(entry("a", 2)).vid;
  expect(tx.reader.head("a")?.vid).toBe(first);
  expect(tx.remove("entry", "a")).toBe(true);
  expect([tx.reader.head("a"), tx.remove("entry", "a")]).toEqual([undefined, false]);
  const second = tx.put(entry("a", 2)).vid;
  expect(tx.reader.head("a")?.vid).toBe(second);
  expect(tx.put(entry("a", 2))).toEqual({ vid: second, changed: false });
  expect(tx.commit().operations).toBe(3);
  expect(store.operations(2).map(({ from, to }) => [from, to])).toEqual([
    [1, first],
    [first, undefined],
    [undefined, second],
  ]);
  expect(store.verify()).toBeUndefined();
});

test("a file of the name of an entry goes before it, whichever of them waits", () => {
  const store = open();
  write(store, entry("x", 1), version("y", 1));
  const tx = store.begin({ agent: "tester" });
  expect([tx.reader.head("x")?.kind, tx.reader.head("y")?.kind]).toEqual(["entry", "file"]);
  tx.put(version("x", 2));
  tx.put(entry("y", 2));
  expect([tx.reader.head("x")?.kind, tx.reader.head("y")?.kind]).toEqual(["file", "file"]);
  tx.remove("file", "y");
  expect(tx.reader.head("y")?.kind).toBe("entry");
  tx.commit();
  expect(store.verify()).toBeUndefined();
});

test("what a read remembered is forgotten when a move changes it", () => {
  const store = open();
  const [one] = write(store, entry("a", 1));
  const [two] = write(store, entry("a", 2));
  const tx = store.begin({ agent: "tester", kind: "undo" });
  expect(tx.reader.head("a")?.vid).toBe(two);
  const kid = Float64Array.of(1);
  const { vid: from, seq: previous } = tx.reader.journal.pointers(kid);
  tx.move({ kid, kind: Uint8Array.of(kindNumber("entry")), from, to: Float64Array.of(one!), previous });
  expect(tx.reader.head("a")?.vid).toBe(one);
  tx.commit();
});

test("nothing of it is left when the transaction is aborted or a put of it cannot be stored", () => {
  const store = open();
  const tx = store.begin({ agent: "tester" });
  tx.put(entry("a", 1));
  tx.abort();
  expect([store.head("a"), store.seq()]).toEqual([undefined, 0]);
  // A number that is taken: the first row of the next transaction cannot be stored.
  alter(file, "INSERT INTO version VALUES (1, 1, zeroblob(32), NULL, NULL)");
  const broken = store.begin({ agent: "tester" });
  broken.put(entry("a", 1));
  expect(() => broken.reader.heads("entry")).toThrow(/UNIQUE/);
  expect(() => broken.commit()).toThrow("over");
  alter(file, "DELETE FROM version");
  write(store, entry("a", 1));
  expect(store.verify()).toBeUndefined();
});

const KEYS = 4;
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("put" as const), key: fc.nat(KEYS), content: fc.nat(2) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("file" as const), key: fc.nat(KEYS), content: fc.nat(2) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("remove" as const), key: fc.nat(KEYS), content: fc.nat(1) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("read" as const), key: fc.nat(KEYS), content: fc.nat(1) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What each step answered. */
function take(tx: WriteTransaction, { do: work, key, content }: Step): unknown {
  const name = `k${key}`;
  if (work === "put") return tx.put(entry(name, content, `text ${content}`));
  if (work === "file") return tx.put(version(name, content));
  if (work === "remove") return tx.remove(content === 0 ? "entry" : "file", name);
  return [tx.reader.head(name), content === 0 ? tx.reader.liveVersions("entry") : undefined];
}

test("transactions come to the same whether their puts are held or stored one by one", {
  timeout: 600_000,
}, () => {
  let files = 0;
  fc.assert(
    fc.property(
      fc.array(fc.array(step, { maxLength: 30 }), { maxLength: 4 }),
      fc.boolean(),
      (rounds, isBranch) => {
        const [held, stored] = [1, 2].map(() => {
          const main = open("write", {}, join(folder, `${files++}`, "momo.db"));
          return { main, store: isBranch ? fork(main, "trial") : main };
        }) as [{ main: Store; store: Store }, { main: Store; store: Store }];
        for (const round of rounds) {
          const [tx, other] = [held.store.begin({ agent: "t" }), stored.store.begin({ agent: "t" })];
          for (const one of round) {
            const answer = plain(take(tx, one));
            // Any read but that of a head has everything stored.
            other.reader.meta("nothing");
            expect(answer).toEqual(plain(take(other, one)));
          }
          expect(tx.commit()).toEqual(other.commit());
        }
        expect(held.store.digest()).toBe(stored.store.digest());
        for (const kind of ["entry", "file"] as const)
          expect(held.store.heads(kind)).toEqual(stored.store.heads(kind));
        const last = held.store.history({ limit: 1 })[0]?.transaction ?? 0;
        for (let number = 1; number <= last; number++)
          expect(held.store.operations(number)).toEqual(stored.store.operations(number));
        expect([held.main.verify(), stored.main.verify()]).toEqual([undefined, undefined]);
        for (const { main } of [held, stored]) main.close();
      },
    ),
    { numRuns: process.env.MOMO_TEST_LONG ? 1000 : 60 },
  );
});

test("more than are held at a time are all stored, in the order they were put", () => {
  const store = open();
  const keys = Array.from({ length: 1003 }, (_, i) => `k${i}`);
  const vids = write(store, ...keys.map((key, i) => entry(key, i % 256)));
  expect(store.liveVersions("entry")).toEqual(Float64Array.from(vids));
  transact(store, (tx) => {
    for (const key of keys.toReversed()) tx.remove("entry", key);
  });
  expect([store.liveVersions("entry").length, store.verify()]).toEqual([0, undefined]);
});
