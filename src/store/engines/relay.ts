/**
 * Brings each engine what it has not got: in batches, again after a failure with longer and longer pauses, compared as a
 * whole where it may have drifted. How far an engine has come is written only after it said that it has it all. Made by
 * momo.ts, which also says when to run.
 */
import { MomoError } from "../../errors.ts";
import { redactText } from "../../model/secrets.ts";
import type { Engine, EngineRecord } from "../contract/feed.ts";
import type { Confirmation, Relay } from "../contract/relay.ts";
import type { Store } from "../contract/store.ts";
import { vectorRevision } from "../vector/models.ts";
import { deliveriesOf } from "./deliveries.ts";
import { engineHealth, lagOf } from "./health.ts";
import { driftedKeys, statesOf } from "./resync.ts";
import { OpenSegments } from "./segment-rows.ts";

export interface RelayOptions {
  store: Store;
  engines: readonly Engine[];
  /** Milliseconds since 1970. */
  now: () => number;
  /** Resolves after so many milliseconds, or when the signal is given. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 to 1. */
  random: () => number;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 300_000;
/** An engine that has everything is not written about more often. */
const REACHED_MS = 86_400_000;
const MAX_ERROR = 500;

export function createRelay(options: RelayOptions): Relay {
  const { store, engines, now, random } = options;
  /** One delivery to an engine at a time; who asks meanwhile waits for the same one. */
  const flights = new Map<string, Promise<EngineRecord>>();
  const advance = (engine: Engine): Promise<EngineRecord> => {
    const flight = flights.get(engine.name);
    if (flight) return flight;
    const record = recordOf(store, engine, now());
    if ((record.retry_at ?? 0) > now()) return Promise.resolve(record);
    const started = tryToAdvance({ store, engine, record, now, random }).finally(() =>
      flights.delete(engine.name),
    );
    flights.set(engine.name, started);
    return started;
  };
  const named = (name: string): Engine => {
    const found = engines.find((engine) => engine.name === name);
    if (found) return found;
    throw new MomoError("ENGINE_UNKNOWN", { name, known: engines.map((engine) => engine.name).join(", ") });
  };
  return {
    run: () => Promise.all(engines.map(advance)),
    confirm: (seq, { engines: names = engines.map(({ name }) => name), timeout_ms }) =>
      confirm(
        { ...options, advance },
        { seq: Math.min(seq, store.seq()), engines: names.map(named), until: now() + timeout_ms },
      ),
    resync: (name) => {
      const { retry_at: _, ...record } = recordOf(store, named(name), now());
      store.setEngine({ ...record, state: "resyncing" });
    },
    health: () => engineHealth(store),
  };
}

const recordOf = (store: Store, { name }: Engine, now: number): EngineRecord =>
  store.engine(name) ?? { name, seq: 0, revision: 0, state: "following", attempts: 0, reached_at: now };

interface Attempt {
  store: Store;
  engine: Engine;
  record: EngineRecord;
  now: () => number;
  random: () => number;
}

/** What it raises is a reason to try later, and is kept. */
async function tryToAdvance(attempt: Attempt): Promise<EngineRecord> {
  const { store, engine, now, random } = attempt;
  try {
    return await follow(attempt);
  } catch (error) {
    // The knowledge base itself cannot be read or written now: no engine is to blame.
    if (error instanceof MomoError && error.code.startsWith("STORE_")) throw error;
    // Delivered batches were written down meanwhile.
    const record = recordOf(store, engine, attempt.record.reached_at);
    const attempts = record.attempts + 1;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1));
    const failed: EngineRecord = {
      ...record,
      state: record.state === "following" ? "failing" : record.state,
      attempts,
      error: redactText(error instanceof Error ? error.message : String(error)).slice(0, MAX_ERROR),
      // Engines that failed together are not tried together.
      retry_at: now() + Math.round(pause * (0.5 + random() / 2)),
    };
    store.setEngine(failed);
    return failed;
  }
}

