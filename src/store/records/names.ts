/**
 * What an id names now, under which other ids it was known, and since when. Used by knowledge, retrieve and rollback.
 */
import { kindNumber } from "../contract/kinds.ts";
import type { Head } from "../contract/knowledge.ts";
import type { StoreReader } from "../contract/reader.ts";
import { entityIds, knownIds } from "./entity-ids.ts";
import { decodePlaces } from "./file.ts";

/** Longer than any path and name: what is asked for may be anything. */
const MAX_ID = 10_000;
/** Nothing was renamed more often, or has more former names. */
const MAX_RENAMES = 1000;
const DOCUMENTATION = "doc:";

/** What an id stands for: `id` is the name that it has now, `head` its entry or file, or the file that it lies in. */
export interface Current {
  id: string;
  head: Head;
}

/**
 * An entry or file of that id, a definition like `<path>#<name>` (of one without an alias it is not looked whether the
 * file holds it), or what was renamed from that id and has another one now.
 */
export function currentOf(store: StoreReader, id: string): Current | undefined {
  if (id.length > MAX_ID) return undefined;
  const own = store.head(id);
  if (own?.kind === "file" || own?.kind === "entry") return { id, head: own };
  return followed(store, id) ?? documentationAt(store, id);
}

/** The head of what an id stands for. */
export const headOf = (store: StoreReader, id: string): Head | undefined => currentOf(store, id)?.head;

/** Only code is renamed: of an alias's end an entry is something else. */
function followed(store: StoreReader, id: string): Current | undefined {
  const seen = new Set<string>();
  for (let own = id; !seen.has(own) && seen.size < MAX_RENAMES; ) {
    seen.add(own);
    const head = store.head(own, "file") ?? fileAround(store, own);
    const next = head?.key === own ? undefined : renamedTo(store, own);
    if (head && (next === undefined || isIn(store, head, own))) return { id: own, head };
    if (next === undefined) return undefined;
    own = next;
  }
  return undefined;
}

/** `a#b` and `a` of `a#b#c`, the longest first: a path may hold a `#` too. */
export function* pathsIn(id: string): Generator<string> {
  for (let at = id.lastIndexOf("#"); at > 0; at = id.lastIndexOf("#", at - 1)) yield id.slice(0, at);
}

function fileAround(store: StoreReader, id: string): Head | undefined {
  for (const path of pathsIn(id)) {
    const head = store.head(path, "file");
    if (head) return head;
  }
  return undefined;
}

/** Ids of the definitions in a file. */
export function idsIn(store: StoreReader, { key, vid }: Head): string[] {
  const body = store.body(vid);
  return body ? entityIds(key, decodePlaces(body)) : [];
}

/** Every id that names a definition of a file. */
export function namedIn(store: StoreReader, { key, vid }: Head): ReadonlySet<string> {
  const body = store.body(vid);
  return new Set(body && knownIds(key, decodePlaces(body)).keys());
}

const isIn = (store: StoreReader, file: Head, id: string): boolean => namedIn(store, file).has(id);

/** Where its own alias leads, or the one of a file that is gone and that it lay in. */
function renamedTo(store: StoreReader, id: string): string | undefined {
  if (!hasAliases(store)) return undefined;
  const own = targetOf(store, id);
  if (own !== undefined) return own;
  for (const path of pathsIn(id)) {
    const to = targetOf(store, path);
    if (to !== undefined && !store.head(path, "file")) return to + id.slice(path.length);
  }
  return undefined;
}

function targetOf(store: StoreReader, id: string): string | undefined {
  const alias = store.head(id, "alias");
  return alias && store.journal.endsOf(alias.vid)?.target;
}

/** Most knowledge bases have none, and need not look for them. */
const hasAliases = (store: StoreReader): boolean => /[^0]/.test(store.digestOf("alias"));

/** What documents something keeps the id that it was written under. */
function documentationAt(store: StoreReader, id: string): Current | undefined {
  const end = id.lastIndexOf(":");
  if (!id.startsWith(DOCUMENTATION) || end <= DOCUMENTATION.length) return undefined;
  for (const name of namesOf(store, id.slice(DOCUMENTATION.length, end))) {
    const key = `${DOCUMENTATION}${name}${id.slice(end)}`;
    const head = store.head(key, "entry");
    if (head) return { id: key, head };
  }
  return undefined;
}

/** The id that something has now, and those that it had before and that nothing else has. */
export function namesOf(store: StoreReader, id: string): string[] {
  if (!hasAliases(store)) return [id];
  const now = currentOf(store, id)?.id ?? id;
  const names = new Set([now]);
  for (const name of names) {
    for (const { source } of store.edges(name, "target", "alias")) names.add(source);
    for (const path of pathsIn(name))
      for (const { source } of store.edges(path, "target", "alias"))
        names.add(source + name.slice(path.length));
    if (names.size > MAX_RENAMES) break;
  }
  return [...names].filter((name) => name === now || currentOf(store, name)?.id === now);
}

type Key = Pick<Head, "key" | "kind">;

export interface KnownKey extends Key {
  /** What had this name has another one now. */
  isFormer: boolean;
}

/**
 * What ever had an id, under each of its names, whether or not it is there now; of a definition the files that it lay
 * in. Its present name comes first.
 */
export function keysOf(store: StoreReader, id: string): KnownKey[] {
  const head = headOf(store, id);
  const found = new Map<string, KnownKey>();
  for (const name of namesOf(store, id)) {
    const { key, kind } = keyAt(store, name) ?? {};
    const isMeant = head === undefined || found.size === 0 || kind === head.kind;
    if (key === undefined || kind === undefined || !isMeant || found.has(key)) continue;
    found.set(key, { key, kind, isFormer: head !== undefined && key !== head.key });
  }
  return [...found.values()];
}

function keyAt({ journal }: StoreReader, name: string): Key | undefined {
  const known = journal.kidOf(name);
  if (known) return { key: name, kind: known.kind };
  for (const path of pathsIn(name)) {
    const file = journal.kidOf(path);
    if (file) return { key: path, kind: file.kind };
  }
  return undefined;
}

interface Dates {
  first: number | undefined;
  last: number | undefined;
}

/** When a key was first and last written or moved, as the journal has it; "" where it has nothing of it. */
export function timesOf(store: StoreReader, key: Key): { created_at: string; updated_at: string } {
  const { first, last } = dates(store, key, Number.POSITIVE_INFINITY);
  return { created_at: iso(first), updated_at: iso(last) };
}

const iso = (time: number | undefined): string => (time === undefined ? "" : new Date(time).toISOString());

/** Of operations up to `until`; on a branch those of its parents before it was laid over them count too. */
function dates(store: StoreReader, key: Key, until: number): Dates {
  const { first, last, isWhole } = ownDates(store, key, until);
  const branch = isWhole ? undefined : store.branches().find((one) => one.branch === store.branch);
  if (!branch) return { first, last };
  const beneath = dates(store.on(branch.parent), key, Math.min(until, branch.base));
  return { first: beneath.first ?? first, last: last ?? beneath.last };
}

function ownDates(store: StoreReader, { key, kind }: Key, until: number): Dates & { isWhole: boolean } {
  const found: Dates & { isWhole: boolean } = { first: undefined, last: undefined, isWhole: false };
  const known = store.journal.kidOf(key, kind);
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
