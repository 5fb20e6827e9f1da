/**
 * From a request to the input of its command: names are mapped by the row of the route, values are left to the service,
 * which reads them by the command's own data. Nothing is ignored: what a route does not know is refused.
 */
import { MomoError } from "../errors.ts";
import { didYouMean } from "../model/nearest.ts";
import { shown } from "../model/shown.ts";
import type { Fields, Route, Values } from "./route.ts";

export const malformedAddress = (): MomoError =>
  new MomoError("BODY_INVALID", { why: "its address is no path in percent-encoded UTF-8" });

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw malformedAddress();
  }
}

/** Values by name; a name that is there several times has a list. Raises BODY_INVALID. */
export function parseQuery(url: string): Map<string, string | string[]> {
  const found = new Map<string, string | string[]>();
  const at = url.indexOf("?");
  const pairs = at < 0 ? [] : url.slice(at + 1).split("&");
  for (const pair of pairs.filter((one) => one !== "")) {
    const equals = pair.indexOf("=");
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? "" : decode(pair.slice(equals + 1));
    const before = found.get(name);
    found.set(name, before === undefined ? value : [before, value].flat());
  }
  return found;
}

/** Understood by every route. */
const WORKSPACE = "workspace";

function unknown(name: string, known: readonly string[]): MomoError {
  const hint = known.length === 0 ? "nothing can be given here" : didYouMean(name, known);
  return new MomoError("OPTION_UNKNOWN", { option: shown(name), hint });
}

function take(given: Iterable<[string, unknown]>, fields: Fields, into: Values): void {
  for (const [name, value] of given) {
    if (!Object.hasOwn(fields, name)) throw unknown(name, Object.keys(fields));
    into[name] = value;
  }
}

function bodyFields(body: unknown): [string, unknown][] {
  if (body === undefined) return [];
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new MomoError("BODY_INVALID", { why: "it is not one JSON object" });
  return Object.entries(body);
}

/** Of a request: path parameters and the address decoded, the body as JSON. */
export interface Parts {
  params: Readonly<Record<string, string>>;
  query: ReadonlyMap<string, string | string[]>;
  body: unknown;
}

/** null is as good as absent, except for a field for which it means something. */
function isMissing({ schemas }: Route, name: string, value: unknown): boolean {
  const type = schemas?.[name]?.type;
  const takesNull = Array.isArray(type) && type.includes("null");
  return value === undefined || (value === null && !takesNull);
}

/** What a request says, by its own names. Raises OPTION_UNKNOWN, ARGUMENT_MISSING, BODY_INVALID. */
export function givenBy(route: Route, { params, query, body }: Parts): Values {
  const given: Values = {};
  const asked = [...query].filter(([name]) => name !== WORKSPACE);
  take(asked, route.query ?? {}, given);
  take(bodyFields(body), route.body ?? {}, given);
  take(Object.entries(params), route.params ?? {}, given);
  const missing = route.required?.find((name) => isMissing(route, name, given[name]));
  if (missing === undefined) return given;
  const usage = `${route.method} ${route.path} needs it`;
  throw new MomoError("ARGUMENT_MISSING", { argument: missing, usage });
}

/** The command's input. */
export function inputOf(route: Route, given: Values): Values {
  const names: Fields = { ...route.query, ...route.body, ...route.params };
  const mapped = Object.fromEntries(Object.entries(given).map(([name, value]) => [names[name]!, value]));
  return { ...(route.read?.(mapped) ?? mapped), ...route.fixed };
}

/** Of the query or the header Momo-Workspace; undefined is the first one that is served. */
export function workspaceOf(
  query: Parts["query"],
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | undefined {
  const named = query.get(WORKSPACE) ?? headers["momo-workspace"];
  if (Array.isArray(named))
    throw new MomoError("VALUE_INVALID", { name: WORKSPACE, value: "a list", hint: "name one" });
  return named;
}
