import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["workes", ["wait_ms", "workers"], "workers"],
  ["MOMO_WORKERS", ["wait_ms", "workers"], "workers"],
  // Two letters that changed places are one mistake, two missing letters are two.
  ["wait_sm", ["wait_", "wait_ms"], "wait_ms"],
  ["", ["abc", "ab"], "ab"],
  ["x".repeat(100_000), ["abc"], "abc"],
])("nearest to %.20s", (name, known, expected) => {
  expect(nearest(name, known)).toBe(expected);
});
