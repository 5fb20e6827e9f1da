/**
 * What writing, taking back and exploring cost, as JSON: npm run bench -- rollback [--sizes 1000,10000,100000,1000000]
 * [--batches 1,10,100,1000] [--runs 3] [--durability disk,process] [--only paths|sizes]
 *
 * Each size is one knowledge base with so many entries. For each batch (operations a commit) new entries are written,
 * taken back transaction by transaction (plan and apply) and redone. `node` entries are a few fields; `full` ones have
 * a text of 60 words, whose postings are stored, and a relation. Times are of the calling thread, from call to return.
 * Durability: "disk" survives a loss of power (an fsync each commit), "process" a kill -9. Medians over the runs; the
 * spread is the lowest and highest run. `paths` are those of rollback-paths.ts.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { discard, start } from "../src/explore/exploration.ts";
import { createEntryReader } from "../src/extract/entry-words.ts";
import { transact } from "../src/knowledge/transact.ts";
import { apply } from "../src/rollback/apply.ts";
import { planOn } from "../src/rollback/plan.ts";
import { redoRequest } from "../src/rollback/redo.ts";
import { rollbackRequest } from "../src/rollback/select.ts";
import type { Store } from "../src/store/contract/store.ts";
import { openStore } from "../src/store/open.ts";
import { measurePaths } from "./rollback-paths.ts";

type Durability = "disk" | "process";
type Shape = "node" | "full";

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== "rollback"),
  options: {
    sizes: { type: "string", default: "1000,10000,100000,1000000" },
    batches: { type: "string", default: "1,10,100,1000" },
    runs: { type: "string", default: "3" },
    durability: { type: "string", default: "disk,process" },
    shapes: { type: "string", default: "full,node" },
    only: { type: "string" },
  },
});
const numbers = (text: string): number[] => text.split(",").map(Number);
const runs = Number(options.runs);

/** Operations measured at a batch size: enough commits for a percentile, not more than a few seconds. */
const COMMITS = new Map([
  [1, 200],
  [10, 200],
  [100, 100],
  [1000, 20],
]);

const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
const sorted = (values: number[]): number[] => values.toSorted((a, b) => a - b);
const percentile = (values: number[], share: number): number =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))]!;

interface Timing {
  /** Microseconds an operation, over all commits. */
  us_per_operation: number;
  operations_per_second: number;
  commit_ms: { p50: number; p99: number };
}

function timing(commits: number[], batch: number): Timing {
  const total = commits.reduce((sum, ms) => sum + ms, 0);
  const operations = commits.length * batch;
  return {
    us_per_operation: round((total * 1000) / operations),
    operations_per_second: Math.round((operations * 1000) / total),
    commit_ms: { p50: round(percentile(commits, 0.5), 3), p99: round(percentile(commits, 0.99), 3) },
  };
}

const addEntry = createEntryReader();
const WORDS = "alpha queue retry timeout parser index socket buffer lock cache token stream".split(" ");
/** Sixty words that differ from entry to entry. */
const textOf = (i: number): string =>
  Array.from({ length: 60 }, (_, at) => `${WORDS[(i * 7 + at * at) % WORDS.length]}${(i + at) % 97}`).join(
    " ",
  );

function write(
  store: Store,
  shape: Shape,
  { from, batch, agent }: { from: number; batch: number; agent: string },
) {
  if (shape === "full") {
    transact({ store, addEntry }, { agent }, (tx) => {
      // An entry and a relation: two operations.
      for (let i = from; i < from + batch / 2 || i === from; i++) {
        tx.put({ id: `full/${i}`, type: "documentation", content: textOf(i), metadata: { number: i } });
        if (batch > 1) tx.relate(`full/${i}`, "references", "hub");
      }
    });
    return;
  }
  const tx = store.begin({ agent });
  // What a knowledge base is filled with has no words: a full entry's words must not pay for those of a million others.
  const kind = agent === "filler" ? "setting" : "entry";
  for (let i = from; i < from + batch; i++) {
    tx.put({
      key: `node/${i}`,
      kind,
      body: Buffer.from(`{"metadata":{"number":${i}},"type":"code"}`),
    });
  }
  tx.commit();
}

function measureBatch(store: Store, shape: Shape, { batch, next }: { batch: number; next: number }) {
  const commits = COMMITS.get(batch) ?? Math.max(5, Math.floor(20_000 / batch));
  const times = { write: [] as number[], rollback: [] as number[], redo: [] as number[] };
  const time = (list: number[], work: () => void): void => {
    const started = performance.now();
    work();
    list.push(performance.now() - started);
  };
  const transactions: number[] = [];
  for (let commit = 0; commit < commits; commit++) {
    time(times.write, () => write(store, shape, { from: next + commit * batch, batch, agent: "writer" }));
    transactions.push(store.history({ limit: 1 })[0]!.transaction);
  }
  const undone: number[] = [];
  for (const transaction of transactions.toReversed()) {
    time(times.rollback, () => {
      const request = rollbackRequest(store.journal, { transactions: [transaction] }, "block");
      undone.push(
        apply(
          store,
          planOn(store, () => request),
          { agent: "bench" },
        ).transaction,
      );
    });
  }
  for (const transaction of undone.toReversed()) {
    time(times.redo, () => {
      apply(
        store,
        planOn(store, () => redoRequest(store.journal, transaction, "block")),
        { agent: "bench" },
      );
    });
  }
  return {
    shape,
    batch,
    commits,
    write: timing(times.write, batch),
    rollback: timing(times.rollback, batch),
    redo: timing(times.redo, batch),
  };
}

