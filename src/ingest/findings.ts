/**
 * What the workers found, until it is written: kept in memory while it is little, staged in the file where it is much.
 * Filled by the pool, written by writing.ts.
 */
import { OpenPacks } from "../store/contents/open-packs.ts";
import { openPack } from "../store/contents/pack-file.ts";
import type { Content } from "../store/contract/knowledge.ts";
import type { Store } from "../store/contract/store.ts";
import type { Stage, WriteTransaction } from "../store/contract/write.ts";
import type { PoolEvents, Segment } from "./pool.ts";
import type { FileIndexed, FileResult } from "./protocol.ts";

/** So much is kept in memory: as much again is held by whoever waits for the writing. */
const KEPT_BYTES = 8e6;

interface StagedSegment {
  segment: number;
  /** Index of each document's file. */
  documents: number[];
}

export class Findings implements PoolEvents {
  /** In the order they came; `slice.pack` is a place in the packs of the whole run. */
  readonly results: FileResult[] = [];
  readonly #store: Store;
  #stage: Stage | undefined;
  /** Numbers of the packs that are staged: the first of the run. */
  readonly #stagedPacks: number[] = [];
  readonly #stagedSegments: StagedSegment[] = [];
  #packs: Uint8Array[] = [];
  #segments: Segment[] = [];
  #bytes = 0;
  /** Place of the first pack of the results that come now. */
  #first = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  packs(packs: Uint8Array[]): void {
    this.#stageIfMuch();
    this.#first = this.#stagedPacks.length + this.#packs.length;
    for (const pack of packs) {
      this.#packs.push(pack);
      this.#bytes += pack.length;
    }
  }

  result(result: FileResult): void {
    if (result.outcome === "indexed") result.slice.pack += this.#first;
    this.results.push(result);
  }

  segment(segment: Segment): void {
    this.#segments.push(segment);
    for (const { length } of Object.values(segment.sections)) this.#bytes += length;
    this.#stageIfMuch();
  }

  #stageIfMuch(): void {
    if (this.#bytes < KEPT_BYTES) return;
    this.#stage ??= this.#store.stage();
    const segments = this.#segments.map(({ sections, documents }) => ({
      sections,
      documents: documents.length,
    }));
    const added = this.#stage.add({ packs: this.#packs, segments });
    for (const number of added.packs) this.#stagedPacks.push(number);
    added.segments.forEach((segment, i) => {
      this.#stagedSegments.push({ segment, documents: this.#segments[i]!.documents });
    });
    this.#packs = [];
    this.#segments = [];
    this.#bytes = 0;
  }

  /** Reads what was indexed; undefined where so much was that it is not kept in memory. */
  reading(): ((result: FileIndexed) => Content) | undefined {
    if (this.#stage) return undefined;
    const opened = new OpenPacks();
    const open = (pack: number): Uint8Array => {
      const known = opened.get(pack);
      const bytes = known ?? openPack(this.#packs[pack]!);
      if (!known) opened.add(pack, bytes);
      return bytes;
    };
    return ({ slice: { pack, start, body_bytes, text_bytes } }) => {
      const middle = start + body_bytes;
      const bytes = open(pack);
      return { body: bytes.subarray(start, middle), text: bytes.subarray(middle, middle + text_bytes) };
    };
  }

  /** Stores the packs that were kept; returns the numbers of all. */
  writePacks(tx: WriteTransaction): number[] {
    return [...this.#stagedPacks, ...this.#packs.map((bytes) => tx.addPack(bytes))];
  }

  /** `vids` is the version of each file, by its place in the run. */
  writeSegments(tx: WriteTransaction, vids: Float64Array): void {
    const versions = (documents: number[]): Float64Array =>
      Float64Array.from(documents, (index) => vids[index]!);
    if (this.#stage) {
      const staged = this.#stagedSegments.map(
        ({ segment, documents }) => [segment, versions(documents)] as const,
      );
      tx.adopt(this.#stage, new Map(staged));
    }
    for (const { sections, documents } of this.#segments) tx.addSegment(sections, versions(documents));
  }

  /** Nothing of it stays in the file, unless it was written. */
  drop(): void {
    this.#stage?.drop();
  }
}
