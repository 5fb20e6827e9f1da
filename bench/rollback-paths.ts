/**
 * The paths of taking back that grow with something other than what is taken back, each at the size where that once
 * hurt. In milliseconds of processor time. Part of rollback.ts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "../src/explore/exploration.ts";
import { apply } from "../src/rollback/apply.ts";
import { type Plan, planOn } from "../src/rollback/plan.ts";
import { redoRequest, rewindRequest } from "../src/rollback/redo.ts";
import type { Intent } from "../src/rollback/request.ts";
import { rollbackRequest } from "../src/rollback/select.ts";
import type { Store } from "../src/store/contract/store.ts";
import { openStore } from "../src/store/open.ts";

const round = (value: number): number => Number(value.toFixed(2));

/** Of this thread on a processor: nothing here waits for a disk, and others may be at work on the machine. */
function ms(work: () => unknown): number {
  const started = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(started);
  return round((user + system) / 1000);
}

/** What takes less than a tick of that clock, by the wall: one look, or the quickest of several at the same. */
function wall(work: () => unknown, times = 1): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const started = performance.now();
    work();
    least = Math.min(least, performance.now() - started);
  }
  return round(least);
}

/** On a knowledge base of its own. */
function onNew<T>(work: (store: Store, file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "momo-bench-paths-"));
  const file = join(folder, "momo.db");
  const store = openStore(file, { mode: "write", durability: "process" });
  try {
    return work(store, file);
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

function put(
  store: Store,
  keys: Iterable<string>,
  { agent = "bench", value = 0, reads = [] as number[] } = {},
) {
  const tx = store.begin({ agent });
  for (const vid of reads) tx.read(vid, "declared");
  let vid = 0;
  for (const key of keys) vid = tx.put({ key, kind: "setting", body: Buffer.from(`{"value":${value}}`) }).vid;
  return { vid, ...tx.commit() };
}

const names = (count: number, prefix = "key"): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}/${i}`);

const undo =
  (
    selector: Parameters<typeof rollbackRequest>[1],
    policy: Parameters<typeof rollbackRequest>[2] = "block",
  ): Intent =>
  (journal) =>
    rollbackRequest(journal, selector, policy);
const redo: Intent = (journal) => redoRequest(journal, undefined, "block");

const carryOut = (store: Store, intent: Intent): Plan => {
  const plan = planOn(store, intent);
  apply(store, plan, { agent: "bench" });
  return plan;
};

/** Each transaction is derived from the one before. */
const cascade = (length: number) =>
  onNew((store) => {
    let { vid, transaction } = put(store, ["key/0"]);
    const first = transaction;
    for (let i = 1; i < length; i++) ({ vid, transaction } = put(store, [`key/${i}`], { reads: [vid] }));
    let plan: Plan | undefined;
    const plan_ms = ms(() => {
      plan = planOn(store, undo({ transactions: [first] }, "cascade"));
    });
    return { plan_ms, transactions: 1 + plan!.cascade.length };
  });

/** Every other operation of one transaction. */
const ranges = (count: number) =>
  onNew((store) => {
    put(store, names(2 * count));
    const operations = Array.from({ length: count }, (_, i) => 2 * i + 1);
    const undo_ms = ms(() => carryOut(store, undo({ operations })));
    const redo_ms = ms(() => carryOut(store, redo));
    const verify_ms = ms(() => store.verify());
    const rewind_ms = ms(() => planOn(store, (journal) => rewindRequest(journal, { seq: 3 * count })));
    return { ranges: count, undo_ms, redo_ms, verify_ms, rewind_ms };
  });

const oneKey = (transactions: number) =>
  onNew((store) => {
    for (let i = 0; i < transactions; i++) put(store, [`key/${i}`], { agent: `agent-${i % 10}` });
    const key = `key/${transactions / 2}`;
    const planning = (selector: Parameters<typeof undo>[0]): number =>
      wall(() => planOn(store, undo(selector)), 20);
    return {
      transactions,
      key_ms: planning({ keys: [key] }),
      key_and_agent_ms: planning({ keys: [key], agent: "agent-0" }),
      prefix_ms: planning({ prefix: key }),
      operation_ms: planning({ operations: [transactions / 2] }),
    };
  });

const exploration = (transactions: number) =>
  onNew((store, file) => {
    put(store, names(1000));
    start(store, { agent: "bench", name: "try" }, new Date());
    for (let i = 0; i < transactions; i++) put(store, [`key/${(i * 7) % 900}`], { value: i + 1 });
    const { branch } = store.branches()[0]!;
    /** In a store that was opened just now: the quickest of five, because nothing can be asked there twice. */
    const asFirst = (key: string): number =>
      Math.min(
        ...Array.from({ length: 5 }, () => {
          const opened = openStore(file, { mode: "read" });
          const view = opened.on(branch);
          const taken = wall(() => view.head(key));
          opened.close();
          return taken;
        }),
      );
    const [first_ms, moved_ms] = [asFirst("key/999"), asFirst("key/1")];
    const fresh = openStore(file, { mode: "read" });
    fresh.on(branch).head("key/1");
    const again_ms = wall(() => fresh.on(branch).head("key/1"), 20);
    const heads_ms = ms(() => fresh.on(branch).heads("setting"));
    put(store, ["key/1"]);
    const after_write_ms = ms(() => fresh.on(branch).heads("setting"));
    fresh.close();
    return { transactions, first_ms, moved_ms, again_ms, heads_ms, after_write_ms };
  });

function feed(operations: number) {
  const read = (store: Store): number => {
    let after = 0;
    for (let states = 0; ; ) {
      const page = store.changes(after, 500);
      states += page.length;
      if (page.length === 0) return states;
      after = page.at(-1)!.seq;
    }
  };
  return onNew((store) => {
    put(store, names(operations));
    const one_transaction_ms = ms(() => read(store));
    put(store, ["last"]);
    const tx = store.begin({ agent: "bench", kind: "compact" });
    tx.compact(operations);
    tx.commit();
    return { operations, one_transaction_ms, full_resync_ms: ms(() => read(store)) };
  });
}

/** Microseconds an operation: taken back, brought back and taken back again, transaction by transaction. */
const again = (batch: number) =>
  onNew((store) => {
    const transactions = Array.from({ length: 100 }, (_, i) => put(store, names(batch, `${i}`)).transaction);
    const all = (work: (transaction: number) => Intent): number =>
      round(
        (ms(() => {
          for (const transaction of transactions) carryOut(store, work(transaction));
        }) *
          1000) /
          (100 * batch),
      );
    const taking = (transaction: number): Intent => undo({ transactions: [transaction] });
    const undo_us = all(taking);
    const redo_us = all(() => redo);
    return { batch, undo_us, redo_us, undo_again_us: all(taking), redo_again_us: all(() => redo) };
  });

export const measurePaths = () => ({
  cascade: cascade(1000),
  ranges: ranges(20_000),
  one_key: oneKey(80_000),
  exploration: exploration(10_000),
  feed: feed(200_000),
  again: again(100),
});
