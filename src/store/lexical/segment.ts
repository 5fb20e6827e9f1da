/** Read side of a lexical segment: views over its stored bytes. Made by builder.ts; searched through index.ts. */
import { DocumentFlag, importedAs } from "../../model/lexical-document.ts";
import { entityTypes } from "../../model/outline.ts";
import { hashOf } from "../../model/words.ts";
import type { RowFields } from "../contract/rows.ts";
import { modelsOf, openBlock, type VectorBlock, vectorSection } from "../vector/block.ts";
import { Packed } from "./pack.ts";

/** A stored segment's sections by name, and the version of each document. */
export interface SegmentSource {
  id: number;
  vids: Float64Array;
  section(name: string): Uint8Array;
  sectionNames(): string[];
}

export interface DefinitionSite {
  document: number;
  /** 1-based. */
  line: number;
  /** DefinitionKind. */
  kind: number;
  indent: number;
}

export class Segment {
  readonly id: number;
  readonly vids: Float64Array;
  readonly paths: string[];
  readonly languageNames: string[];
  /** Index into languageNames, per document. */
  readonly languages: Uint8Array;
  readonly flags: Uint16Array;
  readonly lines: Uint32Array;
  /** First chunk of each document. */
  readonly firstChunk: Uint32Array;
  /** 1-based first line of each chunk. */
  readonly chunkStart: Uint32Array;
  /** Bits of the entity types that a chunk defines. */
  readonly chunkTypes: Uint16Array;
  readonly chunkLength: Uint32Array;
  readonly chunkCode: Uint32Array;
  readonly #documents: Packed;
  #source: SegmentSource;
  #pathWords: PathWords | undefined;
  #terms: Terms | undefined;
  #postings: Uint8Array | undefined;

  constructor(source: SegmentSource) {
    this.id = source.id;
    this.vids = source.vids;
    this.#source = source;
    const packed = new Packed(source.section("documents"));
    this.#documents = packed;
    this.paths = packed.strings("path");
    this.languageNames = packed.strings("languageName");
    this.languages = packed.column("language", "Uint8Array");
    this.flags = packed.column("flags", "Uint16Array");
    this.lines = packed.column("lines", "Uint32Array");
    this.firstChunk = packed.column("firstChunk", "Uint32Array");
    this.chunkStart = packed.column("chunkStart", "Uint32Array");
    this.chunkTypes = packed.column("chunkTypes", "Uint16Array");
    this.chunkLength = packed.column("chunkLength", "Uint32Array");
    this.chunkCode = packed.column("chunkCode", "Uint32Array");
  }

  /** Sections that are still to be read come from here: those of a snapshot that is over may be gone. */
  over(source: SegmentSource): this {
    this.#source = source;
    return this;
  }

  /** A section that not every segment has. */
  section(name: string): Uint8Array | undefined {
    return this.#source.sectionNames().includes(name) ? this.#source.section(name) : undefined;
  }

  /** Models whose vectors of the chunks are stored. */
  vectorModels(): string[] {
    return modelsOf(this.#source.sectionNames());
  }

  /** Vectors of its chunks; undefined when it was not embedded with this model. */
  vectors(model: string): VectorBlock | undefined {
    const bytes = this.section(vectorSection(model));
    return bytes && openBlock(bytes);
  }

  get documents(): number {
    return this.paths.length;
  }

  get chunks(): number {
    return this.chunkStart.length;
  }

  /** What a filter may ask of a chunk; both numbered within the segment. */
  fields(document: number, chunk: number): RowFields {
    const types = this.chunkTypes[chunk]!;
    return {
      kind: this.flags[document]! & DocumentFlag.entry ? "entry" : "file",
      path: this.paths[document]!,
      language: this.languageNames[this.languages[document]!]!,
      types: entityTypes.filter((_, bit) => types & (1 << bit)),
    };
  }

  /** Reads what a search needs, while the stored segment is sure to exist. */
  load(): void {
    this.#terms ??= new Terms(new Packed(this.#source.section("terms")));
    this.#postings ??= this.#source.section("postings");
  }

  get terms(): Terms {
    this.load();
    return this.#terms!;
  }

  get postings(): Uint8Array {
    this.load();
    return this.#postings!;
  }

  /** Distinct path words of the segment, and the ones of each document: name part and folder part. */
  pathWords(): PathWords {
    this.#pathWords ??= {
      words: this.#documents.strings("pathWord"),
      stem: this.#list("stemWord"),
      directory: this.#list("directoryWord"),
    };
    return this.#pathWords;
  }

