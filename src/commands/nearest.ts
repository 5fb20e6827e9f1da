/** "Did you mean": the known word closest to a mistyped one. Used where a name is checked against a list. */

/** Edit distance that counts two swapped neighbours as one mistake. */
function distance(a: string, b: string): number {
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

/** The closest of `known`, if it is close enough to be what was meant: one mistake in three characters. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let found: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const mistakes = distance(word.toLowerCase(), candidate.toLowerCase());
    if (mistakes < least) {
      found = candidate;
      least = mistakes;
    }
  }
  return found;
}

/** What to say after a wrong name: the likely one, or all there are. */
export function didYouMean(word: string, known: readonly string[]): string {
  const likely = nearest(word, known);
  return likely === undefined ? `give one of ${known.join(", ")}` : `did you mean ${likely}?`;
}
