/**
 * What every document store must do, as tests. An adapter's own test is a call of it:
 *
 *     documentStoreContract({ name: "the knowledge base", open: async (rows) => openStoreDocuments(filled(rows)) });
 *
 * Used by the tests of the adapters.
 */
import { afterEach, describe, expect, it } from "vitest";
import type { CountedField, DocumentStore, StoredDocument } from "../contract/documents.ts";
import type { DocumentRow, RowFields } from "../contract/rows.ts";
import { keyUuid } from "./key-id.ts";
import { matcherOf, partOf, valuesOf } from "./row-filter.ts";

export interface DocumentContract {
  name: string;
  /** A store with these documents, whose versions are numbered from 1 in this order. */
  open: (rows: readonly DocumentRow[]) => Promise<DocumentStore>;
  /** Tests, by a part of their name, that an adapter cannot pass, and why; reported as skipped. */
  skip?: Readonly<Record<string, string>>;
}

const documents: Omit<RowFields, "kind">[] = [
  { path: "src/a.ts", language: "typescript", types: [] },
  { path: "src/deep/b.ts", language: "typescript", types: [] },
  { path: "src/c.py", language: "python", types: [] },
  { path: "top.py", language: "python", types: [] },
  { path: "srcs/d.py", language: "python", types: [] },
];

/** Files; the text of each says its path. */
export const documentRowsOf = (): DocumentRow[] =>
  documents.map((fields, i) => ({
    ...fields,
    kind: "file",
    vid: i + 1,
    id: keyUuid("file", fields.path),
    key: fields.path,
    seq: i + 1,
    mark: i,
    body: Buffer.from([i]),
    text: Buffer.from(fields.path),
  }));

const told = ({ vid, key, kind, body, text }: StoredDocument): unknown[] => [
  vid,
  key,
  kind,
  body && [...body],
  text && Buffer.from(text).toString(),
];
const expected = (rows: readonly DocumentRow[]): unknown[] => rows.map(told);

export function documentStoreContract({ name, open, skip = {} }: DocumentContract): void {
  const opened: DocumentStore[] = [];
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  const filled = async (rows: readonly DocumentRow[]): Promise<DocumentStore> => {
    const store = await open(rows);
    opened.push(store);
    return store;
  };
  const test = (title: string, work: (rows: DocumentRow[], store: DocumentStore) => Promise<void>): void => {
    const reason = Object.entries(skip).find(([part]) => title.includes(part))?.[1];
    it(title, async (context) => {
      if (reason !== undefined) context.skip(reason);
      const rows = documentRowsOf();
      await work(rows, await filled(rows));
    });
  };
  describe(`${name}, as every document store`, () => {
    test("gives contents by version, and nothing for a version that it does not have", async (rows, store) => {
      const found = await store.get([4, 2, 99]);
      expect(found.map(told).toSorted()).toEqual(expected([rows[1]!, rows[3]!]).toSorted());
      expect(await store.get([])).toEqual([]);
    });

    test("scans in pages by version, all of one state", async (rows, store) => {
      const pages = [await store.scan({ limit: 2 })];
      while (pages.at(-1)!.documents.length > 0)
        pages.push(await store.scan({ limit: 2, after: pages.at(-1)!.documents.at(-1)!.vid }));
      expect(pages.flatMap((page) => page.documents).map(told)).toEqual(expected(rows));
      expect(new Set(pages.map(({ seq }) => seq)).size).toBe(1);
    });

    test("evaluates the parts of a filter that it says it does", async (rows, store) => {
      for (const filter of [
        { directories: ["src"] },
        { directories: ["src/deep", "srcs"] },
        { languages: ["python"], directories: ["src"] },
        { kinds: ["entry" as const] },
        { kinds: ["file" as const], types: ["function"] },
      ]) {
        const part = partOf(filter, store.capabilities.filters);
        const page = await store.scan({ limit: 100, ...(part && { filter: part }) });
        expect(page.documents.map(told)).toEqual(expected(rows.filter(matcherOf(part ?? {}))));
      }
    });

    test("counts by what it says it can count by", async (rows, store) => {
      for (const by of store.capabilities.counts) {
        const counts: Record<string, number> = {};
        for (const value of rows.flatMap((row) => valuesOf(row, by)))
          counts[value] = (counts[value] ?? 0) + 1;
        expect(await store.count(by satisfies CountedField)).toEqual(counts);
      }
    });
  });
}
