/** What a knowledge base holds, seen from one branch: a committed state, or what an open write transaction sees. */
import type { ScanRow, SegmentRecord, SegmentSize } from "./derived.ts";
import type { EngineRecord, KeyState } from "./feed.ts";
import type { HistoryFilter, JournalView, TransactionRecord } from "./journal.ts";
import type { Content, EdgeRecord, Head, VersionContent, VersionKind } from "./knowledge.ts";
import type { Operation } from "./transaction.ts";

/** A branch that lies over `parent` as it was at sequence number `base`. */
export interface BranchRecord {
  branch: number;
  name: string;
  parent: number;
  base: number;
  /** Sequence number of its last operation; `base` when it has none. */
  seq: number;
  detail: Record<string, unknown>;
}

/** Every call reads one state; `snapshot` makes several calls read the same one. */
export interface StoreReader {
  readonly path: string;
  /** Whether its file is encrypted. */
  readonly encrypted: boolean;
  readonly branch: number;
  readonly journal: JournalView;
  /** Open branches laid over others, oldest first. */
  branches(): BranchRecord[];
  /** Number of the last transaction that erased content, which changes no digest of a branch over main; 0 for none. */
  erasures(): number;
  /** Sequence number of the last committed operation on this branch; readers use it to see that something changed. */
  seq(): number;
  /**
   * Runs reads on one committed state, whatever is committed meanwhile; synchronous. A segment's section is read
   * when asked for, so segments and their sections belong inside one call.
   */
  snapshot<T>(work: () => T): T;
  /** Of the first kind that has it, in the order of VersionKind: a file goes before an entry of its name. */
  head(key: string, kind?: VersionKind): Head | undefined;
  heads(kind: VersionKind): Head[];
  /** Every head's version id of a kind: what the live bitmap is made from. */
  liveVersions(kind: VersionKind): Float64Array;
  /**
   * Every version of a kind with a number above `after`, in order, whether a head points at it or not; erased ones left
   * out, and those whose content lies in a pack. Read as far as it is asked for.
   */
  versions(kind: VersionKind, after: number): Iterable<VersionContent>;
  /** The key that a version belongs to. */
  keyOf(vid: number): string | undefined;
  /** Live relations that have the key at this end. */
  edges(key: string, end: "source" | "target", kind?: "relation" | "alias"): EdgeRecord[];
  /** States of keys that are newer than sequence number `after`, in order: see feed.ts. */
  changes(after: number, limit: number): KeyState[];
  /** How far the engine of this name has come; undefined when it never began. */
  engine(name: string): EngineRecord | undefined;
  /** All of them, the one that is furthest behind first. */
  engines(): EngineRecord[];
  /** undefined for a version that was collected or erased. */
  body(vid: number): Uint8Array | undefined;
  text(vid: number): Uint8Array | undefined;
  /** Both of them. */
  content(vid: number): Partial<Content>;
  /** In order. `known`: versions of segments that were read before; a segment never changes. */
  segments(known?: ReadonlyMap<number, Float64Array>): SegmentRecord[];
  /** Of each segment, without reading it. */
  segmentSizes(): SegmentSize[];
  scan(): ScanRow[];
  /** What the last scan saw of one path. */
  scanOf(path: string): ScanRow | undefined;
  /** Number of paths the last scan left out. */
  skipped(): number;
  meta(name: string): string | undefined;
  /** Newest first. */
  history(filter?: HistoryFilter): TransactionRecord[];
  /** Operations of one transaction, in order; none where compaction dropped them. */
  operations(transaction: number): Operation[];
  /** Hex SHA-256-sized sum over (key, content hash) of all heads: equal states have equal digests. */
  digest(): string;
  /** The same sum over the heads of one kind. */
  digestOf(kind: VersionKind): string;
  /** The same as another branch sees it. Raises EXPLORATION_UNKNOWN once that is dropped. */
  on(branch: number): StoreReader;
}
