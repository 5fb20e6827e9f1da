/** Numbers as people read them: counts, bytes, times. Used by the format files and the progress bar. */

/** `1,204`. By hand: loading the rules of all languages for a comma costs a millisecond at every start. */
export const count = (value: number): string => String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ",");

/** `1 file`, `1,204 files`; a plural that is not the singular with an s is given. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** `12.3 MB`, powers of ten. */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let scaled = value;
  let unit = "B";
  for (const next of units) {
    if (scaled < 999.95) break;
    scaled /= 1000;
    unit = next;
  }
  return `${scaled.toFixed(scaled < 99.95 ? 1 : 0)} ${unit}`;
}

/** `40 s`, `2 min 5 s`, `1 h 6 min`. */
export function wholeSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

/** `3.2 ms`, `140 ms`, `1.4 s`, `2 min 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  return seconds < 59.95 ? `${seconds.toFixed(1)} s` : wholeSeconds(Math.round(seconds));
}

/** `2026-01-31 08:00:00 UTC` of an ISO time. */
export const time = (iso: string): string => `${iso.slice(0, 19).replace("T", " ")} UTC`;

const AGES: readonly [number, string][] = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
];

/** `3 hours ago`, `just now`. */
export function age(iso: string, now: number): string {
  const passed = now - Date.parse(iso);
  const found = AGES.find(([unit]) => passed >= unit);
  return found ? `${counted(Math.floor(passed / found[0]), found[1])} ago` : "just now";
}
