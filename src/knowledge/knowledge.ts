/** What people and agents write and read of it, as the public API offers it. momo.ts makes it over the open store. */
import type { EntriesRequest, EntrySummary, NeighborsRequest } from "../model/api.ts";
import type { EntryTransaction, RelationRecord, TransactRequest, WriteReceipt } from "../model/rollback.ts";
import type { Store } from "../store/contract/store.ts";
import { listEntries, neighbors } from "./read-entry.ts";
import { transact, type WritingPlace } from "./transact.ts";

export interface Knowledge {
  /** What people and agents wrote, by id. */
  entries(request?: EntriesRequest): Promise<EntrySummary[]>;
  /** Relations that were written at an id. */
  neighbors(id: string, request?: NeighborsRequest): Promise<RelationRecord[]>;
  /** Does all that `work` says, or nothing. `work` says it at once: it must not wait for anything. */
  transact<T>(request: TransactRequest, work: (tx: EntryTransaction) => T): Promise<WriteReceipt>;
}

export interface KnowledgePlace extends Omit<WritingPlace, "store"> {
  read(exploration?: string): Store;
  write(exploration?: string): Store;
}

export function createKnowledge({ read, write, ...place }: KnowledgePlace): Knowledge {
  const reading = <T>(exploration: string | undefined, work: (store: Store) => T): T => {
    const store = read(exploration);
    return store.snapshot(() => work(store));
  };
  return {
    entries: async (request = {}) => reading(request.exploration, (store) => listEntries(store, request)),
    neighbors: async (id, request = {}) =>
      reading(request.exploration, (store) => neighbors(store, id, request)),
    transact: async (request, work) =>
      transact({ store: write(request.exploration), ...place }, request, work),
  };
}
