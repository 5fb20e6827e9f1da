/** Short words for examples: who writes what, what is taken back and what is there then. Used by the tests of this room. */
import { expect } from "vitest";
import type {
  QuarantineRecord,
  RollbackPlan,
  RollbackPolicy,
  RollbackReceipt,
  RollbackSelector,
} from "../model/rollback.ts";
import type { Store } from "../store/contract/store.ts";
import type { Attribution, Author } from "../store/contract/transaction.ts";
import { apply } from "./apply.ts";
import { describe } from "./describe.ts";
import { type Plan, planOn } from "./plan.ts";
import { quarantined, release } from "./quarantine.ts";
import { redoRequest, rewindRequest } from "./redo.ts";
import type { PlanRequest } from "./request.ts";
import { rollbackRequest } from "./select.ts";
import { headsByWrites, headsOf } from "./state.fixture.ts";
import { inStore, put } from "./world.fixture.ts";

/** Fields of each key, null to remove it. */
type Changes = Record<string, Record<string, unknown> | null>;

interface More extends Partial<Author> {
  reads?: readonly string[];
  weak?: readonly string[];
  irreversible?: string;
}

export interface Planned {
  plan: Plan;
  said: RollbackPlan;
  apply(by?: Attribution): RollbackReceipt;
}

export class Example {
  readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  /** Returns the transaction's number. */
  write(agent: string, changes: Changes, { reads, weak, irreversible, ...author }: More = {}): number {
    const { store } = this;
    const tx = store.begin({ agent, ...author });
    for (const key of reads ?? []) tx.read(store.head(key)!.vid, "declared");
    for (const key of weak ?? []) tx.read(store.head(key)!.vid, "weak");
    if (irreversible) tx.describe({ irreversible });
    for (const [key, fields] of Object.entries(changes)) {
      put(tx, key, fields ? JSON.stringify(fields) : "");
    }
    return tx.commit().transaction;
  }

  plan(selector: RollbackSelector, policy: RollbackPolicy = "block"): Planned {
    return this.#planned(rollbackRequest(this.store.journal, selector, policy));
  }

  undo(selector: RollbackSelector, policy: RollbackPolicy = "block"): RollbackReceipt {
    return this.#now(rollbackRequest(this.store.journal, selector, policy));
  }

  redo(number?: number, policy: RollbackPolicy = "block"): RollbackReceipt {
    return this.#now(redoRequest(this.store.journal, number, policy));
  }

  planRedo(number?: number, policy: RollbackPolicy = "block"): Planned {
    return this.#planned(redoRequest(this.store.journal, number, policy));
  }

  rewind(seq: number): RollbackReceipt {
    return this.#now(rewindRequest(this.store.journal, { seq: seq }));
  }

  #now(request: PlanRequest): RollbackReceipt {
    const { said, apply } = this.#planned(request);
    const receipt = apply();
    expect(this.store.digest()).toBe(said.digest_after);
    return receipt;
  }

  #planned(request: PlanRequest): Planned {
    const { store } = this;
    const plan = planOn(store, () => request);
    const said = describe(store, plan);
    return { plan, said, apply: (by = { agent: "tester" }) => apply(store, plan, by) };
  }

  release(ids: readonly string[], agent = "tester"): void {
    release(this.store, ids, { agent });
  }

  get quarantined(): QuarantineRecord[] {
    return quarantined(this.store).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** What every key but marks holds. */
  get state(): Record<string, unknown> {
    const heads = [...headsOf(this.store)].filter(([, { kind }]) => kind !== "mark");
    const read = (vid: number): unknown => JSON.parse(Buffer.from(this.store.body(vid)!).toString());
    return Object.fromEntries(heads.map(([key, { vid }]) => [key, read(vid)]));
  }
}

export function example(work: (here: Example) => void, clock?: () => Date): void {
  inStore((store) => {
    work(new Example(store));
    const heads = [...headsOf(store)].map(([key, { vid }]): [string, number] => [key, vid]);
    expect(new Map(heads)).toEqual(headsByWrites(store));
    expect(store.verify()).toBeUndefined();
  }, clock);
}
