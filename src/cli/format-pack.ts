/**
 * Packed context for people and for whoever reads it into a prompt: the text form of retrieve/pack-text.ts, whose tokens
 * the budget counts, with colours where there are some. Lines are whole: nothing is cut to the terminal. Only the query's own line, where several are answered, comes on top. Used by format.ts.
 */
import type { SearchAnswer } from "../commands/search.ts";
import type { SearchResult } from "../model/api.ts";
import {
  CHANGED,
  footerText,
  gapText,
  lineText,
  outlineLine,
  outlineText,
  type PackedFile,
  packedFiles,
} from "../retrieve/pack-text.ts";
import { correction, nothingFound, type SearchView } from "./format-search.ts";
import { padStart, printable, type Terminal } from "./terminal.ts";

function spanLines({ content, start_line }: SearchResult, gutter: number, terminal: Terminal): string[] {
  return content.split("\n").map((text, i) => {
    const number = String(start_line + i);
    const line = printable(lineText(start_line + i, text)).trimEnd();
    const label = padStart(number, gutter);
    return `${terminal.paint("dim", label)}${line.slice(number.length + 2)}`;
  });
}

function fileLines({ spans, outline }: PackedFile, terminal: Terminal): string {
  if (spans.length === 0 && outline) {
    const path = terminal.paint("cyan", printable(outline.path));
    return `${path}${terminal.paint("dim", printable(outlineLine(outline, false)).slice(printable(outline.path).length))}`;
  }
  const [first] = spans;
  const note = first.stale ? terminal.paint("dim", CHANGED) : "";
  const lines = [`${terminal.paint("bold", terminal.paint("cyan", printable(first.path)))}${note}`];
  const gutter = String(spans.at(-1)?.end_line).length + 2;
  spans.forEach((span, i) => {
    if (i > 0) lines.push(terminal.paint("dim", gapText));
    lines.push(...spanLines(span, gutter, terminal));
  });
  if (outline) lines.push(terminal.paint("dim", `  ${printable(outlineText(outline))}`));
  return lines.join("\n");
}

export function formatPacked(answer: SearchAnswer, terminal: Terminal, view: SearchView): string {
  const { query, tokens = 0, budget = 0, results } = answer;
  const files = packedFiles(answer).map((file) => fileLines(file, terminal));
  const title = view.titled ? `${terminal.paint("bold", printable(query))}\n\n` : "";
  const body = files.length > 0 ? files.join("\n\n") : nothingFound(answer);
  const count = new Set(results.map(({ path }) => path)).size;
  return `${title}${correction(answer, terminal)}${body}\n\n${terminal.paint("dim", footerText(tokens, budget, count))}\n`;
}
