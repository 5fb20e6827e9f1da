import { describe, expect, test } from "vitest";
import { type ErrorCode, MomoError } from "../errors.ts";
import type { EntryTransaction, TransactRequest } from "../model/rollback.ts";
import { relationKey } from "../store/records/entry.ts";
import { index, newPlace, type TestPlace } from "./place.fixture.ts";
import { neighbors, readEntry } from "./read-entry.ts";
import { transact } from "./transact.ts";

const ann = { agent: "ann" };
const note = (id: string, content = "text") => ({ id, type: "documentation" as const, content });
const write = (
  place: TestPlace,
  work: (tx: EntryTransaction) => unknown,
  more: Partial<TransactRequest> = {},
) => transact(place, { ...ann, ...more }, work);

/** Runs it, expects this error, and that nothing was changed by it. */
function refused(place: TestPlace, code: ErrorCode, act: () => unknown): MomoError {
  const before = [place.store.digest(), place.store.history().length];
  let raised: unknown;
  try {
    act();
  } catch (error) {
    raised = error;
  }
  expect(raised).toBeInstanceOf(MomoError);
  expect((raised as MomoError).code).toBe(code);
  expect([place.store.digest(), place.store.history().length]).toEqual(before);
  return raised as MomoError;
}

describe("put, update and remove", () => {
  test("keep what was said, with who, when and why", () => {
    const place = newPlace();
    const receipt = write(
      place,
      (tx) => tx.put({ ...note("notes/a", "# A\n"), metadata: { title: "A", tags: ["x"] } }),
      { session: "s1", principal: "bob", intent: "why not" },
    );
    expect(receipt).toEqual({ transaction: 1, seq: 1, operations: 1 });
    expect(readEntry(place.store, "notes/a")).toEqual({
      id: "notes/a",
      version: 1,
      type: "documentation",
      content: "# A\n",
      relations: [],
      metadata: { title: "A", tags: ["x"] },
      created_at: "2026-01-01T00:00:00.000Z",
      updated_at: "2026-01-01T00:00:00.000Z",
    });
    expect(place.store.history()[0]).toMatchObject({
      agent: "ann",
      session: "s1",
      principal: "bob",
      intent: "why not",
      kind: "write",
    });
  });

  test("equal content is one version, whatever order its metadata comes in and whenever it is written", () => {
    const place = newPlace();
    write(place, (tx) => tx.put({ ...note("a"), metadata: { one: 1, two: { x: 1, y: [2] } } }));
    const digest = place.store.digest();
    place.time += 1000;
    const again = write(place, (tx) => {
      expect(tx.put({ ...note("a"), metadata: { two: { y: [2], x: 1 }, one: 1 } })).toBe(1);
    });
    expect(again).toEqual({ transaction: 0, seq: 0, operations: 0 });

    write(place, (tx) => tx.put(note("a", "other")));
    expect(place.store.digest()).not.toBe(digest);
    place.time += 1000;
    write(place, (tx) => tx.put({ ...note("a"), metadata: { one: 1, two: { x: 1, y: [2] } } }));
    expect(place.store.digest()).toBe(digest);
    expect(readEntry(place.store, "a")).toMatchObject({
      created_at: "2026-01-01T00:00:00.000Z",
      updated_at: "2026-01-01T00:00:02.000Z",
    });
  });

  test("update changes what is given, field by field; null takes a field away", () => {
    const place = newPlace();
    write(place, (tx) => tx.put({ ...note("a"), metadata: { keep: 1, gone: 2, toString: "x" } }));
    write(place, (tx) => tx.update("a", { metadata: { gone: null, added: [1] } }));
    expect(readEntry(place.store, "a")).toMatchObject({
      type: "documentation",
      content: "text",
      metadata: { keep: 1, added: [1], toString: "x" },
    });
    write(place, (tx) => tx.update("a", { content: "new", type: "configuration" }));
    expect(readEntry(place.store, "a")).toMatchObject({
      type: "configuration",
      content: "new",
      metadata: { keep: 1, added: [1], toString: "x" },
    });
    refused(place, "ENTRY_UNKNOWN", () => write(place, (tx) => tx.update("b", { content: "" })));
  });

  test("an entry may be empty", () => {
    const place = newPlace();
    write(place, (tx) => tx.put(note("a", "")));
    expect(readEntry(place.store, "a")?.content).toBe("");
  });

  test("remove takes the relations at the entry with it", () => {
    const place = newPlace();
    write(place, (tx) => {
      for (const id of ["a", "b", "c"]) tx.put(note(id));
      tx.relate("a", "references", "b");
      tx.relate("b", "references", "c");
      tx.relate("b", "references", "b");
      tx.relate("a", "references", "c");
    });
    write(place, (tx) => {
      expect(tx.remove("b")).toBe(true);
      expect(tx.remove("b")).toBe(false);
    });
    expect(["a", "b", "c"].flatMap((id) => neighbors(place.store, id, { direction: "out" }))).toEqual([
      { source: "a", type: "references", target: "c", metadata: {} },
    ]);
  });

  test("remove leaves files alone", () => {
    const place = newPlace();
    index(place.store, { "a.ts": [] });
    expect(write(place, (tx) => expect(tx.remove("a.ts")).toBe(false)).operations).toBe(0);
    expect(place.store.head("a.ts")).toBeDefined();
  });
});

