import { expect, test } from "vitest";
import type { EntryTransaction, TransactRequest } from "../model/rollback.ts";
import { newPlace, type TestPlace } from "./place.fixture.ts";
import { transact } from "./transact.ts";

const note = (id: string, content = "text") => ({ id, type: "documentation" as const, content });
type Work = (tx: EntryTransaction) => unknown;
const ask = (place: TestPlace, work: Work, more: Partial<TransactRequest> = {}) =>
  transact(place, { agent: "ann", request_id: "r", ...more }, work);
const reused = expect.objectContaining({ code: "REQUEST_REUSED", status: 409 });

test("a request is carried out once", () => {
  const place = newPlace();
  const first = ask(place, (tx) => tx.put(note("a")));
  expect(ask(place, (tx) => tx.put(note("a")))).toEqual({ ...first, repeated: true });
  expect(place.store.history()).toHaveLength(1);
  const other = ask(place, (tx) => tx.put(note("b")), { agent: "bob" });
  expect(other).toEqual({ transaction: 2, seq: 2, operations: 1 });
});

test("its repetition does not depend on what is there now", () => {
  const place = newPlace();
  const work: Work = (tx) => {
    tx.put(note("a"));
    tx.update("a", { content: "more" });
    tx.relate("a", "references", "a");
    tx.storeDocumentation({ entity_id: "a", documentation_type: "usage", content: "how" });
  };
  const first = ask(place, work);
  transact(place, { agent: "bob" }, (tx) => tx.remove("a"));
  const digest = place.store.digest();
  expect(ask(place, work)).toEqual({ ...first, repeated: true });
  expect(place.store.digest()).toBe(digest);
});

const first: Work = (tx) => {
  tx.put({ ...note("a"), metadata: { one: 1, two: 2 } });
  tx.relate("a", "references", "a", { id: "x" });
};

test.each<[string, Work, Partial<TransactRequest>]>([
  ["nothing", () => undefined, {}],
  [
    "another content",
    (tx) => [
      tx.put({ ...note("a", "b"), metadata: { one: 1, two: 2 } }),
      tx.relate("a", "references", "a", { id: "x" }),
    ],
    {},
  ],
  [
    "another field",
    (tx) => [
      tx.put({ ...note("a"), metadata: { one: 1, two: 3 } }),
      tx.relate("a", "references", "a", { id: "x" }),
    ],
    {},
  ],
  [
    "another relation",
    (tx) => [
      tx.put({ ...note("a"), metadata: { one: 1, two: 2 } }),
      tx.relate("a", "references", "a", { id: "y" }),
    ],
    {},
  ],
  ["one call less", (tx) => tx.put({ ...note("a"), metadata: { one: 1, two: 2 } }), {}],
  ["one call more", (tx) => [first(tx), tx.remove("z")], {}],
  [
    "another order",
    (tx) => [
      tx.relate("a", "references", "a", { id: "x" }),
      tx.put({ ...note("a"), metadata: { one: 1, two: 2 } }),
    ],
    {},
  ],
  ["another expectation", first, { expect: { a: 7 } }],
  ["something done outside", first, { irreversible: "a mail went out" }],
])("under the same id %s is another request", (_, work, more) => {
  const place = newPlace();
  ask(place, first);
  expect(() => ask(place, work, more)).toThrow(reused);
  // Neither the order of fields nor why it is done matters.
  const again: Work = (tx) => {
    tx.put({ metadata: { two: 2, one: 1 }, ...note("a") });
    tx.relate("a", "references", "a", { id: "x" });
  };
  expect(ask(place, again, { intent: "a second try" }).repeated).toBe(true);
});
