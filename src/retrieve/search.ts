/**
 * Answers a query from the lexical index: reads the query, scores candidates, ranks, and shows the chunks with their
 * matched lines and entities. Reads only; momo.ts opens it over a store.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { createEntryReader } from "../extract/entry-words.ts";
import type { SearchRequest, SearchResponse, SearchResult } from "../model/api.ts";
import type { AddEntry } from "../model/lexical-document.ts";
import type { Store } from "../store/contract/store.ts";
import { LexicalIndex } from "../store/lexical/index.ts";
import { pendingSegments } from "../store/lexical/pending.ts";
import { markedVersions } from "../store/records/marks.ts";
import { vectorRevision } from "../store/vector/models.ts";
import { documentFacts } from "./document-facts.ts";
import { expandQuery, kindsOf } from "./expand.ts";
import { type Candidates, computeFeatures, type DocumentFacts, featureNames } from "./features.ts";
import { compileFilter } from "./filter.ts";
import { fusedCount, fuseMeaning, type IndexVectors, loadVectors, nearBy } from "./meaning.ts";
import { PACKED_FILES, packResults } from "./pack-input.ts";
import { type Query, readQuery } from "./query.ts";
import type { Meaning, NoMeaning } from "./query-vector.ts";
import { isTarget, modelFor, type Ranked, rank, shippedModel, TARGET } from "./rank.ts";
import { describeChunk } from "./show.ts";
import { tracedTargets } from "./traced.ts";
import { understand } from "./understand.ts";

export const DEFAULT_LIMIT = 10;

export interface Retriever {
  /** With what the query means, or why that is not known, where an embedding strategy is set. */
  search(request: SearchRequest, meaning?: Meaning | NoMeaning): SearchResponse;
  /** Whose knowledge this is: the file it lies in and the folder it is about. */
  readonly place: string;
  /**
   * Answers to the same request are the same while this text is, but for what `freshen` looks at. None while a
   * transaction of this store is open: then they may be of what is never committed.
   */
  state(): string | undefined;
  /** An answer given before, with what the file system and the last scan say now. */
  freshen(response: SearchResponse): SearchResponse;
  /** The index as of the store's newest sequence number, and of the segments that are there now. */
  index(): LexicalIndex;
}

/** Within one snapshot: another process may merge segments at any time. */
function loadIndex(store: Store, addEntry: AddEntry, before: Loaded | undefined): Loaded {
  const erasures = store.erasures();
  // Erasing empties segments that stay.
  const known = before?.erasures === erasures ? before : undefined;
  const stored = store.segments(new Map(known?.index.parts.map(({ segment: { id, vids } }) => [id, vids])));
  const sources = [...stored, ...pendingSegments(store, addEntry, stored)];
  const index = new LexicalIndex(sources, retrievableVersions(store), known?.index);
  for (const { segment } of index.parts) segment.load();
  const facts = documentFacts(index, known?.facts);
  return { seq: store.seq(), erasures, segments: segmentIds(store), index, facts };
}

const segmentIds = (store: Store): string =>
  store
    .segmentSizes()
    .map(({ id }) => id)
    .join();

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

interface Loaded {
  seq: number;
  erasures: number;
  segments: string;
  index: LexicalIndex;
  facts: DocumentFacts;
  vectors?: IndexVectors;
}

/** What is asked at every search and read again only when the file has changed. */
interface Standing {
  changed: string | undefined;
  seq: number;
  state: string;
  /** Of the last look at the folder, and when that was. */
  skipped: number;
  scanned: string | undefined;
}

function readStanding(store: Store, before: Standing | undefined): Standing {
  // Asked first: what is written meanwhile makes the next search look again.
  const changed = store.changed();
  return store.snapshot(() => {
    const state = `${store.digest()} ${store.erasures()} ${vectorRevision(store)}`;
    const scanned = store.meta("scanned_at");
    // To count them takes longer than a search in a small knowledge base.
    const skipped = before && before.scanned === scanned ? before.skipped : store.skipped();
    return { changed, seq: store.seq(), state, skipped, scanned };
  });
}

