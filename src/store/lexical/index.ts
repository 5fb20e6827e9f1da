/**
 * All live documents of a knowledge base as one lexical index: segments side by side under global document and chunk
 * numbers, dead versions left out. Statistics are counted over what is live, so a score never depends on how the
 * postings are grouped or on what was undone. Used by retrieve.
 */
import { DocumentFlag } from "../../model/lexical-document.ts";
import { type DefinitionSite, Segment, type SegmentSource } from "./segment.ts";

/** How much an occurrence counts, by class of word. */
export interface ClassWeights {
  /** Into a document's frequency. */
  document: Float64Array;
  /** Into a chunk's frequency for scoring. */
  chunk: Float64Array;
  /** Into a chunk's frequency for choosing what to show. */
  shown: Float64Array;
}

/** Frequencies of one term; `documents` and `chunks` list what was touched. Call `reset` before the next term. */
export interface Gathered {
  documents: Int32Array;
  documentCount: number;
  chunks: Int32Array;
  chunkCount: number;
  documentFrequency: Float64Array;
  chunkFrequency: Float64Array;
  shownFrequency: Float64Array;
  /** Classes a document has the term in, as bits. */
  classes: Uint16Array;
}

export interface Shared {
  parts: number;
  documents: number;
  chunks: number;
  files: boolean;
}

interface Part {
  segment: Segment;
  firstDocument: number;
  firstChunk: number;
}

export class LexicalIndex {
  readonly parts: Part[] = [];
  readonly documents: number = 0;
  readonly chunks: number = 0;
  /** Live documents and their chunks. */
  readonly liveDocuments: number;
  readonly liveChunks: number;
  readonly live: Uint8Array;
  readonly vids: Float64Array;
  readonly paths: string[] = [];
  readonly languageNames: string[] = [];
  /** Index into languageNames, per document. */
  readonly languages: Uint8Array;
  readonly flags: Uint16Array;
  /** One more than documents. */
  readonly firstChunk: Uint32Array;
  readonly chunkDocument: Uint32Array;
  readonly chunkStart: Uint32Array;
  readonly chunkTypes: Uint16Array;
  readonly chunkLength: Float64Array;
  readonly chunkCode: Float64Array;
  readonly documentLength: Float64Array;
  readonly documentLines: Uint32Array;
  readonly meanDocumentLength: number;
  readonly meanChunkLength: number;
  readonly meanChunkCode: number;
  readonly gathered: Gathered;
  /**
   * `liveVids`: every file version that a head points at. `before`: an index of the same store, whose stored segments are
   * taken over where they are still there: a segment never changes, and reading one again takes longer than a search.
   */
  constructor(sources: SegmentSource[], liveVids: Float64Array, before?: LexicalIndex) {
    const known = new Map(before?.parts.map(({ segment }) => [segment.id, segment]));
    for (const source of sources) {
      const segment = (source.id > 0 && known.get(source.id)?.over(source)) || new Segment(source);
      this.parts.push({ segment, firstDocument: this.documents, firstChunk: this.chunks });
      this.documents += segment.documents;
      this.chunks += segment.chunks;
    }
    this.live = new Uint8Array(this.documents);
    this.vids = new Float64Array(this.documents);
    this.languages = new Uint8Array(this.documents);
    this.flags = new Uint16Array(this.documents);
    this.firstChunk = new Uint32Array(this.documents + 1);
    this.chunkDocument = new Uint32Array(this.chunks);
    this.chunkStart = new Uint32Array(this.chunks);
    this.chunkTypes = new Uint16Array(this.chunks);
    this.chunkLength = new Float64Array(this.chunks);
    this.chunkCode = new Float64Array(this.chunks);
    this.documentLength = new Float64Array(this.documents);
    this.documentLines = new Uint32Array(this.documents);
    for (const part of this.parts) this.#join(part);
    this.firstChunk[this.documents] = this.chunks;
    const totals = this.#measure(new Set(liveVids));
    this.liveDocuments = totals.documents;
    this.liveChunks = totals.chunks;
    this.meanDocumentLength = totals.length / Math.max(1, totals.documents);
    this.meanChunkLength = totals.length / Math.max(1, totals.chunks);
    this.meanChunkCode = totals.code / Math.max(1, totals.chunks);
    this.gathered = {
      documents: new Int32Array(this.documents),
      documentCount: 0,
      chunks: new Int32Array(this.chunks),
      chunkCount: 0,
      documentFrequency: new Float64Array(this.documents),
      chunkFrequency: new Float64Array(this.chunks),
      shownFrequency: new Float64Array(this.chunks),
      classes: new Uint16Array(this.documents),
    };
  }

