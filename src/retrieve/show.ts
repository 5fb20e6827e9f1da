/** Turns a ranked chunk into what a reader sees: its text, the lines that match, the entity it belongs to. */

import type { SearchResult } from "../model/api.ts";
import { DocumentFlag } from "../model/lexical-document.ts";
import type { Entity } from "../model/outline.ts";
import { splitIdentifier, stem, WORD } from "../model/words.ts";
import { decodeBody, entityIds, type FileBody } from "../store/file-body.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import type { Store } from "../store/store.ts";
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
  const lines = storedLines(store, vid).slice(start - 1, end);
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
      : entityAt(path, bodyOf(store, vid), { focus, start, end })),
  };
}

/** What is known of a file's version; also used by pack-input.ts. */
export function bodyOf(store: Store, vid: number): FileBody | undefined {
  const stored = store.body(vid);
  return stored && decodeBody(stored);
}

/** All lines of a stored text; none when it is not kept. Also used by entries.ts. */
export function storedLines(store: Store, vid: number): string[] {
  const stored = store.text(vid);
  if (!stored) return [];
  // Over the same memory: a text may be megabytes.
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  return bytes.toString().split(/\r?\n/);
}

/** Lines with words of the query, those with the most distinct ones first. */
function matchedLines(lines: string[], query: Query, start: number): { line: number; count: number }[] {
  const wanted = new Set(query.parts.map(stem));
  const found = lines.map((text, i) => {
    const stems = new Set((text.match(WORD) ?? []).flatMap(splitIdentifier).map(stem));
    let count = 0;
    for (const word of stems) if (wanted.has(word)) count++;
    return { line: start + i, count };
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
  body: FileBody | undefined,
  { focus, start, end }: Focus,
): Partial<SearchResult> {
  if (!body) return {};
  const size = (entity: Entity): number => entity.end_line - entity.start_line;
  let best = -1;
  body.entities.forEach((entity, i) => {
    if (entity.type === "import" || entity.type === "export") return;
    const around = entity.start_line <= focus && focus <= entity.end_line;
    if (around && (best < 0 || size(entity) <= size(body.entities[best]))) best = i;
  });
  if (best < 0) {
    best = body.entities.findIndex(
      ({ type, name_line }) =>
        type !== "import" && type !== "export" && name_line >= start && name_line <= end,
    );
  }
  if (best < 0) return {};
  const { qualified, type } = body.entities[best];
  return { entity_id: entityIds(path, body)[best], entity_name: qualified, entity_type: type };
}
