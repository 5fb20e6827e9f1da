/**
 * Marks: versions that are kept but stay out of retrieval until somebody has looked at them. A mark is a key like any
 * other, so it is attributed, and taking back what set it takes it away. Used by apply.ts and momo.ts.
 */

import { MomoError } from "../errors.ts";
import type { QuarantineRecord, WriteReceipt } from "../model/rollback.ts";
import { kindNumber } from "../store/contract/kinds.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import type { Store } from "../store/contract/store.ts";
import type { Author } from "../store/contract/transaction.ts";
import { decodeMark, markedId, markKey } from "../store/records/marks.ts";

export function quarantined(store: StoreReader): QuarantineRecord[] {
  return store.heads("mark").map(({ key, vid }) => {
    const id = markedId(key);
    const { version, reason } = decodeMark(store.body(vid)!);
    const { kid } = store.journal.kidOf(key, "mark")!;
    const link = store.journal.chain(kid, kindNumber("mark")).next().value;
    return {
      id,
      version,
      reason,
      transaction: link ? link.transaction.transaction : 0,
      at: new Date(link ? link.transaction.at : 0).toISOString(),
      current: (["file", "entry"] as const).some((kind) => store.head(id, kind)?.vid === version),
    };
  });
}

/** Lets these ids back into retrieval; all of them, or none. */
export const release = (store: Store, ids: readonly string[], by: Author): WriteReceipt =>
  store.once(by, (tx) => {
    for (const id of ids) if (!tx.remove("mark", markKey(id))) throw new MomoError("NOT_QUARANTINED", { id });
    return {};
  });
