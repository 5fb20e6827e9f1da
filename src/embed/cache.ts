/**
 * Remembers vectors by what was embedded (G07): a query that is asked again costs nothing, and two that are asked at
 * once cost one. Wraps any strategy; used where queries are embedded.
 */
import { hash } from "node:crypto";
import { MomoError } from "../errors.ts";
import type { Embedder, EmbedOptions } from "./embedder.ts";

export interface CacheOptions {
  /** How long a vector is remembered; 0 for not at all. */
  ttl_seconds: number;
  /** Vectors at most; the one that was not asked for the longest goes first. */
  capacity: number;
  /** Milliseconds; given so that tests decide about time. */
  now: () => number;
}

interface Entry {
  vector: Promise<Float32Array>;
  /** Infinity while the model works on it. */
  expires: number;
}

/** A vector that somebody changed would be wrong for everybody after. */
const copyOf = async (vector: Promise<Float32Array>): Promise<Float32Array> =>
  Float32Array.from(await vector);

export function cached(embedder: Embedder, { ttl_seconds, capacity, now }: CacheOptions): Embedder {
  if (ttl_seconds === 0 || capacity === 0) return embedder;
  const entries = new Map<string, Entry>();
  const keyOf = (text: string, kind: string): string =>
    hash("sha256", JSON.stringify([embedder.model, kind, text]), "base64");
  const find = (key: string): Promise<Float32Array> | undefined => {
    const entry = entries.get(key);
    if (!entry) return undefined;
    entries.delete(key);
    if (entry.expires <= now()) return undefined;
    // The newest is last: a Map keeps the order of insertion.
    entries.set(key, entry);
    return entry.vector;
  };
  const keep = (key: string, vector: Promise<Float32Array>): void => {
    const entry: Entry = { vector, expires: Number.POSITIVE_INFINITY };
    entries.set(key, entry);
    vector.then(
      () => {
        entry.expires = now() + ttl_seconds * 1000;
      },
      () => {
        if (entries.get(key) === entry) entries.delete(key);
      },
    );
    for (const oldest of entries.keys()) {
      if (entries.size <= capacity) break;
      entries.delete(oldest);
    }
  };
  const embed = async (texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]> => {
    options.signal?.throwIfAborted();
    const keys = texts.map((text) => keyOf(text, options.kind));
    const found = new Map<string, Promise<Float32Array>>();
    const missing = new Map<string, string>();
    keys.forEach((key, i) => {
      const known = found.get(key) ?? find(key);
      if (known) found.set(key, known);
      else missing.set(key, texts[i]!);
    });
    if (missing.size > 0) {
      const answers = embedder.embed([...missing.values()], options);
      [...missing.keys()].forEach((key, at) => {
        const vector = answers.then((vectors) => vectors[at]!);
        found.set(key, vector);
        keep(key, vector);
      });
    }
    return Promise.all(keys.map((key) => copyOf(found.get(key)!)));
  };
  return { ...embedder, embed: (texts, options) => sharing(embed, texts, options) };
}

/** Who waits for what another asked is not ended by the other's abort: it asks itself. */
async function sharing(
  embed: Embedder["embed"],
  texts: readonly string[],
  options: EmbedOptions,
): Promise<Float32Array[]> {
  try {
    return await embed(texts, options);
  } catch (error) {
    if (options.signal?.aborted || error instanceof MomoError) throw error;
    return embed(texts, options);
  }
}
