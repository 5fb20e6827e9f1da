/**
 * Reads a command's arguments by its data: `--limit 5`, `--limit=5`, `-n 5`, `-n5`, `-cv`, `--` before words that
 * start with a dash. Wrong usage is a MomoError with exit code 2. Used by main.ts.
 */
import { type Command, flagOf, type Option, type Positional } from "../commands/command.ts";
import { choose, readValue } from "../commands/value.ts";
import { MomoError } from "../errors.ts";
import { nearest } from "../model/nearest.ts";

/** Options that every command has on the command line. */
export const commonOptions = {
  json: { type: "boolean", help: "print JSON on standard output and nothing else" },
  help: { type: "boolean", short: "h", help: "show this help" },
} as const satisfies Record<string, Option>;

export interface Parsed {
  /** What the command's `run` takes. */
  input: Record<string, unknown>;
  json: boolean;
  help: boolean;
}

interface Flag {
  name: string;
  option: Option;
}

type Values = Record<string, unknown>;

/** Options of a command by name, with the common ones and the positionals that may be given as an option. */
export function optionsOf(command: Command): Record<string, Option> {
  const positionals = command.positionals.filter(({ or_option }) => or_option);
  const asOptions = positionals.map((positional): [string, Option] => [
    positional.name,
    { type: "string", value_name: positional.value_name, help: positional.help },
  ]);
  return { ...command.options, ...Object.fromEntries(asOptions), ...commonOptions };
}

function flagTable(command: Command): Map<string, Flag> {
  const flags = new Map<string, Flag>();
  for (const [name, option] of Object.entries(optionsOf(command))) {
    flags.set(flagOf(name), { name, option });
    if (option.short) flags.set(`-${option.short}`, { name, option });
  }
  return flags;
}

const argumentLabel = ({ value_name, required, unless, many }: Positional): string => {
  const label = many ? `${value_name}...` : value_name;
  return required || unless ? label : `[${label}]`;
};

/** One line: `usage: momo search QUERY [PATH]`. */
export const usageOf = (command: Command): string =>
  `usage: ${["momo", command.name, ...command.positionals.map(argumentLabel)].join(" ")} [options]`;

function unknownOption(flag: string, flags: ReadonlyMap<string, Flag>, command: Command): MomoError {
  const takesText = command.positionals.some(({ kind }) => kind === "text");
  const long = [...flags.keys()].filter((name) => name.startsWith("--"));
  const likely = flag.startsWith("--") ? nearest(flag, long) : undefined;
  if (likely) return new MomoError("OPTION_UNKNOWN", { option: flag, hint: `did you mean ${likely}?` });
  if (takesText && flag.includes(" "))
    return new MomoError("OPTION_UNKNOWN", {
      option: `"${flag}"`,
      hint: "write -- before a query that starts with a dash",
    });
  return new MomoError("OPTION_UNKNOWN", { option: flag, hint: `momo ${command.name} --help lists them` });
}

/** What has been read so far; `rest` shrinks. */
interface Reading {
  command: Command;
  flags: Map<string, Flag>;
  rest: string[];
  /** By option name: how it was written, and the text of each value. */
  given: Map<string, { flag: Flag; label: string; texts: string[] }>;
  words: string[];
}

function valueText(reading: Reading, label: string, value_name: string): string {
  const text = reading.rest[0];
  if (text === undefined || (text !== "-" && reading.flags.has(text.split("=")[0])))
    throw new MomoError("OPTION_VALUE_MISSING", { option: label, value: value_name });
  reading.rest.shift();
  return text;
}

function takeOption(reading: Reading, label: string, attached: string | undefined): void {
  const flag = reading.flags.get(label);
  if (!flag) throw unknownOption(label, reading.flags, reading.command);
  const { name, option } = flag;
  const entry = reading.given.get(name) ?? { flag, label, texts: [] };
  reading.given.set(name, entry);
  if (option.type !== "boolean") entry.texts.push(attached ?? valueText(reading, label, option.value_name));
  else if (attached !== undefined) readValue(option, { name: label, text: attached });
}