function measureWhole(store: Store, size: number) {
  const elapsed = <T>(work: () => T): [number, T] => {
    const started = performance.now();
    const result = work();
    return [performance.now() - started, result];
  };
  const [plan_ms, plan] = elapsed(() =>
    planOn(store, () => rollbackRequest(store.journal, { agent: "filler" }, "block")),
  );
  const [rollback_ms] = elapsed(() => apply(store, plan, { agent: "bench" }));
  const [redo_ms] = elapsed(() =>
    apply(
      store,
      planOn(store, () => redoRequest(store.journal, undefined, "block")),
      { agent: "bench" },
    ),
  );
  const forks: number[] = [];
  for (let i = 0; i < 50; i++) {
    forks.push(elapsed(() => start(store, { agent: "bench", name: `fork-${i}` }, new Date()))[0]);
  }
  for (let i = 0; i < 50; i++) discard(store, `fork-${i}`, { agent: "bench" });
  return {
    operations: size,
    plan_ms: round(plan_ms),
    rollback_operations_per_second: Math.round((size * 1000) / rollback_ms),
    redo_operations_per_second: Math.round((size * 1000) / redo_ms),
    fork_ms: { p50: round(percentile(forks, 0.5), 3), p99: round(percentile(forks, 0.99), 3) },
  };
}

/** What this disk takes for one synced write of a page. */
function rawSync(folder: string) {
  const file = openSync(join(folder, "raw"), "w");
  const page = Buffer.alloc(8192, 1);
  const times: number[] = [];
  for (let i = 0; i < 300; i++) {
    const started = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    times.push(performance.now() - started);
  }
  closeSync(file);
  return { p50: round(percentile(times, 0.5), 3), p99: round(percentile(times, 0.99), 3) };
}

function measureSize(size: number, durability: Durability) {
  const folder = mkdtempSync(join(tmpdir(), "momo-bench-rollback-"));
  try {
    const file = join(folder, "momo.db");
    let store = openStore(file, { mode: "write", durability });
    transact(
      { store, addEntry },
      { agent: "hub" },
      (tx) => void tx.put({ id: "hub", type: "documentation", content: "hub" }),
    );
    for (let i = 0; i < size; i += 1000)
      write(store, "node", { from: i, batch: Math.min(1000, size - i), agent: "filler" });
    const whole = measureWhole(store, size);
    let next = size;
    const batches = [];
    for (const shape of options.shapes.split(",") as Shape[]) {
      for (const batch of numbers(options.batches)) {
        batches.push(measureBatch(store, shape, { batch, next }));
        next += 300_000;
      }
    }
    store.close();
    const started = performance.now();
    store = openStore(file, { mode: "write", durability });
    const heads = store.liveVersions("entry").length;
    const reopen_ms = round(performance.now() - started);
    store.close();
    return {
      size,
      durability,
      whole,
      batches,
      reopen_ms,
      heads,
      database_mb: round(statSync(file).size / 1e6),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The median of each number over the runs, in the shape of the first run, with the range of rates beside it. */
function medians(all: readonly unknown[]): unknown {
  const [first] = all;
  if (typeof first === "number") return percentile(all as number[], 0.5);
  if (Array.isArray(first)) return first.map((_, i) => medians(all.map((one) => (one as unknown[])[i])));
  if (typeof first !== "object" || first === null) return first;
  const merged: Record<string, unknown> = {};
  for (const name of Object.keys(first)) {
    const values = all.map((one) => (one as Record<string, unknown>)[name]);
    merged[name] = medians(values);
    if (name.endsWith("operations_per_second"))
      merged[`${name}_range`] = [Math.min(...(values as number[])), Math.max(...(values as number[]))];
  }
  return merged;
}

const folder = mkdtempSync(join(tmpdir(), "momo-bench-sync-"));
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
const measureSizes = () =>
  (options.durability.split(",") as Durability[]).flatMap((durability) =>
    numbers(options.sizes).map((size) => {
      process.stderr.write(`${size} entries, ${durability}\n`);
      return medians(Array.from({ length: runs }, () => measureSize(size, durability)));
    }),
  );
const report = {
  machine,
  runs,
  raw_sync_ms: rawSync(folder),
  ...(options.only !== "sizes" && { paths: medians(Array.from({ length: runs }, measurePaths)) }),
  ...(options.only !== "paths" && { results: measureSizes() }),
};
rmSync(folder, { recursive: true });
process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
