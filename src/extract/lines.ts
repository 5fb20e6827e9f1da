/**
 * Where the lines of a text start; everything that turns a position into a line. Used by walk.ts, entity-reader.ts and
 * comments.ts.
 */

/** Lines are counted from 0 in here; the outline counts from 1. */
export class Lines {
  readonly #text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.#text = text;
    for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) this.#starts.push(i + 1);
  }

  /** Line of a position. */
  lineOf(index: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Position of a line's first character. */
  start(line: number): number {
    return this.#starts[line]!;
  }

  /** Position of the first character of the line that holds `index`. */
  startOf(index: number): number {
    return this.#starts[this.lineOf(index)]!;
  }

  /** Text of a line without its line break. */
  at(line: number): string {
    const end = this.#starts[line + 1];
    return this.#text.slice(this.#starts[line], end === undefined ? undefined : end - 1);
  }

  /** Columns of white space a line starts with; 1,000 at most, because every definition asks. */
  indentOf(line: number): number {
    const start = this.#starts[line]!;
    let end = start;
    while (end < start + 1000 && (this.#text[end] === " " || this.#text[end] === "\t")) end++;
    return end - start;
  }

  /** Line of the last character before `end` that is no white space. */
  lastLine(end: number): number {
    let last = Math.min(end, this.#text.length) - 1;
    while (last > 0 && /\s/.test(this.#text[last]!)) last--;
    return this.lineOf(Math.max(last, 0));
  }
}
