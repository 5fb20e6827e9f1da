import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEntry, decodeRelation, entryVersion, relationKey, relationVersion } from "./entry.ts";

const text = fc.oneof(
  fc.constantFrom("a", "b", "a -calls-> b", "a ~b", " ", "\\", "\\ ", " -calls-> ", "~", "a\\"),
  fc.string({ unit: fc.constantFrom("a", " ", "\\", "-", ">", "~"), maxLength: 6 }),
);
const relation = fc.record(
  { source: text, type: fc.constantFrom("calls", "tests"), target: text, id: text },
  { requiredKeys: ["source", "type", "target"] },
);

test("no two relations share a key, whatever their ends are called", () => {
  fc.assert(
    fc.property(fc.array(relation, { minLength: 2, maxLength: 20 }), (relations) => {
      const distinct = new Set(
        relations.map(({ source, type, target, id }) => JSON.stringify([source, type, target, id])),
      );
      expect(new Set(relations.map(relationKey)).size).toBe(distinct.size);
    }),
    { numRuns: process.env.MOMO_TEST_LONG ? 20_000 : 1000 },
  );
});

test("keys are readable", () => {
  expect(relationKey({ source: "a.ts#f", type: "calls", target: "b.ts" })).toBe("a.ts#f -calls-> b.ts");
  expect(relationKey({ source: "my notes", type: "tests", target: "b", id: "2" })).toBe(
    "my\\ notes -tests-> b ~2",
  );
});

test("what is written is read, and the order of fields is no part of it", () => {
  const metadata = { z: 1, a: { y: [1, { b: 2, a: 1 }], x: null } };
  const entry = { id: "n", type: "test" as const, metadata, content: "text" };
  const version = entryVersion(entry);
  if (!("body" in version)) throw new Error("no body");
  expect(decodeEntry(version.body)).toEqual({ type: "test", metadata });
  const reordered = { a: { x: null, y: [1, { a: 1, b: 2 }] }, z: 1 };
  expect(entryVersion({ ...entry, metadata: reordered })).toEqual(version);

  const related = relationVersion({ source: "a", type: "calls", target: "b", id: "1", metadata });
  if (!("body" in related)) throw new Error("no body");
  expect(decodeRelation(related.body)).toEqual({ id: "1", metadata });
  expect(related.edge).toEqual({ source: "a", type: "calls", target: "b" });
});
