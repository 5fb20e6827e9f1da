/** The seam of document search: contents by version, and counts. Every implementation passes engines/documents.contract.fixture.ts. */
import type { VersionKind } from "./knowledge.ts";
import type { RowFilter } from "./rows.ts";

export interface StoredDocument {
  vid: number;
  key: string;
  kind: VersionKind;
  body?: Uint8Array;
  text?: Uint8Array;
}

export interface DocumentScan {
  filter?: RowFilter;
  /** Documents whose version is greater: where the last page ended. */
  after?: number;
  limit: number;
}

/** A page of one state. */
export interface DocumentPage {
  /** Sequence number of the state that the page is of: a page of another one begins the scan again. */
  seq: number;
  /** By version. */
  documents: StoredDocument[];
}

export type CountedField = "kind" | "language" | "type";

export interface DocumentStore {
  readonly capabilities: {
    filters: readonly (keyof RowFilter)[];
    /** What it can count by. */
    counts: readonly CountedField[];
  };
  /** Those of these versions that it has, in any order. */
  get(vids: readonly number[]): Promise<StoredDocument[]>;
  scan(query: DocumentScan): Promise<DocumentPage>;
  /** Live documents by value; one with several types counts for each, one without a language for none. */
  count(by: CountedField): Promise<Record<string, number>>;
  close(): Promise<void>;
}
