/** What an engine keeps of a version: rows that never change, and what it can say of the ones that it has. */
import type { Edge, VersionKind } from "./knowledge.ts";

/** What a filter may ask of a row. */
export interface RowFields {
  kind: VersionKind;
  /** Of a file; the id of an entry. */
  path: string;
  language?: string;
  /** Types of the entities that the chunk defines. */
  types?: readonly string[];
}

/** All conditions hold together; of each list one is enough. What is not given is not asked. */
export interface RowFilter {
  kinds?: readonly VersionKind[];
  languages?: readonly string[];
  /** Folders, without a slash at the end: the path lies in one of them, however deep. */
  directories?: readonly string[];
  types?: readonly string[];
}

/** What every row says beside its content. */
export interface VersionRow {
  vid: number;
  /** The key's name in every engine: a UUID (key-id.ts). */
  id: string;
  key: string;
  kind: VersionKind;
  /** Of the operation that made the key point here: of two rows of a key the greater one is newer. */
  seq: number;
  /** Stands for the content, 40 bits: engines add it up (`RangeDigest`). */
  mark: number;
}

/** Which row: a chunk, numbered from 0 within its version. */
export interface RowKey {
  vid: number;
  chunk: number;
}

/** As many numbers as the model has dimensions, of any length: only its direction counts. Zeros are never a hit. */
export type VectorRow = VersionRow & RowFields & { chunk: number; vector: Float32Array };

export type EdgeRow = VersionRow & Edge;

export type DocumentRow = VersionRow & RowFields & { body?: Uint8Array; text?: Uint8Array };

/** What an engine has of a key. */
export interface Held {
  id: string;
  key: string;
  vid: number;
  seq: number;
  /** Sum over its rows. */
  mark: number;
}

/** How many rows of a kind lie under a prefix of their ids (hex digits of the UUID), and the sum of their marks. */
export interface RangeDigest {
  prefix: string;
  count: number;
  sum: bigint;
}

/** What an engine can say of what it has: how it is compared with the knowledge base (resync.ts). */
export interface Holdings {
  /** Ranges that are not empty, each as long a prefix as `digits`, of the ids under these prefixes. */
  digests(kind: VersionKind, range: { under: readonly string[]; digits: number }): Promise<RangeDigest[]>;
  /** Every version that it has of keys of the kind under these prefixes; of one key there may be several. */
  list(kind: VersionKind, under: readonly string[]): Promise<Held[]>;
}

/**
 * The write side of an engine; projection.ts keeps it up with the feed. A row never changes, so writing one again
 * changes nothing. Each call resolves once a read sees what it did, and rejects when any of it may be missing: it is then
 * done again as a whole.
 */
export interface RowEngine<Row extends VersionRow> extends Holdings {
  upsert(rows: readonly Row[]): Promise<void>;
  /** All rows of these versions. */
  remove(vids: readonly number[]): Promise<void>;
  /** Every version that it has of these keys, by id. */
  held(ids: readonly string[]): Promise<Held[]>;
}
