/**
 * What people and agents say to, and get from, the journal: writing, taking back, exploring. Field names are
 * snake_case, as they appear in JSON. Read by every room above.
 */
import type { KnowledgeType } from "./api.ts";
import type { RelationType } from "./outline.ts";

/** An entry as it is written. `id` must not contain `#`, which names what lies in a file. */
export interface NewEntry {
  id: string;
  type: KnowledgeType;
  content: string;
  metadata?: Record<string, unknown>;
}

/** Requirement A07: documentation of a file, an entity or another entry. Its id is `doc:<entity_id>:<documentation_type>`. */
export interface NewDocumentation {
  entity_id: string;
  documentation_type: string;
  content: string;
  metadata?: Record<string, unknown>;
}

export interface TransactRequest {
  agent: string;
  session?: string;
  /** On whose behalf. */
  principal?: string;
  /**
   * A request is done once: the same agent and id get the first receipt and change nothing. With another content it is
   * REQUEST_REUSED. In an exploration and in the knowledge base itself it is two requests.
   */
  request_id?: string;
  /** What a request is known by instead of its calls, where these follow from what is there. */
  asked?: unknown;
  intent?: string;
  /** Version each id must still have: its `version`, or 0 where it must not exist. */
  expect?: Record<string, number>;
  /** Ids whose present versions this work is derived from. */
  reads?: readonly string[];
  /** Ids that were only seen, as in a list of results. */
  weak_reads?: readonly string[];
  /** What is done outside Momo at the same time and cannot be taken back by it, in words. */
  irreversible?: string;
  /** Name of the exploration to write in; default the knowledge base itself. */
  exploration?: string;
}

/** What can be done in one transaction; all of it happens or nothing. */
export interface EntryTransaction {
  /** Creates or replaces; returns the version. */
  put(entry: NewEntry): number;
  /** Changes the fields that are given; metadata is merged by field, null removes one. ENTRY_UNKNOWN when there is none. */
  update(id: string, change: Partial<Omit<NewEntry, "id">>): number;
  /** Joins two ids; an end must be an entry, a file, or `<path>#<name>`. `id` tells parallel relations apart. */
  relate(
    source: string,
    type: RelationType,
    target: string,
    more?: { id?: string; metadata?: Record<string, unknown> },
  ): void;
  unrelate(source: string, type: RelationType, target: string, more?: { id?: string }): boolean;
  /** Removes an entry and the relations at it; false when there is none. */
  remove(id: string): boolean;
  storeDocumentation(documentation: NewDocumentation): string;
}

export interface WriteReceipt {
  /** 0 when nothing changed. */
  transaction: number;
  seq: number;
  operations: number;
  /** True when the same request had been carried out before. */
  repeated?: boolean;
}

/** A live relation with what it was given. */
export interface RelationRecord {
  source: string;
  type: RelationType;
  target: string;
  id?: string;
  metadata: Record<string, unknown>;
  /** The end that is code and is not in the index now. */
  missing?: "source" | "target";
  /** The ids that it was written at, of the ends that have another one now. */
  renamed_from?: { source?: string; target?: string };
}

/**
 * What to take back; all conditions hold together. `operations`, `keys` and `prefix` select single operations, the
 * others whole transactions.
 */
export interface RollbackSelector {
  operations?: readonly number[];
  transactions?: readonly number[];
  agent?: string;
  session?: string;
  request_id?: string;
  /** ISO 8601, inclusive. */
  since?: string;
  until?: string;
  /** Only what came after this checkpoint or sequence number. */
  after?: string | number;
  /** The last so many live transactions; those of the indexer only when it is the agent asked for. */
  steps?: number;
  /** Ids. */
  keys?: readonly string[];
  /** Begin of ids or paths; a folder ends with `/`. */
  prefix?: string;
}

export const rollbackPolicies = ["block", "cascade", "skip", "merge", "force", "quarantine"] as const;
/**
 * What to do where others built on what is taken back:
 * block: nothing at all (default); cascade: take theirs back too; skip: leave those places as they are;
 * merge: take back only the fields that they did not change; force: take back over their changes;
 * quarantine: leave what they built, but out of retrieval until somebody releases it.
 */
export type RollbackPolicy = (typeof rollbackPolicies)[number];

export interface RollbackOptions {
  policy?: RollbackPolicy;
  agent?: string;
  session?: string;
  principal?: string;
  /** As in TransactRequest. */
  request_id?: string;
  intent?: string;
  exploration?: string | undefined;
}

/** How one id changes. */
export interface PlannedChange {
  id: string;
  kind: "file" | "entry" | "relation" | "setting" | "mark" | "alias";
  /** removed: it will not exist; restored: it will exist again; reverted: an older version; merged: a new one. */
  change: "removed" | "restored" | "reverted" | "merged" | "unchanged" | "quarantined";
  /** Versions; 0 for none. A merged version has no number yet. */
  from: number;
  to: number;
}

export interface PlanConflict {
  /**
   * write: a later write of the same id; structure: a live relation needs it; read: derived from it; source: what it
   * was derived from was taken back since, by the transaction that is named, and would stay so; external: it was said to
   * be irreversible; horizon: the older state was dropped by compaction; erased: its content was erased.
   */
  reason: "write" | "structure" | "read" | "source" | "external" | "horizon" | "erased";
  id: string;
  /** Who, by the transaction that is in the way. */
  transaction?: number;
  agent?: string;
  at?: string;
  intent?: string;
  detail?: string;
}

/** Somebody's work that rests on what is taken back. */
export interface PlanDependent {
  strength: "structure" | "declared" | "weak";
  transaction: number;
  agent: string;
  at: string;
  /** The id they rest on. */
  id: string;
}

