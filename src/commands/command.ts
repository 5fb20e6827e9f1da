/**
 * The shape of a command: data plus one function. Everything a surface shows of a command is derived from the data:
 * the parsing and help of the command line, shell completion, docs/reference/commands.md and a JSON Schema.
 * TypeScript infers the input of `run` from the same data. No schema library: loading one costs more than a search.
 */
import type { IngestProgress, OpenOptions } from "../model/api.ts";
import type { Momo } from "../momo.ts";
import type { Effect } from "../security/roles.ts";

interface OptionBase {
  /** One letter, without the dash. */
  short?: string;
  help: string;
  /** Present for what only makes sense in a terminal; left out of the JSON Schema. */
  only?: "cli";
}

export interface BooleanOption extends OptionBase {
  type: "boolean";
}

export interface StringOption extends OptionBase {
  type: "string";
  value_name: string;
  default?: string;
  choices?: readonly string[];
}

export interface IntegerOption extends OptionBase {
  type: "integer";
  value_name: string;
  default?: number;
  min?: number;
  max?: number;
}

/** May be given several times; with choices also as a list with commas. */
export interface StringsOption extends OptionBase {
  type: "strings";
  value_name: string;
  choices?: readonly string[];
  /** Other spellings of a choice: `py` for `python`. */
  spellings?: Readonly<Record<string, string>>;
}

/** May be given several times, and as a list with commas; `#7` is 7, as lists show the numbers of transactions. */
export interface IntegersOption extends OptionBase {
  type: "integers";
  value_name: string;
}

/** A nested value: JSON text on the command line, the value itself from a program. */
export interface JsonOption extends OptionBase {
  type: "json";
  value_name: string;
  schema: Readonly<Record<string, unknown>>;
}

export type Option =
  | BooleanOption
  | StringOption
  | IntegerOption
  | StringsOption
  | IntegersOption
  | JsonOption;
export type Options = Record<string, Option>;

export interface Positional {
  /** Key in the input. */
  name: string;
  value_name: string;
  /** `text` is free text that may need quotes in a shell; `path` completes to files. */
  kind: "text" | "path" | "word";
  required?: boolean;
  choices?: readonly string[];
  /** Name of an option that stands in for it: where that is given, this positional is not taken. */
  unless?: string;
  /** May also be given as `--<name>`. */
  or_option?: true;
  /** Takes all words that are left; the last positional only. */
  many?: true;
  help: string;
}

type Chosen<T> = T extends { choices: readonly (infer C extends string)[] } ? C : string;

type OptionValue<O extends Option> = O extends { type: "boolean" }
  ? boolean
  : O extends { type: "strings" }
    ? Chosen<O>[]
    : O extends { type: "json" }
      ? unknown
      : O extends { type: "integers" }
        ? number[]
        : O extends { type: "integer" }
          ? number | (O extends { default: number } ? never : undefined)
          : Chosen<O> | (O extends { default: string } ? never : undefined);

type PositionalValue<P extends Positional> = P extends { many: true }
  ? string[]
  : P extends { unless: string }
    ? Chosen<P> | undefined
    : Chosen<P> | (P extends { required: true } ? never : undefined);

/** What `run` receives: every option and positional by name, defaults filled in. */
export type Input<P extends readonly Positional[], O extends Options> = {
  [K in keyof O]: OptionValue<O[K]>;
} & { [K in P[number] as K["name"]]: PositionalValue<K> };

/** In whose name a command writes, where a server knows better than the command line. */
export interface Author {
  agent: string;
  session?: string;
  principal: string;
  /** May write by another name than its own. */
  trusted: boolean;
}

/** A knowledge base that stays open between commands. */
export interface Served {
  root: string | undefined;
  home: string;
}

/** A server, until it has ended. Options are settings by name, stronger than the environment and config.json. */
export interface ServeOptions {
  /** Folders, each a workspace by its name; the first is the default. */
  places: readonly { path: string; home: string | undefined }[];
  settings: Readonly<Record<string, unknown>>;
}

/** What a surface gives a command. */
export interface CommandContext {
  /** Folder that relative paths start from. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  open(options: OpenOptions): Promise<Momo>;
  /** Present in a server: commands work on this one, and name no path outside its root. */
  served?: Served;
  author?: Author;
  /** Ends the command at its next step. */
  signal?: AbortSignal | undefined;
  /** Present on the command line only: they resolve when the server has ended. */
  serveHttp?: (options: ServeOptions) => Promise<void>;
  serveMcp?: (options: ServeOptions & { agent: string | undefined }) => Promise<void>;
  /** All of standard input as text. */
  readInput(): Promise<string>;
  onProgress?: (progress: IngestProgress) => void;
  /** Shows what a result would look like, before the command does anything; absent where a program reads. */
  show?: (result: unknown) => Promise<void>;
  /** Asks for yes or no; absent where nobody can be asked. */
  confirm?: (question: string) => Promise<boolean>;
}

