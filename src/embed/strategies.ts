/**
 * The table of embedding strategies: from settings to an open model. Each is loaded when it is asked for. Used by
 * momo.ts, and by ingest and retrieve through what it passes them.
 */
import type { Settings } from "../config/settings.ts";
import { MomoError } from "../errors.ts";
import type { Embedder } from "./embedder.ts";
import type { Clock } from "./model-server.ts";
import type { RemoteOptions } from "./remote.ts";
import type { TfidfFit } from "./tfidf.ts";

export type EmbeddingStrategy = Settings["embedding_strategy"];

export type EmbeddingSettings = Pick<
  Settings,
  | "offline"
  | "embedding_strategy"
  | "embedding_model"
  | "embedding_folder"
  | "embedding_url"
  | "embedding_batch"
  | "embedding_timeout"
  | "embedding_dimensions"
  | "hybrid_model"
  | "hybrid_fusion"
  | "hybrid_weight_tfidf"
  | "hybrid_weight_model"
>;

export interface OpenEmbedder {
  settings: EmbeddingSettings;
  /** Of a model server; from the environment. */
  key?: string | undefined;
  /** What tfidf was fitted to before; it is fitted to `documents` where this is absent. */
  fit?: TfidfFit | undefined;
  /** Texts of the knowledge base, read when a strategy has to be fitted to them. */
  documents?: () => Iterable<string>;
  /** Of a model server whose vectors are stored; saves a request. */
  dimensions?: number | undefined;
  clock?: Clock;
}

export interface OpenedEmbedder {
  embedder: Embedder;
  /** Present where the strategy was fitted: to be kept, the vectors mean nothing without it. */
  fit?: TfidfFit;
}

type Open = (options: OpenEmbedder) => Promise<OpenedEmbedder>;

const strategies: Readonly<Record<EmbeddingStrategy, Open>> = {
  static: () => {
    throw new MomoError("EMBEDDING_UNAVAILABLE", {
      strategy: "static",
      why: "its vectors are not stored, there is nothing to embed; choose another with MOMO_EMBEDDING_STRATEGY",
    });
  },
  tfidf: async ({ fit: known, documents }) => {
    const { fitTfidf, openTfidf } = await import("./tfidf.ts");
    const fit = known ?? fitTfidf(documents?.() ?? []);
    return { embedder: openTfidf({ fit }), fit };
  },
  transformer: async ({ settings }) => {
    const { openTransformer } = await import("./transformer.ts");
    const { embedding_model: model, embedding_folder: folder, embedding_batch: batch } = settings;
    return {
      embedder: await openTransformer({ model: model || undefined, folder: folder || undefined, batch }),
    };
  },
  ollama: async (options) => {
    const { OLLAMA_MODEL, OLLAMA_URL, openOllama } = await import("./ollama.ts");
    return { embedder: await openOllama(remoteOptions(options, { url: OLLAMA_URL, model: OLLAMA_MODEL })) };
  },
  "openai-compatible": async (options) => {
    const { OPENAI_MODEL, openOpenAiCompatible } = await import("./openai-compatible.ts");
    const { embedding_url: url, embedding_dimensions: ask_dimensions } = options.settings;
    // No address is taken for granted: choosing a strategy must not be enough to send code away.
    if (url === "") throw new MomoError("EMBEDDING_URL_MISSING", { strategy: "openai-compatible" });
    const remote = remoteOptions(options, { url, model: OPENAI_MODEL });
    return { embedder: await openOpenAiCompatible({ ...remote, key: options.key, ask_dimensions }) };
  },
  hybrid: async (options) => {
    const { normalWeights, openHybrid } = await import("./hybrid.ts");
    const { settings } = options;
    const weights = normalWeights([settings.hybrid_weight_tfidf, settings.hybrid_weight_model]);
    const { embedder: first, fit } = await strategies.tfidf(options);
    const { embedder: second } = await strategies[settings.hybrid_model]({
      ...options,
      dimensions: undefined,
    });
    const embedder = openHybrid({ first, second, weights, fusion: settings.hybrid_fusion });
    return { embedder, ...(fit && { fit }) };
  },
};

function remoteOptions(
  { settings, clock, dimensions }: OpenEmbedder,
  defaults: { url: string; model: string },
): RemoteOptions {
  return {
    url: settings.embedding_url || defaults.url,
    model: settings.embedding_model || defaults.model,
    batch: settings.embedding_batch,
    timeout_seconds: settings.embedding_timeout,
    offline: settings.offline,
    dimensions,
    clock,
  };
}

/** Whether a strategy makes vectors that are stored; `static` computes them from a table it ships. */
export const isStored = (strategy: EmbeddingStrategy): boolean => strategy !== "static";

/** Opens the strategy of the settings; raises what opening it raises (errors.ts, EMBEDDING_*). */
export const openEmbedder = (options: OpenEmbedder): Promise<OpenedEmbedder> =>
  strategies[options.settings.embedding_strategy](options);
