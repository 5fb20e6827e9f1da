import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { estimateTokens, lineTokens } from "./tokens.ts";

test.each([
  ["", 1],
  ["return", 2],
  ["getUserName", 4],
  ["HTTP_STATUS = 404;", 9],
  ["            if (x) {", 7],
  ["internationalization", 4],
  ["// ----------------", 10],
  ["größe", 5],
  ["漢字", 5],
])("%j is about %i tokens with its line break", (line, tokens) => {
  expect(lineTokens(line)).toBe(tokens);
});

test("lines add up to their text", () => {
  const lines = ["function f(a) {", "\treturn a + 1;", "}", ""];
  expect(estimateTokens(lines.join("\n"))).toBe(lines.reduce((sum, line) => sum + lineTokens(line), 0));
  expect(estimateTokens("")).toBe(0);
});

test("code and prose have about 3.3 characters per token, as known vocabularies make it, on the high side", () => {
  const root = join(import.meta.dirname, "..", "..");
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    // Examples of secrets are random letters.
    .filter((name) => name.endsWith(".ts") && !/(secrets|mask)\.test\.ts$/.test(name))
    .map((name) => join("src", name));
  let characters = 0;
  let tokens = 0;
  for (const name of ["README.md", "ARCHITECTURE.md", ...sources]) {
    const text = readFileSync(join(root, name), "utf8");
    characters += text.length;
    tokens += estimateTokens(text);
    expect(text.length / estimateTokens(text), name).toBeGreaterThan(2.2);
    expect(text.length / estimateTokens(text), name).toBeLessThan(4.8);
  }
  expect(characters / tokens).toBeGreaterThan(3);
  expect(characters / tokens).toBeLessThan(4);
});

test("more text is never fewer tokens", () => {
  const text = "const retries: number = options.retries ?? 3; // größer\n";
  for (let end = 1; end <= text.length; end++)
    expect(estimateTokens(text.slice(0, end))).toBeGreaterThanOrEqual(estimateTokens(text.slice(0, end - 1)));
});
