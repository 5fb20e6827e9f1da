/** Three-way merge of entries: what it keeps of both sides, and when it refuses. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "../../model/canonical-json.ts";
import { type Content, mergeFields } from "./merge-fields.ts";

const seeds = process.env.MOMO_TEST_LONG ? 5000 : 300;

interface Entry {
  content?: string;
  type?: string;
  metadata?: Record<string, unknown>;
}

const store = ({ content, ...body }: Entry): Content => ({
  body: Buffer.from(canonicalJson(body)),
  ...(content !== undefined && { text: Buffer.from(content) }),
});

function read(stored: Content | undefined): Entry | undefined {
  if (!stored) return undefined;
  const content = stored.text && Buffer.from(stored.text).toString();
  return { ...JSON.parse(Buffer.from(stored.body).toString()), ...(content !== undefined && { content }) };
}

/** `ours` with the change from `base` to `theirs`. */
const merge = (base: Entry, ours: Entry, theirs: Entry): Entry | undefined => {
  return read(mergeFields(...([base, ours, theirs].map(store) as [Content, Content, Content])));
};
/** Of metadata alone. */
const mergeMeta = (...sides: Record<string, unknown>[]): unknown => {
  const [base, ours, theirs] = sides.map((metadata) => ({ metadata }));
  return merge(base!, ours!, theirs!)?.metadata;
};

const json = fc.jsonValue({ maxDepth: 2 });
/** Names that objects have by themselves are names like any other. */
const name = fc.constantFrom("a", "b", "owner", "constructor", "toString", "__proto__");
const fields = fc
  .array(fc.tuple(name, json), { maxLength: 5 })
  .map((pairs) => JSON.parse(canonicalJson(Object.fromEntries(pairs))) as Record<string, unknown>);
const entry: fc.Arbitrary<Entry> = fc.record(
  { content: fc.string(), type: fc.constantFrom("note", "decision"), metadata: fields },
  { requiredKeys: ["metadata"] },
);

const check = <T extends unknown[]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  property: (...values: T) => void,
): void => {
  const untyped = arbitraries as unknown as [fc.Arbitrary<unknown>];
  fc.assert(fc.property(...untyped, property as () => void), { numRuns: seeds });
};

const plain = (value: Entry | undefined): unknown => value && JSON.parse(canonicalJson(value));

test("no change on one side gives the other", () => {
  check([entry, entry], (base, other) => {
    expect(plain(merge(base, base, other))).toEqual(plain(other));
    expect(plain(merge(base, other, base))).toEqual(plain(other));
    expect(plain(merge(base, base, base))).toEqual(plain(base));
  });
});

test("the same change on both sides is one change", () => {
  check([entry, entry], (base, other) => {
    expect(plain(merge(base, other, other))).toEqual(plain(other));
  });
});

test("changes to different fields are both kept, and it does not matter whose is whose", () => {
  const halves = fc.tuple(fields, fields, fields, fields, fc.string(), fc.string());
  check([halves], ([left, right, newLeft, newRight, content, newContent]) => {
    const named = (prefix: string, from: Record<string, unknown>): Record<string, unknown> =>
      Object.fromEntries(Object.entries(from).map(([key, value]) => [`${prefix}${key}`, value]));
    const both = (a: Record<string, unknown>, b: Record<string, unknown>) => ({
      metadata: { ...named("a ", a), ...named("b ", b) },
    });
    const base = { ...both(left, right), content, type: "note" };
    const ours = { ...both(newLeft, right), content: newContent, type: "note" };
    const theirs = { ...both(left, newRight), content, type: "decision" };
    const expected = plain({ ...both(newLeft, newRight), content: newContent, type: "decision" });
    expect(plain(merge(base, ours, theirs))).toEqual(expected);
    expect(plain(merge(base, theirs, ours))).toEqual(expected);
  });
});

test("different changes to one field are refused", () => {
  const base = { content: "old", type: "note", metadata: { owner: "ann" } };
  expect(merge(base, { ...base, content: "mine" }, { ...base, content: "yours" })).toBeUndefined();
  expect(merge(base, { ...base, type: "decision" }, { ...base, type: "pattern" })).toBeUndefined();
  expect(mergeMeta({ owner: "ann" }, { owner: "bob" }, { owner: "eve" })).toBeUndefined();
  expect(mergeMeta({ owner: "ann" }, {}, { owner: "eve" })).toBeUndefined();
  expect(mergeMeta({}, { owner: "bob" }, { owner: "eve" })).toBeUndefined();
});

test("what cannot be read as fields is refused", () => {
  const content = { body: Buffer.from("not JSON") };
  const list = { body: Buffer.from("[1]") };
  const good = store({ metadata: {} });
  for (const bad of [content, list, { body: Buffer.from("null") }]) {
    expect(mergeFields(bad, good, good)).toBeUndefined();
    expect(mergeFields(good, bad, good)).toBeUndefined();
    expect(mergeFields(good, good, bad)).toBeUndefined();
  }
});

test("a field may have any name", () => {
  const odd = JSON.parse('{"__proto__":{"a":1},"constructor":2}');
  expect(mergeMeta({}, { mine: 1 }, odd)).toEqual(
    JSON.parse('{"__proto__":{"a":1},"constructor":2,"mine":1}'),
  );
  expect(mergeMeta(odd, { ...odd, mine: 1 }, {})).toEqual({ mine: 1 });
});

