/** What the lexical index knows of a document: the shapes that builder.ts takes, and the facts a path tells. */

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
  /** Relative to the root, with forward slashes. */
  path: string;
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

/** Facts about a path that priors are made of. */
export const DocumentFlag = {
  test: 1,
  compat: 2,
  header: 4,
  text: 8,
  barrel: 16,
  example: 32,
  declaration: 64,
} as const;

export const DefinitionKind = { type: 0, function: 1, variable: 2 } as const;

export interface BareDocument {
  path: string;
  language: string;
  flags: number;
  lines: number;
  /** 1-based, as stored. */
  chunkStarts: ArrayLike<number> & Iterable<number>;
  chunkTypes: Iterable<number>;
  entityCounts: Iterable<number>;
  stemWords: Iterable<string>;
  directoryWords: Iterable<string>;
  imports: Iterable<number>;
}

const basename = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** `a/b/conf.test.ts` -> stem `conf.test`, directory `a/b`. */
export function splitPath(path: string): { stem: string; directory: string } {
  const name = basename(path);
  const dot = name.lastIndexOf(".");
  return { stem: dot > 0 ? name.slice(0, dot) : name, directory: path.slice(0, path.length - name.length) };
}
