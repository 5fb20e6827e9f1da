/** What a vector engine elsewhere answered, as documents of the index in memory. Used by engine.ts and meaning.ts. */
import type { VectorHit } from "../store/contract/vectors.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import type { Similar } from "./fuse.ts";
import type { Filter } from "./rank.ts";

export interface Near extends Similar {
  /** The nearest of its chunks. */
  chunk: number;
}

/** What it answered to each query of a meaning, or why it did not; and how far it is behind. */
export interface EngineAnswer {
  engine: string;
  hits?: VectorHit[][];
  engine_error?: string;
  /** Operations. */
  engine_lag?: number;
}

/** The same hits as documents of an index, which may be of a later state: what died meanwhile is left out again. */
export function nearOf(index: LexicalIndex, hits: readonly VectorHit[], filter: Filter): Near[] {
  const documents = documentsOf(index);
  const found = new Map<number, Near>();
  for (const { vid, chunk: own, score } of hits) {
    const chunk = chunkOf({ index, filter, documents }, { vid, chunk: own });
    if (chunk < 0 || score <= 0) continue;
    const document = index.chunkDocument[chunk]!;
    if (!found.has(document)) found.set(document, { document, chunk, cosine: score });
  }
  return [...found.values()];
}

/** Document of each live version. */
export function documentsOf(index: LexicalIndex): Map<number, number> {
  const documents = new Map<number, number>();
  for (let document = 0; document < index.documents; document++)
    if (index.live[document]) documents.set(index.vids[document]!, document);
  return documents;
}

/** Number of the chunk in the index; -1 for one that it does not have, or that the filter leaves out. */
export function chunkOf(
  { index, filter, documents }: { index: LexicalIndex; filter: Filter; documents: Map<number, number> },
  { vid, chunk: own }: { vid: number; chunk: number },
): number {
  const document = documents.get(vid);
  if (document === undefined) return -1;
  const chunk = index.firstChunk[document]! + own;
  const isThere = own >= 0 && chunk < index.firstChunk[document + 1]!;
  return isThere && filter.document(document) && filter.chunk(chunk) ? chunk : -1;
}
