/** The document store that Momo brings: the contents of the knowledge base itself, and counts over its segments. */
import type {
  CountedField,
  DocumentPage,
  DocumentScan,
  DocumentStore,
  StoredDocument,
} from "../contract/documents.ts";
import type { VersionKind } from "../contract/knowledge.ts";
import type { StoreReader } from "../contract/reader.ts";
import type { RowFields } from "../contract/rows.ts";
import { type Matcher, matcherOf, rowFilterFields, valuesOf } from "./row-filter.ts";
import { OpenSegments } from "./segment-rows.ts";

/** What people and programs wrote; relations are the graph's. */
const kinds = ["file", "entry"] as const;

interface LiveDocument {
  vid: number;
  kind: VersionKind;
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
  const asked = new Set(vids);
  return liveDocuments(store)
    .filter(({ vid }) => asked.has(vid))
    .map((document) => withContent(store, document));
}

const withContent = (store: StoreReader, { vid, kind }: LiveDocument): StoredDocument => ({
  vid,
  key: store.keyOf(vid)!,
  kind,
  ...store.content(vid),
});

/** By version. */
const liveDocuments = (store: StoreReader): LiveDocument[] =>
  kinds
    .flatMap((kind) => Array.from(store.liveVersions(kind), (vid) => ({ vid, kind })))
    .sort((a, b) => a.vid - b.vid);

function scan(store: StoreReader, { filter, after = 0, limit }: DocumentScan): DocumentPage {
  const rest = liveDocuments(store).filter(({ vid }) => vid > after);
  const matching = filter ? matchingOf(store, rest, matcherOf(filter)) : rest;
  return {
    seq: store.seq(),
    documents: matching.slice(0, limit).map((document) => withContent(store, document)),
  };
}

function matchingOf(store: StoreReader, documents: LiveDocument[], matches: Matcher): LiveDocument[] {
  const fields = fieldsOf(store, documents);
  return documents.filter((document) => matches(fields(document)));
}

function fieldsOf(store: StoreReader, documents: readonly LiveDocument[]): (one: LiveDocument) => RowFields {
  const rows = new OpenSegments().rows(store, new Set(documents.map(({ vid }) => vid)));
  return ({ vid, kind }) => rows.fields(vid) ?? { kind, path: store.keyOf(vid)! };
}

function count(store: StoreReader, by: CountedField): Record<string, number> {
  const documents = liveDocuments(store);
  const fields = fieldsOf(store, documents);
  const counts = new Map<string, number>();
  for (const document of documents)
    for (const value of valuesOf(fields(document), by)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries(counts);
}
