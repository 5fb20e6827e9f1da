import { expect, test } from "vitest";
import { age, bytes, counted, duration } from "./quantity.ts";
import { table } from "./table.ts";
import { padStart, printable, shorten, terminalOf, width } from "./terminal.ts";

const painted = (stream: { isTTY?: boolean }, env: Record<string, string>): boolean =>
  terminalOf(stream, env).paint("red", "x") !== "x";

test("colour is for terminals, unless the environment decides", () => {
  expect(painted({ isTTY: true }, {})).toBe(true);
  expect(painted({ isTTY: false }, {})).toBe(false);
  expect(painted({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
  expect(painted({ isTTY: true }, { NO_COLOR: "" })).toBe(true);
  expect(painted({ isTTY: true }, { TERM: "dumb" })).toBe(false);
  expect(painted({ isTTY: false }, { FORCE_COLOR: "1" })).toBe(true);
  expect(painted({ isTTY: true }, { FORCE_COLOR: "0" })).toBe(false);
  expect(painted({ isTTY: true }, { FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false);
});

test("only a terminal has a width", () => {
  expect(terminalOf({ isTTY: true, columns: 40 }, {}).columns).toBe(40);
  expect(terminalOf({ columns: 40 }, {}).columns).toBe(Number.POSITIVE_INFINITY);
});

test("text of a file cannot steer the terminal", () => {
  expect(printable("a\x1b[31mb\tc\rd\u009b2Je\u202ef")).toBe("a\ufffd[31mb    c\ufffdd\ufffd2Je\ufffdf");
});

test("width counts columns, not code units", () => {
  expect(width("abc")).toBe(3);
  expect(width("日本")).toBe(4);
  expect(width("e\u0301")).toBe(1);
  expect(shorten("日本語", 5)).toBe("日本…");
  expect(shorten("abc", 3)).toBe("abc");
  expect(shorten("abcd", 3)).toBe("ab…");
  expect(padStart("日", 4)).toBe("  日");
});

test("quantities read as people write them", () => {
  expect([0, 9.9, 140, 1400, 125_000, 4_000_000].map(duration)).toEqual([
    "0.0 ms",
    "9.9 ms",
    "140 ms",
    "1.4 s",
    "2 min 5 s",
    "1 h 6 min",
  ]);
  expect([999, 1000, 999_960, 12_345_678, 5e15].map(bytes)).toEqual([
    "999 B",
    "1.0 kB",
    "1.0 MB",
    "12.3 MB",
    "5000 TB",
  ]);
  expect([counted(1, "file"), counted(1204, "file"), counted(2, "entity", "entities")]).toEqual([
    "1 file",
    "1,204 files",
    "2 entities",
  ]);
  const now = Date.parse("2026-01-31T08:00:00Z");
  expect(age("2026-01-31T07:59:30Z", now)).toBe("just now");
  expect(age("2026-01-29T07:00:00Z", now)).toBe("2 days ago");
});

test("columns line up, and the last one gives way", () => {
  const rows = [
    ["a", "10", "first"],
    ["long", "2", "a second that is too long"],
  ];
  const columns = [{}, { align: "right" as const }, {}];
  expect(table(rows, columns, terminalOf({}, {}))).toEqual([
    "a     10  first",
    "long   2  a second that is too long",
  ]);
  expect(table(rows, columns, terminalOf({ isTTY: true, columns: 20 }, { NO_COLOR: "1" }))).toEqual([
    "a     10  first",
    "long   2  a second …",
  ]);
});