describe("relations", () => {
  test("join entries, files and what lies in files; once, unless they have ids", () => {
    const place = newPlace();
    index(place.store, { "src/a.ts": ["f"], "src/c#/b.cs": ["g"] });
    write(place, (tx) => {
      tx.put(note("n"));
      tx.relate("n", "documents", "src/a.ts");
      tx.relate("n", "documents", "src/a.ts");
      tx.relate("n", "documents", "src/a.ts", { id: "2", metadata: { why: "parallel" } });
      tx.relate("src/a.ts#f", "calls", "src/c#/b.cs#g");
    });
    expect(neighbors(place.store, "n")).toEqual([
      { source: "n", type: "documents", target: "src/a.ts", metadata: {} },
      { source: "n", type: "documents", target: "src/a.ts", id: "2", metadata: { why: "parallel" } },
    ]);
    expect(neighbors(place.store, "src/a.ts#f")).toHaveLength(1);
    write(place, (tx) => {
      expect(tx.unrelate("n", "documents", "src/a.ts", { id: "3" })).toBe(false);
      expect(tx.unrelate("n", "documents", "src/a.ts")).toBe(true);
    });
    expect(neighbors(place.store, "n").map(({ id }) => id)).toEqual(["2"]);
  });

  test("relating anew changes what is said of the relation", () => {
    const place = newPlace();
    write(place, (tx) => {
      tx.put(note("n"));
      tx.relate("n", "references", "n", { metadata: { a: 1 } });
    });
    write(place, (tx) => tx.relate("n", "references", "n", { metadata: { b: 2 } }));
    expect(neighbors(place.store, "n").map(({ metadata }) => metadata)).toEqual([{ b: 2 }]);
  });

  test.each(["nothing", "src/b.ts", "src/b.ts#f", "#f"])("an end that is nothing is refused: %s", (end) => {
    const place = newPlace();
    index(place.store, { "src/a.ts": ["f"] });
    write(place, (tx) => tx.put(note("n")));
    refused(place, "ENTRY_UNKNOWN", () => write(place, (tx) => tx.relate("n", "calls", end)));
    refused(place, "ENTRY_UNKNOWN", () => write(place, (tx) => tx.relate(end, "calls", "n")));
  });
});

