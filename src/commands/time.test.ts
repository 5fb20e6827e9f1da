import { expect, test } from "vitest";
import { readSeconds, readTime } from "./time.ts";

const now = Date.parse("2026-11-24T12:00:00Z");
const read = (text: string, end = false): string => readTime({ name: "--since", text }, { now, end });

test("a date, a time and an age are points in time", () => {
  expect(read("2026-01-31")).toBe("2026-01-31T00:00:00.000Z");
  expect(read("2026-01-31", true)).toBe("2026-01-31T23:59:59.999Z");
  expect(read("2026-01-31T08:00:00Z", true)).toBe("2026-01-31T08:00:00.000Z");
  expect(read("2h")).toBe("2026-11-24T10:00:00.000Z");
  expect(read("9999-12-31", true)).toBe("9999-12-31T23:59:59.999Z");
});

test("an age that is older than time begins where time begins", () => {
  expect(read("999999999w")).toBe("1970-01-01T00:00:00.000Z");
});

test("anything else is refused, with an example", () => {
  for (const text of ["", "yesterday", "2026-13-01", "2026-01-31 25:00", "1y", "-1d", "1e9d", "12345"])
    expect(() => read(text), text).toThrow(/give a date \(2026-01-31\)/);
});

test("lengths of time are seconds", () => {
  expect(readSeconds({ name: "--ttl", text: "90" })).toBe(90);
  expect(readSeconds({ name: "--ttl", text: "30m" })).toBe(1800);
  expect(() => readSeconds({ name: "--ttl", text: "1h30m" })).toThrow(/give seconds/);
});
