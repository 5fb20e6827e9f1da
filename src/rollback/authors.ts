/** Who made an operation first, where a merge brought it home. Used by select.ts and describe.ts. */
import type { Authorship } from "../store/contract/journal.ts";

/** Of ranges in order; undefined where none holds the operation. */
export function authorAt(authors: readonly Authorship[], seq: number): Authorship | undefined {
  let [low, high] = [0, authors.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (authors[middle]!.last < seq) low = middle + 1;
    else high = middle;
  }
  const found = authors[low];
  return found && found.first <= seq ? found : undefined;
}
