/** What somebody wants taken back, brought back or gone back to. Made by select.ts and redo.ts; planned by plan.ts. */
import type { RollbackPlan, RollbackPolicy, RollbackSelector } from "../model/rollback.ts";
import type { JournalTransaction, JournalView } from "../store/contract/journal.ts";
import type { WriteSet } from "./write-set.ts";

/** What is meant, with nothing left to look up: the same request on another state shows whether a plan still holds. */
export interface PlanRequest {
  action: RollbackPlan["action"];
  policy: RollbackPolicy;
  /** Transactions that were selected; only those of their writes that `takes` accepts. */
  sources: readonly JournalTransaction[];
  takes: (kid: number, seq: number) => boolean;
  live: WriteSet;
  selector?: RollbackSelector;
  /** Transaction that a redo brings back. */
  of?: number;
  /** Sequence number that a rewind goes to. */
  to_seq?: number;
  /** It goes to the middle of a transaction: nobody ever saw that state. */
  is_inside?: boolean;
}

/** Makes the request on the state that is planned on: what is meant by "the newest undo" depends on it. */
export type Intent = (journal: JournalView) => PlanRequest;
