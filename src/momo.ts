/** Composition root: opens a knowledge base and offers what can be done with it. The only file that names concrete adapters. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { embeddingKey, loadConfig } from "./config/config.ts";
import type { Settings } from "./config/settings.ts";
import type { Embedders } from "./embed/embedders.ts";
import { MomoError } from "./errors.ts";
import { open as openExploration, sweep } from "./explore/exploration.ts";
import type { Explore } from "./explore/explore.ts";
import type { Knowledge } from "./knowledge/knowledge.ts";
import type {
  EmbeddingPlan,
  EmbeddingReport,
  EmbedRequest,
  IngestRequest,
  IngestStats,
  KnowledgeEntry,
  OpenOptions,
  SearchRequest,
  SearchResponse,
  Status,
} from "./model/api.ts";
import type { DigestReport } from "./model/rollback.ts";
import { attribute } from "./observe/conventions.ts";
import { span } from "./observe/trace.ts";
import type { Answers } from "./retrieve/answers.ts";
import type { Meaning, MeaningReader, NoMeaning } from "./retrieve/query-vector.ts";
import type { Rollback, Where } from "./rollback/rollback.ts";
import { createSession, type Session } from "./session.ts";
import type { HistoryFilter, TransactionRecord } from "./store/contract/journal.ts";
import type { Store } from "./store/contract/store.ts";

export interface Momo extends Knowledge, Rollback, Explore {
  /** The folder the knowledge is about, symbolic links resolved. */
  readonly root: string | undefined;
  readonly home: string;
  ingest(request?: IngestRequest): Promise<IngestStats>;
  /** Answers from the index; never indexes by itself. */
  search(request: SearchRequest): Promise<SearchResponse>;
  /** A file, a definition (`<path>#<name>`) or an entry. */
  get(id: string, where?: Where): Promise<KnowledgeEntry | undefined>;
  status(): Promise<Status>;
  /** What `embed` would do. Raises what the strategy that is set raises (docs/embeddings.md). */
  planEmbedding(request?: EmbedRequest): Promise<EmbeddingPlan>;
  /** Gives every chunk a vector of the model that is set; goes on where an interrupted call stopped. */
  embed(request?: EmbedRequest): Promise<EmbeddingReport>;
  history(filter?: HistoryFilter & Where): Promise<TransactionRecord[]>;
  /** The state as one number: equal states have equal digests. */
  digest(): Promise<string>;
  /** The same by parts, with the words and the ranked scores of a few queries. */
  digestReport(where?: Where): Promise<DigestReport>;
  /** True when nothing has been indexed yet: the CLI's search indexes first. */
  isEmpty(): boolean;
  close(): Promise<void>;
}

export const DATABASE = "momo.db";

/** Opens the knowledge base of a folder. Nothing is created or locked before the first ingest. */
export async function openMomo(options: OpenOptions): Promise<Momo> {
  const root = options.root === undefined ? undefined : existingFolder(options.root);
  const home = homeOf(options.home, root);
  const config = loadConfig(home, process.env, options.settings).values;
  const session = createSession({
    file: join(home, DATABASE),
    root,
    wait_ms: options.wait_ms ?? config.wait_ms,
    keep_days: config.keep_days,
    explore: (store, name) => openExploration(store, name, new Date()),
    sweep: (store) => sweep(store, new Date()),
  });
  let answers: Answers | undefined;
  if (session.exists()) checkRoot(session.read(), root, home);
  const embedding = embeddingOf(session, config);
  return {
    root,
    home,
    ingest: async (request = {}) => {
      const { runIngest } = await import("./ingest/request.ts");
      if (!root) throw new MomoError("ROOT_MISSING");
      const stats = await runIngest(session.write(), { root, home, config, request });
      const embedded = await embedding.afterIngest(request);
      session.tidy();
      return { ...stats, ...(embedded && { embedding: embedded }) };
    },
    search: async (request) => {
      const { checkRequest } = await import("./retrieve/check.ts");
      checkRequest(request, config.max_search_results);
      const { createAnswers } = await import("./retrieve/answers.ts");
      answers ??= createAnswers({ ttl_ms: config.cache_ttl_search * 1000, now: Date.now });
      const kept = answers;
      const asked = { expand: config.expand, ...request };
      return span("retrieval", { [attribute.genAiOperation]: "retrieval" }, async (note) => {
        const meaning = await embedding.meaning(asked);
        const response = await kept.of(session.retriever(request.exploration), asked, meaning);
        note({ [attribute.dbRows]: response.results.length });
        return response;
      });
    },
    planEmbedding: embedding.plan,
    embed: embedding.embed,
    get: async (id, { exploration } = {}) => readId(session, id, exploration),
    status: async () => {
      const { status } = await import("./retrieve/status.ts");
      const [store, index] = [session.read(), session.retriever().index()];
      return store.snapshot(() => status(store, { root, home, index }));
    },
    history: async ({ exploration, ...filter } = {}) => session.read(exploration).history(filter),
    digest: async () => session.read().digest(),
    digestReport: async ({ exploration } = {}) => {
      const { digestReport } = await import("./retrieve/digest-report.ts");
      return digestReport(session.read(exploration), session.retriever(exploration));
    },
    ...knowledgeOf(session, root),
    ...rollbackOf(session),
    ...exploreOf(session),
    isEmpty: () => !session.exists() || session.read().meta("scanned_at") === undefined,
    close: async () => {
      await embedding.close();
      await session.close();
    },
  };
}

