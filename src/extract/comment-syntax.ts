/** How a language writes comments and strings, for the lexer: its row in language-table.ts says it. Delimiters are ASCII. */

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
