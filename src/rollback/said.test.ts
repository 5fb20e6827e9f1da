/** What a plan says before anybody agrees to it, and what the history of an id says: each field, on one example. */
import { hash } from "node:crypto";
import { expect, test } from "vitest";
import type { RollbackPlan } from "../model/rollback.ts";
import { blame } from "./blame.ts";
import { Example } from "./example.fixture.ts";
import { quarantined } from "./quarantine.ts";
import { inStore } from "./world.fixture.ts";

const at = (minutes: number): string => new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString();

/**
 * ann's second transaction changes, removes and creates something; bob derives from it, relates to it and sets something.
 * A minute passes before each.
 */
function said(work: (here: Example) => void): void {
  let minutes = 0;
  inStore(
    (store) => {
      const here = new Example(store);
      here.write("ann", { a: { x: 1, y: 1 }, gone: { x: 1 } }, { session: "s1", intent: "begin" });
      minutes++;
      here.write("ann", { a: { x: 2, y: 1 }, gone: null, c: { x: 1 } });
      minutes++;
      here.write("bob", { d: { x: 1 } }, { reads: ["c"], intent: "derive" });
      minutes++;
      const tx = store.begin({ agent: "bob" });
      const edge = { source: "a", type: "references", target: "c" };
      tx.put({ key: "a->c", kind: "relation", body: Buffer.from('{"metadata":{}}'), edge });
      tx.put({ key: "color", kind: "setting", body: Buffer.from("blue") });
      tx.commit();
      minutes++;
      work(here);
      expect(store.verify()).toBeUndefined();
    },
    () => new Date(at(minutes)),
  );
}

const changesIn = ({ changes }: RollbackPlan): string[] =>
  changes.map(({ change, kind, id }) => `${change} ${kind} ${id}`);
const bodyOf = ({ store }: Example, vid: number): string | undefined =>
  vid ? Buffer.from(store.body(vid)!).toString() : undefined;

/** Files by path with their text. */
function index({ store }: Example, files: Record<string, string>): void {
  const tx = store.begin({ agent: "indexer", kind: "index" });
  for (const [key, text] of Object.entries(files)) {
    const own = { hash: hash("sha256", text, "buffer"), body: Buffer.from("{}"), text: Buffer.from(text) };
    tx.put({ key, kind: "file", ...own });
  }
  tx.commit();
}

const needed = {
  reason: "structure",
  id: "c",
  transaction: 4,
  agent: "bob",
  at: at(3),
  detail: "needed by a->c",
};
const derived = { reason: "read", id: "c", transaction: 3, agent: "bob", at: at(2), intent: "derive" };

test("a plan that is blocked says what it would do, and what stands in its way", () => {
  said((here) => {
    const plan = here.plan({ transactions: [2] }).said;
    expect(plan).toMatchObject({
      action: "rollback",
      policy: "block",
      base_seq: 8,
      transactions: [2],
      cascade: [],
      restores: [],
      operations: 3,
      agents: { ann: 3 },
      others: [],
      outside: [],
      stores: {
        documents: { created: 1, updated: 1, removed: 1 },
        words: { created: 1, updated: 1, removed: 1 },
        graph: { created: 0, updated: 0, removed: 0 },
        metadata: { created: 0, updated: 0, removed: 0 },
      },
      conflicts: [needed, derived],
      dependents: [{ strength: "declared", id: "c", transaction: 3, agent: "bob", at: at(2) }],
      residue: [],
      quarantined: [],
      blocked: true,
      digest_after: here.store.digest(),
    });
    expect("of" in plan || "to_seq" in plan).toBe(false);
    expect(changesIn(plan)).toEqual(["reverted entry a", "restored entry gone", "removed entry c"]);
    const bodies = plan.changes.map(({ from, to }) => [bodyOf(here, from), bodyOf(here, to)]);
    expect(bodies).toEqual([
      ['{"x":2,"y":1}', '{"x":1,"y":1}'],
      [undefined, '{"x":1}'],
      ['{"x":1}', undefined],
    ]);
    expect(plan.diff.split("\n")).toEqual([
      "reverted entry a",
      "  -x: 2",
      "  +x: 1",
      "   y: 1",
      "restored entry gone",
      "  +x: 1",
      "removed entry c",
      "  -x: 1",
    ]);
  });
});

test("a cascade says who else loses work, and of which kind", () => {
  said((here) => {
    const plan = here.plan({ transactions: [2] }, "cascade").said;
    expect(plan.cascade.toSorted()).toEqual([3, 4]);
    expect(plan).toMatchObject({
      operations: 6,
      agents: { ann: 3, bob: 3 },
      stores: {
        documents: { created: 1, updated: 1, removed: 2 },
        words: { created: 1, updated: 1, removed: 2 },
        graph: { created: 0, updated: 0, removed: 1 },
        metadata: { created: 0, updated: 0, removed: 1 },
      },
      conflicts: [needed, derived],
      dependents: [],
      blocked: false,
    });
    expect(changesIn(plan).toSorted()).toEqual([
      "removed entry c",
      "removed entry d",
      "removed relation a->c",
      "removed setting color",
      "restored entry gone",
      "reverted entry a",
    ]);
    expect(plan.diff).toContain("removed setting color\n  -value: blue");
    const { transaction, operations } = here.undo({ transactions: [2] }, "cascade");
    expect(operations).toBe(6);
    const again = here.planRedo(transaction).said;
    expect(again).toMatchObject({
      action: "redo",
      of: transaction,
      operations: 6,
      agents: { ann: 3, bob: 3 },
    });
    expect(again.stores.graph).toEqual({ created: 1, updated: 0, removed: 0 });
  });
});

