/**
 * Requests to a model server: time limit, repeats where the server asks for time, no redirects, nothing beyond this
 * machine when offline, and a MomoError that says what to do for everything that can go wrong. Used by ollama.ts and
 * openai-compatible.ts.
 */
import { setTimeout } from "node:timers/promises";
import { isLoopback } from "../config/setting-values.ts";
import { MomoError } from "../errors.ts";
import { attribute } from "../observe/conventions.ts";
import { clientSpan } from "../observe/trace.ts";
import type { Attributes } from "../observe/tracer.ts";

/** Time, given so that tests decide about it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  wait: async (milliseconds, signal) => {
    await setTimeout(milliseconds, undefined, signal && { signal }).catch((error) => {
      signal?.throwIfAborted();
      throw error;
    });
  },
};

export interface ServerOptions {
  /** http or https, without a slash at the end. */
  url: string;
  timeout_seconds: number;
  offline: boolean;
  /** Sent as a bearer token. */
  key?: string | undefined;
  clock?: Clock | undefined;
}

export interface ServerRequest {
  path: string;
  /** Sent as JSON by POST; a GET without it. */
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** What an answer with an error status means, where that is better known; undefined for the usual. */
  explain?(status: number, why: string): MomoError | undefined;
}

/** Resolves with the JSON of the answer. */
export type ModelServer = (request: ServerRequest) => Promise<unknown>;

const TRIES = 5;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Vectors of a large batch take a few megabytes. */
const MAX_ANSWER_BYTES = 256 * 2 ** 20;
const SHOWN_CHARACTERS = 200;

const isTransient = (status: number): boolean => status === 429 || status >= 500;

/** Milliseconds that a Retry-After header asks for: seconds, or a date. */
function askedPause(header: string | null, clock: Clock): number | undefined {
  if (header === null) return undefined;
  const milliseconds = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - clock.now();
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}

export function openModelServer(options: ServerOptions): ModelServer {
  const { url, key, offline, clock = systemClock } = options;
  if (offline && !isLoopback(url)) throw new MomoError("OFFLINE", { url });
  if (key !== undefined && !url.startsWith("https:") && !isLoopback(url))
    throw new MomoError("EMBEDDING_KEY", { url, why: "would get the key unencrypted" });
  const answer: ModelServer = async (request) => {
    for (let attempt = 1; ; attempt++) {
      const { status, header, text } = await ask(options, request);
      if (status >= 200 && status < 300) return parse(url, text);
      if (status >= 300 && status < 400)
        throw new MomoError("EMBEDDING_REDIRECTED", { url, target: shown(header("location") ?? "", key) });
      const why = shown(text, key);
      const known = request.explain?.(status, why);
      if (known) throw known;
      if (!isTransient(status)) throw refusal({ url, status, why });
      if (attempt === TRIES) throw new MomoError("EMBEDDING_BUSY", { url, status, tries: TRIES });
      const pause = askedPause(header("retry-after"), clock) ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
      await clock.wait(Math.min(LONGEST_PAUSE_MS, pause), request.signal);
    }
  };
  return (request) => clientSpan(request.path, attributesOf(url, request), () => answer(request));
}

/** Of a request, for its span: where it goes and which model it asks, not what. */
function attributesOf(url: string, { path, body }: ServerRequest): Attributes {
  const { model } = (body ?? {}) as { model?: unknown };
  return {
    [attribute.httpMethod]: body === undefined ? "GET" : "POST",
    [attribute.serverAddress]: URL.parse(url)?.hostname,
    [attribute.serverPort]: Number(URL.parse(url)?.port) || undefined,
    [attribute.urlPath]: path,
    ...(typeof model === "string" && {
      [attribute.genAiOperation]: "embeddings",
      [attribute.genAiModel]: model,
    }),
  };
}

interface Answer {
  status: number;
  header(name: string): string | null;
  text: string;
}

async function ask({ url, key, timeout_seconds }: ServerOptions, request: ServerRequest): Promise<Answer> {
  const { body, path, signal } = request;
  signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeout_seconds * 1000);
  try {
    const response = await fetch(`${url}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: "manual",
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const text = await readText(url, response);
    return { status: response.status, header: (name) => response.headers.get(name), text };
  } catch (error) {
    if (error instanceof MomoError) throw error;
    signal?.throwIfAborted();
    if (timeout.aborted) throw new MomoError("EMBEDDING_TIMEOUT", { url, seconds: timeout_seconds }, error);
    throw new MomoError("EMBEDDING_UNREACHABLE", { url, why: causeOf(error) }, error);
  }
}

async function readText(url: string, response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > MAX_ANSWER_BYTES)
      throw new MomoError("EMBEDDING_ANSWER", { url, why: `more than ${MAX_ANSWER_BYTES} bytes` });
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function parse(url: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MomoError("EMBEDDING_ANSWER", { url, why: "it is not JSON" }, error);
  }
}

function refusal({ url, status, why }: { url: string; status: number; why: string }): MomoError {
  const isKey = status === 401 || status === 403;
  return isKey
    ? new MomoError("EMBEDDING_KEY", { url, why: `does not accept the key (${status})` })
    : new MomoError("EMBEDDING_REFUSED", { url, status, why });
}

/** `fetch failed` says nothing; its cause does. */
function causeOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}

/** What a server said, on one short line; servers repeat a key that they do not accept. */
function shown(text: string, key: string | undefined): string {
  const said = key === undefined ? text : text.replaceAll(key, "***");
  return said
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, SHOWN_CHARACTERS);
}
