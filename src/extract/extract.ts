/**
 * Text of one source file -> its outline. Synchronous and without IO: the grammar was loaded before (grammars.ts).
 * Used by the ingest workers. Never throws on bad code: what could not be read is said in `warnings`.
 */
import type { Tree } from "web-tree-sitter";
import { emptyOutline, type Outline } from "../model/outline.ts";
import { discardRuntime, type LoadedGrammar, loadedGrammar } from "./grammars.ts";
import {
  type GrammarLanguage,
  type LanguageName,
  languageTable,
  type PatternLanguage,
} from "./language-table.ts";
import { bash } from "./languages/bash.ts";
import { c } from "./languages/c.ts";
import { cpp } from "./languages/cpp.ts";
import { csharp } from "./languages/csharp.ts";
import { dart } from "./languages/dart.ts";
import { elixir } from "./languages/elixir.ts";
import { go } from "./languages/go.ts";
import { haskell } from "./languages/haskell.ts";
import { java } from "./languages/java.ts";
import { javascript, tsx, typescript } from "./languages/javascript.ts";
import { kotlin } from "./languages/kotlin.ts";
import { lua } from "./languages/lua.ts";
import { php } from "./languages/php.ts";
import { python } from "./languages/python.ts";
import { ruby } from "./languages/ruby.ts";
import { rust } from "./languages/rust.ts";
import { scala } from "./languages/scala.ts";
import { sql } from "./languages/sql.ts";
import { swift } from "./languages/swift.ts";
import { zig } from "./languages/zig.ts";
import { type PatternRules, type Plan, planFor, type Rules } from "./rules.ts";
import { Walk } from "./walk.ts";

export interface Source {
  /** Only its extension is looked at. */
  path: string;
  language: LanguageName;
  text: string;
  /** Milliseconds the parser may take; enough for the slowest grammar on a busy machine when left out. */
  parse_limit_ms?: number;
}

/** A grammar of grammars.json: that of a language, or another one for some of its files. */
type Grammar = GrammarLanguage | "tsx";

const rulesByGrammar: Record<Grammar, Rules> = {
  bash,
  c,
  cpp,
  csharp,
  dart,
  elixir,
  go,
  haskell,
  java,
  javascript,
  kotlin,
  lua,
  php,
  python,
  ruby,
  rust,
  scala,
  swift,
  tsx,
  typescript,
  zig,
};

const patternsByLanguage: Record<PatternLanguage, PatternRules> = { sql };

const plans = new Map<Grammar, Plan>();

/** Entities and relations of one file; empty for a language that has neither grammar nor patterns. */
export function extract(source: Source): Outline {
  const grammar = grammarOf(source);
  if (!grammar) return patternsOf(source);
  const rules = rulesByGrammar[grammar];
  const language = grammar === "tsx" ? "typescript" : grammar;
  const loaded = loadedGrammar(grammar);
  if (!loaded) throw new Error(`grammar ${grammar} is not loaded: call loadGrammar before extract`);
  const plan = plans.get(grammar) ?? planFor(rules, loaded.language);
  plans.set(grammar, plan);
  try {
    const limit = source.parse_limit_ms ?? 2000 + source.text.length * 0.006;
    return outlineOf(source.text, { rules, language, plan, loaded, limit });
  } catch (error) {
    discardRuntime();
    const reason = error instanceof Error ? error.message : String(error);
    return { ...emptyOutline(), warnings: [`parser failed, no entities: ${reason.split("\n", 1)[0]}`] };
  }
}

function patternsOf({ language, text }: Source): Outline {
  if (!isKey(patternsByLanguage, language)) return emptyOutline();
  const rules = patternsByLanguage[language];
  const walk = new Walk(text, rules, languageTable[language]);
  rules.read(walk);
  return walk.outline();
}

/** TSX and C++ headers share their language's or extension's name with another grammar. */
function grammarOf({ path, language, text }: Source): Grammar | undefined {
  const lower = path.toLowerCase();
  if (language === "typescript" && lower.endsWith(".tsx")) return "tsx";
  if (language === "c" && lower.endsWith(".h") && looksLikeCpp(text)) return "cpp";
  return isKey(rulesByGrammar, language) ? language : undefined;
}

const isKey = <K extends string>(table: Record<K, unknown>, key: string): key is K =>
  Object.hasOwn(table, key);

const looksLikeCpp = (text: string): boolean =>
  /^[ \t]*(?:class[ \t]+\w|namespace\b|template[ \t]*<|(?:public|private|protected)[ \t]*:)/m.test(text);

interface Readers {
  rules: Rules;
  loaded: LoadedGrammar;
  limit: number;
}

interface Prepared extends Readers {
  language: LanguageName;
  plan: Plan;
}

function outlineOf(text: string, { rules, language, plan, loaded, limit }: Prepared): Outline {
  const tree = bestTree(text, { rules, loaded, limit });
  if (!tree)
    return { ...emptyOutline(), warnings: ["parser stopped: the text takes too much time or memory"] };
  try {
    const root = tree.rootNode;
    const walk = new Walk(text, rules, languageTable[language]);
    for (const node of root.descendantsOfType(plan.types)) {
      walk.moveTo(node.startIndex);
      plan.visits[node.typeId]?.(node, walk);
    }
    rules.finish?.(walk);
    if (root.hasError) walk.warn("syntax errors: entities are partial");
    return walk.outline();
  } finally {
    tree.delete();
  }
}

/** Of the two ways in which a text can be read the one in which more definitions are whole. */
function bestTree(text: string, { rules, loaded, limit }: Readers): Tree | null {
  const first = parse(rules.readable?.(text) ?? text, loaded, limit);
  const { otherwise } = rules;
  if (!otherwise || !first?.rootNode.hasError) return first;
  const other = otherwise.text(text);
  const second = other === undefined ? null : parse(other, loaded, limit);
  if (!second) return first;
  const whole = ({ rootNode }: Tree): number =>
    rootNode.descendantsOfType(otherwise.counts).filter((node) => !node.hasError).length;
  const isBetter = whole(second) > whole(first);
  (isBetter ? first : second).delete();
  return isBetter ? second : first;
}

/** More than the largest file that is indexed needs; memory never shrinks again, so the limit is on what is added. */
const memoryLimit = 500 * 2 ** 20;

/**
 * Null when the parser takes much longer than any real code of this length needs, or fills the memory: ambiguous or
 * broken code can send a grammar into steps that grow with the square of the text and worse.
 */
function parse(text: string, { parser, memory }: LoadedGrammar, limit: number): Tree | null {
  const deadline = performance.now() + limit;
  const ceiling = Math.max(memoryLimit, memory.buffer.byteLength);
  const progressCallback = () => performance.now() > deadline || memory.buffer.byteLength > ceiling;
  const tree = parser.parse(text, null, { progressCallback });
  if (!tree) parser.reset();
  return tree;
}
