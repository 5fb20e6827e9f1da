/** Messages between the ingest pool (main thread) and its workers, and the shared cells that tell what a worker is at. */

import type { Slice } from "../store/contract/knowledge.ts";

/** A file to read; `index` is its place in the run's list. */
export interface FileTask {
  index: number;
  path: string;
  file: string;
  language: string;
  /** Leaf (digest.ts) of the version the head points at: the same content is not parsed again. */
  known?: Uint8Array;
  parse: boolean;
}

/** `warm-up` is answered like a batch without files. */
export type ToWorker = { type: "files"; files: FileTask[] } | { type: "warm-up" } | { type: "finish" };

export interface FileIndexed {
  index: number;
  outcome: "indexed";
  bytes: number;
  hash: Uint8Array;
  /** `pack` is a place in the message's packs. */
  slice: Slice;
  entities: number;
  warning?: string;
}
export interface FileUnchanged {
  index: number;
  outcome: "unchanged";
  bytes: number;
}
export interface FileSkipped {
  index: number;
  outcome: "skipped";
  reason: string;
}
export type FileResult = FileIndexed | FileUnchanged | FileSkipped;

export type FromWorker =
  | { type: "results"; results: FileResult[]; packs: Uint8Array[] }
  /** A segment and the indexes of its documents; `last` answers `finish`. */
  | { type: "segment"; sections: Record<string, Uint8Array>; documents: number[]; last: boolean };

/** Cells of the shared Int32Array: the file a worker is at (index + 1, 0 for none), and since when (ms, low bits). */
export const Cell = { file: 0, since: 1, count: 2 } as const;
export const clock = (): number => Math.floor(performance.timeOrigin + performance.now()) & 0x7fffffff;
