/** `momo search`: answers from the index, and makes the index first when there is none. */
import { readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { compileGlobs } from "../collect/globs.ts";
import { settings } from "../config/settings.ts";
import { MomoError } from "../errors.ts";
import { languageNames, languages } from "../extract/language.ts";
import {
  type CitedLines,
  embeddingStrategies,
  type IngestStats,
  type SearchFilters,
  type SearchRequest,
  type SearchResponse,
} from "../model/api.ts";
import { entityTypes } from "../model/outline.ts";
import { BUDGET } from "../retrieve/check.ts";
import {
  type CommandContext,
  defineCommand,
  explorationOption,
  homeOption,
  type Input,
  waitOption,
} from "./command.ts";
import { existingFile, existingPath, openPlace, type Place, pathBelow } from "./place.ts";

/** `py` and `.py` for `python`: people think of languages by their extensions. */
const extensions = Object.fromEntries(
  languages.flatMap(({ name, extensions }) =>
    extensions.flatMap((dotted) => [
      [dotted, name],
      [dotted.slice(1), name],
    ]),
  ),
);

/** A response, and where it was looked for. Paths in it are relative to the folder that was searched. */
export interface SearchAnswer extends SearchResponse {
  root: string;
  /** The searched folder below the root; "" is the root. */
  inside: string;
  /** The searched folder as the user wrote it. */
  searched: string;
  filters: SearchFilters;
  /** Present when the search had to index first. */
  indexed?: IngestStats;
}

const positionals = [
  {
    name: "query",
    value_name: "QUERY",
    kind: "text",
    required: true,
    unless: "queries",
    help: "plain words, an identifier (Class.method, a::b), a path, or an error message",
  },
  {
    name: "path",
    value_name: "PATH",
    kind: "path",
    or_option: true,
    help: "folder to search; default the current one",
  },
] as const;

const options = {
  limit: {
    type: "integer",
    short: "n",
    value_name: "N",
    min: 1,
    max: 100,
    help: "at most so many results; default 10, with --budget so many files; default 20",
  },
  budget: {
    type: "integer",
    short: "b",
    value_name: "TOKENS",
    ...BUDGET,
    help: "choose the lines of the best files that fit into so many tokens",
  },
  keep: {
    type: "strings",
    value_name: "PATH:START-END",
    help: "with --budget: show these lines in any case",
  },
  type: {
    type: "strings",
    short: "t",
    value_name: "TYPE",
    choices: entityTypes,
    help: "only results on an entity of this type",
  },
  language: {
    type: "strings",
    short: "l",
    value_name: "LANGUAGE",
    choices: languageNames(),
    spellings: extensions,
    help: "only files in this language",
  },
  dir: { type: "strings", short: "d", value_name: "DIR", help: "only files below this folder of PATH" },
  path_glob: { type: "strings", value_name: "GLOB", help: "only files whose path below PATH matches" },
  content: { type: "boolean", short: "c", help: "print the whole piece of each file", only: "cli" },
  expand: {
    type: "string",
    value_name: "WORDS",
    choices: settings.expand.choices,
    help: "other words to look for: corrections of unknown ones (spelling), or also short forms, synonyms and compounds (all); default the setting expand",
  },
  explain: { type: "boolean", help: "say how the query was understood, and how each score came about" },
  queries: {
    type: "string",
    value_name: "FILE",
    help: "answer every line of FILE (- is standard input) instead of QUERY",
    only: "cli",
  },
  strategy: {
    type: "string",
    value_name: "STRATEGY",
    choices: ["words", ...embeddingStrategies],
    help: "words only, or the embedding strategy that is set: fail where it cannot be used, instead of going by words",
  },
  exploration: explorationOption,
  home: homeOption,
  no_index: { type: "boolean", help: "fail when PATH is not indexed yet, instead of indexing it" },
  wait: waitOption,
} as const;

type SearchInput = Input<typeof positionals, typeof options>;

function directoryFilter(context: CommandContext, place: Place, dirs: readonly string[]): string[] {
  if (dirs.length === 0) return place.inside ? [place.inside] : [];
  const searched = join(place.root, place.inside);
  return dirs.map((dir) => {
    const full = existingPath({ ...context, cwd: searched }, dir);
    if (!statSync(full).isDirectory()) throw new MomoError("PATH_IS_FILE", { path: dir });
    const directory = pathBelow(place.root, full);
    if (directory === undefined)
      throw new MomoError("VALUE_INVALID", {
        name: "--dir",
        value: dir,
        hint: `name a folder of ${place.shown}`,
      });
    return directory;
  });
}

/** A glob without an inner slash means a name anywhere; the others start at the searched folder. */
function globFilter(place: Place, globs: readonly string[]): string[] {
  // A glob that is none is refused here, before anything is indexed for it.
  compileGlobs(globs);
  const folder = place.inside.replace(/[*?[\]{}!\\]/g, "\\$&");
  return globs.map((glob) => (folder && glob.slice(0, -1).includes("/") ? posix.join(folder, glob) : glob));
}

function filtersOf(context: CommandContext, place: Place, input: SearchInput): SearchFilters {
  const directories = directoryFilter(context, place, input.dir).filter((directory) => directory !== "");
  const paths = globFilter(place, input.path_glob);
  return {
    ...(input.type.length > 0 && { types: input.type }),
    ...(input.language.length > 0 && { languages: input.language }),
    ...(directories.length > 0 && { directories }),
    ...(paths.length > 0 && { paths }),
  };
}

function belowSearched<T extends { path: string; same_as?: string }>(place: Place, result: T): T {
  if (!place.inside) return result;
  const below = (path: string): string => posix.relative(place.inside, path);
  return {
    ...result,
    path: below(result.path),
    ...(result.same_as !== undefined && { same_as: below(result.same_as) }),
  };
}

const CITED = /^(?<path>.+):(?<start>\d{1,9})(?:-(?<end>\d{1,9}))?$/;

/** `src/a.ts:12-20` or `src/a.ts:12`, the path as results show it. */
function citedLines(place: Place, cited: readonly string[]): CitedLines[] {
  return cited.map((value) => {
    const { path = "", start, end = start } = CITED.exec(value)?.groups ?? {};
    if (start === undefined)
      throw new MomoError("VALUE_INVALID", { name: "--keep", value, hint: "write PATH:START-END" });
    return { path: posix.join(place.inside, path), start_line: Number(start), end_line: Number(end) };
  });
}

async function indexFirst(
  context: CommandContext,
  place: Place,
  input: SearchInput,
): Promise<IngestStats | undefined> {
  // An exploration does not see what is indexed after it began.
  if (!place.momo.isEmpty() || input.exploration !== undefined) return undefined;
  if (input.no_index) throw new MomoError("NOT_INDEXED", { path: place.shown });
  return place.momo.ingest({ ...(context.onProgress && { on_progress: context.onProgress }) });
}

interface Asked {
  place: Place;
  request: Omit<SearchRequest, "query">;
  indexed: IngestStats | undefined;
}

async function answer({ place, request, indexed }: Asked, query: string): Promise<SearchAnswer> {
  const response = await place.momo.search({ ...request, query });
  const results = response.results.map((result) => belowSearched(place, result));
  return {
    ...response,
    results,
    ...(response.outlines && { outlines: response.outlines.map((one) => belowSearched(place, one)) }),
    root: place.root,
    inside: place.inside,
    searched: place.shown,
    filters: request.filters ?? {},
    ...(indexed && { indexed }),
  };
}

async function* answers(asked: Asked, queries: readonly string[]): AsyncGenerator<SearchAnswer> {
  try {
    for (const query of queries) yield await answer(asked, query);
  } finally {
    await asked.place.momo.close();
  }
}

async function readQueries(context: CommandContext, file: string): Promise<string[]> {
  const text = file === "-" ? await context.readInput() : readFileSync(existingFile(context, file), "utf8");
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}

/** Opens what is to be searched; a path that does not exist is most often a second word of the query. */
async function openSearched(context: CommandContext, input: SearchInput): Promise<Place> {
  try {
    return await openPlace(context, { ...input, indexed: input.no_index });
  } catch (error) {
    const missing = error instanceof MomoError && error.code === "PATH_MISSING";
    if (!missing || input.query === undefined || context.served) throw error;
    throw new MomoError("PATH_OR_QUERY", { path: input.path ?? "", query: input.query });
  }
}

async function prepare(context: CommandContext, place: Place, input: SearchInput): Promise<Asked> {
  const filters = filtersOf(context, place, input);
  const indexed = await indexFirst(context, place, input);
  const { limit, budget, expand, explain, exploration, strategy } = input;
  const keep = citedLines(place, input.keep);
  const request = {
    explain,
    filters,
    ...(limit !== undefined && { limit }),
    ...(budget !== undefined && { budget }),
    ...(expand !== undefined && { expand }),
    ...(keep.length > 0 && { keep }),
    ...(exploration !== undefined && { exploration }),
    ...(strategy !== undefined && { strategy }),
  };
  return { place, request, indexed };
}

async function run(context: CommandContext, input: SearchInput) {
  if (input.query?.trim() === "") throw new MomoError("QUERY_EMPTY");
  const queries = input.queries === undefined ? undefined : await readQueries(context, input.queries);
  const place = await openSearched(context, input);
  let answering = false;
  try {
    const asked = await prepare(context, place, input);
    if (!queries) return await answer(asked, input.query ?? "");
    answering = true;
    return answers(asked, queries);
  } finally {
    if (!answering) await place.momo.close();
  }
}

export const search = defineCommand({
  summary: "find the places in a folder that answer a question",
  details:
    "Indexes the folder when it is searched for the first time, then answers from the index. Files that changed since " +
    "are counted in the answer; momo ingest brings them in. Inside an indexed folder, a subfolder is searched with " +
    "that index.",
  examples: [
    { command: 'momo search "where are errors turned into exit codes"', help: "a question in plain words" },
    { command: "momo search MomoError --limit 3", help: "a name" },
    {
      command: 'momo search "parse arguments" src --type function --language typescript',
      help: "with filters",
    },
    {
      command: 'momo search "how is an ingest interrupted" --budget 2000',
      help: "the context for it in at most 2,000 tokens",
    },
    { command: "momo search --queries queries.txt --json", help: "one JSON object for each line of a file" },
  ],
  positionals,
  options,
  effect: "read",
  run,
  line: ({
    query,
    took_ms,
    results,
    budget,
    tokens,
    outlines,
    cut,
    did_you_mean,
    understanding,
    expansions,
  }) => ({
    query,
    took_ms,
    results,
    // What is undefined does not appear in JSON.
    ...{ budget, tokens, outlines, cut, did_you_mean, understanding, expansions },
  }),
});
