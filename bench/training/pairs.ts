/**
 * Training pairs of one repository, as bags of stems: what describes a piece of code, and the code. Used by
 * make-pairs.ts, one repository after another in each worker thread.
 *
 * - a doc comment, and the definition's name and body
 * - a definition's name, and its body without the words of the name (where there is no doc comment)
 * - a file's path and the names of its types, and a window of its lines
 * - a commit's subject, and the lines it changed in one file with the file's path
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { createDocumentReader } from "../../src/extract/document.ts";
import { extract } from "../../src/extract/extract.ts";
import { hasGrammar, loadGrammar } from "../../src/extract/grammars.ts";
import { detectLanguage } from "../../src/extract/language.ts";
import type { LanguageName } from "../../src/extract/language-table.ts";
import { pathFlags } from "../../src/ingest/path-flags.ts";
import type { SegmentDocument } from "../../src/model/lexical-document.ts";
import { type Entity, emptyOutline } from "../../src/model/outline.ts";
import { splitIdentifier, stem, WORD, WordClass } from "../../src/model/words.ts";
import { Vocabulary } from "../../src/store/lexical/vocabulary.ts";
import { queryOf } from "../commit-subject.ts";
import { mirrorOf } from "../mirrors.ts";
import type { Random } from "./random.ts";

const BODY_LINES = 30;
const BODY_STEMS = 80;
const DOC_STEMS = 30;
const WINDOWS = 2;
const MAX_COMMITS = 800;

export type PairKind = "documented" | "named" | "window" | "commit";

/** Stems with repetitions. */
export interface Pair {
  kind: PairKind;
  left: string[];
  right: string[];
}

export const stemsOf = (text: string): string[] =>
  (text.match(WORD) ?? []).flatMap(splitIdentifier).map(stem);

const distinct = (stems: readonly string[]): number => new Set(stems).size;

interface FileWords {
  /** Stems of code, strings and names, by 0-based line. */
  code: string[][];
  path: string[];
}

const CODE = new Set<number>([WordClass.code, WordClass.string]);

/** Reads files into words; keeps the lexer's buffers. */
function createFileReader(): (
  path: string,
  language: LanguageName,
  bytes: Buffer,
  entities: Entity[],
) => FileWords {
  const read = createDocumentReader();
  const vocabulary = new Vocabulary();
  const known: (string[] | undefined)[] = [];
  // biome-ignore lint/complexity/useMaxParams: called in one place
  return (path, language, bytes, entities) => {
    let document: SegmentDocument | undefined;
    const outline = { ...emptyOutline(), entities };
    read(
      { path, language, flags: pathFlags(path, false), bytes, outline },
      {
        vocabulary,
        add: (made) => {
          document = made;
        },
      },
    );
    const { lines, words } = document!;
    const code: string[][] = Array.from({ length: lines }, () => []);
    for (let i = 0; i < words.count; i++) {
      if (!CODE.has(words.class[i])) continue;
      const id = words.word[i];
      known[id] ??= splitIdentifier(vocabulary.word(id)).map(stem);
      code[words.line[i]].push(...known[id]);
    }
    return { code, path: stemsOf(path.replace(/\.[^./]*$/, "")) };
  };
}

function linesOf({ code }: FileWords, from: number, to: number): string[] {
  const stems: string[] = [];
  for (let line = from; line < Math.min(to, code.length) && stems.length <= BODY_STEMS; line++)
    stems.push(...code[line]);
  return stems;
}

const DEFINES = new Set(["function", "method", "class", "interface", "type", "enum", "module"]);
const TYPES = new Set(["class", "interface", "type", "enum", "module"]);

