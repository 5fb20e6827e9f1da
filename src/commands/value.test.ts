import { expect, test } from "vitest";
import { didYouMean, nearest } from "../model/nearest.ts";
import { readSeconds, readTime } from "./time.ts";
import { readValue } from "./value.ts";

test.each([
  ["serach", "search"],
  ["stauts", "status"],
  ["SEARCH", "search"],
  ["searhc", "search"],
  ["doc", undefined],
  ["xyz", undefined],
  ["", undefined],
])("nearest to %j is %j", (word, expected) => {
  expect(nearest(word, ["search", "status", "doctor"])).toBe(expected);
});

test("without a likely word, all are named", () => {
  expect(didYouMean("planet", ["function", "class"])).toBe("give one of function, class");
});

test("an integer without limits may be any", () => {
  const option = { type: "integer", value_name: "N", help: "" } as const;
  expect(readValue(option, { name: "--n", text: "-7" })).toBe(-7);
  expect(() => readValue(option, { name: "--n", text: "9007199254740993" })).toThrow("give a whole number");
});

test("other spellings of a choice stand for it", () => {
  const option = {
    type: "strings",
    value_name: "L",
    choices: ["python", "rust"],
    spellings: { py: "python", ".py": "python" },
    help: "",
  } as const;
  expect(readValue(option, { name: "--language", text: "PY, rust,.py" })).toEqual([
    "python",
    "rust",
    "python",
  ]);
  expect(() => readValue(option, { name: "--language", text: "pyton" })).toThrow("did you mean python?");
});

test("a time is a date, a time or an age; the end of a date is the end of its day", () => {
  const now = Date.parse("2026-01-31T08:00:00Z");
  const read = (text: string, end = false) => readTime({ name: "--since", text }, { now, end });
  expect(read("2h")).toBe("2026-01-31T06:00:00.000Z");
  expect(read("7d")).toBe("2026-01-24T08:00:00.000Z");
  expect(read("2026-01-02")).toBe("2026-01-02T00:00:00.000Z");
  expect(read("2026-01-02", true)).toBe("2026-01-02T23:59:59.999Z");
  expect(read("2026-01-02T03:04:05Z", true)).toBe("2026-01-02T03:04:05.000Z");
  for (const wrong of ["yesterday", "2026-13-45", "2026-01-02 or so", "12", "", "5x"])
    expect(() => read(wrong), wrong).toThrow("--since cannot be");
});

test("a length of time is seconds, or has a unit", () => {
  const read = (text: string) => readSeconds({ name: "--ttl", text });
  expect(["90", "90s", "30m", "2h", "7d"].map(read)).toEqual([90, 90, 1800, 7200, 604_800]);
  for (const wrong of ["", "-5", "2 h", "h", "1.5h"])
    expect(() => read(wrong), wrong).toThrow("--ttl cannot be");
});
