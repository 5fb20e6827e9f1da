/** The document store that Momo brings: the contents of the knowledge base itself, and counts over its segments. */
import type { CountedField, DocumentScan, DocumentStore, StoredDocument } from "../contract/documents.ts";
import type { StoreReader } from "../contract/reader.ts";
import type { RowFields } from "../contract/rows.ts";
import { matcherOf, rowFilterFields } from "./row-filter.ts";
import { SegmentRows } from "./segment-rows.ts";

/** What people and programs wrote; relations are the graph's. */
const kinds = ["file", "entry"] as const;

interface LiveDocument {
  vid: number;
  key: string;
  fields: RowFields;
}

export function openStoreDocuments(store: StoreReader): DocumentStore {
  return {
    capabilities: { filters: rowFilterFields, counts: ["kind", "language", "type"] },
    get: async (vids) => store.snapshot(() => getAll(store, vids)),
    scan: async (query) => store.snapshot(() => scan(store, query)),
    count: async (by) => store.snapshot(() => count(store, by)),
    close: async () => undefined,
  };
}

function getAll(store: StoreReader, vids: readonly number[]): StoredDocument[] {
  return liveDocuments(store, new Set(vids)).map((document) => withContent(store, document));
}

function withContent(store: StoreReader, { vid, key, fields: { kind } }: LiveDocument): StoredDocument {
  return { vid, key, kind, ...store.content(vid) };
}

/** By version; of these only, where some are given. */
function liveDocuments(store: StoreReader, only?: ReadonlySet<number>): LiveDocument[] {
  const heads = kinds.flatMap((kind) => store.heads(kind).filter(({ vid }) => only?.has(vid) ?? true));
  const rows = new SegmentRows(store, new Set(heads.map(({ vid }) => vid)));
  return heads
    .map(({ vid, key, kind }) => ({ vid, key, fields: rows.fields(vid) ?? { kind, path: key } }))
    .sort((a, b) => a.vid - b.vid);
}

function scan(
  store: StoreReader,
  { filter, after = 0, limit }: DocumentScan,
): { seq: number; documents: StoredDocument[] } {
  const matches = matcherOf(filter ?? {});
  const page = liveDocuments(store)
    .filter(({ vid, fields }) => vid > after && matches(fields))
    .slice(0, limit);
  return { seq: store.seq(), documents: page.map((document) => withContent(store, document)) };
}

function count(store: StoreReader, by: CountedField): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { fields } of liveDocuments(store))
    for (const value of valuesOf(fields, by)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** What a document counts for. */
export function valuesOf({ kind, language, types = [] }: RowFields, by: CountedField): readonly string[] {
  if (by === "kind") return [kind];
  if (by === "type") return types;
  return language === undefined ? [] : [language];
}
