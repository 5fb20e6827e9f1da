/**
 * What the lexical index takes of a document: its words by line and class, its chunks and its definitions, from the
 * text and its outline. Pure but for the sink it adds to. Used by ingest for files, by entry-words.ts for entries.
 */
import {
  type Definition,
  DocumentFlag,
  type DocumentSink,
  type SegmentDocument,
} from "../model/lexical-document.ts";
import { type Entity, entityTypes, type Outline } from "../model/outline.ts";
import { WORD, WordClass } from "../model/words.ts";
import { chunkStarts } from "./chunk.ts";
import { type LanguageName, languageTable } from "./language-table.ts";
import { COMMENT_ONLY, createLexer, type Lexed } from "./lexer.ts";

export interface DocumentSource extends Pick<SegmentDocument, "path" | "title" | "flags"> {
  language: LanguageName;
  bytes: Buffer;
  outline: Outline;
}

const MAX_DOC_LINES = 60;
const MAX_DOCSTRING_LINES = 40;
const HEAD_LINES = 30;

/** Adds documents to the sink it is given; keeps the lexer's buffers, so one per thread. */
export function createDocumentReader(): (source: DocumentSource, sink: DocumentSink) => { lines: number } {
  let sink: DocumentSink;
  // biome-ignore lint/complexity/useMaxParams: called for every word
  const lex = createLexer((bytes, start, end, hash) => sink.vocabulary.intern(bytes, start, end, hash));
  return (source, target) => {
    sink = target;
    const { bytes, outline, ...named } = source;
    const lexed = lex(bytes, source.language);
    markComments(lexed, outline.entities, source.language);
    const covered = chunksOf(source, lexed);
    target.add({
      ...named,
      ...covered,
      entityCounts: countTypes(outline.entities),
      words: { count: lexed.words, word: lexed.word, line: lexed.line, class: lexed.class },
      definitions: definitionsOf(outline.entities, source.language),
      imports: importWords(outline),
    });
    return { lines: lexed.lines };
  };
}

/** An empty file has no chunk; an entry without text still has its name to be found by. */
function chunksOf(
  { flags, bytes, outline, language }: DocumentSource,
  lexed: Lexed,
): Pick<SegmentDocument, "lines" | "chunkStarts"> {
  if (lexed.lines === 0 && flags & DocumentFlag.entry) return { lines: 1, chunkStarts: [0] };
  const anchors = anchorsOf(outline.entities, language, { bytes, lexed });
  const lines = { count: lexed.lines, start: lexed.lineStart, indent: lexed.indent };
  return { lines: lexed.lines, chunkStarts: chunkStarts(lines, anchors) };
}

function countTypes(entities: Entity[]): Uint32Array {
  const counts = new Uint32Array(entityTypes.length);
  for (const { type } of entities) counts[entityTypes.indexOf(type)]++;
  return counts;
}

function kindOf(entity: Entity, language: LanguageName): Definition["kind"] | undefined {
  switch (entity.type) {
    case "function":
    case "method":
      return "function";
    case "variable":
      return "variable";
    case "module":
      return languageTable[language].moduleIsType ? "type" : "variable";
    case "import":
    case "export":
      return undefined;
    default:
      return "type";
  }
}

function definitionsOf(entities: Entity[], language: LanguageName): Definition[] {
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
  language: LanguageName,
  file: { bytes: Buffer; lexed: Lexed },
): { line: number; indent: number }[] {
  if (languageTable[language].headings) return headings(file);
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
function markComments(lexed: Lexed, entities: Entity[], language: LanguageName): void {
  const documented = new Uint8Array(lexed.lines);
  const { indent } = lexed;
  const { docstrings } = languageTable[language];
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
function importWords({ entities, links }: Outline): Set<string> {
  const words = new Set<string>();
  const add = (text: string): void => {
    for (const word of text.match(WORD) ?? []) words.add(word.toLowerCase());
  };
  for (const { module } of links.imports) add(module);
  for (const entity of entities) if (entity.type === "import") add(entity.name);
  return words;
}
