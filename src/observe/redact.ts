/**
 * Any value as plain data that may be logged: secrets taken out by name and by shape, errors with their causes, nothing
 * circular, nothing without end. Never throws: what cannot be read says so. Used by log.ts.
 */
import { MomoError } from "../errors.ts";
import { isSecretName, REDACTED, redactText } from "../model/secrets.ts";

const MAX_DEPTH = 8;
const MAX_ITEMS = 100;
const MAX_CHARACTERS = 8_192;

export type Plain = string | number | boolean | null | Plain[] | { [name: string]: Plain };

interface Walk {
  /** Secrets that are known, whatever they look like. */
  known: readonly string[];
  depth: number;
  /** Objects around this one. */
  within: readonly object[];
}

/** `known` are secrets of this process that may have no shape of their own. */
export const createRedactor = (known: readonly string[]) => ({
  text: (text: string): string => safeText(text, known),
  value: (value: unknown): Plain => plain(value, { known, depth: 0, within: [] }),
});

function safeText(text: string, known: readonly string[]): string {
  const safe = known.reduce((left, secret) => (secret ? left.replaceAll(secret, REDACTED) : left), text);
  const short = redactText(safe);
  if (short.length <= MAX_CHARACTERS) return short;
  return `${short.slice(0, MAX_CHARACTERS)}… [${short.length - MAX_CHARACTERS} characters more]`;
}

function plain(value: unknown, walk: Walk): Plain {
  switch (typeof value) {
    case "string":
      return safeText(value, walk.known);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
      return value;
    case "object":
      return value === null ? null : readable(value, walk);
    case "undefined":
      return null;
    default:
      // A function's text is code.
      return typeof value === "function" ? "[function]" : safeText(String(value), walk.known);
  }
}

function readable(value: object, walk: Walk): Plain {
  if (walk.within.includes(value)) return "[circular]";
  if (walk.depth >= MAX_DEPTH) return "[too deep]";
  const inner = { ...walk, depth: walk.depth + 1, within: [...walk.within, value] };
  try {
    return structure(value, inner);
  } catch {
    // A getter or toJSON of somebody else's object; the line is worth more than this field.
    return "[unreadable]";
  }
}

function structure(value: object, walk: Walk): Plain {
  if (value instanceof Error) return errorFields(value, walk);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
  if (value instanceof Map) return fieldsOf([...value], walk);
  if (value instanceof Set) return list([...value], walk);
  if (Array.isArray(value)) return list(value, walk);
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") return plain(toJSON.call(value), walk);
  return fieldsOf(Object.entries(value), walk);
}

/** Names and values may follow each other: raw headers, the words of a command line. */
function list(values: unknown[], walk: Walk): Plain[] {
  const shown = values.slice(0, MAX_ITEMS).map((value, i) => {
    const before = values[i - 1];
    return typeof value === "string" && isNameOfSecret(before) ? REDACTED : plain(value, walk);
  });
  return values.length > MAX_ITEMS ? [...shown, `[${values.length - MAX_ITEMS} more]`] : shown;
}

/** One word: a sentence that ends in "token" names nothing. */
const isNameOfSecret = (value: unknown): boolean =>
  typeof value === "string" && value.length <= 100 && !/\s/.test(value) && isSecretName(value);

function fieldsOf(entries: [unknown, unknown][], walk: Walk): Plain {
  const named = entries.find(([name]) => name === "name" || name === "key")?.[1];
  const hidesValue = isNameOfSecret(named);
  const shown = entries
    .filter(([, value]) => value !== undefined)
    .slice(0, MAX_ITEMS)
    .map(([name, value]): [string, Plain] => {
      const text = safeText(String(name), walk.known);
      const isName = name === "key" && hidesValue;
      const isSecret = (isSecretName(text) && !isName) || (name === "value" && hidesValue);
      return [text, isSecret && isSaying(value) ? REDACTED : plain(value, walk)];
    });
  const left = entries.length - MAX_ITEMS;
  return Object.fromEntries(left > 0 ? [...shown, ["[more]", left]] : shown);
}

/** Whether a secret is set may be said. */
const isSaying = (value: unknown): boolean => value !== null && value !== "" && typeof value !== "boolean";

/** As `err` of a line: with the stack, the causes, and what the error carries. */
function errorFields(error: Error, walk: Walk): Plain {
  const { name, message, stack, cause } = error;
  const carried = Object.entries(error).filter(([field]) => !(field in Error.prototype) && field !== "stack");
  const own = error instanceof MomoError ? [["code", error.code] as [string, unknown]] : carried;
  const causes = cause === undefined ? [] : [["cause", cause] as [string, unknown]];
  const parts = error instanceof AggregateError ? [["errors", error.errors] as [string, unknown]] : [];
  return {
    ...(fieldsOf([...own, ...parts, ...causes], walk) as Record<string, Plain>),
    type: plain(name, walk),
    message: plain(message, walk),
    stack: plain(stack ?? "", walk),
  };
}
