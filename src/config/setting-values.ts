/**
 * What a setting may be: reads a value as text (environment, command line) or as JSON holds it, and says in words what is
 * allowed. Over the table in settings.ts; used by config.ts, env-example.ts and the reference page.
 */
import {
  type ListSetting,
  type NumberSetting,
  type Setting,
  type SettingKey,
  type SettingValue,
  settingOf,
} from "./settings.ts";

/** "a whole number from 1 to 100", for errors and the reference. */
export function allowedValues(setting: Setting): string {
  return setting.opens ? `${valuesOf(setting)}; from the environment or an option only` : valuesOf(setting);
}

function valuesOf(setting: Setting): string {
  switch (setting.type) {
    case "number":
      return `a ${setting.fraction ? "" : "whole "}number from ${setting.min} to ${setting.max}`;
    case "choice":
      return `${setting.choices.slice(0, -1).join(", ")} or ${setting.choices.at(-1)}`;
    case "list":
      return `a list of ${setting.items?.called ?? "globs"}, separated by commas`;
    case "switch":
      return "true or false";
    case "text":
      return `a line of at most ${MAX_TEXT} characters`;
    case "url":
      return "an http or https address without name and password; beyond this machine from the environment only";
  }
}

const MAX_TEXT = 500;

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

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether an address names this machine. False for what is no address. */
export const isLoopback = (url: string): boolean =>
  URL.canParse(url) && LOOPBACK.test(new URL(url).hostname.toLowerCase());

const switchWords: Readonly<Record<string, boolean>> = {
  true: true,
  "1": true,
  yes: true,
  on: true,
  false: false,
  "0": false,
  no: false,
  off: false,
};

function parseSwitch(raw: unknown): boolean | undefined {
  if (typeof raw === "boolean") return raw;
  const word = String(raw).trim().toLowerCase();
  return Object.hasOwn(switchWords, word) ? switchWords[word] : undefined;
}

function parseText(raw: unknown): string | undefined {
  if (typeof raw !== "string") return undefined;
  const text = raw.trim();
  return text.length <= MAX_TEXT && !/\p{Cc}/u.test(text) ? text : undefined;
}

/** Without a slash at its end. Name and password would end in logs and errors. */
function parseUrl(raw: unknown): string | undefined {
  const text = parseText(raw);
  if (!text) return text;
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, password } = new URL(text);
  if (!/^https?:$/.test(protocol) || username || password) return undefined;
  return text.replace(/\/+$/, "");
}

/** Reads a value as text (environment, command line) or as JSON holds it; undefined when it is not allowed. */
export function parseValue(key: SettingKey, raw: unknown): SettingValue | undefined {
  const setting = settingOf(key);
  if (setting.type === "number") return parseNumber(setting, raw);
  if (setting.type === "switch") return parseSwitch(raw);
  if (setting.type === "text") return parseText(raw);
  if (setting.type === "url") return parseUrl(raw);
  if (setting.type === "choice") {
    const choice = typeof raw === "string" ? raw.trim().toLowerCase() : undefined;
    return setting.choices.find((one) => one.toLowerCase() === choice) as SettingValue | undefined;
  }
  return parseList(setting, raw);
}

function parseList({ items }: ListSetting, raw: unknown): string[] | undefined {
  const list: unknown = typeof raw === "string" ? splitList(raw) : raw;
  const isFit = (one: unknown): boolean =>
    typeof one === "string" && one.trim() !== "" && (items === undefined || items.form.test(one));
  return Array.isArray(list) && list.every(isFit) ? [...(list as string[])] : undefined;
}
