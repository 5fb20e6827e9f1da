/**
 * Other words for those of a query, taken from tables and from the index itself: further terms of less weight. What each
 * kind is worth is measured by bench/expansion.ts. Called by search.ts between reading a query and scoring.
 */
import { settings } from "../config/settings.ts";
import { type Expansion, type ExpansionKind, expansionKinds, type SearchRequest } from "../model/api.ts";
import { hashHigh, hashLow, hashText, stem, TermType, WORD } from "../model/words.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import { abbreviationGroups } from "./abbreviations.ts";
import type { PathTable } from "./path-match.ts";
import { type Query, type QueryTerm, readQuery } from "./query.ts";
import { synonymGroups } from "./synonyms.ts";
import { correct, occurs } from "./vocabulary.ts";

/** The kinds that a request means; default what the setting is when nobody says otherwise. */
export function kindsOf(expand: SearchRequest["expand"] = settings.expand.default): readonly ExpansionKind[] {
  if (expand === "off") return [];
  return expand === "all" ? expansionKinds : ["spelling"];
}

/** Weight of an added term beside one that was asked for. */
const WEIGHT: Record<ExpansionKind, number> = {
  abbreviations: 0.3,
  synonyms: 0.15,
  compounds: 0.7,
  spelling: 0.7,
};

export interface Expanded {
  query: Query;
  expansions: Expansion[];
  /** The query with its unknown words corrected. */
  did_you_mean?: string;
}

export interface ExpandPlace {
  index: LexicalIndex;
  paths: PathTable;
}

/** Stem -> the other stems of its groups. */
function groupTable(text: string): Map<string, Set<string>> {
  const table = new Map<string, Set<string>>();
  for (const line of text.trim().split("\n")) {
    const group = line.split(" ").map(stem);
    for (const one of group) {
      const others = table.get(one) ?? new Set();
      for (const other of group) if (other !== one) others.add(other);
      table.set(one, others);
    }
  }
  return table;
}

const tables = new Map<"synonyms" | "abbreviations", Map<string, Set<string>>>();

function tableOf(kind: "synonyms" | "abbreviations"): Map<string, Set<string>> {
  const known = tables.get(kind) ?? groupTable(kind === "synonyms" ? synonymGroups : abbreviationGroups);
  tables.set(kind, known);
  return known;
}

function added(text: string, type: TermType, kind: ExpansionKind): QueryTerm {
  hashText(text);
  return { text, type, low: hashLow >>> 0, high: hashHigh >>> 0, weight: WEIGHT[kind], added: true };
}

/** What one kind adds to a query. */
interface Addition {
  terms: QueryTerm[];
  expansions: Expansion[];
}

function fromTable(query: Query, kind: "synonyms" | "abbreviations"): Addition {
  const table = tableOf(kind);
  const terms: QueryTerm[] = [];
  const expansions: Expansion[] = [];
  for (const part of query.parts) {
    const others = [...(table.get(stem(part)) ?? [])];
    if (others.length === 0) continue;
    expansions.push({ kind, from: part, to: others });
    for (const other of others) terms.push(added(other, TermType.part, kind));
  }
  return { terms, expansions };
}

const HALF = 3;

/** `filename` also as `file_name`, where both halves and the pair occur. */
function splits({ index }: ExpandPlace, part: string): QueryTerm[] {
  const terms: QueryTerm[] = [];
  for (let at = HALF; at + HALF <= part.length; at++) {
    const [left, right] = [stem(part.slice(0, at)), stem(part.slice(at))];
    const whole = `=${left}${right}`;
    if (whole === `=${stem(part)}` || !occurs(index, whole)) continue;
    if (occurs(index, `~${left}${right}`)) terms.push(added(whole, TermType.whole, "compounds"));
  }
  return terms;
}

