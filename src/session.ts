/**
 * The open store of one Momo, seen from the knowledge base itself or from an exploration, with a retriever for each.
 * Opened when first needed, and again for the first write. Made by momo.ts.
 */
import { existsSync } from "node:fs";
import { createRetriever, type Retriever } from "./retrieve/search.ts";
import { mainBranch } from "./store/contract/kinds.ts";
import type { Store } from "./store/contract/store.ts";
import { isUntidy } from "./store/lexical/tidy.ts";
import { openStore } from "./store/open.ts";

export interface Session {
  exists(): boolean;
  read(exploration?: string): Store;
  write(exploration?: string): Store;
  retriever(exploration?: string): Retriever;
  /** On a branch of the open store. */
  retrieverOf(store: Store): Retriever;
  /** After a write: starts merging segments in the background where there are too many. */
  tidy(): void;
  /** Waits for a merge that is under way. */
  close(): Promise<void>;
}

export interface SessionOptions {
  file: string;
  root: string | undefined;
  wait_ms: number;
  /** Finds an exploration in a store. */
  explore(store: Store, name: string): Store;
  /** Before a write: discards explorations whose time is over. */
  sweep(store: Store): void;
}

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const tidyFile = new URL(`./store/lexical/tidy-worker.${extension}`, import.meta.url);

/** Settles in any case: a merge that failed is one that did not happen, and damage shows where knowledge is read. */
async function mergeInThread(file: string, wait_ms: number): Promise<void> {
  const { Worker } = await import("node:worker_threads");
  return new Promise((resolve) => {
    const worker = new Worker(tidyFile, { workerData: { file, wait_ms } });
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

export function createSession({ file, root, wait_ms, explore, sweep }: SessionOptions): Session {
  let store: Store | undefined;
  let tidying: Promise<void> | undefined;
  const retrievers = new Map<number, Retriever>();
  const open = (mode: "read" | "write"): Store => {
    if (store && (mode === "read" || store.writable)) return store;
    store?.close();
    retrievers.clear();
    store = openStore(file, { mode, wait_ms });
    return store;
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
    exists: () => store !== undefined || existsSync(file),
    read: (exploration) => on("read", exploration),
    write: (exploration) => {
      sweep(open("write"));
      return on("write", exploration);
    },
    retriever: (exploration) => retrieverOf(on("read", exploration)),
    retrieverOf,
    tidy: () => {
      if (tidying || !store?.writable || !isUntidy(store)) return;
      tidying = mergeInThread(file, wait_ms).finally(() => {
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
