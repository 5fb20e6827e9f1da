/**
 * One writing process of rollback-crash.test.ts: writes, takes back, redoes, explores, merges and compacts at random
 * until it is killed. Says each transaction that was acknowledged as a line on standard output.
 * node rollback-writer.ts HOME NAME SEED
 */
import { join } from "node:path";
import { MomoError } from "../src/errors.ts";
import { discard, list, open, start } from "../src/explore/exploration.ts";
import { merge } from "../src/explore/merge.ts";
import { createEntryReader } from "../src/extract/entry-words.ts";
import { transact } from "../src/knowledge/transact.ts";
import { apply } from "../src/rollback/apply.ts";
import { setCheckpoint } from "../src/rollback/checkpoint.ts";
import { planOn } from "../src/rollback/plan.ts";
import { redoRequest } from "../src/rollback/redo.ts";
import type { PlanRequest } from "../src/rollback/request.ts";
import { compact } from "../src/rollback/retention.ts";
import { rollbackRequest } from "../src/rollback/select.ts";
import type { Store } from "../src/store/contract/store.ts";
import { openStore } from "../src/store/open.ts";
import { GROUP, sealed, seeded } from "./rollback-words.ts";

const [, , home, name, seed] = process.argv as unknown as [string, string, string, string, string];

const { random, below, one } = seeded(Number(seed));

const KEYS = 60;
let count = 0;

/** Part of the keys belong to this agent alone, so that not every undo meets somebody else's write. */
const key = (): string => (random() < 0.5 ? `shared/${below(KEYS)}` : `${name}/${below(KEYS)}`);

function write(store: Store): number {
  const tx = store.begin({ agent: name, request_id: `${name}-${seed}-${count++}` });
  for (let i = below(20); i >= 0; i--) {
    if (random() < 0.2) tx.remove("entry", key());
    else
      tx.put({
        key: key(),
        kind: "entry",
        body: Buffer.from(`{"metadata":{"n":${below(9)}},"type":"code"}`),
      });
  }
  return tx.commit().transaction;
}

const by = { agent: name };

const addEntry = createEntryReader();
const LINKED = 12;

/** Entries and relations with whole ends: the ends of a relation come and go in the transactions that say so. */
function link(store: Store): number {
  const own = (): string => `linked/${below(LINKED)}`;
  return transact({ store, addEntry }, { agent: name }, (tx) => {
    if (random() < 0.3) tx.remove(own());
    const ends = [own(), own()] as const;
    for (const id of ends)
      tx.put({ id, type: "documentation", content: sealed(`${name} ${seed} ${count++}`) });
    tx.relate(ends[0], "references", ends[1], { metadata: { by: name } });
  }).transaction;
}

/** All of them say the same in every state: they are written together, and by this agent alone. */
function writeGroup(store: Store): number {
  const tx = store.begin({ agent: name });
  const body = Buffer.from(`{"metadata":{"n":${count++}},"type":"code"}`);
  for (let i = 0; i < GROUP; i++) tx.put({ key: `${name}/group/${i}`, kind: "entry", body });
  return tx.commit().transaction;
}

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
  link,
  writeGroup,
  (store) => takeBack(store, rollbackRequest(store.journal, { agent: name, steps: 1 }, "skip")),
  (store) => takeBack(store, rollbackRequest(store.journal, { steps: 2 }, "block")),
  (store) => takeBack(store, rollbackRequest(store.journal, { steps: 3 }, "cascade")),
  (store) => takeBack(store, redoRequest(store.journal, undefined, "block")),
  (store) => {
    if (list(store, new Date()).length < 4) start(store, by, new Date());
    return 0;
  },
  (store) => at(store, (branch) => write(branch)),
  (store) => at(store, (branch) => link(branch)),
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

const store = openStore(join(home, "momo.db"), { mode: "write", durability: "process", wait_ms: 20_000 });
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
