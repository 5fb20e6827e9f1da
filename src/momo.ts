/** Composition root: opens a knowledge base and offers what can be done with it. The only file that names concrete adapters. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadConfig } from "./config/config.ts";
import { MomoError } from "./errors.ts";
import type {
  IngestRequest,
  IngestStats,
  KnowledgeEntry,
  OpenOptions,
  SearchRequest,
  SearchResponse,
  Status,
} from "./model/api.ts";
import { createRetriever, type Retriever } from "./retrieve/search.ts";
import { openStore } from "./store/journal.ts";
import type { HistoryFilter, Store, TransactionRecord } from "./store/store.ts";

export interface Momo {
  /** The folder the knowledge is about, symbolic links resolved. */
  readonly root: string | undefined;
  readonly home: string;
  ingest(request?: IngestRequest): Promise<IngestStats>;
  /** Answers from the index; never indexes by itself. */
  search(request: SearchRequest): Promise<SearchResponse>;
  get(id: string): Promise<KnowledgeEntry | undefined>;
  status(): Promise<Status>;
  history(filter?: HistoryFilter): Promise<TransactionRecord[]>;
  digest(): Promise<string>;
  /** True when nothing has been indexed yet: the CLI's search indexes first. */
  isEmpty(): boolean;
  close(): Promise<void>;
}

export const DATABASE = "momo.db";

/** Opens the knowledge base of a folder. Nothing is created or locked before the first ingest. */
export async function openMomo(options: OpenOptions): Promise<Momo> {
  const root = options.root === undefined ? undefined : existingFolder(options.root);
  const home = homeOf(options.home, root);
  const config = loadConfig(home).values;
  const session = createSession(join(home, DATABASE), options.wait_ms ?? config.wait_ms);
  if (session.exists()) checkRoot(session.read(), root, home);
  return {
    root,
    home,
    ingest: async (request = {}) => {
      const { runIngest } = await import("./ingest/request.ts");
      if (!root) throw new MomoError("ROOT_MISSING");
      return runIngest(session.write(), { root, home, config, request });
    },
    search: async (request) => {
      const { checkRequest } = await import("./retrieve/check.ts");
      checkRequest(request, config.max_search_results);
      return session.retriever(root).search(request);
    },
    get: async (id) => {
      const { entry } = await import("./retrieve/entries.ts");
      return entry(session.read(), session.retriever().index(), id);
    },
    status: async () => {
      const { status } = await import("./retrieve/status.ts");
      return status(session.read(), { root, home, index: session.retriever().index() });
    },
    history: async (filter) => session.read().history(filter),
    digest: async () => session.read().digest(),
    isEmpty: () => !session.exists() || session.read().seq() === 0,
    close: async () => session.close(),
  };
}

function existingFolder(path: string): string {
  if (!existsSync(path)) throw new MomoError("PATH_MISSING", { path });
  if (!statSync(path).isDirectory()) throw new MomoError("PATH_IS_FILE", { path });
  return realpathSync(path);
}

function homeOf(home: string | undefined, root: string | undefined): string {
  if (home !== undefined) return resolve(home);
  if (root === undefined) throw new MomoError("ROOT_MISSING");
  return join(root, ".momo");
}

/** A knowledge base is about one folder: another one's files would be taken for deleted. */
function checkRoot(store: Store, root: string | undefined, home: string): void {
  const known = store.meta("root");
  if (root && known && known !== root && existsSync(known))
    throw new MomoError("HOME_OTHER_ROOT", { home, root: known, path: root });
}

interface Session {
  exists(): boolean;
  read(): Store;
  write(): Store;
  retriever(root?: string): Retriever;
  close(): void;
}

/** The store, opened when first needed; reopened for writing by the first ingest. */
function createSession(file: string, wait_ms: number): Session {
  let store: Store | undefined;
  let retriever: Retriever | undefined;
  const open = (mode: "read" | "write"): Store => {
    if (store && (mode === "read" || store.writable)) return store;
    store?.close();
    retriever = undefined;
    store = openStore(file, { mode, wait_ms });
    return store;
  };
  return {
    exists: () => store !== undefined || existsSync(file),
    read: () => open("read"),
    write: () => open("write"),
    retriever: (root) => {
      const current = open("read");
      retriever ??= createRetriever(current, root);
      return retriever;
    },
    close: () => {
      store?.close();
      store = undefined;
      retriever = undefined;
    },
  };
}
