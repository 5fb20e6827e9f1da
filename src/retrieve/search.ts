/**
 * Answers a query from the lexical index: reads the query, scores candidates, ranks, and shows the chunks with their
 * matched lines and entities. Reads only; momo.ts opens it over a store.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { compileGlobs } from "../collect/globs.ts";
import { createEntryReader } from "../extract/entry-words.ts";
import type { SearchFilters, SearchRequest, SearchResponse, SearchResult } from "../model/api.ts";
import type { AddEntry } from "../model/lexical-document.ts";
import { entityTypes } from "../model/outline.ts";
import { LexicalIndex } from "../store/lexical/index.ts";
import { pendingSegments } from "../store/lexical/pending.ts";
import { markedVersions } from "../store/marks.ts";
import type { Store } from "../store/store.ts";
import { documentFacts, isEntry } from "./document-facts.ts";
import { expandQuery, kindsOf } from "./expand.ts";
import { type Candidates, computeFeatures, type DocumentFacts, featureNames } from "./features.ts";
import { PACKED_FILES, packResults } from "./pack-input.ts";
import { type Query, readQuery } from "./query.ts";
import { type Filter, modelFor, noFilter, type Ranked, rank, shippedModel } from "./rank.ts";
import { describeChunk } from "./show.ts";
import { tracedTargets } from "./traced.ts";
import { understand } from "./understand.ts";

const DEFAULT_LIMIT = 10;

export interface Retriever {
  search(request: SearchRequest): SearchResponse;
  /** The index as of the store's newest sequence number. */
  index(): LexicalIndex;
}

/** Within one snapshot: another process may merge segments at any time. */
function loadIndex(store: Store, addEntry: AddEntry): Loaded {
  const sources = [...store.segments(), ...pendingSegments(store, addEntry)];
  const index = new LexicalIndex(sources, retrievableVersions(store));
  for (const { segment } of index.parts) segment.load();
  return { seq: store.seq(), index, facts: documentFacts(index) };
}

/** Versions of files and entries that a head points at and no mark keeps out. */
function retrievableVersions(store: Store): Float64Array {
  const files = store.liveVersions("file");
  const entries = store.liveVersions("entry");
  const live = new Float64Array(files.length + entries.length);
  live.set(files);
  live.set(entries, files.length);
  const marked = markedVersions(store);
  return marked.size === 0 ? live : live.filter((vid) => !marked.has(vid));
}

interface Source {
  store: Store;
  root: string | undefined;
}

interface Loaded {
  seq: number;
  index: LexicalIndex;
  facts: DocumentFacts;
}

/** Loads the index on first use and again when the store has moved on. */
export function createRetriever(store: Store, root?: string): Retriever {
  let loaded: Loaded | undefined;
  const addEntry = createEntryReader();
  const load = (): Loaded => {
    if (loaded?.seq !== store.seq()) loaded = store.snapshot(() => loadIndex(store, addEntry));
    return loaded;
  };
  return {
    index: () => load().index,
    search: (request) => search({ store, root }, load(), request),
  };
}

