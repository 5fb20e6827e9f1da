/**
 * How identifiers and words become search terms. Used on both sides, when postings are made and when a query is read,
 * so that the two always agree. Pure functions; no IO.
 *
 * A term is known by a 64-bit hash (two 32-bit FNV-1a variants): no index keeps the strings.
 */

/** What a term stands for; the type decides its weight in file scores. */
export const TermType = {
  /** One part of an identifier, stemmed: `handlers` -> `handler`. */
  part: 0,
  /** An identifier of several parts, stems joined: `get_user` -> `=getuser`. */
  whole: 1,
  /** A single-part identifier, or neighbouring query words joined. */
  joined: 2,
  /** A single-part identifier as written, in lower case. */
  raw: 3,
  /** Two neighbouring stems. */
  pair: 4,
} as const;
export type TermType = (typeof TermType)[keyof typeof TermType];

/** Where in a file a word occurs: the lexer tells the first three apart, definitions and the path give the others. */
export const WordClass = {
  code: 0,
  comment: 1,
  string: 2,
  typeName: 3,
  functionName: 4,
  variableName: 5,
  /** A comment within the first 30 lines. */
  headComment: 6,
  /** A comment right above a type or a top-level definition; a docstring. */
  docComment: 7,
  /** The file's name without its extension. */
  stem: 8,
  directory: 9,
} as const;
export const WORD_CLASSES = 10;

const PARTS = /[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[\u0080-\uffff]+/g;

/** Lower-case parts of an identifier: `parseHTTPResponse2` -> parse, http, response, 2. */
export function splitIdentifier(word: string): string[] {
  const found = word.match(PARTS);
  if (!found) return [];
  return found.map((part) => part.toLowerCase());
}

/** Words of plain text and code, as the lexer sees them: identifiers and digit runs of at most 64 characters. */
export const WORD = /[A-Za-z_$\u0080-\u07ff][A-Za-z0-9_$\u0080-\u07ff]*|[0-9]+/g;

const FNV_OFFSET_LOW = 0x811c9dc5 | 0;
const FNV_OFFSET_HIGH = 0x7ee3623b | 0;

/** Both halves of a term's 64-bit hash, continued from an earlier state; kept in module slots to avoid allocation. */
export let hashLow = 0;
export let hashHigh = 0;

export function hashStart(): void {
  hashLow = FNV_OFFSET_LOW;
  hashHigh = FNV_OFFSET_HIGH;
}

export function hashAdd(text: string): void {
  let low = hashLow;
  let high = hashHigh;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x0100013b) + (low >>> 27);
  }
  hashLow = low;
  hashHigh = high | 0;
}

/** A 32-bit finaliser (murmur3's), so that similar words land in different slots. */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export function hashEnd(): void {
  hashLow = mix(hashLow);
  hashHigh = mix(hashHigh ^ hashLow);
}

/** Hash of one string; read the result from hashLow and hashHigh. */
export function hashText(text: string): void {
  hashStart();
  hashAdd(text);
  hashEnd();
}

/** 32 bits of a hash: where the same number may be taken for the same name. */
export function hashOf(text: string): number {
  hashText(text);
  return hashLow >>> 0;
}

export interface Term {
  text: string;
  type: TermType;
}

/** Terms an identifier is found by, first one per text. */
export function termsOf(word: string): Term[] {
  const parts = splitIdentifier(word);
  if (parts.length === 0) return [];
  const stems = parts.map(stem);
  const terms: Term[] = stems.map((text) => ({ text, type: TermType.part }));
  if (parts.length === 1) {
    terms.push({ text: `=${stems[0]}`, type: TermType.joined }, { text: `!${parts[0]}`, type: TermType.raw });
    return terms;
  }
  terms.push({ text: `=${stems.join("")}`, type: TermType.whole });
  for (let i = 0; i + 1 < stems.length; i++)
    terms.push({ text: `~${stems[i]}${stems[i + 1]}`, type: TermType.pair });
  return terms;
}

const stems = new Map<string, string>();
const STEM_CACHE = 50_000;

/** Porter's stem of a lower-case word (M. F. Porter, "An algorithm for suffix stripping", 1980). */
export function stem(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const made = porter(word);
  if (stems.size >= STEM_CACHE) stems.clear();
  stems.set(word, made);
  return made;
}

const isVowel = (word: string, i: number): boolean => {
  const c = word.charCodeAt(i);
  if (c === 97 || c === 101 || c === 105 || c === 111 || c === 117) return true;
  return c === 121 && i > 0 && !isVowel(word, i - 1);
};

