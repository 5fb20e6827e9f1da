/** What a stream can show: colour, width. And text made safe and fitting for it. Used by every format file. */

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;
export type Colour = keyof typeof codes;

export interface Terminal {
  /** Columns of a line; Infinity where nothing has to fit. */
  columns: number;
  /** Wraps text in a colour, or leaves it as it is where there is none. */
  paint(colour: Colour, text: string): string;
}

interface Stream {
  isTTY?: boolean;
  columns?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

export type ColourChoice = "auto" | "always" | "never";

/**
 * The choice, else https://no-color.org (set and not empty), else https://force-color.org (set; 0 switches off),
 * else whether somebody looks.
 */
function hasColour(stream: Stream, env: Environment, choice: ColourChoice): boolean {
  if (choice !== "auto") return choice === "always";
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return stream.isTTY === true && env.TERM !== "dumb";
}

export function terminalOf(stream: Stream, env: Environment, choice: ColourChoice = "auto"): Terminal {
  const coloured = hasColour(stream, env, choice);
  return {
    columns: stream.isTTY ? Math.max(stream.columns ?? 80, 20) : Number.POSITIVE_INFINITY,
    paint: (colour, text) => (coloured && text ? `\x1b[${codes[colour]}m${text}\x1b[0m` : text),
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text from files on one line: tabs as spaces, and a mark in place of what could move the cursor, change colours or
 * turn the direction of writing.
 */
export const printable = (text: string): string =>
  text.replaceAll("\t", "    ").replaceAll("\n", " ").replace(UNSAFE, "\ufffd");

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const ZERO = /\p{Mn}|\p{Me}|[\u200b-\u200d]|\ufe0f/u;

const characterWidth = (character: string): number =>
  character < "\u0300" ? 1 : ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;

/** Columns that plain text takes. */
export function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += characterWidth(character);
  return columns;
}

/** Plain text cut to so many columns, with `…` where something is missing. */
export function shorten(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = "";
  let used = 1;
  for (const character of text) {
    used += characterWidth(character);
    if (used > columns) break;
    kept += character;
  }
  return `${kept}…`;
}

export const padEnd = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(0, columns - width(text)));

export const padStart = (text: string, columns: number): string =>
  " ".repeat(Math.max(0, columns - width(text))) + text;
