import { expect, test } from "vitest";
import type { VersionRecord } from "../model/rollback.ts";
import type { TransactionRecord } from "../store/contract/journal.ts";
import type { TransactionKind } from "../store/contract/transaction.ts";
import { formatHistory } from "./format-history.ts";
import { type Terminal, terminalOf } from "./terminal.ts";

const plain = terminalOf({}, {});
const coloured: Terminal = { ...plain, paint: (colour, text) => text && `<${colour}>${text}</>` };
const at = "2026-01-31T08:00:00.000Z";

const record = (given: Partial<TransactionRecord>): TransactionRecord => ({
  transaction: 7,
  kind: "write",
  at,
  agent: "alice",
  seq: 9,
  operations: 1,
  created: 0,
  updated: 0,
  removed: 0,
  ...given,
});

const said = (given: Partial<TransactionRecord>, terminal = plain): string =>
  formatHistory({ transactions: [record(given)] }, terminal).trimEnd();

/** Everything behind the kind. */
const remark = (kind: TransactionKind, detail: Record<string, unknown>, intent?: string): string =>
  said({ kind, detail, ...(intent !== undefined && { intent }) })
    .split(`  ${kind}`)[1]
    .trim();

test("what was taken back is marked before everything else", () => {
  const undone = { writes: 1, all: true, by: [8] };
  expect(said({ created: 1, undone, intent: "why" })).toBe(
    "#7  2026-01-31 08:00:00 UTC  alice  +1  write  undone by #8: why",
  );
  expect(said({ undone: { writes: 2, all: false, by: [8, 12] } })).toMatch(/ partly undone by #8 #12$/);
  expect(said({ undone, intent: "undone by nobody" }, coloured)).toMatch(
    /<yellow>undone by #8<\/><dim>: undone by nobody<\/>$/,
  );
  expect(said({ intent: "why" }, coloured)).toMatch(/<dim>why<\/>$/);
});

test("each kind says what it was about", () => {
  expect(remark("undo", { policy: "block", selector: { agent: "bob", since: at } }, "why")).toBe(
    `agent bob, since ${at}: why`,
  );
  expect(
    remark("undo", { policy: "skip", selector: { transactions: [9, 8, 1, 2, 3, 4, 5], keys: ["a", "b"] } }),
  ).toBe("of #9 #8 #1 #2 #3 #4 …, key a b, skip");
  expect(remark("redo", { of: 5 })).toBe("of #5");
  expect(remark("rewind", { to_seq: 3 })).toBe("to operation 3");
  expect(remark("merge", { name: "trial" }, "why")).toBe("exploration trial: why");
  const merge = { kind: "merge", detail: { name: "trial" }, intent: "why" } as const;
  expect(said({ ...merge, authors: ["bob", "alice"] })).toMatch(
    / exploration trial: work of bob, alice: why$/,
  );
  expect(said({ ...merge, authors: ["alice"] })).toMatch(/ exploration trial: why$/);
  expect(remark("checkpoint", { name: "noon" })).toBe("noon");
  expect(remark("checkpoint", { name: "noon", removed: true })).toBe("removed noon");
  expect(remark("erase", { erased: ["a", "b\x1b"] })).toBe("a b\ufffd");
  expect(remark("compact", { to_seq: 3 })).toBe("up to operation 3");
  expect(remark("index", {}, "index")).toBe("");
});

test("versions say which one counts", () => {
  const version = (given: Partial<VersionRecord>): VersionRecord => ({
    version: 4,
    seq: 9,
    transaction: 7,
    agent: "alice",
    at,
    change: "updated",
    current: false,
    ...given,
  });
  const versions = [
    version({ version: 0, change: "removed", undone_by: 8, intent: "why" }),
    version({ version: 12, current: true, merged_by: "bob" }),
    version({ change: "created" }),
  ];
  expect(formatHistory({ id: "notes/a", versions }, plain)).toBe(
    [
      "notes/a",
      "     2026-01-31 08:00:00 UTC  alice  removed  #7  undone by #8: why",
      "v12  2026-01-31 08:00:00 UTC  alice  updated  #7  current: merged by bob",
      " v4  2026-01-31 08:00:00 UTC  alice  created  #7",
      "",
    ].join("\n"),
  );
  expect(formatHistory({ id: "notes/a", versions }, coloured)).toMatch(/<green>current<\/><dim>: merged by bob<\/>\n/);
  expect(formatHistory({ id: "a", versions: [] }, plain)).toBe(
    "The history of a was dropped by compaction.\n",
  );
});
