/** How knowledge is changed: one write transaction, and what is staged for it while a long run still reads. */
import type { NewSegment, ScanRow } from "./derived.ts";
import type { NewVersion, VersionKind } from "./knowledge.ts";
import type { StoreReader } from "./reader.ts";
import type { Receipt, TransactionDetail } from "./transaction.ts";

/** Heads to move at once, as parallel arrays; 0 is no version. `from` and `previous` are the head as it is. */
export interface Moves {
  kid: Float64Array;
  kind: Uint8Array;
  from: Float64Array;
  to: Float64Array;
  /** Sequence number of the last operation on the key. */
  previous: Float64Array;
  /** Transaction of another branch that made each of these moves first; 0 for none. */
  origin?: Float64Array;
}

/** The most that may be written on a branch. */
export interface Budget {
  operations: number;
  /** Of bodies and texts. */
  bytes: number;
}

/**
 * What the same request got before. Nothing may be done in its transaction but to end it: `commit` compares the
 * fingerprint, raises REQUEST_REUSED where it is another, and returns the first receipt.
 */
export interface Repeated {
  receipt: Receipt;
  /** What was given to `commit`. */
  answer: Readonly<Record<string, unknown>>;
  /** undefined where none was kept. */
  fingerprint: string | undefined;
}

/** What a request did and answered. */
export type Answered<A extends object> = A & Receipt & { repeated?: true };

/** How a request is remembered. */
export interface Remembered {
  /** Stands for what was asked, where it was not given to `begin`. */
  fingerprint?: string;
  /** What the caller got beside the receipt. */
  answer?: Readonly<Record<string, unknown>>;
}

/**
 * Packs and segments that are stored while a long run still reads, and belong to nothing until a transaction adopts
 * them: so nobody waits for the run. What is never adopted is dropped.
 */
export interface Stage {
  readonly stage: number;
  /** Stores them durably in a short transaction; returns their numbers. Raises STAGE_GONE after `drop`, or long silence. */
  add(content: { packs: readonly Uint8Array[]; segments: readonly NewSegment[] }): {
    packs: number[];
    segments: number[];
  };
  /** Forgets all of it. Does nothing once it was adopted. */
  drop(): void;
}

export interface WriteTransaction {
  /** Set when the same request was done before: see Repeated. */
  readonly repeated: Repeated | undefined;
  /** The branch as this transaction sees it, with what it wrote. */
  readonly reader: StoreReader;
  /** When it began, ISO 8601, as the journal will say. */
  readonly at: string;
  /**
   * Makes the key's head point at this content; returns the version's id. Same hash as the head: no operation. The bytes
   * are read until the transaction is over, so they must not change.
   */
  put(version: NewVersion): { vid: number; changed: boolean };
  /** Stores the compressed contents (pack-file.ts) of versions that are put next; returns its number for their slices. */
  addPack(bytes: Uint8Array): number;
  /** Moves the head away; false when the key has no head. */
  remove(kind: VersionKind, key: string): boolean;
  /** Points heads at versions that exist; the caller has read them from `reader`. */
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
   * Overwrites the content of all versions of these keys, whichever branch wrote them, and removes the keys from main;
   * returns how many versions there were. A branch that points at one of them has nothing there any more. Traces are
   * left in the file until `settle`.
   */
  erase(kids: Iterable<number>): number;
  /** Stores a lexical segment; `vids` names the version of each of its documents. */
  addSegment(sections: Record<string, Uint8Array>, vids: Float64Array): number;
  /** Makes what was staged part of the knowledge: its segments, each with the versions of its documents. */
  adopt(stage: Stage, vids: ReadonlyMap<number, Float64Array>): void;
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
  commit(remembered?: Remembered): Receipt;
  /** Nothing of it remains, so its version and segment numbers may come again: cache nothing by them before commit. */
  abort(): void;
}
