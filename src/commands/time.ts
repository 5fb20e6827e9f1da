/** Points in time and lengths of time as people write them. Used by the commands that take one. */
import { MomoError } from "../errors.ts";

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const DAY = 86_400_000;

function lengthOf(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  return unit === undefined ? undefined : Number(count) * SECONDS[unit]!;
}

interface Text {
  /** The option it was given for. */
  name: string;
  text: string;
}

/** ISO 8601 of a date, a time or an age, which ends in 1970; `end` takes a date for all of its day. */
export function readTime({ name, text }: Text, { now = Date.now(), end = false } = {}): string {
  const age = lengthOf(text);
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isTime = isDate || /^\d{4}-\d{2}-\d{2}[T ]/.test(text);
  const time = age !== undefined ? Math.max(0, now - age * 1000) : isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new MomoError("VALUE_INVALID", {
      name,
      value: text,
      hint: "give a date (2026-01-31), a time (2026-01-31T08:00:00Z) or an age (30m, 2h, 7d, 2w)",
    });
  return new Date(isDate && end ? time + DAY - 1 : time).toISOString();
}

/** Seconds of `90`, `30m`, `2h`. */
export function readSeconds({ name, text }: Text): number {
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : lengthOf(text);
  if (seconds !== undefined) return seconds;
  throw new MomoError("VALUE_INVALID", {
    name,
    value: text,
    hint: "give seconds, or a time like 30m, 2h, 7d",
  });
}
