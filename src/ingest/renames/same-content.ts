/**
 * Files that left and files that came with the very same content: renamed or moved. Pure, and reads no content: the
 * head of a file that left says which hash its content had. Used by recognise.ts.
 */
import { posix } from "node:path";
import { leaf } from "../../store/records/digest.ts";

/** From an old id or path to a new one. */
export interface Rename {
  from: string;
  to: string;
}

export interface LeftFile {
  path: string;
  /** Bytes, as a scan saw it. */
  size: number;
  leaf: Uint8Array;
}

export interface CameFile {
  path: string;
  size: number;
  /** Of its content. */
  hash: Uint8Array;
}

/** Less says too little by itself: an empty file is like every other one. Such files keep their name. */
const TELLING_BYTES = 60;
/** So many files of one size are compared each with each, and so many of one content. */
const MAX_PAIRS = 100_000;

/** All that left and came with one content. */
interface Group {
  left: string[];
  came: string[];
  telling: boolean;
}

/** Pairs that are certain: of several equal files each goes where its name and folder say, or is left out. */
export function sameContent(left: readonly LeftFile[], came: readonly CameFile[]): Rename[] {
  const groups = groupsOf(left, came);
  const renames = groups.flatMap(pairsOf);
  return [...renames, ...alongside(groups, renames)];
}

function groupsOf(left: readonly LeftFile[], came: readonly CameFile[]): Group[] {
  const bySize = Map.groupBy(came, ({ size }) => size);
  return [...Map.groupBy(left, ({ size }) => size)].flatMap(([size, own]) => {
    const contents = Map.groupBy(bySize.get(size) ?? [], ({ hash }) => Buffer.from(hash).toString("hex"));
    const groups = Array.from(contents.values(), (files) => ({
      hash: files[0]!.hash,
      left: [] as string[],
      came: files.map(({ path }) => path),
      telling: size >= TELLING_BYTES,
    }));
    const near = own.length * groups.length > MAX_PAIRS ? byName(groups) : () => groups;
    for (const { path, leaf: known } of own) {
      const group = near(path).find(({ hash }) => Buffer.compare(leaf(path, hash), known) === 0);
      group?.left.push(path);
    }
    return groups.filter((group) => group.left.length > 0);
  });
}

/** Where too many are of one size to compare each with each: those that a file of that name came with. */
function byName<G extends Group>(groups: readonly G[]): (path: string) => readonly G[] {
  const named = new Map<string, G[]>();
  for (const group of groups)
    for (const name of new Set(group.came.map((path) => posix.basename(path)))) {
      const known = named.get(name);
      if (known) known.push(group);
      else named.set(name, [group]);
    }
  return (path) => named.get(posix.basename(path)) ?? [];
}

function pairsOf({ left, came, telling }: Group): Rename[] {
  if (left.length * came.length > MAX_PAIRS) return [];
  const isPair = left.length === 1 && came.length === 1;
  if (isPair && (telling || sharedEnd(left[0]!, came[0]!) > 0)) return [{ from: left[0]!, to: came[0]! }];
  const best = left.map((from) => onlyBest(came, (to) => likeness(from, to)));
  return left.flatMap((from, i) => {
    const to = best[i];
    const isMutual = to !== undefined && onlyBest(left, (other) => likeness(other, to)) === from;
    return isMutual ? [{ from, to }] : [];
  });
}

/** The one that scores more than every other one; undefined where two do, or none scores. */
function onlyBest(paths: readonly string[], scoreOf: (path: string) => number): string | undefined {
  let [best, most, isOnly]: [string | undefined, number, boolean] = [undefined, 0, false];
  for (const path of paths) {
    const score = scoreOf(path);
    if (score > most) [best, most, isOnly] = [path, score, true];
    else if (score === most) isOnly = false;
  }
  return isOnly ? best : undefined;
}

/** How many names of two paths are the same, from either end; 0 when the files are called differently. */
function likeness(a: string, b: string): number {
  const end = sharedEnd(a, b);
  return end === 0 ? 0 : end + shared(a.split("/"), b.split("/"));
}

/** 0 when the files are called differently. */
const sharedEnd = (a: string, b: string): number => shared(a.split("/").reverse(), b.split("/").reverse());

function shared(one: readonly string[], other: readonly string[]): number {
  let count = 0;
  while (count < one.length && one[count] === other[count]) count++;
  return count;
}

/** What is left over goes where everything else of its folder went, if a file of its name came there. */
function alongside(groups: readonly Group[], renames: readonly Rename[]): Rename[] {
  const moved = Map.groupBy(renames, ({ from }) => posix.dirname(from));
  const gone = new Set(renames.map(({ from }) => from));
  const taken = new Set(renames.map(({ to }) => to));
  return groups.flatMap(({ left, came }) => {
    const free = new Set(came.filter((path) => !taken.has(path)));
    return left.flatMap((from) => {
      if (gone.has(from)) return [];
      const folders = new Set(moved.get(posix.dirname(from))?.map(({ to }) => posix.dirname(to)));
      const to = folders.size === 1 ? posix.join([...folders][0]!, posix.basename(from)) : "";
      return free.delete(to) ? [{ from, to }] : [];
    });
  });
}
