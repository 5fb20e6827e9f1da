/** The stored vectors of a lexical index, as a vector store whose rows are its chunks. Opened by retrieve. */
import type { RowScores, VectorModel, VectorStore } from "../contract/vectors.ts";
import type { LexicalIndex } from "../lexical/index.ts";
import { isEmbedded } from "./coverage.ts";
import { EmbeddedVectorStore } from "./embedded.ts";

export interface StoredVectors {
  store: VectorStore & RowScores;
  /** Live ones that were embedded. */
  chunks: number;
}

/** In one snapshot with the index, whose segments it reads. */
export function openIndexVectors(index: LexicalIndex, { model, dimensions }: VectorModel): StoredVectors {
  const store = new EmbeddedVectorStore({ model, dimensions });
  let chunks = 0;
  for (const { segment, firstChunk } of index.parts) {
    const block = segment.id === 0 ? undefined : segment.vectors(model);
    if (!block) store.reserve(segment.chunks);
    else store.append(block, segment);
    for (let chunk = 0; block && chunk < segment.chunks; chunk++) {
      const document = index.chunkDocument[firstChunk + chunk]!;
      if (index.live[document] && isEmbedded(block, chunk)) chunks++;
    }
  }
  return { store, chunks };
}
