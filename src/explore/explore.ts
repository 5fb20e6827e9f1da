/** Explorations as the public API offers them. momo.ts makes it over the open store. */
import type {
  Exploration,
  ExplorationComparison,
  ExploreRequest,
  MergeOptions,
  WriteReceipt,
} from "../model/rollback.ts";
import type { Store } from "../store/contract/store.ts";
import type { Attribution } from "../store/contract/transaction.ts";
import { compare, type Find } from "./compare.ts";
import { askedBy, discard, list, open, start } from "./exploration.ts";
import { merge } from "./merge.ts";

export interface Explore {
  /** Starts an exploration; name it in the requests of other calls to read and write in it. */
  explore(request: ExploreRequest): Promise<Exploration>;
  explorations(): Promise<Exploration[]>;
  /** Ids, relations and, for each query, the first results on both sides. */
  compareExploration(name: string, queries?: readonly string[]): Promise<ExplorationComparison>;
  /** Makes it part of what it lies over, as one transaction. */
  mergeExploration(name: string, options: MergeOptions): Promise<WriteReceipt>;
  /** Nothing of it stays but a line in the history. */
  discardExploration(name: string, by: Attribution): Promise<void>;
}

export interface Knowledge {
  /** The knowledge base itself. */
  read(): Store;
  write(): Store;
  /** The first results of a query on a branch. */
  find(store: Store): Find;
  now(): Date;
}

export function createExplore({ read, write, find, now }: Knowledge): Explore {
  const sides = (store: Store, name: string) => {
    const view = open(store, name, now());
    const record = store.branches().find(({ branch }) => branch === view.branch)!;
    return { view, parent: store.on(record.parent), name };
  };
  return {
    explore: async (request) => start(write(), request, now()),
    explorations: async () => {
      const store = read();
      return store.snapshot(() => list(store, now()));
    },
    compareExploration: async (name, queries = []) => {
      const store = read();
      return store.snapshot(() => {
        const both = sides(store, name);
        return compare(both, { queries, base: find(both.parent), exploration: find(both.view) });
      });
    },
    mergeExploration: async (name, options) => {
      const store = write();
      const by = askedBy(options, ["merge", name, options.prefer]);
      // What was merged is not there any more.
      return store.answeredAnywhere(by) ?? merge({ ...sides(store, name), prefer: options.prefer }, by);
    },
    discardExploration: async (name, by) => discard(write(), name, askedBy(by, ["discard", name])),
  };
}
