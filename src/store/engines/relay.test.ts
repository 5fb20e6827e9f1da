/**
 * Engines converge to the heads whatever happens to what is written, to them and on the way; what they answer never
 * holds what does not count; and how far one has come is never said before it has it.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DocumentRow, EdgeRow } from "../contract/rows.ts";
import type { Store } from "../contract/store.ts";
import { entry, fork, move, open, openNew, relation, remove, transact, write } from "../knowledge.fixture.ts";
import {
  Clock,
  dice,
  documentsEngine,
  edgesEngine,
  expectHonest,
  faultyRows,
  headsOf,
  heldBy,
  relayOf,
} from "./engines.fixture.ts";
import { abandonLost } from "./health.ts";
import { keyUuid } from "./key-id.ts";
import { MemoryRows } from "./memory-engine.fixture.ts";

const runs = process.env.MOMO_TEST_LONG ? 1000 : 40;
const day = 86_400_000;

const keys = ["a", "b", "c", "d", "e", "f"];
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      write: fc.array(fc.tuple(fc.constantFrom(...keys), fc.nat(6)), { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ relate: fc.tuple(fc.constantFrom(...keys), fc.constantFrom(...keys)) }),
  },
  { weight: 3, arbitrary: fc.record({ back: fc.subarray(keys, { minLength: 1 }), deep: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.constant("run" as const) },
  { weight: 1, arbitrary: fc.constant("run in a transaction that is aborted" as const) },
  { weight: 1, arbitrary: fc.constant("compact" as const) },
  { weight: 1, arbitrary: fc.constant("write elsewhere" as const) },
  { weight: 1, arbitrary: fc.constant("later" as const) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Puts keys back by some operations, as an undo, a redo (of one that went back before) and a rewind do. */
function moveBack(store: Store, names: readonly string[], deep: number): void {
  const { journal } = store;
  const to: Record<string, number> = {};
  for (const name of names) {
    const known = journal.kidOf(name, "entry");
    if (!known) continue;
    const { kind, vid } = journal.pointers(Float64Array.of(known.kid));
    const links = [...journal.chain(known.kid, kind[0]!)];
    const { from } = links[Math.min(deep, links.length - 1)] ?? { from: 0 };
    if (from !== vid[0]) to[name] = from;
  }
  if (Object.keys(to).length > 0) move(store, to);
}

async function carryOut(
  one: Step,
  { store, relay }: { store: Store; relay: ReturnType<typeof relayOf> },
): Promise<void> {
  if (one === "run") await relay.run();
  else if (one === "later") relay.clock.time += 600_000;
  else if (one === "write elsewhere")
    write(fork(store, `b${store.branches().length}`), entry("a", 99), entry("x", 1));
  else if (one === "compact")
    transact(store, (tx) => tx.compact(store.seq()), { agent: "momo", kind: "compact" });
  else if (one === "run in a transaction that is aborted") {
    const tx = store.begin({ agent: "aborted" });
    tx.put(entry("a", 77));
    tx.put(entry("phantom", 1));
    await relay.run();
    tx.abort();
  } else if ("relate" in one) {
    const [source, target] = one.relate;
    write(store, relation(`${source}-${target}`, { source, type: "calls", target }, store.seq() % 5));
  } else if ("back" in one) moveBack(store, one.back, one.deep);
  else
    transact(store, (tx) => {
      for (const [key, content] of one.write)
        if (content === 0) tx.remove("entry", key);
        else tx.put(entry(key, content, `text ${content}`));
    });
}

test("I14: engines that die, lose, repeat, delay and reorder end in the state of the heads", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), dice, async (steps, luck) => {
      const store = openNew();
      const faults = { dies: 15, drops: 10, repeats: 10, lags: 20 };
      const documents = faultyRows<DocumentRow>(faults, luck);
      const edges = faultyRows<EdgeRow>(faults, luck);
      const engines = [documentsEngine(documents.faulty), edgesEngine(edges.faulty)];
      const relay = relayOf(store, engines);
      for (const one of steps) await carryOut(one, { store, relay });
      await documents.faulty.calm();
      await edges.faulty.calm();
      relay.clock.time += day;
      for (const { name } of engines) relay.resync(name);
      const records = await relay.run();
      expect(heldBy(documents.memory)).toEqual(headsOf(store, ["file", "entry"]));
      expect(heldBy(edges.memory)).toEqual(headsOf(store, ["relation"]));
      expect(records.map(({ seq, state, attempts }) => [seq, state, attempts])).toEqual(
        engines.map(() => [store.seq(), "following", 0]),
      );
      for (const { key, vid, body, text } of documents.memory.rows.values())
        expect([key, body, text]).toEqual([key, store.body(vid), store.text(vid)]);
      for (const { vid, source, type, target } of edges.memory.rows.values())
        expect(store.journal.endsOf(vid)).toEqual({ source, type, target });
      store.close();
    }),
    { numRuns: runs },
  );
});

