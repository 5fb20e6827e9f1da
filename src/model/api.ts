/**
 * Data that crosses Momo's edge: what the public API takes and returns, and what `--json` prints.
 * Field names are snake_case, as they appear in JSON. Types and lists of names; read by every room above.
 */
import type { EntityType, Parameter, RelationType } from "./outline.ts";

export const knowledgeTypes = ["code", "documentation", "configuration", "test"] as const;
export type KnowledgeType = (typeof knowledgeTypes)[number];

/** Requirement A04: the form in which the API, `--json` and MCP show a piece of knowledge. */
export interface KnowledgeEntry {
  /** `<path>#<Qualified.name>`, `~2` for a second one of that name; a file's id is its path; an entry's is its own. */
  id: string;
  /** The id that was asked for, where what is meant by it has another one. */
  renamed_from?: string;
  /** What `expect` compares; of a definition the version of its file. */
  version?: number;
  type: KnowledgeType;
  content: string;
  metadata: EntityMetadata | Record<string, unknown>;
  /** `missing`: the end is code that is not in the index now. */
  relations: { type: RelationType; target_id: string; metadata: Record<string, unknown>; missing?: true }[];
  /** Other definitions of the same name in the file, which their parameters tell apart. */
  overloads?: string[];
  /** Ids of the entries that document it; of a definition those of its file come last. */
  documentation?: string[];
  created_at: string;
  updated_at: string;
}

/** An entry in a list. */
export interface EntrySummary {
  id: string;
  version: number;
  type: KnowledgeType;
  title?: string;
  updated_at: string;
}

export interface EntriesRequest {
  /** Only ids that begin with it. */
  prefix?: string;
  type?: KnowledgeType;
  /** Name of the exploration to look in; default the knowledge base itself. */
  exploration?: string;
}

export interface NeighborsRequest {
  type?: RelationType;
  /** `out`: relations that begin at the id; `in`: those that end there; default both. */
  direction?: "in" | "out" | "both";
  exploration?: string;
}

/** Requirement A06. */
export interface EntityMetadata {
  entity_name: string;
  entity_type: EntityType;
  file_path: string;
  start_line: number;
  end_line: number;
  signature?: string;
  docstring?: string;
  decorators?: string[];
  parameters?: Parameter[];
  return_annotation?: string;
  complexity?: number;
  language: string;
  /** `{file_path}:{name}:{entity}:{start_line}` (A05): the older form of the id, still resolved. */
  legacy_id: string;
}

export interface OpenOptions {
  /** Folder or repository to know about. */
  root?: string;
  /** Where the knowledge base lies; defaults to `<root>/.momo`. */
  home?: string;
  /** How long to wait for another process that writes, milliseconds; default 5000. */
  wait_ms?: number;
  /** Settings by name, stronger than the environment and config.json. */
  settings?: Readonly<Record<string, unknown>>;
}

export interface IngestRequest {
  /** A folder or file under the root; default the root. */
  path?: string;
  /** Globs to index instead of every supported language. */
  patterns?: string[];
  /** Globs never to index, added to .gitignore and .momoignore. */
  ignore?: string[];
  on_progress?: (progress: IngestProgress) => void;
  /** Ends it at its next step, with the state as it was: CANCELLED. */
  signal?: AbortSignal;
}

export interface IngestProgress {
  phase: "listing" | "reading" | "writing" | "embedding";
  /** Files; while embedding, chunks. */
  done: number;
  total: number;
  bytes: number;
}

export const embeddingStrategies = [
  "static",
  "tfidf",
  "transformer",
  "ollama",
  "openai-compatible",
  "hybrid",
] as const;

