/**
 * The store's contract: immutable versions, heads that point at them, and a journal of pointer moves.
 * One SQLite file holds all of it; only store/journal.ts changes it. Opened by momo.ts, used by ingest and retrieve.
 */

/** What a key names. A file's version carries its outline; its lexical postings are keyed by the version. */
export type VersionKind = "file" | "entry" | "relation" | "setting";

/** Who wrote, and why. `(agent, request_id)` is idempotent: the same pair returns the first receipt. */
export interface Attribution {
  agent: string;
  session?: string;
  principal?: string;
  request_id?: string;
  intent?: string;
}

/**
 * Content for a key. A key keeps the kind it was first written with (KEY_KIND). `hash` identifies body and
 * text together; writing the head's own hash again changes nothing.
 */
export type NewVersion = {
  key: string;
  kind: VersionKind;
  /** SHA-256, 32 bytes. */
  hash: Uint8Array;
} & (Content | Slice);

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
  hash: Uint8Array;
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

export interface TransactionRecord extends Receipt, Attribution {
  kind: "write" | "index";
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

/** A group of lexical postings written in one transaction: named byte sections, made by store/lexical. */
export interface SegmentRecord {
  id: number;
  /** Version of each document, in document order. */
  vids: Float64Array;
  section(name: string): Uint8Array;
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
  /** Stores a lexical segment; `vids` names the version of each of its documents. */
  addSegment(sections: Record<string, Uint8Array>, vids: Float64Array): number;
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
  key?: string;
  since?: string;
  limit?: number;
}

export interface Store {
  readonly path: string;
  readonly writable: boolean;
  /** Waits for another process that writes, at most `wait_ms`, then fails with STORE_BUSY. */
  begin(attribution: Attribution & { kind?: "write" | "index" }): WriteTransaction;
  /** Sequence number of the last committed operation; readers use it to see that something changed. */
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
  body(vid: number): Uint8Array | undefined;
  text(vid: number): Uint8Array | undefined;
  segments(): SegmentRecord[];
  scan(): ScanRow[];
  /** What the last scan saw of one path. */
  scanOf(path: string): ScanRow | undefined;
  /** Number of paths the last scan left out. */
  skipped(): number;
  meta(name: string): string | undefined;
  /** Newest first. */
  history(filter?: HistoryFilter): TransactionRecord[];
  /** Operations of one transaction, in order. */
  operations(transaction: number): Operation[];
  /** Hex SHA-256-sized sum over (key, content hash) of all heads: equal states have equal digests. */
  digest(): string;
  /** Recomputes the hash chain, heads from the journal, and the digest; the first fault found, or undefined. */
  verify(): string | undefined;
  close(): void;
}
