/**
 * Loads tree-sitter grammars, once per thread. Used by extract.ts; workers call `loadGrammar` before they extract.
 * The .wasm files come from npm packages (grammars.json) and are shipped as dist/grammars by scripts/copy-assets.mjs.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { isMainThread } from "node:worker_threads";
import type { Language, Parser } from "web-tree-sitter";
import packagePaths from "./grammars.json" with { type: "json" };

/** The memory of a WebAssembly runtime, as far as it matters here. */
interface Memory {
  readonly buffer: { readonly byteLength: number };
}

/** One loaded grammar, the parser that is set to it, and the memory that all parsers of this thread share. */
export interface LoadedGrammar {
  language: Language;
  parser: Parser;
  memory: Memory;
}

interface Runtime {
  library: typeof import("web-tree-sitter");
  memory: Memory;
}

/** Node has it, TypeScript's `lib` has it only together with the browser's. */
const { Memory: WasmMemory } = (
  globalThis as unknown as {
    WebAssembly: { Memory: new (limits: { initial: number; maximum: number }) => Memory };
  }
).WebAssembly;

const loading = new Map<string, Promise<void>>();
const loaded = new Map<string, LoadedGrammar>();
let runtime: Promise<Runtime> | undefined;

const require = createRequire(import.meta.url);

/** True when entities of this language come from a grammar. */
export const hasGrammar = (language: string): boolean => Object.hasOwn(packagePaths, language);

/** Loads what `extract` needs for a file of this language at this path; a second call costs nothing. */
export async function loadGrammar(language: string, path: string): Promise<void> {
  await Promise.all(grammarsFor(language, path).map(loadOnce));
}

/** The loaded grammar of that name (`tsx`, `cpp`), or undefined when nobody loaded it. */
export const loadedGrammar = (grammar: string): LoadedGrammar | undefined => loaded.get(grammar);

/**
 * A runtime that aborted (its memory is full, a grammar is at fault) answers nothing any more. It is let go with its
 * memory; the next `loadGrammar` starts another one.
 */
export function discardRuntime(): void {
  loading.clear();
  loaded.clear();
  runtime = undefined;
  const path = require.resolve(libraryName);
  const parent = require.cache[path]?.parent;
  if (parent) parent.children = parent.children.filter(({ filename }) => filename !== path);
  delete require.cache[path];
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
    promise = load(grammar as GrammarName);
    loading.set(grammar, promise);
  }
  return promise;
}

async function load(grammar: GrammarName): Promise<void> {
  // Workers leave it to the pool, which knows when none of them parses; on the main thread nobody else does.
  if (isMainThread && hugeLexers.has(grammar)) stopOptimising();
  loaded.set(grammar, await open(grammar));
}

async function open(grammar: GrammarName): Promise<LoadedGrammar> {
  runtime ??= startRuntime();
  const { library, memory } = await runtime;
  const language = await library.Language.load(locate(grammar));
  return { language, parser: new library.Parser().setLanguage(language), memory };
}

const libraryName = "web-tree-sitter";

/** Pages of 64 KiB: 32 MiB as the library itself would ask for, and twice what a source of 10 MB needs. */
const initialPages = 512;
const maximumPages = 12_288;

/** As CommonJS, because the library keeps one runtime for ever and only `require` can forget a module. */
async function startRuntime(): Promise<Runtime> {
  const library: Runtime["library"] = require(libraryName);
  const memory = new WasmMemory({ initial: initialPages, maximum: maximumPages });
  // What it has to say about an abort is said by the error it throws.
  await library.Parser.init({ wasmMemory: memory, printErr: () => undefined });
  return { library, memory };
}

type GrammarName = keyof typeof packagePaths;

/**
 * Grammars whose lexer is one huge function. Within the first 100 bytes that such a lexer reads (Ruby's: 1 KB) V8 hands
 * it to its optimising compiler, which adds to the process, in the background: Ruby 85 MB, C# 150, Elixir 200, Kotlin
 * 500, Bash 520, Swift 2,830 MB and up to 8 s of processor time. The baseline compiler takes nothing of note, and parses
 * at 0.9 to 1.3 times the speed if the runtime is optimised, at 0.6 to 0.9 times if nothing is (docs/decisions/0007).
 */
const hugeLexers = new Set<string>(["bash", "csharp", "elixir", "kotlin", "ruby", "swift"]);

let mayOptimise = true;

/** True when `stopOptimising` has yet to be called before a file of this language is parsed. */
export const endsOptimising = (language: string): boolean => mayOptimise && hugeLexers.has(language);

/**
 * Switches V8's optimising compiler for WebAssembly off, for good: the flags are the process's, and the baseline compiler
 * reads them again at every branch of a function it compiles. To be called on the main thread while no thread parses.
 * A function that was called before is still optimised once it has been called often.
 */
export function stopOptimising(): void {
  if (!mayOptimise) return;
  mayOptimise = false;
  for (const flag of ["wasm-dynamic-tiering", "wasm-tier-up"]) setFlagsFromString(`--no-${flag}`);
}

const smallest: GrammarName = "lua";
const everyKindOfStep = "function f(a, b)\n  local t = { 1, x = 'y' } -- c\n  return a + ) b\nend\n";

/** Calls the functions of the runtime that all grammars share, so that a later `stopOptimising` leaves them out. */
export async function warmUpRuntime(): Promise<void> {
  await loadOnce(smallest);
  loaded.get(smallest)!.parser.parse(everyKindOfStep)?.delete();
}

/** Beside the built code, else in the checkout's build, else straight from the packages. */
function locate(grammar: GrammarName): string {
  const places = [
    `../grammars/${grammar}.wasm`,
    `../../dist/grammars/${grammar}.wasm`,
    `../../node_modules/${packagePaths[grammar]}`,
  ].map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return places.find(existsSync) ?? places[0]!;
}
