/** Search results for people: where, what it is, the lines that hold the query's words. Used by format.ts. */
import { posix } from "node:path";
import type { SearchAnswer } from "../commands/search.ts";
import type { NamedThing, SearchFilters, SearchResult } from "../model/api.ts";
import { splitIdentifier, stem, WORD } from "../model/words.ts";
import { correctionText } from "../retrieve/pack-text.ts";
import { readQuery } from "../retrieve/query.ts";
import { counted, duration } from "./quantity.ts";
import { padStart, printable, shorten, type Terminal, width } from "./terminal.ts";

export interface SearchView {
  /** Print whole chunks, not only the lines that matched. */
  content: boolean;
  /** Name the query above its results: there are several. */
  titled: boolean;
}

const MATCHED_LINES = 6;
/** Lines shown where no line of the chunk holds a word of the query. */
const FIRST_LINES = 3;

interface Line {
  number: number;
  text: string;
}

/** Finds the query's words in text, by stem and inside identifiers: `handlers` in `errorHandler`. */
function wordFinder(query: string): (word: string) => boolean {
  const stems = new Set(readQuery(query).parts.map(stem));
  return (word) => splitIdentifier(word).some((part) => stems.has(stem(part)));
}

function highlight(text: string, isWanted: (word: string) => boolean, terminal: Terminal): string {
  return text.replace(WORD, (word) => (isWanted(word) ? terminal.paint("yellow", word) : word));
}

function chunkLines({ content, start_line }: SearchResult): Line[] {
  const lines = content
    .split("\n")
    .map((text, index) => ({ number: start_line + index, text: text.trimEnd() }));
  while (lines.at(-1)?.text === "") lines.pop();
  return lines;
}

/** The lines with most different words of the query, in the order of the file. */
function bestLines(
  lines: readonly Line[],
  matched: readonly number[],
  isWanted: (word: string) => boolean,
): Line[] {
  const wanted = new Set(matched);
  const candidates = lines.filter(({ number, text }) => wanted.has(number) && text.trim() !== "");
  if (candidates.length === 0) return lines.filter(({ text }) => text.trim() !== "").slice(0, FIRST_LINES);
  const found = candidates.map((line) => {
    const words = (line.text.match(WORD) ?? []).filter(isWanted).map((word) => word.toLowerCase());
    return { line, words: new Set(words).size };
  });
  const best = found.sort((a, b) => b.words - a.words).slice(0, MATCHED_LINES);
  const chosen = new Set(best.map(({ line }) => line.number));
  // A gap of one line would take as much room as the line.
  const isBetween = (number: number): boolean => chosen.has(number - 1) && chosen.has(number + 1);
  return lines.filter(({ number }) => chosen.has(number) || isBetween(number));
}

const indentOf = (text: string): number => text.length - text.trimStart().length;

function codeLines(
  lines: readonly Line[],
  isWanted: (word: string) => boolean,
  terminal: Terminal,
): string[] {
  const shown = lines.map(({ number, text }) => ({ number, text: printable(text) }));
  const indent = Math.min(...shown.filter(({ text }) => text !== "").map(({ text }) => indentOf(text)));
  const gutter = String(shown.at(-1)?.number ?? 0).length + 2;
  const printed: string[] = [];
  shown.forEach(({ number, text }, index) => {
    const previous = shown[index - 1]?.number;
    if (previous !== undefined && number > previous + 1)
      printed.push(terminal.paint("dim", padStart("⋯", gutter)));
    const label = terminal.paint("dim", padStart(String(number), gutter));
    const code = shorten(text.slice(indent), terminal.columns - gutter - 2);
    printed.push(`${label}  ${highlight(code, isWanted, terminal)}`.trimEnd());
  });
  return printed;
}

/** `path:start-end  name (type)  score`, and `near` where only that brought it here; the name goes to a line of its own where it does not fit. */
function headLine(result: SearchResult, folder: string, terminal: Terminal): string {
  const { start_line, end_line, entity_name, entity_type, score, near } = result;
  const range = start_line === end_line ? `${start_line}` : `${start_line}-${end_line}`;
  const path = printable(folder === "." ? result.path : posix.join(folder, result.path));
  const name = entity_name ? printable(entity_name) : "";
  const type = entity_type ? ` (${entity_type})` : "";
  const place = `${terminal.paint("bold", terminal.paint("cyan", path))}${terminal.paint("dim", `:${range}`)}`;
  const rating = `${score.toFixed(3)}${near ? "  near" : ""}`;
  const tail = [
    name && `${terminal.paint("magenta", name)}${terminal.paint("dim", type)}`,
    terminal.paint("dim", rating),
  ].filter(Boolean);
  const columns = width(`${path}:${range}  ${name}${type}  ${rating}`);
  return [place, tail.join("  ")].join(columns > terminal.columns ? "\n    " : "  ");
}

