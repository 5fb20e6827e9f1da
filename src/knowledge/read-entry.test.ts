import { expect, test } from "vitest";
import { index, newPlace, type TestPlace } from "./place.fixture.ts";
import { listEntries, neighbors, readEntry, withKnowledge } from "./read-entry.ts";
import { transact } from "./transact.ts";

const ann = { agent: "ann" };

function documentedPlace(): TestPlace {
  const place = newPlace();
  index(place.store, { "src/a.ts": ["f", "g"] });
  transact(place, ann, (tx) => {
    tx.put({ id: "notes/b", type: "documentation", content: "b", metadata: { title: "Second" } });
    tx.put({ id: "notes/a", type: "configuration", content: "a", metadata: { title: 7 } });
    tx.put({ id: "other", type: "documentation", content: "o" });
    tx.storeDocumentation({ entity_id: "src/a.ts", documentation_type: "overview", content: "the file" });
    tx.storeDocumentation({ entity_id: "src/a.ts#f", documentation_type: "usage", content: "f" });
    tx.relate("src/a.ts#f", "references", "notes/a");
    tx.relate("src/a.ts#g", "calls", "src/a.ts#f");
  });
  return place;
}

test("entries are listed by id, with their titles, by prefix and type", () => {
  const { store } = documentedPlace();
  expect(listEntries(store, { prefix: "notes/" })).toEqual([
    { id: "notes/a", version: 3, type: "configuration", updated_at: "2026-01-01T00:00:00.000Z" },
    {
      id: "notes/b",
      version: 2,
      type: "documentation",
      title: "Second",
      updated_at: "2026-01-01T00:00:00.000Z",
    },
  ]);
  expect(listEntries(store, { type: "documentation" }).map(({ id }) => id)).toEqual([
    "doc:src/a.ts#f:usage",
    "doc:src/a.ts:overview",
    "notes/b",
    "other",
  ]);
});

test("a file is no entry", () => {
  const { store } = documentedPlace();
  expect(readEntry(store, "src/a.ts")).toBeUndefined();
  expect(readEntry(store, "never")).toBeUndefined();
});

test("what documents a definition, and the file around it, is found from it", () => {
  const { store } = documentedPlace();
  const code = (id: string) =>
    withKnowledge(store, {
      id,
      type: "code",
      content: "",
      metadata: {},
      created_at: "",
      updated_at: "",
      relations: [{ type: "contains", target_id: "x", metadata: { line: 1 } }],
    });
  expect(code("src/a.ts#f")).toMatchObject({
    documentation: ["doc:src/a.ts#f:usage", "doc:src/a.ts:overview"],
    relations: [
      { type: "contains", target_id: "x", metadata: { line: 1 } },
      { type: "references", target_id: "notes/a", metadata: {} },
    ],
  });
  expect(code("src/a.ts").documentation).toEqual(["doc:src/a.ts:overview"]);
  expect(code("src/a.ts#g").documentation).toEqual(["doc:src/a.ts:overview"]);
  expect(readEntry(store, "notes/a")).not.toHaveProperty("documentation");
});

test("neighbors are told by direction and type", () => {
  const { store } = documentedPlace();
  const ends = (...given: Parameters<typeof neighbors> extends [unknown, ...infer R] ? R : never) =>
    neighbors(store, ...given).map(({ source, type, target }) => `${source} ${type} ${target}`);
  const out = ["src/a.ts#f references notes/a"];
  const into = ["doc:src/a.ts#f:usage documents src/a.ts#f", "src/a.ts#g calls src/a.ts#f"];
  expect(ends("src/a.ts#f", { direction: "out" })).toEqual(out);
  expect(ends("src/a.ts#f", { direction: "in" })).toEqual(into);
  expect(ends("src/a.ts#f")).toEqual([into[0], ...out, into[1]]);
  expect(ends("src/a.ts#f", { type: "calls" })).toEqual([into[1]]);
  expect(ends("never")).toEqual([]);
});

test("an end that left the index is missing until it comes back; the relation stays", () => {
  const { store } = documentedPlace();
  const missing = () => neighbors(store, "src/a.ts#f").map(({ missing }) => missing);
  expect(missing()).toEqual([undefined, undefined, undefined]);
  index(store, { "src/a.ts": ["f"] });
  expect(missing()).toEqual([undefined, undefined, "source"]);
  index(store, {});
  expect(missing()).toEqual(["target", "source", "source"]);
  expect(readEntry(store, "doc:src/a.ts#f:usage")?.relations).toHaveLength(1);
  index(store, { "src/a.ts": ["f", "g"] });
  expect(missing()).toEqual([undefined, undefined, undefined]);
});

test("an exploration sees its own entries and those beneath, with their times", () => {
  const place = documentedPlace();
  const fork = place.store.begin({ agent: "ann", kind: "explore" });
  const branch = fork.fork("trial", {});
  fork.commit();
  const view = { ...place, store: place.store.on(branch) };
  place.time += 1000;
  transact(view, ann, (tx) => tx.update("notes/a", { content: "changed" }));
  transact(place, ann, (tx) => tx.remove("other"));
  expect(readEntry(view.store, "notes/a")).toMatchObject({
    content: "changed",
    created_at: "2026-01-01T00:00:00.000Z",
    updated_at: "2026-01-01T00:00:01.000Z",
  });
  expect(readEntry(view.store, "other")).toMatchObject({
    created_at: "2026-01-01T00:00:00.000Z",
    updated_at: "2026-01-01T00:00:00.000Z",
  });
  expect(readEntry(place.store, "notes/a")?.content).toBe("a");
  expect(readEntry(place.store, "other")).toBeUndefined();
  expect(listEntries(view.store, {})).toHaveLength(5);
});

function documentedBy(place: TestPlace, id: string): string[] {
  return neighbors(place.store, id, { type: "documents", direction: "in" }).map(({ source }) => source);
}

test("an overload above takes no documentation from the method that had it", () => {
  const place = newPlace();
  index(place.store, { "O.java": ["put(int)", "get()"] });
  transact(place, ann, (tx) => {
    tx.storeDocumentation({ entity_id: "O.java#put", documentation_type: "usage", content: "of int" });
  });
  index(place.store, { "O.java": ["put(String)", "put(int)", "get()"] });
  const entry = "doc:O.java#put:usage";
  expect(documentedBy(place, "O.java#put(int)")).toEqual([entry]);
  expect(documentedBy(place, "O.java#put(String)")).toEqual([]);
  expect(documentedBy(place, "O.java#put")).toEqual([entry]);
  const stated = neighbors(place.store, "O.java#put(int)");
  expect(stated.map(({ missing }) => missing)).toEqual([undefined]);
});

test("a method whose overloads are gone keeps what was written of it", () => {
  const place = newPlace();
  index(place.store, { "O.java": ["put(String)", "put(int)"] });
  transact(place, ann, (tx) => {
    tx.storeDocumentation({ entity_id: "O.java#put(int)", documentation_type: "usage", content: "of int" });
  });
  index(place.store, { "O.java": ["put(int)"] });
  expect(documentedBy(place, "O.java#put")).toEqual(["doc:O.java#put(int):usage"]);
  index(place.store, { "O.java": ["put(long)", "put(int)"] });
  expect(documentedBy(place, "O.java#put(int)")).toEqual(["doc:O.java#put(int):usage"]);
  expect(documentedBy(place, "O.java#put(long)")).toEqual([]);
});
