/** What an id names now, and since when. Used by knowledge and retrieve. */
import { kindNumber } from "../contract/kinds.ts";
import type { Head } from "../contract/knowledge.ts";
import type { StoreReader } from "../contract/reader.ts";

/** Longer than any path and name: what is asked for may be anything. */
const MAX_ID = 10_000;

/** The head of the entry or file of that id, or of the file that an id like `<path>#<name>` lies in. */
export function headOf(store: StoreReader, id: string): Head | undefined {
  if (id.length > MAX_ID) return undefined;
  const head = store.head(id);
  return head?.kind === "entry" || head?.kind === "file" ? head : fileHeadOf(store, id);
}

/** A path may hold a `#` too: the longest one that is a file. */
function fileHeadOf(store: StoreReader, id: string): Head | undefined {
  for (let at = id.lastIndexOf("#"); at > 0; at = id.lastIndexOf("#", at - 1)) {
    const head = store.head(id.slice(0, at));
    if (head?.kind === "file") return head;
  }
  return undefined;
}

interface Dates {
  first: number | undefined;
  last: number | undefined;
}

/** When a key was first and last written or moved, as the journal has it; "" where it has nothing of it. */
export function timesOf(store: StoreReader, key: string): { created_at: string; updated_at: string } {
  const { first, last } = dates(store, key, Number.POSITIVE_INFINITY);
  return { created_at: iso(first), updated_at: iso(last) };
}

const iso = (time: number | undefined): string => (time === undefined ? "" : new Date(time).toISOString());

/** Of operations up to `until`; on a branch those of its parents before it was laid over them count too. */
function dates(store: StoreReader, key: string, until: number): Dates {
  const { first, last, isWhole } = ownDates(store, key, until);
  const branch = isWhole ? undefined : store.branches().find((one) => one.branch === store.branch);
  if (!branch) return { first, last };
  const beneath = dates(store.on(branch.parent), key, Math.min(until, branch.base));
  return { first: beneath.first ?? first, last: last ?? beneath.last };
}

function ownDates(store: StoreReader, key: string, until: number): Dates & { isWhole: boolean } {
  const found: Dates & { isWhole: boolean } = { first: undefined, last: undefined, isWhole: false };
  const known = store.journal.kidOf(key);
  if (!known) return found;
  for (const { seq, from, transaction } of store.journal.chain(known.kid, kindNumber(known.kind))) {
    if (seq > until) continue;
    found.last ??= transaction.at;
    found.first = transaction.at;
    found.isWhole = from === 0;
  }
  if (found.last === undefined) found.first = found.last = compacted(store, known.kid);
  return found;
}

/** The chain ends where the journal was compacted; headers of transactions stay. */
function compacted(store: StoreReader, kid: number): number | undefined {
  const seq = store.journal.pointers(Float64Array.of(kid)).seq[0]!;
  return seq > 0 && seq <= store.journal.horizon() ? store.journal.at(seq).at : undefined;
}
