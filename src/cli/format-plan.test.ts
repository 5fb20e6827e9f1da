import { expect, test } from "vitest";
import type { BlockedPlan } from "../commands/take-back.ts";
import type { PlanConflict, RollbackPlan, RollbackReceipt } from "../model/rollback.ts";
import { formatTakeBack } from "./format-plan.ts";
import { type Terminal, terminalOf, width } from "./terminal.ts";

const plain = terminalOf({}, {});
const narrow = terminalOf({ isTTY: true, columns: 40 }, { NO_COLOR: "1" });
const coloured: Terminal = { ...plain, paint: (colour, text) => text && `<${colour}>${text}</>` };

const none = { created: 0, updated: 0, removed: 0 };

const plan = (given: Partial<RollbackPlan> = {}): RollbackPlan => ({
  plan_hash: "0123",
  action: "rollback",
  policy: "block",
  base_seq: 9,
  blocked: false,
  transactions: [4],
  cascade: [],
  operations: 1,
  agents: { alice: 1 },
  others: [],
  changes: [],
  outside: [],
  restores: [],
  stores: { documents: { ...none, removed: 1 }, graph: none, words: { ...none, removed: 1 }, metadata: none },
  conflicts: [],
  dependents: [],
  residue: [],
  quarantined: [],
  digest_after: "",
  diff: "",
  ...given,
});

const conflict = (given: Partial<PlanConflict> = {}): PlanConflict => ({
  reason: "write",
  id: "notes/a",
  transaction: 7,
  agent: "bob",
  at: new Date().toISOString(),
  intent: "more room",
  ...given,
});

const lines = (result: Parameters<typeof formatTakeBack>[0], terminal = plain): string[] =>
  formatTakeBack(result, terminal).trimEnd().split("\n");

test("the title says whose work it is, and what builds on it", () => {
  expect(lines(plan())).toEqual([
    "Takes back 1 operation of alice.",
    "  transactions  #4",
    "  changes       documents -1, words -1",
    "",
    "Plan 0123",
  ]);
  const agents = { alice: 3, carol: 1, bob: 1200 };
  const cascade = plan({ agents, operations: 1204, transactions: [6, 4], cascade: [9, 8] });
  expect(lines(cascade).slice(0, 2)).toEqual([
    "Takes back 1,204 operations of bob (1,200), alice (3) and carol (1).",
    "  transactions  #4 #6, and #8 #9 built on it",
  ]);
  expect(lines(plan({ action: "redo", of: 7 }))[0]).toBe("Reverses #7: 1 operation of alice.");
  expect(lines(plan({ action: "rewind", to_seq: 3 }))[0]).toBe(
    "Goes back to operation 3: 1 operation of alice.",
  );
  const nothing = { ...none };
  const same = plan({ stores: { documents: nothing, graph: nothing, words: nothing, metadata: nothing } });
  expect(lines(same)[2]).toBe("  changes       no document, relation or setting looks different afterwards");
});

test("what is long is cut, with how much is missing", () => {
  expect(lines(plan({ transactions: Array.from({ length: 30 }, (_, i) => i + 1) }))[1]).toBe(
    "  transactions  #1 #2 #3 #4 #5 #6 #7 #8 #9 #10 #11 #12 …",
  );
  const diff = (ids: number): string =>
    Array.from({ length: ids }, (_, id) => [`removed entry k${id}`, ...Array(20).fill("  -line")])
      .flat()
      .join("\n");
  const shown = (ids: number, what: string): number =>
    lines(plan({ diff: diff(ids) })).filter((line) => line.includes(what)).length;
  expect([1, 3, 10, 11].map((ids) => shown(ids, "-line"))).toEqual([20, 30, 30, 0]);
  expect([1, 3, 10, 11].map((ids) => shown(ids, "removed entry"))).toEqual([1, 3, 10, 11]);
  expect(lines(plan({ diff: diff(3) }))).toContain("  30 more lines: --dry-run --json shows them");
  const residue = Array.from({ length: 14 }, (_, i) => `notes/${i}`);
  expect(lines(plan({ residue })).slice(-4)).toEqual(["  notes/11", "  and 2 more", "", "Plan 0123"]);
});

test("a difference has colours, and nothing in it moves the cursor", () => {
  const diff = "reverted entry notes/a\n  -old\x1b[2J\n  +new\n   same\n  ...";
  const shown = lines(plan({ diff }), coloured);
  expect(shown).toEqual(
    expect.arrayContaining([
      "  reverted entry notes/a",
      "  <red>  -old\ufffd[2J</>",
      "  <green>  +new</>",
      "     same",
      "  <dim>  ...</>",
    ]),
  );
});

test("who is in the way is said once, with when and why", () => {
  const at = new Date(Date.now() - 7_300_000).toISOString();
  const conflicts = [
    conflict({ at }),
    conflict({ reason: "structure", id: "notes/b", detail: "needed by x -calls-> notes/b" }),
    { reason: "horizon" as const, id: "notes/c" },
  ];
  const dependents = [
    { strength: "declared" as const, transaction: 7, agent: "bob", at, id: "notes/a" },
    { strength: "weak" as const, transaction: 8, agent: "eve\x07", at, id: "notes/d" },
  ];
  const shown = lines(plan({ conflicts, dependents }));
  expect(shown.slice(shown.indexOf("Built on it"))).toEqual([
    "Built on it",
    "  notes/a  written since (bob in #7, 2 hours ago): more room",
    "  notes/b  needed by x -calls-> notes/b (bob in #7, just now): more room",
    "  notes/c  its older state was dropped by compaction",
    "",
    "Read it",
    "  notes/d  seen by eve\ufffd in #8, 2 hours ago",
    "",
    "Plan 0123",
  ]);
});