  /**
   * What lies at the beginning of both this index and one before: the same segments in the same places. `files` says that
   * everything in them is as live as it was, and behind them lie entries only.
   */
  sharedWith(before: LexicalIndex): Shared {
    let parts = 0;
    while (parts < this.parts.length && this.parts[parts]!.segment === before.parts[parts]?.segment) parts++;
    const { firstDocument: documents, firstChunk: chunks } = this.parts[parts] ?? {
      firstDocument: this.documents,
      firstChunk: this.chunks,
    };
    const isAlike = (one: LexicalIndex): boolean =>
      one.flags.subarray(documents).every((flags) => flags & DocumentFlag.entry);
    const live = Buffer.compare(this.live.subarray(0, documents), before.live.subarray(0, documents)) === 0;
    return { parts, documents, chunks, files: live && isAlike(this) && isAlike(before) };
  }

  #join({ segment, firstDocument, firstChunk }: Part): void {
    this.vids.set(segment.vids, firstDocument);
    const names = segment.languageNames.map((name) => this.#language(name));
    this.flags.set(segment.flags, firstDocument);
    this.documentLines.set(segment.lines, firstDocument);
    this.chunkStart.set(segment.chunkStart, firstChunk);
    this.chunkTypes.set(segment.chunkTypes, firstChunk);
    this.chunkLength.set(segment.chunkLength, firstChunk);
    this.chunkCode.set(segment.chunkCode, firstChunk);
    for (let document = 0; document < segment.documents; document++) {
      this.paths.push(segment.paths[document]);
      this.languages[firstDocument + document] = names[segment.languages[document]];
      this.firstChunk[firstDocument + document] = firstChunk + segment.firstChunk[document];
    }
  }

