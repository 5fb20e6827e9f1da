/**
 * The journal as it is read: which transaction wrote what, what came after, who read it. By numbers for those that plan,
 * by names for people.
 */
import type { VersionKind } from "./knowledge.ts";
import type { Attribution, Receipt, SeqRange, TransactionDetail, TransactionKind } from "./transaction.ts";

/**
 * Operations of one transaction as parallel arrays: key `kid` moves from version to version, 0 is none; `previous` is
 * the sequence number of the operation before it on that key and branch, 0 for the first.
 */
export interface Operations {
  count: number;
  /** Sequence number of the first one; they follow each other without a gap. */
  first: number;
  kid: Float64Array;
  from: Float64Array;
  to: Float64Array;
  previous: Float64Array;
}

/** A transaction with operations. */
export interface JournalTransaction {
  transaction: number;
  kind: TransactionKind;
  agent: string;
  session: string | undefined;
  intent: string | undefined;
  /** Milliseconds since 1970. */
  at: number;
  /** Sequence numbers of its operations; `writes` is the first of those that write (last + 1 when none does). */
  first: number;
  last: number;
  writes: number;
  detail: TransactionDetail;
}

/** Who made operations first: of what a merge brought home, somebody in an exploration. */
export interface Authorship {
  first: number;
  last: number;
  /** The transaction that wrote them; of a merge one of another branch, whose operations are gone. */
  transaction: number;
  agent: string;
  session: string | undefined;
}

/** One operation on a key, with the transaction it belongs to. */
export interface ChainLink {
  seq: number;
  from: number;
  to: number;
  /** Sequence number of the operation before it on the key, also where that was dropped; 0 for none. */
  previous: number;
  transaction: JournalTransaction;
  /** False for what an undo, redo or rewind moved. */
  writes: boolean;
}

/** Where keys point, in the order they were asked for. */
export interface Pointers {
  kind: Uint8Array;
  vid: Float64Array;
  seq: Float64Array;
}

/** A head that a branch holds itself, and what the key pointed at at the fork. */
export interface OverlayHead {
  kid: number;
  kind: number;
  vid: number;
  /** Sequence number of the last operation on it. */
  seq: number;
  base: number;
}

export interface VersionRead {
  vid: number;
  transaction: number;
  declared: boolean;
}

export interface ReadVersion extends VersionRead {
  /** 0 where the version was dropped by compaction. */
  kid: number;
  kind: number;
}

export interface UndoneRange {
  first: number;
  last: number;
  /** Transaction. */
  by: number;
}

/** How much of what one transaction wrote does not count now. */
export interface UndoneWrites {
  writes: number;
  all: boolean;
  /** Transactions that took them back. */
  by: number[];
}

/** All conditions hold together. */
export interface TransactionFilter {
  transactions?: readonly number[];
  agent?: string;
  session?: string;
  request_id?: string;
  /** Milliseconds since 1970, inclusive. */
  since?: number;
  until?: number;
  /** Only transactions with an operation after it. */
  after?: number;
  /** Only transactions without an operation after it. */
  upTo?: number;
  kinds?: readonly TransactionKind[];
  limit?: number;
}

export interface TransactionRecord extends Receipt, Attribution {
  kind: TransactionKind;
  /** Of a merge: whose work it brought home. */
  authors?: string[];
  detail?: TransactionDetail;
  /** Present when writes of it do not count now. */
  undone?: UndoneWrites;
  /** ISO 8601, UTC. Only an index: `seq` decides order. */
  at: string;
  created: number;
  updated: number;
  removed: number;
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

/** Lives as long as the store it belongs to. */
export interface JournalView {
  /** Transactions of this branch with operations, oldest first. */
  select(filter: TransactionFilter): JournalTransaction[];
  /** The same, newest first, read as far as they are asked for. */
  newest(filter: TransactionFilter): Generator<JournalTransaction>;
  /** Transactions of a kind on this branch, with or without operations, oldest first. */
  said(kind: TransactionKind): JournalTransaction[];
  /** Whether something that was written can no longer be restored. */
  hasLosses(): boolean;
  /** The transaction that an operation belongs to. */
  at(seq: number): JournalTransaction;
  operations(transaction: JournalTransaction): Operations;
  /** Of all its operations, in order. */
  authors(transaction: JournalTransaction): Authorship[];
  /** False once its operations were dropped: it can be read about, but not taken back. */
  isKept(transaction: JournalTransaction): boolean;
  /** Operations on a key in this branch, newest first; ends where the journal was compacted. */
  chain(kid: number, kind: number): Generator<ChainLink>;
  /** Operations up to this one were dropped. */
  horizon(): number;
  /** Writes that do not count now. */
  undone(range: SeqRange): UndoneRange[];
  pointers(kids: Float64Array): Pointers;
  /** Sequence number of the last operation on this branch that no transaction newer than this time made. */
  lastBefore(time: number): number;
  /** Heads that were moved on this branch, whether or not they came back. */
  overlay(): OverlayHead[];
  /** What was written on this branch: used against a budget. */
  written(): { transactions: number; operations: number; bytes: number };
  /** Versions that transactions of this branch said they read. */
  reads(): { vid: number; declared: boolean }[];
  nameOf(kid: number): string;
  /**
   * Without a kind, of the first one that has the name now, in the order of VersionKind, or that had it; no alias, which
   * is the name of something else.
   */
  kidOf(name: string, kind?: VersionKind): { kid: number; kind: VersionKind } | undefined;
  /**
   * Every key that is about an id, whichever branch wrote it: the id itself as anything, what documents it, relations
   * at it, its mark; of a file also those of what lies in it. What an erasure has to reach. `isTaken`: the id is a former
   * name that something else has now, and only what can be told to be the file's is meant.
   */
  kidsAbout(id: string, about?: { isTaken?: boolean }): Set<number>;
  /** Number of every key whose name begins so. */
  kidsBelow(prefix: string): Set<number>;
  /** undefined when the version is gone: collected after compaction. */
  leaf(vid: number): Uint8Array | undefined;
  /** The versions among these that cannot be restored: collected, or their content was erased. */
  gone(vids: Float64Array): Set<number>;
  /** Transactions that said they read one of these versions. */
  readers(vids: Float64Array): VersionRead[];
  /** Versions that these transactions said they read. */
  readsOf(transactions: readonly number[]): ReadVersion[];
  /** Live relations that have one of these keys at an end, but for those that go anyway. */
  relationsAt(
    kids: Float64Array,
    goes?: (kid: number) => boolean,
  ): { kid: number; vid: number; end: number }[];
  /** The ends of relation versions that are entries, by number: `kid` is the relation's key, `end` the entry's. */
  entryEnds(vids: Float64Array): { kid: number; vid: number; end: number }[];
  endsOf(vid: number): { source: string; type: string; target: string } | undefined;
  transaction(number: number): JournalTransaction | undefined;
  /** The transaction that carried out a plan. */
  planned(plan: string): JournalTransaction | undefined;
}
