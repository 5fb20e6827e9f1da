/**
 * Gives chunks their vectors: reads the texts of those that lack one, has them embedded, and writes the vectors segment
 * by segment, in short transactions, so that an interrupted run has lost little and nobody is kept waiting by a slow
 * model. Vectors are derived: no operation, nothing to undo. Used by embedding.ts.
 */

import { type Embedder, withContext } from "../embed/embedder.ts";
import type { SegmentRecord } from "../store/contract/derived.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import type { Store } from "../store/contract/store.ts";
import { Segment } from "../store/lexical/segment.ts";
import { isEmbedded, withVectors } from "../store/vector/coverage.ts";
import { writeVectors } from "../store/vector/models.ts";

/** Chunks whose vectors are written at once: what an interruption can cost. */
const WRITTEN_AT_ONCE = 1024;
/** Another process may merge segments at any time; then it is looked again, this often. */
const ROUNDS = 5;

export interface EmbedOptions {
  signal?: AbortSignal | undefined;
  on_progress?: ((progress: { done: number; total: number }) => void) | undefined;
}

interface Lack {
  segment: number;
  /** Numbers of chunks within the segment. */
  chunks: number[];
}

export interface Coverage {
  /** Of live documents. */
  chunks: number;
  lacking: number;
}

/** Live chunks and those of them that lack a vector of the model; undefined counts none as embedded. */
function findLacks(store: StoreReader, model: string | undefined): Coverage & { lacks: Lack[] } {
  const live = new Set([...store.liveVersions("file"), ...store.liveVersions("entry")]);
  const lacks: Lack[] = [];
  let total = 0;
  for (const record of store.segments()) {
    const segment = new Segment(record);
    const block = model === undefined ? undefined : segment.vectors(model);
    const chunks: number[] = [];
    for (const { first, end } of documentsOf(segment, live)) {
      total += end - first;
      for (let chunk = first; chunk < end; chunk++) {
        if (!block || !isEmbedded(block, chunk)) chunks.push(chunk);
      }
    }
    if (chunks.length > 0) lacks.push({ segment: record.id, chunks });
  }
  return { chunks: total, lacking: lacks.reduce((sum, { chunks }) => sum + chunks.length, 0), lacks };
}

export const coverageOf = (store: StoreReader, model: string | undefined): Coverage => {
  const { chunks, lacking } = store.snapshot(() => findLacks(store, model));
  return { chunks, lacking };
};

interface DocumentChunks {
  document: number;
  first: number;
  end: number;
}

/** The documents whose version is live, each version once. */
function* documentsOf(segment: Segment, live: Set<number>): Generator<DocumentChunks> {
  for (let document = 0; document < segment.documents; document++) {
    if (!live.delete(segment.vids[document]!)) continue;
    const end = document + 1 < segment.documents ? segment.firstChunk[document + 1]! : segment.chunks;
    yield { document, first: segment.firstChunk[document]!, end };
  }
}

/** Texts of all live chunks, for a strategy that is fitted to them. */
export function* liveTexts(store: Store): Generator<string> {
  const live = new Set([...store.liveVersions("file"), ...store.liveVersions("entry")]);
  for (const record of store.segments()) {
    const segment = new Segment(record);
    for (const { document, first, end } of documentsOf(segment, live)) {
      const text = textReader(store, segment, document);
      for (let chunk = first; chunk < end; chunk++) yield text(chunk);
    }
  }
}

/** The text of a document's chunk, below its path; empty when the content is gone. */
function textReader(store: Store, segment: Segment, document: number): (chunk: number) => string {
  const stored = store.text(segment.vids[document]!);
  const lines = stored
    ? Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength).toString().split(/\r?\n/)
    : [];
  const end = document + 1 < segment.documents ? segment.firstChunk[document + 1]! : segment.chunks;
  return (chunk) => {
    const from = segment.chunkStart[chunk]! - 1;
    const to = chunk + 1 < end ? segment.chunkStart[chunk + 1]! - 1 : lines.length;
    const text = lines.slice(from, to).join("\n");
    return text.trim() === "" ? "" : withContext(segment.paths[document]!, text);
  };
}

/** Of one snapshot: undefined when the segment is gone. */
function readTexts(store: Store, { segment: id, chunks }: Lack): string[] | undefined {
  return store.snapshot(() => {
    const record = recordOf(store, id);
    if (!record) return undefined;
    const segment = new Segment(record);
    let document = 0;
    let read: ((chunk: number) => string) | undefined;
    return chunks.map((chunk) => {
      while (document + 1 < segment.documents && segment.firstChunk[document + 1]! <= chunk) {
        document++;
        read = undefined;
      }
      read ??= textReader(store, segment, document);
      return read(chunk);
    });
  });
}

const recordOf = (store: StoreReader, id: number): SegmentRecord | undefined =>
  store.segments().find((record) => record.id === id);

/** False when the segment is gone: its chunks lie in another one now. */
function write(store: Store, embedder: Embedder, lack: Lack & { vectors: Float32Array[] }): boolean {
  const tx = store.begin({ agent: "indexer", kind: "index", intent: "embed" });
  try {
    const record = recordOf(tx.reader, lack.segment);
    if (!record) {
      tx.abort();
      return false;
    }
    const segment = new Segment(record);
    const vectors = new Map(lack.chunks.map((chunk, i) => [chunk, lack.vectors[i]!]));
    const { model } = embedder;
    const bytes = withVectors({ segment, block: segment.vectors(model) }, embedder, vectors);
    writeVectors(tx, { segment: lack.segment, model, bytes });
    tx.commit();
    return true;
  } catch (error) {
    tx.abort();
    throw error;
  }
}

/** Parts of the lacks that are written at once. */
function* partsOf(lacks: readonly Lack[]): Generator<Lack> {
  for (const { segment, chunks } of lacks) {
    for (let at = 0; at < chunks.length; at += WRITTEN_AT_ONCE)
      yield { segment, chunks: chunks.slice(at, at + WRITTEN_AT_ONCE) };
  }
}

/**
 * Embeds every live chunk that lacks a vector of this model; returns how many. Rejects with what the model raises, or
 * the signal's reason; what was written until then stays.
 */
export async function embedChunks(store: Store, embedder: Embedder, options: EmbedOptions): Promise<number> {
  let done = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { lacks, lacking } = store.snapshot(() => findLacks(store, embedder.model));
    if (lacking === 0) break;
    const total = done + lacking;
    options.on_progress?.({ done, total });
    for (const part of partsOf(lacks)) {
      options.signal?.throwIfAborted();
      const texts = readTexts(store, part);
      if (!texts) continue;
      const vectors = await embedder.embed(texts, { kind: "document", signal: options.signal });
      if (!write(store, embedder, { ...part, vectors })) continue;
      done += part.chunks.length;
      options.on_progress?.({ done, total });
    }
  }
  return done;
}
