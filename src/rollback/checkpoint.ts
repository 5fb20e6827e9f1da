/**
 * Named points of the journal. A checkpoint is a transaction without operations, so it is attributed and part of the
 * hash chain; the newest of a name counts. Used by select.ts, rewind.ts and momo.ts.
 */
import { MomoError } from "../errors.ts";
import type { Checkpoint } from "../model/rollback.ts";
import type { Attribution, Store } from "../store/contract/store.ts";
import type { JournalView } from "../store/journal/view.ts";

export function setCheckpoint(store: Store, name: string, by: Attribution): Checkpoint {
  checkName(name);
  const tx = store.begin({ ...by, kind: "checkpoint" });
  const seq = store.seq();
  tx.describe({ name, seq, digest: store.digest() });
  tx.commit();
  return checkpoints(store.journal).find((checkpoint) => checkpoint.name === name)!;
}

export function removeCheckpoint(store: Store, name: string, by: Attribution): void {
  checkpointSeq(store.journal, name);
  const tx = store.begin({ ...by, kind: "checkpoint" });
  tx.describe({ name, removed: true });
  tx.commit();
}

/** The present ones, oldest first. */
export function checkpoints(journal: JournalView): Checkpoint[] {
  const named = new Map<string, Checkpoint>();
  for (const { detail, at, agent } of journal.said("checkpoint")) {
    const name = String(detail.name);
    named.delete(name);
    if (detail.removed) continue;
    const [seq, digest] = [Number(detail.seq), String(detail.digest)];
    named.set(name, { name, seq, digest, at: new Date(at).toISOString(), agent });
  }
  return [...named.values()];
}

export function checkpointSeq(journal: JournalView, name: string): number {
  const found = checkpoints(journal).find((checkpoint) => checkpoint.name === name);
  if (!found) throw new MomoError("CHECKPOINT_UNKNOWN", { name });
  return found.seq;
}

function checkName(name: string): void {
  if (/^[\w.:/-]{1,100}$/.test(name)) return;
  const hint = "1 to 100 letters, digits and . : / - _";
  throw new MomoError("VALUE_INVALID", { name: "checkpoint", value: name, hint });
}
