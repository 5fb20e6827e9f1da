import { describe, expect, it } from "vitest";
import { commentAbove, hashComments, slashComments } from "./comments.ts";
import { Lines } from "./lines.ts";

/** The comment above the last line. */
function above(text: string, style = slashComments): string | undefined {
  return commentAbove(new Lines(text), text.split("\n").length - 1, style);
}

describe("commentAbove", () => {
  it.each([
    ["/** One. */\nf", "One."],
    ["/**\n * One.\n *   two\n */\nf", "One.\n  two"],
    ["// One.\n// two\nf", "One.\ntwo"],
    ["/// One.\n///\n/// two\nf", "One.\n\ntwo"],
    ["a; // Not this.\n// One.\nf", "One."],
    ["//////\n// One.\n//////\nf", "One."],
  ])("%j", (text, expected) => {
    expect(above(text)).toBe(expected);
  });

  it.each(["// One.\n\nf", "a /* b */\nf", "a = 1; /*\n b */\nf", "f", "/* */\nf", "*/\nf", "//\nf"])(
    "%j has none",
    (text) => {
      expect(above(text)).toBeUndefined();
    },
  );

  it("knows the marks of the language", () => {
    expect(above("# One.\n# two\nf", hashComments)).toBe("One.\ntwo");
    expect(above("// One.\nf", hashComments)).toBeUndefined();
  });

  it("is cut at 2,000 characters", () => {
    expect(above(`// ${"a".repeat(5000)}\nf`)).toHaveLength(2000);
  });
});