function explainLines({ explain }: SearchResult, terminal: Terminal): string[] {
  const entries = Object.entries(explain ?? {}).filter(([, { contribution }]) => contribution !== 0);
  const sorted = entries.sort(([, a], [, b]) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const names = Math.max(0, ...sorted.map(([name]) => name.length));
  return sorted.map(([name, { value, weight, contribution }]) => {
    const sum = padStart(contribution.toFixed(3), 8);
    return terminal.paint(
      "dim",
      `    ${name.padEnd(names)} ${sum}  = ${value.toFixed(3)} × ${weight.toFixed(3)}`,
    );
  });
}

function filterWords(filters: SearchFilters): string {
  const parts = [
    filters.types && `type ${filters.types.join(", ")}`,
    filters.languages && `language ${filters.languages.join(", ")}`,
    filters.directories && `in ${filters.directories.join(", ")}`,
    filters.paths && `path ${filters.paths.join(", ")}`,
  ];
  return parts.filter(Boolean).join("; ");
}

/** Why there are no results. Also used by format-pack.ts. */
export function nothingFound({ query, coverage, filters, searched }: SearchAnswer): string {
  if (coverage.files === 0)
    return `Nothing to search in ${printable(searched)}: no file Momo can read was found (momo status says what was left out).`;
  const where = `${counted(coverage.files, "file")} (${counted(coverage.chunks, "chunk")})`;
  const limits = filterWords(filters);
  const within = limits ? `, limited to ${limits}` : "";
  const hint = limits ? "Try without the limits, or with other words." : "Try other words, or fewer.";
  return `No results for “${printable(query)}” in ${where}${within}. ${hint}`;
}

/** What the answer rests on: time, files, what was left out, what changed since. */
function footer(answer: SearchAnswer): string[] {
  const { coverage, took_ms, results, indexed, inside, root } = answer;
  const found = [
    `${counted(results.length, "result")} in ${duration(took_ms)}`,
    `${counted(coverage.files, "file")}, ${counted(coverage.chunks, "chunk")}`,
  ];
  if (coverage.skipped > 0) found.push(`${counted(coverage.skipped, "file")} left out (momo status)`);
  const lines = [found.join(" · ")];
  if (indexed)
    lines.push(
      `indexed first: ${counted(indexed.successful_files, "file")} in ${duration(indexed.processing_time_seconds * 1000)}`,
    );
  if (results.length > 0 && results.every(({ near }) => near))
    lines.push("no word of the query occurs: these lie near it");
  if (coverage.degraded) lines.push(`by words only: ${printable(coverage.degraded)}`);
  if (coverage.stale) lines.push(`${counted(coverage.stale, "file")} changed since indexing: momo ingest`);
  if (inside) lines.push(`limited to ${printable(inside)} in the index of ${printable(root)}`);
  return lines;
}

function resultLines(
  result: SearchResult,
  answer: SearchAnswer,
  view: SearchView & { terminal: Terminal },
): string {
  const isWanted = wordFinder(answer.did_you_mean ?? answer.query);
  const lines = chunkLines(result);
  const shown = view.content ? lines : bestLines(lines, result.matched_lines, isWanted);
  return [
    headLine(result, answer.searched, view.terminal),
    ...codeLines(shown, isWanted, view.terminal),
    ...explainLines(result, view.terminal),
  ].join("\n");
}

/** Also used by format-pack.ts. */
export function correction({ did_you_mean }: SearchAnswer, terminal: Terminal): string {
  if (did_you_mean === undefined) return "";
  return `${terminal.paint("dim", printable(correctionText(did_you_mean)))}\n\n`;
}

const thingText = ({ kind, text, line }: NamedThing): string =>
  `${kind} ${printable(text)}${line === undefined ? "" : `:${line}`}`;

/** How the query was read; only with --explain. */
function understandingLines({ understanding, expansions = [] }: SearchAnswer, terminal: Terminal): string {
  if (!understanding) return "";
  const { intent, confidence, entities, scope, wants_tests } = understanding;
  const where = [scope.kind, ...scope.names.map(printable)].join(" ");
  const lines = [
    `intent ${intent}, confidence ${confidence.toFixed(2)}; scope ${where}${wants_tests ? "; tests" : ""}`,
    ...(entities.length > 0 ? [`names ${entities.map(thingText).join(", ")}`] : []),
    ...expansions.map(
      ({ kind, from, to }) => `${kind}: ${printable(from)} also as ${printable(to.join(", "))}`,
    ),
  ];
  return `${lines.map((line) => terminal.paint("dim", line)).join("\n")}\n\n`;
}

/** What stands above the results: how the query was taken. */
const preface = (answer: SearchAnswer, terminal: Terminal): string =>
  correction(answer, terminal) + understandingLines(answer, terminal);

export function formatSearch(answer: SearchAnswer, terminal: Terminal, view: SearchView): string {
  const results = answer.results.map((result) => resultLines(result, answer, { ...view, terminal }));
  const title = view.titled ? `${terminal.paint("bold", printable(answer.query))}\n\n` : "";
  const body = results.length > 0 ? results.join("\n\n") : nothingFound(answer);
  const notes = footer(answer).map((line) => terminal.paint("dim", line));
  return `${title}${preface(answer, terminal)}${body}\n\n${notes.join("\n")}\n`;
}
