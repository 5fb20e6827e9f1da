import { expect, test } from "vitest";
import { MomoError } from "../errors.ts";
import { didYouMean, nearest } from "../model/nearest.ts";
import { readTime } from "./history.ts";
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

test("since takes a date, a time and an age", () => {
  const now = Date.parse("2026-01-31T08:00:00Z");
  expect(readTime("2h", now)).toBe("2026-01-31T06:00:00.000Z");
  expect(readTime("7d", now)).toBe("2026-01-24T08:00:00.000Z");
  expect(readTime("2026-01-02", now)).toBe("2026-01-02T00:00:00.000Z");
  expect(readTime("2026-01-02T03:04:05Z", now)).toBe("2026-01-02T03:04:05.000Z");
  for (const wrong of ["yesterday", "2026-13-45", "12", "", "5x"])
    expect(() => readTime(wrong, now), wrong).toThrow(MomoError);
});
