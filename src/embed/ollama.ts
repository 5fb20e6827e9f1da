/** The strategy `ollama`: a model that an Ollama server runs, asked by its API `/api/embed`. Opened by strategies.ts. */
import { MomoError } from "../errors.ts";
import type { Embedder } from "./embedder.ts";
import { type ModelServer, openModelServer } from "./model-server.ts";
import { openRemote, type RemoteOptions } from "./remote.ts";

export const OLLAMA_URL = "http://127.0.0.1:11434";
export const OLLAMA_MODEL = "nomic-embed-text";

const missing = (model: string): MomoError =>
  new MomoError("EMBEDDING_MODEL_MISSING", { model, hint: `run ollama pull ${model}` });

/** Raises the errors of a model server, and EMBEDDING_MODEL_MISSING. */
export async function openOllama(options: RemoteOptions): Promise<Embedder> {
  const { model } = options;
  const server = openModelServer(options);
  const explain = (status: number): MomoError | undefined => (status === 404 ? missing(model) : undefined);
  return openRemote({
    strategy: "ollama",
    name: `ollama/${model}${await versionOf(server, model)}`,
    options,
    ask: async (input, signal) => {
      const answer = await server({
        path: "/api/embed",
        body: { model, input, truncate: true },
        signal,
        explain,
      });
      return (answer as { embeddings?: unknown } | null)?.embeddings;
    },
  });
}

interface Tags {
  models?: { name?: string; digest?: string }[];
}

/** `@` and the digest of the model as it is pulled now; "" from servers that do not list their models. */
async function versionOf(server: ModelServer, model: string): Promise<string> {
  let isListed = true;
  const explain = (status: number): undefined => {
    isListed = status !== 404 && status !== 405;
  };
  const listed = await server({ path: "/api/tags", explain }).catch((error) => {
    if (isListed) throw error;
  });
  const { models } = (listed ?? {}) as Tags;
  if (!Array.isArray(models)) return "";
  const digest = models.find(({ name }) => name === model || name === `${model}:latest`)?.digest;
  return typeof digest === "string" ? `@${digest.replace(/^sha256:/, "").slice(0, 12)}` : "";
}

interface Tags {
  models?: { name?: string; digest?: string }[];
}