async function readId(
  session: Session,
  id: string,
  exploration: string | undefined,
): Promise<KnowledgeEntry | undefined> {
  const { readEntry, withKnowledge } = await import("./knowledge/read-entry.ts");
  const { entry } = await import("./retrieve/entries.ts");
  const store = session.read(exploration);
  const written = store.snapshot(() => readEntry(store, id));
  if (written) return written;
  const index = session.retriever(exploration).index();
  return store.snapshot(() => {
    const code = entry(store, index, id);
    return code && withKnowledge(store, code);
  });
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

function knowledgeOf({ read, write, tidy }: Session, root: string | undefined): Knowledge {
  let made: Promise<Knowledge> | undefined;
  const make = async (): Promise<Knowledge> => {
    const { createKnowledge } = await import("./knowledge/knowledge.ts");
    const { createEntryReader } = await import("./extract/entry-words.ts");
    return createKnowledge({ read, write, root, addEntry: createEntryReader() });
  };
  const load = (): Promise<Knowledge> => {
    made ??= make();
    return made;
  };
  return {
    entries: async (...given) => (await load()).entries(...given),
    neighbors: async (...given) => (await load()).neighbors(...given),
    transact: async (...given) => {
      const done = await (await load()).transact(...given);
      tidy();
      return done;
    },
  };
}

interface Embedding {
  plan: Momo["planEmbedding"];
  embed: Momo["embed"];
  afterIngest(request: IngestRequest): Promise<IngestStats["embedding"]>;
  meaning(request: SearchRequest): Promise<Meaning | NoMeaning | undefined>;
  close(): Promise<void>;
}

/** Loaded where a strategy is set that stores vectors, or one is asked for. */
function embeddingOf(session: Session, config: Settings): Embedding {
  let made: Promise<{ embedders: Embedders; readMeaning: MeaningReader }> | undefined;
  const make = async (): Promise<{ embedders: Embedders; readMeaning: MeaningReader }> => {
    const { createEmbedders } = await import("./embed/embedders.ts");
    const { createMeaningReader } = await import("./retrieve/query-vector.ts");
    const embedders = createEmbedders({ settings: config, key: embeddingKey(), now: Date.now });
    return { embedders, readMeaning: createMeaningReader(embedders, Date.now) };
  };
  const load = (): Promise<{ embedders: Embedders; readMeaning: MeaningReader }> => {
    made ??= make();
    return made;
  };
  const isActive = config.embedding_strategy !== "static";
  const place = async () => ({ store: session.write(), embedders: (await load()).embedders });
  return {
    plan: async (request = {}) =>
      (await import("./ingest/embedding.ts")).planEmbedding(await place(), request),
    embed: async (request = {}) => (await import("./ingest/embedding.ts")).embedAll(await place(), request),
    afterIngest: async (request) =>
      isActive ? (await import("./ingest/embedding.ts")).embedAfterIngest(await place(), request) : undefined,
    meaning: async (request) =>
      isActive || request.strategy !== undefined
        ? (await load()).readMeaning(session.read(), request)
        : undefined,
    close: async () => (await made)?.embedders.close(),
  };
}

/** Loaded when something is first taken back: a search does not pay for it. */
function rollbackOf(session: Session): Rollback {
  let made: Promise<Rollback> | undefined;
  const load = (): Promise<Rollback> => {
    made ??= import("./rollback/rollback.ts").then(({ createRollback }) => createRollback(session));
    return made;
  };
  return {
    planRollback: async (...given) => (await load()).planRollback(...given),
    planRedo: async (...given) => (await load()).planRedo(...given),
    planRewind: async (...given) => (await load()).planRewind(...given),
    rollback: async (...given) => (await load()).rollback(...given),
    takenBack: async (...given) => (await load()).takenBack(...given),
    redo: async (...given) => (await load()).redo(...given),
    rewind: async (...given) => (await load()).rewind(...given),
    checkpoint: async (...given) => (await load()).checkpoint(...given),
    removeCheckpoint: async (...given) => (await load()).removeCheckpoint(...given),
    checkpoints: async (...given) => (await load()).checkpoints(...given),
    versions: async (...given) => (await load()).versions(...given),
    quarantined: async (...given) => (await load()).quarantined(...given),
    release: async (...given) => (await load()).release(...given),
    compact: async (...given) => (await load()).compact(...given),
    erase: async (...given) => (await load()).erase(...given),
    exportJournal: async () => (await load()).exportJournal(),
    verify: async () => (await load()).verify(),
  };
}

/** How many results of each query are compared. */
const COMPARED = 10;

function exploreOf(session: Session): Explore {
  const load = async (): Promise<Explore> => {
    const { createExplore } = await import("./explore/explore.ts");
    return createExplore({
      read: session.read,
      write: session.write,
      now: () => new Date(),
      find: (store) => (query) =>
        session
          .retrieverOf(store)
          .search({ query, limit: COMPARED })
          .results.map(({ path, score }) => ({ path, score })),
    });
  };
  return {
    explore: async (...given) => (await load()).explore(...given),
    explorations: async () => (await load()).explorations(),
    compareExploration: async (...given) => (await load()).compareExploration(...given),
    mergeExploration: async (...given) => (await load()).mergeExploration(...given),
    discardExploration: async (...given) => (await load()).discardExploration(...given),
  };
}
