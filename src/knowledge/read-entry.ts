/** What was written about an id: entries, their lists, the relations at an id, what documents it. Used by momo.ts. */
import type { EntriesRequest, EntrySummary, KnowledgeEntry, NeighborsRequest } from "../model/api.ts";
import type { RelationType } from "../model/outline.ts";
import type { RelationRecord } from "../model/rollback.ts";
import type { EdgeRecord } from "../store/contract/knowledge.ts";
import type { Store } from "../store/contract/store.ts";
import { knownIds } from "../store/records/entity-ids.ts";
import { decodeEntry, decodeRelation, relationKey } from "../store/records/entry.ts";
import { decodePlaces } from "../store/records/file.ts";
import { findEntity, idsOf } from "../store/records/find-entity.ts";
import { type Current, currentOf, namesOf, timesOf } from "../store/records/names.ts";

/** undefined for an id that is not an entry's, or a file's too. */
export function readEntry(store: Store, asked: string): KnowledgeEntry | undefined {
  const { id = asked, head } = currentOf(store, asked) ?? {};
  const body = head?.kind === "entry" ? store.body(head.vid) : undefined;
  if (!head || !body) return undefined;
  const content = Buffer.from(store.text(head.vid) ?? []).toString();
  const entry = {
    id,
    ...(id !== asked && { renamed_from: asked }),
    version: head.vid,
    ...decodeEntry(body),
    content,
    relations: [],
    ...timesOf(store, head),
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
      ...stated.map(({ type, target, metadata, missing }) => ({
        type,
        target_id: target,
        metadata,
        ...(missing === "target" && { missing: true as const }),
      })),
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
      updated_at: timesOf(store, { key: entry.id, kind: "entry" }).updated_at,
    }));
}

/**
 * Relations that were written, not those that a file's text states; in an order that no undo changes. Those at an end
 * that was renamed show the id that it has now.
 */
export function neighbors(
  store: Store,
  id: string,
  { type, direction = "both" }: Omit<NeighborsRequest, "exploration"> = {},
): RelationRecord[] {
  const found = idsFor(store, id).flatMap((name) => [
    ...(direction === "in" ? [] : store.edges(name, "source")),
    ...(direction === "out" ? [] : store.edges(name, "target")),
  ]);
  const read = relationReader(store);
  const records = [...new Map(found.map((edge) => [edge.key, edge])).values()]
    .filter((edge) => type === undefined || edge.type === type)
    .flatMap(read)
    .map((record): [string, RelationRecord] => [relationKey(record), record]);
  // The same may have been written at an old id and at the new one: what was written at the new one counts.
  const byKey = new Map(records.toSorted(([, a], [, b]) => Number(isMoved(b)) - Number(isMoved(a))));
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record);
}

const isMoved = ({ renamed_from }: RelationRecord): boolean => renamed_from !== undefined;

function relationReader(store: Store): (edge: EdgeRecord) => RelationRecord[] {
  const isThere = presence(store);
  return ({ source, type, target, vid }) => {
    const body = store.body(vid);
    if (!body) return [];
    const ends = { source: currentOf(store, source), target: currentOf(store, target) };
    const missing = !isThere(ends.source) ? "source" : !isThere(ends.target) ? "target" : undefined;
    const now = { source: ends.source?.id ?? source, target: ends.target?.id ?? target };
    const renamed_from = {
      ...(now.source !== source && { source }),
      ...(now.target !== target && { target }),
    };
    const record: RelationRecord = {
      source: now.source,
      type: type as RelationType,
      target: now.target,
      ...decodeRelation(body),
      ...(missing && { missing }),
      ...(Object.keys(renamed_from).length > 0 && { renamed_from }),
    };
    return [record];
  };
}

/**
 * Every id at which something about it may have been written: those it had before it was renamed, and each other one that
 * names the same definition.
 */
function idsFor(store: Store, asked: string): string[] {
  const { id = asked, head } = currentOf(store, asked) ?? {};
  const found = head?.kind === "file" && head.key !== id ? findEntity(store, head, id) : undefined;
  if (!head || !found) return namesOf(store, id);
  const isUsed = (one: string): boolean =>
    namesOf(store, one).some(
      (name) => store.edges(name, "source").length > 0 || store.edges(name, "target").length > 0,
    );
  const ids = [id, ...idsOf(store, head, { found, isUsed })];
  return [...new Set(ids.flatMap((one) => namesOf(store, one)))];
}

/** Whether something is there now; a file's definitions are read once. */
function presence(store: Store): (current: Current | undefined) => boolean {
  const known = new Map<string, ReadonlyMap<string, number>>();
  return (current) => {
    if (!current || current.head.key === current.id) return current !== undefined;
    const { id, head } = current;
    const definitions = known.get(head.key) ?? knownIds(head.key, decodePlaces(store.body(head.vid)!));
    known.set(head.key, definitions);
    return definitions.has(id);
  };
}

/** Entries that document an id, then those that document the file it lies in. */
function documentationOf(store: Store, id: string): string[] {
  const path = currentOf(store, id)?.head.key;
  const about = path === undefined || path === id ? [id] : [id, path];
  const found = about.flatMap((target) => neighbors(store, target, { type: "documents", direction: "in" }));
  return [...new Set(found.map(({ source }) => source))];
}
