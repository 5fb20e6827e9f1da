/**
 * Packed context as a response: hands the ranked files with their texts, chunks and outlines to pack.ts and turns what
 * it chose into results. Called by search.ts where a request has a budget.
 */
import { MomoError } from "../errors.ts";
import type { CitedLines, PackedDefinition, SearchResponse, SearchResult } from "../model/api.ts";
import { splitIdentifier, stem, WORD } from "../model/words.ts";
import type { Store } from "../store/contract/store.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import type { Place } from "../store/records/outline-columns.ts";
import { isEntry } from "./document-facts.ts";
import type { Candidates } from "./features.ts";
import { type LineRange, type PackedSpan, type PackFile, pack } from "./pack.ts";
import { tokensOfCorrection } from "./pack-text.ts";
import type { Query } from "./query.ts";
import { chunksToShow, type Filter, isTarget, type Ranked } from "./rank.ts";
import { entitiesOf, entityAt, storedLines } from "./show.ts";

/** How many files are looked at where no limit is given. */
export const PACKED_FILES = 20;
/** Differences of scores are log-odds; so much less makes a file's first piece worth 1/e. Tuned on DEV. */
const TEMPERATURE = 3;

export interface PackingPlace {
  store: Store;
  index: LexicalIndex;
  query: Query;
  candidates: Candidates;
  filter: Filter;
  isStale(path: string): boolean;
}

export interface PackingRequest {
  /** Best first; several of one document count once. */
  ranked: readonly Ranked[];
  /** Of the same positions. */
  scores: readonly number[];
  budget: number;
  keep: readonly CitedLines[];
  /** What the query was corrected to: said above the results, within the budget. */
  did_you_mean: string | undefined;
}

type PackedPart = Pick<SearchResponse, "results" | "budget" | "tokens" | "outlines" | "cut">;

/** A file of the request, with what results say of it. */
interface Opened extends PackFile {
  /** None of an entry. */
  entities(): Place[] | undefined;
  document: number;
  score: number;
  isStale: boolean;
}

export function packResults(place: PackingPlace, request: PackingRequest): PackedPart {
  const relevance = wordCounter(place.query);
  const files = openFiles(place, request);
  const { budget } = request;
  const said = tokensOfCorrection(request.did_you_mean);
  const { spans, outlines, tokens, cut } = pack({ files, budget: budget - said, relevance });
  const results = spans.map((span) => resultOf(place, { file: files[span.file], span, relevance }));
  return { results, budget, tokens: tokens + said, outlines, cut };
}

/** Distinct words of the query in a text, by stem. */
function wordCounter({ parts }: Query): (text: string) => number {
  const wanted = new Set(parts.map(stem));
  return (text) => {
    const found = new Set<string>();
    for (const word of text.match(WORD) ?? [])
      for (const part of splitIdentifier(word)) if (wanted.has(stem(part))) found.add(stem(part));
    return found.size;
  };
}

function openFiles(place: PackingPlace, { ranked, scores, keep }: PackingRequest): Opened[] {
  const cited = citedLines(place.index, keep);
  const best = ranked.find((item) => !isTarget(item))?.score ?? 0;
  const hasTarget = ranked.some(isTarget);
  const opened = new Map<number, Opened>();
  ranked.forEach((item, i) => {
    const { document, score } = item;
    if (opened.has(document)) return;
    // Beside the file that a path names, everything else is a guess.
    const weight = isTarget(item) ? 1 : Math.exp((score - best) / TEMPERATURE) * (hasTarget ? 0.5 : 1);
    const chunks = chunksOf(place, item);
    opened.set(
      document,
      openFile(place, { document, chunks, weight, score: scores[i], keep: cited.get(document) ?? [] }),
    );
  });
  for (const [document, ranges] of cited) {
    if (opened.has(document)) continue;
    opened.set(document, openFile(place, { document, chunks: [], weight: 0, score: 0, keep: ranges }));
  }
  return [...opened.values()];
}

