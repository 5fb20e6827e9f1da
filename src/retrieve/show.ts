/** Turns a ranked chunk into what a reader sees: its text, the lines that match, the entity it belongs to. */

import type { SearchResult } from "../model/api.ts";
import { DocumentFlag } from "../model/lexical-document.ts";
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
      : entityAt(path, body && outlineOf(body), { focus, start, end })),
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
}

/** The innermost definition around the focus line, else the first one that begins in the chunk. Also used by pack-input.ts. */
export function entityAt(
  path: string,
  entities: Place[] | undefined,
  { focus, start, end }: Focus,
): Partial<SearchResult> {
  if (!entities) return {};
  const size = (entity: Place): number => entity.end_line - entity.start_line;
  let best = -1;
  entities.forEach((entity, i) => {
    if (entity.type === "import" || entity.type === "export") return;
    const around = entity.start_line <= focus && focus <= entity.end_line;
    if (around && (best < 0 || size(entity) <= size(entities[best]))) best = i;
  });
  if (best < 0) {
    best = entities.findIndex(
      ({ type, name_line }) =>
        type !== "import" && type !== "export" && name_line >= start && name_line <= end,
    );
  }
  if (best < 0) return {};
  const { qualified, type } = entities[best];
  return { entity_id: entityIds(path, entities)[best], entity_name: qualified, entity_type: type };
}
