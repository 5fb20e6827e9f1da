/** Branches over branches against plain Maps that are copied at each fork: every branch keeps its own. */
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Store } from "../contract/store.ts";
import { contentsOf, entry, folder, fork, open, transact } from "../knowledge.fixture.ts";

const seeds = process.env.MOMO_TEST_LONG ? 2000 : 100;
const keys = ["a", "b", "c", "d"];

interface Branch {
  store: Store;
  /** Content number and version of each live key. */
  heads: Map<string, { content: number; vid: number }>;
  parent: Branch | undefined;
}

/** Numbers choose among what there is when the step is taken. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      on: fc.nat(9),
      changes: fc.array(fc.tuple(fc.constantFrom(...keys), fc.nat(3)), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("move" as const),
      on: fc.nat(9),
      from: fc.nat(9),
      keys: fc.uniqueArray(fc.constantFrom(...keys), { minLength: 1 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("fork" as const), on: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("drop" as const), on: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("merge" as const), on: fc.nat(9) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function take(step: Step, branches: Branch[]): void {
  const on = branches[step.on % branches.length]!;
  if (step.do === "write") writeOn(on, step.changes);
  else if (step.do === "move")
    moveTo(on, { heads: branches[step.from % branches.length]!.heads, keys: step.keys });
  else if (step.do === "fork") {
    const store = fork(
      on.store,
      `after ${on.store.history({ limit: 1 })[0]?.transaction} of ${on.store.branch}`,
    );
    branches.push({ store, heads: new Map(on.heads), parent: on });
  } else if (on.parent && !branches.some(({ parent }) => parent === on)) {
    if (step.do === "merge") moveTo(on.parent, { heads: on.heads, keys, drop: on });
    else transact(on.parent.store, (tx) => tx.drop(on.store.branch), { kind: "discard" });
    branches.splice(branches.indexOf(on), 1);
  }
}

/** Content 0 stands for a removal. */
function writeOn({ store, heads }: Branch, changes: [key: string, content: number][]): void {
  transact(store, (tx) => {
    for (const [key, content] of changes) {
      if (content === 0) tx.remove("entry", key);
      const vid = content === 0 ? 0 : tx.put(entry(key, content)).vid;
      if (vid) heads.set(key, { content, vid });
      else heads.delete(key);
    }
  });
}

/** Points keys where another branch has them; `drop` makes it a merge. */
function moveTo(on: Branch, to: { heads: Branch["heads"]; keys: string[]; drop?: Branch }): void {
  const known = to.keys.filter((key) => on.store.journal.kidOf(key));
  const copied = new Map(to.heads);
  const { journal } = on.store;
  const kid = Float64Array.from(known, (key) => journal.kidOf(key)!.kid);
  transact(
    on.store,
    (tx) => {
      const { kind, vid: from, seq: previous } = journal.pointers(kid);
      tx.move({
        kid,
        kind,
        from,
        to: Float64Array.from(known, (key) => copied.get(key)?.vid ?? 0),
        previous,
      });
      if (to.drop) tx.drop(to.drop.store.branch);
    },
    { kind: to.drop ? "merge" : "undo" },
  );
  for (const key of known) {
    const head = copied.get(key);
    if (head) on.heads.set(key, head);
    else on.heads.delete(key);
  }
}

function expectSame({ store, heads }: Branch): void {
  const sorted = [...heads].toSorted(([a], [b]) => (a < b ? -1 : 1));
  expect(contentsOf(store)).toEqual(Object.fromEntries(sorted.map(([key, { content }]) => [key, content])));
  expect(new Set(store.liveVersions("entry"))).toEqual(new Set(Array.from(heads.values(), ({ vid }) => vid)));
  for (const key of keys) expect(store.head(key)?.vid).toBe(heads.get(key)?.vid);
}

test("every branch holds what was written on it, over what its parent held at the fork", {
  timeout: 1_200_000,
}, () => {
  let files = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 16 }), (steps) => {
      const main = open("write", {}, join(folder, `${files++}`, "momo.db"));
      const branches: Branch[] = [{ store: main, heads: new Map(), parent: undefined }];
      for (const one of steps) {
        take(one, branches);
        for (const branch of branches) expectSame(branch);
      }
      expect(main.verify()).toBeUndefined();
      main.close();
    }),
    { numRuns: seeds },
  );
});
