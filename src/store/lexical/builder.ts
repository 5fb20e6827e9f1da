/**
 * Makes a lexical segment: the words, postings, definitions and path words of a group of documents.
 * Filled by ingest's workers (one segment each) and by merge.ts; read by segment.ts.
 *
 * Postings are kept per word as written; a table of terms (stems, joined stems, ...) says which words belong to a term.
 * So an occurrence costs one increment, and stemming runs once per distinct word.
 */
import {
  type Definition,
  DefinitionKind,
  type DocumentSink,
  importedAs,
  nameParts,
  type SegmentDocument,
} from "../../model/lexical-document.ts";
import { hashHigh, hashLow, hashOf, hashText, splitIdentifier, WORD, WordClass } from "../../model/words.ts";
import { STATIC_SECTION, staticSection } from "../vector/static.ts";
import { GrowingBytes, GrowingInts } from "./growing.ts";
import { type Columns, pack } from "./pack.ts";
import { encodePosting } from "./postings.ts";
import { termTable } from "./term-table.ts";
import { Vocabulary } from "./vocabulary.ts";

const CLASS_BITS = 4;
const KIND_CLASS = {
  type: WordClass.typeName,
  function: WordClass.functionName,
  variable: WordClass.variableName,
} as const;

/** The chunk that holds a line, by the first lines of the chunks; 0 when there is none. */
function chunkAt(starts: ArrayLike<number>, line: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= line) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

const wordsOf = (text: string): string[] => text.match(WORD) ?? [];
const partsOf = (text: string): string[] => [...new Set(wordsOf(text).flatMap(splitIdentifier))];

/** A document without its words. */
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

