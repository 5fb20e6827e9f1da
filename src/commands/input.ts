/**
 * Reads a command's input from JSON that came from outside: every value by the command's own data, as the command line
 * reads it from text. What is not there gets its default; what is not known is refused, never ignored. Used by service/.
 */
import { MomoError } from "../errors.ts";
import { nearest } from "../model/nearest.ts";
import { shown, shownValue } from "../model/shown.ts";
import type { Command, Option, Positional } from "./command.ts";
import { choose, readValue } from "./value.ts";

/** Longer texts than this belong into `content` only; a query of a megabyte is an attack or a mistake. */
const MAX_TEXT = 20_000;
const MAX_ITEMS = 1000;
/** Inputs that hold whole documents; the size of the request bounds them. */
const LONG = new Set(["content"]);

interface Given {
  name: string;
  value: unknown;
}

function refuse({ name, value }: Given, hint: string): never {
  throw new MomoError("VALUE_INVALID", { name, value: shownValue(value), hint });
}

function text(given: Given): string {
  const { name, value } = given;
  if (typeof value !== "string") refuse(given, "give a text");
  if (value.length > MAX_TEXT && !LONG.has(name))
    refuse({ name, value: `${value.slice(0, 40)}...` }, `give at most ${MAX_TEXT} characters`);
  if (!value.isWellFormed())
    refuse({ name, value: "this text" }, "it holds half of a character: send valid UTF-8");
  return value;
}

function items(given: Given): unknown[] {
  // One value stands for a list of one, as a query string gives it.
  const list = Array.isArray(given.value) ? given.value : [given.value];
  if (list.length > MAX_ITEMS) refuse({ ...given, value: "this list" }, `give at most ${MAX_ITEMS}`);
  return list;
}

function flag(given: Given): boolean {
  if (typeof given.value === "boolean") return given.value;
  if (given.value === "true" || given.value === "") return true;
  return given.value === "false" ? false : refuse(given, "give true or false");
}

function number({ name, value }: Given): string {
  if (typeof value !== "number" && typeof value !== "string") refuse({ name, value }, "give a whole number");
  return String(value);
}

function optionValue(option: Option, given: Given): unknown {
  const { name } = given;
  switch (option.type) {
    case "boolean":
      return flag(given);
    case "integer":
      return readValue(option, { name, text: number(given) });
    case "string":
      return readValue(option, { name, text: text(given) });
    case "strings":
      return items(given).flatMap((value) => readValue(option, { name, text: text({ name, value }) }));
    case "integers":
      return items(given).flatMap((value) => readValue(option, { name, text: number({ name, value }) }));
    case "json":
      return given.value;
  }
}

function positionalValue({ choices, many }: Positional, given: Given): unknown {
  if (many) return items(given).map((value) => text({ name: given.name, value }));
  const word = text(given);
  return choices ? choose(choices, { name: given.name, text: word }) : word;
}

function unknown(command: Command, name: string, known: readonly string[]): MomoError {
  const near = nearest(name, known);
  const hint = near ? `did you mean ${near}?` : `${command.name} takes ${known.join(", ")}`;
  return new MomoError("OPTION_UNKNOWN", { option: shown(name), hint });
}

function fallback(option: Option): unknown {
  if (option.type === "boolean") return false;
  if (option.type === "strings" || option.type === "integers") return [];
  return option.type === "json" ? undefined : option.default;
}

/** Raises OPTION_UNKNOWN, VALUE_INVALID, ARGUMENT_MISSING. null counts as absent. */
export function readInput(command: Command, json: unknown): Record<string, unknown> {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new MomoError("BODY_INVALID", { why: "give one JSON object" });
  const options = Object.entries(command.options).filter(([, { only }]) => only !== "cli");
  const known = [...command.positionals.map(({ name }) => name), ...options.map(([name]) => name)];
  const given = new Map(Object.entries(json).filter(([, value]) => value !== null && value !== undefined));
  for (const name of given.keys()) if (!known.includes(name)) throw unknown(command, name, known);
  const input: Record<string, unknown> = {};
  for (const positional of command.positionals) {
    const { name, many, required } = positional;
    const value = given.get(name);
    if (value !== undefined) input[name] = positionalValue(positional, { name, value });
    else if (required)
      throw new MomoError("ARGUMENT_MISSING", {
        argument: name,
        usage: `${command.name} needs it (${positional.help})`,
      });
    else input[name] = many ? [] : undefined;
  }
  for (const [name, option] of options) {
    const value = given.get(name);
    input[name] = value === undefined ? fallback(option) : optionValue(option, { name, value });
  }
  return input;
}