  /** Entities by type, documents * types numbers. */
  entityCounts(): Uint32Array {
    return this.#documents.column("entities", "Uint32Array");
  }

  imports(): List {
    return {
      end: this.#documents.column("importEnd", "Uint32Array"),
      values: this.#documents.column("importHash", "Uint32Array"),
    };
  }

  /** Hashes of what an import would call each document: its stem, and its folder or 0. Hashed here if not stored. */
  importedAs(): { stem: Uint32Array; folder: Uint32Array } {
    const columns = this.#documents;
    if (columns.has("stemHash"))
      return {
        stem: columns.column("stemHash", "Uint32Array"),
        folder: columns.column("folderHash", "Uint32Array"),
      };
    const names = this.paths.map((path, i) => importedAs({ path, flags: this.flags[i] }));
    return {
      stem: Uint32Array.from(names, ({ stem }) => hashOf(stem)),
      folder: Uint32Array.from(names, ({ folder }) => (folder === undefined ? 0 : hashOf(folder))),
    };
  }

  /** Every word of the segment as written, in number order. */
  words(): { bytes: Uint8Array; start: Uint32Array } {
    const packed = new Packed(this.#source.section("words"));
    return { bytes: packed.column("bytes", "Uint8Array"), start: packed.column("start", "Uint32Array") };
  }

  /** Where a name is defined, exactly as written. */
  definitions(low: number, high: number): DefinitionSite[] {
    const lows = this.#documents.column("definitionLow", "Uint32Array");
    const highs = this.#documents.column("definitionHigh", "Uint32Array");
    const sites: DefinitionSite[] = [];
    for (let i = firstNotBelow(lows, low); i < lows.length && lows[i] === low; i++) {
      if (highs[i] === high) sites.push(this.#site(i));
    }
    return sites;
  }

  /** All definitions in stored order; for merging. */
  *allDefinitions(): Generator<DefinitionSite & { low: number; high: number }> {
    const lows = this.#documents.column("definitionLow", "Uint32Array");
    const highs = this.#documents.column("definitionHigh", "Uint32Array");
    for (let i = 0; i < lows.length; i++) yield { low: lows[i], high: highs[i], ...this.#site(i) };
  }

  #site(i: number): DefinitionSite {
    const kind = this.#documents.column("definitionKind", "Uint8Array")[i];
    return {
      document: this.#documents.column("definitionDocument", "Uint32Array")[i],
      line: this.#documents.column("definitionLine", "Uint32Array")[i],
      kind: kind & 3,
      indent: kind >> 2,
    };
  }

  #list(name: string): List {
    return {
      end: this.#documents.column(`${name}End`, "Uint32Array"),
      values: this.#documents.column(name, "Uint32Array"),
    };
  }
}

/** Values of document d: values[end[d - 1] .. end[d]). */
export interface List {
  end: Uint32Array;
  values: Uint32Array;
}

export interface PathWords {
  words: string[];
  stem: List;
  directory: List;
}

function firstNotBelow(sorted: Uint32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** From a term's hash to the words it covers and their posting lists. */
export class Terms {
  readonly postingStart: Uint32Array;
  readonly #slots: Int32Array;
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  readonly #start: Uint32Array;
  readonly #words: Uint32Array;

  constructor(packed: Packed) {
    this.postingStart = packed.column("postingStart", "Uint32Array");
    this.#slots = packed.column("slots", "Int32Array");
    this.#low = packed.column("termLow", "Uint32Array");
    this.#high = packed.column("termHigh", "Uint32Array");
    this.#start = packed.column("termStart", "Uint32Array");
    this.#words = packed.column("termWord", "Uint32Array");
  }

  /** Numbers of the words of a term; empty when it does not occur. */
  words(low: number, high: number): Uint32Array {
    const mask = this.#slots.length - 1;
    for (let slot = low & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const term = this.#slots[slot] - 1;
      if (this.#low[term] === low && this.#high[term] === high) {
        return this.#words.subarray(this.#start[term], this.#start[term + 1]);
      }
    }
    return this.#words.subarray(0, 0);
  }
}
