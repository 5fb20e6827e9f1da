/**
 * The settings in force and where each came from: flags, then MOMO_* variables, then `<home>/config.json`, then hints
 * such as NO_COLOR, then defaults. Used by momo.ts and by the command `config`. Nothing else in Momo reads settings
 * from the environment.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { MomoError } from "../errors.ts";
import { didYouMean } from "../model/nearest.ts";
import { HIDDEN, looksSecret } from "./mask.ts";
import { allowedValues, isLoopback, parseValue } from "./setting-values.ts";
import {
  envNameOf,
  isSettingKey,
  type SettingKey,
  type Settings,
  type SettingValue,
  settingKeys,
  settingOf,
} from "./settings.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export type SettingSource = "flag" | "environment" | "file" | "default";

export interface Config {
  values: Settings;
  sources: Readonly<Record<SettingKey, SettingSource>>;
  /** One line each: variables that look like settings and are none. */
  warnings: string[];
}

export interface ConfigRow {
  key: SettingKey;
  value: SettingValue;
  default: SettingValue;
  source: SettingSource;
  env: string;
  allowed: string;
  description: string;
}

export interface SecretRow {
  env: string;
  set: boolean;
}

/** A value as it was given, and where, in words for an error. */
interface Given {
  raw: unknown;
  source: SettingSource;
  place: string;
}

/** Secrets come from the environment only: they are no settings, and never stored, shown or logged. */
export const secretVariables = {
  MOMO_EMBEDDING_KEY: "The key of an openai-compatible model server",
  MOMO_JWT_SECRET: "The secret that tokens are signed with (HS256: at least 32 bytes)",
  MOMO_AUDIT_KEY:
    "The key that signs the audit log, at least 32 bytes; without it one lies in the knowledge base",
  MOMO_ENCRYPTION_KEY: "The key that the knowledge base is encrypted with",
} as const;

/** Variables with our prefix that are no settings. */
const otherVariables = [
  "MOMO_HOME",
  "MOMO_BIN",
  "MOMO_DEBUG",
  "MOMO_TEST_LONG",
  ...Object.keys(secretVariables),
  "MOMO_ENCRYPTION_KEY_FILE",
  "MOMO_ENCRYPTION_NEW_KEY",
  "MOMO_ENCRYPTION_NEW_KEY_FILE",
];
const MAX_FILE_BYTES = 2 ** 20;

export function configFile(home: string): string {
  return join(home, "config.json");
}

function invalid(key: SettingKey, { raw, place }: Given): MomoError {
  const text = JSON.stringify(raw) ?? String(raw);
  const value = looksSecret(text) ? HIDDEN : text.slice(0, 80);
  return new MomoError("CONFIG_INVALID", {
    key,
    value,
    source: place,
    allowed: allowedValues(settingOf(key)),
  });
}

function unknown(key: string, place: string): MomoError {
  const hint = `${didYouMean(key, settingKeys)} (all: ${settingKeys.join(", ")})`;
  return new MomoError("CONFIG_UNKNOWN", { key: key.slice(0, 80), source: place, hint });
}

function unreadable(file: string, cause: unknown): MomoError {
  const why = cause instanceof SyntaxError ? "it is not valid JSON: mend or delete it" : String(cause);
  return new MomoError("CONFIG_UNREADABLE", { file, why }, cause);
}

/** The file's content, unchecked; empty when there is none. */
function readFile(home: string): Map<string, unknown> {
  const file = configFile(home);
  let content: unknown;
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return new Map();
    // A home may come with a repository of unknown origin: no pipes, nothing endless.
    if (!stats.isFile() || stats.size > MAX_FILE_BYTES) throw unreadable(file, "it is not a small file");
    content = JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
  } catch (fault) {
    throw fault instanceof MomoError ? fault : unreadable(file, fault);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content))
    throw unreadable(file, "it must hold one JSON object");
  return new Map(Object.entries(content));
}

