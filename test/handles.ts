/**
 * One file open three times, twice for writing and once for reading, beside a model of main and of its explorations: what
 * every handle must show, also while a transaction is open on another. Used by two-handles.ts.
 */
import { expect } from "vitest";
import { edgeOf } from "../src/rollback/model.fixture.ts";
import { digestOf, stateOf } from "../src/rollback/state.fixture.ts";
import type { World } from "../src/rollback/world.fixture.ts";
import type { Store } from "../src/store/contract/store.ts";
import { openStore } from "../src/store/open.ts";
import { type State, show, type Trial } from "./trial.ts";

export class Handles {
  protected readonly world: World;
  protected readonly handles: Store[];
  protected trials: Trial[] = [];
  /** Transactions of main without operations. */
  protected said = 0;
  /** Of the last operation on any branch, and of the last one on main. */
  protected last = 0;
  protected mainSeq = 0;
  /** Whether the past may be out of reach. */
  protected hasLosses = false;
  readonly met = { late: 0, stale: 0, merged: 0, repeated: 0, horizon: 0, open: 0 };

  constructor(world: World) {
    this.world = world;
    const { path } = world.store;
    world.store.close();
    this.handles = (["write", "write", "read"] as const).map((mode) =>
      this.#watch(openStore(path, { mode, wait_ms: 0, durability: "process" })),
    );
    world.store = this.handles[0]!;
  }

  close(): void {
    this.world.store = this.handles[0]!;
    for (const handle of this.handles.slice(1)) handle.close();
  }

  /** Whoever looks while a transaction is open sees what was there before, and nobody else begins one. */
  #watch(store: Store, handle = store): Store {
    const [begin, on] = [store.begin.bind(store), store.on.bind(store)];
    store.on = (...given) => this.#watch(on(...given), handle);
    store.begin = (author) => {
      const tx = begin(author);
      if (tx.repeated) return tx;
      const commit = tx.commit.bind(tx);
      tx.commit = (...given) => {
        this.met.open++;
        this.check();
        expect(() => begin(author)).toThrow(expect.objectContaining({ code: "TRANSACTION_OPEN" }));
        const other = this.handles.find((one) => one !== handle && one.writable)!;
        expect(() => other.begin({ agent: "other" })).toThrow(
          expect.objectContaining({ code: "STORE_BUSY" }),
        );
        return commit(...given);
      };
      return tx;
    };
    return store;
  }

  /** Operations are numbered over all branches; the model numbers those of main. */
  protected numbered(work: () => void): void {
    const { model } = this.world;
    model.seq = this.last;
    work();
    this.last = Math.max(this.last, model.seq, ...this.trials.map(({ seq }) => seq));
    if (model.transactions.length > 0) this.mainSeq = model.transactions.at(-1)!.last;
    model.seq = this.mainSeq;
  }

  check(): void {
    const { model } = this.world;
    const state = model.state();
    const shown = show(state);
    const digest = digestOf(state);
    for (const handle of this.handles) {
      expect(show(stateOf(handle))).toBe(shown);
      expect(handle.digest()).toBe(digest);
      expect(handle.seq()).toBe(this.mainSeq);
      expect(handle.history()).toHaveLength(model.transactions.length + this.said);
      checkEdges(handle, state);
    }
    for (const trial of this.trials) trial.check(this.handles);
  }

  verify(): void {
    for (const handle of this.handles) expect(handle.verify()).toBeUndefined();
  }

  protected reopen(on: number): void {
    const { path } = this.handles[on]!;
    this.handles[on]!.close();
    this.handles[on] = this.#watch(openStore(path, { mode: "write", wait_ms: 0, durability: "process" }));
  }
}

function checkEdges(handle: Store, state: State): void {
  const live = [...state.keys()].filter((key) => edgeOf(key));
  for (const end of ["source", "target"] as const)
    for (const name of ["x0", "x1", "x2"]) {
      const found = handle.edges(name, end).map(({ key }) => key);
      expect(found.sort()).toEqual(live.filter((key) => edgeOf(key)![end] === name).sort());
    }
}