/** Lines to keep by document; refuses a path or lines that are not there. */
function citedLines(index: LexicalIndex, keep: readonly CitedLines[]): Map<number, LineRange[]> {
  const cited = new Map<number, LineRange[]>();
  for (const { path, start_line, end_line } of keep) {
    const value = `${path}:${start_line}-${end_line}`;
    const refuse = (hint: string): never => {
      throw new MomoError("VALUE_INVALID", { name: "keep", value, hint });
    };
    const document = index.paths.findIndex((own, i) => index.live[i] === 1 && own === path);
    if (document < 0) refuse("name a file that is indexed");
    const last = index.documentLines[document];
    if (start_line > last) refuse(`the file has ${last} lines`);
    const ranges = cited.get(document) ?? [];
    cited.set(document, [...ranges, { start: start_line, end: Math.min(end_line, last) }]);
  }
  return cited;
}

function chunksOf({ index, candidates, filter }: PackingPlace, item: Ranked): LineRange[] {
  const { document, chunk } = item;
  const chunks = chunksToShow(index, candidates, { document, filter });
  // The chunk that a path query names by its line comes first.
  const ordered = isTarget(item) ? [chunk, ...chunks.filter((other) => other !== chunk)] : chunks;
  return ordered.map((one) => ({ start: index.chunkStart[one], end: index.chunkEnd(one) }));
}

function openFile(
  { store, index, candidates, isStale }: PackingPlace,
  file: Pick<Opened, "document" | "chunks" | "weight" | "score" | "keep">,
): Opened {
  const { document } = file;
  const path = index.paths[document];
  const stale = !isEntry(index, document) && isStale(path);
  let lines: string[] | undefined;
  let definitions: PackedDefinition[] | undefined;
  const entities = (): Place[] | undefined =>
    isEntry(index, document) ? undefined : entitiesOf(store, index.vids[document]);
  return {
    ...file,
    path,
    isStale: stale,
    line_count: index.documentLines[document],
    title: stale ? `${path}  (changed since indexing)` : path,
    focus: candidates.definitionLine.get(document) ?? 0,
    lines: () => {
      lines ??= storedLines(store, index.vids[document]);
      return lines;
    },
    entities,
    definitions: () => {
      definitions ??= definitionsOf(entities() ?? []);
      return definitions;
    },
  };
}

/** What a reader would want to know of: no imports, no variables inside of functions. */
function definitionsOf(entities: Place[]): PackedDefinition[] {
  return entities
    .filter(
      ({ type, indent }) => type !== "import" && type !== "export" && (type !== "variable" || indent === 0),
    )
    .map(({ name_line, end_line, signature, type, qualified }) => ({
      line: name_line,
      end_line,
      signature: signature ?? `${type} ${qualified}`,
    }))
    .sort((a, b) => a.line - b.line);
}

interface Shown {
  file: Opened;
  span: PackedSpan;
  relevance: (text: string) => number;
}

function resultOf({ index }: PackingPlace, { file, span, relevance }: Shown): SearchResult {
  const { start, end, content, tokens } = span;
  const { document, path, score, focus } = file;
  const rated = content.split("\n").map((text, i) => ({ line: start + i, value: relevance(text) }));
  const matched = rated.filter(({ value }) => value > 0);
  const best = matched.toSorted((a, b) => b.value - a.value || a.line - b.line)[0]?.line ?? start;
  const isFocused = focus >= start && focus <= end;
  const isNote = isEntry(index, document);
  return {
    path,
    start_line: start,
    end_line: end,
    score,
    content,
    tokens,
    language: index.languageNames[index.languages[document]],
    matched_lines: matched.map(({ line }) => line),
    ...(file.isStale && { stale: true }),
    ...(isNote
      ? { entry_id: path }
      : entityAt(path, file.entities(), { focus: isFocused ? focus : best, start, end })),
  };
}