async function follow({ store, engine, record, now }: Attempt): Promise<EngineRecord> {
  const { name } = engine;
  const compares = record.state === "resyncing" || record.state === "abandoned";
  let done: EngineRecord = {
    name,
    seq: record.seq,
    revision: record.revision,
    state: compares ? "resyncing" : "following",
    attempts: 0,
    reached_at: record.reached_at,
  };
  const segments = new OpenSegments(engine.wants.vectors);
  for (;;) {
    const { deliveries, seq } = readBatch({ store, engine, segments }, done.seq);
    if (deliveries.length > 0) await engine.apply(deliveries);
    if (seq === done.seq) break;
    done = { ...done, seq, reached_at: now() };
    store.setEngine(done);
  }
  const revision = engine.wants.vectors === undefined ? 0 : vectorRevision(store);
  if (compares || revision !== done.revision) {
    await repair(store, engine);
    done = { ...done, revision, state: "following" };
  }
  return written(store, done, { before: record, now: now() });
}

/** The states after `after` with what the engine wants of them, and the number that it is up to with them. */
function readBatch(
  { store, engine, segments }: { store: Store; engine: Engine; segments: OpenSegments },
  after: number,
): { deliveries: ReturnType<typeof deliveriesOf>; seq: number } {
  return store.snapshot(() => {
    const states = store.changes(after, engine.batch);
    // Keys that moved again later are told then: behind the last one there is nothing more.
    const seq = states.at(-1)?.seq ?? Math.max(after, store.seq());
    return { deliveries: deliveriesOf(store, states, { wants: engine.wants, segments }), seq };
  });
}

async function repair(store: Store, engine: Engine): Promise<void> {
  if (!engine.holdings) return;
  const { wants } = engine;
  const segments = new OpenSegments(wants.vectors);
  const keys = await driftedKeys(store, engine.holdings, wants);
  for (let first = 0; first < keys.length; first += engine.batch) {
    const some = keys.slice(first, first + engine.batch);
    // As they are now: they may have moved on while the engine was asked.
    await engine.repair(
      store.snapshot(() => deliveriesOf(store, statesOf(store, some), { wants, segments })),
    );
  }
}

/** Nothing is written where nothing is new. */
function written(
  store: Store,
  done: EngineRecord,
  { before, now }: { before: EngineRecord; now: number },
): EngineRecord {
  const isNew =
    done.state !== before.state ||
    done.revision !== before.revision ||
    before.attempts > 0 ||
    !store.engine(done.name);
  if (!isNew && now - done.reached_at < REACHED_MS) return done;
  const reached = { ...done, reached_at: now };
  store.setEngine(reached);
  return reached;
}

type Confirming = RelayOptions & { advance: (engine: Engine) => Promise<EngineRecord> };

async function confirm(
  { store, now, sleep, advance }: Confirming,
  { seq, engines, until }: { seq: number; engines: readonly Engine[]; until: number },
): Promise<Confirmation> {
  for (;;) {
    const behind = engines.filter((engine) => recordOf(store, engine, now()).seq < seq);
    const left = until - now();
    if (behind.length === 0 || left <= 0) break;
    const bell = new AbortController();
    const tried = Promise.all(behind.map(advance)).then((all) =>
      Math.min(...all.filter((one) => one.seq < seq).map(({ retry_at = 0 }) => retry_at)),
    );
    const next = await Promise.race([tried, sleep(left, bell.signal).then(() => until)]);
    const pause = Math.min(next, until) - now();
    bell.abort();
    if (next !== Number.POSITIVE_INFINITY && pause > 0) await sleep(pause, new AbortController().signal);
  }
  const records = engines.map((engine) => recordOf(store, engine, now()));
  return {
    seq,
    confirmed: records.filter((one) => one.seq >= seq).map(({ name }) => name),
    engine_lag: records.filter((one) => one.seq < seq).map((one) => lagOf(one, store.seq())),
  };
}
