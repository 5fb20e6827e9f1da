/**
 * Cuts a file into chunks: the unit of display and of the chunk-level score. Chunks cover the file, end on lines,
 * and prefer to begin at a definition (with its comment block), after a blank line, or at low indentation.
 * Used by ingest for every file.
 */
import { BLANK, COMMENT_ONLY } from "./lexer.ts";

/** A line where a chunk likes to begin. */
export interface Anchor {
  /** 0-based. */
  line: number;
  indent: number;
}

export interface Lines {
  count: number;
  /** Byte offset of each line's start, and of the end. */
  start: Int32Array;
  indent: Int16Array;
}

/** Aimed-at size of a chunk in bytes (retrieval.md, "def700"). */
const SIZE = 700;

function breakScores(lines: Lines, anchors: Anchor[]): Float32Array {
  const scores = new Float32Array(lines.count);
  for (let i = 0; i < lines.count; i++) {
    const indent = lines.indent[i];
    const effective = indent >= COMMENT_ONLY ? 8 : indent;
    const afterBlank = i > 0 && lines.indent[i - 1] === BLANK && indent !== BLANK;
    scores[i] = (afterBlank ? 1 : 0) + Math.min(1.5, Math.max(0, 1.5 - effective / 4));
  }
  for (const { line, indent } of anchors) {
    if (line >= lines.count) continue;
    let first = line;
    while (first > 0 && lines.indent[first - 1] === COMMENT_ONLY) first--;
    scores[first] += 3 - Math.min(indent, 8) / 4;
    if (first !== line) scores[line] -= 2;
  }
  return scores;
}

/** First index at or after `from` whose line starts at or beyond `offset`. */
function lineAt(start: Int32Array, offset: number, range: { from: number; to: number }): number {
  let low = range.from;
  let high = range.to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (start[middle] < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First lines (0-based) of the chunks; empty for an empty file. */
export function chunkStarts(lines: Lines, anchors: Anchor[]): number[] {
  if (lines.count === 0) return [];
  const scores = breakScores(lines, anchors);
  const starts = [0];
  const end = lines.start[lines.count];
  let current = 0;
  while (end - lines.start[current] > SIZE * 1.3) {
    const from = lines.start[current];
    const range = { from: current, to: lines.count };
    const low = Math.max(current + 1, lineAt(lines.start, from + SIZE * 0.35, range));
    const high = Math.min(lines.count, Math.max(low + 1, lineAt(lines.start, from + SIZE * 1.15, range)));
    if (low >= high) break;
    let best = low;
    let bestScore = Number.NEGATIVE_INFINITY;
    const step = high - low > 1 ? 0.6 / (high - low - 1) : 0;
    for (let line = low; line < high; line++) {
      const score = scores[line] + (line - low) * step;
      if (score <= bestScore) continue;
      bestScore = score;
      best = line;
    }
    current = best;
    starts.push(best);
  }
  return starts;
}
