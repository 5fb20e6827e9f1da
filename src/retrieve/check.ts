/** Refuses search requests that cannot be meant, with an error that says what is allowed. Used by momo.ts. */
import { MomoError } from "../errors.ts";
import { languageNames } from "../extract/language.ts";
import type { SearchRequest } from "../model/api.ts";
import { entityTypes } from "../model/outline.ts";

/** Longer than any question; a pasted stack trace fits. */
const MAX_QUERY = 10_000;

export function checkRequest({ query, limit = 10, filters = {} }: SearchRequest, maxLimit: number): void {
  if (query.trim() === "") throw new MomoError("QUERY_EMPTY");
  if (query.length > MAX_QUERY)
    refuse("query", `${query.slice(0, 40)}...`, `at most ${MAX_QUERY} characters`);
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) refuse("limit", limit, `1 to ${maxLimit}`);
  const names = languageNames();
  for (const language of filters.languages ?? []) {
    if (!names.includes(language)) refuse("language", language, `one of ${names.join(", ")}`);
  }
  for (const type of filters.types ?? []) {
    if (!entityTypes.includes(type)) refuse("type", type, `one of ${entityTypes.join(", ")}`);
  }
}

function refuse(name: string, value: string | number, hint: string): never {
  throw new MomoError("VALUE_INVALID", { name, value, hint });
}
