/**
 * What a query means, as vectors of the model whose vectors are stored; or why that is not known now: then the search
 * goes by words. Called by momo.ts before a search, which is not kept waiting by a slow model for long.
 */
import type { Embedders } from "../embed/embedders.ts";
import { MomoError } from "../errors.ts";
import type { SearchRequest } from "../model/api.ts";
import type { Store } from "../store/contract/store.ts";
import { servingModel } from "../store/vector/models.ts";
import type { EngineAnswer } from "./engine-answer.ts";

export interface Meaning {
  model: string;
  dimensions: number;
  /** Each asks for a ranking of its own; none when nothing of the query is known. */
  queries: Float32Array[];
  fusion: Embedders["fusion"];
  /** Where an engine elsewhere was asked. */
  answer?: EngineAnswer;
}

export interface NoMeaning {
  degraded: string;
}

export type MeaningReader = (
  store: Store,
  request: SearchRequest,
) => Promise<Meaning | NoMeaning | undefined>;

/** A search that does not depend on the model waits so long for it. */
const PATIENCE_MS = 5000;
/** After it has waited in vain, so long the next ones do not wait. */
const PAUSE_MS = 30_000;

/** `now` in milliseconds. */
export function createMeaningReader(embedders: Embedders, now: () => number): MeaningReader {
  let pausedUntil = 0;
  return async (store, request) => {
    if (request.strategy === "words" || !isWanted(embedders, request)) return undefined;
    const isRequired = request.strategy !== undefined;
    try {
      if (isRequired) return await readMeaning({ store, embedders }, request.query);
      if (now() < pausedUntil) throw lateModel();
      return await inTime(readMeaning({ store, embedders }, request.query), () => {
        pausedUntil = now() + PAUSE_MS;
      });
    } catch (error) {
      if (isRequired || !(error instanceof MomoError)) throw error;
      return { degraded: error.message };
    }
  };
}

/** False when no strategy with stored vectors is set; raises VALUE_INVALID when another one is asked for. */
function isWanted({ strategy, isActive }: Embedders, request: SearchRequest): boolean {
  const asked = request.strategy;
  if (asked === undefined || asked === strategy) return isActive;
  const hint = `${strategy} is set (embedding_strategy), or words for words only`;
  throw new MomoError("VALUE_INVALID", { name: "strategy", value: asked, hint });
}

const lateModel = (): MomoError =>
  new MomoError("EMBEDDING_UNAVAILABLE", {
    strategy: "of the query",
    why: `the model did not answer within ${PATIENCE_MS / 1000} s`,
  });

async function inTime<T>(work: Promise<T>, onLate: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      onLate();
      reject(lateModel());
    }, PATIENCE_MS);
  });
  // What comes too late may fail; nobody waits for it.
  work.catch(() => undefined);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function readMeaning(
  { store, embedders }: { store: Store; embedders: Embedders },
  query: string,
): Promise<Meaning> {
  const serving = servingModel(store);
  if (!serving)
    throw new MomoError("EMBEDDING_UNAVAILABLE", {
      strategy: embedders.strategy,
      why: "nothing is embedded yet; run momo embed",
    });
  const embedder = await embedders.reopen(serving);
  const [vector] = await embedder.embed([query], { kind: "query" });
  const { model, dimensions } = serving;
  const isKnown = vector!.some((value) => value !== 0);
  const { fusion } = embedders;
  return { model, dimensions, fusion, queries: isKnown ? (embedder.views?.(vector!) ?? [vector!]) : [] };
}