function* pairsOfFile(file: FileWords, entities: Entity[], random: Random): Generator<Pair> {
  const defined = entities.filter(({ type }) => DEFINES.has(type));
  for (const [i, entity] of defined.entries()) {
    const next = defined[i + 1]?.start_line ?? Number.POSITIVE_INFINITY;
    const end = Math.min(
      entity.end_line,
      entity.name_line + BODY_LINES,
      Math.max(next - 1, entity.name_line + 3),
    );
    const body = linesOf(file, entity.name_line - 1, end);
    const documentation = stemsOf(entity.docstring ?? "").slice(0, DOC_STEMS);
    const name = stemsOf(entity.name);
    if (distinct(documentation) >= 4 && distinct(body) >= 4) {
      yield { kind: "documented", left: documentation, right: [...body, ...file.path] };
    } else if (name.length >= 2 && body.length > 8) {
      const own = new Set(name);
      const rest = body.filter((one) => !own.has(one));
      if (rest.length > 5) yield { kind: "named", left: name, right: [...rest, ...file.path] };
    }
  }
  const lines = file.code.length;
  if (lines <= 20 || file.path.length === 0) return;
  const types = defined.filter(({ type }) => TYPES.has(type)).flatMap(({ name }) => stemsOf(name));
  for (let i = 0; i < WINDOWS; i++) {
    const start = Math.floor(random() * Math.max(1, lines - BODY_LINES));
    const right = linesOf(file, start, start + BODY_LINES);
    if (right.length > 10) yield { kind: "window", left: [...file.path, ...types].slice(0, 20), right };
  }
}

export async function* pairsOfSources(folder: string, random: Random): AsyncGenerator<Pair> {
  const read = createFileReader();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => relative(folder, join(item.parentPath, item.name)))
    .sort();
  for (const path of files) {
    const language = detectLanguage(path);
    if (!language || language.support === "text" || pathFlags(path, false) & 1) continue;
    if (hasGrammar(language.name)) await loadGrammar(language.name, path);
    const bytes = readFileSync(join(folder, path));
    const { entities } = extract({ path, language: language.name, text: bytes.toString() });
    yield* pairsOfFile(read(path, language.name, bytes, entities), entities, random);
  }
}

const LOG = ["log", "-p", "-U1", "--no-merges", "--no-color", "--no-ext-diff", "--no-textconv"];
LOG.push("--diff-filter=M", `-n${MAX_COMMITS}`, "--format=%x00%s");

/** Of the newest commits before `commit`, each with at most three files. */
export function* pairsOfCommits(repository: string, commit: string): Generator<Pair> {
  const gitFolder = mirrorOf(repository);
  if (!gitFolder) throw new Error(`${repository} is not fetched: its commits are part of the pairs`);
  // A mirror may lack its largest blobs: git stops at a commit that changed one, and what came before counts.
  const { stdout } = spawnSync("git", ["--git-dir", gitFolder, ...LOG, commit], { maxBuffer: 2 ** 30 });
  const log = stdout.toString();
  for (const text of log.split("\0").slice(1)) {
    const end = text.indexOf("\n");
    const left = stemsOf(queryOf(text.slice(0, end < 0 ? text.length : end)) ?? "");
    if (distinct(left) < 4) continue;
    const files = text.split("\ndiff --git ").slice(1).filter(isSource);
    if (files.length === 0 || files.length > 3) continue;
    for (const file of files) {
      const right = changedStems(file);
      if (distinct(right) >= 4) yield { kind: "commit", left, right };
    }
  }
}

const pathOf = (diff: string): string => /^a\/(\S+) b\//.exec(diff)?.[1] ?? "";

function isSource(diff: string): boolean {
  const path = pathOf(diff);
  const language = path ? detectLanguage(path) : undefined;
  return language !== undefined && language.support !== "text" && (pathFlags(path, false) & 1) === 0;
}

function changedStems(diff: string): string[] {
  const stems = stemsOf(pathOf(diff).replace(/\.[^./]*$/, ""));
  for (const line of diff.split("\n").slice(1)) {
    const context = /^@@ .*? @@(.*)$/.exec(line)?.[1];
    if (context !== undefined) stems.push(...stemsOf(context));
    else if (/^[ +-](?!\+\+ |-- )/.test(line)) stems.push(...stemsOf(line));
    if (stems.length > BODY_STEMS) break;
  }
  return stems;
}
