/**
 * What a query seems to want, from its words alone (requirements N01, N02): intent, what it names, where it wants to
 * look, and how sure that is. Shown by --explain; search.ts also uses the places of a stack trace. Pure.
 */
import { languages } from "../extract/language.ts";
import type { NamedThing, QueryIntent, QueryScope, Understanding } from "../model/api.ts";
import { readQuery } from "./query.ts";

/**
 * Words and phrases of each intent, matched whole: "add" is no part of "address". Where two intents weigh the same, the
 * earlier one is taken: what is to be changed is asked for more rarely than what is to be found, and says so.
 */
const keywords: Record<Exclude<QueryIntent, "general">, string> = {
  fix: `fix fixes fixed bug bugs debug broken crash crashes crashed fail fails failed failing exception traceback wrong
    problem issue resolve repair panic panics segfault hangs leak leaks error errors doesn't_work not_working`,
  refactor: `refactor refactoring rename restructure reorganize reorganise simplify clean_up cleanup extract deduplicate
    rewrite modernize modernise optimize optimise split_up inline decouple`,
  generate: `generate create write add implement build make scaffold produce draft`,
  explain: `explain how why what describe understand meaning means purpose works overview walk_through difference
    document documentation summarize summarise`,
  search: `find search where locate show list which look_up lookup grep who_calls usages references defined definition`,
};

/** Words that name a subject as often as they ask for something: "error handling", "search index". */
const weak = new Set(
  `error errors exception issue problem search list build write extract references definition document documentation
   works lookup create make leak resolve exception`.split(/\s+/),
);

const phrases = Object.entries(keywords).map(([intent, text]) => ({
  intent: intent as Exclude<QueryIntent, "general">,
  words: text.split(/\s+/).map((word) => ({
    isWeak: weak.has(word),
    // A word ends where neither a letter nor an underscore goes on: `add` is not asked for by `add_user` either.
    pattern: new RegExp(`(?<![\\w.])${word.replaceAll("_", "\\s+")}(?![\\w(.]\\w|[\\w(])`, "gi"),
  })),
}));

const FIRST = 2;
const ELSEWHERE = 1;
const WEAK = 0.5;

/** What handles errors is not an error that somebody has. */
const ERROR_SUBJECT =
  /\berrors?\s+(?:handl\w+|messages?|codes?|class\w*|types?|pages?|boundar\w+|middleware|report\w*)\b/gi;

/**
 * Weight of each intent: 2 for a keyword that begins the query, 1 elsewhere, half for words that may be the subject. The
 * name of an error and a place in a stack trace say "fix" without a word.
 */
function intentWeights(
  query: string,
  things: readonly NamedThing[],
): { intent: QueryIntent; weight: number }[] {
  const text = query.replace(ERROR_SUBJECT, "");
  const failures = things.filter(({ kind, line }) => kind === "error" || line !== undefined).length;
  return phrases.map(({ intent, words }) => {
    let weight = intent === "fix" ? Math.min(2, failures) : 0;
    for (const { pattern, isWeak } of words) {
      for (const { index } of text.matchAll(pattern)) {
        const place = /^\W*$|^\W*(?:please|can you|could you|help me|i want to|let's)\W*$/i.test(
          text.slice(0, index),
        );
        weight += (place ? FIRST : ELSEWHERE) * (isWeak ? WEAK : 1);
      }
    }
    return { intent, weight };
  });
}

const TRACE =
  /File "(?<python>[^"\n]+)", line (?<pythonLine>\d+)|(?<![\w@.+~/\\-])(?<path>(?:[A-Za-z]:)?[\w@.+~/\\-]*[\w+~-]\.[A-Za-z]\w{0,9}):(?<line>\d+)/g;
const PATH =
  /(?<![\w@.+~/\\-])(?:[\w@.+~-]+[/\\])+[\w@.+~-]*|(?<![\w@.+~/\\-])[\w@+~-]+(?:\.[\w@+~-]+)*\.(?<extension>[A-Za-z]\w{0,5})(?![\w/\\(.])/g;
const ERROR =
  /(?<![\w.])(?:[A-Z]{1,4}\d{3,5}|E[A-Z]{4,}|[A-Z]{2,}_[A-Z][A-Z_]*(?:ERROR|BUSY|DENIED|FAILED|TIMEOUT|INVALID)|[A-Z]\w*(?:Error|Exception|Panic|Fault))(?!\w)/g;
const QUOTED = /"(?<double>[^"\n]{2,})"|(?<![\w])'(?<single>[^'\n]{2,})'(?!\w)|`(?<tick>[^`\n]+)`/g;
const TYPE =
  /(?<![\w.])(?<type>class|function|method|interface|type|enum|module|variable|struct|trait|test|macro|constant)(?:e?s)?(?!\w)/gi;

