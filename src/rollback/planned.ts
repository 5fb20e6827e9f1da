/** What a plan is, and what it is asked for. Made by plan.ts, described by describe.ts, carried out by apply.ts. */
import type { RollbackPlan, RollbackPolicy, RollbackSelector } from "../model/rollback.ts";
import type { JournalTransaction, JournalView } from "../store/contract/journal.ts";
import type { SeqRange } from "../store/contract/transaction.ts";
import type { Moves } from "../store/contract/write.ts";
import type { Content } from "../store/records/merge-fields.ts";
import type { Dependents, Obstacle } from "./obstacles.ts";
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
}

/** Makes the request on the state that is planned on: what is meant by "the newest undo" depends on it. */
export type Intent = (journal: JournalView) => PlanRequest;

export interface MergedVersion {
  kid: number;
  key: string;
  content: Content;
}

export interface Mark {
  id: string;
  version: number;
  reason: string;
  /** Last operation on the mark itself: one that was released can be set again. */
  seq: number;
}

export interface Plan {
  hash: string;
  intent: Intent;
  request: PlanRequest;
  base_seq: number;
  losses: number;
  moves: Moves;
  merged: MergedVersion[];
  marks: Mark[];
  dead: SeqRange[];
  live: SeqRange[];
  residue: SeqRange[];
  residueKids: number[];
  cascade: number[];
  restores: number[];
  /** All that was met, and what the policy has no way around. */
  obstacles: Obstacle[];
  unsolved: Obstacle[];
  dependents: Dependents["dependents"];
  blocked: boolean;
}
