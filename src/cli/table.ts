/** Aligned columns for status, history, config and doctor. */
import { padEnd, padStart, shorten, type Terminal, width } from "./terminal.ts";

export interface Column {
  align?: "left" | "right";
  /** Colours one cell; the text is already padded. */
  paint?: (text: string, row: readonly string[]) => string;
}

const GAP = "  ";

/**
 * Rows of plain text as lines. The last column is cut to what the terminal holds; where not even a third of the
 * terminal is left for it, it goes to a line of its own.
 */
export function table(
  rows: readonly (readonly string[])[],
  columns: readonly Column[],
  terminal: Terminal,
): string[] {
  const widths = columns.map((_, i) => Math.max(0, ...rows.map((row) => width(row[i]))));
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, columnWidth) => sum + columnWidth + GAP.length, 0);
  const room = terminal.columns - before;
  const wraps = room < terminal.columns / 3;
  return rows.map((row) => {
    const cells = row.map((text, i) => {
      const fitted = i === last ? shorten(text, wraps ? terminal.columns - GAP.length * 2 : room) : text;
      const padded = align(fitted, { to: i === last ? 0 : widths[i], right: columns[i].align === "right" });
      return columns[i].paint?.(padded, row) ?? padded;
    });
    const tail = cells.pop() ?? "";
    const glue = wraps && tail && cells.length > 0 ? `\n${GAP}${GAP}` : GAP;
    return cells.length > 0 ? `${cells.join(GAP)}${glue}${tail}`.trimEnd() : tail;
  });
}

const align = (text: string, { to, right }: { to: number; right: boolean }): string =>
  right ? padStart(text, to) : padEnd(text, to);
