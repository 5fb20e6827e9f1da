/**
 * Files that were renamed and edited at once: most lines of one that left are in one that came. Pure; used by
 * recognise.ts for the files that same-content.ts did not pair.
 */
import type { Rename } from "./same-content.ts";

export interface TextFile {
  path: string;
  text: string;
}

/** A line that so many files have (a license, an import) does not say which of them is meant. */
const COMMON = 8;
/** Of the files with lines in common so many are looked at closely. */
const CLOSE = 4;
/** The share of the larger file that both must have. */
const ENOUGH = 0.5;
/** The next best must be so much worse. */
const MARGIN = 0.1;
/** A file with fewer characters in its lines has too little to be known by. */
const TELLING = 60;

/** How often each line occurs, without white space around it; lines that are next to nothing are left out. */
interface Profile {
  path: string;
  lines: Map<string, number>;
  /** Characters in all of them. */
  size: number;
}

interface Candidate {
  from: Profile;
  to: Profile;
  /** 0 to 1. */
  share: number;
}

export function similarText(left: readonly TextFile[], came: readonly TextFile[]): Rename[] {
  const olds = left.map(profileOf).filter(({ size }) => size >= TELLING);
  const candidates = came
    .map(profileOf)
    .filter(({ size }) => size >= TELLING)
    .flatMap(closest(olds));
  const byOld = Map.groupBy(candidates, ({ from }) => from.path);
  const byNew = Map.groupBy(candidates, ({ to }) => to.path);
  return candidates
    .filter((one) => one.share >= ENOUGH && isClear(one, byOld.get(one.from.path)!, byNew.get(one.to.path)!))
    .map(({ from, to }) => ({ from: from.path, to: to.path }));
}

function profileOf({ path, text }: TextFile): Profile {
  const lines = new Map<string, number>();
  let size = 0;
  for (const line of text.split("\n")) {
    const own = line.trim();
    if (own.length < 3) continue;
    lines.set(own, (lines.get(own) ?? 0) + 1);
    size += own.length;
  }
  return { path, lines, size };
}

/** The files that left which have most in common with one that came. */
function closest(olds: readonly Profile[]): (to: Profile) => Candidate[] {
  const having = new Map<string, number[]>();
  olds.forEach(({ lines }, i) => {
    for (const line of lines.keys()) {
      const known = having.get(line);
      if (known) known.push(i);
      else having.set(line, [i]);
    }
  });
  return (to) => {
    const shared = new Map<number, number>();
    for (const line of to.lines.keys()) {
      const places = having.get(line) ?? [];
      if (places.length > COMMON) continue;
      for (const i of places) shared.set(i, (shared.get(i) ?? 0) + line.length);
    }
    const most = [...shared].toSorted(([, a], [, b]) => b - a).slice(0, CLOSE);
    return most.map(([i]) => ({ from: olds[i]!, to, share: shareOf(olds[i]!, to) }));
  };
}

function shareOf(a: Profile, b: Profile): number {
  let common = 0;
  for (const [line, count] of a.lines) common += line.length * Math.min(count, b.lines.get(line) ?? 0);
  return common / Math.max(a.size, b.size);
}

const isClear = (one: Candidate, ...rivals: readonly (readonly Candidate[])[]): boolean =>
  rivals.flat().every((other) => other === one || other.share <= one.share - MARGIN);