describe("documentation", () => {
  const entity = "src/a.ts#f";
  const store = (place: TestPlace, content: string, metadata = {}) =>
    write(place, (tx) => {
      const named = { entity_id: entity, documentation_type: "usage" };
      expect(tx.storeDocumentation({ ...named, content, metadata })).toBe("doc:src/a.ts#f:usage");
    });
  function documentedPlace(): TestPlace {
    const place = newPlace();
    index(place.store, { "src/a.ts": ["f"] });
    store(place, "How to use f", { audience: "all", entity_id: "other", generated_at: "never" });
    return place;
  }

  test("has three fields that nobody overwrites, and a relation to what it is about", () => {
    const place = documentedPlace();
    const fields = {
      entity_id: entity,
      documentation_type: "usage",
      generated_at: "2026-01-01T00:00:00.000Z",
    };
    expect(readEntry(place.store, "doc:src/a.ts#f:usage")).toMatchObject({
      type: "documentation",
      content: "How to use f",
      metadata: { audience: "all", ...fields },
      relations: [{ type: "documents", target_id: entity, metadata: {} }],
    });
    write(place, (tx) =>
      tx.update("doc:src/a.ts#f:usage", { metadata: { entity_id: "x", generated_at: null } }),
    );
    expect(readEntry(place.store, "doc:src/a.ts#f:usage")?.metadata).toEqual({ audience: "all", ...fields });
  });

  test("the same twice is no operation; new content has a new time", () => {
    const place = documentedPlace();
    place.time += 60_000;
    expect(store(place, "How to use f", { audience: "all" }).operations).toBe(0);
    expect(store(place, "How to use f", { audience: "few" }).operations).toBe(1);
    expect(readEntry(place.store, "doc:src/a.ts#f:usage")?.metadata).toMatchObject({
      generated_at: "2026-01-01T00:00:00.000Z",
    });
    store(place, "better");
    expect(readEntry(place.store, "doc:src/a.ts#f:usage")?.metadata).toMatchObject({
      generated_at: "2026-01-01T00:01:00.000Z",
    });
  });

  test("of something that is not there is refused", () => {
    const place = documentedPlace();
    const documentation = { entity_id: "src/b.ts#f", documentation_type: "usage", content: "" };
    refused(place, "ENTRY_UNKNOWN", () => write(place, (tx) => tx.storeDocumentation(documentation)));
  });

  test("of an entry goes with its relation, not with the entry", () => {
    const place = newPlace();
    write(place, (tx) => {
      tx.put(note("n"));
      tx.storeDocumentation({ entity_id: "n", documentation_type: "usage", content: "x" });
    });
    write(place, (tx) => tx.remove("n"));
    expect(readEntry(place.store, "doc:n:usage")?.relations).toEqual([]);
  });
});

describe("all or nothing", () => {
  test("an exception in the work leaves nothing, and comes out as it was", () => {
    const place = newPlace();
    const fault = new Error("changed my mind");
    const act = () =>
      write(place, (tx) => {
        tx.put(note("a"));
        throw fault;
      });
    expect(act).toThrow(fault);
    expect(place.store.head("a")).toBeUndefined();
    expect(place.store.history()).toEqual([]);
    write(place, (tx) => tx.put(note("b")));
  });

  test("what was refused can be caught, and the rest still happens", () => {
    const place = newPlace();
    index(place.store, { "a.ts": [] });
    const receipt = write(place, (tx) => {
      expect(() => tx.update("n", { content: "x" })).toThrow(MomoError);
      expect(() => tx.put(note("a.ts"))).toThrow(MomoError);
      tx.put(note("n"));
    });
    expect(receipt.operations).toBe(1);
  });

  test("work that waits is refused, and what it does afterwards too", async () => {
    const place = newPlace();
    let later: unknown;
    const work = async (tx: EntryTransaction) => {
      tx.put(note("a"));
      await Promise.resolve();
      try {
        tx.put(note("b"));
      } catch (error) {
        later = error;
        throw error;
      }
    };
    refused(place, "WORK_ASYNC", () => write(place, work));
    await new Promise((resolve) => setTimeout(resolve));
    expect(later).toBeInstanceOf(Error);
    expect(place.store.heads("entry")).toEqual([]);
  });
});

describe("versions", () => {
  test("that moved on are a conflict that names both", () => {
    const place = newPlace();
    index(place.store, { "a.ts": ["f"] });
    write(place, (tx) => tx.put(note("n")), { expect: { n: 0 } });
    const { version } = readEntry(place.store, "n")!;
    write(place, (tx) => tx.put(note("n", "new")), { expect: { n: version!, "a.ts#f": 1 } });
    const error = refused(place, "VERSION_CONFLICT", () =>
      write(place, (tx) => tx.put(note("n", "lost")), { expect: { n: version! } }),
    );
    expect(error.message).toBe("n has version 3 and not 2, which was expected: read it again, then write");
    expect(error).toMatchObject({ status: 409, exit: 1 });
    refused(place, "VERSION_CONFLICT", () => write(place, () => 0, { expect: { n: 0 } }));
    refused(place, "VERSION_CONFLICT", () => write(place, () => 0, { expect: { never: 1 } }));
  });

  test("that were read are remembered, as they were before", () => {
    const place = newPlace();
    index(place.store, { "a.ts": ["f"] });
    write(place, (tx) => tx.put(note("n")));
    const read = { reads: ["n", "a.ts#f"], weak_reads: ["n", "a.ts"] };
    write(place, (tx) => tx.put(note("n", "new")), read);
    expect(place.store.journal.readers(Float64Array.of(1, 2, 3))).toEqual([
      { vid: 1, transaction: 3, declared: true },
      { vid: 2, transaction: 3, declared: true },
    ]);
    write(place, (tx) => tx.put(note("m")), { weak_reads: ["n"] });
    expect(place.store.journal.readers(Float64Array.of(3))).toEqual([
      { vid: 3, transaction: 4, declared: false },
    ]);
    refused(place, "ENTRY_UNKNOWN", () => write(place, () => 0, { reads: ["never"] }));
    refused(place, "ENTRY_UNKNOWN", () => write(place, () => 0, { weak_reads: ["b.ts#f"] }));
  });

  test("what cannot be taken back is said", () => {
    const place = newPlace();
    write(place, (tx) => tx.put(note("n")), { irreversible: "sent a mail" });
    expect(place.store.history()[0]?.detail).toEqual({ irreversible: "sent a mail" });
    refused(place, "VALUE_INVALID", () => write(place, (tx) => tx.put(note("m")), { irreversible: "" }));
  });

  test("what stays done does not belong in an exploration, which may be discarded", () => {
    const place = newPlace();
    const request = { irreversible: "sent a mail", exploration: "trial" };
    refused(place, "VALUE_INVALID", () => write(place, (tx) => tx.put(note("n")), request));
  });
});

