/**
 * Tells whether a text has been seen before, exactly or nearly: runs of four words that it shares with what was taken
 * (w-shingling, Broder 1997), by containment, so that a part of a seen text counts as seen. Used by pack.ts.
 */
import { hashHigh, hashLow, hashText } from "../model/words.ts";

const WORDS = /\w+|[^\w\s]/g;
const RUN = 4;
/** A text with fewer runs (a brace, an import) is no copy of anything. */
const FEWEST = 12;
/** Share of a text's runs that were seen. */
const SHARE = 0.9;

function runsOf(text: string): Set<number> {
  const words = text.match(WORDS) ?? [];
  const runs = new Set<number>();
  for (let i = 0; i + RUN <= words.length; i++) {
    hashText(words.slice(i, i + RUN).join(" "));
    // 53 bits: as a number without loss.
    runs.add((hashHigh >>> 11) * 2 ** 32 + (hashLow >>> 0));
  }
  return runs;
}

export class NearCopies {
  readonly #owner = new Map<number, number>();

  /** The owner of the text that this one repeats; else undefined, and the text is remembered as `owner`'s. */
  add(text: string, owner: number): number | undefined {
    const runs = runsOf(text);
    const shared = new Map<number, number>();
    let seen = 0;
    for (const run of runs) {
      const of = this.#owner.get(run);
      if (of === undefined) continue;
      seen++;
      shared.set(of, (shared.get(of) ?? 0) + 1);
    }
    if (runs.size >= FEWEST && seen >= SHARE * runs.size) {
      return [...shared].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
    }
    for (const run of runs) if (!this.#owner.has(run)) this.#owner.set(run, owner);
    return undefined;
  }
}
