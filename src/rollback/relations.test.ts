/** No relation is ever left without the entries it joins, whatever is taken back and brought again: invariant I13. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Store } from "../store/contract/store.ts";
import type { WriteTransaction } from "../store/contract/write.ts";
import { apply } from "./apply.ts";
import { describe } from "./describe.ts";
import { planOn } from "./plan.ts";
import { redoRequest, rewindRequest } from "./redo.ts";
import type { PlanRequest } from "./request.ts";
import { rollbackRequest } from "./select.ts";
import { headsByWrites, headsOf } from "./state.fixture.ts";
import { agents, policy } from "./steps.fixture.ts";
import { bytesOf, check, counted, inStore } from "./world.fixture.ts";

const entries = ["a", "b", "c"];
const draw = fc.nat(1000);
const entry = fc.constantFrom(...entries);
const edge = { source: entry, target: entry, id: fc.constantFrom("1", "2"), value: fc.nat(2) };
const relating = ["relate", "relate", "relate", "unrelate"] as const;
const act = fc.oneof(
  fc.record({ do: fc.constant("put" as const), id: entry, value: fc.nat(3) }),
  fc.record({ do: fc.constant("remove" as const), id: entry }),
  fc.record({ do: fc.constantFrom(...relating), ...edge }),
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      agent: fc.constantFrom(...agents),
      acts: fc.array(act, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("undo" as const),
      policy,
      by: fc.constantFrom("agent" as const, "transaction" as const, "operation" as const),
      draw,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("redo" as const), policy, draw }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rewind" as const), draw }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const keyOf = ({ source, target, id }: { source: string; target: string; id: string }): string =>
  `${source} -> ${target} ${id}`;

/** As people write: ends must exist, and an entry goes with its relations. */
function perform(_store: Store, tx: WriteTransaction, one: Act): void {
  if (one.do === "put") {
    tx.put({ key: one.id, kind: "entry", body: bytesOf(`{"x":${one.value}}`) });
  } else if (one.do === "remove") {
    for (const end of ["source", "target"] as const)
      for (const { key } of tx.reader.edges(one.id, end)) tx.remove("relation", key);
    tx.remove("entry", one.id);
  } else if (one.do === "unrelate") {
    tx.remove("relation", keyOf(one));
  } else if (tx.reader.head(one.source) && tx.reader.head(one.target)) {
    const { source, target } = one;
    const body = bytesOf(`{"weight":${one.value}}`);
    tx.put({ key: keyOf(one), kind: "relation", body, edge: { source, target, type: "uses" } });
  }
}

function write(store: Store, agent: string, acts: readonly Act[]): number {
  const tx = store.begin({ agent });
  for (const one of acts) perform(store, tx, one);
  return tx.commit().transaction;
}

function requestOf(store: Store, one: Exclude<Step, { do: "write" }>): PlanRequest | undefined {
  const { journal } = store;
  const transactions = store.history().filter(({ operations }) => operations > 0);
  const writing = transactions.filter(({ kind }) => kind === "write");
  const moving = transactions.filter(({ kind }) => kind !== "write");
  const drawn = <T>(list: T[]): T | undefined => list[one.draw % list.length];
  if (one.do === "rewind") return rewindRequest(journal, { seq: drawn([...transactions, { seq: 0 }])!.seq });
  if (one.do === "redo") {
    const number = drawn(moving)?.transaction;
    return number === undefined ? undefined : redoRequest(journal, number, one.policy);
  }
  if (one.by === "agent") return rollbackRequest(journal, { agent: drawn([...agents])! }, one.policy);
  const chosen = drawn(writing);
  if (!chosen) return undefined;
  if (one.by === "transaction")
    return rollbackRequest(journal, { transactions: [chosen.transaction] }, one.policy);
  const seq = chosen.seq - (one.draw % chosen.operations);
  return rollbackRequest(journal, { operations: [seq] }, one.policy);
}

function carryOut(store: Store, request: PlanRequest): "blocked" | "done" {
  const plan = planOn(store, () => request);
  const { digest_after } = describe(store, plan);
  if (plan.blocked) {
    expect(["skip", "quarantine"]).not.toContain(request.policy);
    expect(() => apply(store, plan, { agent: "tester" })).toThrow("stand in the way");
  } else {
    apply(store, plan, { agent: "tester" });
  }
  expect(store.digest()).toBe(digest_after);
  return plan.obstacles.some(({ reason }) => reason === "structure") ? "blocked" : "done";
}