/** Loads the index on first use and again when the store has moved on. */
export function createRetriever(store: Store, root?: string): Retriever {
  let loaded: Loaded | undefined;
  /** Its segments are not those of the store any more. */
  let isMoved = false;
  let known: Standing | undefined;
  const addEntry = createEntryReader();
  const standing = (): Standing => {
    const isSame = known?.changed !== undefined && known.changed === store.changed();
    if (known === undefined || !isSame) known = readStanding(store, known);
    return known;
  };
  const load = (): Loaded => {
    const { seq } = standing();
    if (loaded && loaded.seq === seq && !isMoved) return loaded;
    loaded = store.snapshot(() => loadIndex(store, addEntry, loaded));
    isMoved = false;
    return loaded;
  };
  const withVectors = (meaning: Meaning): Loaded => {
    const own = load();
    if (meaning.answer?.hits) return own;
    const vectors = loadVectors(store, { index: own.index, known: own.vectors }, meaning);
    if (vectors) own.vectors = vectors;
    else isMoved = true;
    return vectors ? own : withVectors(meaning);
  };
  const isOld = (path: string): boolean => root !== undefined && isStale(store, root, path);
  const answer = (request: SearchRequest, meaning: Meaning | NoMeaning | undefined): SearchResponse =>
    meaning && "model" in meaning
      ? search({ store, isStale: isOld, meaning }, withVectors(meaning), request)
      : withReason(search({ store, isStale: isOld }, load(), request), meaning);
  /** What is read of a segment only now and then may be gone: it was merged or compacted since. */
  const answerAgain = (request: SearchRequest, meaning: Meaning | NoMeaning | undefined): SearchResponse => {
    try {
      return answer(request, meaning);
    } catch (error) {
      if (!loaded || loaded.segments === segmentIds(store)) throw error;
      isMoved = true;
      return answer(request, meaning);
    }
  };
  /** A search goes on with segments that were merged meanwhile: it has most of what it needs in memory. */
  const loadNow = (): Loaded => {
    if (loaded && loaded.segments !== segmentIds(store)) isMoved = true;
    return load();
  };
  const freshen = (response: SearchResponse): SearchResponse => {
    const results = response.results.map(({ stale: _, ...result }) => {
      const isNote = result.entry_id === result.path;
      return !isNote && isOld(result.path) ? { ...result, stale: true } : result;
    });
    const stale = root && { stale: results.filter((result) => "stale" in result).length };
    return {
      ...response,
      results,
      coverage: { ...response.coverage, skipped: standing().skipped, ...stale },
    };
  };
  return {
    place: JSON.stringify([store.path, root]),
    index: () => loadNow().index,
    state: () => {
      const { changed, state } = standing();
      return changed === undefined ? undefined : state;
    },
    freshen,
    search: (request, meaning) => {
      const started = performance.now();
      const response = freshen(answerAgain(request, meaning));
      return { ...response, took_ms: performance.now() - started };
    },
  };
}

/** Says in the answer why it goes by words only. */
function withReason(response: SearchResponse, missing: NoMeaning | undefined): SearchResponse {
  if (!missing) return response;
  return { ...response, degraded: true, coverage: { ...response.coverage, degraded: missing.degraded } };
}

interface Source {
  store: Store;
  isStale(path: string): boolean;
  meaning?: Meaning;
}

/** But for what `freshen` adds. */
function search(
  { store, isStale, meaning }: Source,
  { index, facts, vectors }: Loaded,
  request: SearchRequest,
): SearchResponse {
  const { budget } = request;
  const limit = request.limit ?? (budget === undefined ? DEFAULT_LIMIT : PACKED_FILES);
  const resolved = resolvePath(index, readQuery(request.query));
  const targets = resolved.targets.length > 0 ? resolved.targets : tracedTargets(index, request.query);
  const place = { index, paths: facts.paths };
  const expanded = expandQuery(place, resolved.query, kindsOf(request.expand));
  const { query, did_you_mean } = expanded;
  const candidates = computeFeatures(index, facts, query);
  const filter = compileFilter(index, request.filters);
  const near = meaning && nearBy(index, { meaning, vectors, filter });
  const by = { query, candidates, filter, model: shippedModel };
  const ranked =
    meaning && near
      ? fuseMeaning(near, {
          index,
          words: rank(index, { ...by, limit: fusedCount(limit) }),
          meaning,
          limit,
        })
      : rank(index, { ...by, limit });
  const first = targets.filter((target) => filter.document(target.document)).slice(0, limit);
  const rest = ranked.filter(({ document }) => !first.some((target) => target.document === document));
  const shown = [...first, ...rest].slice(0, limit);
  const best = ranked[0]?.score ?? 0;
  // Beside the file that a path names, everything else is a guess.
  let lowest = first.length > 0 ? 0.5 : 1;
  const scores = shown.map((item) => {
    if (isTarget(item)) return 1;
    lowest = Math.min(lowest, relativeScore(item.score - best));
    return lowest;
  });
  const describe = (item: Ranked, i: number): SearchResult => {
    const described = describeChunk(store, index, { item, query, line: showLine(candidates, item) });
    return {
      ...described,
      score: scores[i],
      ...(isOnlyNear(candidates, item) && { near: true }),
      ...(request.explain &&
        !isTarget(item) && { explain: { ...explain(candidates, item, query), ...item.fused } }),
    };
  };
  const packing = { store, index, query, candidates, filter, isStale };
  const packed =
    budget === undefined
      ? undefined
      : packResults(packing, { ranked: shown, scores, budget, keep: request.keep ?? [], did_you_mean });
  const results = packed?.results ?? shown.map(describe);
  return {
    query: request.query,
    took_ms: 0,
    kind: query.kind,
    results,
    ...packed,
    ...(did_you_mean !== undefined && { did_you_mean }),
    ...(request.explain && { understanding: understand(request.query), expansions: expanded.expansions }),
    coverage: {
      files: facts.files,
      chunks: facts.fileChunks,
      skipped: 0,
      ...(meaning && near && { vectors: near.said }),
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

/** Every place where a word can occur counts into the score of the file. */
const isOnlyNear = (candidates: Candidates, item: Ranked): boolean =>
  !isTarget(item) && !candidates.columns.file[item.candidate];

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
    return chunk < 0 ? [] : [{ document, chunk, score: 0, candidate: TARGET }];
  });
  return { query, targets };
}
