/**
 * The store's contract: immutable versions, heads that point at them, and a journal of pointer moves.
 * One SQLite file holds all of it; only store/writing.ts changes it. Opened by momo.ts, used by every room of work.
 */
import type { KeyState } from "../engines/feed.ts";
import type { UndoneWrites } from "../journal/undone.ts";
import type { JournalView } from "../journal/view.ts";

/**
 * What a key names. A file's version carries its outline; its lexical postings are keyed by the version. A mark keeps
 * the version it names out of retrieval (quarantine).
 */
export type VersionKind = "file" | "entry" | "relation" | "setting" | "mark";

/**
 * What a transaction is. `undo`, `redo` and `rewind` move heads between versions that exist; the others write. Those
 * after them have no operations: they are remembered because somebody did them.
 */
export type TransactionKind =
  | "write"
  | "index"
  | "merge"
  | "undo"
  | "redo"
  | "rewind"
  | "erase"
  | "checkpoint"
  | "explore"
  | "discard"
  | "compact";

/** Who wrote, and why. `(agent, request_id)` is idempotent: the same pair returns the first receipt. */
export interface Attribution {
  agent: string;
  session?: string;
  principal?: string;
  request_id?: string;
  intent?: string;
}

/**
 * Content for a key. A key keeps the kind it was first written with (KEY_KIND). Writing the head's own hash again
 * changes nothing.
 */
export type NewVersion = {
  key: string;
  kind: VersionKind;
  /** SHA-256 that stands for the content of a file; of other kinds the store makes it from body, text and edge. */
  hash?: Uint8Array;
  /** The ends of a relation, by the keys they name: makes it found from both of them. */
  edge?: Edge;
} & (Content | Slice);

export interface Edge {
  source: string;
  type: string;
  target: string;
}

/** Kept as given. The text is kept apart so that it can be collected or erased alone. */
export interface Content {
  body: Uint8Array;
  text?: Uint8Array;
}

/** Where in a pack (WriteTransaction.addPack) a body lies, its text right behind it; bytes before compression. */
export interface Slice {
  pack: number;
  start: number;
  body_bytes: number;
  text_bytes: number;
}

export interface Head {
  key: string;
  kind: VersionKind;
  vid: number;
  /** SHA-256(key, content hash): `leaf` of digest.ts. */
  leaf: Uint8Array;
}

/** A pointer move: create has no `from`, remove has no `to`. */
export interface Operation {
  seq: number;
  key: string;
  from: number | undefined;
  to: number | undefined;
}

export interface Receipt {
  /** 0 when it had no operation and no request_id: such a transaction (a scan, a merge of segments) is not recorded. */
  transaction: number;
  /** Sequence number of the transaction's last operation; 0 when it had none. */
  seq: number;
  operations: number;
}

/** Inclusive. */
export type SeqRange = readonly [first: number, last: number];

/**
 * What a transaction did beside its operations; part of the hash chain. The operations of an undo, redo or rewind are
 * followed by `writes` that made new versions; what it took back and brought back is told by sequence numbers of
 * writing operations, because "is this write live" is a question about targets and not about order.
 */
export interface TransactionDetail {
  plan?: string;
  policy?: string;
  /** Transaction that a redo brought back. */
  of?: number;
  /** Sequence number that a rewind went to. */
  to_seq?: number;
  dead?: readonly SeqRange[];
  live?: readonly SeqRange[];
  writes?: number;
  /** Selected, but left as they were: a later rollback can try again. */
  residue?: readonly SeqRange[];
  /** What it did outside, in words: it cannot be taken back silently. */
  irreversible?: string;
  /** Name of a checkpoint or exploration. */
  name?: string;
  [more: string]: unknown;
}

export interface TransactionRecord extends Receipt, Attribution {
  kind: TransactionKind;
  detail?: TransactionDetail;
  /** Present when writes of it do not count now. */
  undone?: UndoneWrites;
  /** ISO 8601, UTC. Only an index: `seq` decides order. */
  at: string;
  created: number;
  updated: number;
  removed: number;
}

