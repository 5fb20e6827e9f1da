/** "Did you mean": the known word closest to a mistyped one. Used where a name is checked against a list. */

/** Edit distance that counts two swapped neighbours as one mistake (Damerau 1964, in its restricted form). */
export function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, beforeLast[j - 2] + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}

/** The longest name that is compared: nothing known is near a longer one, and the work stays small. */
const LONGEST = 64;

/** The closest of `known`, however far, and how many mistakes away. */
function closest(word: string, known: readonly string[]): { name: string; mistakes: number } {
  const typed = word.slice(0, LONGEST).toLowerCase();
  const ranked = known.map((name) => ({ name, mistakes: distance(typed, name.toLowerCase()) }));
  return ranked.reduce((best, next) => (next.mistakes < best.mistakes ? next : best));
}

/** The closest of `known`, if it is close enough to be what was meant: one mistake in three characters. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const { name, mistakes } = closest(word, known);
  return mistakes <= Math.max(1, Math.floor(word.length / 3)) ? name : undefined;
}

/** What to say after a wrong name: the likely one, or all there are. */
export function didYouMean(word: string, known: readonly string[]): string {
  const likely = nearest(word, known);
  return likely === undefined ? `give one of ${known.join(", ")}` : `did you mean ${likely}?`;
}
