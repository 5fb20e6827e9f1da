/**
 * Reads a query: plain words, an identifier, or a path; the terms it asks for and the names it may mean.
 * First step of search.ts.
 */
import {
  hashHigh,
  hashLow,
  hashText,
  splitIdentifier,
  stem,
  TermType,
  termsOf,
  WORD,
} from "../model/words.ts";

const stopWords = new Set(
  `
  a an and are as at be by do does for from has have how if in is it its not of on or the to was what
  when where which who why with that this into via using use used uses between their them they then
  than can could should would you your we i each per so such these those there about after before
  during while across within without over under out up all any both more most other some only own
  same also but been being were will just get gets
`.split(/\s+/),
);

export interface QueryTerm {
  text: string;
  type: TermType;
  low: number;
  high: number;
  /** 1 where it is missing; less for a term that expand.ts found. */
  weight?: number;
  /** Another word than was asked for: says nothing about how much of the query a file covers. */
  added?: true;
}

/** A name the query may mean, and how surely. */
export interface NameCandidate {
  name: string;
  low: number;
  high: number;
  weight: number;
}

export interface Query {
  text: string;
  kind: "words" | "symbol" | "path";
  terms: QueryTerm[];
  /** Lower-case parts of the words that count, once each. */
  parts: string[];
  names: NameCandidate[];
  /** Kind path: the path as asked, and its line if one was given (`src/a.ts:12`). */
  path?: { path: string; line?: number };
}

const QUALIFIED = /[A-Za-z_$][\w$]*(?:(?:::|\.|->|\\|\/|#)[A-Za-z_$][\w$]*)*[?!]?/g;
const SEPARATOR = /::|\.|->|\\|\/|#/;
const PATH =
  /^(?<path>[\w@.+~-]*(?:[/\\][\w@.+~-]+)*\.[A-Za-z]\w{0,9}|(?:[\w@.+~-]+[/\\])+[\w@.+~-]*)(?::(?<line>\d+))?(?::\d+)?$/;
const JOINED_WORDS = [2, 3, 4];

const isStopWord = (word: string): boolean => stopWords.has(word.toLowerCase());

/** A query of stop words only is taken as it is: better odd results than none. */
function wordsThatCount(text: string): { word: string; counts: boolean }[] {
  const words = (text.match(WORD) ?? []).map((word) => ({ word, counts: !isStopWord(word) }));
  const isSymbol = !/\s/.test(text);
  if (isSymbol || words.every(({ counts }) => !counts))
    return words.map(({ word }) => ({ word, counts: true }));
  return words;
}

/** Terms of the words, of neighbours as a pair, and of up to four neighbours joined; a stop word breaks a run. */
function queryTerms(words: { word: string; counts: boolean }[]): QueryTerm[] {
  const terms = new Map<string, TermType>();
  const add = (text: string, type: TermType): void => {
    if (!terms.has(text)) terms.set(text, type);
  };
  let run: string[][] = [];
  for (const { word, counts } of words) {
    const stems = splitIdentifier(word).map(stem);
    if (stems.length === 0) continue;
    if (!counts) {
      run = [];
      continue;
    }
    for (const { text, type } of termsOf(word)) add(text, type);
    const previous = run.at(-1);
    if (previous) add(`~${previous.at(-1)}${stems[0]}`, TermType.pair);
    run.push(stems);
    for (const count of JOINED_WORDS) {
      if (run.length >= count) add(`=${run.slice(-count).flat().join("")}`, TermType.joined);
    }
  }
  return Array.from(terms, ([text, type]) => {
    hashText(text);
    return { text, type, low: hashLow >>> 0, high: hashHigh >>> 0 };
  });
}

/** Names in the query: the whole of a symbol query, identifiers of several parts, qualified or capitalised words. */
function nameCandidates(text: string): NameCandidate[] {
  const isSymbol = !/\s/.test(text);
  const weights = new Map<string, number>();
  const add = (name: string, weight: number): void => {
    weights.set(name, Math.max(weight, weights.get(name) ?? 0));
  };
  for (const found of text.match(QUALIFIED) ?? []) {
    const segments = found.split(SEPARATOR);
    const last = segments.at(-1)!;
    const isIdentifier = splitIdentifier(found).length > 1 || /_/.test(found.replace(/^_+|_+$/g, ""));
    const isCapitalised = /^[A-Z]/.test(found) && found.length > 2;
    const weight = isSymbol ? 1 : segments.length > 1 || isIdentifier ? 0.8 : isCapitalised ? 0.5 : 0;
    if (weight === 0) continue;
    add(last, weight);
    if (segments.length > 1) add(segments.slice(-2).join("."), weight);
    if (/[?!]$/.test(last)) add(last.slice(0, -1), weight);
  }
  return Array.from(weights, ([name, weight]) => {
    hashText(name);
    return { name, weight, low: hashLow >>> 0, high: hashHigh >>> 0 };
  });
}

function pathOf(text: string): Query["path"] {
  const match = PATH.exec(text);
  const path = match?.groups?.path?.replaceAll("\\", "/").replace(/^\.\//, "");
  if (!path) return undefined;
  const line = match?.groups?.line;
  return line ? { path, line: Number(line) } : { path };
}

/** Whether a path query names something is known only to the index: search.ts falls back to `symbol`. */
export function readQuery(text: string): Query {
  const trimmed = text.trim();
  const words = wordsThatCount(trimmed);
  const parts = new Set(words.flatMap(({ word, counts }) => (counts ? splitIdentifier(word) : [])));
  const path = pathOf(trimmed);
  return {
    text: trimmed,
    kind: path ? "path" : /\s/.test(trimmed) ? "words" : "symbol",
    terms: queryTerms(words),
    parts: [...parts],
    names: nameCandidates(trimmed),
    ...(path && { path }),
  };
}