function takeLong(reading: Reading, word: string): void {
  const equals = word.indexOf("=");
  if (equals < 0) takeOption(reading, word, undefined);
  else takeOption(reading, word.slice(0, equals), word.slice(equals + 1));
}

/** `-n5`, or several letters of which only the last takes a value. */
function takeShort(reading: Reading, word: string): void {
  if (!reading.flags.has(word.slice(0, 2))) throw unknownOption(word, reading.flags, reading.command);
  for (let at = 1; at < word.length; at++) {
    const label = `-${word[at]}`;
    const takesValue = reading.flags.get(label)?.option.type !== "boolean";
    const attached = takesValue && at + 1 < word.length ? word.slice(at + 1).replace(/^=/, "") : undefined;
    takeOption(reading, label, attached);
    if (takesValue) return;
  }
}

/** Splits the arguments into options with the text of their values, and the other words. */
function readWords(command: Command, argv: readonly string[]): Reading {
  const reading: Reading = {
    command,
    flags: flagTable(command),
    rest: [...argv],
    given: new Map(),
    words: [],
  };
  for (let word = reading.rest.shift(); word !== undefined; word = reading.rest.shift()) {
    if (word === "--") reading.words.push(...reading.rest.splice(0));
    else if (word.startsWith("--")) takeLong(reading, word);
    else if (word.startsWith("-") && word !== "-") takeShort(reading, word);
    else reading.words.push(word);
  }
  return reading;
}

function defaults(command: Command): Values {
  const values: Values = {};
  for (const [name, option] of Object.entries(command.options)) {
    if (option.type === "boolean") values[name] = false;
    else if (option.type === "strings" || option.type === "integers") values[name] = [];
    else values[name] = option.type === "json" ? undefined : option.default;
  }
  for (const { name, many } of command.positionals) values[name] = many ? [] : undefined;
  return values;
}

function optionValues(reading: Reading): Values {
  const values: Values = {};
  for (const { flag, label, texts } of reading.given.values()) {
    const read = texts.map((text) => readValue(flag.option, { name: label, text }));
    if (flag.option.type === "boolean") values[flag.name] = true;
    else values[flag.name] = Array.isArray(read[0]) ? read.flat() : read.at(-1);
  }
  return values;
}

function unexpected({ command, words }: Reading, slots: readonly Positional[]): MomoError {
  if (slots[0]?.kind === "text") return new MomoError("QUERY_UNQUOTED", { query: words.join(" ") });
  return new MomoError("ARGUMENT_UNEXPECTED", { argument: words[slots.length], usage: usageOf(command) });
}

function positionalValues(reading: Reading): Values {
  const { command, words, given } = reading;
  const slots = command.positionals.filter(
    ({ unless, name }) => !given.has(unless ?? "") && !given.has(name),
  );
  if (words.length > slots.length && !slots.at(-1)?.many) throw unexpected(reading, slots);
  const values: Values = {};
  slots.forEach(({ name, value_name, choices, required, unless, many }, index) => {
    const text = words[index];
    if (many && text !== undefined) values[name] = words.slice(index);
    else if (text !== undefined) values[name] = choices ? choose(choices, { name: value_name, text }) : text;
    else if (required || unless)
      throw new MomoError("ARGUMENT_MISSING", { argument: value_name, usage: usageOf(command) });
  });
  return values;
}

export function parseArguments(command: Command, argv: readonly string[]): Parsed {
  if (asksForHelp(argv)) return { input: {}, json: false, help: true };
  const reading = readWords(command, argv);
  const { json = false, ...options } = optionValues(reading);
  const input = { ...defaults(command), ...options, ...positionalValues(reading) };
  return { input, json: json === true, help: false };
}

/** Help is given however wrong the other arguments are. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  return words.includes("--help") || words.includes("-h");
}

export function unknownCommand(word: string, known: readonly string[]): MomoError {
  const likely = nearest(word, known);
  const hint = likely ? `did you mean ${likely}?` : "momo --help lists them";
  return new MomoError("COMMAND_UNKNOWN", { command: word, hint });
}