test("on a narrow terminal reasons stand below the ids, and no line is too long", () => {
  const shown = lines(plan({ conflicts: [conflict({ id: "notes/a-rather-long-name" })] }), narrow);
  expect(shown).toContain("  notes/a-rather-long-name");
  expect(shown).toContain("      written since (bob in #7, just no…");
  expect(Math.max(...shown.map(width))).toBeLessThanOrEqual(40);
});

test("a blocked plan says what stands in the way and what would help", () => {
  const effect = { operations: 2, cascade: [], restores: [], agents: [], residue: [], quarantined: [] };
  const blocked: BlockedPlan = {
    ...plan({ blocked: true, conflicts: [conflict()] }),
    remedies: [
      { ...effect, policy: "cascade", cascade: [7], agents: ["bob"] },
      { ...effect, policy: "skip", residue: ["notes/a"] },
      { ...effect, policy: "merge" },
      { ...effect, policy: "quarantine", quarantined: ["notes/a", "notes/b", "notes/c"] },
      { ...effect, policy: "force", agents: ["bob"] },
    ],
  };
  expect(lines(blocked)).toEqual([
    "Nothing was changed: 1 thing in the way.",
    "  notes/a  written since (bob in #7, just now): more room",
    "",
    "What would help",
    "  --policy cascade     takes back #7 of bob as well",
    "  --policy skip        leaves notes/a as it is",
    "  --policy merge       takes back only what nobody changed since",
    "  --policy quarantine  keeps 3 ids, but out of search until released",
    "  --policy force       takes it back over the later work of bob",
  ]);
  expect(lines({ ...blocked, remedies: [] }).at(-1)).toBe("  nothing does: narrow what is meant");
  expect(lines({ ...blocked, action: "rewind", remedies: [] })).toHaveLength(2);
});

test("what comes back without what it was derived from says who took that, and what would help", () => {
  const effect = { operations: 2, cascade: [], restores: [], agents: [], residue: [], quarantined: [] };
  const conflicts = [conflict({ reason: "source", detail: "notes/b", agent: "ann", intent: "wrong" })];
  const blocked: BlockedPlan = {
    ...plan({ action: "redo", of: 6, blocked: true, conflicts }),
    remedies: [
      { ...effect, policy: "cascade", restores: [3, 2], cascade: [8], agents: ["bob"] },
      { ...effect, policy: "skip", residue: ["notes/a"] },
      { ...effect, policy: "force" },
      { ...effect, policy: "quarantine", quarantined: ["notes/a"] },
    ],
  };
  expect(lines(blocked)).toEqual([
    "Nothing was changed: 1 thing in the way.",
    "  notes/a  derived from notes/b, which is taken back (ann in #7, just now): wrong",
    "",
    "What would help",
    "  --policy cascade     brings back #2 #3 and takes back #8 of bob as well",
    "  --policy skip        leaves notes/a as it is",
    "  --policy force       brings it back all the same",
    "  --policy quarantine  brings it back, with notes/a out of search until released",
  ]);
  expect(lines(plan({ action: "redo", of: 6, restores: [3, 2], cascade: [8] })).slice(0, 4)).toEqual([
    "Reverses #6: 1 operation of alice.",
    "  changes      documents -1, words -1",
    "  brings back  #2 #3 too, which that rests on",
    "  takes back   #8 too",
  ]);
});

test("where all that is in the way was also done outside, force says what it does not do", () => {
  const effect = { operations: 2, cascade: [], restores: [], agents: [], residue: [], quarantined: [] };
  const conflicts = [conflict({ reason: "external", detail: "mail sent" })];
  const blocked: BlockedPlan = {
    ...plan({ blocked: true, conflicts }),
    remedies: [{ ...effect, policy: "force" }],
  };
  expect(lines(blocked).at(-1)).toBe("  --policy force  takes it back here; outside it stays done");
});

test("what was also done outside is listed, with who did it", () => {
  const at = new Date().toISOString();
  const outside = [{ transaction: 5, agent: "bob", at, detail: "mail sent to the team" }];
  const shown = lines(plan({ action: "rewind", to_seq: 3, outside }));
  expect(shown.slice(-5)).toEqual([
    "",
    "Done outside too, and stays done",
    "  mail sent to the team  bob in #5, just now",
    "",
    "Plan 0123",
  ]);
});

test("what was done is one line", () => {
  const receipt = (given: Partial<RollbackReceipt>): RollbackReceipt => ({
    transaction: 9,
    seq: 12,
    operations: 3,
    plan_hash: "0123",
    action: "rollback",
    outcome: "done",
    residue: [],
    ...given,
  });
  const said = (given: Partial<RollbackReceipt>) => formatTakeBack(receipt(given), plain);
  expect(said({})).toBe("Taken back as #9: 3 changes. momo redo 9 reverses it.\n");
  expect(said({ action: "rewind", operations: 1 })).toMatch(/^Gone back as #9: 1 change\./);
  expect(said({ outcome: "partial", residue: ["a", "b", "c"] })).toContain(
    ": 3 changes, 3 ids as they are. ",
  );
  expect(said({ outcome: "already" })).toBe("That was done already, as #9.\n");
  expect(said({ outcome: "already", transaction: 0, action: "redo" })).toBe("Nothing to bring back.\n");
  const declined = { action: "rollback", plan_hash: "0123", outcome: "declined" } as const;
  expect(formatTakeBack(declined, plain)).toBe("Nothing was changed.\n");
});
