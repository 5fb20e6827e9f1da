/**
 * The open store of one Momo, seen from the knowledge base itself or from an exploration, with a retriever for each.
 * Opened when first needed, and again for the first write. Made by momo.ts.
 */
import { existsSync } from "node:fs";
import { MomoError } from "./errors.ts";
import { createRetriever, type Retriever } from "./retrieve/search.ts";
import { mainBranch } from "./store/contract/kinds.ts";
import type { Store } from "./store/contract/store.ts";
import { isUntidy } from "./store/lexical/tidy.ts";
import { openStore } from "./store/open.ts";

export interface Session {
  /** Opens it where there is one. False as well while another process is about to make the file. */
  exists(): boolean;
  read(exploration?: string): Store;
  write(exploration?: string): Store;
  retriever(exploration?: string): Retriever;
  /** On a branch of the open store. */
  retrieverOf(store: Store): Retriever;
  /** After a write: merges segments where there are too many and drops what is too old, in the background. */
  tidy(): void;
  /** Waits for background work that is under way. */
  close(): Promise<void>;
}

export interface SessionOptions {
  file: string;
  root: string | undefined;
  wait_ms: number;
  /** How long operations are kept; 0 for ever. */
  keep_days: number;
  /** Finds an exploration in a store. */
  explore(store: Store, name: string): Store;
  /** Before a write: discards explorations whose time is over. */
  sweep(store: Store): void;
}

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const workerFile = (path: string): URL => new URL(`${path}.${extension}`, import.meta.url);
const tidyFile = workerFile("./store/lexical/tidy-worker");
const retentionFile = workerFile("./rollback/retention-worker");
/** Between two looks at what is old enough to be dropped. */
const RETENTION_MS = 86_400_000;

/** Settles in any case: work that failed is work that did not happen, and damage shows where knowledge is read. */
async function runInThread(worked: URL, workerData: object): Promise<void> {
  const { Worker } = await import("node:worker_threads");
  return new Promise((resolve) => {
    const worker = new Worker(worked, { workerData });
    worker.on("error", () => resolve());
    worker.on("exit", () => resolve());
  });
}

/** One takes some MB: those of explorations that are gone are let go. */
function forgetDropped(store: Store, retrievers: Map<number, Retriever>): void {
  const open = new Set(store.branches().map(({ branch }) => branch));
  for (const branch of retrievers.keys())
    if (branch !== mainBranch && !open.has(branch)) retrievers.delete(branch);
}

export function createSession({ file, root, wait_ms, keep_days, explore, sweep }: SessionOptions): Session {
  let store: Store | undefined;
  let tidying: Promise<void> | undefined;
  let looked = Number.NEGATIVE_INFINITY;
  const dropOld = async (of: Store): Promise<void> => {
    // Loaded here: a search does not pay for it.
    const { isCompactionDue } = await import("./rollback/retention.ts");
    if (isCompactionDue(of, keep_days)) await runInThread(retentionFile, { file, wait_ms, keep_days });
  };
  const retrievers = new Map<number, Retriever>();
  const open = (mode: "read" | "write"): Store => {
    if (store && (mode === "read" || store.writable)) return store;
    store?.close();
    retrievers.clear();
    store = openStore(file, { mode, wait_ms });
    return store;
  };
  const exists = (): boolean => {
    if (store) return true;
    if (!existsSync(file)) return false;
    try {
      open("read");
      return true;
    } catch (error) {
      if (error instanceof MomoError && error.code === "STORE_MISSING") return false;
      throw error;
    }
  };
  const on = (mode: "read" | "write", exploration: string | undefined): Store =>
    exploration === undefined ? open(mode) : explore(open(mode), exploration);
  const retrieverOf = (view: Store): Retriever => {
    const known = retrievers.get(view.branch);
    if (known) return known;
    forgetDropped(view, retrievers);
    const made = createRetriever(view, root);
    retrievers.set(view.branch, made);
    return made;
  };
  return {
    exists,
    read: (exploration) => on("read", exploration),
    write: (exploration) => {
      sweep(open("write"));
      return on("write", exploration);
    },
    retriever: (exploration) => retrieverOf(on("read", exploration)),
    retrieverOf,
    tidy: () => {
      if (tidying || !store?.writable) return;
      if (store.hasLeftovers()) store.settle();
      const written = store;
      const [merges, drops] = [isUntidy(store), Date.now() - looked >= RETENTION_MS];
      if (!merges && !drops) return;
      if (drops) looked = Date.now();
      const work = async (): Promise<void> => {
        if (merges) await runInThread(tidyFile, { file, wait_ms });
        if (drops) await dropOld(written);
      };
      tidying = work().finally(() => {
        tidying = undefined;
      });
    },
    close: async () => {
      await tidying;
      store?.close();
      store = undefined;
      retrievers.clear();
    },
  };
}
