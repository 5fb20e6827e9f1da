/**
 * What the lexical index knows of a document: the shapes that extract makes and store/lexical takes, and what a path
 * or an id tells.
 */
import type { KnowledgeType } from "./api.ts";

/** A definition as ranking sees it. */
export interface Definition {
  name: string;
  /** `Container.name`, when there is a container. */
  qualified?: string;
  /** 0-based line of the name. */
  line: number;
  kind: "type" | "function" | "variable";
  indent: number;
  /** Bit of the entity's type, for filters. */
  typeBit: number;
}

export interface SegmentDocument {
  /** Relative to the root, with forward slashes; of an entry its id. */
  path: string;
  /** What people call it, where that is not part of the text; lies on the first line. */
  title?: string;
  language: string;
  /** Bits of DocumentFlag. */
  flags: number;
  lines: number;
  /** 0-based first lines of the chunks; none for an empty file. */
  chunkStarts: number[];
  /** Number of entities of each type, by the bit of the type; for statistics. */
  entityCounts: ArrayLike<number> & Iterable<number>;
  words: { count: number; word: Int32Array; line: Int32Array; class: Uint8Array };
  /** By line. */
  definitions: Definition[];
  /** Words of the import lines, lower case. */
  imports: Iterable<string>;
}

/** What takes documents: the segment builder of store/lexical. */
export interface DocumentSink {
  readonly vocabulary: {
    intern(source: Uint8Array, start: number, end: number, hash: number): number;
  };
  add(document: SegmentDocument): void;
}

/** An entry as far as its words go. */
export interface EntryText {
  id: string;
  type: KnowledgeType;
  /** Name of a language, as its writer gave it; Markdown when there is no such language. */
  language?: string;
  title?: string;
  bytes: Buffer;
}

/** Adds an entry's words; made by extract/entry-words.ts and handed to whoever keeps or searches them. */
export type AddEntry = (entry: EntryText, sink: DocumentSink) => void;

/** Facts that priors are made of; all but `entry` and `text` come from a path. */
export const DocumentFlag = {
  test: 1,
  compat: 2,
  header: 4,
  text: 8,
  barrel: 16,
  example: 32,
  declaration: 64,
  /** Written into the knowledge base: its path is an id, and no file lies there. */
  entry: 128,
} as const;

export const DefinitionKind = { type: 0, function: 1, variable: 2 } as const;

const basename = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** `a/b/conf.test.ts` -> stem `conf.test`, directory `a/b`. */
export function splitPath(path: string): { stem: string; directory: string } {
  const name = basename(path);
  const dot = name.lastIndexOf(".");
  return { stem: dot > 0 ? name.slice(0, dot) : name, directory: path.slice(0, path.length - name.length) };
}

/** What an import would call a file, in lower case: its stem; a barrel also goes by its folder's name. */
export function importedAs({ path, flags }: Pick<SegmentDocument, "path" | "flags">): {
  stem: string;
  folder?: string;
} {
  const { stem, directory } = splitPath(path);
  const folder = basename(directory.slice(0, -1));
  const isBarrel = (flags & DocumentFlag.barrel) !== 0 && folder !== "";
  return { stem: stem.toLowerCase(), ...(isBarrel && { folder: folder.toLowerCase() }) };
}

/** `splitPath` of a document: an id has no extension to leave out, `doc:src/a.ts#f:usage` -> stem `a.ts#f:usage`. */
export function nameParts({ path, flags }: Pick<SegmentDocument, "path" | "flags">): {
  stem: string;
  directory: string;
} {
  if ((flags & DocumentFlag.entry) === 0) return splitPath(path);
  const stem = basename(path);
  return { stem, directory: path.slice(0, path.length - stem.length) };
}