test("what is left is named, and marked where that is wanted", () => {
  said((here) => {
    expect(here.plan({ transactions: [2] }, "skip").said).toMatchObject({
      operations: 2,
      residue: ["c"],
      quarantined: [],
      conflicts: [needed, derived],
      blocked: false,
    });
    const plan = here.plan({ transactions: [2] }, "quarantine").said;
    expect(plan).toMatchObject({ residue: ["c"], quarantined: ["c"], conflicts: [needed], blocked: false });
    expect(changesIn(plan)).toEqual(["reverted entry a", "restored entry gone", "quarantined mark c"]);
    expect(plan.stores.metadata).toEqual({ created: 1, updated: 0, removed: 0 });
    expect(plan.diff.endsWith("quarantined c")).toBe(true);
    const { transaction } = here.undo({ transactions: [2] }, "quarantine");
    const [mark] = quarantined(here.store);
    expect(mark).toMatchObject({ id: "c", reason: "needed by what was kept", transaction, current: true });
    expect(mark!.at).toBe(at(4));
    here.write("ann", { c: { x: 5 } });
    expect(quarantined(here.store)).toMatchObject([{ id: "c", current: false }]);
  });
});

test("fields that others changed stay, and the plan says so", () => {
  said((here) => {
    here.write("bob", { a: { x: 2, y: 9 } });
    const plan = here.plan({ operations: [3] }, "merge").said;
    expect(changesIn(plan)).toEqual(["merged entry a"]);
    expect(plan.diff.split("\n")).toEqual(["merged entry a", "  -x: 2", "  +x: 1", "   y: 9"]);
  });
});

test("every write of an id is told, newest first, with who took it back", () => {
  said((here) => {
    here.write("bob", { a: { x: 3, y: 1 } }, { session: "s2" });
    const { transaction } = here.undo({ keys: ["a"], agent: "bob" });
    const [third, second, first, ...more] = blame(here.store, "a");
    expect(more).toEqual([]);
    expect(third).toMatchObject({
      agent: "bob",
      session: "s2",
      change: "updated",
      undone_by: transaction,
      current: false,
    });
    expect(second).toMatchObject({
      transaction: 2,
      agent: "ann",
      at: at(1),
      change: "updated",
      current: true,
    });
    expect(first).toEqual({
      version: first!.version,
      seq: 1,
      transaction: 1,
      agent: "ann",
      session: "s1",
      intent: "begin",
      at: at(0),
      change: "created",
      current: false,
    });
    expect(bodyOf(here, third!.version)).toBe('{"x":3,"y":1}');
    expect("undone_by" in second! || "session" in second!).toBe(false);
    expect(blame(here.store, "gone").map(({ change, current }) => [change, current])).toEqual([
      // What counts now is that it is not there.
      ["removed", true],
      ["created", false],
    ]);
    // An entity's versions are those of its file.
    expect(blame(here.store, "a#name")).toEqual(blame(here.store, "a"));
    for (const id of ["never", "never#name"])
      expect(() => blame(here.store, id)).toThrow(expect.objectContaining({ code: "ENTRY_UNKNOWN" }));
  });
});

test("long differences are cut, in lines and in ids, and say by how much", () => {
  inStore((store) => {
    const here = new Example(store);
    const text = (count: number): string => Array.from({ length: count }, (_, i) => `line ${i}`).join("\n");
    index(here, { "long.ts": text(24), "longer.ts": text(26), "huge.ts": text(2001) });
    const parts = here.plan({ agent: "indexer" }).said.diff.split(/^(?=removed )/m);
    const lines = parts.map((part) => part.trimEnd().split("\n"));
    expect(lines.map((part) => [part[0], part.length, part.at(-1)])).toEqual([
      ["removed file long.ts", 25, "  -line 23"],
      ["removed file longer.ts", 26, "  ... 2 more lines"],
      ["removed file huge.ts", 2, "  ... too much differs to show it"],
    ]);
    here.write("bob", Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, { x: 1 }])));
    const many = here.plan({ agent: "bob" }).said.diff.split("\n");
    expect([many.length, many.at(-1)]).toEqual([41, "and 1 more"]);
    here.undo({ keys: ["k20"] });
    expect(here.plan({ agent: "bob" }).said.diff).not.toContain("more");
  });
});

test("places that do not follow each other are set apart, with a line around each", () => {
  inStore((store) => {
    const here = new Example(store);
    const put = (key: string, changed: number[], ending = "\n"): void => {
      const lines = Array.from({ length: 9 }, (_, i) => (changed.includes(i) ? `new ${i}` : `old ${i}`));
      index(here, { [key]: lines.join("\n") + ending });
    };
    put("a.ts", []);
    put("a.ts", [1, 7], "");
    expect(here.plan({ transactions: [2] }).said.diff.split("\n")).toEqual([
      "reverted file a.ts",
      ...["   old 0", "  -new 1", "  +old 1", "   old 2"],
      "  ...",
      ...["   old 6", "  -new 7", "  +old 7", "   old 8"],
    ]);
  });
});
