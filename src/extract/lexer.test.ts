import { describe, expect, it } from "vitest";
import { WordClass } from "../model/words.ts";
import type { LanguageName } from "./language-table.ts";
import { BLANK, COMMENT_ONLY, createLexer } from "./lexer.ts";

function lex(text: string, language: LanguageName) {
  const words: string[] = [];
  const lexer = createLexer(
    (bytes, start, end) => words.push(Buffer.from(bytes.subarray(start, end)).toString()) - 1,
  );
  const out = lexer(Buffer.from(text), language);
  const tokens = Array.from({ length: out.words }, (_, i) => ({
    word: words[out.word[i]],
    line: out.line[i],
    class: out.class[i],
  }));
  const of = (wordClass: number): string =>
    tokens
      .filter((token) => token.class === wordClass)
      .map(({ word }) => word)
      .join(" ");
  return {
    tokens,
    code: of(WordClass.code),
    comment: of(WordClass.comment),
    string: of(WordClass.string),
    lines: out.lines,
    indent: Array.from(out.indent.subarray(0, out.lines)),
    lineStart: Array.from(out.lineStart.subarray(0, out.lines + 1)),
  };
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: source code of other languages
describe("classes of words", () => {
  it.each<[LanguageName, string, { code: string; comment: string; string: string }]>([
    [
      "c",
      "int a; // one\n/* two\nthree */ b = 'x' + \"four\";",
      { code: "int a b", comment: "one two three", string: "x four" },
    ],
    ["rust", "fn f<'a>(x: &'a str) { g('b') } // c", { code: "fn f a x a str g", comment: "c", string: "b" }],
    [
      "python",
      'def f():\n  """Doc\n  string."""\n  x = "# no"  # yes',
      { code: "def f x", comment: "Doc string yes", string: "no" },
    ],
    [
      "javascript",
      "const a = `line\n${b}`; // c\nlet d = 'e'",
      { code: "const a let d", comment: "c", string: "line $ b e" },
    ],
    [
      "php",
      "#[Attr]\n# note\n$x = 'multi\nline'; // end",
      { code: "Attr $x", comment: "note end", string: "multi line" },
    ],
    ["ruby", 'a = "x#{b}" # c\n=begin\nd\n=end\ne', { code: "a e", comment: "c begin d end", string: "x b" }],
    ["bash", "a=${b#c} # d\necho 'e\nf'", { code: "a $ b c echo", comment: "d", string: "e f" }],
    ["haskell", "a --> b\nc -- d\n{- e -} f {-# g #-}", { code: "a b c f g", comment: "d e", string: "" }],
    [
      "lua",
      "a --[[ b\nc ]] d -- e\nf --[==[ g ]] h ]==] i",
      { code: "a d f i", comment: "b c e g h", string: "" },
    ],
    [
      "elixir",
      '@doc """\nabout\n"""\ndef f, do: "x"',
      { code: "doc def f do", comment: "about", string: "x" },
    ],
    ["html", "<p>a</p><!-- b --><i>c</i>", { code: "p a p i c i", comment: "b", string: "" }],
    ["terraform", 'a = "b" # c\n// d\n/* e */', { code: "a", comment: "c d e", string: "b" }],
    ["ini", "# a\n; b\n[c]\nd=e;f", { code: "c d e f", comment: "a b", string: "" }],
    ["markdown", "# A 'title' // here", { code: "A title here", comment: "", string: "" }],
  ])("%s", (language, text, expected) => {
    const { code, comment, string } = lex(text, language);
    expect({ code, comment, string }).toEqual(expected);
  });

  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
  it("leaves a quote that does not close on its line as code", () => {
    expect(lex('a = "open\nb = 1', "c").code).toBe("a open b 1");
  });

  it("ends an open block comment at the end of the file", () => {
    expect(lex("a /* b c", "c").comment).toBe("b c");
  });
});

describe("words", () => {
  it("keeps two-byte letters, drops words over 64 bytes, splits on others", () => {
    expect(lex(`größe ${"x".repeat(65)} 日本 a1 0x1F привет`, "markdown").code).toBe("größe a1 0 x1F привет");
  });

  it("survives broken UTF-8", () => {
    const lexer = createLexer(() => 0);
    for (const bytes of [[0xc3], [0xc3, 0xc3, 0x28], [0xff, 0xfe, 0x41], [0x41, 0xd0]]) {
      expect(lexer(Buffer.from(bytes), "c").lines).toBe(1);
    }
  });
});

describe("lines", () => {
  it("tells indentation, blank lines and comment lines", () => {
    const { indent, lineStart, lines } = lex("a\n\n    // c\n  b\n\t\n", "c");
    expect(lines).toBe(5);
    expect(indent).toEqual([0, BLANK, COMMENT_ONLY, 2, BLANK]);
    expect(lineStart).toEqual([0, 2, 3, 12, 16, 18]);
  });

  it("counts CRLF lines as they are", () => {
    const { indent, tokens } = lex("a\r\n  b\r\n", "c");
    expect(indent).toEqual([0, 2]);
    expect(tokens.map(({ line }) => line)).toEqual([0, 1]);
  });

  it("has no lines in an empty file and one without a final newline", () => {
    expect(lex("", "c").lines).toBe(0);
    expect(lex("x", "c").lines).toBe(1);
  });
});