/** What the last look at the file system saw of one path; a cache beside the knowledge, not part of the digest. */
export interface ScanRow {
  path: string;
  size: number;
  /** Milliseconds, with fraction. */
  mtime: number;
  /** Why it is not indexed; absent for indexed files. */
  skipped?: string;
  /** Said of an indexed file: syntax errors, odd encoding. */
  warning?: string;
}

/** A group of lexical postings written in one transaction: named byte sections, made by store/lexical and store/vector. */
export interface SegmentRecord {
  id: number;
  /** Version of each document, in document order. */
  vids: Float64Array;
  section(name: string): Uint8Array;
  /** What can be asked for: the lexical sections, and vectors of the models it was embedded with. */
  sectionNames(): string[];
}

export interface SegmentSize {
  id: number;
  documents: number;
  /** Bytes of its posting lists: about half as many postings. */
  postings: number;
}

/** Heads to move at once, as parallel arrays; 0 is no version. `from` and `previous` are the head as it is. */
export interface Moves {
  kid: Float64Array;
  kind: Uint8Array;
  from: Float64Array;
  to: Float64Array;
  /** Sequence number of the last operation on the key. */
  previous: Float64Array;
}

export interface WriteTransaction {
  /**
   * The receipt that the same `(agent, request_id)` got before. Then nothing done here is kept: put answers with the
   * head as it is, and commit returns this receipt.
   */
  readonly repeated: Receipt | undefined;
  /** Makes the key's head point at this content; returns the version's id. Same hash as the head: no operation. */
  put(version: NewVersion): { vid: number; changed: boolean };
  /** Stores the compressed contents (pack-file.ts) of versions that are put next; returns its number for their slices. */
  addPack(bytes: Uint8Array): number;
  /** Moves the head away; false when the key has no head. */
  remove(key: string): boolean;
  /** Points heads at versions that exist. The caller has read them in this transaction. */
  move(moves: Moves): void;
  /** Adds to the transaction's detail; `dead` and `live` change which writes count from now on. */
  describe(detail: TransactionDetail): void;
  /** Remembers that this transaction read a version: what is derived from it can be found when it is taken back. */
  read(vid: number, strength: "declared" | "weak"): void;
  /**
   * Lays a new branch over this one as it is now; returns its number. In a transaction of kind `explore`, which has no
   * operations; its detail gets the name and the number.
   */
  fork(name: string, detail: Record<string, unknown>): number;
  /**
   * Drops a branch that lies over another: its heads, its operations and what only it holds. Its headers stay. Raises
   * EXPLORATION_UNKNOWN, EXPLORATION_HAS_CHILDREN.
   */
  drop(branch: number): void;
  /**
   * Drops operations of main up to `horizon` and the versions that only they name: whole transactions, and none after
   * the beginning of an open branch; `journal.horizon` tells how far it came.
   */
  compact(horizon: number): { transactions: number; versions: number };
  /**
   * Removes a key of main and overwrites the content of all its versions; returns how many there were. A branch whose
   * head is one of them keeps pointing at it, without content. Traces are left in the file until `settle`.
   */
  erase(key: string): number;
  /** Stores a lexical segment; `vids` names the version of each of its documents. */
  addSegment(sections: Record<string, Uint8Array>, vids: Float64Array): number;
  /** Adds a section to a segment that exists, or replaces it: what is derived from its documents later. */
  addSection(segment: number, name: string, bytes: Uint8Array): void;
  /** Removes the section of that name from every segment. */
  dropSections(name: string): void;
  /** Removes segments whose documents are all dead or were merged into another. */
  dropSegments(ids: number[]): void;
  /** Inserts or replaces rows by path. */
  recordScan(rows: Iterable<ScanRow>): void;
  forgetScan(paths: Iterable<string>): void;
  setMeta(name: string, value: string): void;
  /** Seals the operations into the journal's hash chain and makes all of it durable, or nothing. */
  commit(): Receipt;
  /** Nothing of it remains, so its version and segment numbers may come again: cache nothing by them before commit. */
  abort(): void;
}