test("an engine that dies at any call has everything up to where it is said to be, and needs no comparison", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), dice, async (steps, luck) => {
      const store = openNew();
      const { memory, faulty } = faultyRows<DocumentRow>({ dies: 40, repeats: 20 }, luck);
      const engine = documentsEngine(faulty);
      const relay = relayOf(store, [engine]);
      for (const one of steps) {
        await carryOut(one, { store, relay });
        expectHonest(store, engine, memory);
      }
      await faulty.calm();
      relay.clock.time += day;
      await relay.run();
      expect(heldBy(memory)).toEqual(headsOf(store, ["file", "entry"]));
      expect(memory.asked.digests).toBe(0);
      store.close();
    }),
    { numRuns: runs },
  );
});

test("what is repeated and comes late changes nothing", async () => {
  const store = open();
  const rows = new MemoryRows<DocumentRow>();
  const engine = documentsEngine(rows);
  const delivered: Parameters<typeof engine.apply>[0][] = [];
  const recording = {
    ...engine,
    apply: async (some: (typeof delivered)[number]) => {
      delivered.push(some);
      await engine.apply(some);
    },
  };
  const relay = relayOf(store, [recording]);
  for (let content = 1; content < 4; content++) {
    write(store, entry("a", content), entry("b", content));
    await relay.run();
  }
  const before = heldBy(rows);
  for (const some of delivered.toReversed()) await engine.apply(some);
  expect([delivered.length, heldBy(rows)]).toEqual([3, before]);
});

test("a reader of the engine sees nothing of a transaction that was not committed", async () => {
  const store = open();
  const rows = new MemoryRows<DocumentRow>();
  const relay = relayOf(store, [documentsEngine(rows)]);
  write(store, entry("a", 1));
  const tx = store.begin({ agent: "aborted" });
  tx.put(entry("phantom", 1));
  await relay.run();
  tx.abort();
  expect(heldBy(rows)).toEqual(["entry a=1"]);
  // The number of the phantom is given again: what it says now is what is delivered.
  write(store, entry("b", 2));
  await relay.run();
  expect(heldBy(rows)).toEqual(headsOf(store, ["entry"]));
});

test("only what is new is delivered, and only what an engine wants", async () => {
  const store = open();
  const rows = new MemoryRows<DocumentRow>();
  const engine = documentsEngine(rows);
  const sizes: number[] = [];
  const relay = relayOf(store, [
    { ...engine, batch: 2, apply: async (some) => void sizes.push(some.length) },
  ]);
  write(store, entry("a", 1), entry("b", 1), entry("c", 1));
  write(store, relation("r", { source: "a", type: "calls", target: "b" }));
  await relay.run();
  await relay.run();
  write(store, entry("a", 2), entry("d", 1));
  await relay.run();
  expect(sizes).toEqual([2, 1, 2]);
  expect(store.engine("documents")?.seq).toBe(store.seq());
});

test("a failure is kept with its reason, and tried again after longer and longer pauses", async () => {
  const store = open();
  write(store, entry("a", 1));
  const clock = new Clock();
  const began = clock.time;
  const tries: number[] = [];
  const dead = {
    ...documentsEngine(new MemoryRows<DocumentRow>()),
    apply: async () => {
      tries.push((clock.time - began) / 1000);
      throw new Error("no route to postgres://momo:hunter2secret@db.example/momo");
    },
  };
  const relay = relayOf(store, [dead], clock);
  for (let second = 0; second < 1200; second += 1) {
    await relay.run();
    clock.time += 1000;
  }
  // Half of the random part is added to half of the pause.
  expect(tries).toEqual([0, 1, 3, 6, 12, 24, 48, 96, 192, 384, 609, 834, 1059]);
  const [health] = relay.health();
  expect(health).toMatchObject({ name: "documents", behind: 1, state: "failing", attempts: 13 });
  expect(health!.error).toMatch(/^no route/);
  expect(health!.error).not.toContain("hunter2secret");
  expect(store.engine("documents")?.seq).toBe(0);
  // What failed is not waited for by others, and an engine that answers again is well at once.
  const well = relayOf(store, [documentsEngine(new MemoryRows<DocumentRow>())], clock);
  clock.time += 300_000;
  expect(await well.run()).toMatchObject([{ seq: 1, state: "following", attempts: 0 }]);
  expect(well.health()).toEqual([expect.not.objectContaining({ error: expect.anything() })]);
});

test("a knowledge base that is busy is no fault of an engine", async () => {
  const store = open("write", { wait_ms: 0 });
  write(store, entry("a", 1));
  const rows = new MemoryRows<DocumentRow>();
  const relay = relayOf(store, [documentsEngine(rows)]);
  const other = open().begin({ agent: "slow" });
  await expect(relay.run()).rejects.toThrow(expect.objectContaining({ code: "STORE_BUSY" }));
  other.abort();
  expect(store.engine("documents")).toBeUndefined();
  expect(await relay.run()).toMatchObject([{ seq: 1, state: "following", attempts: 0 }]);
});

