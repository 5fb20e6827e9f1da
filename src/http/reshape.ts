/** Requests and answers whose form is not that of the command behind them. Used by the rows of routes.ts. */
import { MomoError } from "../errors.ts";
import { didYouMean } from "../model/nearest.ts";
import { shownValue } from "../model/shown.ts";
import type { Values } from "./route.ts";

const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refuse(name: string, value: unknown, hint: string): never {
  throw new MomoError("VALUE_INVALID", { name, value: shownValue(value), hint });
}

const filterInputs: Readonly<Record<string, string>> = {
  types: "type",
  languages: "language",
  directories: "dir",
  paths: "path_glob",
};
const DEFAULT_RESULTS = 10;

/** `filters` as the command takes them, one by one. */
export function readFilters({ filters, include_metadata, ...input }: Values): Values {
  if (typeof (include_metadata ?? true) !== "boolean")
    refuse("include_metadata", include_metadata, "give true or false");
  if ((input.limit ?? input.budget) == null) input.limit = DEFAULT_RESULTS;
  if (filters === undefined || filters === null) return input;
  if (!isObject(filters)) refuse("filters", filters, "give an object");
  for (const [name, value] of Object.entries(filters)) {
    const to = Object.hasOwn(filterInputs, name) ? filterInputs[name] : undefined;
    if (to === undefined) refuse("filters", name, didYouMean(name, Object.keys(filterInputs)));
    input[to] = value;
  }
  return input;
}

interface Result extends Values {
  score: number;
}

/** What a result is, without what is known about it. */
function bare(result: Result): Result {
  const { matched_lines, tokens, entity_id, entity_name, entity_type, ...rest } = result;
  return rest;
}

/** Requirement A09, with everything else that the search says. */
export function shapeQuery({ took_ms, results, ...rest }: Values, { include_metadata }: Values): Values {
  const found = results as Result[];
  const shown = include_metadata === false ? found.map(bare) : found;
  return {
    query: rest.query,
    results: shown,
    total_count: shown.length,
    // The clock of a repeated answer may stand still.
    retrieval_time_ms: Math.max(Number(took_ms), 0.001),
    relevance_scores: shown.map(({ score }) => score),
    ...rest,
  };
}

/** Says in words what was indexed. */
export function shapeIngested(result: Values, { path }: Values): Values {
  return { message: `ingested ${result.kind} ${path ?? "."}`, ...result };
}

/** The command takes the number of a transaction as a word, as in `#7`. */
export const numberAsWord = ({ transaction, ...input }: Values): Values => ({
  ...input,
  transaction: typeof transaction === "number" ? String(transaction) : transaction,
});

/** Documents lie below `documents/`; either way of naming one is understood. */
export const documentId = (input: Values): Values => ({
  ...input,
  id: String(input.id).startsWith("documents/") ? input.id : `documents/${input.id}`,
});

/** `NAME=VALUE` as the command takes it; null takes a field away. */
export function fieldsOf(metadata: Values): string[] {
  return Object.entries(metadata).map(([name, value]) => {
    if (name === "" || name.includes("=")) refuse("metadata", name, "a name holds no =");
    if (value !== null && typeof value !== "string")
      refuse(
        `metadata.${name.slice(0, 60)}`,
        value,
        "give a text or null; POST /transactions takes any value",
      );
    if (value === "") refuse(`metadata.${name.slice(0, 60)}`, value, "give null to take it away");
    return `${name}=${value ?? ""}`;
  });
}

export function readEntry({ meta, ...input }: Values): Values {
  if (meta === undefined || meta === null) return input;
  if (!isObject(meta)) refuse("metadata", meta, "give an object");
  return { ...input, meta: fieldsOf(meta) };
}

/** A setting as the command line would write it. */
export function readSetting({ key, value }: Values): Values {
  if (value === undefined)
    throw new MomoError("ARGUMENT_MISSING", { argument: "value", usage: "null goes back to the default" });
  if (value === null) return { action: "unset", key };
  if (Array.isArray(value) && !value.every((one) => typeof one === "string"))
    refuse("value", "this list", "give a list of texts");
  if (isObject(value)) refuse("value", value, "give a text, a number, true, false, a list of texts or null");
  return { action: "set", key, value: Array.isArray(value) ? value.join(",") : String(value) };
}