describe("what breaks a rule is refused", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const cases: [string, (tx: EntryTransaction) => unknown][] = [
    ["no id", (tx) => tx.put(note(""))],
    ["a long id", (tx) => tx.put(note("x".repeat(501)))],
    ["a line break in an id", (tx) => tx.put(note("a\nb"))],
    ["half a character in an id", (tx) => tx.put(note("a\ud800"))],
    ["space around an id", (tx) => tx.put(note(" a"))],
    ["an id like a definition's", (tx) => tx.put(note("a.ts#f"))],
    ["an id like a documentation's", (tx) => tx.put(note("doc:a:usage"))],
    ["an id like a mark's", (tx) => tx.put(note("quarantine:a"))],
    [
      "an id like a relation's",
      (tx) => tx.put(note(relationKey({ source: "a", type: "calls", target: "b" }))),
    ],
    ["an id that is no text", (tx) => tx.put(note(7 as never))],
    ["an unknown type", (tx) => tx.put({ ...note("a"), type: "poem" as never })],
    ["content that is no text", (tx) => tx.put(note("a", 7 as never))],
    ["metadata that is no object", (tx) => tx.put({ ...note("a"), metadata: [] as never })],
    ["metadata in a circle", (tx) => tx.put({ ...note("a"), metadata: cycle })],
    [
      "metadata that says it is nothing",
      (tx) => tx.put({ ...note("a"), metadata: { toJSON: () => undefined } }),
    ],
    ["an unknown type of relation", (tx) => tx.relate("n", "likes" as never, "n")],
    ["an id of a relation that is none", (tx) => tx.relate("n", "calls", "n", { id: "" })],
    [
      "a type of documentation with a colon",
      (tx) => tx.storeDocumentation({ entity_id: "n", documentation_type: "a:b", content: "" }),
    ],
  ];
  test.each(cases)("%s", (_, work) => {
    const place = newPlace();
    write(place, (tx) => tx.put(note("n")));
    refused(place, "VALUE_INVALID", () => write(place, work));
  });

  test.each<[string, Partial<TransactRequest>]>([
    ["no agent", { agent: "" }],
    ["the indexer's name", { agent: "indexer" }],
    ["an empty request", { request_id: "" }],
    ["a version that is none", { expect: { a: 1.5 } }],
  ])("%s", (_, request) => {
    const place = newPlace();
    refused(place, "VALUE_INVALID", () => write(place, (tx) => tx.put(note("a")), request));
  });

  test("the id of a file", () => {
    const place = newPlace();
    index(place.store, { "a.ts": [] });
    refused(place, "KEY_KIND", () => write(place, (tx) => tx.put(note("a.ts"))));
  });

  test("ids in any script, with spaces and signs, are fine", () => {
    const place = newPlace();
    const ids = ["日本語 メモ", "a:b/c d\\e", "-", "?", "ключ", "x".repeat(500), "a -calls->b"];
    write(place, (tx) => {
      for (const id of ids) tx.put(note(id));
    });
    expect(ids.filter((id) => readEntry(place.store, id)?.id === id)).toEqual(ids);
  });
});
