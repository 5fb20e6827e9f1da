/**
 * What the strategies that ask a server have in common: batches, texts that need not be asked, and checking that what
 * comes back are vectors. Used by ollama.ts and openai-compatible.ts.
 */
import { MomoError } from "../errors.ts";
import { inBatches } from "./batches.ts";
import type { Embedder, EmbedOptions } from "./embedder.ts";
import type { ServerOptions } from "./model-server.ts";
import { prefixOf } from "./prefixes.ts";
import { toUnit } from "./vector.ts";

export interface RemoteOptions extends ServerOptions {
  /** Name of the model on the server. */
  model: string;
  /** Texts in a request. */
  batch: number;
  /** Numbers in a vector where that is known, from vectors that are stored; else the server is asked. */
  dimensions?: number | undefined;
}

/** Requests under way at once. */
const CONCURRENCY = 4;
/** Longer texts are cut: no model reads so much, and some servers refuse the whole batch for it. */
const MAX_CHARACTERS = 16_000;

export interface Remote {
  strategy: string;
  /** Identity of the model, but for its dimensions. */
  name: string;
  options: RemoteOptions;
  /** One request; what the answer holds in the place of the vectors, unchecked. */
  ask(texts: readonly string[], signal: AbortSignal | undefined): Promise<unknown>;
}

/** Finds out the dimensions by embedding a word, where they are not known. */
export async function openRemote({ strategy, name, options, ask }: Remote): Promise<Embedder> {
  const { url, batch } = options;
  const embed = async (texts: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array[]> =>
    readVectors(await ask(texts, signal), { url, count: texts.length });
  const dimensions = options.dimensions ?? (await embed(["momo"], undefined))[0]!.length;
  const model = `${name}/${dimensions}`;
  const check = (vector: Float32Array): Float32Array => {
    if (vector.length === dimensions) return toUnit(vector);
    throw new MomoError("EMBEDDING_DIMENSIONS", { model, expected: dimensions, found: vector.length });
  };
  return {
    strategy,
    model,
    dimensions,
    async embed(texts, { kind, signal }) {
      const vectors: Float32Array[] = texts.map(() => new Float32Array(dimensions));
      const asked = texts.flatMap((text, i) => (text.trim() === "" ? [] : [i]));
      const prepared = asked.map((i) => prepare(texts[i]!, { model: options.model, kind }));
      const answers = await inBatches(prepared, { size: batch, concurrency: CONCURRENCY, signal }, embed);
      asked.forEach((i, at) => {
        vectors[i] = check(answers[at]!);
      });
      return vectors;
    },
  };
}

/** A half of a surrogate pair at the cut would not be valid JSON text for every server. */
const prepare = (text: string, { model, kind }: { model: string; kind: EmbedOptions["kind"] }): string =>
  `${prefixOf(model, kind)}${text}`.slice(0, MAX_CHARACTERS).toWellFormed();

function readVectors(raw: unknown, { url, count }: { url: string; count: number }): Float32Array[] {
  const wrong = (why: string): MomoError => new MomoError("EMBEDDING_ANSWER", { url, why });
  if (!Array.isArray(raw)) throw wrong("there is no list of vectors in it");
  if (raw.length !== count) throw wrong(`${raw.length} vectors for ${count} texts`);
  // Array.from and not map, which passes over holes.
  return Array.from(raw, (vector: unknown) => {
    if (!Array.isArray(vector) || vector.length === 0) throw wrong("a vector is not a list of numbers");
    // JSON has no NaN: servers write null, or the word.
    if (!vector.every((value) => typeof value === "number" && Number.isFinite(value)))
      throw wrong("a vector holds something that is not a number");
    return Float32Array.from(vector as number[]);
  });
}
