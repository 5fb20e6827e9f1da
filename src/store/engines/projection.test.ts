/** A second copy converges whatever happens to deliveries, and cannot bring back what was taken back. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { Store } from "../contract/store.ts";
import { openStore } from "../open.ts";
import { keyUuid } from "./feed.ts";
import { catchUp, type Delivery, liveHits, type Projection } from "./projection.ts";

const folder = mkdtempSync(join(tmpdir(), "momo-projection-"));
afterAll(() => rmSync(folder, { recursive: true }));

const seeds = process.env.MOMO_TEST_LONG ? 1000 : 60;
let files = 0;
const openNew = (): Store =>
  openStore(join(folder, `${files++}`, "momo.db"), { mode: "write", durability: "process" });

/** An engine that keeps the newest state of each key; `lose`, `repeat` and `shuffle` happen to what is sent to it. */
class Engine implements Projection {
  readonly name: string;
  readonly states = new Map<string, Delivery>();
  readonly #fate: (states: readonly Delivery[]) => Delivery[];

  constructor(name: string, fate: (states: readonly Delivery[]) => Delivery[] = (states) => [...states]) {
    this.name = name;
    this.#fate = fate;
  }

  async apply(states: readonly Delivery[]): Promise<void> {
    for (const state of this.#fate(states)) {
      if ((this.states.get(state.id)?.seq ?? 0) < state.seq) this.states.set(state.id, state);
    }
  }

  live(): string[] {
    return [...this.states.values()]
      .filter(({ vid }) => vid > 0)
      .map(({ key, body }) => `${key}=${Buffer.from(body!).toString()}`)
      .sort();
  }
}

const liveOf = (store: Store): string[] =>
  store
    .heads("entry")
    .map(({ key, vid }) => `${key}=${Buffer.from(store.body(vid)!).toString()}`)
    .sort();

const step = fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), fc.nat(4)), {
  minLength: 1,
  maxLength: 6,
});

function write(store: Store, changes: readonly (readonly [string, number])[]): void {
  const tx = store.begin({ agent: "writer" });
  for (const [key, content] of changes) {
    if (content === 0) tx.remove("entry", key);
    else tx.put({ key, kind: "entry", body: Buffer.from(String(content)) });
  }
  tx.commit();
}

/** Moves a key back to the version before, as an undo does. */
function moveBack(store: Store, key: string): void {
  const known = store.journal.kidOf(key);
  if (!known) return;
  const kids = Float64Array.of(known.kid);
  const { kind, vid, seq } = store.journal.pointers(kids);
  const [link] = store.journal.chain(known.kid, kind[0]!);
  const tx = store.begin({ agent: "undoer", kind: "undo" });
  tx.move({ kid: kids, kind, from: vid, to: Float64Array.of(link!.from), previous: seq });
  tx.commit();
}

test("I14: lost, repeated and shuffled deliveries end in the same state, also after undos", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 10 }),
      fc.infiniteStream(fc.nat(99)),
      async (steps, luck) => {
        const store = openNew();
        const dice = (): number => luck.next().value as number;
        let isCalm = false;
        const engine = new Engine("engine", (states) => {
          if (isCalm) return [...states];
          const kept = states.filter(() => dice() > 30);
          const twice = states.filter(() => dice() > 60);
          return [...kept, ...twice].toSorted(() => dice() - 50);
        });
        for (const changes of steps) {
          write(store, changes);
          if (dice() > 60) moveBack(store, changes[0]![0]);
          await catchUp(store, engine);
        }
        // What was lost is found by starting over from a place that is known to be good: the beginning.
        isCalm = true;
        store.removeCursor("engine");
        await catchUp(store, engine);
        expect(engine.live()).toEqual(liveOf(store));
        expect(store.cursor("engine")).toBe(store.seq());
        store.close();
      },
    ),
    { numRuns: seeds },
  );
});

test("a projection that is always up to date needs only what is new", async () => {
  const store = openNew();
  const sizes: number[] = [];
  const engine = new Engine("engine", (states) => {
    sizes.push(states.length);
    return [...states];
  });
  write(store, [
    ["a", 1],
    ["b", 1],
  ]);
  await catchUp(store, engine);
  write(store, [
    ["a", 2],
    ["c", 1],
    ["a", 3],
  ]);
  await catchUp(store, engine);
  await catchUp(store, engine);
  expect(sizes).toEqual([2, 2]);
  expect(engine.live()).toEqual(liveOf(store));
  store.close();
});

test("an engine that lags cannot return what was changed, removed or taken back", async () => {
  const store = openNew();
  const engine = new Engine("engine");
  write(store, [
    ["kept", 1],
    ["changed", 1],
    ["removed", 1],
    ["undone", 1],
  ]);
  await catchUp(store, engine);
  write(store, [
    ["changed", 2],
    ["removed", 0],
  ]);
  moveBack(store, "undone");
  const hits = [...engine.states.values()].map(({ key, seq }) => ({ key, seq }));
  expect(hits).toHaveLength(4);
  expect(liveHits(store, [...hits, { key: "never", seq: 1 }]).map(({ key }) => key)).toEqual(["kept"]);
  store.close();
});

test("after compaction an engine that begins anew gets every live key", async () => {
  const store = openNew();
  write(store, [
    ["a", 1],
    ["b", 1],
  ]);
  write(store, [
    ["a", 2],
    ["b", 0],
  ]);
  const tx = store.begin({ agent: "momo", kind: "compact" });
  tx.compact(store.seq());
  tx.commit();
  const engine = new Engine("late");
  await catchUp(store, engine);
  expect(engine.live()).toEqual(["a=2"]);
  store.close();
});

test("ids are version 5 UUIDs of the key", () => {
  expect(keyUuid("a")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(keyUuid("a")).toBe(keyUuid("a"));
  expect(keyUuid("a")).not.toBe(keyUuid("b"));
});