test("metadata, tags and counters of another shape are fields as a whole", () => {
  const base = { metadata: { counters: 5, tags: "one" } };
  expect(merge(base, base, { metadata: { counters: 7, tags: "two" } })).toEqual({
    metadata: { counters: 7, tags: "two" },
  });
  expect(mergeMeta({ counters: 5 }, { counters: 6 }, { counters: 7 })).toBeUndefined();
  expect(
    mergeMeta({ counters: { n: "a" } }, { counters: { n: "b" } }, { counters: { n: "c" } }),
  ).toBeUndefined();
  expect(mergeMeta({ tags: "a" }, { tags: "b" }, { tags: "c" })).toBeUndefined();
  const tagged = (...names: string[]) => ({ tags: names.map((one) => ({ name: one })) });
  expect(mergeMeta(tagged("a"), tagged("a", "b"), tagged("a", "c"))).toBeUndefined();
});

test("a set that is something else on any side is a field as a whole", () => {
  for (const odd of ["a", 5, { a: true }, ["a", 5]]) {
    expect(mergeMeta({ tags: odd }, { tags: ["b"] }, { tags: ["c"] })).toBeUndefined();
    expect(mergeMeta({ tags: ["a"] }, { tags: odd }, { tags: ["c"] })).toBeUndefined();
    expect(mergeMeta({ tags: ["a"] }, { tags: ["b"] }, { tags: odd })).toBeUndefined();
  }
});

const tags = fc.uniqueArray(fc.constantFrom<string>("a", "b", "c", "d", "e"), { maxLength: 5 });
const tagsOf = (entry: unknown): string[] => [...((entry as { tags?: string[] }).tags ?? [])].sort();

test("I19: what each side adds to and takes from a set is kept", () => {
  check([tags, tags, tags], (base, ours, theirs) => {
    const merged = mergeMeta({ tags: base }, { tags: ours }, { tags: theirs });
    const expected = ["a", "b", "c", "d", "e"].filter((tag) => {
      const [was, is, wanted] = [base, ours, theirs].map((side) => side.includes(tag));
      return was === wanted ? is : wanted;
    });
    expect(tagsOf(merged)).toEqual(expected);
    expect(tagsOf(mergeMeta({ tags: base }, { tags: theirs }, { tags: ours }))).toEqual(expected);
  });
});

const counters = fc.dictionary(fc.constantFrom("n", "m", "constructor"), fc.integer({ min: -5, max: 5 }));
const countersOf = (entry: unknown): Map<string, number> => {
  const counted = Object.entries((entry as { counters?: Record<string, number> }).counters ?? {});
  return new Map(counted.filter(([, count]) => count !== 0).sort(([a], [b]) => (a < b ? -1 : 1)));
};

test("I19: what each side counts is added up", () => {
  check([counters, counters, counters], (base, ours, theirs) => {
    const merged = countersOf(mergeMeta({ counters: base }, { counters: ours }, { counters: theirs }));
    for (const one of ["n", "m", "constructor"]) {
      // A counter that both sides dropped is no debt.
      if (!Object.hasOwn(ours, one) && !Object.hasOwn(theirs, one)) continue;
      const of = (side: Record<string, number>): number => (Object.hasOwn(side, one) ? side[one]! : 0);
      expect(merged.get(one) ?? 0).toBe(of(ours) + of(theirs) - of(base));
    }
    expect(countersOf(mergeMeta({ counters: base }, { counters: theirs }, { counters: ours }))).toEqual(
      merged,
    );
  });
});

test("a counter and a set that one side brought go with it", () => {
  expect(
    mergeMeta({ counters: { n: 1 }, tags: ["a"] }, { counters: { n: 1 }, tags: ["a"], own: 1 }, {}),
  ).toEqual({
    own: 1,
  });
  expect(mergeMeta({ counters: { n: 1 } }, { counters: { n: 3 } }, {})).toEqual({ counters: { n: 2 } });
  expect(mergeMeta({ counters: { n: 2 } }, { counters: { n: 2, m: 1 } }, {})).toEqual({ counters: { m: 1 } });
  expect(mergeMeta({ counters: { n: 3, m: 0 } }, { counters: { m: 1 } }, { counters: { m: 2 } })).toEqual({
    counters: { m: 3 },
  });
});

test("I19: taking back two changes of a set or a counter, one after the other, is the same in either order", () => {
  const step = fc.record({
    tag: fc.constantFrom("a", "b", "c", "d", "e"),
    by: fc.integer({ min: -3, max: 3 }),
  });
  check([tags, fc.tuple(step, step)], (start, [first, second]) => {
    // Adding one tag by each of two is what commutes; a tag of both is one tag.
    fc.pre(first.tag !== second.tag && !start.includes(first.tag) && !start.includes(second.tag));
    const add = (from: Entry, { tag, by }: { tag: string; by: number }): Entry => {
      const { tags: has, counters: counts } = from.metadata as { tags: string[]; counters: { n: number } };
      return { metadata: { tags: [...has, tag].sort(), counters: { n: counts.n + by } } };
    };
    const zero = { metadata: { tags: start.toSorted(), counters: { n: 10 } } };
    const one = add(zero, first);
    const two = add(one, second);
    const withoutFirst = merge(one, two, zero)!;
    expect(withoutFirst).toEqual(add(zero, second));
    expect(merge(two, withoutFirst, one)).toEqual(zero);
  });
});
