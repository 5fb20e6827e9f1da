import { expect, test } from "vitest";
import { skipReasons } from "./skip.ts";

test("every reason has one sentence part that people can read", () => {
  for (const [reason, sentence] of Object.entries(skipReasons)) {
    expect(reason).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(sentence).toMatch(/^[a-z].{10,90}[^.]$/);
  }
});
