/**
 * Knowledge bases with files, entries and relations, random steps on them, and all that one is: contents, graph, words
 * and the ranked scores of queries that find them. Used by the tests that a state comes back to the last score.
 */
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect } from "vitest";
import { discard, open, start } from "../src/explore/exploration.ts";
import { merge } from "../src/explore/merge.ts";
import { createDocumentReader } from "../src/extract/document.ts";
import { createEntryReader } from "../src/extract/entry-words.ts";
import { transact } from "../src/knowledge/transact.ts";
import { emptyOutline } from "../src/model/outline.ts";
import { type RollbackPolicy, rollbackPolicies } from "../src/model/rollback.ts";
import { digestReport } from "../src/retrieve/digest-report.ts";
import { createRetriever } from "../src/retrieve/search.ts";
import { apply } from "../src/rollback/apply.ts";
import { planOn } from "../src/rollback/plan.ts";
import { redoRequest, rewindRequest } from "../src/rollback/redo.ts";
import type { PlanRequest } from "../src/rollback/request.ts";
import { rollbackRequest } from "../src/rollback/select.ts";
import type { Store } from "../src/store/contract/store.ts";
import { SegmentBuilder } from "../src/store/lexical/builder.ts";
import { keepWords } from "../src/store/lexical/pending.ts";
import { openStore } from "../src/store/open.ts";
import { encodeBody } from "../src/store/records/file.ts";
import { headOf } from "../src/store/records/names.ts";

const WORDS = "queue cache parser socket retry buffer token index".split(" ");
/** Each finds entries and files; no two words of them are always together. */
const QUERIES = [
  "queue cache",
  "retry",
  "how does the parser read a token",
  "socket buffer",
  "notes/a",
  "index",
];
const ids = ["notes/a", "notes/b", "notes/c", "guides/d"];
const now = new Date(0);

export type Step =
  | { do: "write"; agent: string; changes: Change[]; reads: string[] }
  | { do: "undo"; draw: number; policy: RollbackPolicy }
  | { do: "redo"; policy: RollbackPolicy }
  | { do: "rewind"; draw: number }
  | { do: "keep" }
  | { do: "nested"; steps: Step[]; end: "merge" | "discard" };

type Change =
  | { do: "put"; id: string; words: string[]; title: string }
  | { do: "update"; id: string; words: string[] }
  | { do: "remove"; id: string }
  | { do: "relate" | "unrelate"; id: string; other: string };

const id = fc.constantFrom(...ids);
const words = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 8, size: "max" });
const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("put" as const), id, words, title: fc.constantFrom(...WORDS) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("update" as const), id, words }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), id }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("relate" as const, "relate" as const, "unrelate" as const),
      id,
      other: fc.constantFrom(...ids, "src/retry.ts"),
    }),
  },
);
/** Quarantine writes the number of a version into the state, and those are never the same in two histories. */
export const comparable = fc.constantFrom(...rollbackPolicies.filter((one) => one !== "quarantine"));

const nothing: fc.Arbitrary<string[]> = fc.constant([]);

export const write = fc.record({
  do: fc.constant("write" as const),
  agent: fc.constantFrom("ann", "bob"),
  changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  reads: fc.oneof({ weight: 3, arbitrary: nothing }, fc.array(id, { maxLength: 1 })),
});

export const stepsWith = (
  policy: fc.Arbitrary<RollbackPolicy>,
  { maxLength, depth = 0 }: { maxLength: number; depth?: number },
): fc.Arbitrary<Step[]> => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 10, arbitrary: write },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("undo" as const), draw: fc.nat(99), policy }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("redo" as const), policy }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("rewind" as const), draw: fc.nat(99) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("keep" as const) }) },
    ...(depth > 0
      ? [
          {
            weight: 3,
            arbitrary: fc.record({
              do: fc.constant("nested" as const),
              steps: stepsWith(policy, { maxLength: 4, depth: depth - 1 }),
              end: fc.constantFrom("merge" as const, "merge" as const, "discard" as const),
            }),
          },
        ]
      : []),
  );
  return fc.array(step, { maxLength, size: "max" });
};

