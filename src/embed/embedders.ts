/**
 * Opens embedders for what is stored and for what is set: remembers the open ones, and the vectors of recent texts.
 * Made by momo.ts, passed to ingest and retrieve.
 */
import type { Settings } from "../config/settings.ts";
import { MomoError } from "../errors.ts";
import { cached } from "./cache.ts";
import type { Embedder } from "./embedder.ts";
import { createModels } from "./models.ts";
import { type EmbeddingSettings, isStored, type OpenedEmbedder, openEmbedder } from "./strategies.ts";
import type { TfidfFit } from "./tfidf.ts";

/** The settings that decide which model it is; the others are about how it is reached. */
const identifying = [
  "embedding_strategy",
  "embedding_model",
  "embedding_dimensions",
  "hybrid_model",
] as const;
export type ModelSettings = Pick<Settings, (typeof identifying)[number]>;

/** A model whose vectors are stored. */
export interface StoredModel {
  model: string;
  dimensions: number;
  settings: Readonly<Record<string, unknown>>;
  fit?: unknown;
}

export interface Embedders {
  /** Whether the strategy that is set makes vectors to be stored. */
  readonly isActive: boolean;
  readonly strategy: Settings["embedding_strategy"];
  /** Texts in a request; 0 where nothing is requested. */
  readonly batch: number;
  /** How a ranking by vectors is joined with the one by words, and how much it counts. */
  readonly fusion: { by: Settings["vector_fusion"]; weight: number };
  /** What a record keeps of the settings. */
  readonly settings: ModelSettings;
  /** Whether a stored model is the one that is set. */
  matches(stored: StoredModel): boolean;
  /**
   * A model whose vectors are stored, with a cache; raises EMBEDDING_UNAVAILABLE where the model of that name is another
   * one now.
   */
  reopen(stored: StoredModel): Promise<Embedder>;
  /** The model that is set, fitted to the documents where it has to be. To be closed by who asked. */
  openNew(documents: () => Iterable<string>): Promise<OpenedEmbedder>;
  close(): Promise<void>;
}

export interface EmbeddersOptions {
  settings: EmbeddingSettings & Pick<Settings, "cache_ttl_embeddings" | "vector_fusion" | "vector_weight">;
  key: string | undefined;
  /** Milliseconds. */
  now: () => number;
}

/** Models open at once: the one that serves, and one that replaces it. */
const OPEN_MODELS = 2;
/** Vectors remembered of each; a query has a few kilobytes. */
const CACHED_TEXTS = 1000;

/** Strategies that ask a server. */
const remote: readonly string[] = ["ollama", "openai-compatible"];

export function createEmbedders({ settings, key, now }: EmbeddersOptions): Embedders {
  const models = createModels(OPEN_MODELS);
  const own = Object.fromEntries(identifying.map((name) => [name, settings[name]])) as ModelSettings;
  const { embedding_strategy: strategy, hybrid_model, cache_ttl_embeddings: ttl_seconds } = settings;
  const runs = strategy === "hybrid" ? hybrid_model : strategy;
  const open = async (stored: StoredModel): Promise<Embedder> => {
    const { dimensions, fit } = stored;
    const { embedder } = await openEmbedder({
      settings: { ...settings, ...(stored.settings as Partial<ModelSettings>) },
      key,
      dimensions,
      fit: fit as TfidfFit | undefined,
    });
    if (embedder.model === stored.model)
      return cached(embedder, { ttl_seconds, capacity: CACHED_TEXTS, now });
    await embedder.close?.();
    throw new MomoError("EMBEDDING_UNAVAILABLE", {
      strategy,
      why: `the vectors are of ${stored.model} and the model is now ${embedder.model}; run momo embed`,
    });
  };
  return {
    isActive: isStored(strategy),
    strategy,
    batch: remote.includes(runs) ? settings.embedding_batch : 0,
    fusion: { by: settings.vector_fusion, weight: settings.vector_weight },
    settings: own,
    matches: (stored) =>
      identifying.every(
        (name) => stored.settings[name] === own[name] || (name === "hybrid_model" && strategy !== "hybrid"),
      ),
    reopen: (stored) => models.get(stored.model, () => open(stored)),
    openNew: (documents) => openEmbedder({ settings, key, documents }),
    close: () => models.close(),
  };
}
