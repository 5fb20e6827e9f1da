/**
 * Loads tree-sitter grammars, once per thread. Used by extract.ts; workers call `loadGrammar` before they extract.
 * The .wasm files come from npm packages (grammars.json) and are shipped as dist/grammars by scripts/copy-assets.mjs.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Language, Parser } from "web-tree-sitter";
import packagePaths from "./grammars.json" with { type: "json" };

/** One loaded grammar and the parser that is set to it. */
export interface LoadedGrammar {
  language: Language;
  parser: Parser;
}

const loading = new Map<string, Promise<void>>();
const loaded = new Map<string, LoadedGrammar>();
let runtime: Promise<void> | undefined;

/** True when entities of this language come from a grammar. */
export const hasGrammar = (language: string): boolean => Object.hasOwn(packagePaths, language);

/** Loads what `extract` needs for a file of this language at this path; a second call costs nothing. */
export async function loadGrammar(language: string, path: string): Promise<void> {
  await Promise.all(grammarsFor(language, path).map(loadOnce));
}

/** The loaded grammar of that name (`tsx`, `cpp`), or undefined when nobody loaded it. */
export const loadedGrammar = (grammar: string): LoadedGrammar | undefined => loaded.get(grammar);

/** A parser that failed may hold a half-built tree: replaced by a new one. */
export function renewParser(grammar: string): void {
  const entry = loaded.get(grammar);
  if (entry)
    loaded.set(grammar, { language: entry.language, parser: new Parser().setLanguage(entry.language) });
}

/** Grammars a file may need: TSX is another grammar than TypeScript, and only the text tells a C++ header from a C one. */
function grammarsFor(language: string, path: string): string[] {
  if (!hasGrammar(language)) return [];
  if (language === "typescript") return [path.toLowerCase().endsWith(".tsx") ? "tsx" : "typescript"];
  if (language === "c" && path.toLowerCase().endsWith(".h")) return ["c", "cpp"];
  return [language];
}

function loadOnce(grammar: string): Promise<void> {
  let promise = loading.get(grammar);
  if (!promise) {
    promise = load(grammar as keyof typeof packagePaths);
    loading.set(grammar, promise);
  }
  return promise;
}

async function load(grammar: keyof typeof packagePaths): Promise<void> {
  runtime ??= Parser.init();
  await runtime;
  const language = await Language.load(locate(grammar));
  loaded.set(grammar, { language, parser: new Parser().setLanguage(language) });
}

/** Beside the built code, else in the checkout's build, else straight from the packages. */
function locate(grammar: keyof typeof packagePaths): string {
  const places = [
    `../grammars/${grammar}.wasm`,
    `../../dist/grammars/${grammar}.wasm`,
    `../../node_modules/${packagePaths[grammar]}`,
  ].map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return places.find(existsSync) ?? places[0]!;
}
