/** Completes arguments of resource templates and prompts from what is in the knowledge base. Used by server.ts. */
import type { SearchAnswer } from "../commands/search.ts";
import { MomoError } from "../errors.ts";
import type { TransactionRecord } from "../store/contract/journal.ts";
import { writtenEntries } from "./resources.ts";
import { type Asking, ask } from "./session.ts";

const MOST = 100;
const LONGEST = 200;

type Source = (asking: Asking, typed: string) => Promise<string[]>;

async function found(asking: Asking, typed: string): Promise<SearchAnswer["results"]> {
  if (typed.trim() === "") return [];
  const input = { query: typed, limit: 50, strategy: "words" };
  return (await ask<SearchAnswer>(asking, "search", input)).results;
}

const files: Source = async (asking, typed) =>
  (await found(asking, typed)).flatMap(({ path, entry_id }) => (entry_id === undefined ? [path] : []));

const definitions: Source = async (asking, typed) =>
  (await found(asking, typed)).flatMap(({ entity_id }) => (entity_id === undefined ? [] : [entity_id]));

const documents: Source = async (asking, typed) => (await writtenEntries(asking, typed)).map(({ id }) => id);

const agents: Source = async (asking) => {
  const { transactions } = await ask<{ transactions: TransactionRecord[] }>(asking, "history", {
    limit: 500,
  });
  return transactions.map(({ agent }) => agent);
};

const either: Source = async (asking, typed) => [
  ...(await definitions(asking, typed)),
  ...(await files(asking, typed)),
];

/** By the template's address or the prompt's name, and the argument. */
const sources: Readonly<Record<string, Source>> = {
  "momo://file/{+path} path": files,
  "momo://entity/{+id} id": definitions,
  "momo://document/{+id} id": documents,
  "impact target": either,
  "review_agent agent": agents,
};

export interface Completion {
  values: string[];
  total: number;
  hasMore: boolean;
}

/** Nothing where there is nothing to suggest, or nothing is indexed yet. */
export async function complete(
  asking: Asking,
  { of, argument, typed }: { of: string; argument: string; typed: string },
): Promise<Completion> {
  const key = `${of} ${argument}`;
  const source = Object.hasOwn(sources, key) ? sources[key] : undefined;
  if (!source || typed.length > LONGEST) return { values: [], total: 0, hasMore: false };
  try {
    const lower = typed.toLowerCase();
    const all = [...new Set(await source(asking, typed))].filter((one) => one.toLowerCase().includes(lower));
    return { values: all.slice(0, MOST), total: all.length, hasMore: all.length > MOST };
  } catch (error) {
    if (error instanceof MomoError && error.code === "NOT_INDEXED")
      return { values: [], total: 0, hasMore: false };
    throw error;
  }
}
