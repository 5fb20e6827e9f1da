import { expect, test } from "vitest";
import type { Exploration, ExplorationComparison } from "../model/rollback.ts";
import { formatExplore } from "./format-explore.ts";
import { terminalOf } from "./terminal.ts";

const plain = terminalOf({}, {});

const exploration = (given: Partial<Exploration> = {}): Exploration => ({
  name: "trial",
  agent: "carol",
  created_at: "",
  expires_at: new Date(Date.now() + 7_230_000).toISOString(),
  expired: false,
  pinned: false,
  operations: 2,
  max_operations: 10,
  bytes: 1500,
  max_bytes: 9999,
  base_seq: 3,
  ...given,
});

test("explorations are listed with the time that is left", () => {
  const explorations = [
    exploration({ intent: "what if" }),
    exploration({ name: "b", parent: "trial", pinned: true, operations: 0, bytes: 0 }),
    exploration({ name: "c", expired: true }),
  ];
  expect(formatExplore({ explorations }, plain)).toBe(
    [
      "trial         carol  2 operations  1.5 kB  2 h 0 min left                   what if",
      "b over trial  carol  0 operations     0 B  stays until merged or discarded",
      "c             carol  2 operations  1.5 kB  expired",
      "",
    ].join("\n"),
  );
});

test("a comparison shows changes, conflicts and both lists of results", () => {
  const comparison: ExplorationComparison = {
    exploration: "trial",
    changes: [
      { id: "notes/a", kind: "entry", change: "updated", conflict: true },
      { id: "notes/b\x1b", kind: "entry", change: "created", conflict: false },
      ...Array.from({ length: 30 }, (_, i) => {
        return { id: `k${i}`, kind: "relation" as const, change: "removed" as const, conflict: false };
      }),
    ],
    relations: { added: [], removed: [] },
    rankings: [
      {
        query: "cache",
        overlap: 0.3333,
        base: [{ path: "a", score: 1 }],
        exploration: [
          { path: "b", score: 1 },
          { path: "a", score: 0.5 },
        ],
      },
      { query: "none", overlap: 1, base: [], exploration: [] },
    ],
  };
  const lines = formatExplore(comparison, plain).split("\n");
  expect(lines.slice(0, 3)).toEqual([
    "updated  entry     notes/a  changed beneath it, too",
    "created  entry     notes/b\ufffd",
    "removed  relation  k0",
  ]);
  expect(lines.slice(30)).toEqual([
    "and 2 more",
    "",
    "“cache”  33 % in common",
    "     now  in the exploration",
    "  1  a    b",
    "  2       a",
    "",
    "“none”  100 % in common",
    "  nothing found on either side",
    "",
  ]);
  expect(formatExplore({ ...comparison, changes: [], rankings: [] }, plain)).toBe(
    "Nothing was changed in it.\n",
  );
});
