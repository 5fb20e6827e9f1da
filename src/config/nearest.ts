/** "Did you mean": the known name closest to a mistyped one. Used by config.ts. */

/** Edit distance; two neighbours that changed places are one mistake. */
function mistakes(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      rows[i][j] = Math.min(
        rows[i - 1][j] + 1,
        rows[i][j - 1] + 1,
        rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1),
        swapped ? rows[i - 2][j - 2] + 1 : Number.POSITIVE_INFINITY,
      );
    }
  }
  return rows[a.length][b.length];
}

/** The longest name that is compared: nothing known is near a longer one, and the table stays small. */
const LONGEST = 64;

/** The closest of `known`, however far. */
export function nearest(name: string, known: readonly string[]): string {
  const typed = name.slice(0, LONGEST).toLowerCase();
  const ranked = known.map((one) => ({ one, distance: mistakes(typed, one.toLowerCase()) }));
  return ranked.reduce((best, next) => (next.distance < best.distance ? next : best)).one;
}
