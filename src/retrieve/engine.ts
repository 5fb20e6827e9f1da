/**
 * Asks a vector engine elsewhere what is nearest to a query, before a search: what it answers is joined to what is live
 * here, and where it does not answer the vectors in the file are compared. Used where an engine is set.
 */
import type { SearchRequest } from "../model/api.ts";
import { redactText } from "../model/secrets.ts";
import { mainBranch } from "../store/contract/kinds.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import type { VectorStore } from "../store/contract/vectors.ts";
import { nearestLive } from "../store/engines/nearest.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import { chunkOf, documentsOf } from "./engine-answer.ts";
import { compileFilter, rowFilterOf } from "./filter.ts";
import { fusedCount } from "./meaning.ts";
import type { Meaning } from "./query-vector.ts";
import { DEFAULT_LIMIT } from "./search.ts";

export interface VectorEngine {
  name: string;
  store: VectorStore;
}

interface Place {
  store: StoreReader;
  index: LexicalIndex;
}

/** The meaning with the engine's answer; as it was where the engine has no vectors of the model or of the branch. */
export async function askEngine(
  { name, store: engine }: VectorEngine,
  { store, index }: Place,
  { meaning, request }: { meaning: Meaning; request: SearchRequest },
): Promise<Meaning> {
  if (engine.model !== meaning.model || store.branch !== mainBranch) return meaning;
  const { filters, limit = DEFAULT_LIMIT } = request;
  const lag = store.seq() - (store.engine(name)?.seq ?? 0);
  const said = { engine: name, ...(lag > 0 && { engine_lag: lag }) };
  const filter = compileFilter(index, filters);
  const documents = documentsOf(index);
  const asked = {
    limit: fusedCount(limit),
    each: "version" as const,
    live: documents,
    accepts: ({ vid, chunk }: { vid: number; chunk: number }) =>
      chunkOf({ index, filter, documents }, { vid, chunk }) >= 0,
    ...(filters && { filter: rowFilterOf(filters) }),
  };
  try {
    const hits = await Promise.all(meaning.queries.map((query) => nearestLive(engine, query, asked)));
    return { ...meaning, answer: { ...said, hits } };
  } catch (error) {
    // The vectors in the file are as good: the search goes on with them, and says so.
    const engine_error = redactText(error instanceof Error ? error.message : String(error));
    return { ...meaning, answer: { ...said, engine_error } };
  }
}
