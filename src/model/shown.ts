/** What somebody sent, as an error may show it: short, and on one line. Used wherever input is refused. */

const LONGEST = 60;

export const shown = (text: string): string => text.slice(0, LONGEST).replace(/\p{Cc}/gu, "?");

/** The same of a value of any kind. */
export const shownValue = (value: unknown): string =>
  typeof value === "object" && value !== null ? "an object" : shown(String(value));