export interface HistoryFilter {
  agent?: string;
  session?: string;
  key?: string;
  /** Anything Date.parse reads. */
  since?: string;
  until?: string;
  /** Only transactions that did something after this sequence number; then the oldest come first. */
  after?: number;
  limit?: number;
}

export type Author = Attribution & { kind?: TransactionKind };

/** A live relation: its own key and version, and what it joins. */
export interface EdgeRecord extends Edge {
  key: string;
  vid: number;
}

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

/** The most that may be written on a branch. */
export interface Budget {
  operations: number;
  /** Of bodies and texts. */
  bytes: number;
}

export interface Store {
  readonly path: string;
  readonly writable: boolean;
  /** Whether its file is encrypted. */
  readonly encrypted: boolean;
  readonly branch: number;
  readonly journal: JournalView;
  /**
   * Waits for another process that writes, at most `wait_ms`, then fails with STORE_BUSY. TRANSACTION_OPEN while this
   * store has one: it is another part of this process that has to end it, so waiting here would not help.
   */
  begin(attribution: Author): WriteTransaction;
  /** Open branches laid over others, oldest first. */
  branches(): BranchRecord[];
  /**
   * The same file seen from another branch, which writes at most so much in all; closing it closes nothing. Not to be
   * read while a transaction of its parent is open. Once the branch is dropped it raises EXPLORATION_UNKNOWN.
   */
  on(branch: number, budget?: Budget): Store;
  /**
   * Another text once anything in the file may be different, whoever wrote it: costs next to nothing to ask. None
   * while a transaction of this store is open: what it wrote is seen and may be taken back.
   */
  changed(): string | undefined;
  /** Number of the last transaction that erased content, which changes no digest of a branch over main; 0 for none. */
  erasures(): number;
  /** Sequence number of the last committed operation on this branch; readers use it to see that something changed. */
  seq(): number;
  /**
   * Runs reads on one committed state, whatever is committed meanwhile; synchronous. A segment's section is read
   * when asked for, so segments and their sections belong inside one call.
   */
  snapshot<T>(work: () => T): T;
  head(key: string): Head | undefined;
  heads(kind: VersionKind): Head[];
  /** Every head's version id of a kind: what the live bitmap is made from. */
  liveVersions(kind: VersionKind): Float64Array;
  /** Every version of a kind with a number above `after`, whether a head points at it or not; erased ones left out. */
  versions(kind: VersionKind, after: number): Float64Array;
  /** The key that a version belongs to. */
  keyOf(vid: number): string | undefined;
  /** Live relations that have the key at this end. */
  edges(key: string, end: "source" | "target"): EdgeRecord[];
  /** States of keys that are newer than sequence number `after`, in order: see feed.ts. */
  changes(after: number, limit: number): KeyState[];
  /** How far the engine of this name has got; 0 when it never began. */
  cursor(name: string): number;
  /** Every engine's, lowest first. */
  cursors(): { name: string; seq: number }[];
  /** Compaction keeps what an engine has not got yet. */
  setCursor(name: string, seq: number): void;
  removeCursor(name: string): void;
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
  /** Recomputes the hash chain, heads from the journal, and the digest; the first fault found, or undefined. */
  verify(): string | undefined;
  /**
   * Empties the write-ahead log into the file and, with `shrink` or after an erasure, writes the file anew without its
   * free pages. Outside a transaction. False when a reader of an older state keeps the log from being emptied: what was
   * erased is then in it until a later call.
   */
  settle(options?: { shrink?: boolean }): boolean;
  close(): void;
}
