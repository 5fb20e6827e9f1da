/**
 * The text form of packed context, line by line: what a budget is counted over (pack.ts), what is printed
 * (cli/format-pack.ts) and what agents get (mcp/shapes.ts). Pure. A file is its path, its lines with their numbers, a mark where lines are left out, and one
 * outline line that says what else is in it.
 */
import type { PackedOutline, SearchResponse, SearchResult } from "../model/api.ts";
import { lineTokens } from "../model/tokens.ts";

export const GAP = "⋯";
/** Longer lines are shown cut, unless they are cited: one line of a minified file would take a whole budget. */
const LONGEST_LINE = 400;

export const cutLine = (text: string): string =>
  text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;

export const lineText = (number: number, text: string): string => `  ${number}  ${text}`;
export const gapText = `  ${GAP}`;

/** `⋯ 240 lines: 12 function parse(argv); 31 class Reader; +3 more`. */
export function outlineText({ lines, definitions, more, same_as }: Omit<PackedOutline, "path">): string {
  if (same_as !== undefined) return `${GAP} same text as ${same_as}`;
  const named = definitions.map(({ line, signature }) => `${line} ${signature}`);
  if (more > 0) named.push(`+${more} more`);
  return `${GAP} ${lines} lines${named.length > 0 ? `: ${named.join("; ")}` : ""}`;
}

/** Of a file that shows lines, below them; else beside its path. */
export const outlineLine = (outline: PackedOutline, isBelow: boolean): string =>
  isBelow ? `  ${outlineText(outline)}` : `${outline.path}  ${outlineText(outline)}`;

/** Said above the results. */
export const correctionText = (meant: string): string => `did you mean “${meant}”? Results are for it too.`;
/** With the empty line after it; none where nothing was corrected. */
export const tokensOfCorrection = (meant: string | undefined): number =>
  meant === undefined ? 0 : printedTokens(correctionText(meant)) + 1;

export const footerText = (tokens: number, budget: number, files: number): string =>
  `${tokens} of ${budget} tokens, ${files} ${files === 1 ? "file" : "files"}`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal shows a mark in their place
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A line as it is printed: tabs as blanks, a mark for a control character. */
const printed = (text: string): string => text.replaceAll("\t", "    ").replace(CONTROL, "\ufffd");
const printedTokens = (text: string): number => lineTokens(printed(text));

export const tokensOfLine = (number: number, text: string): number => printedTokens(lineText(number, text));
export const tokensOfGap = lineTokens(gapText);
/** With the empty line before it. */
export const tokensOfHead = (path: string): number => printedTokens(path) + 1;
export const tokensOfOutline = (outline: PackedOutline, isBelow: boolean): number =>
  printedTokens(outlineLine(outline, isBelow)) + (isBelow ? 0 : 1);
/** With the empty line before it; of any number below 10^9, so that it does not change with the budget. */
export const FOOTER_TOKENS = 16;

type Packed = Pick<SearchResponse, "results" | "outlines" | "did_you_mean">;

export interface PackedFile {
  /** Stretches of its lines; none of a file of which only the outline is left. */
  spans: SearchResult[];
  outline: PackedOutline | undefined;
}

/** Files in order of rank: those that show lines as the results have them, then those of which only the outline is left. */
export function packedFiles({ results, outlines = [] }: Packed): PackedFile[] {
  const files = new Map<string, PackedFile>();
  for (const result of results) {
    const file = files.get(result.path);
    if (file) file.spans.push(result);
    else files.set(result.path, { spans: [result], outline: undefined });
  }
  for (const outline of outlines) {
    const file = files.get(outline.path);
    if (file) file.outline = outline;
    else files.set(outline.path, { spans: [], outline });
  }
  return [...files.values()];
}

export const CHANGED = "  (changed since indexing)";

function fileText({ spans, outline }: PackedFile): string {
  const [first] = spans;
  if (!first) return outline ? printed(outlineLine(outline, false)) : "";
  const gutter = String(spans.at(-1)?.end_line).length + 2;
  const lines = [`${printed(first.path)}${first.stale ? CHANGED : ""}`];
  spans.forEach(({ content, start_line }, i) => {
    if (i > 0) lines.push(gapText);
    for (const [at, text] of content.split("\n").entries()) {
      const number = String(start_line + at);
      const line = printed(lineText(start_line + at, text)).trimEnd();
      lines.push(`${number.padStart(gutter)}${line.slice(number.length + 2)}`);
    }
  });
  if (outline) lines.push(printed(outlineLine(outline, true)));
  return lines.join("\n");
}

/** All of it but the line at its end that says how large it is; "" where nothing was found. */
export function packedText(packed: Packed): string {
  const { did_you_mean } = packed;
  const files = packedFiles(packed).map(fileText);
  return [...(did_you_mean === undefined ? [] : [printed(correctionText(did_you_mean))]), ...files].join(
    "\n\n",
  );
}
