/**
 * What a careful reader does with ripgrep alone, as a list of stretches of lines, best first: searches for the content
 * words of a query, cut to a stem that also finds their other forms; ranks files by what they hold; reads windows around
 * the matches. The arm that packed context is compared with (packing.ts). Needs ripgrep.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const runFile = promisify(execFile);

/** A stretch of lines of a file below the root, 1-based and inclusive. */
export interface Stretch {
  path: string;
  start: number;
  end: number;
}

export interface GrepOptions {
  /** Lines read on each side of a match. */
  window: number;
  /** Words in the path count as found, as with `rg --files | grep`. */
  paths: boolean;
  /** Files by distinct words before weight, or by weight alone. */
  order: "words" | "weight";
  /** Most windows of one file before the next file's turn; then all others. */
  first: number;
}

const STOP_WORDS = new Set(
  `a an and are as at be by can do does for from get how in into is it its of on or that the their this to
   use used using what when where which who why will with work works`.split(/\s+/),
);
const ENDING = /(ization|isation|ations?|ingly|ings?|ments?|ers?|ors?|ions?|ies|ied|edly|ed|es|ly|s|e|y)$/;

function stemOf(word: string): string {
  const cut = word.replace(ENDING, "");
  return cut.length >= 4 ? cut : word;
}

export function grepWords(query: string): string[] {
  const words = query.match(/[A-Za-z_$][\w$]*|\d+/g) ?? [];
  const kept = words.filter((word) => !STOP_WORDS.has(word.toLowerCase()));
  return [...new Set((kept.length > 0 ? kept : words).map((word) => stemOf(word.toLowerCase())))];
}

/** Lines with a word, by file. The folder is named: without one, ripgrep reads a standard input that never ends. */
async function linesWith(root: string, word: string): Promise<Map<string, number[]>> {
  const flags = [
    "--line-number",
    "--no-heading",
    "--null",
    "--fixed-strings",
    "--ignore-case",
    "--only-matching",
  ];
  const found = await runFile("rg", [...flags, "-e", word, "./"], { cwd: root, maxBuffer: 1 << 28 }).catch(
    (error) => {
      // 1: nothing found; 2: some file could not be read.
      if (error.code === 1 || error.code === 2) return { stdout: error.stdout as string };
      throw error;
    },
  );
  const files = new Map<string, number[]>();
  for (const line of found.stdout.split("\n")) {
    const [shown, rest] = line.split("\0");
    if (rest === undefined) continue;
    const path = shown.replace(/^\.\//, "");
    const number = Number.parseInt(rest, 10);
    const lines = files.get(path);
    if (lines) lines.push(number);
    else files.set(path, [number]);
  }
  return files;
}

/** Words of the queries of one root are searched once. */
export function createGrep(root: string, options: GrepOptions) {
  const found = new Map<string, Promise<Map<string, number[]>>>();
  const lineCounts = new Map<string, number>();
  const files = runFile("rg", ["--files"], { cwd: root, maxBuffer: 1 << 28 }).then(({ stdout }) =>
    stdout.split("\n").filter(Boolean),
  );
  const search = (word: string): Promise<Map<string, number[]>> => {
    const known = found.get(word) ?? linesWith(root, word);
    found.set(word, known);
    return known;
  };
  const linesOf = (path: string): number => {
    const count = lineCounts.get(path) ?? readFileSync(join(root, path), "utf8").split("\n").length;
    lineCounts.set(path, count);
    return count;
  };
  return async (query: string): Promise<Stretch[]> => {
    const words = grepWords(query);
    const matches = await Promise.all(words.map(search));
    const all = await files;
    return readingOrder({ words, matches, all, linesOf, options });
  };
}

interface Reading {
  words: string[];
  matches: Map<string, number[]>[];
  all: string[];
  linesOf(path: string): number;
  options: GrepOptions;
}

interface Found {
  path: string;
  words: number;
  weight: number;
  /** Weight of the words on a line. */
  lines: Map<number, number>;
}

/** Files by distinct words, then by matches weighted by how rare the word is among the files (idf, logarithmic). */
function rankFiles({ words, matches, all, options }: Reading): Found[] {
  const files = new Map<string, Found>();
  const of = (path: string): Found => {
    const file = files.get(path) ?? { path, words: 0, weight: 0, lines: new Map() };
    files.set(path, file);
    return file;
  };
  matches.forEach((found, i) => {
    const inPath = new Set(options.paths ? all.filter((path) => path.toLowerCase().includes(words[i])) : []);
    const having = new Set([...found.keys(), ...inPath]);
    const idf = Math.log(1 + (all.length - having.size + 0.5) / (having.size + 0.5));
    for (const path of having) {
      const file = of(path);
      const lines = found.get(path) ?? [];
      file.words++;
      file.weight += idf * (1 + Math.log(1 + lines.length)) + (inPath.has(path) ? 2 * idf : 0);
      for (const line of new Set(lines)) file.lines.set(line, (file.lines.get(line) ?? 0) + idf);
    }
  });
  return [...files.values()].sort(
    (a, b) =>
      (options.order === "words" ? b.words - a.words : 0) ||
      b.weight - a.weight ||
      (a.path < b.path ? -1 : 1),
  );
}

const FILES_READ = 40;

const WINDOWS = 12;

/**
 * Windows of a file, best first: around the line whose neighbourhood holds most weight, then around the best of the
 * matches that are left. Merged where they touch, a file that mentions a word everywhere would be one window.
 */
function windowsOf({ path, lines }: Found, last: number, window: number): Stretch[] {
  const left = new Map(lines);
  const windows: Stretch[] = [];
  while (left.size > 0 && windows.length < WINDOWS) {
    const matches = [...left.keys()].sort((a, b) => a - b);
    let best = matches[0];
    let most = -1;
    let from = 0;
    let to = 0;
    let weight = 0;
    for (const line of matches) {
      while (to < matches.length && matches[to] <= line + window) weight += left.get(matches[to++])!;
      while (matches[from] < line - window) weight -= left.get(matches[from++])!;
      if (weight > most + 1e-9) [best, most] = [line, weight];
    }
    windows.push({ path, start: Math.max(1, best - window), end: Math.min(last, best + window) });
    for (const line of matches) if (Math.abs(line - best) <= window) left.delete(line);
  }
  // Found by its path alone: its beginning is read.
  return windows.length > 0 ? windows : [{ path, start: 1, end: Math.min(last, 2 * window) }];
}

function readingOrder(reading: Reading): Stretch[] {
  const { first, window } = reading.options;
  const windows = rankFiles(reading)
    .slice(0, FILES_READ)
    .map((file) => windowsOf(file, reading.linesOf(file.path), window));
  return [
    ...windows.flatMap((list) => list.slice(0, first)),
    ...windows.flatMap((list) => list.slice(first)),
  ];
}
