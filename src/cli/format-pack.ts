/**
 * Packed context for people and for whoever reads it into a prompt: the text form of retrieve/pack-text.ts, whose tokens
 * the budget counts, with colours where there are some. Lines are whole: nothing is cut to the terminal. Only the query's own line, where several are answered, comes on top. Used by format.ts.
 */
import type { SearchAnswer } from "../commands/search.ts";
import type { PackedOutline, SearchResult } from "../model/api.ts";
import { footerText, gapText, lineText, outlineLine, outlineText } from "../retrieve/pack-text.ts";
import { correction, nothingFound, type SearchView } from "./format-search.ts";
import { padStart, printable, type Terminal } from "./terminal.ts";

interface File {
  spans: SearchResult[];
  outline: PackedOutline | undefined;
}

/** Files in order of rank: those that show lines as the results have them, then those of which only the outline is left. */
function filesOf({ results, outlines = [] }: SearchAnswer): File[] {
  const files = new Map<string, File>();
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

function spanLines({ content, start_line }: SearchResult, gutter: number, terminal: Terminal): string[] {
  return content.split("\n").map((text, i) => {
    const number = String(start_line + i);
    const line = printable(lineText(start_line + i, text)).trimEnd();
    const label = padStart(number, gutter);
    return `${terminal.paint("dim", label)}${line.slice(number.length + 2)}`;
  });
}

function fileLines({ spans, outline }: File, terminal: Terminal): string {
  if (spans.length === 0 && outline) {
    const path = terminal.paint("cyan", printable(outline.path));
    return `${path}${terminal.paint("dim", printable(outlineLine(outline, false)).slice(printable(outline.path).length))}`;
  }
  const [first] = spans;
  const note = first.stale ? terminal.paint("dim", "  (changed since indexing)") : "";
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
  const files = filesOf(answer).map((file) => fileLines(file, terminal));
  const title = view.titled ? `${terminal.paint("bold", printable(query))}\n\n` : "";
  const body = files.length > 0 ? files.join("\n\n") : nothingFound(answer);
  const count = new Set(results.map(({ path }) => path)).size;
  return `${title}${correction(answer, terminal)}${body}\n\n${terminal.paint("dim", footerText(tokens, budget, count))}\n`;
}
