/**
 * Explorations: branches that an agent may write on without anybody seeing it, for a limited time and within a budget.
 * Starting, finding, discarding; compare.ts and merge.ts look at one and bring it home. Used by momo.ts.
 */
import { MomoError } from "../errors.ts";
import type { Exploration, ExploreRequest } from "../model/rollback.ts";
import type { BranchRecord, StoreReader } from "../store/contract/reader.ts";
import type { Store } from "../store/contract/store.ts";
import type { Attribution, Author } from "../store/contract/transaction.ts";
import { fingerprintOf } from "../store/records/digest.ts";

const DEFAULTS = { ttl_seconds: 3600, max_operations: 100_000, max_bytes: 256 * 1024 * 1024 };
const MAX_TTL_SECONDS = 30 * 86_400;
const MAX_DEPTH = 8;

/** What a branch's detail says of an exploration. Times are milliseconds since 1970. */
interface Terms {
  agent: string;
  intent?: string;
  created: number;
  expires: number;
  pinned: boolean;
  max_operations: number;
  max_bytes: number;
}

/** Who asks, and what for. */
export const askedBy = (by: Attribution, asked: unknown): Author => ({
  agent: by.agent,
  ...(by.session !== undefined && { session: by.session }),
  ...(by.principal !== undefined && { principal: by.principal }),
  ...(by.request_id !== undefined && { request_id: by.request_id }),
  ...(by.intent !== undefined && { intent: by.intent }),
  fingerprint: fingerprintOf(asked),
});

/** `store` is the knowledge base itself; expired explorations go first. */
export function start(store: Store, request: ExploreRequest, now: Date): Exploration {
  sweep(store, now);
  const { name: named, ttl_seconds, pinned, max_operations, max_bytes, parent: under } = request;
  const by = askedBy(request, ["explore", named, ttl_seconds, pinned, max_operations, max_bytes, under]);
  const terms = termsOf(request, now);
  const parent = request.parent === undefined ? store : open(store, request.parent, now);
  if (depthOf(store, parent.branch) >= MAX_DEPTH) {
    const hint = `at most ${MAX_DEPTH} lie over each other`;
    throw new MomoError("VALUE_INVALID", { name: "parent", value: request.parent ?? "", hint });
  }
  const { name } = parent.once({ ...by, kind: "explore" }, (tx) => {
    const taken = new Set(tx.reader.branches().map((branch) => branch.name));
    const chosen = request.name ?? freeName(taken);
    if (taken.has(chosen)) throw new MomoError("EXPLORATION_EXISTS", { name: chosen });
    tx.fork(chosen, { ...terms });
    return { name: chosen };
  });
  return store.snapshot(() => describe(store, find(store, name), now));
}

function termsOf(request: ExploreRequest, now: Date): Terms {
  const { ttl_seconds, max_operations, max_bytes } = { ...DEFAULTS, ...defined(request) };
  checkNumber("ttl_seconds", ttl_seconds, MAX_TTL_SECONDS);
  checkNumber("max_operations", max_operations, Number.MAX_SAFE_INTEGER);
  checkNumber("max_bytes", max_bytes, Number.MAX_SAFE_INTEGER);
  if (request.name !== undefined && !/^[\w.-]{1,60}$/.test(request.name)) {
    const hint = "1 to 60 letters, digits and . - _";
    throw new MomoError("VALUE_INVALID", { name: "name", value: request.name, hint });
  }
  const created = now.getTime();
  return {
    agent: request.agent,
    ...(request.intent !== undefined && { intent: request.intent }),
    created,
    expires: created + ttl_seconds * 1000,
    pinned: request.pinned === true,
    max_operations,
    max_bytes,
  };
}

const defined = (request: ExploreRequest): Partial<ExploreRequest> =>
  Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));

function checkNumber(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new MomoError("VALUE_INVALID", { name, value, hint: `give a whole number from 1 to ${most}` });
}

function freeName(taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const name = `exploration-${number}`;
    if (!taken.has(name)) return name;
  }
}

function depthOf(store: StoreReader, branch: number): number {
  const record = store.branches().find((own) => own.branch === branch);
  return record ? 1 + depthOf(store, record.parent) : 0;
}

function find(store: StoreReader, name: string): BranchRecord {
  const found = store.branches().find((branch) => branch.name === name);
  if (!found) throw new MomoError("EXPLORATION_UNKNOWN", { name });
  return found;
}

const termsIn = ({ detail }: BranchRecord): Terms => detail as unknown as Terms;

const isExpired = (branch: BranchRecord, now: Date): boolean =>
  !termsIn(branch).pinned && termsIn(branch).expires <= now.getTime();

/** The knowledge base as one exploration sees it. An expired one is as good as gone. */
export function open(store: Store, name: string, now: Date): Store {
  const branch = find(store, name);
  if (isExpired(branch, now)) throw new MomoError("EXPLORATION_EXPIRED", { name });
  const { max_operations, max_bytes } = termsIn(branch);
  return store.on(branch.branch, { operations: max_operations, bytes: max_bytes });
}

export function list(store: StoreReader, now: Date): Exploration[] {
  return store.branches().map((branch) => describe(store, branch, now));
}

function describe(store: StoreReader, branch: BranchRecord, now: Date): Exploration {
  const { agent, intent, created, expires, pinned, max_operations, max_bytes } = termsIn(branch);
  const used = store.on(branch.branch).journal.written();
  const parent = store.branches().find((own) => own.branch === branch.parent);
  return {
    name: branch.name,
    agent,
    ...(intent !== undefined && { intent }),
    ...(parent && { parent: parent.name }),
    created_at: new Date(created).toISOString(),
    expires_at: new Date(expires).toISOString(),
    expired: isExpired(branch, now),
    pinned,
    operations: used.operations,
    max_operations,
    bytes: used.bytes,
    max_bytes,
    base_seq: branch.base,
  };
}

/** Leaves nothing of it but that it was there: who, when, how much, and the digest it had. */
export function discard(store: Store, name: string, by: Author): void {
  if (store.answeredAnywhere(by)) return;
  const branch = find(store, name);
  store.on(branch.parent).once({ ...by, kind: "discard" }, (tx) => {
    const view = tx.reader.on(branch.branch);
    tx.describe({ name, branch: branch.branch, digest_of: view.digest(), ...view.journal.written() });
    tx.drop(branch.branch);
    return {};
  });
}

/** Discards what has expired, those that lie over others first; returns their names. */
export function sweep(store: Store, now: Date): string[] {
  const swept: string[] = [];
  for (const branch of store.branches().toReversed()) {
    if (!isExpired(branch, now)) continue;
    if (store.branches().some(({ parent }) => parent === branch.branch)) continue;
    discard(store, branch.name, { agent: "momo", intent: "expired" });
    swept.push(branch.name);
  }
  return swept;
}
