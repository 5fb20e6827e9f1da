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

/** An engine that keeps the newest state of each key, and how many came with each delivery. */
class Engine implements Projection {
  readonly name: string;
  readonly states = new Map<string, Delivery>();
  readonly sizes: number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  async apply(states: readonly Delivery[]): Promise<void> {
    this.sizes.push(states.length);
    for (const state of states) {
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

/** What happens to a delivery: applied in part or not at all and then failing, twice, in another order, or as it should. */
type Fate =
  | "fails"
  | "fails halfway"
  | "fails at the end"
  | "comes twice"
  | "is shuffled"
  | "is lost"
  | "arrives";

/** An engine to which a fate of these happens at every delivery, until it is calm. */
class UnluckyEngine extends Engine {
  isCalm = false;
  failures = 0;
  readonly #draw: (bound: number) => number;
  readonly #fates: readonly Fate[];

  constructor(draw: (bound: number) => number, fates: readonly Fate[]) {
    super("engine");
    this.#draw = draw;
    this.#fates = fates;
  }

  override async apply(states: readonly Delivery[]): Promise<void> {
    const fate = this.isCalm ? "arrives" : this.#fates[this.#draw(this.#fates.length)]!;
    if (fate === "is lost") return;
    const count = fate === "fails" ? 0 : fate === "fails halfway" ? states.length >> 1 : states.length;
    const sent = states.slice(0, count);
    if (fate === "is shuffled") sent.sort(() => this.#draw(3) - 1);
    await super.apply(fate === "comes twice" ? [...sent, ...sent] : sent);
    if (!fate.startsWith("fails")) return;
    this.failures++;
    throw new Error("the engine went away");
  }
}

/** Writes and undoes, and brings the engine up to date after each step as far as that goes. */
async function live(store: Store, engine: UnluckyEngine, { steps, draw }: Life): Promise<void> {
  for (const changes of steps) {
    write(store, changes);
    if (draw(3) === 0) moveBack(store, changes[0]![0]);
    const before = store.cursor("engine");
    const failures = engine.failures;
    await catchUp(store, engine).catch((error: Error) => expect(error.message).toBe("the engine went away"));
    if (engine.failures > failures) expect(store.cursor("engine")).toBe(before);
    else expect(store.cursor("engine")).toBe(store.seq());
  }
}

interface Life {
  steps: [string, number][][];
  draw: (bound: number) => number;
}

/** Runs on a knowledge base of its own for many lives. */
const overLives = (work: (store: Store, life: Life) => Promise<void>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 10 }),
      fc.infiniteStream(fc.nat(5039)),
      async (steps, luck) => {
        const store = openNew();
        const draw = (bound: number): number => (luck.next().value as number) % bound;
        await work(store, { steps, draw });
        store.close();
      },
    ),
    { numRuns: seeds },
  );

test("I14: repeated, shuffled and failed deliveries end in the same state, from the cursor on, also after undos", async () => {
  let failures = 0;
  await overLives(async (store, life) => {
    const fates = [
      "fails",
      "fails halfway",
      "fails at the end",
      "comes twice",
      "is shuffled",
      "arrives",
    ] as const;
    const engine = new UnluckyEngine(life.draw, fates);
    await live(store, engine, life);
    failures += engine.failures;
    engine.isCalm = true;
    expect(await catchUp(store, engine)).toBe(store.seq());
    expect(engine.live()).toEqual(liveOf(store));
  });
  expect(failures).toBeGreaterThan(seeds / 2);
});

test("I14: what was lost on the way and nobody noticed is made up for from the beginning", async () => {
  await overLives(async (store, life) => {
    const engine = new UnluckyEngine(life.draw, ["is lost", "comes twice", "is shuffled", "arrives"]);
    await live(store, engine, life);
    engine.isCalm = true;
    store.removeCursor("engine");
    await catchUp(store, engine);
    expect(engine.live()).toEqual(liveOf(store));
  });
});

test("an engine that fails gets the same again, and only what came before it is done with", async () => {
  const store = openNew();
  write(
    store,
    Array.from({ length: 1201 }, (_, i) => [`key ${i}`, 1] as const),
  );
  const asked: [first: number, count: number][] = [];
  let isBroken = true;
  const engine: Projection = {
    name: "engine",
    apply: async (states) => {
      asked.push([states[0]!.seq, states.length]);
      if (isBroken && asked.length === 2) throw new Error("the engine went away");
    },
  };
  await expect(catchUp(store, engine)).rejects.toThrow("the engine went away");
  expect(store.cursor("engine")).toBe(500);
  isBroken = false;
  expect(await catchUp(store, engine)).toBe(1201);
  expect(asked).toEqual([
    [1, 500],
    [501, 500],
    [501, 500],
    [1001, 201],
  ]);
  store.close();
});

/** An exploration that changes `a` and adds `b`. */
function explore(store: Store): void {
  const tx = store.begin({ agent: "writer", kind: "explore" });
  const branch = tx.fork("trial", {});
  tx.describe({ name: "trial", branch });
  tx.commit();
  write(store.on(branch), [
    ["a", 2],
    ["b", 2],
  ]);
}

test("engines are told apart by name, and hear nothing of an exploration", async () => {
  const store = openNew();
  write(store, [["a", 1]]);
  await catchUp(store, new Engine("one"));
  explore(store);
  write(store, [["c", 1]]);
  const [one, other] = [new Engine("one"), new Engine("other")];
  for (const engine of [one, other]) await catchUp(store, engine);
  expect([one.live(), other.live()]).toEqual([["c=1"], ["a=1", "c=1"]]);
  expect(liveHits(store, [...other.states.values()])).toHaveLength(2);
  store.close();
});

test("a projection that is always up to date needs only what is new", async () => {
  const store = openNew();
  const engine = new Engine("engine");
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
  expect(engine.sizes).toEqual([2, 2]);
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
  explore(store);
  const tx = store.begin({ agent: "momo", kind: "compact" });
  tx.compact(store.seq());
  tx.commit();
  const engine = new Engine("late");
  expect(await catchUp(store, engine)).toBe(store.seq());
  expect(engine.live()).toEqual(["a=2"]);
  expect([...engine.states.values()].map(({ seq, key, kind }) => [seq, key, kind])).toEqual([
    [3, "a", "entry"],
    [4, "b", "entry"],
  ]);
  store.close();
});

test("ids are version 5 UUIDs of the key", () => {
  expect(keyUuid("a")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(keyUuid("a")).toBe(keyUuid("a"));
  expect(keyUuid("a")).not.toBe(keyUuid("b"));
});
