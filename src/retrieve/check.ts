/** Refuses search requests that cannot be meant, with an error that says what is allowed. Used by momo.ts. */
import { settings } from "../config/settings.ts";
import { MomoError } from "../errors.ts";
import { languageNames } from "../extract/language.ts";
import type { SearchRequest } from "../model/api.ts";
import { entityTypes } from "../model/outline.ts";

/** Longer than any question; a pasted stack trace fits. */
const MAX_QUERY = 10_000;

/** A smaller budget would hold the last line and hardly anything beside it. */
export const BUDGET = { min: 100, max: 1_000_000 };

export function checkRequest(request: SearchRequest, maxLimit: number): void {
  const { query, limit = 10, filters = {} } = request;
  if (query.trim() === "") throw new MomoError("QUERY_EMPTY");
  if (query.length > MAX_QUERY)
    refuse("query", `${query.slice(0, 40)}...`, `at most ${MAX_QUERY} characters`);
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) refuse("limit", limit, `1 to ${maxLimit}`);
  checkBudget(request);
  const { expand } = request;
  if (expand !== undefined && !settings.expand.choices.includes(expand))
    refuse("expand", expand, `one of ${settings.expand.choices.join(", ")}`);
  const names = languageNames();
  for (const language of filters.languages ?? []) {
    if (!names.includes(language)) refuse("language", language, `one of ${names.join(", ")}`);
  }
  for (const type of filters.types ?? []) {
    if (!entityTypes.includes(type)) refuse("type", type, `one of ${entityTypes.join(", ")}`);
  }
}

function checkBudget({ budget, keep = [] }: SearchRequest): void {
  const { min, max } = BUDGET;
  if (budget !== undefined && !(Number.isInteger(budget) && budget >= min && budget <= max))
    refuse("budget", budget, `${min} to ${max} tokens`);
  if (budget === undefined && keep.length > 0)
    refuse("keep", keep[0].path, "lines are kept within a budget: give one");
  for (const { path, start_line, end_line } of keep) {
    const isRange = Number.isInteger(start_line) && Number.isInteger(end_line) && start_line >= 1;
    if (!isRange || end_line < start_line)
      refuse(
        "keep",
        `${path}:${start_line}-${end_line}`,
        "lines are counted from 1, the first before the last",
      );
  }
}

function refuse(name: string, value: string | number, hint: string): never {
  throw new MomoError("VALUE_INVALID", { name, value, hint });
}