export interface Example {
  command: string;
  help: string;
}

/** A command without its name, which the table in index.ts gives it. */
export interface CommandDefinition<
  P extends readonly Positional[] = readonly Positional[],
  O extends Options = Options,
  R = unknown,
> {
  /** One line, no full stop. */
  summary: string;
  details?: string;
  examples: readonly Example[];
  positionals: P;
  options: O;
  /** The strongest that a call of it can have. */
  effect: Effect;
  /** Of one call, for a command that does less with some inputs; what it cannot read counts as the strongest. */
  effectOf?(input: Readonly<Record<string, unknown>>): Effect;
  /** Present for what only makes sense in a terminal: no server offers it. */
  only?: "cli";
  /** An async iterable is printed one document after the other as they come; texts in it are JSON already. */
  run(context: CommandContext, input: Input<P, O>): Promise<R | AsyncIterable<R>>;
  /** What `--json` prints, on a line, of a result among many; default all of it. */
  line?(result: R): unknown;
  /** True when the result itself means failure (exit code 1), as for `doctor`. */
  failed?(result: R): boolean;
}

export interface Command extends CommandDefinition {
  name: string;
  aliases: readonly string[];
}

export function defineCommand<const P extends readonly Positional[], const O extends Options, R>(
  definition: CommandDefinition<P, O, R>,
): CommandDefinition<P, O, R> {
  return definition;
}

/** The knowledge base's place, for every command that opens one. */
export const homeOption = {
  type: "string",
  value_name: "DIR",
  help: "where the knowledge base lies; default <root>/.momo, or MOMO_HOME",
  only: "cli",
} as const satisfies Option;

export const waitOption = {
  type: "integer",
  value_name: "SECONDS",
  min: 0,
  help: "how long to wait while another process writes; default 5",
  only: "cli",
} as const satisfies Option;

export const explorationOption = {
  type: "string",
  value_name: "NAME",
  help: "look and work in this exploration instead of the knowledge base itself",
} as const satisfies Option;

/** For commands whose positionals are something else. */
export const pathOption = {
  type: "string",
  value_name: "PATH",
  help: "folder whose knowledge base is meant; default the current one",
} as const satisfies Option;

/** Flag of an option: `path_glob` is `--path-glob`. */
export const flagOf = (name: string): string => `--${name.replaceAll("_", "-")}`;

/** The effect of one call. */
export const effectOf = (
  { effect, effectOf: own }: Pick<CommandDefinition, "effect" | "effectOf">,
  input: Readonly<Record<string, unknown>>,
): Effect => own?.(input) ?? effect;

interface Schema {
  type?: string;
  description: string;
  [keyword: string]: unknown;
}

function optionSchema(option: Option): Schema {
  const description = option.help;
  switch (option.type) {
    case "boolean":
      return { type: "boolean", description, default: false };
    case "integer":
      return {
        type: "integer",
        description,
        ...(option.default !== undefined && { default: option.default }),
        ...(option.min !== undefined && { minimum: option.min }),
        ...(option.max !== undefined && { maximum: option.max }),
      };
    case "string":
      return {
        type: "string",
        description,
        ...(option.default !== undefined && { default: option.default }),
        ...(option.choices && { enum: [...option.choices] }),
      };
    case "strings":
      return {
        type: "array",
        description,
        items: { type: "string", ...(option.choices && { enum: [...option.choices] }) },
      };
    case "integers":
      return { type: "array", description, items: { type: "integer" } };
    case "json":
      return { ...option.schema, description };
  }
}

/** JSON Schema of a command's input, without what only makes sense in a terminal. */
export function inputSchema(command: Pick<CommandDefinition, "positionals" | "options">) {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const { name, help, choices, required: needed, many } of command.positionals) {
    const word = { type: "string", ...(choices && { enum: [...choices] }) };
    properties[name] = {
      ...(many ? { type: "array", items: word } : word),
      description: help,
    };
    if (needed) required.push(name);
  }
  for (const [name, option] of Object.entries(command.options)) {
    if (option.only !== "cli") properties[name] = optionSchema(option);
  }
  return { type: "object", properties, required, additionalProperties: false } as const;
}