  #language(name: string): number {
    const known = this.languageNames.indexOf(name);
    return known >= 0 ? known : this.languageNames.push(name) - 1;
  }

  #measure(liveVids: Set<number>): { documents: number; chunks: number; length: number; code: number } {
    const totals = { documents: 0, chunks: 0, length: 0, code: 0 };
    for (let document = 0; document < this.documents; document++) {
      const isLive = liveVids.delete(this.vids[document]);
      let length = 0;
      let code = 0;
      for (let chunk = this.firstChunk[document]; chunk < this.firstChunk[document + 1]; chunk++) {
        this.chunkDocument[chunk] = document;
        length += this.chunkLength[chunk];
        code += this.chunkCode[chunk];
      }
      this.documentLength[document] = length;
      if (!isLive) continue;
      this.live[document] = 1;
      totals.documents++;
      totals.chunks += this.firstChunk[document + 1] - this.firstChunk[document];
      totals.length += length;
      totals.code += code;
    }
    return totals;
  }

  /** Adds up the occurrences of a term over the live documents, into `gathered`. */
  gather(low: number, high: number, weights: ClassWeights): Gathered {
    for (const part of this.parts) {
      const words = part.segment.terms.words(low, high);
      if (words.length > 0) this.#scan(part, words, weights);
    }
    return this.gathered;
  }

  /** One loop over all words: a frequent part of names stands in tens of thousands of words with a posting or two. */
  #scan({ segment, firstChunk }: Part, words: Uint32Array, weights: ClassWeights): void {
    const { postings, terms } = segment;
    const { postingStart } = terms;
    const { documentFrequency, chunkFrequency, shownFrequency, classes, documents, chunks } = this.gathered;
    const { live, chunkDocument } = this;
    const { document: ofDocument, chunk: ofChunk, shown: ofShown } = weights;
    let { documentCount, chunkCount } = this.gathered;
    let word = 0;
    let chunk = firstChunk - 1;
    let to = postingStart[words[0] + 1];
    for (let at = postingStart[words[0]]; ; ) {
      if (at === to) {
        if (++word === words.length) break;
        at = postingStart[words[word]];
        to = postingStart[words[word] + 1];
        chunk = firstChunk - 1;
        continue;
      }
      let byte = postings[at++];
      let head = byte & 127;
      for (let shift = 7; byte > 127; shift += 7) {
        byte = postings[at++];
        head |= (byte & 127) << shift;
      }
      chunk += (head >>> 1) + 1;
      const document = chunkDocument[chunk];
      let mask = 1;
      // Most postings say: once, in code.
      let inDocument = ofDocument[0];
      let inChunk = ofChunk[0];
      let shown = ofShown[0];
      if (head & 1) {
        byte = postings[at++];
        mask = byte & 127;
        if (byte > 127) mask |= postings[at++] << 7;
        inDocument = 0;
        inChunk = 0;
        shown = 0;
        for (let wordClass = 0, bits = mask; bits !== 0; wordClass++, bits >>>= 1) {
          if ((bits & 1) === 0) continue;
          byte = postings[at++];
          let count = byte & 127;
          for (let shift = 7; byte > 127; shift += 7) {
            byte = postings[at++];
            count |= (byte & 127) << shift;
          }
          inDocument += ofDocument[wordClass] * count;
          inChunk += ofChunk[wordClass] * count;
          shown += ofShown[wordClass] * count;
        }
      }
      if (live[document] === 0) continue;
      if (classes[document] === 0) documents[documentCount++] = document;
      classes[document] |= mask;
      documentFrequency[document] += inDocument;
      if (inChunk === 0) continue;
      if (chunkFrequency[chunk] === 0) chunks[chunkCount++] = chunk;
      chunkFrequency[chunk] += inChunk;
      shownFrequency[chunk] += shown;
    }
    this.gathered.documentCount = documentCount;
    this.gathered.chunkCount = chunkCount;
  }

  /** Forgets the gathered term. */
  reset(): void {
    const { documents, chunks, documentFrequency, chunkFrequency, shownFrequency, classes } = this.gathered;
    for (let i = 0; i < this.gathered.documentCount; i++) {
      documentFrequency[documents[i]] = 0;
      classes[documents[i]] = 0;
    }
    for (let i = 0; i < this.gathered.chunkCount; i++) {
      chunkFrequency[chunks[i]] = 0;
      shownFrequency[chunks[i]] = 0;
    }
    this.gathered.documentCount = 0;
    this.gathered.chunkCount = 0;
  }

  /** Live definitions of a name, with global document numbers. */
  definitions(low: number, high: number): DefinitionSite[] {
    const found: DefinitionSite[] = [];
    for (const { segment, firstDocument } of this.parts) {
      for (const site of segment.definitions(low, high)) {
        const document = firstDocument + site.document;
        if (this.live[document]) found.push({ ...site, document });
      }
    }
    return found;
  }

  /** The chunk that holds a 1-based line of a document; -1 when the document has none. */
  chunkOfLine(document: number, line: number): number {
    let found = -1;
    for (let chunk = this.firstChunk[document]; chunk < this.firstChunk[document + 1]; chunk++) {
      if (this.chunkStart[chunk] > line && found >= 0) break;
      found = chunk;
    }
    return found;
  }

  /** Last line (1-based) of a chunk. */
  chunkEnd(chunk: number): number {
    const document = this.chunkDocument[chunk];
    const isLast = chunk + 1 === this.firstChunk[document + 1];
    return isLast ? this.documentLines[document] : this.chunkStart[chunk + 1] - 1;
  }
}
