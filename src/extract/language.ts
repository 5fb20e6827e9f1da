/** Which language a file is in, by name, extension or shebang; used by collect, ingest and search filters. */
import { type LanguageName, type LanguageRow, languageTable } from "./language-table.ts";

export interface Language extends LanguageRow {
  name: LanguageName;
}

/** Every language Momo knows; an extension or file name belongs to one row only (a test checks). */
export const languages: Language[] = Object.entries(languageTable).map(([name, row]) => ({
  name: name as LanguageName,
  ...row,
}));

const byName = new Map<string, Language>(languages.map((one) => [one.name, one]));

/** The row of a name that comes from outside: what a knowledge base holds, what a caller asks for. */
export const languageNamed = (name: string): Language | undefined => byName.get(name);

const byExtension = new Map(languages.flatMap((one) => one.extensions.map((key) => [key, one] as const)));
const byFilename = new Map(
  languages.flatMap((one) => (one.filenames ?? []).map((key) => [key, one] as const)),
);
const byInterpreter = new Map(
  languages.flatMap((one) => (one.interpreters ?? []).map((key) => [key, one] as const)),
);

/**
 * The language of a file, or undefined when the table has none for it.
 * `firstBytesText` (the file's beginning) is looked at only for a `#!` line, and only when the name says nothing.
 */
export function detectLanguage(path: string, firstBytesText?: string): Language | undefined {
  const filename = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).toLowerCase();
  const dot = filename.lastIndexOf(".");
  const named = byFilename.get(filename) ?? (dot >= 0 ? byExtension.get(filename.slice(dot)) : undefined);
  if (named) return named;
  // `Dockerfile.dev`, `Makefile.am`: the name says it, whatever follows the dot.
  const stem = dot > 0 ? byFilename.get(filename.slice(0, filename.indexOf("."))) : undefined;
  if (stem?.name === "dockerfile" || stem?.name === "makefile") return stem;
  return firstBytesText?.startsWith("#!") ? byShebang(firstBytesText) : undefined;
}

/** Names of all languages, in table order: what `--language` accepts. */
export const languageNames = (): string[] => languages.map((one) => one.name);

/** `#!/usr/bin/env -S python3.12 -u` is python: the first word that is no path, option or assignment, version cut. */
function byShebang(text: string): Language | undefined {
  const end = text.indexOf("\n");
  const words = text
    .slice(2, end < 0 ? 200 : Math.min(end, 200))
    .trim()
    .split(/\s+/);
  for (const word of words) {
    const program = word.slice(word.lastIndexOf("/") + 1);
    if (program === "env" || word.startsWith("-") || word.includes("=")) continue;
    return byInterpreter.get(program) ?? byInterpreter.get(program.replace(/[\d.]+$/, ""));
  }
  return undefined;
}