const addEntry = createEntryReader();
const readDocument = createDocumentReader();

const FILES = {
  "src/retry.ts": "export function retry(policy) {\n  // waits in the queue and reads a token again\n}\n",
  "src/cache.ts": "export class Cache {\n  buffer = [];\n  index(socket) {}\n}\n",
};

function indexFiles(store: Store): void {
  const language = "typescript";
  const outline = emptyOutline();
  const tx = store.begin({ agent: "indexer", kind: "index" });
  const builder = new SegmentBuilder();
  const vids = Object.entries(FILES).map(([path, text]) => {
    const bytes = Buffer.from(text);
    const { lines } = readDocument({ path, language, flags: 0, bytes, outline }, builder);
    const body = encodeBody({ language, lines, bytes: bytes.length, ...outline });
    const own = createHash("sha256").update(bytes).digest();
    return tx.put({ key: path, kind: "file", hash: own, body, text: bytes }).vid;
  });
  tx.addSegment(builder.finish(), Float64Array.from(vids));
  tx.commit();
}

let places = 0;

/** Runs work on a knowledge base of its own with two files; nothing of it remains. */
export function inPlace<T>(folder: string, work: (store: Store) => T): T {
  const store = openStore(join(folder, `${places++}`, "momo.db"), { mode: "write", durability: "process" });
  try {
    indexFiles(store);
    const result = work(store);
    expect(store.verify()).toBeUndefined();
    return result;
  } finally {
    store.close();
    rmSync(dirname(store.path), { recursive: true });
  }
}

/** What steps mean by a transaction: those of the place where they are taken, and not before. */
class Scope {
  readonly store: Store;
  /** In explorations that are merged or discarded; else the same is done on the spot, or not at all. */
  readonly #explores: boolean;
  readonly #written: number[] = [];
  readonly #undone: number[] = [];
  readonly #states: number[];
  /** A merge is one transaction where the same done directly is many: what it takes back is not comparable. */
  #isMerged = false;

  constructor(store: Store, explores: boolean) {
    this.store = store;
    this.#explores = explores;
    this.#states = [store.seq()];
  }

  play(steps: readonly Step[]): void {
    for (const step of steps) {
      this.#take(step);
      this.#states.push(this.store.seq());
    }
  }