const extensions = new Set(
  languages.flatMap((language) => language.extensions.map((dotted) => dotted.slice(1))),
);
/** Names of languages that are also words; only as their own spelling. */
const spellings: Record<string, RegExp> = {
  go: /(?<![\w.])(?:Go|golang)(?!\w)/,
  c: /(?<![\w.])C(?![\w+#])/,
  cpp: /(?<!\w)(?:C\+\+|cpp)(?!\w)/i,
  csharp: /(?<!\w)(?:C#|csharp)(?!\w)/i,
  javascript: /(?<![\w.])(?:javascript|JS)(?!\w)/i,
  typescript: /(?<![\w.])(?:typescript|TS)(?!\w)/,
  bash: /(?<![\w.])(?:bash|shell script)(?!\w)/i,
};
const ambiguous = new Set([
  "text",
  "make",
  "makefile",
  "dart",
  "swift",
  "lua",
  "zig",
  "rust",
  "scala",
  "ruby",
  "html",
  "css",
]);

function languagesIn(text: string): string[] {
  return languages
    .map(({ name }) => name)
    .filter((name) => {
      if (name === "text" || name === "makefile") return false;
      if (spellings[name]) return spellings[name].test(text);
      const word = ambiguous.has(name) ? `[${name[0]}${name[0].toUpperCase()}]${name.slice(1)}` : name;
      return new RegExp(`(?<![\\w./])${word}(?![\\w./-])`, ambiguous.has(name) ? "" : "i").test(text);
    });
}

/** Places in files that a text names with a line: stack traces, compiler messages, `src/a.ts:12`. In the order named. */
export function tracedPlaces(text: string): { path: string; line: number }[] {
  const places: { path: string; line: number }[] = [];
  for (const { groups = {} } of text.matchAll(TRACE)) {
    const path = (groups.python ?? groups.path ?? "").replaceAll("\\", "/").replace(/^\.\//, "");
    places.push({ path, line: Number(groups.pythonLine ?? groups.line) });
  }
  return places;
}

function pathsIn(text: string): string[] {
  const found: string[] = [];
  for (const { 0: whole, groups = {} } of text.matchAll(PATH)) {
    const isPath =
      groups.extension === undefined
        ? /[/\\]/.test(whole) && !/^\w+\/\w+$/.test(whole)
        : extensions.has(groups.extension.toLowerCase());
    if (isPath || /^(?:src|lib|test|tests|app|pkg|cmd|internal|docs)[/\\]/.test(whole)) found.push(whole);
  }
  return found;
}

/** Names that look like identifiers; of `Class.method` the whole. */
function identifiersIn(text: string): string[] {
  const written = text.replace(/::|->|#|\\/g, ".");
  const names = readQuery(text)
    .names.filter(({ name, weight }) => weight > 0.5 && /[a-z][A-Z]|_|^[A-Z]|\d|\./.test(name))
    .map(({ name }) => name)
    .filter((name) => written.includes(name));
  return names.filter((name) => !names.some((other) => other.endsWith(`.${name}`)));
}

/** What a query names, each once: the more telling kind where two fit. */
function thingsIn(text: string): NamedThing[] {
  const things = new Map<string, NamedThing>();
  const add = (thing: NamedThing): void => {
    if (!things.has(thing.text)) things.set(thing.text, thing);
  };
  for (const { path, line } of tracedPlaces(text)) add({ kind: "path", text: path, line });
  for (const path of pathsIn(text)) add({ kind: "path", text: path });
  for (const { groups = {} } of text.matchAll(QUOTED))
    add({ kind: "quoted", text: groups.double ?? groups.single ?? groups.tick ?? "" });
  for (const [code] of text.matchAll(ERROR)) add({ kind: "error", text: code });
  const named = [...things.keys()];
  for (const name of identifiersIn(text))
    if (!named.some((other) => other.includes(name))) add({ kind: "identifier", text: name });
  for (const language of languagesIn(text)) add({ kind: "language", text: language });
  for (const { groups = {} } of text.matchAll(TYPE))
    add({ kind: "type", text: (groups.type ?? "").toLowerCase() });
  return [...things.values()];
}

const FOLDER_WORDS =
  /\b(?:in|under|below|inside|within)\s+(?:the\s+)?(?<name>[\w./-]+)\s+(?:folder|directory|package|module)\b/i;

function scopeOf(text: string, things: readonly NamedThing[]): QueryScope {
  const of = (kind: NamedThing["kind"]): string[] =>
    things.filter((thing) => thing.kind === kind).map((thing) => thing.text);
  const paths = of("path");
  const files = paths.filter((path) => /\.[A-Za-z]\w*$/.test(path));
  if (files.length > 0) return { kind: "file", names: files };
  const folder = FOLDER_WORDS.exec(text)?.groups?.name;
  const folders = [...paths, ...(folder !== undefined && !paths.includes(folder) ? [folder] : [])];
  if (folders.length > 0) return { kind: "folder", names: folders };
  const named = of("language");
  return named.length > 0 ? { kind: "language", names: named } : { kind: "whole", names: [] };
}

const TESTS =
  /\b(?:unit|integration|regression|e2e)\s+tests?\b|\btests?\s+(?:for|of|that|cover(?:s|ing)?)\b|\btest\s+(?:cases?|files?|suites?)\b|\bspecs?\s+for\b|\b(?:where|how)\s+(?:is|are|do we)\b.*\btest(?:ed)?\b/i;

/** Whether tests are what is looked for, and not something that tests use. */
export const wantsTests = (text: string): boolean => TESTS.test(text);

/**
 * Confidence, 0 to 1: 0.3 for a query without a keyword. Else 0.4, + 0.4 times the share of the intent's weight in the
 * weights of all intents, + 0.1 when a keyword begins the query (weight 2 or more), + 0.05 for each thing that is named,
 * at most two. A name or a path alone is a search, as sure as 0.8.
 */
export function understand(text: string): Understanding {
  const things = thingsIn(text);
  const scope = scopeOf(text, things);
  const common = { entities: things, scope, ...(wantsTests(text) && { wants_tests: true }) };
  if (!/\s/.test(text.trim())) return { intent: "search", confidence: 0.8, ...common };
  const weights = intentWeights(text, things);
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return { intent: "general", confidence: 0.3, ...common };
  const best = weights.reduce((first, next) => (next.weight > first.weight ? next : first));
  const confidence =
    0.4 + (0.4 * best.weight) / total + (best.weight >= FIRST ? 0.1 : 0) + 0.05 * Math.min(2, things.length);
  return { intent: best.intent, confidence: Math.round(confidence * 100) / 100, ...common };
}
