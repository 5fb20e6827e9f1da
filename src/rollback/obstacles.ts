/** What stands in the way of a plan, and whose work rests on what it takes back. Found by dependents.ts and sources.ts. */
import type { PlanConflict } from "../model/rollback.ts";
import type { JournalTransaction } from "../store/contract/journal.ts";
import type { SeqRange } from "../store/contract/transaction.ts";

/** What would have to come back as well. */
export interface Restored {
  /** Key that the work was derived from. */
  on: number;
  /** The transaction that wrote it, the one that took it back, and what that took back of the first. */
  transaction: number;
  by: number;
  writes: SeqRange[];
}

/** Something that stands in the way. */
export interface Obstacle {
  reason: PlanConflict["reason"];
  /** The key that the plan cannot treat as asked. */
  kid: number;
  /** The transaction that is in the way. */
  by?: JournalTransaction;
  detail?: string;
  /** What a redo would have to bring back as well. */
  source?: Restored;
}

export interface Dependent {
  strength: "structure" | "declared" | "weak";
  transaction: JournalTransaction;
  /** Key that it rests on. */
  on: number;
  /** Keys that it wrote. */
  kids: number[];
}

export interface Dependents {
  obstacles: Obstacle[];
  dependents: Dependent[];
}
