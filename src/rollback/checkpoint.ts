/**
 * Named points of the journal. A checkpoint is a transaction without operations, so it is attributed and part of the
 * hash chain; the newest of a name counts. Used by select.ts, rewind.ts and momo.ts.
 */
import { MomoError } from "../errors.ts";
import type { Checkpoint } from "../model/rollback.ts";
import type { JournalView } from "../store/contract/journal.ts";
import type { Store } from "../store/contract/store.ts";
import type { Author } from "../store/contract/transaction.ts";

export function setCheckpoint(store: Store, name: string, by: Author): Checkpoint {
  checkName(name);
  const { checkpoint } = store.once({ ...by, kind: "checkpoint" }, (tx) => {
    const { seq, digest, at } = { seq: tx.reader.seq(), digest: tx.reader.digest(), at: tx.at };
    tx.describe({ name, seq, digest });
    return { checkpoint: { name, seq, digest, at, agent: by.agent } };
  });
  return checkpoint;
}

export function removeCheckpoint(store: Store, name: string, by: Author): void {
  store.once({ ...by, kind: "checkpoint" }, (tx) => {
    checkpointSeq(tx.reader.journal, name);
    tx.describe({ name, removed: true });
    return {};
  });
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
