/**
 * One writing process of rollback-crash.test.ts: writes, takes back, redoes, explores, merges and compacts at random
 * until it is killed. Says each transaction that was acknowledged as a line on standard output.
 * node rollback-writer.ts FILE NAME SEED
 */
import { MomoError } from "../src/errors.ts";
import { discard, list, open, start } from "../src/explore/exploration.ts";
import { merge } from "../src/explore/merge.ts";
import { apply } from "../src/rollback/apply.ts";
import { setCheckpoint } from "../src/rollback/checkpoint.ts";
import { planOn } from "../src/rollback/plan.ts";
import { redoRequest } from "../src/rollback/redo.ts";
import type { PlanRequest } from "../src/rollback/request.ts";
import { compact } from "../src/rollback/retention.ts";
import { rollbackRequest } from "../src/rollback/select.ts";
import type { Store } from "../src/store/contract/store.ts";
import { openStore } from "../src/store/open.ts";

const [, , file, name, seed] = process.argv as unknown as [string, string, string, string, string];

/** Mulberry32: small, seeded, good enough to choose an action. */
let state = Number(seed) >>> 0;
function random(): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
const below = (limit: number): number => Math.floor(random() * limit);
const one = <T>(list: readonly T[]): T | undefined => list[below(list.length)];

const KEYS = 60;
let count = 0;

/** Part of the keys belong to this agent alone, so that not every undo meets somebody else's write. */
const key = (): string => (random() < 0.5 ? `shared/${below(KEYS)}` : `${name}/${below(KEYS)}`);

function write(store: Store): number {
  const tx = store.begin({ agent: name, request_id: `${name}-${seed}-${count++}` });
  for (let i = below(20); i >= 0; i--) {
    if (random() < 0.2) tx.remove("entry", key());
    else tx.put({ key: key(), kind: "entry", body: Buffer.from(`{"type":"code","n":${below(9)}}`) });
  }
  return tx.commit().transaction;
}

const by = { agent: name };

/** The transaction of a plan that this process carried out; a plan that another one made too is carried out once. */
function takeBack(store: Store, request: PlanRequest): number {
  const { outcome, transaction } = apply(
    store,
    planOn(store, () => request),
    by,
  );
  return outcome === "already" ? 0 : transaction;
}

const at = (store: Store, work: (branch: Store, name: string) => number): number => {
  const exploration = one(list(store, new Date()));
  return exploration ? work(open(store, exploration.name, new Date()), exploration.name) : 0;
};

const actions: readonly ((store: Store) => number)[] = [
  write,
  write,
  (store) => takeBack(store, rollbackRequest(store.journal, { agent: name, steps: 1 }, "skip")),
  (store) => takeBack(store, rollbackRequest(store.journal, { steps: 2 }, "block")),
  (store) => takeBack(store, rollbackRequest(store.journal, { steps: 3 }, "cascade")),
  (store) => takeBack(store, redoRequest(store.journal, undefined, "block")),
  (store) => {
    if (list(store, new Date()).length < 4) start(store, by, new Date());
    return 0;
  },
  (store) => at(store, (branch) => write(branch)),
  (store) =>
    at(store, (branch, exploration) => {
      const { parent } = store.branches().find((own) => own.name === exploration)!;
      return merge({ parent: store.on(parent), view: branch, name: exploration, prefer: "exploration" }, by)
        .transaction;
    }),
  (store) =>
    at(store, (_, exploration) => {
      if (random() < 0.3) discard(store, exploration, by);
      return 0;
    }),
  (store) => {
    if (random() < 0.1) setCheckpoint(store, `${name}-${below(3)}`, by);
    return 0;
  },
  (store) => {
    if (random() < 0.05) compact(store, { seq: Math.max(0, store.seq() - 200) }, by);
    return 0;
  },
];

/** What another process may have made impossible meanwhile. */
const EXPECTED = new Set([
  "ROLLBACK_BLOCKED",
  "ROLLBACK_STALE",
  "NOTHING_TO_REDO",
  "BEYOND_HORIZON",
  "STORE_BUSY",
  "EXPLORATION_UNKNOWN",
  "EXPLORATION_EXISTS",
  "EXPLORATION_HAS_CHILDREN",
  "MERGE_CONFLICT",
]);

const store = openStore(file, { mode: "write", durability: "process", wait_ms: 20_000 });
process.stdout.write("ready\n");
for (;;) {
  try {
    const transaction = one(actions)!(store);
    if (transaction > 0) process.stdout.write(`${transaction}\n`);
  } catch (error) {
    if (error instanceof MomoError && EXPECTED.has(error.code)) continue;
    process.stdout.write(`error ${JSON.stringify(error instanceof Error ? error.stack : error)}\n`);
    process.exit(1);
  }
  // Standard output is a pipe: it is written between turns.
  await new Promise((done) => setImmediate(done));
}
