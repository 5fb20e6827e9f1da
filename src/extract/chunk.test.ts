import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkStarts } from "./chunk.ts";
import { createLexer } from "./lexer.ts";

function linesOf(text: string) {
  const { lines, lineStart, indent } = createLexer(() => 0)(Buffer.from(text), "c");
  return { count: lines, start: lineStart, indent };
}

const body = (name: string, lines: number): string =>
  `// about ${name}\nint ${name}() {\n${"  some_call(with, arguments);\n".repeat(lines)}}\n\n`;

describe("chunkStarts", () => {
  it("gives nothing for an empty file and one chunk for a small one", () => {
    expect(chunkStarts(linesOf(""), [])).toEqual([]);
    expect(chunkStarts(linesOf("int a;\n"), [])).toEqual([0]);
  });

  it("begins chunks at a definition's comment", () => {
    const text = body("first", 18) + body("second", 18) + body("third", 18);
    const anchors = [1, 23, 45].map((line) => ({ line, indent: 0 }));
    expect(chunkStarts(linesOf(text), anchors)).toEqual([0, 22, 44]);
  });

  it("always starts at 0, rises, and stays inside the file", () => {
    const line = fc
      .array(fc.constantFrom("a", " ", "//", "{", "\t"), { maxLength: 60 })
      .map((parts) => parts.join(""));
    const anchor = fc.record({ line: fc.nat(250), indent: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 200 }), fc.array(anchor), (text, anchors) => {
        const lines = linesOf(text.join("\n"));
        const starts = chunkStarts(lines, anchors);
        if (lines.count === 0) return;
        expect(starts[0]).toBe(0);
        expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
        expect(starts.at(-1)).toBeLessThan(lines.count);
      }),
    );
  });
});
