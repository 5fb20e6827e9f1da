import { expect, test } from "vitest";
import { createProgress, progressLine } from "./progress.ts";
import { terminalOf } from "./terminal.ts";

/** A stream that keeps what was written, and a clock that the test moves. */
function setUp(isTTY: boolean, columns = 120) {
  const written: string[] = [];
  const clock = { now: 0 };
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  const progress = createProgress(stream, terminalOf(stream, { NO_COLOR: "1" }), () => clock.now);
  return { written, clock, progress };
}

test("nothing is written where nobody watches", () => {
  const { written, clock, progress } = setUp(false);
  clock.now = 10_000;
  progress.update({ phase: "reading", done: 1, total: 2, bytes: 1 });
  progress.clear();
  expect(written).toEqual([]);
});

test("at most ten lines a second, and an empty line at the end", () => {
  const { written, clock, progress } = setUp(true);
  for (clock.now = 0; clock.now < 1000; clock.now += 10)
    progress.update({ phase: "reading", done: clock.now, total: 1000, bytes: 0 });
  expect(written.length).toBeGreaterThan(5);
  expect(written.length).toBeLessThanOrEqual(10);
  progress.clear();
  expect(written.at(-1)).toBe("\r\x1b[2K");
});

test("work that is done at once draws nothing", () => {
  const { written, clock, progress } = setUp(true);
  clock.now = 50;
  progress.update({ phase: "reading", done: 1, total: 1, bytes: 1 });
  progress.clear();
  expect(written).toEqual([]);
});

test("the line says how far, how fast and how long", () => {
  const line = progressLine({ phase: "reading", done: 1000, total: 4000, bytes: 5_000_000 }, 2000);
  expect(line).toContain("1,000 of 4,000 files");
  expect(line).toContain("500 files/s");
  expect(line).toContain("2.5 MB/s");
  expect(line).toContain("6 s left");
  const nearlyDone = progressLine({ phase: "reading", done: 999, total: 1000, bytes: 1 }, 2000);
  expect(nearlyDone).toContain("1 s left");
  expect(progressLine({ phase: "listing", done: 12, total: 0, bytes: 0 }, 2000)).toBe("listing  12 files");
});

test("the line fits the terminal", () => {
  const { written, clock, progress } = setUp(true, 30);
  clock.now = 5000;
  progress.update({ phase: "reading", done: 1000, total: 4000, bytes: 5_000_000 });
  expect(written[0].replace("\r\x1b[2K", "").length).toBeLessThanOrEqual(29);
});