test("a copy that drifted is repaired by little: what differs is sent, whatever number it has", async () => {
  const store = open();
  const names = Array.from({ length: 3000 }, (_, i) => `entry-${i}`);
  write(store, ...names.map((key, i) => entry(key, i % 250)));
  const rows = new MemoryRows<DocumentRow>();
  const sent: string[] = [];
  const engine = documentsEngine(rows);
  const watched = {
    ...engine,
    batch: 1000,
    repair: async (some: Parameters<typeof engine.repair>[0]) => {
      sent.push(...some.map(({ key }) => key));
      await engine.repair(some);
    },
  };
  const relay = relayOf(store, [watched]);
  await relay.run();
  const [lost, wrong] = [...rows.rows.values()];
  await rows.remove([lost!.vid]);
  await rows.upsert([{ ...wrong!, seq: 1e9, mark: 1 }]);
  await rows.upsert([{ ...wrong!, vid: 1e6, id: "ffff3c0b-0000-5000-8000-000000000000", key: "phantom" }]);
  relay.resync("documents");
  expect((await relay.run())[0]).toMatchObject({ state: "following" });
  expect(sent.toSorted()).toEqual([lost!.key, "phantom", wrong!.key].toSorted());
  expect(heldBy(rows)).toEqual(headsOf(store, ["entry"]));
  expect(rows.rows.get(`${wrong!.vid}/0`)!.seq).toBeLessThan(1e9);
  expect(rows.asked.listed).toBeLessThan(20);
  expect(() => relay.resync("other")).toThrow(expect.objectContaining({ code: "ENGINE_UNKNOWN" }));
});

test("confirmed is what is seen there; an engine that is late is said, and costs no more than the time given", async () => {
  const store = open();
  const { seq } = write(store, entry("a", 1)) && { seq: store.seq() };
  const clock = new Clock();
  const began = clock.time;
  const rows = new MemoryRows<DocumentRow>();
  let failures = 2;
  const shaky = { ...documentsEngine(rows, "shaky") };
  const engines = [
    {
      ...shaky,
      apply: async (some: Parameters<typeof shaky.apply>[0]) => {
        if (failures-- > 0) throw new Error("busy");
        await shaky.apply(some);
      },
    },
    documentsEngine(new MemoryRows<DocumentRow>(), "well"),
    {
      ...documentsEngine(new MemoryRows<DocumentRow>(), "gone"),
      apply: async () => Promise.reject(new Error("gone")),
    },
    {
      ...documentsEngine(new MemoryRows<DocumentRow>(), "silent"),
      apply: () => new Promise<void>(() => undefined),
    },
  ];
  const relay = relayOf(store, engines, clock);
  expect(await relay.confirm(seq, { engines: ["shaky", "well"], timeout_ms: 10_000 })).toEqual({
    seq,
    confirmed: ["shaky", "well"],
    engine_lag: [],
  });
  expect(heldBy(rows)).toEqual(["entry a=1"]);
  const asked = clock.time;
  expect(asked - began).toBeLessThan(10_000);
  const late = await relay.confirm(seq, { engines: ["well", "gone", "silent"], timeout_ms: 5000 });
  expect(late).toEqual({
    seq,
    confirmed: ["well"],
    engine_lag: [
      { name: "gone", behind: 1, error: "gone" },
      { name: "silent", behind: 1 },
    ],
  });
  expect(clock.time - asked).toBe(5000);
  await expect(async () => relay.confirm(seq, { engines: ["other"], timeout_ms: 1 })).rejects.toThrow(
    "there is no engine other: name one of shaky",
  );
});

test("compaction does not wait for ever; an engine that comes back is compared as a whole", async () => {
  const store = open();
  const clock = new Clock();
  const rows = new MemoryRows<DocumentRow>();
  const engine = documentsEngine(rows);
  let isGone = false;
  const relay = relayOf(
    store,
    [{ ...engine, apply: (some) => (isGone ? Promise.reject(new Error("gone")) : engine.apply(some)) }],
    clock,
  );
  write(store, entry("a", 1), entry("b", 1));
  await relay.run();
  isGone = true;
  write(store, entry("a", 2));
  remove(store, "b");
  await relay.run();
  abandonLost(store, store, clock.time + 30 * day);
  expect(relay.health()[0]).toMatchObject({ state: "failing", abandoned_at: "2026-01-31T00:00:00.000Z" });
  abandonLost(store, store, clock.time + 30 * day + 1);
  expect(relay.health()[0]).toMatchObject({ state: "abandoned", behind: 2 });
  transact(store, (tx) => tx.compact(store.seq()), { agent: "momo", kind: "compact" });
  write(store, entry("c", 1));
  isGone = false;
  clock.time += 60 * day;
  await rows.remove([1]);
  expect((await relay.run())[0]).toMatchObject({ state: "following", seq: store.seq() });
  expect(heldBy(rows)).toEqual(headsOf(store, ["entry"]));
  expect(rows.asked.digests).toBeGreaterThan(0);
});

test("ids are version 5 UUIDs of kind and name", () => {
  expect(keyUuid("entry", "a")).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(keyUuid("entry", "a")).toBe(keyUuid("entry", "a"));
  expect(new Set([keyUuid("entry", "a"), keyUuid("entry", "b"), keyUuid("file", "a")]).size).toBe(3);
});