  #take(step: Step): void {
    const { journal } = this.store;
    if (step.do === "write") this.#written.push(...writeIn(this.store, step));
    else if (step.do === "keep") keepNow(this.store);
    else if (step.do === "rewind")
      carryOut(this.store, rewindRequest(journal, { seq: drawn(this.#states, step.draw)! }));
    else if (step.do === "nested") this.#nest(step);
    else if (!this.#isMerged && step.do === "undo" && this.#written.length > 0) {
      const transactions = [drawn(this.#written, step.draw)!];
      const done = carryOut(this.store, rollbackRequest(journal, { transactions }, step.policy));
      if (done) this.#undone.push(done);
    } else if (!this.#isMerged && step.do === "redo" && this.#undone.length > 0) {
      carryOut(this.store, redoRequest(journal, this.#undone.pop(), step.policy));
    }
  }

  #nest({ steps, end }: Extract<Step, { do: "nested" }>): void {
    if (end === "merge") this.#isMerged = true;
    if (this.#explores) inExploration(this.store, steps, end);
    else if (end === "merge") new Scope(this.store, false).play(steps);
  }
}

const drawn = <T>(list: readonly T[], draw: number): T | undefined => list[draw % list.length];

/** The transaction; 0 where it changed nothing or was blocked. */
function carryOut(store: Store, request: PlanRequest): number {
  const plan = planOn(store, () => request);
  return plan.blocked ? 0 : apply(store, plan, { agent: "eve" }).transaction;
}

export const playDirectly = (store: Store, steps: readonly Step[]): void =>
  new Scope(store, false).play(steps);
export const playWithin = (store: Store, steps: readonly Step[]): void => new Scope(store, true).play(steps);

let names = 0;

/** The knowledge base that a store is a branch of, for what only that can be asked. */
function inExploration(parent: Store, steps: readonly Step[], end: "merge" | "discard"): void {
  const name = `exploration-${names++}`;
  const main = parent.on(1);
  const over = main.branches().find(({ branch }) => branch === parent.branch);
  start(main, { agent: "eve", name, ...(over && { parent: over.name }) }, now);
  const view = open(main, name, now);
  playWithin(view, steps);
  if (end === "merge") merge({ parent, view, name, prefer: undefined }, { agent: "eve" });
  else discard(main, name, { agent: "eve" });
}

export function writeIn(store: Store, { agent, changes, reads }: Extract<Step, { do: "write" }>): number[] {
  const known = reads.filter((one) => headOf(store, one));
  // The store shows what is committed: what this transaction did to an id is remembered here.
  const changed = new Map<string, boolean>();
  const isThere = (id: string): boolean => changed.get(id) ?? headOf(store, id) !== undefined;
  const { transaction } = transact({ store, addEntry, clock: () => now }, { agent, reads: known }, (tx) => {
    for (const one of changes) {
      if (one.do === "put" || one.do === "remove") changed.set(one.id, one.do === "put");
      if (one.do === "put") {
        const metadata = { title: one.title };
        tx.put({ id: one.id, type: "documentation", content: one.words.join(" "), metadata });
      } else if (one.do === "update" && isThere(one.id))
        tx.update(one.id, { content: one.words.join("\n\n") });
      else if (one.do === "remove") tx.remove(one.id);
      else if (one.do === "unrelate") tx.unrelate(one.id, "references", one.other);
      else if (one.do === "relate" && isThere(one.id) && isThere(one.other))
        tx.relate(one.id, "references", one.other);
    }
  });
  return transaction > 0 ? [transaction] : [];
}

/** Stores the words of everything that is pending now. */
export function keepNow(store: Store): void {
  const tx = store.begin({ agent: "ann" });
  keepWords(tx, { add: addEntry, count: 1000 });
  tx.commit();
}

/** All that a state is but the numbers of its versions, as a search from the beginning sees it. */
export function stateOf(store: Store): Record<string, unknown> {
  const retriever = createRetriever(store);
  const { digest, parts } = digestReport(store, retriever, QUERIES);
  const heads = (["file", "entry", "relation", "mark"] as const).flatMap((kind) => store.heads(kind));
  return {
    digest,
    parts,
    contents: heads
      .map(({ key, vid }) => [key, String(store.body(vid)), String(store.text(vid))])
      .sort(([a], [b]) => (a! < b! ? -1 : 1)),
    edges: ids.flatMap((one) =>
      store
        .edges(one, "source")
        .map(({ key }) => key)
        .sort(),
    ),
    found: QUERIES.map((query) =>
      retriever
        .search({ query, limit: 20, explain: true })
        .results.map(({ path, start_line, score, explain }) => [path, start_line, score, explain]),
    ),
  };
}

/** The same with the numbers of the versions: what a state is to the last bit. */
export const exactly = (store: Store): unknown => ({
  ...stateOf(store),
  heads: (["file", "entry", "relation", "mark"] as const).map((kind) =>
    store
      .heads(kind)
      .map(({ key, vid }) => `${key}@${vid}`)
      .sort(),
  ),
});

/** How many results the queries have: a property over searches that find nothing would always hold. */
export const resultsIn = (store: Store): number =>
  (stateOf(store).found as unknown[][]).reduce((sum, results) => sum + results.length, 0);
