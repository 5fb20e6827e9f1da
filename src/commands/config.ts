/** `momo config`: shows the settings in force and where each comes from, and keeps some in the knowledge base. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ConfigRow,
  describeConfig,
  describeSecrets,
  loadConfig,
  type SecretRow,
  setConfig,
  unsetConfig,
} from "../config/config.ts";
import { MomoError } from "../errors.ts";
import { didYouMean } from "../model/nearest.ts";
import { type CommandContext, defineCommand, homeOption, type Input } from "./command.ts";
import { homeOf } from "./place.ts";

export interface ConfigAnswer {
  home: string;
  /** All of them, or the one that was asked for or changed. */
  settings: ConfigRow[];
  /** Those that come from the environment, never with their values. */
  secrets: SecretRow[];
  warnings: string[];
}

const usages = {
  list: { words: 0, usage: "usage: momo config list" },
  get: { words: 1, usage: "usage: momo config get KEY" },
  set: { words: 2, usage: "usage: momo config set KEY VALUE" },
  unset: { words: 1, usage: "usage: momo config unset KEY" },
} as const;

const positionals = [
  {
    name: "action",
    value_name: "ACTION",
    kind: "word",
    choices: ["list", "get", "set", "unset"],
    help: "what to do; default list",
  },
  { name: "key", value_name: "KEY", kind: "word", help: "name of a setting" },
  { name: "value", value_name: "VALUE", kind: "word", help: "its new value; lists with commas" },
] as const;

const options = {
  path: {
    type: "string",
    value_name: "PATH",
    help: "folder whose settings are meant; default the current one",
  },
  home: homeOption,
} as const;

type ConfigInput = Input<typeof positionals, typeof options>;

function checkWords({ action = "list", key, value }: ConfigInput): void {
  const { words, usage } = usages[action];
  const given = [key, value].filter((word) => word !== undefined);
  if (given.length < words)
    throw new MomoError("ARGUMENT_MISSING", { argument: ["KEY", "VALUE"][given.length], usage });
  if (given.length > words) throw new MomoError("ARGUMENT_UNEXPECTED", { argument: given[words], usage });
}

/** A home that settings are the first to need keeps itself out of git, as one that ingest makes. */
function makeHome(home: string): void {
  if (existsSync(home)) return;
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, ".gitignore"), "*\n");
}

function change(home: string, { action, key = "", value = "" }: ConfigInput): void {
  if (action === "unset") unsetConfig(home, key);
  if (action !== "set") return;
  makeHome(home);
  setConfig(home, key, value);
}

async function run(context: CommandContext, input: ConfigInput): Promise<ConfigAnswer> {
  checkWords(input);
  const home = await homeOf(context, input);
  change(home, input);
  const config = loadConfig(home, context.env);
  const rows = describeConfig(config);
  const settings = input.key === undefined ? rows : rows.filter(({ key }) => key === input.key);
  if (settings.length === 0 && input.action === "get") {
    const hint = didYouMean(
      input.key ?? "",
      rows.map(({ key }) => key),
    );
    throw new MomoError("CONFIG_UNKNOWN", { key: input.key ?? "", source: "the command", hint });
  }
  return { home, settings, secrets: describeSecrets(context.env), warnings: config.warnings };
}

export const config = defineCommand({
  summary: "show the settings, or change those of a knowledge base",
  details:
    "A setting comes from the first of these that has it: a MOMO_* variable, config.json in the knowledge base, the " +
    "default. config set and config unset change config.json.",
  examples: [
    { command: "momo config", help: "all settings and where each comes from" },
    { command: "momo config get max_file_size_mb", help: "one value" },
    { command: 'momo config set ignore_patterns "*.snap,fixtures/"', help: "leave more out when indexing" },
    { command: "momo config unset ignore_patterns", help: "back to the default" },
  ],
  positionals,
  options,
  effect: "admin",
  run,
});
