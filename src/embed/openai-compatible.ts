/**
 * The strategy `openai-compatible`: any server with the embeddings API of OpenAI (OpenAI itself, vLLM, LM Studio,
 * llama.cpp, ...). Opened by strategies.ts.
 */
import { MomoError } from "../errors.ts";
import type { Embedder } from "./embedder.ts";
import { openModelServer } from "./model-server.ts";
import { openRemote, type RemoteOptions } from "./remote.ts";

export const OPENAI_MODEL = "text-embedding-3-small";

export interface OpenAiOptions extends RemoteOptions {
  /** Numbers in a vector to ask the server for, from models that can give fewer; 0 for as many as the model has. */
  ask_dimensions: number;
}

interface Row {
  index?: unknown;
  embedding?: unknown;
}

/** Raises the errors of a model server, and EMBEDDING_DIMENSIONS where the server gives another size than asked for. */
export async function openOpenAiCompatible(options: OpenAiOptions): Promise<Embedder> {
  const { model, url, ask_dimensions } = options;
  const server = openModelServer(options);
  const sized = ask_dimensions > 0 ? { dimensions: ask_dimensions } : {};
  const explain = (status: number, why: string): MomoError | undefined =>
    status === 404
      ? new MomoError("EMBEDDING_MODEL_MISSING", { model, hint: `${url} says: ${why}` })
      : undefined;
  return openRemote({
    strategy: "openai-compatible",
    name: `openai-compatible/${model}`,
    options: { ...options, dimensions: options.dimensions ?? (ask_dimensions || undefined) },
    ask: async (input, signal) => {
      const body = { model, input, encoding_format: "float", ...sized };
      const answer = await server({ path: "/embeddings", body, signal, explain });
      return inOrder((answer as { data?: unknown } | null)?.data);
    },
  });
}

/** Rows say which text they belong to; a server that does not say keeps the order. */
function inOrder(data: unknown): unknown {
  if (!Array.isArray(data)) return undefined;
  const rows = data as (Row | null)[];
  const vectors: unknown[] = [];
  rows.forEach((row, i) => {
    vectors[typeof row?.index === "number" ? row.index : i] = row?.embedding;
  });
  return vectors.length === rows.length ? vectors : undefined;
}
