/**
 * The store's contract: immutable versions, heads that point at them, and a journal of pointer moves.
 * One SQLite file holds all of it; only write/ changes it. Opened by momo.ts, used by every room of work.
 */
import type { EngineRecord } from "./feed.ts";
import type { StoreReader } from "./reader.ts";
import type { Author } from "./transaction.ts";
import type { Answered, Budget, Stage, WriteTransaction } from "./write.ts";

/** Reads see what is committed, also while a transaction of this store is open. */
export interface Store extends StoreReader {
  readonly writable: boolean;
  /**
   * Waits for another process that writes, at most `wait_ms`, then fails with STORE_BUSY. A transaction begins and ends
   * in one synchronous piece of work: nobody in this process waits for another, and one inside another raises
   * TRANSACTION_OPEN. Raises VALUE_INVALID for an attribution that cannot be kept, REQUEST_REUSED.
   */
  begin(author: Author): WriteTransaction;
  /**
   * Does one request in one transaction: commits what `work` did and returns what it returned with the receipt; what it
   * raises leaves everything as it was. A request that was done before gets its first answer, `repeated`.
   */
  once<A extends object>(author: Author, work: (tx: WriteTransaction) => A): Answered<A>;
  /** The answer that the same request got here before. Raises REQUEST_REUSED. */
  answered<A extends object>(author: Author): Answered<A> | undefined;
  /** The same of a request on whichever branch: of one that ended a branch, or began one. */
  answeredAnywhere<A extends object>(author: Author): Answered<A> | undefined;
  /** Begins to store what a later transaction will adopt. */
  stage(): Stage;
  /**
   * The same file seen from another branch, which writes at most so much in all; closing it closes nothing. Once the
   * branch is dropped it raises EXPLORATION_UNKNOWN.
   */
  on(branch: number, budget?: Budget): Store;
  /** Another text once anything in the file may be different, whoever wrote it: costs next to nothing to ask. */
  changed(): string;
  /**
   * Remembers how far an engine has come; never back: `forgetEngine` makes it start over. Compaction keeps what one has not
   * got yet, unless it is abandoned.
   */
  setEngine(record: EngineRecord): void;
  forgetEngine(name: string): void;
  /** Recomputes the hash chain, heads from the journal, and the digest; the first fault found, or undefined. */
  verify(): string | undefined;
  /**
   * Empties the write-ahead log into the file and, with `shrink` or after an erasure, writes the file anew without its
   * free pages. Outside a transaction. False when a reader of an older state keeps the log from being emptied: what was
   * erased is then in it until a later call.
   */
  settle(options?: { shrink?: boolean }): boolean;
  /** Content was erased that is still in the file: a reader of an older state kept `settle` from ending that. */
  hasLeftovers(): boolean;
  close(): void;
}
