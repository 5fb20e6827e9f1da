/** What was written about an id: entries, their lists, the relations at an id, what documents it. Used by momo.ts. */
import type { EntriesRequest, EntrySummary, KnowledgeEntry, NeighborsRequest } from "../model/api.ts";
import type { RelationType } from "../model/outline.ts";
import type { RelationRecord } from "../model/rollback.ts";
import type { EdgeRecord } from "../store/contract/knowledge.ts";
import type { Store } from "../store/contract/store.ts";
import { knownIds } from "../store/records/entity-ids.ts";
import { decodeEntry, decodeRelation } from "../store/records/entry.ts";
import { decodePlaces } from "../store/records/file.ts";
import { findEntity, idsOf } from "../store/records/find-entity.ts";
import { headOf, timesOf } from "../store/records/names.ts";

/** undefined for an id that is not an entry's. */
export function readEntry(store: Store, id: string): KnowledgeEntry | undefined {
  const head = store.head(id);
  const body = head?.kind === "entry" ? store.body(head.vid) : undefined;
  if (!head || !body) return undefined;
  const content = Buffer.from(store.text(head.vid) ?? []).toString();
  const entry = {
    id,
    version: head.vid,
    ...decodeEntry(body),
    content,
    relations: [],
    ...timesOf(store, id),
  };
  return withKnowledge(store, entry);
}

/** A file, a definition or an entry with the relations that were written at it, and what documents it. */
export function withKnowledge(store: Store, entry: KnowledgeEntry): KnowledgeEntry {
  const stated = neighbors(store, entry.id, { direction: "out" });
  const documentation = documentationOf(store, entry.id);
  return {
    ...entry,
    relations: [
      ...entry.relations,
      ...stated.map(({ type, target, metadata }) => ({ type, target_id: target, metadata })),
    ],
    ...(documentation.length > 0 && { documentation }),
  };
}

/** By id. */
export function listEntries(store: Store, { prefix = "", type }: EntriesRequest): EntrySummary[] {
  return store
    .heads("entry")
    .filter(({ key }) => key.startsWith(prefix))
    .flatMap(({ key, vid }) => {
      const body = store.body(vid);
      // Erased beneath an exploration that still points at it.
      return body ? [{ id: key, version: vid, ...decodeEntry(body) }] : [];
    })
    .filter((entry) => type === undefined || entry.type === type)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ metadata, ...entry }) => ({
      ...entry,
      ...(typeof metadata.title === "string" && { title: metadata.title }),
      updated_at: timesOf(store, entry.id).updated_at,
    }));
}

/** Relations that were written, not those that a file's text states; in an order that no undo changes. */
export function neighbors(
  store: Store,
  id: string,
  { type, direction = "both" }: Omit<NeighborsRequest, "exploration"> = {},
): RelationRecord[] {
  const ids = sameEntity(store, id);
  const out = direction === "in" ? [] : ids.flatMap((one) => store.edges(one, "source"));
  const into = direction === "out" ? [] : ids.flatMap((one) => store.edges(one, "target"));
  const edges = new Map([...out, ...into].map((edge) => [edge.key, edge]));
  const isThere = presence(store);
  return [...edges.values()]
    .filter((edge) => type === undefined || edge.type === type)
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap((edge) => relationOf(store, edge, isThere));
}

function relationOf(store: Store, edge: EdgeRecord, isThere: (id: string) => boolean): RelationRecord[] {
  const { source, type, target, vid } = edge;
  const body = store.body(vid);
  if (!body) return [];
  const missing = !isThere(source) ? "source" : !isThere(target) ? "target" : undefined;
  return [
    {
      source,
      type: type as RelationType,
      target,
      ...decodeRelation(body),
      ...(missing && { missing }),
    },
  ];
}

/** The id, and every other one that names the same definition: what was written at either is said of it. */
function sameEntity(store: Store, id: string): string[] {
  const head = headOf(store, id);
  const found = head?.kind === "file" && head.key !== id ? findEntity(store, head, id) : undefined;
  if (!head || !found) return [id];
  const isUsed = (one: string): boolean =>
    store.edges(one, "source").length > 0 || store.edges(one, "target").length > 0;
  return [...new Set([id, ...idsOf(store, head, { found, isUsed })])];
}

/** Whether an id names something now; a file's definitions are read once. */
function presence(store: Store): (id: string) => boolean {
  const known = new Map<string, ReadonlyMap<string, number>>();
  return (id) => {
    const head = headOf(store, id);
    if (!head || head.key === id) return head !== undefined;
    const definitions = known.get(head.key) ?? knownIds(head.key, decodePlaces(store.body(head.vid)!));
    known.set(head.key, definitions);
    return definitions.has(id);
  };
}

/** Entries that document an id, then those that document the file it lies in. */
function documentationOf(store: Store, id: string): string[] {
  const path = headOf(store, id)?.key;
  const about = path === undefined || path === id ? [id] : [id, path];
  const found = about.flatMap((target) => neighbors(store, target, { type: "documents", direction: "in" }));
  return [...new Set(found.map(({ source }) => source))];
}
