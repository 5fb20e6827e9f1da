/**
 * Answers that were given before, for as long as what they were drawn from is the same. The key holds the digest of
 * the state and not a time or a count of writes: so an answer is never of another state, and after a rollback those of
 * the state it went back to are good again. What lies beside the state (whether files changed since) is looked at
 * anew each time. One cache may serve any number of knowledge bases; made by momo.ts.
 */
import { hash } from "node:crypto";
import type { SearchFilters, SearchRequest, SearchResponse } from "../model/api.ts";
import { canonicalJson } from "../model/canonical-json.ts";
import type { Meaning, NoMeaning } from "./query-vector.ts";
import { DEFAULT_LIMIT, type Retriever } from "./search.ts";

export interface AnswersOptions {
  /** 0: nothing is kept. */
  ttl_ms: number;
  now: () => number;
  max_entries?: number;
  max_bytes?: number;
}

export interface Answers {
  /** What `retriever.search` says. The same question asked meanwhile is not worked on twice. */
  of(retriever: Retriever, request: SearchRequest, meaning?: Meaning | NoMeaning): Promise<SearchResponse>;
  /** `shared` waited for the same question of another caller. */
  readonly counts: { readonly hits: number; readonly misses: number; readonly shared: number };
  readonly entries: number;
  readonly bytes: number;
}

interface Question {
  retriever: Retriever;
  request: SearchRequest;
  /** By what it is answered beside the words. */
  meaning: Meaning | undefined;
}

/** As text: its size is known, and what one caller does to an answer no other one sees. */
interface Kept {
  text: string;
  until: number;
}

/** About 10 KB an answer, counted as twice that; so many are asked again within the half hour that they are kept. */
const MAX_ENTRIES = 2_000;
const MAX_BYTES = 48e6;

export function createAnswers(options: AnswersOptions): Answers {
  const { ttl_ms, now } = options;
  const kept = new KeptAnswers(options.max_entries ?? MAX_ENTRIES, options.max_bytes ?? MAX_BYTES);
  const flights = new Map<string, Promise<SearchResponse>>();
  const counts = { hits: 0, misses: 0, shared: 0 };

  const search = async (key: string, { retriever, request, meaning }: Question) => {
    counts.misses++;
    const response = await retriever.search(request, meaning);
    // Another process may have written in between: then nobody knows which state this is of.
    if (keyOf({ retriever, request, meaning }) === key)
      kept.add(key, { text: JSON.stringify(response), until: now() + ttl_ms });
    return response;
  };

  const take = async (question: Question): Promise<SearchResponse> => {
    const key = keyOf(question);
    if (key === undefined) return question.retriever.search(question.request, question.meaning);
    const known = kept.get(key, now());
    if (known !== undefined) {
      counts.hits++;
      return { ...question.retriever.freshen(JSON.parse(known)), cached: true };
    }
    const flight = flights.get(key);
    if (flight) {
      counts.shared++;
      return structuredClone(await flight);
    }
    const started = search(key, question).finally(() => flights.delete(key));
    flights.set(key, started);
    return started;
  };

  return {
    of: async (retriever, request, meaning) => {
      // An answer without what it was to go by, or by an engine that may lag, is not one to give again; packed context counts the words that say
      // what is out of date.
      const isKept =
        (meaning === undefined || ("model" in meaning && !meaning.answer)) && request.budget === undefined;
      if (ttl_ms === 0 || !isKept) return retriever.search(request, meaning);
      const started = performance.now();
      const response = await take({ retriever, request, meaning });
      return { ...response, query: request.query, took_ms: performance.now() - started };
    },
    counts,
    get entries() {
      return kept.size;
    },
    get bytes() {
      return kept.bytes;
    },
  };
}

/**
 * Every field of the request counts, known here or not, except the name of the exploration: its state says it all.
 * The file and the folder keep knowledge bases of equal content apart: what one owner reads, another may not.
 */
function keyOf({
  retriever,
  request: { exploration: _, ...request },
  meaning,
}: Question): string | undefined {
  const state = retriever.state();
  if (state === undefined) return undefined;
  const { query, limit = DEFAULT_LIMIT, explain = false, filters = {}, ...more } = request;
  const normal = { ...more, query: query.trim(), limit, explain, filters: normalFilters(filters) };
  const by = meaning && [meaning.model, meaning.fusion];
  return hash("sha256", canonicalJson([retriever.place, state, by, normal]));
}

/** Order and repetition in a filter mean nothing; an empty one filters nothing only where it is no filter at all. */
const normalFilters = (filters: SearchFilters): [string, string[]][] =>
  Object.entries(filters)
    .map(([name, values]: [string, string[]]): [string, string[]] => [name, [...new Set(values)].sort()])
    .sort(([a], [b]) => (a < b ? -1 : 1));

/** Those used last, within a number and a size. */
class KeptAnswers {
  readonly #answers = new Map<string, Kept>();
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  bytes = 0;

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#answers.size;
  }

  get(key: string, now: number): string | undefined {
    const known = this.#answers.get(key);
    if (known === undefined) return undefined;
    this.#drop(key, known);
    if (known.until <= now) return undefined;
    this.#put(key, known);
    return known.text;
  }

  add(key: string, answer: Kept): void {
    if (sizeOf(answer) > this.#maxBytes) return;
    this.#put(key, answer);
    for (const [oldest, least] of this.#answers) {
      if (this.size <= this.#maxEntries && this.bytes <= this.#maxBytes) return;
      this.#drop(oldest, least);
    }
  }

  #put(key: string, answer: Kept): void {
    this.#answers.set(key, answer);
    this.bytes += sizeOf(answer);
  }

  #drop(key: string, answer: Kept): void {
    this.#answers.delete(key);
    this.bytes -= sizeOf(answer);
  }
}

/** Two bytes a letter is the most that the runtime takes. */
const sizeOf = ({ text }: Kept): number => text.length * 2;
