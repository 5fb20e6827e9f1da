/**
 * The definition that an id names now, also an id of before its name was shared: then the file's earlier versions tell
 * which of those that share the name it was (docs/decisions/0018). Used by retrieve and knowledge.
 */
import { kindNumber } from "../contract/kinds.ts";
import type { Head } from "../contract/knowledge.ts";
import type { Store } from "../contract/store.ts";
import { entityIds, knownIds } from "./entity-ids.ts";
import { decodeBody, decodePlaces } from "./file.ts";
import type { Place } from "./outline-columns.ts";

/** Versions that are looked at for what an id was: a name that is older is the first one's that shares it. */
const farthest = 200;

export interface FoundEntity {
  places: Place[];
  /** Its index among the file's entities. */
  at: number;
}

export function findEntity(store: Store, head: Head, id: string): FoundEntity | undefined {
  const body = store.body(head.vid);
  if (!body) return undefined;
  const places = decodePlaces(body);
  const at = knownIds(head.key, places).get(id);
  if (at === undefined) return undefined;
  return { places, at: isPlain(head.key, places, { id, at }) ? ownerBefore(store, head, { id, at }) : at };
}

/** Every id that names the definition; `isUsed` says of which ids of before it is worth to find out. */
export function idsOf(
  store: Store,
  head: Head,
  { found, isUsed }: { found: FoundEntity; isUsed: (id: string) => boolean },
): string[] {
  const { places, at } = found;
  const { qualified } = places[at]!;
  return [...knownIds(head.key, places)].flatMap(([id, own]) => {
    if (places[own]!.qualified !== qualified) return [];
    if (!isPlain(head.key, places, { id, at: own })) return own === at ? [id] : [];
    return isUsed(id) && ownerBefore(store, head, { id, at: own }) === at ? [id] : [];
  });
}

/** True for a name without types that several share by now. */
function isPlain(path: string, places: readonly Place[], { id, at }: { id: string; at: number }): boolean {
  const { qualified, overload } = places[at]!;
  if (overload === undefined || entityIds(path, places)[at] === id) return false;
  return !id.startsWith(`${path}#${qualified}${overload}`);
}

/** The newest version in which the id was one by itself tells whose it was; the first that shares it otherwise. */
function ownerBefore(store: Store, head: Head, { id, at }: { id: string; at: number }): number {
  let left = farthest;
  for (const vid of versionsBefore(store, head.key, Number.POSITIVE_INFINITY)) {
    const body = left-- > 0 ? store.body(vid) : undefined;
    if (!body) break;
    const before = decodeBody(body).entities;
    const own = entityIds(head.key, before).indexOf(id);
    if (own < 0) continue;
    const now = decodeBody(store.body(head.vid)!).entities;
    const same = now.findIndex(
      (one) => one.qualified === before[own]!.qualified && typesOf(one) === typesOf(before[own]!),
    );
    return same < 0 ? at : same;
  }
  return at;
}

const typesOf = ({ parameters = [] }: { parameters?: { type?: string }[] }): string =>
  parameters.map(({ type = "" }) => type.replace(/\s/g, "")).join(",");

/** Earlier versions of a file, newest first; beneath a branch those of its parents, up to where it was laid over them. */
function* versionsBefore(store: Store, key: string, until: number): Generator<number> {
  const known = store.journal.kidOf(key);
  if (known) {
    for (const { seq, from } of store.journal.chain(known.kid, kindNumber(known.kind)))
      if (seq <= until && from > 0) yield from;
  }
  const branch = store.branches().find((one) => one.branch === store.branch);
  if (branch) yield* versionsBefore(store.on(branch.parent), key, Math.min(until, branch.base));
}
