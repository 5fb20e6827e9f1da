/**
 * The one table of all settings: key, type, default, limits, what it is for. The environment variable of `wait_ms` is
 * MOMO_WAIT_MS. Everything else that knows settings is derived from it: config.ts, env-example.ts, the reference page.
 */
import { embeddingStrategies } from "../model/api.ts";

export interface NumberSetting {
  type: "number";
  default: number;
  min: number;
  max: number;
  /** Fractions are allowed. */
  fraction?: true;
}

export interface ListSetting {
  type: "list";
  default: readonly string[];
  /** What each is instead of a glob, as a plural, and how it looks. */
  items?: { called: string; form: RegExp };
}

interface ChoiceSetting {
  type: "choice";
  default: string;
  choices: readonly string[];
  /** A variable of common use that stands for one of the choices when it is set and not empty. */
  hint?: { env: string; value: string };
}

interface SwitchSetting {
  type: "switch";
  default: boolean;
}

/** One line of text; empty means that the program decides. */
interface TextSetting {
  type: "text";
  default: string;
}

/**
 * An http or https address; empty means that the program decides. One beyond this machine is not taken from
 * config.json: that file may have come with a repository, and would say where the code of its reader is sent.
 */
interface UrlSetting {
  type: "url";
  default: string;
}

export type Setting = (
  | NumberSetting
  | ListSetting
  | ChoiceSetting
  | SwitchSetting
  | TextSetting
  | UrlSetting
) & {
  description: string;
  /**
   * Never taken from config.json, which may have come with a repository: it decides who may reach the knowledge of
   * its reader.
   */
  opens?: true;
};

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
  keep_days: {
    type: "number",
    default: 90,
    min: 0,
    max: 36500,
    description:
      "How long every past state can be restored, in days; older operations are dropped once a day after a write, as far as checkpoints and explorations allow; 0 keeps them for ever",
  },
  cache_ttl_search: {
    type: "number",
    default: 1800,
    min: 0,
    max: 604_800,
    description:
      "How long an answer is given again while the knowledge is the same, in seconds; 0 searches every time",
  },
  color: {
    type: "choice",
    default: "auto",
    choices: ["auto", "always", "never"],
    hint: { env: "NO_COLOR", value: "never" },
    description: "Colour in the terminal; auto for only where it is one",
  },
  offline: {
    type: "switch",
    default: false,
    description: "Refuse every connection that leaves this machine",
  },
  embedding_strategy: {
    type: "choice",
    default: "static",
    choices: embeddingStrategies,
    description: "What turns text into vectors (docs/embeddings.md)",
  },
  embedding_model: {
    type: "text",
    default: "",
    description: "Name of the model, or for transformer also its folder; empty for the strategy's own",
  },
  embedding_folder: {
    type: "text",
    default: "",
    description: "Folder with the models of the strategy transformer; empty for ~/.cache/momo/models",
  },
  embedding_url: {
    type: "url",
    default: "",
    description: "Where ollama or openai-compatible listens; empty for Ollama on this machine",
  },
  embedding_batch: {
    type: "number",
    default: 32,
    min: 1,
    max: 2048,
    description: "Texts sent to a model at once",
  },
  embedding_timeout: {
    type: "number",
    default: 60,
    min: 0.01,
    max: 3600,
    fraction: true,
    description: "How long to wait for one answer of a model server, in seconds",
  },
  embedding_dimensions: {
    type: "number",
    default: 0,
    min: 0,
    max: 65_536,
    description: "Numbers in a vector to ask openai-compatible for; 0 for as many as the model has",
  },
  cache_ttl_embeddings: {
    type: "number",
    default: 3600,
    min: 0,
    max: 31_536_000,
    description: "How long a vector is remembered by its text, in seconds; 0 for not at all",
  },
  vector_fusion: {
    type: "choice",
    default: "scores",
    choices: ["scores", "ranks"],
    description:
      "How search joins vectors with words: what stands out adds to the score, or reciprocal rank fusion",
  },
  vector_weight: {
    type: "number",
    default: 1,
    min: 0,
    max: 100,
    fraction: true,
    description: "How much vectors count beside words in a search; 0 for not at all",
  },
  hybrid_model: {
    type: "choice",
    default: "transformer",
    choices: ["transformer", "ollama", "openai-compatible"],
    description: "What the strategy hybrid joins with tfidf",
  },
  hybrid_fusion: {
    type: "choice",
    default: "weights",
    choices: ["weights", "ranks"],
    description: "How hybrid joins the two: a weighted sum of similarities, or of places in their rankings",
  },
  hybrid_weight_tfidf: {
    type: "number",
    default: 0.3,
    min: 0,
    max: 1000,
    fraction: true,
    description: "Weight of tfidf in hybrid; only the ratio to the other weight counts",
  },
  hybrid_weight_model: {
    type: "number",
    default: 0.7,
    min: 0,
    max: 1000,
    fraction: true,
    description: "Weight of the model in hybrid",
  },
  api_host: {
    type: "text",
    default: "127.0.0.1",
    opens: true,
    description: "Address that momo serve listens on; beyond this machine only with keys or tokens",
  },
  api_port: {
    type: "number",
    default: 8000,
    min: 0,
    max: 65_535,
    description: "Port that momo serve listens on; 0 for any that is free",
  },
  metrics_port: {
    type: "number",
    default: 0,
    min: 0,
    max: 65_535,
    description: "Port of this machine with the metrics only, without a key; 0 for none",
  },
  allowed_origins: {
    type: "list",
    default: [],
    opens: true,
    items: {
      called: "origins like https://example.com, without wildcards",
      form: /^[a-z][a-z0-9+.-]{0,30}:\/\/[^/?#@\s*,\\]{1,260}$/i,
    },
    description: "Origins of web pages that may use the server; none by default",
  },
  allowed_hosts: {
    type: "list",
    default: [],
    opens: true,
    items: {
      called: "host names without ports and wildcards",
      form: /^(?:[a-z0-9_][a-z0-9_-]{0,62}(?:\.[a-z0-9_][a-z0-9_-]{0,62})*|\[?[0-9a-f:.]{2,45}\]?)$/i,
    },
    description: "Host names by which the server may be called, besides this machine's own and api_host",
  },
  search_threads: {
    type: "number",
    default: 0,
    min: 0,
    max: 16,
    description:
      "Threads of the server that answer questions; 0 for one less than there are cores, at most 4",
  },
  max_queue: {
    type: "number",
    default: 256,
    min: 1,
    max: 100_000,
    description: "Requests that may wait for a thread before the server refuses more",
  },
  query_timeout_seconds: {
    type: "number",
    default: 30,
    min: 0.01,
    max: 3600,
    fraction: true,
    description: "How long a request to the server may take, other than one that indexes or embeds",
  },
  max_body_mb: {
    type: "number",
    default: 10,
    min: 0.001,
    max: 1000,
    fraction: true,
    description: "The largest request that the server reads, in megabytes",
  },
  rate_limit: {
    type: "number",
    default: 600,
    min: 0,
    max: 1_000_000,
    description:
      "Requests a minute for each key, and for each address, where keys are needed; 0 for no limit",
  },
  shutdown_seconds: {
    type: "number",
    default: 10,
    min: 0,
    max: 600,
    description: "How long a server that was told to stop lets running requests finish",
  },
  mcp_tools: {
    type: "list",
    default: [],
    items: { called: "names of tools", form: /^[\w-]{1,64}$/ },
    description: "Tools that momo mcp offers besides the default ones; all for every one",
  },
  log_level: {
    type: "choice",
    default: "info",
    choices: ["debug", "info", "warning", "error", "critical"],
    description: "What the server logs: this and everything more serious",
  },
  log_format: {
    type: "choice",
    default: "auto",
    choices: ["auto", "json", "pretty"],
    description: "One JSON object a line, or lines for people; auto for pretty only in a terminal",
  },
  trace_url: {
    type: "url",
    default: "",
    description:
      "Where OpenTelemetry traces are sent (OTLP over HTTP, as http://localhost:4318/v1/traces); empty for none",
  },
  jwt_algorithm: {
    type: "choice",
    default: "HS256",
    choices: ["HS256", "HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA"],
    opens: true,
    description: "The one algorithm that signs tokens; HS* with MOMO_JWT_SECRET, the others with jwt_keys",
  },
  jwt_keys: {
    type: "text",
    default: "",
    opens: true,
    description: "Public keys that tokens are signed with, as a JWKS: a file or an https address",
  },
  jwt_issuer: {
    type: "text",
    default: "",
    opens: true,
    description: "What a token must say its issuer is; empty for anything",
  },
  jwt_audience: {
    type: "text",
    default: "momo",
    opens: true,
    description: "What a token must say it was issued for",
  },
} as const satisfies Record<string, Setting>;

type Table = typeof settings;
export type SettingKey = keyof Table;

type ValueOf<S> = S extends { type: "number" }
  ? number
  : S extends { type: "switch" }
    ? boolean
    : S extends { choices: readonly (infer C)[] }
      ? C
      : S extends { type: "list" }
        ? string[]
        : string;

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
