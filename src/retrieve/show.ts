/** Turns a ranked chunk into what a reader sees: its text, the lines that match, the entity it belongs to. */

import type { SearchResult } from "../model/api.ts";
import { DocumentFlag } from "../model/lexical-document.ts";
import type { EntityType } from "../model/outline.ts";
import { splitIdentifier, stem, WORD } from "../model/words.ts";
import type { Store } from "../store/contract/store.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import { entityIds } from "../store/records/entity-ids.ts";
import { decodePlaces } from "../store/records/file.ts";
import type { Place } from "../store/records/outline-columns.ts";
import type { Query } from "./query.ts";
import type { Ranked } from "./rank.ts";

export interface ShowRequest {
  item: Ranked;
  query: Query;
  /** Line of the definition that the query names; 0 for none. */
  line: number;
}

export function describeChunk(
  store: Store,
  index: LexicalIndex,
  request: ShowRequest,
): Omit<SearchResult, "score"> {
  const { item, query } = request;
  const start = index.chunkStart[item.chunk];
  const end = index.chunkEnd(item.chunk);
  const vid = index.vids[item.document];
  const path = index.paths[item.document];
  const { text, body } = store.content(vid);
  const lines = text ? linesFrom(text, start, end) : [];
  const matches = matchedLines(lines, query, start);
  const inChunk = request.line >= start && request.line <= end;
  const focus = inChunk ? request.line : (matches[0]?.line ?? start);
  const matched = matches.map(({ line }) => line);
  if (inChunk && !matched.includes(focus)) matched.unshift(focus);
  return {
    path,
    start_line: start,
    end_line: end,
    language: index.languageNames[index.languages[item.document]],
    content: lines.join("\n"),
    matched_lines: matched.sort((a, b) => a - b),
    ...(index.flags[item.document] & DocumentFlag.entry
      ? { entry_id: path }
      : entityAt(path, body && outlineOf(body), { focus, start, end, words: new Set(query.parts) })),
  };
}

/** Lines `start` to `end`, 1-based: a text may be megabytes, and a chunk is a screen of it. */
function linesFrom(text: Uint8Array, start: number, end: number): string[] {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  let from = 0;
  for (let line = 1; line < start; line++) {
    from = bytes.indexOf(NEWLINE, from) + 1;
    if (from === 0) return [];
  }
  let to = from;
  for (let line = start; line <= end; line++) {
    const next = bytes.indexOf(NEWLINE, to);
    if (next < 0) return splitLines(bytes.toString("utf8", from));
    to = next + 1;
  }
  // The last newline is left out, and so is a carriage return before it.
  return splitLines(bytes.toString("utf8", from, to - 1).replace(/\r$/, ""));
}

const NEWLINE = 10;
const splitLines = (text: string): string[] => text.split(/\r?\n/);

/** By the opened pack that a body lies in and where: as long as a pack is kept, so are its outlines. */
const outlines = new WeakMap<ArrayBufferLike, Map<number, Place[]>>();

function outlineOf(body: Uint8Array): Place[] {
  const known = outlines.get(body.buffer) ?? new Map<number, Place[]>();
  outlines.set(body.buffer, known);
  const outline = known.get(body.byteOffset) ?? decodePlaces(body);
  known.set(body.byteOffset, outline);
  return outline;
}

/** The definitions of a file's version; also used by pack-input.ts. */
export function entitiesOf(store: Store, vid: number): Place[] | undefined {
  const body = store.body(vid);
  return body && outlineOf(body);
}

/** All lines of a stored text; none when it is not kept. Also used by entries.ts. */
export function storedLines(store: Store, vid: number): string[] {
  const stored = store.text(vid);
  if (!stored) return [];
  // Over the same memory: a text may be megabytes.
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  return splitLines(bytes.toString());
}

/** Lines with words of the query, those with the most distinct ones first. */
function matchedLines(lines: string[], query: Query, start: number): { line: number; count: number }[] {
  const wanted = new Set(query.parts.map(stem));
  const known = new Map<string, string[]>();
  const stemsIn = (word: string): string[] => {
    const found =
      known.get(word) ??
      splitIdentifier(word)
        .map(stem)
        .filter((one) => wanted.has(one));
    known.set(word, found);
    return found;
  };
  const found = lines.map((text, i) => {
    const stems = (text.match(WORD) ?? []).flatMap(stemsIn);
    return { line: start + i, count: new Set(stems).size };
  });
  return found.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count || a.line - b.line);
}

interface Focus {
  focus: number;
  start: number;
  end: number;
  /** What was asked for: it tells definitions on one line apart. */
  words?: ReadonlySet<string>;
}

/**
 * The innermost definition around the focus line, else the nearest one that begins in the chunk: a class that began
 * above it says less than the method that is seen. Also used by pack-input.ts.
 */
export function entityAt(path: string, entities: Place[] | undefined, range: Focus): Partial<SearchResult> {
  if (!entities) return {};
  const around = innermostAt(entities, range);
  const holder = entities[around];
  const isSeen = holder && (!containers.has(holder.type) || holder.name_line >= range.start);
  const nearest = isSeen ? -1 : nearestIn(entities, range);
  const best = nearest < 0 ? around : nearest;
  if (best < 0) return {};
  const { qualified, type } = entities[best];
  return { entity_id: entityIds(path, entities)[best], entity_name: qualified, entity_type: type };
}

const containers = new Set<EntityType>(["class", "interface", "type", "enum", "module"]);

const isNamed = ({ type }: Place): boolean => type !== "import" && type !== "export";

/** Of those as small as each other the one that is asked for, else the last one; -1 when none is around. */
function innermostAt(entities: Place[], { focus, words }: Focus): number {
  const size = (entity: Place): number => entity.end_line - entity.start_line;
  const isWanted = ({ name }: Place): boolean =>
    !!words && splitIdentifier(name).every((one) => words.has(one));
  let best = -1;
  for (const [i, entity] of entities.entries()) {
    if (!isNamed(entity) || entity.start_line > focus || focus > entity.end_line) continue;
    const known = entities[best];
    const more = known ? size(known) - size(entity) : 1;
    if (more > 0 || (known && more === 0 && (isWanted(entity) || !isWanted(known)))) best = i;
  }
  return best;
}

/** The definition that begins in the chunk next after the focus, else the last one before it; -1 when none does. */
function nearestIn(entities: Place[], { focus, start, end }: Focus): number {
  let best = -1;
  for (const [i, entity] of entities.entries()) {
    const line = entity.name_line;
    if (!isNamed(entity) || line < start || line > end) continue;
    const known = best < 0 ? undefined : entities[best].name_line;
    const isNearer =
      line >= focus
        ? known === undefined || known < focus || line < known
        : known === undefined || (known < focus && line >= known);
    if (isNearer) best = i;
  }
  return best;
}
