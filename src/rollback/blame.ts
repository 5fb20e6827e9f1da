/** Every write of one id: who, why, and whether it counts now. Used by rollback.ts. */

import { MomoError } from "../errors.ts";
import type { VersionRecord } from "../model/rollback.ts";
import type { Authorship, ChainLink } from "../store/contract/journal.ts";
import { kindNumber } from "../store/contract/kinds.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import { type KnownKey, keysOf } from "../store/records/names.ts";
import { authorAt } from "./authors.ts";

/**
 * Newest first, as far back as the journal goes, under whatever ids it had. An entity's versions are those of its file.
 */
export function blame(store: StoreReader, id: string): VersionRecord[] {
  const known = keysOf(store, id);
  if (known.length === 0) throw new MomoError("ENTRY_UNKNOWN", { id });
  const isAsked = ({ key }: KnownKey): boolean => id === key || id.startsWith(`${key}#`);
  return known
    .flatMap((key) => {
      const records = versionsOf(store, key);
      return isAsked(key) ? records : records.map((record) => ({ id: key.key, ...record }));
    })
    .toSorted((a, b) => b.seq - a.seq);
}

function versionsOf(store: StoreReader, { key, kind, isFormer }: KnownKey): VersionRecord[] {
  const { journal } = store;
  const known = journal.kidOf(key, kind)!;
  const head = store.head(key, kind)?.vid ?? 0;
  const records: VersionRecord[] = [];
  for (const link of journal.chain(known.kid, kindNumber(known.kind))) {
    if (!link.writes) continue;
    const [undone] = journal.undone([link.seq, link.seq]);
    const author = authorAt(journal.authors(link.transaction), link.seq)!;
    records.push(recordOf(link, { undoneBy: undone?.by, author }));
  }
  if (isFormer) return records;
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