/** Relations by what they join, and by which of them can be found from an entry. */
function checkRelations(store: Store): void {
  const live = store.heads("relation").map(({ key, vid }) => ({ key, vid, ...store.journal.endsOf(vid)! }));
  for (const { source, target } of live) {
    expect([source, target].map((end) => store.head(end)?.kind)).toEqual(["entry", "entry"]);
  }
  for (const id of entries) {
    for (const end of ["source", "target"] as const) {
      const found = store.edges(id, end).map(({ key }) => key);
      const expected = live.filter((one) => one[end] === id).map(({ key }) => key);
      expect(found.toSorted()).toEqual(expected.toSorted());
    }
  }
}

test("I13: relations never dangle, and the newest write that counts is what there is", () => {
  counted((count) => {
    check([fc.array(step, { minLength: 5, maxLength: 20, size: "max" })], (steps) => {
      inStore((store) => {
        // Each by another agent, so that relations join the work of several.
        for (const [i, id] of entries.entries()) write(store, agents[i]!, [{ do: "put", id, value: 0 }]);
        for (const one of steps) {
          if (one.do === "write") write(store, one.agent, one.acts);
          else {
            const request = requestOf(store, one);
            if (request && carryOut(store, request) === "blocked") count();
          }
          checkRelations(store);
          const heads = [...headsOf(store)].map(([key, { vid }]): [string, number] => [key, vid]);
          expect(new Map(heads)).toEqual(headsByWrites(store));
        }
        expect(store.verify()).toBeUndefined();
      });
    });
  });
});

const put = (id: string): Act => ({ do: "put", id, value: 1 });
const relate = (id: "1" | "2"): Act => ({ do: "relate", source: "a", target: "b", id, value: 1 });
const undo = (store: Store, transaction: number, wanted: PlanRequest["policy"] = "block") => {
  const plan = planOn(store, () => rollbackRequest(store.journal, { transactions: [transaction] }, wanted));
  return { plan, said: describe(store, plan), apply: () => apply(store, plan, { agent: "tester" }) };
};
const joined = (store: Store): string[] => store.edges("a", "source").map(({ key }) => key);

test("D3: an entry goes with its relations, and comes back with them", () => {
  inStore((store) => {
    write(store, "ann", [put("a"), put("b"), relate("1"), relate("2")]);
    const before = store.digest();
    const removed = write(store, "bob", [{ do: "remove", id: "b" }]);
    expect(joined(store)).toEqual([]);
    expect(undo(store, removed).apply().outcome).toBe("done");
    expect(store.digest()).toBe(before);
    expect(joined(store)).toEqual(["a -> b 1", "a -> b 2"]);
  });
});

test("D4: one of two parallel relations goes, the other stays", () => {
  inStore((store) => {
    write(store, "ann", [put("a"), put("b"), relate("1")]);
    const second = write(store, "bob", [relate("2")]);
    const gone = write(store, "eve", [{ do: "unrelate", source: "a", target: "b", id: "1", value: 0 }]);
    expect(joined(store)).toEqual(["a -> b 2"]);
    undo(store, second).apply();
    expect(joined(store)).toEqual([]);
    undo(store, gone).apply();
    expect(joined(store)).toEqual(["a -> b 1"]);
  });
});

test("an entry that somebody else's relation needs is not taken away", () => {
  inStore((store) => {
    const first = write(store, "ann", [put("a"), put("b"), put("c")]);
    const needs = write(store, "bob", [relate("1")]);
    const digest = store.digest();
    const blocked = undo(store, first);
    expect(blocked.said.conflicts).toMatchObject([
      { reason: "structure", id: "a", transaction: needs, agent: "bob", detail: "needed by a -> b 1" },
      { reason: "structure", id: "b", transaction: needs, agent: "bob", detail: "needed by a -> b 1" },
    ]);
    expect(blocked.apply).toThrow("stand in the way");
    expect(undo(store, first, "force").apply).toThrow("stand in the way");
    expect(store.digest()).toBe(digest);

    const { residue, outcome } = undo(store, first, "skip").apply();
    expect({ residue, outcome }).toEqual({ residue: ["a", "b"], outcome: "partial" });
    expect([...headsOf(store).keys()].sort()).toEqual(["a", "a -> b 1", "b"]);

    expect(undo(store, first, "cascade").plan.cascade).toEqual([needs]);
    undo(store, first, "cascade").apply();
    expect(headsOf(store).size).toBe(0);
  });
});

