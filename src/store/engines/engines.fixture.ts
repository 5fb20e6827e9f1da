/** Engines, a relay with a clock of its own, and what an engine holds beside what it should. Used by tests of the seam. */
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { expect } from "vitest";
import type { Engine } from "../contract/feed.ts";
import type { Relay } from "../contract/relay.ts";
import type { DocumentRow, EdgeRow, RowEngine, VersionRow } from "../contract/rows.ts";
import type { Store } from "../contract/store.ts";
import { type Faults, FaultyRows, MemoryRows } from "./memory-engine.fixture.ts";
import { documentRows, edgeRows, projection } from "./projection.ts";
import { createRelay } from "./relay.ts";

/** Time passes only where somebody sleeps or a test says so. */
export class Clock {
  time = Date.UTC(2026, 0, 1);
  readonly now = (): number => this.time;
  /** Whatever is under way comes first. */
  readonly sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    const due = this.time + ms;
    for (let turn = 0; turn < 50 && !signal.aborted; turn++) await setImmediate();
    if (!signal.aborted) this.time = Math.max(this.time, due);
  };
}

export const relayOf = (store: Store, engines: Engine[], clock = new Clock()): Relay & { clock: Clock } => ({
  ...createRelay({ store, engines, now: clock.now, sleep: clock.sleep, random: () => 0.5 }),
  clock,
});

export const documentsEngine = (rows: RowEngine<DocumentRow>, name = "documents"): Engine =>
  projection({ name, batch: 3, rows, ...documentRows });

export const edgesEngine = (rows: RowEngine<EdgeRow>, name = "graph"): Engine =>
  projection({ name, batch: 3, rows, ...edgeRows });

export interface Faulty<Row extends VersionRow> {
  memory: MemoryRows<Row>;
  faulty: FaultyRows<Row>;
}

export function faultyRows<Row extends VersionRow>(faults: Partial<Faults>, dice: () => number): Faulty<Row> {
  const memory = new MemoryRows<Row>();
  const all = { dies: 0, drops: 0, repeats: 0, lags: 0, ...faults };
  return { memory, faulty: new FaultyRows(memory, all, dice) };
}

/** Keys with the version that the engine has; two of one key show twice. */
export const heldBy = (memory: MemoryRows<VersionRow>): string[] =>
  [...memory.rows.values()].map(({ kind, key, vid }) => `${kind} ${key}=${vid}`).sort();

export const headsOf = (store: Store, kinds: Engine["wants"]["kinds"]): string[] =>
  kinds.flatMap((kind) => store.heads(kind).map(({ key, vid }) => `${kind} ${key}=${vid}`)).sort();

/** What was delivered is there: of every key up to where the engine has come, its version. */
export function expectHonest(store: Store, engine: Engine, memory: MemoryRows<VersionRow>): void {
  const upTo = store.engine(engine.name)?.seq ?? 0;
  const held = new Set([...memory.rows.values()].map(({ key, vid }) => `${key}=${vid}`));
  const missing = store
    .changes(0, 1e6)
    .filter(({ kind, vid, seq }) => engine.wants.kinds.includes(kind) && vid > 0 && seq <= upTo)
    .filter(({ key, vid }) => !held.has(`${key}=${vid}`));
  expect(missing).toEqual([]);
}

export const dice = fc
  .infiniteStream(fc.nat(99))
  .map((stream) => (): number => stream.next().value as number);
