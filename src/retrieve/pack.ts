/**
 * Chooses what to show of ranked files within a budget of tokens. Pure: text and outlines come with the request
 * (pack-input.ts), the result becomes a response there. The order in which lines are taken does not depend on the
 * budget, which only says where to stop: so a larger budget shows every line that a smaller one does.
 */
import { MomoError } from "../errors.ts";
import type { PackedDefinition, PackedOutline } from "../model/api.ts";
import { NearCopies } from "./near-copies.ts";
import {
  cutLine,
  FOOTER_TOKENS,
  tokensOfGap,
  tokensOfHead,
  tokensOfLine,
  tokensOfOutline,
} from "./pack-text.ts";

/** Lines are 1-based and inclusive, as everywhere. */
export interface LineRange {
  start: number;
  end: number;
}

export interface PackFile {
  path: string;
  /** The path as it is shown above the file's lines, with what has to be said of the file. */
  title: string;
  line_count: number;
  /** Above 0; how much a first piece of this file is worth beside one of another. */
  weight: number;
  lines(): readonly string[];
  /** Pieces of the file, best first; they do not overlap. */
  chunks: readonly LineRange[];
  /** Line of the definition that the query names; 0 for none. */
  focus: number;
  /** What the file defines, by line. */
  definitions(): readonly PackedDefinition[];
  /** Lines that somebody cites: shown whatever else is. */
  keep: readonly LineRange[];
}

export interface PackRequest {
  /** Best first. */
  files: readonly PackFile[];
  budget: number;
  /** How much of the query a line holds; 0 for nothing. */
  relevance(line: string): number;
}

export interface PackedSpan extends LineRange {
  /** Index into the request's files. */
  file: number;
  content: string;
  tokens: number;
}

export interface Packed {
  /** By rank of the file, then line; no line twice. */
  spans: PackedSpan[];
  outlines: PackedOutline[];
  /** At most the budget; the text form of pack-text.ts takes no more. */
  tokens: number;
  /** Files of which nothing is shown, lines left out of the others, pieces that repeat what is shown. */
  cut: { files: number; lines: number; copies: number };
}

/** What a further piece of the same file is worth, beside the one before. Tuned on DEV (npm run bench -- packing). */
const NEXT_PIECE = 0.5;
/** Share of a piece's worth that its matched lines carry. */
const EXCERPT = 0.75;
/** Lines of a piece with the highest relevance that make its excerpt, each with a line before and after. */
const EXCERPT_LINES = 2;
/** Share of the budget for outlines, at most. */
const OUTLINE_SHARE = 0.15;
/** Most tokens of one outline line, and most characters of a signature in it. */
const OUTLINE_TOKENS = 70;
const SIGNATURE = 90;

interface Piece {
  file: number;
  chunk: LineRange;
  /** The excerpt comes first, the rest of the chunk later. */
  isRest: boolean;
  worth: number;
}

/** All pieces in the order in which they are taken. */
function piecesInOrder(files: readonly PackFile[]): Piece[] {
  const pieces: Piece[] = [];
  files.forEach(({ weight, chunks }, file) => {
    chunks.forEach((chunk, i) => {
      const worth = weight * NEXT_PIECE ** i;
      pieces.push({ file, chunk, isRest: false, worth: worth * EXCERPT });
      pieces.push({ file, chunk, isRest: true, worth: worth * (1 - EXCERPT) });
    });
  });
  // Stable: equal ones by rank, then as their file has them, the excerpt first.
  return pieces.sort((a, b) => b.worth - a.worth);
}

/** Lines of a chunk that say most: the definition asked for, those with most of the query, each with its neighbours. */
function excerptLines(file: PackFile, chunk: LineRange, relevance: PackRequest["relevance"]): number[] {
  const lines = file.lines();
  const rated: { line: number; value: number }[] = [];
  for (let line = chunk.start; line <= chunk.end; line++) {
    const value = relevance(lines[line - 1] ?? "");
    if (value > 0) rated.push({ line, value });
  }
  rated.sort((a, b) => b.value - a.value || a.line - b.line);
  const seeds = rated.slice(0, EXCERPT_LINES).map(({ line }) => line);
  const isInside = (line: number): boolean => line >= chunk.start && line <= chunk.end;
  const heads = file.definitions().filter(({ line }) => isInside(line));
  const around = heads.filter(
    ({ line, end_line }) => seeds.length > 0 && line <= seeds[0] && seeds[0] <= end_line,
  );
  const head = around.at(-1) ?? heads[0];
  const first = [isInside(file.focus) ? file.focus : 0, head?.line ?? 0].filter((line) => line > 0);
  if (first.length + seeds.length === 0) first.push(chunk.start);
  const chosen = new Set<number>();
  for (const seed of [...first, ...seeds])
    for (const line of [seed, seed - 1, seed + 1])
      if (isInside(line) && (line === seed || lines[line - 1]?.trim())) chosen.add(line);
  // A mark for a gap would take as much room as one line.
  for (const line of [...chosen]) if (!chosen.has(line + 1) && chosen.has(line + 2)) chosen.add(line + 1);
  return [...chosen];
}

