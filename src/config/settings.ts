/**
 * The one table of all settings: key, type, default, limits, what it is for. The environment variable of `wait_ms` is
 * MOMO_WAIT_MS. Everything else that knows settings is derived from it: config.ts, env-example.ts, the reference page.
 */

interface NumberSetting {
  type: "number";
  default: number;
  min: number;
  max: number;
  /** Fractions are allowed. */
  fraction?: true;
}

interface ListSetting {
  type: "list";
  default: readonly string[];
}

interface ChoiceSetting {
  type: "choice";
  default: string;
  choices: readonly string[];
  /** A variable of common use that stands for one of the choices when it is set and not empty. */
  hint?: { env: string; value: string };
}

export type Setting = (NumberSetting | ListSetting | ChoiceSetting) & { description: string };

export const settings = {
  max_file_size_mb: {
    type: "number",
    default: 10,
    min: 0.001,
    max: 500,
    fraction: true,
    description: "Larger files are not indexed, in megabytes",
  },
  patterns: {
    type: "list",
    default: [],
    description: "Globs to index instead of every supported language",
  },
  ignore_patterns: {
    type: "list",
    default: [],
    description: "Globs never to index, added to .gitignore and .momoignore",
  },
  workers: {
    type: "number",
    default: 0,
    min: 0,
    max: 8,
    description: "Threads that read the structure of files; 0 for one per core",
  },
  max_search_results: {
    type: "number",
    default: 100,
    min: 1,
    max: 100,
    description: "The most results one search may ask for",
  },
  expand: {
    type: "choice",
    default: "spelling",
    choices: ["off", "spelling", "all"],
    description:
      "Other words that a search looks for: corrections of words that occur nowhere, or also short forms, synonyms and compounds",
  },
  wait_ms: {
    type: "number",
    default: 5000,
    min: 0,
    max: 600_000,
    description: "How long to wait for another process that writes, in milliseconds",
  },
  color: {
    type: "choice",
    default: "auto",
    choices: ["auto", "always", "never"],
    hint: { env: "NO_COLOR", value: "never" },
    description: "Colour in the terminal; auto for only where it is one",
  },
} as const satisfies Record<string, Setting>;

type Table = typeof settings;
export type SettingKey = keyof Table;

type ValueOf<S> = S extends { type: "number" }
  ? number
  : S extends { choices: readonly (infer C)[] }
    ? C
    : string[];

export type Settings = { readonly [K in SettingKey]: ValueOf<Table[K]> };
export type SettingValue = Settings[SettingKey];

export const settingKeys = Object.keys(settings) as SettingKey[];

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(settings, key);
}

export function settingOf(key: SettingKey): Setting {
  return settings[key];
}

export function envNameOf(key: SettingKey): string {
  return `MOMO_${key.toUpperCase()}`;
}

/** "a whole number from 1 to 100", for errors and the reference. */
export function allowedValues(setting: Setting): string {
  switch (setting.type) {
    case "number":
      return `a ${setting.fraction ? "" : "whole "}number from ${setting.min} to ${setting.max}`;
    case "choice":
      return `${setting.choices.slice(0, -1).join(", ")} or ${setting.choices.at(-1)}`;
    case "list":
      return "a list of globs, separated by commas";
  }
}

/** Splits at commas that are not inside braces: `*.{js,ts},docs/` has two parts. */
function splitList(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}") depth = Math.max(0, depth - 1);
    else if (at === text.length || (text[at] === "," && depth === 0)) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return parts.filter((part) => part !== "");
}

function parseNumber(setting: NumberSetting, raw: unknown): number | undefined {
  const value = typeof raw === "string" && /^\s*-?\d+(\.\d+)?\s*$/.test(raw) ? Number(raw) : raw;
  if (typeof value !== "number" || !(value >= setting.min && value <= setting.max)) return undefined;
  return setting.fraction || Number.isInteger(value) ? value : undefined;
}

/** Reads a value as text (environment, command line) or as JSON holds it; undefined when it is not allowed. */
export function parseValue(key: SettingKey, raw: unknown): SettingValue | undefined {
  const setting = settingOf(key);
  if (setting.type === "number") return parseNumber(setting, raw);
  if (setting.type === "choice") {
    const choice = typeof raw === "string" ? raw.trim().toLowerCase() : undefined;
    return setting.choices.find((one) => one === choice) as SettingValue | undefined;
  }
  if (typeof raw === "string") return splitList(raw);
  const isList = Array.isArray(raw) && raw.every((one) => typeof one === "string" && one.trim() !== "");
  return isList ? [...(raw as string[])] : undefined;
}