export class SegmentBuilder implements DocumentSink {
  readonly vocabulary = new Vocabulary();
  readonly #records = {
    word: new GrowingInts(1 << 16),
    key: new GrowingInts(1 << 16),
    count: new GrowingInts(1 << 16),
  };
  #lastKey = new Int32Array(1 << 14).fill(-1);
  #lastRecord = new Int32Array(1 << 14);
  readonly #paths: string[] = [];
  readonly #languages: string[] = [];
  readonly #documents = {
    language: new GrowingInts(),
    flags: new GrowingInts(),
    lines: new GrowingInts(),
    firstChunk: new GrowingInts(),
    stemHash: new GrowingInts(),
    folderHash: new GrowingInts(),
    stemWords: new GrowingInts(),
    directoryWords: new GrowingInts(),
    imports: new GrowingInts(),
    entities: new GrowingInts(),
  };
  readonly #chunks = { start: new GrowingInts(), types: new GrowingInts() };
  readonly #pathWords = new Map<string, number>();
  readonly #lists = {
    stemWords: new GrowingInts(),
    directoryWords: new GrowingInts(),
    imports: new GrowingInts(),
  };
  readonly #definitions = {
    low: new GrowingInts(),
    high: new GrowingInts(),
    at: new GrowingInts(),
    kind: new GrowingInts(),
  };
  readonly #definitionDocuments = new GrowingInts();

  get documents(): number {
    return this.#paths.length;
  }

  /** Number of postings so far: what the segment's memory is made of. */
  get size(): number {
    return this.#records.word.length;
  }

  add(document: SegmentDocument): void {
    const firstChunk = this.#chunks.start.length;
    const { stem, directory } = nameParts(document);
    this.addBare({
      ...document,
      chunkStarts: document.chunkStarts.map((line) => line + 1),
      chunkTypes: document.chunkStarts.map(() => 0),
      stemWords: partsOf(stem),
      directoryWords: partsOf(directory),
      imports: Array.from(document.imports, hashOf),
    });
    if (document.chunkStarts.length > 0) {
      this.#addNameWords(document, firstChunk);
      this.#addWords(document, firstChunk);
    }
    for (const definition of document.definitions) this.#define(definition, document, firstChunk);
  }

  #language(name: string): number {
    const known = this.#languages.indexOf(name);
    return known >= 0 ? known : this.#languages.push(name) - 1;
  }

  #pathWord(part: string): number {
    const known = this.#pathWords.get(part);
    if (known !== undefined) return known;
    this.#pathWords.set(part, this.#pathWords.size);
    return this.#pathWords.size - 1;
  }

  #addNameWords(document: SegmentDocument, chunk: number): void {
    const { stem, directory } = nameParts(document);
    for (const word of wordsOf(stem)) this.count(this.vocabulary.internText(word), chunk, WordClass.stem);
    for (const word of wordsOf(directory))
      this.count(this.vocabulary.internText(word), chunk, WordClass.directory);
    // As much as the name of a type: it names the whole text.
    for (const word of wordsOf(document.title ?? ""))
      this.count(this.vocabulary.internText(word), chunk, WordClass.typeName);
  }

  /** Counts words and definition names in line order, so that a word's records come in chunk order. */
  #addWords(document: SegmentDocument, firstChunk: number): void {
    const { words, chunkStarts, definitions } = document;
    const chunkCount = chunkStarts.length;
    let chunk = 0;
    let next = 0;
    const nameUpTo = (line: number): void => {
      for (; next < definitions.length && definitions[next].line <= line; next++) {
        const { name, line: at, kind } = definitions[next];
        while (chunk + 1 < chunkCount && chunkStarts[chunk + 1] <= at) chunk++;
        for (const part of wordsOf(name)) {
          this.count(this.vocabulary.internText(part), firstChunk + chunk, KIND_CLASS[kind]);
        }
      }
    };
    let nextLine = definitions.length > 0 ? definitions[0].line : Number.POSITIVE_INFINITY;
    for (let i = 0; i < words.count; i++) {
      const line = words.line[i];
      if (line >= nextLine) {
        nameUpTo(line);
        nextLine = next < definitions.length ? definitions[next].line : Number.POSITIVE_INFINITY;
      }
      while (chunk + 1 < chunkCount && chunkStarts[chunk + 1] <= line) chunk++;
      this.count(words.word[i], firstChunk + chunk, words.class[i]);
    }
    nameUpTo(Number.POSITIVE_INFINITY);
  }

  /** One more occurrence of a word in a chunk; chunks must not decrease for a word. */
  // biome-ignore lint/complexity/useMaxParams: called for every word
  count(word: number, chunk: number, wordClass: number, times = 1): void {
    if (word >= this.#lastKey.length) this.#growWords(word);
    const key = (chunk << CLASS_BITS) | wordClass;
    if (this.#lastKey[word] === key) {
      this.#records.count.values[this.#lastRecord[word]] += times;
      return;
    }
    this.#lastKey[word] = key;
    this.#lastRecord[word] = this.#records.word.length;
    this.#records.word.push(word);
    this.#records.key.push(key);
    this.#records.count.push(times);
  }

  #growWords(word: number): void {
    const length = Math.max(word + 1, this.#lastKey.length * 2);
    const keys = new Int32Array(length).fill(-1);
    keys.set(this.#lastKey);
    this.#lastKey = keys;
    const records = new Int32Array(length);
    records.set(this.#lastRecord);
    this.#lastRecord = records;
  }

  #define(definition: Definition, document: SegmentDocument, firstChunk: number): void {
    const { chunkStarts } = document;
    const chunk = chunkAt(chunkStarts, definition.line);
    if (chunkStarts.length > 0) this.#chunks.types.values[firstChunk + chunk] |= 1 << definition.typeBit;
    const document_ = this.#paths.length - 1;
    const kind = DefinitionKind[definition.kind] | (Math.min(definition.indent, 15) << 2);
    this.#addDefinition(definition.name, { document: document_, line: definition.line + 1, kind });
    if (definition.qualified && definition.qualified !== definition.name) {
      this.#addDefinition(definition.qualified, { document: document_, line: definition.line + 1, kind });
    }
  }

  #addDefinition(name: string, at: { document: number; line: number; kind: number }): void {
    hashText(name);
    this.pushDefinition({ low: hashLow, high: hashHigh, ...at });
  }

  pushDefinition(entry: { low: number; high: number; document: number; line: number; kind: number }): void {
    this.#definitions.low.push(entry.low);
    this.#definitions.high.push(entry.high);
    this.#definitions.at.push(entry.line);
    this.#definitions.kind.push(entry.kind);
    this.#definitionDocuments.push(entry.document);
  }

  /** A document without its postings; merge.ts pushes those by `count`. */
  addBare(document: BareDocument): void {
    const firstChunk = this.#chunks.start.length;
    this.#paths.push(document.path);
    this.#documents.language.push(this.#language(document.language));
    this.#documents.flags.push(document.flags);
    this.#documents.lines.push(document.lines);
    this.#documents.firstChunk.push(firstChunk);
    const { stem, folder } = importedAs(document);
    this.#documents.stemHash.push(hashOf(stem));
    this.#documents.folderHash.push(folder === undefined ? 0 : hashOf(folder));
    for (const count of document.entityCounts) this.#documents.entities.push(count);
    for (const start of document.chunkStarts) this.#chunks.start.push(start);
    for (const types of document.chunkTypes) this.#chunks.types.push(types);
    for (const word of document.stemWords) this.#lists.stemWords.push(this.#pathWord(word));
    for (const word of document.directoryWords) this.#lists.directoryWords.push(this.#pathWord(word));
    for (const hash of document.imports) this.#lists.imports.push(hash);
    this.#documents.stemWords.push(this.#lists.stemWords.length);
    this.#documents.directoryWords.push(this.#lists.directoryWords.length);
    this.#documents.imports.push(this.#lists.imports.length);
  }

  /** The segment's sections: `documents`, `terms`, `postings`, `words`, `static`. The builder is spent afterwards. */
  finish(): Record<string, Uint8Array> {
    const sections = this.#lexicalSections();
    return { ...sections, [STATIC_SECTION]: staticSection(sections) };
  }

  #lexicalSections(): Record<string, Uint8Array> {
    const { postings, starts, lengths } = this.#encodePostings();
    return {
      documents: pack({
        ...this.#documentColumns(),
        ...this.#definitionColumns(),
        chunkLength: lengths.all,
        chunkCode: lengths.shown,
      }),
      terms: pack({ ...termTable(this.vocabulary), postingStart: starts }),
      postings,
      words: pack({
        bytes: this.vocabulary.bytes.toBytes(),
        start: this.vocabulary.starts.toUint32(),
      }),
    };
  }

  #documentColumns(): Columns {
    return {
      path: this.#paths,
      languageName: this.#languages,
      language: Uint8Array.from(this.#documents.language.toUint32()),
      flags: Uint16Array.from(this.#documents.flags.toUint32()),
      lines: this.#documents.lines.toUint32(),
      entities: this.#documents.entities.toUint32(),
      firstChunk: this.#documents.firstChunk.toUint32(),
      chunkStart: this.#chunks.start.toUint32(),
      chunkTypes: Uint16Array.from(this.#chunks.types.toUint32()),
      pathWord: [...this.#pathWords.keys()],
      stemWordEnd: this.#documents.stemWords.toUint32(),
      stemWord: this.#lists.stemWords.toUint32(),
      directoryWordEnd: this.#documents.directoryWords.toUint32(),
      directoryWord: this.#lists.directoryWords.toUint32(),
      stemHash: this.#documents.stemHash.toUint32(),
      folderHash: this.#documents.folderHash.toUint32(),
      importEnd: this.#documents.imports.toUint32(),
      importHash: this.#lists.imports.toUint32(),
    };
  }

  /** Definitions in order of their hash, so that a name is found by binary search. */
  #definitionColumns(): Columns {
    const count = this.#definitions.low.length;
    const low = this.#definitions.low.toUint32();
    const order = Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => low[a] - low[b] || a - b);
    const pick = (values: GrowingInts): Uint32Array => order.map((i) => values.values[i]);
    return {
      definitionLow: pick(this.#definitions.low),
      definitionHigh: pick(this.#definitions.high),
      definitionDocument: pick(this.#definitionDocuments),
      definitionLine: pick(this.#definitions.at),
      definitionKind: Uint8Array.from(pick(this.#definitions.kind)),
    };
  }

  /** Record numbers grouped by word, each group in the order they were made. */
  #byWord(): { order: Uint32Array; start: Uint32Array } {
    const words = this.vocabulary.size;
    const { values } = this.#records.word;
    const count = this.#records.word.length;
    const start = new Uint32Array(words + 1);
    for (let i = 0; i < count; i++) start[values[i] + 1]++;
    for (let word = 0; word < words; word++) start[word + 1] += start[word];
    const next = start.slice(0, words);
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i++) order[next[values[i]]++] = i;
    return { order, start };
  }

  /**
   * Posting list of a word: for each chunk, varint(gap * 2 + multi); multi = 0 means once, in code. Otherwise
   * varint(bits of the classes) and a varint count for each.
   */
  #encodePostings(): {
    postings: Uint8Array;
    starts: Uint32Array;
    lengths: { all: Uint32Array; shown: Uint32Array };
  } {
    const { order, start } = this.#byWord();
    const words = this.vocabulary.size;
    const out = new GrowingBytes(Math.max(1 << 16, this.#records.word.length * 3));
    const starts = new Uint32Array(words + 1);
    const lengths = {
      all: new Uint32Array(this.#chunks.start.length),
      shown: new Uint32Array(this.#chunks.start.length),
    };
    const counts = new Int32Array(1 << CLASS_BITS);
    const keys = this.#records.key.values;
    const times = this.#records.count.values;
    for (let word = 0; word < words; word++) {
      starts[word] = out.length;
      let previous = -1;
      for (let i = start[word]; i < start[word + 1]; ) {
        const chunk = keys[order[i]] >> CLASS_BITS;
        let mask = 0;
        for (; i < start[word + 1] && keys[order[i]] >> CLASS_BITS === chunk; i++) {
          const wordClass = keys[order[i]] & 15;
          mask |= 1 << wordClass;
          counts[wordClass] += times[order[i]];
        }
        encodePosting(out, chunk - previous - 1, mask, counts);
        addLengths(lengths, chunk, counts);
        counts.fill(0);
        previous = chunk;
      }
    }
    starts[words] = out.length;
    return { postings: out.toBytes(), starts, lengths };
  }
}

/** A chunk's length in words: all of its text, and what is shown as code (for choosing the chunk to display). */
function addLengths(
  lengths: { all: Uint32Array; shown: Uint32Array },
  chunk: number,
  counts: Int32Array,
): void {
  const code = counts[WordClass.code] + counts[WordClass.string];
  lengths.shown[chunk] += code;
  lengths.all[chunk] +=
    code + counts[WordClass.comment] + counts[WordClass.headComment] + counts[WordClass.docComment];
}