/** `file name` also as `filename`, and across words that otherwise do not count: `keyword only` as `keywordonly`. */
function joins({ index }: ExpandPlace, { text, terms: known }: Query): { words: string; term: QueryTerm }[] {
  const asked = new Set(known.map((term) => term.text));
  const words = text.match(WORD) ?? [];
  return words.slice(1).flatMap((word, i) => {
    const pair = [words[i].toLowerCase(), word.toLowerCase()];
    const forms = new Set([`=${pair.map(stem).join("")}`, `=${stem(pair.join(""))}`]);
    return [...forms]
      .filter((form) => !asked.has(form) && occurs(index, form))
      .map((form) => ({ words: pair.join(" "), term: added(form, TermType.joined, "compounds") }));
  });
}

function compounds(place: ExpandPlace, query: Query): Addition {
  const split = query.parts.map((part) => ({ words: part, terms: splits(place, part) }));
  const joined = joins(place, query).map(({ words, term }) => ({ words, terms: [term] }));
  const found = [...split, ...joined].filter(({ terms }) => terms.length > 0);
  return {
    terms: found.flatMap(({ terms }) => terms),
    expansions: found.map(({ words, terms }) => ({
      kind: "compounds" as const,
      from: words,
      to: terms.map(({ text }) => text.slice(1)),
    })),
  };
}

/** A word that no document has, and that is not the beginning of a word in a path. */
function isUnknown({ index, paths }: ExpandPlace, part: string): boolean {
  if (occurs(index, stem(part))) return false;
  return !paths.candidates(part).some((id) => paths.words[id].startsWith(part));
}

function withCaseOf(word: string, correction: string): string {
  if (word.length > 1 && word === word.toUpperCase()) return correction.toUpperCase();
  return word[0] === word[0].toUpperCase() ? correction[0].toUpperCase() + correction.slice(1) : correction;
}

/** The text with each unknown part of its words replaced by the word that was meant; the same where there is none. */
function corrected(place: ExpandPlace, query: Query): { text: string; expansions: Expansion[] } {
  const expansions: Expansion[] = [];
  let { text } = query;
  for (const part of query.parts) {
    if (!isUnknown(place, part)) continue;
    // `filname` may be a compound that is written apart.
    const meant = splits(place, part).length > 0 ? undefined : correct(place.index, part);
    if (meant === undefined) continue;
    expansions.push({ kind: "spelling", from: part, to: [meant] });
    text = text.replace(new RegExp(part, "gi"), (word) => withCaseOf(word, meant));
  }
  return { text, expansions };
}

/** What was meant, with less weight than if it had been asked for: names, terms and words of paths. */
function correctSpelling(place: ExpandPlace, query: Query): Expanded {
  const { text, expansions } = corrected(place, query);
  if (expansions.length === 0) return { query, expansions };
  const meant = readQuery(text);
  const asked = new Set(query.terms.map((term) => term.text));
  const weight = WEIGHT.spelling;
  const terms = meant.terms.filter((term) => !asked.has(term.text)).map((term) => ({ ...term, weight }));
  const names = new Set(query.names.map(({ name }) => name));
  return {
    query: {
      ...query,
      terms: [...query.terms, ...terms],
      parts: meant.parts,
      names: [
        ...query.names,
        ...meant.names
          .filter(({ name }) => !names.has(name))
          .map((name) => ({ ...name, weight: name.weight * weight })),
      ],
    },
    expansions,
    did_you_mean: text,
  };
}

/** The same query with further terms of the given kinds; a path is taken as it is. */
export function expandQuery(place: ExpandPlace, query: Query, kinds: readonly ExpansionKind[]): Expanded {
  if (query.kind === "path" || kinds.length === 0) return { query, expansions: [] };
  const spelt = kinds.includes("spelling") ? correctSpelling(place, query) : { query, expansions: [] };
  const additions = kinds.flatMap((kind) => {
    if (kind === "spelling") return [];
    return [kind === "compounds" ? compounds(place, spelt.query) : fromTable(spelt.query, kind)];
  });
  const asked = new Set(spelt.query.terms.map(({ text }) => text));
  const terms = additions.flatMap((one) => one.terms).filter(({ text }) => !asked.has(text));
  const distinct = [...new Map(terms.map((term) => [term.text, term])).values()];
  return {
    ...spelt,
    query: { ...spelt.query, terms: [...spelt.query.terms, ...distinct] },
    expansions: [...spelt.expansions, ...additions.flatMap((one) => one.expansions)],
  };
}