test("a relation does not come back without its entry; cascade brings the entry too", () => {
  inStore((store) => {
    write(store, "ann", [put("a"), put("b"), relate("1")]);
    const unrelated = write(store, "bob", [{ do: "unrelate", source: "a", target: "b", id: "1", value: 0 }]);
    const removed = write(store, "eve", [{ do: "remove", id: "b" }]);
    const blocked = undo(store, unrelated);
    expect(blocked.said.conflicts).toMatchObject([
      { reason: "structure", id: "a -> b 1", transaction: removed, agent: "eve", detail: "b does not exist" },
    ]);
    expect(blocked.plan.blocked).toBe(true);
    expect(undo(store, unrelated, "skip").apply().residue).toEqual(["a -> b 1"]);
    undo(store, unrelated, "cascade").apply();
    expect([...headsOf(store).keys()].sort()).toEqual(["a", "a -> b 1", "b"]);
  });
});

test("a relation that comes back as its entry goes takes along who wrote it", () => {
  inStore((store) => {
    const first = write(store, "ann", [put("a")]);
    write(store, "eve", [put("b")]);
    const related = write(store, "bob", [relate("1")]);
    const last = write(store, "ann", [{ do: "unrelate", source: "a", target: "b", id: "1", value: 0 }]);
    const plan = planOn(store, () =>
      rollbackRequest(store.journal, { transactions: [first, last] }, "cascade"),
    );
    expect({ cascade: plan.cascade, blocked: plan.blocked }).toEqual({ cascade: [related], blocked: false });
    apply(store, plan, { agent: "ann" });
    expect([...headsOf(store).keys()]).toEqual(["b"]);
  });
});

test("a redo that takes a whole transaction along does not stop at what its undo had left", () => {
  inStore((store) => {
    const changed = (value: number): Act => ({ do: "put", id: "c", value });
    write(store, "eve", [put("b"), changed(1)]);
    const { vid } = store.head("c")!;
    const made = write(store, "ann", [put("a"), changed(2)]);
    // Says of c what eve said, so that ann's write beneath it can go.
    const related = write(store, "bob", [relate("1"), changed(1)]);
    const seq = store.operations(related)[0]!.seq;
    const carry = (request: PlanRequest) =>
      apply(
        store,
        planOn(store, () => request),
        { agent: "tester" },
      );
    const apart = carry(rollbackRequest(store.journal, { operations: [seq] }, "block"));
    const gone = undo(store, made).apply();
    const back = carry(redoRequest(store.journal, gone.transaction, "block"));
    carry(redoRequest(store.journal, apart.transaction, "block"));
    carry(redoRequest(store.journal, back.transaction, "cascade"));
    expect([...headsOf(store).keys()].sort()).toEqual(["b", "c"]);
    expect(store.head("c")!.vid).toBe(vid);
    expect(store.verify()).toBeUndefined();
  });
});

test("an end in code may be missing: files come and go", () => {
  inStore((store) => {
    const tx = store.begin({ agent: "indexer", kind: "index" });
    tx.put({ key: "src/a.ts", kind: "file", hash: new Uint8Array(32), body: bytesOf("{}") });
    const indexed = tx.commit().transaction;
    const own = store.begin({ agent: "ann" });
    own.put({ key: "note", kind: "entry", body: bytesOf("{}") });
    const edge = { source: "note", target: "src/a.ts#f", type: "documents" };
    own.put({ key: "note documents f", kind: "relation", body: bytesOf("{}"), edge });
    own.commit();
    expect(undo(store, indexed).apply().outcome).toBe("done");
    expect(store.edges("note", "source")).toHaveLength(1);
    expect(store.verify()).toBeUndefined();
  });
});