function search({ store, root }: Source, { index, facts }: Loaded, request: SearchRequest): SearchResponse {
  const started = performance.now();
  const { budget } = request;
  const limit = request.limit ?? (budget === undefined ? DEFAULT_LIMIT : PACKED_FILES);
  const resolved = resolvePath(index, readQuery(request.query));
  const targets = resolved.targets.length > 0 ? resolved.targets : tracedTargets(index, request.query);
  const place = { index, paths: facts.paths };
  const expanded = expandQuery(place, resolved.query, kindsOf(request.expand));
  const { query, did_you_mean } = expanded;
  const candidates = computeFeatures(index, facts, query);
  const filter = request.filters ? compileFilter(index, request.filters) : noFilter;
  const ranked = rank(index, { query, candidates, limit, filter, model: shippedModel });
  const first = targets.filter((target) => filter.document(target.document)).slice(0, limit);
  const rest = ranked.filter(({ document }) => !first.some((target) => target.document === document));
  const shown = [...first, ...rest].slice(0, limit);
  const best = ranked[0]?.score ?? 0;
  // Beside the file that a path names, everything else is a guess.
  let lowest = first.length > 0 ? 0.5 : 1;
  const scores = shown.map((item) => {
    if (item.candidate < 0) return 1;
    lowest = Math.min(lowest, relativeScore(item.score - best));
    return lowest;
  });
  const stale = (path: string): boolean => root !== undefined && isStale(store, root, path);
  const describe = (item: Ranked, i: number): SearchResult => {
    const described = describeChunk(store, index, { item, query, line: showLine(candidates, item) });
    const isFile = !isEntry(index, item.document);
    return {
      ...described,
      score: scores[i],
      ...(isFile && stale(described.path) && { stale: true }),
      ...(request.explain && item.candidate >= 0 && { explain: explain(candidates, item, query) }),
    };
  };
  const packing = { store, index, query, candidates, filter, isStale: stale };
  const packed =
    budget === undefined
      ? undefined
      : packResults(packing, { ranked: shown, scores, budget, keep: request.keep ?? [], did_you_mean });
  const results = packed?.results ?? shown.map(describe);
  return {
    query: request.query,
    took_ms: performance.now() - started,
    kind: query.kind,
    results,
    ...packed,
    ...(did_you_mean !== undefined && { did_you_mean }),
    ...(request.explain && { understanding: understand(request.query), expansions: expanded.expansions }),
    coverage: {
      files: facts.files,
      chunks: facts.fileChunks,
      skipped: store.skipped(),
      ...(root && { stale: results.filter(({ stale }) => stale).length }),
    },
  };
}

function isStale(store: Store, root: string, path: string): boolean {
  const row = store.scanOf(path);
  const now = statSync(join(root, path), { throwIfNoEntry: false });
  return !row || now?.size !== row.size || now.mtimeMs !== row.mtime;
}

/** Differences of the model's scores are log-odds; a quarter of them spreads a usual list over 0.2 to 1. */
const relativeScore = (difference: number): number =>
  Math.round(Math.exp(Math.min(0, difference) / 4) * 1e4) / 1e4;

const showLine = (candidates: Candidates, { document }: Ranked): number =>
  candidates.definitionLine.get(document) ?? 0;

function explain(
  candidates: Candidates,
  { candidate }: Ranked,
  query: Query,
): NonNullable<SearchResult["explain"]> {
  const weights = modelFor(shippedModel, query);
  const round = (value: number): number => Math.round(value * 1e3) / 1e3;
  const parts: NonNullable<SearchResult["explain"]> = {};
  for (const name of featureNames) {
    const weight = weights[name];
    const value = candidates.columns[name][candidate];
    if (weight && value) parts[name] = { value: round(value), weight, contribution: round(value * weight) };
  }
  return parts;
}

/** Files a path query names, shortest path first; a query that names none is an ordinary one. */
function resolvePath(index: LexicalIndex, query: Query): { query: Query; targets: Ranked[] } {
  if (!query.path) return { query, targets: [] };
  const { path, line } = query.path;
  const documents: number[] = [];
  for (let document = 0; document < index.documents; document++) {
    const own = index.paths[document];
    if (index.live[document] && (own === path || own.endsWith(`/${path}`))) documents.push(document);
  }
  documents.sort(
    (a, b) => index.paths[a].length - index.paths[b].length || (index.paths[a] < index.paths[b] ? -1 : 1),
  );
  if (documents.length === 0) return { query: { ...query, kind: "symbol" }, targets: [] };
  const targets = documents.flatMap((document): Ranked[] => {
    const chunk = index.chunkOfLine(document, line ?? 1);
    return chunk < 0 ? [] : [{ document, chunk, score: 0, candidate: -1 }];
  });
  return { query, targets };
}

function compileFilter(index: LexicalIndex, filters: SearchFilters): Filter {
  const { types, languages, directories, paths } = filters;
  const typeMask = types?.reduce((mask, type) => mask | (1 << entityTypes.indexOf(type)), 0);
  const folders = directories?.map((folder) => `${folder.replace(/^\.\/+|\/+$/g, "")}/`);
  const matches = paths && compileGlobs(paths);
  return {
    document: (document) => {
      const path = index.paths[document];
      if (languages && !languages.includes(index.languageNames[index.languages[document]])) return false;
      if (folders && !folders.some((folder) => folder === "/" || folder === "./" || path.startsWith(folder)))
        return false;
      return matches ? matches(path) : true;
    },
    chunk: (chunk) => typeMask === undefined || (index.chunkTypes[chunk] & typeMask) !== 0,
  };
}
