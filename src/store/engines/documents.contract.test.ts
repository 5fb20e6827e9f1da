/** The knowledge base and the engine of the tests keep the contract of document stores. */
import { expect, test } from "vitest";
import type { DocumentRow } from "../contract/rows.ts";
import type { Store } from "../contract/store.ts";
import { segmentOf } from "../everything.fixture.ts";
import { entry, move, openNew, transact, write } from "../knowledge.fixture.ts";
import { documentStoreContract } from "./documents.contract.fixture.ts";
import { MemoryDocuments } from "./memory-engine.fixture.ts";
import { openStoreDocuments } from "./store-documents.ts";

function filled(rows: readonly DocumentRow[]): Store {
  const store = openNew();
  transact(
    store,
    (tx) => {
      const vids = rows.map(
        ({ key, body, text }, i) =>
          tx.put({ key, kind: "file", hash: new Uint8Array(32).fill(i + 1), body: body!, text: text! }).vid,
      );
      const languages = new Map(rows.map(({ path, language }) => [path, language!]));
      const words = Object.fromEntries(rows.map(({ path }) => [path, "word"]));
      tx.addSegment(
        segmentOf(words, (path) => languages.get(path)!),
        Float64Array.from(vids),
      );
    },
    { agent: "indexer", kind: "index" },
  );
  return store;
}

documentStoreContract({ name: "the knowledge base", open: async (rows) => openStoreDocuments(filled(rows)) });
documentStoreContract({
  name: "the engine of the tests",
  open: async (rows) => {
    const documents = new MemoryDocuments();
    await documents.upsert(rows);
    return documents;
  },
});

test("the knowledge base gives what is live, and says of which state a page is", async () => {
  const store = openNew();
  const documents = openStoreDocuments(store);
  const [first] = write(store, entry("a", 1, "one"));
  const [second] = write(store, entry("a", 2, "two"), entry("b", 1));
  expect((await documents.get([first!, second!])).map(({ vid }) => vid)).toEqual([second]);
  const page = await documents.scan({ limit: 10 });
  expect([page.seq, page.documents.map(({ key }) => key)]).toEqual([store.seq(), ["a", "b"]]);
  move(store, { a: first! });
  expect((await documents.get([first!, second!])).map(({ vid }) => vid)).toEqual([first]);
  expect((await documents.scan({ limit: 10 })).seq).toBeGreaterThan(page.seq);
  expect(await documents.count("kind")).toEqual({ entry: 2 });
});
