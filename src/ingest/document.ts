/**
 * One source file from bytes to what is stored: outline, chunks, postings, version content. Pure but for the segment
 * it adds to. Run by worker.ts.
 */
import { hash as digest } from "node:crypto";
import { chunkStarts } from "../extract/chunk.ts";
import { extract } from "../extract/extract.ts";
import type { Language } from "../extract/language.ts";
import { COMMENT_ONLY, createLexer, type Lexed } from "../extract/lexer.ts";
import { type Entity, emptyOutline, entityTypes, type Outline } from "../model/outline.ts";
import { WORD, WordClass } from "../model/words.ts";
import { encodeBody } from "../store/file-body.ts";
import type { SegmentBuilder } from "../store/lexical/builder.ts";
import type { Definition } from "../store/lexical/document.ts";
import { pathFlags } from "./path-flags.ts";

/** Part of every version's hash: a new extractor makes new versions. Raise it when outlines or postings change. */
export const EXTRACTOR_VERSION = 3;

export interface SourceDocument {
  path: string;
  language: Language;
  bytes: Buffer;
  /** False when the parser was stopped on this file before: words only. */
  parse: boolean;
}

export interface IndexedDocument {
  hash: Uint8Array;
  body: Uint8Array;
  entities: number;
  warning?: string;
}

const MAX_DOC_LINES = 60;
const MAX_DOCSTRING_LINES = 40;
const HEAD_LINES = 30;
/** Languages whose modules are types to a reader; elsewhere a module is a name space. */
const MODULE_IS_TYPE = new Set(["ruby", "elixir", "haskell", "swift", "kotlin", "scala"]);

export const contentHash = (bytes: Uint8Array): Uint8Array =>
  digest("sha256", Buffer.concat([bytes, Buffer.from(`\0momo extractor ${EXTRACTOR_VERSION}`)]), "buffer");

/** Adds documents to the builder it is given; one per worker. */
export function createDocumentMaker(): (source: SourceDocument, builder: SegmentBuilder) => IndexedDocument {
  let builder: SegmentBuilder;
  // biome-ignore lint/complexity/useMaxParams: called for every word
  const lex = createLexer((bytes, start, end, hash) => builder.vocabulary.intern(bytes, start, end, hash));
  return (source, target) => {
    builder = target;
    const { path, language, bytes } = source;
    const outline = outlineOf(source);
    const lexed = lex(bytes, language.name);
    const definitions = definitionsOf(outline.entities, language.name);
    markComments(lexed, outline.entities, language.name);
    target.add({
      path,
      language: language.name,
      flags: pathFlags(path, language.support === "text"),
      lines: lexed.lines,
      chunkStarts: chunkStarts(
        { count: lexed.lines, start: lexed.lineStart, indent: lexed.indent },
        anchorsOf(outline.entities, language.name, { bytes, lexed }),
      ),
      entityCounts: countTypes(outline.entities),
      words: { count: lexed.words, word: lexed.word, line: lexed.line, class: lexed.class },
      definitions,
      imports: importWords(outline),
    });
    return {
      hash: contentHash(bytes),
      body: encodeBody({ language: language.name, lines: lexed.lines, bytes: bytes.length, ...outline }),
      entities: outline.entities.length,
      ...(outline.warnings.length > 0 && { warning: outline.warnings.join("; ") }),
    };
  };
}

function outlineOf({ path, language, bytes, parse }: SourceDocument): Outline {
  if (language.support === "text") return emptyOutline();
  if (!parse)
    return { ...emptyOutline(), warnings: ["the parser was stopped on this file: words only, no entities"] };
  return extract({ path, language: language.name, text: bytes.toString() });
}

function countTypes(entities: Entity[]): Uint32Array {
  const counts = new Uint32Array(entityTypes.length);
  for (const { type } of entities) counts[entityTypes.indexOf(type)]++;
  return counts;
}

function kindOf(entity: Entity, language: string): Definition["kind"] | undefined {
  switch (entity.type) {
    case "function":
    case "method":
      return "function";
    case "variable":
      return "variable";
    case "module":
      return MODULE_IS_TYPE.has(language) ? "type" : "variable";
    case "import":
    case "export":
      return undefined;
    default:
      return "type";
  }
}

function definitionsOf(entities: Entity[], language: string): Definition[] {
  const definitions: Definition[] = [];
  for (const entity of entities) {
    const kind = kindOf(entity, language);
    if (!kind) continue;
    definitions.push({
      name: entity.name,
      qualified: entity.qualified,
      line: entity.name_line - 1,
      kind,
      indent: entity.indent,
      typeBit: entityTypes.indexOf(entity.type),
    });
  }
  return definitions.sort((a, b) => a.line - b.line);
}

/** Lines where a chunk likes to begin: definitions that hold something, top-level ones, headings of a document. */
function anchorsOf(
  entities: Entity[],
  language: string,
  file: { bytes: Buffer; lexed: Lexed },
): { line: number; indent: number }[] {
  if (language === "markdown") return headings(file);
  const lines = new Map<number, number>();
  for (const entity of entities) {
    const kind = kindOf(entity, language);
    if (!kind || (kind === "variable" && entity.indent > 0)) continue;
    const line = entity.start_line - 1;
    lines.set(line, Math.min(lines.get(line) ?? entity.indent, entity.indent));
  }
  return Array.from(lines, ([line, indent]) => ({ line, indent }));
}

function headings({ bytes, lexed }: { bytes: Buffer; lexed: Lexed }): { line: number; indent: number }[] {
  const found: { line: number; indent: number }[] = [];
  for (let line = 0; line < lexed.lines; line++)
    if (bytes[lexed.lineStart[line]] === 35) found.push({ line, indent: 0 });
  return found;
}

/** Turns plain comments into head and documentation comments, by the lines they stand on. */
function markComments(lexed: Lexed, entities: Entity[], language: string): void {
  const documented = new Uint8Array(lexed.lines);
  const { indent } = lexed;
  const docstrings = language === "python" || language === "elixir";
  for (const entity of entities) {
    const kind = kindOf(entity, language);
    if (!kind || (entity.indent > 0 && kind !== "type")) continue;
    for (
      let line = entity.start_line - 2, n = 0;
      line >= 0 && indent[line] === COMMENT_ONLY && n < MAX_DOC_LINES;
      n++
    ) {
      documented[line--] = 1;
    }
    if (!docstrings) continue;
    for (
      let line = entity.name_line, n = 0;
      line < lexed.lines && indent[line] >= COMMENT_ONLY && n < MAX_DOCSTRING_LINES;
      n++
    ) {
      documented[line++] = 1;
    }
  }
  for (let i = 0; i < lexed.words; i++) {
    if (lexed.class[i] !== WordClass.comment) continue;
    const line = lexed.line[i];
    if (documented[line]) lexed.class[i] = WordClass.docComment;
    else if (line < HEAD_LINES) lexed.class[i] = WordClass.headComment;
  }
}

/** Words that import statements name: how other files are found to depend on a file. */
function importWords({ entities, relations }: Outline): Set<string> {
  const words = new Set<string>();
  const add = (text: string): void => {
    for (const word of text.match(WORD) ?? []) words.add(word.toLowerCase());
  };
  for (const relation of relations) if (relation.type === "imports") add(relation.to);
  for (const entity of entities) if (entity.type === "import") add(entity.name);
  return words;
}