function writeFile(home: string, content: Map<string, unknown>): void {
  const file = configFile(home);
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  let isOpened = false;
  try {
    mkdirSync(home, { recursive: true });
    const descriptor = openSync(temporary, "wx", 0o600);
    isOpened = true;
    try {
      writeSync(descriptor, `${JSON.stringify(Object.fromEntries(content), undefined, 2)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (cause) {
    if (isOpened) rmSync(temporary, { force: true });
    throw new MomoError("CONFIG_UNWRITABLE", { file, why: (cause as Error).message }, cause);
  }
}

const secretOf = (env: Environment, name: keyof typeof secretVariables): string | undefined =>
  env[name]?.trim() || undefined;

/** The key of the model server. */
export const embeddingKey = (env: Environment = process.env) => secretOf(env, "MOMO_EMBEDDING_KEY");

/** What tokens are signed with. */
export const jwtSecret = (env: Environment = process.env) => secretOf(env, "MOMO_JWT_SECRET");

/** What signs the audit log. */
export const auditKey = (env: Environment = process.env) => secretOf(env, "MOMO_AUDIT_KEY");

/** Whether each secret is set, and nothing else about it. */
export function describeSecrets(env: Environment = process.env): SecretRow[] {
  const names = Object.keys(secretVariables) as (keyof typeof secretVariables)[];
  return names.map((name) => ({ env: name, set: secretOf(env, name) !== undefined }));
}

/** See UrlSetting and `opens`: whether a value may come from there. */
function isTrusted(key: SettingKey, value: SettingValue, source: SettingSource): boolean {
  const { type, opens } = settingOf(key);
  if (source !== "file") return true;
  return opens !== true && (type !== "url" || value === "" || isLoopback(String(value)));
}

/** Where a setting's value comes from, the strongest first; undefined for the default. */
function findGiven(
  key: SettingKey,
  from: { flags: Overrides; env: Environment; file: Map<string, unknown>; path: string },
): Given | undefined {
  const flag = from.flags[key];
  if (flag !== undefined) return { raw: flag, source: "flag", place: `--${key.replaceAll("_", "-")}` };
  const name = envNameOf(key);
  // An empty variable is how a shell unsets one for a single command.
  if (from.env[name]) return { raw: from.env[name], source: "environment", place: name };
  if (from.file.has(key)) return { raw: from.file.get(key), source: "file", place: from.path };
  const setting = settingOf(key);
  const hint = setting.type === "choice" ? setting.hint : undefined;
  if (hint && from.env[hint.env]) return { raw: hint.value, source: "environment", place: hint.env };
  return undefined;
}

/** Values that were given on the command line or to openMomo; text or typed. */
export type Overrides = { readonly [K in SettingKey]?: unknown };

function warnOfVariables(env: Environment): string[] {
  const known = settingKeys.map(envNameOf);
  const all = [...known, ...otherVariables];
  return Object.keys(env)
    .filter((name) => name.startsWith("MOMO_") && !name.startsWith("MOMO_BENCH") && !all.includes(name))
    .sort()
    .map((name) => `${name} is not a setting and has no effect: ${didYouMean(name, all)}`);
}

/**
 * Settles every setting. `home` need not exist. Throws CONFIG_INVALID, CONFIG_UNKNOWN (a key of the file or of
 * `overrides`), CONFIG_UNREADABLE; unknown variables only warn, as other programs may have put them there.
 */
export function loadConfig(
  home: string | undefined,
  env: Environment = process.env,
  overrides: Overrides = {},
): Config {
  const file = home === undefined ? new Map<string, unknown>() : readFile(home);
  const path = home === undefined ? "" : configFile(home);
  for (const key of file.keys()) if (!isSettingKey(key)) throw unknown(key, path);
  for (const key of Object.keys(overrides)) if (!isSettingKey(key)) throw unknown(key, "the options");
  const values: Partial<Record<SettingKey, SettingValue>> = {};
  const sources: Partial<Record<SettingKey, SettingSource>> = {};
  for (const key of settingKeys) {
    const given = findGiven(key, { flags: overrides, env, file, path });
    const value = parseValue(key, given ? given.raw : settingOf(key).default);
    const source = given?.source ?? "default";
    if (value === undefined || !isTrusted(key, value, source)) throw invalid(key, given!);
    values[key] = value;
    sources[key] = source;
  }
  return {
    values: values as Settings,
    sources: sources as Config["sources"],
    warnings: warnOfVariables(env),
  };
}

/** Keeps a value in `<home>/config.json`, whole or not at all; returns it as it will be read. */
export function setConfig(home: string, key: string, value: unknown): SettingValue {
  if (!isSettingKey(key)) throw unknown(key, "the command");
  const parsed = parseValue(key, value);
  if (parsed === undefined || !isTrusted(key, parsed, "file"))
    throw invalid(key, { raw: value, source: "flag", place: "the command" });
  writeFile(home, readFile(home).set(key, parsed));
  return parsed;
}

/** Forgets a key of `<home>/config.json`, also one that is no setting; false when it was not there. */
export function unsetConfig(home: string, key: string): boolean {
  const content = readFile(home);
  if (content.delete(key)) {
    writeFile(home, content);
    return true;
  }
  if (!isSettingKey(key)) throw unknown(key, "the command");
  return false;
}

/** A text in which somebody put a secret is not shown. */
function shownValue(key: SettingKey, value: SettingValue): SettingValue {
  const { type } = settingOf(key);
  return (type === "text" || type === "url") && looksSecret(String(value)) ? HIDDEN : value;
}

/** Every setting with its value and where that came from, for `momo config`. */
export function describeConfig(config: Config): ConfigRow[] {
  return settingKeys.map((key) => {
    const setting = settingOf(key);
    return {
      key,
      value: shownValue(key, config.values[key]),
      default: setting.default as SettingValue,
      source: config.sources[key],
      env: envNameOf(key),
      allowed: allowedValues(setting),
      description: setting.description,
    };
  });
}