/** The lines that an excerpt left, nearest to it first; those that say nothing last. */
function restLines(file: PackFile, chunk: LineRange, excerpt: readonly number[]): number[] {
  const rest: { line: number; distance: number }[] = [];
  for (let line = chunk.start; line <= chunk.end; line++) {
    const distance = excerpt.reduce(
      (least, one) => Math.min(least, Math.abs(one - line)),
      Number.POSITIVE_INFINITY,
    );
    const isEmpty = !file.lines()[line - 1]?.trim();
    if (distance > 0) rest.push({ line, distance: isEmpty ? Number.POSITIVE_INFINITY : distance });
  }
  return rest
    .sort((a, b) => (a.distance === b.distance ? a.line - b.line : a.distance - b.distance))
    .map(({ line }) => line);
}

/** What is shown so far, and what it costs. */
class Shown {
  readonly lines: Set<number>[];
  /** Tokens of all that is shown, without the outlines and the last line. */
  tokens = 0;
  readonly #files: readonly PackFile[];
  readonly #cited: Set<number>[];

  constructor(files: readonly PackFile[]) {
    this.#files = files;
    this.lines = files.map(() => new Set());
    this.#cited = files.map(() => new Set());
  }

  text(file: number, line: number): string {
    const text = this.#files[file].lines()[line - 1] ?? "";
    return this.#cited[file].has(line) ? text : cutLine(text);
  }

  /** Tokens that one more line adds; it may close a gap. */
  #cost(file: number, line: number): number {
    const shown = this.lines[file];
    const neighbours = Number(shown.has(line - 1)) + Number(shown.has(line + 1));
    const head = shown.size === 0 ? tokensOfHead(this.#files[file].title) - tokensOfGap : 0;
    return head + tokensOfLine(line, this.text(file, line)) + (1 - neighbours) * tokensOfGap;
  }

  /** False where the line does not fit. */
  add(file: number, line: number, room: number): boolean {
    if (this.lines[file].has(line)) return true;
    const cost = this.#cost(file, line);
    if (this.tokens + cost > room) return false;
    this.tokens += cost;
    this.lines[file].add(line);
    return true;
  }

  cite(file: number, { start, end }: LineRange): void {
    for (let line = start; line <= end; line++) {
      this.#cited[file].add(line);
      this.add(file, line, Number.POSITIVE_INFINITY);
    }
  }
}

const byLine = (a: number, b: number): number => a - b;

/** Takes lines until one does not fit. Returns how many pieces repeat others, and whose files' they are. */
function fill({ files, relevance }: PackRequest, shown: Shown, room: number): Map<number, number[]> {
  const copies = new Map<number, number[]>();
  const seen = new NearCopies();
  const excerpts = new Map<LineRange, number[]>();
  for (const { file, chunk, isRest } of piecesInOrder(files)) {
    const known = excerpts.get(chunk);
    if (!known && !isRest) {
      const text = files[file]
        .lines()
        .slice(chunk.start - 1, chunk.end)
        .join("\n");
      const original = seen.add(text, file);
      if (original !== undefined) {
        copies.set(file, [...(copies.get(file) ?? []), original]);
        continue;
      }
      excerpts.set(chunk, excerptLines(files[file], chunk, relevance));
    }
    const excerpt = excerpts.get(chunk);
    if (!excerpt) continue;
    for (const line of isRest ? restLines(files[file], chunk, excerpt) : excerpt)
      if (!shown.add(file, line, room)) return copies;
  }
  return copies;
}

/** The mark of a gap takes as much room as the one empty line that it would stand for. */
function closeGaps({ files }: PackRequest, shown: Shown, room: number): void {
  files.forEach((_, file) => {
    const lines = shown.lines[file];
    for (const line of [...lines])
      if (!lines.has(line + 1) && lines.has(line + 2) && shown.text(file, line + 1).trim() === "")
        shown.add(file, line + 1, room);
  });
}

const shortSignature = (definition: PackedDefinition): PackedDefinition =>
  definition.signature.length > SIGNATURE
    ? { ...definition, signature: `${definition.signature.slice(0, SIGNATURE)}…` }
    : definition;

interface OutlineRequest {
  path: string;
  lines: number;
  definitions: readonly PackedDefinition[];
  isBelow: boolean;
  room: number;
  relevance: PackRequest["relevance"];
}

