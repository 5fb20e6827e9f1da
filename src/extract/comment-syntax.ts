/**
 * How each language writes comments and strings: a table read by the lexer. Delimiters are ASCII.
 * A language that is not listed has words only (everything is code).
 */

export interface CommentSyntax {
  /** Starts of comments that run to the end of the line. */
  line: string[];
  /** Opening and closing marks of comments that span lines. */
  block: [open: string, close: string][];
  /** Quotes that end on the same line. */
  quotes: string;
  /** Quotes that may span lines. */
  longQuotes: string;
  /** Triple quotes: documentation in Python and Elixir ("comment"), text elsewhere ("string"). */
  triple?: { marks: string[]; as: "comment" | "string" };
  /** `'x'` is a single character, a lone `'` is something else (a lifetime, a prime). */
  character?: boolean;
  /** Extra conditions on a line comment that a plain prefix cannot say. */
  rule?: "hash-after-space" | "hash-not-bracket" | "hash-not-brace" | "haskell-dashes" | "lua-brackets";
}

const c: CommentSyntax = {
  line: ["//"],
  block: [["/*", "*/"]],
  quotes: '"',
  longQuotes: "",
  character: true,
};
const cTriple: CommentSyntax = { ...c, triple: { marks: ['"""'], as: "string" } };
const script: CommentSyntax = { line: ["//"], block: [["/*", "*/"]], quotes: "\"'", longQuotes: "`" };
const hash: CommentSyntax = { line: ["#"], block: [], quotes: "\"'", longQuotes: "" };
const markup: CommentSyntax = { line: [], block: [["<!--", "-->"]], quotes: "", longQuotes: "" };
const shell: CommentSyntax = {
  line: ["#"],
  block: [],
  quotes: "",
  longQuotes: "\"'",
  rule: "hash-after-space",
};

export const commentSyntax: Record<string, CommentSyntax> = {
  c,
  cpp: c,
  java: cTriple,
  csharp: cTriple,
  kotlin: cTriple,
  scala: cTriple,
  swift: cTriple,
  dart: { ...cTriple, quotes: "\"'", character: false, triple: { marks: ['"""', "'''"], as: "string" } },
  rust: { ...c, longQuotes: '"', quotes: "" },
  zig: c,
  go: { ...c, longQuotes: "`" },
  javascript: script,
  typescript: script,
  php: { line: ["//", "#"], block: [["/*", "*/"]], quotes: "", longQuotes: "\"'", rule: "hash-not-bracket" },
  python: { ...hash, triple: { marks: ['"""', "'''"], as: "comment" } },
  ruby: { ...hash, block: [["=begin", "=end"]], rule: "hash-not-brace" },
  elixir: { ...hash, quotes: '"', triple: { marks: ['"""'], as: "comment" }, rule: "hash-not-brace" },
  bash: shell,
  haskell: { line: ["--"], block: [["{-", "-}"]], quotes: '"', longQuotes: "", rule: "haskell-dashes" },
  lua: { line: ["--"], block: [], quotes: "\"'", longQuotes: "", rule: "lua-brackets" },
  sql: { line: ["--"], block: [["/*", "*/"]], quotes: "'", longQuotes: "" },
  css: { line: [], block: [["/*", "*/"]], quotes: "\"'", longQuotes: "" },
  html: markup,
  vue: markup,
  svelte: markup,
  xml: markup,
  yaml: { ...hash, quotes: "", rule: "hash-after-space" },
  toml: hash,
  dockerfile: { ...hash, quotes: "" },
  makefile: { ...hash, quotes: "" },
  cmake: { ...hash, quotes: '"' },
  protobuf: { ...c, character: false },
  graphql: { ...hash, triple: { marks: ['"""'], as: "comment" } },
  hcl: { line: ["#", "//"], block: [["/*", "*/"]], quotes: '"', longQuotes: "" },
};