export interface EmbedRequest {
  /** Begin a new model even if one with the settings of now is known: a new fit, or a model that changed. */
  anew?: boolean | undefined;
  /** Called before the first chunk is embedded. */
  on_plan?: ((plan: EmbeddingPlan) => void | Promise<void>) | undefined;
  on_progress?: ((progress: IngestProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** What `embed` would do. */
export interface EmbeddingPlan {
  strategy: (typeof embeddingStrategies)[number];
  /** The model that searches use now; absent when none does. */
  from?: string;
  /** The model to embed with. */
  model: string;
  /** Numbers in one of its vectors. */
  dimensions: number;
  /** Chunks of everything that is live. */
  chunks: number;
  /** Those without a vector of the model. */
  to_embed: number;
  /** Requests to a model server; 0 where the model runs in this process. */
  requests: number;
}

export interface EmbeddingReport extends EmbeddingPlan {
  embedded: number;
  remaining: number;
  /** Whether searches use the model now. */
  serving: boolean;
  processing_time_seconds: number;
}

/** Requirement A10, with what changed. */
export interface IngestStats {
  total_files: number;
  successful_files: number;
  failed_files: number;
  skipped_files: number;
  created: number;
  updated: number;
  removed: number;
  unchanged: number;
  total_entities: number;
  bytes: number;
  processing_time_seconds: number;
  entities_per_second: number;
  transaction?: number;
  /** What was found under another id, and what was written about it with it: files, and definitions that did not just go
   * with their file. */
  renamed?: { files: number; definitions: number };
  /** So much changed at once that files were only found under another name where their content is the same. */
  renames_by_content_only?: true;
  /** Present when an embedding strategy is set that stores vectors. */
  embedding?: {
    model?: string;
    /** Chunks that got a vector. */
    embedded: number;
    /** Chunks that have none: they are found by their words only. */
    remaining: number;
    warning?: string;
  };
}

export interface SearchFilters {
  /** Entity types: a result must lie on an entity of one of them. */
  types?: EntityType[];
  languages?: string[];
  /** Folders relative to the root. */
  directories?: string[];
  /** Globs over the path. */
  paths?: string[];
}

/** Lines of a file, 1-based and inclusive. */
export interface CitedLines {
  path: string;
  start_line: number;
  end_line: number;
}

export interface SearchRequest {
  query: string;
  /** 1 to 100; default 10, with `budget` 20. */
  limit?: number;
  /**
   * Choose lines of the best files so that their text form takes at most so many tokens (as model/tokens.ts estimates
   * them), 100 to 1,000,000. The results are then stretches of lines, by file and line.
   */
  budget?: number;
  /** With `budget`: lines that are shown in any case. */
  keep?: CitedLines[];
  filters?: SearchFilters;
  explain?: boolean;
  /** Look for other words too: `spelling` of words that occur nowhere, or `all` kinds; default the setting `expand`. */
  expand?: "off" | "spelling" | "all";
  /** Name of the exploration to search in; default the knowledge base itself. */
  exploration?: string;
  /**
   * `words` looks at words only. The strategy that is set asks for its vectors, and fails when there are none; by
   * default the search does without them then, and says so.
   */
  strategy?: "words" | (typeof embeddingStrategies)[number];
}

export interface SearchResult {
  /** Of an entry its id. */
  path: string;
  /** Present when the result is an entry: something written into the knowledge base, not a file. */
  entry_id?: string;
  start_line: number;
  end_line: number;
  /** 0 to 1, non-increasing down the list. */
  score: number;
  language: string;
  /** The file changed or vanished since it was indexed: lines may have moved. */
  stale?: boolean;
  /** No word of the query is in the file: it only lies near it. */
  near?: boolean;
  /** The chunk's text as indexed. */
  content: string;
  /** Lines of the chunk (1-based, in the file) that hold words of the query. */
  matched_lines: number[];
  /** With `budget`: what its lines take in the text form. */
  tokens?: number;
  /** The innermost entity around the chunk's best line. */
  entity_id?: string;
  entity_name?: string;
  entity_type?: EntityType;
  /** Feature -> value, weight and product; only with `explain`. */
  explain?: Record<string, { value: number; weight: number; contribution: number }>;
}

/** A definition in an outline; `line` is that of its name. */
export interface PackedDefinition {
  line: number;
  end_line: number;
  signature: string;
}

/** What a file holds beside the lines that are shown of it. */
export interface PackedOutline {
  path: string;
  /** Lines of the whole file. */
  lines: number;
  /** Some of the definitions that are not shown, by line. */
  definitions: PackedDefinition[];
  /** How many others there are. */
  more: number;
  /** The file that is shown and says the same. */
  same_as?: string;
}

/** What a budget left out: files without a shown line, lines of the other files, pieces that repeat shown ones. */
export interface PackedCut {
  files: number;
  lines: number;
  copies: number;
}

export const expansionKinds = ["abbreviations", "synonyms", "compounds", "spelling"] as const;
export type ExpansionKind = (typeof expansionKinds)[number];

/** Other words that were looked for besides one of the query. */
export interface Expansion {
  kind: ExpansionKind;
  from: string;
  to: string[];
}

export const queryIntents = ["search", "explain", "generate", "fix", "refactor", "general"] as const;
export type QueryIntent = (typeof queryIntents)[number];

/** Something that a query names; a path with its line where one is given. */
export interface NamedThing {
  kind: "identifier" | "path" | "error" | "quoted" | "language" | "type";
  text: string;
  line?: number;
}

export interface QueryScope {
  kind: "file" | "folder" | "language" | "whole";
  names: string[];
}

/** Requirement A15: what a query seems to want, from its words alone. */
export interface Understanding {
  intent: QueryIntent;
  /** 0 to 1; the formula stands in retrieve/understand.ts. */
  confidence: number;
  entities: NamedThing[];
  scope: QueryScope;
  /** Tests are what is looked for. */
  wants_tests?: boolean;
}

/** How complete and how fresh an answer is. */
export interface Coverage {
  files: number;
  chunks: number;
  skipped: number;
  /** Results whose file changed or vanished since it was indexed; absent when the folder is not known. */
  stale?: number;
  /** Present when vectors were compared. */
  vectors?: {
    model: string;
    /** That were compared; absent where an engine compared its own. */
    chunks?: number;
    /** Who was asked; why it did not answer (then the vectors in the file were compared); operations that it is behind. */
    engine?: string;
    engine_error?: string;
    engine_lag?: number;
  };
  /** Why no vectors were compared although a strategy is set. */
  degraded?: string;
}

export interface SearchResponse {
  query: string;
  took_ms: number;
  /** How the query was read: plain words, an identifier, a path. */
  kind: "words" | "symbol" | "path";
  /** Only words were looked at, although an embedding strategy is set: `coverage.degraded` says why. */
  degraded?: true;
  results: SearchResult[];
  coverage: Coverage;
  /** The query with words corrected that occur nowhere; results are for these too. */
  did_you_mean?: string;
  /** It was drawn before from the same state of the knowledge; only whether files changed since was looked at now. */
  cached?: true;
  /** Only with `explain`. */
  understanding?: Understanding;
  expansions?: Expansion[];
  /** The four with `budget` only. `tokens` is what all of the text form takes, at most `budget`. */
  budget?: number;
  tokens?: number;
  outlines?: PackedOutline[];
  cut?: PackedCut;
}

/** A copy of the knowledge elsewhere, as far as this file knows. */
export interface EngineHealth {
  name: string;
  /**
   * `following`: all is well. `failing`: the last delivery failed, and is tried again. `resyncing`: compared as a whole
   * before it follows again. `abandoned`: not reached for so long that compaction does not wait for it any more.
   */
  state: EngineState;
  /** Operations that it has not got. */
  behind: number;
  /** Deliveries that failed since the last one that did not, and why. */
  attempts: number;
  error?: string;
  reached_at: string;
  retry_at?: string;
  /** While it lags: when compaction stops waiting for it, if it is not reached before. */
  abandoned_at?: string;
}

export const engineStates = ["following", "failing", "resyncing", "abandoned"] as const;
export type EngineState = (typeof engineStates)[number];

export interface Status {
  root: string | undefined;
  home: string;
  files: number;
  /** What people and agents wrote. */
  entries: number;
  entities: number;
  chunks: number;
  bytes: number;
  database_bytes: number;
  encrypted: boolean;
  languages: Record<string, { files: number; entities: number }>;
  entity_types: Record<string, number>;
  skipped: Record<string, { count: number; examples: string[] }>;
  warnings: Record<string, { count: number; examples: string[] }>;
  segments: number;
  seq: number;
  digest: string;
  last_indexed_at: string | undefined;
  stale_files: number;
  /** Absent where nothing copies the knowledge. */
  engines?: EngineHealth[];
}