/** Porter's m: how often a vowel run is followed by a consonant run within the first `length` letters. */
function measure(word: string, length: number): number {
  let count = 0;
  let afterVowel = false;
  for (let i = 0; i < length; i++) {
    const vowel = isVowel(word, i);
    if (afterVowel && !vowel) count++;
    afterVowel = vowel;
  }
  return count;
}

function hasVowel(word: string, length: number): boolean {
  for (let i = 0; i < length; i++) if (isVowel(word, i)) return true;
  return false;
}

const endsDouble = (word: string): boolean =>
  word.length >= 2 && word.at(-1) === word.at(-2) && !isVowel(word, word.length - 1);

/** Consonant, vowel, consonant other than w, x, y at the end of the first `length` letters. */
function endsShort(word: string, length: number): boolean {
  if (length < 3) return false;
  if (isVowel(word, length - 3) || !isVowel(word, length - 2) || isVowel(word, length - 1)) return false;
  return !"wxy".includes(word[length - 1]!);
}

const STEP_2 = [
  ["ational", "ate"], ["tional", "tion"], ["enci", "ence"], ["anci", "ance"], ["izer", "ize"], ["bli", "ble"],
  ["alli", "al"], ["entli", "ent"], ["eli", "e"], ["ousli", "ous"], ["ization", "ize"], ["ation", "ate"],
  ["ator", "ate"], ["alism", "al"], ["iveness", "ive"], ["fulness", "ful"], ["ousness", "ous"], ["aliti", "al"],
  ["iviti", "ive"], ["biliti", "ble"], ["logi", "log"],
] as const; // biome-ignore format: a table
const STEP_3 = [
  ["icate", "ic"],
  ["ative", ""],
  ["alize", "al"],
  ["iciti", "ic"],
  ["ical", "ic"],
  ["ful", ""],
  ["ness", ""],
] as const;
const STEP_4 = [
  "ement",
  "ance",
  "ence",
  "able",
  "ible",
  "ment",
  "ant",
  "ent",
  "ism",
  "ate",
  "iti",
  "ous",
  "ive",
  "ize",
  "al",
  "er",
  "ic",
  "ou",
];

function stripPlural(word: string): string {
  if (word.endsWith("sses") || word.endsWith("ies")) return word.slice(0, -2);
  if (word.endsWith("s") && !word.endsWith("ss")) return word.slice(0, -1);
  return word;
}

function stripPast(word: string): string {
  if (word.endsWith("eed")) return measure(word, word.length - 3) > 0 ? word.slice(0, -1) : word;
  const cut = word.endsWith("ed") ? 2 : word.endsWith("ing") ? 3 : 0;
  if (cut === 0 || !hasVowel(word, word.length - cut)) return word;
  const base = word.slice(0, -cut);
  if (base.endsWith("at") || base.endsWith("bl") || base.endsWith("iz")) return `${base}e`;
  if (endsDouble(base) && !"lsz".includes(base.at(-1)!)) return base.slice(0, -1);
  if (measure(base, base.length) === 1 && endsShort(base, base.length)) return `${base}e`;
  return base;
}

function replaceSuffix(word: string, table: readonly (readonly [string, string])[]): string {
  for (const [suffix, replacement] of table) {
    if (!word.endsWith(suffix)) continue;
    const length = word.length - suffix.length;
    return measure(word, length) > 0 ? word.slice(0, length) + replacement : word;
  }
  return word;
}

function stripDerivation(word: string): string {
  for (const suffix of STEP_4) {
    if (!word.endsWith(suffix)) continue;
    const length = word.length - suffix.length;
    return measure(word, length) > 1 ? word.slice(0, length) : word;
  }
  const length = word.length - 3;
  const isIon = word.endsWith("ion") && length > 0 && "st".includes(word[length - 1]!);
  return isIon && measure(word, length) > 1 ? word.slice(0, length) : word;
}

function tidyEnd(word: string): string {
  let result = word;
  if (result.endsWith("e")) {
    const m = measure(result, result.length - 1);
    if (m > 1 || (m === 1 && !endsShort(result, result.length - 1))) result = result.slice(0, -1);
  }
  const isLongDoubleL = result.endsWith("l") && endsDouble(result) && measure(result, result.length) > 1;
  return isLongDoubleL ? result.slice(0, -1) : result;
}

function porter(word: string): string {
  if (word.length <= 2 || !/^[a-z]+$/.test(word)) return word;
  let result = stripPast(stripPlural(word));
  if (result.endsWith("y") && hasVowel(result, result.length - 1)) result = `${result.slice(0, -1)}i`;
  result = replaceSuffix(replaceSuffix(result, STEP_2), STEP_3);
  return tidyEnd(stripDerivation(result));
}