/** As many definitions as fit, those with words of the query first; undefined where not even the path fits. */
function outlineOf({
  path,
  lines,
  definitions,
  isBelow,
  room,
  relevance,
}: OutlineRequest): PackedOutline | undefined {
  const rated = definitions.map((definition) => ({ definition, value: relevance(definition.signature) }));
  rated.sort((a, b) => b.value - a.value || a.definition.line - b.definition.line);
  const most = Math.min(room, OUTLINE_TOKENS);
  let fitting: PackedOutline = { path, lines, definitions: [], more: definitions.length };
  if (tokensOfOutline(fitting, isBelow) > room) return undefined;
  for (const { definition } of rated) {
    const chosen = [...fitting.definitions, shortSignature(definition)];
    const next = { ...fitting, definitions: chosen, more: definitions.length - chosen.length };
    if (tokensOfOutline(next, isBelow) > most) break;
    fitting = next;
  }
  return { ...fitting, definitions: fitting.definitions.sort((a, b) => a.line - b.line) };
}

/** Tokens of the outlines of all files as if nothing were shown: a bound that no choice of lines changes. */
function outlineDemand({ files, relevance }: PackRequest): number {
  let sum = 0;
  for (const file of files) {
    const outline = outlineOf({
      path: file.path,
      lines: file.line_count,
      definitions: file.definitions(),
      relevance,
      isBelow: false,
      room: OUTLINE_TOKENS * 2,
    });
    if (outline) sum += tokensOfOutline(outline, false);
  }
  return sum;
}

/** Outline lines of what is not shown, in order of rank, while they fit. */
function outlines(request: PackRequest, shown: Shown, copies: Map<number, number[]>): PackedOutline[] {
  const { files, relevance, budget } = request;
  const made: PackedOutline[] = [];
  let room = budget - FOOTER_TOKENS - shown.tokens;
  files.forEach((file, i) => {
    const lines = file.line_count;
    const isBelow = shown.lines[i].size > 0;
    if (shown.lines[i].size >= lines) return;
    const original = isBelow ? undefined : copies.get(i)?.[0];
    const definitions = file.definitions().filter(({ line }) => !shown.lines[i].has(line));
    if (isBelow && definitions.length === 0) return;
    const outline =
      original === undefined
        ? outlineOf({ path: file.path, lines, definitions, isBelow, room, relevance })
        : { path: file.path, lines, definitions: [], more: 0, same_as: files[original].path };
    if (!outline) return;
    const cost = tokensOfOutline(outline, isBelow);
    if (cost > room) return;
    room -= cost;
    made.push(outline);
  });
  return made;
}

function spansOf(files: readonly PackFile[], shown: Shown): PackedSpan[] {
  return files.flatMap((_, file) => {
    const spans: PackedSpan[] = [];
    for (const line of [...shown.lines[file]].sort(byLine)) {
      const text = shown.text(file, line);
      const tokens = tokensOfLine(line, text);
      const last = spans.at(-1);
      if (last?.end === line - 1) {
        last.end = line;
        last.content += `\n${text}`;
        last.tokens += tokens;
      } else spans.push({ file, start: line, end: line, content: text, tokens });
    }
    return spans;
  });
}

/**
 * Throws BUDGET_TOO_SMALL where the cited lines alone take more than the budget. A budget that is too small for any line
 * gives an outline, or nothing.
 */
export function pack(request: PackRequest): Packed {
  const { files, budget } = request;
  const shown = new Shown(files);
  files.forEach(({ keep }, file) => {
    for (const range of keep) shown.cite(file, range);
  });
  const room = budget - FOOTER_TOKENS;
  if (shown.tokens > 0 && shown.tokens > room)
    throw new MomoError("BUDGET_TOO_SMALL", { budget, needed: shown.tokens + budget - room });
  const reserved = Math.min(Math.floor(budget * OUTLINE_SHARE), outlineDemand(request));
  const copies = fill(request, shown, room - reserved);
  closeGaps(request, shown, room - reserved);
  const made = outlines(request, shown, copies);
  const isShown = (i: number): boolean => shown.lines[i].size > 0;
  const tokensOfOutlines = made.map((one) =>
    tokensOfOutline(one, isShown(files.findIndex(({ path }) => path === one.path))),
  );
  const left = files.map((file, i) => (isShown(i) ? file.line_count - shown.lines[i].size : 0));
  return {
    spans: spansOf(files, shown),
    outlines: made,
    tokens: shown.tokens + tokensOfOutlines.reduce((sum, one) => sum + one, 0) + budget - room,
    cut: {
      files: files.filter((_, i) => !isShown(i)).length,
      lines: left.reduce((sum, one) => sum + one, 0),
      copies: [...copies.values()].flat().length,
    },
  };
}
