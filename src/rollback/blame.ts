/** Every write of one id: who, why, and whether it counts now. Used by rollback.ts. */

import { MomoError } from "../errors.ts";
import type { VersionRecord } from "../model/rollback.ts";
import type { Authorship, ChainLink } from "../store/contract/journal.ts";
import { kindNumber } from "../store/contract/kinds.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import { authorAt } from "./authors.ts";

/** Newest first, as far back as the journal goes. An entity's versions are those of its file. */
export function blame(store: StoreReader, id: string): VersionRecord[] {
  const { journal } = store;
  const key = journal.kidOf(id) ? id : id.slice(0, id.indexOf("#") >>> 0);
  const known = journal.kidOf(key);
  if (!known) throw new MomoError("ENTRY_UNKNOWN", { id });
  const head = store.head(key, known.kind)?.vid ?? 0;
  const records: VersionRecord[] = [];
  for (const link of journal.chain(known.kid, kindNumber(known.kind))) {
    if (!link.writes) continue;
    const [undone] = journal.undone([link.seq, link.seq]);
    const author = authorAt(journal.authors(link.transaction), link.seq)!;
    records.push(recordOf(link, { undoneBy: undone?.by, author }));
  }
  const current = records.findIndex(({ version, undone_by }) => undone_by === undefined && version === head);
  if (current >= 0) records[current]!.current = true;
  return records;
}

function recordOf(
  { seq, from, to, transaction }: ChainLink,
  { undoneBy, author: { agent, session } }: { undoneBy: number | undefined; author: Authorship },
): VersionRecord {
  const { intent, at } = transaction;
  return {
    version: to,
    seq,
    transaction: transaction.transaction,
    agent,
    ...(transaction.agent !== agent && { merged_by: transaction.agent }),
    ...(session !== undefined && { session }),
    ...(intent !== undefined && { intent }),
    at: new Date(at).toISOString(),
    change: to === 0 ? "removed" : from === 0 ? "created" : "updated",
    ...(undoneBy !== undefined && { undone_by: undoneBy }),
    current: false,
  };
}
