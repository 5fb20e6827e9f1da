/** What follows from the knowledge and lies beside it: lexical segments, and what the last scan of a folder saw. */
/** What the last look at the file system saw of one path; a cache beside the knowledge, not part of the digest. */
export interface ScanRow {
  path: string;
  size: number;
  /** Milliseconds, with fraction. */
  mtime: number;
  /** Why it is not indexed; absent for indexed files. */
  skipped?: string;
  /** Said of an indexed file: syntax errors, odd encoding. */
  warning?: string;
}

/** A group of lexical postings written in one transaction: named byte sections, made by lexical/ and vector/. */
export interface SegmentRecord {
  id: number;
  /** Version of each document, in document order. */
  vids: Float64Array;
  section(name: string): Uint8Array;
  /** What can be asked for: the lexical sections, and vectors of the models it was embedded with. */
  sectionNames(): string[];
}

export interface SegmentSize {
  id: number;
  documents: number;
  /** Bytes of its posting lists: about half as many postings. */
  postings: number;
}

/** Words of documents that have no version yet, in the order of the documents. */
export interface NewSegment {
  sections: Record<string, Uint8Array>;
  documents: number;
}