/** A transaction that did something outside Momo too: that stays done when it is taken back. */
export interface PlanOutside {
  transaction: number;
  agent: string;
  at: string;
  /** What it did, in the words of who did it. */
  detail: string;
}

export interface StoreCounts {
  created: number;
  updated: number;
  removed: number;
}

export interface RollbackPlan {
  plan_hash: string;
  action: "rollback" | "redo" | "rewind";
  policy: RollbackPolicy;
  /** Transaction that a redo reverses. */
  of?: number;
  /** Operation that a rewind goes back to. */
  to_seq?: number;
  /** The state it was made for; only a moved head that it touches makes it stale. */
  base_seq: number;
  /** Selected transactions, and those that `cascade` added. */
  transactions: number[];
  cascade: number[];
  /** Transactions that a redo under `cascade` brings back as well, because what it brings back was derived from them. */
  restores: number[];
  /** Operations taken back or brought back. */
  operations: number;
  /** By agent, how many operations of theirs it takes back or brings back. */
  agents: Record<string, number>;
  /** Besides the one who asks, whose work a rewind removes: that has to be agreed to. Not the indexer's. */
  others: string[];
  /** What it takes back that was also done outside; a rewind past it has to be agreed to. */
  outside: PlanOutside[];
  changes: PlannedChange[];
  stores: { documents: StoreCounts; graph: StoreCounts; words: StoreCounts; metadata: StoreCounts };
  conflicts: PlanConflict[];
  dependents: PlanDependent[];
  /** Ids that were selected and stay as they are. */
  residue: string[];
  quarantined: string[];
  /** True: rollback refuses; another policy may not. */
  blocked: boolean;
  digest_after: string;
  /** The change as people read it: a few lines for each id. */
  diff: string;
}

export interface RollbackReceipt extends WriteReceipt {
  plan_hash: string;
  action: RollbackPlan["action"];
  /** carried out; partial: some was left (`residue`); already: there was nothing to do, or it had been done. */
  outcome: "done" | "partial" | "already";
  residue: string[];
}

export interface RewindTarget {
  checkpoint?: string;
  seq?: number;
  /** ISO 8601: the state after the last transaction up to then. */
  time?: string;
  /** Stop at just this operation, where it lies inside a transaction; default the end of that. */
  inside_transaction?: boolean;
}

export interface Checkpoint {
  name: string;
  seq: number;
  digest: string;
  at: string;
  agent: string;
}

export interface ExploreRequest {
  /** Default `exploration-<number>`. */
  name?: string;
  agent: string;
  session?: string;
  principal?: string;
  /** As in TransactRequest. */
  request_id?: string;
  intent?: string;
  /** Default 3600. It is discarded after that, unless pinned. */
  ttl_seconds?: number;
  pinned?: boolean;
  max_operations?: number;
  max_bytes?: number;
  /** Exploration to lie over; default the knowledge base itself. */
  parent?: string;
}

export interface Exploration {
  name: string;
  agent: string;
  intent?: string;
  parent?: string;
  created_at: string;
  expires_at: string;
  expired: boolean;
  pinned: boolean;
  /** Used, and the most there may be. */
  operations: number;
  max_operations: number;
  bytes: number;
  max_bytes: number;
  /** Sequence number of its parent that it lies over. */
  base_seq: number;
}

export interface ExplorationComparison {
  exploration: string;
  changes: {
    id: string;
    kind: PlannedChange["kind"];
    change: "created" | "updated" | "removed";
    conflict: boolean;
  }[];
  relations: { added: RelationRecord[]; removed: RelationRecord[] };
  /** For each query, what the first results are on either side. */
  rankings: {
    query: string;
    /** Share of the first results that both have, 0 to 1. */
    overlap: number;
    base: { path: string; score: number }[];
    exploration: { path: string; score: number }[];
  }[];
}

export interface MergeOptions {
  agent: string;
  session?: string;
  principal?: string;
  /** As in TransactRequest. */
  request_id?: string;
  intent?: string;
  /** What to keep where both sides changed an id and no field-by-field merge is possible; default: refuse. */
  prefer?: "exploration" | "base";
}

/** Up to which point the past may be dropped. */
export interface CompactRequest extends RewindTarget {
  /** Everything older than so many days. */
  keep_days?: number;
}

export interface CompactReceipt {
  /** Sequence number up to which operations are dropped now; `wanted` was asked for. */
  horizon: number;
  wanted: number;
  transactions: number;
  versions: number;
  /** What kept it from going further. */
  held_by?: string;
  /** As in WriteReceipt. */
  repeated?: boolean;
}

export interface EraseReceipt extends WriteReceipt {
  ids: string[];
  versions: number;
  /** False while another process reads an older state: then the file loses the content when that is over. */
  overwritten: boolean;
}

export interface DigestReport {
  digest: string;
  seq: number;
  parts: {
    documents: string;
    graph: string;
    metadata: string;
    words: string;
    vectors: string;
    rankings: string;
  };
}

/** One version of one id. */
export interface VersionRecord {
  /** The id that it was written under, where that is not the one that was asked for. */
  id?: string;
  version: number;
  seq: number;
  transaction: number;
  /** Who wrote it first. */
  agent: string;
  /** Who brought it home from an exploration, where that was another. */
  merged_by?: string;
  session?: string;
  intent?: string;
  at: string;
  change: "created" | "updated" | "removed";
  /** Transaction that took it back; absent for a write that counts. */
  undone_by?: number;
  /** True for the version that the id has now. */
  current: boolean;
}

export interface QuarantineRecord {
  id: string;
  version: number;
  reason: string;
  transaction: number;
  at: string;
  /** False when the id was written anew since: the mark no longer keeps anything out. */
  current: boolean;
}
