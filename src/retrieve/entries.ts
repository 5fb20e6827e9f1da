/** One piece of knowledge by its id, in the form the API shows: a file, or an entity of a file. Used by momo.ts. */

import type { EntityMetadata, KnowledgeEntry, KnowledgeType } from "../model/api.ts";
import { DocumentFlag } from "../model/lexical-document.ts";
import { type Entity, entityTypes } from "../model/outline.ts";
import type { Head } from "../store/contract/knowledge.ts";
import type { Store } from "../store/contract/store.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import { decodeBody, entityIds, type FileBody } from "../store/records/file.ts";
import { currentOf, headOf, timesOf } from "../store/records/names.ts";
import { storedLines } from "./show.ts";

interface StoredFile {
  path: string;
  version: number;
  body: FileBody;
  text: string[];
}

/**
 * Accepts `<path>`, `<path>#<Qualified.name>` and the older `<path>:<name>:<entity>:<line>`, with the id of now or one
 * from before it was renamed.
 */
export function entry(store: Store, index: LexicalIndex, asked: string): KnowledgeEntry | undefined {
  const id = currentOf(store, asked)?.id ?? asked;
  const found = codeAt(store, index, id);
  return found && id !== asked ? { ...found, renamed_from: asked } : found;
}

function codeAt(store: Store, index: LexicalIndex, id: string): KnowledgeEntry | undefined {
  const legacy = /^(?<path>.+):(?<name>[^:]+):(?<type>[a-z]+):(?<line>\d+)$/.exec(id)?.groups;
  const named = headOf(store, id);
  const file = readFile(store, named ?? (legacy && headOf(store, legacy.path!)));
  if (!file) return undefined;
  const ids = entityIds(file.path, file.body);
  if (file.path === id) return fileEntry(store, index, file);
  const at =
    !named && legacy
      ? file.body.entities.findIndex(
          ({ name, type, start_line }) =>
            name === legacy.name && type === legacy.type && start_line === Number(legacy.line),
        )
      : ids.indexOf(id);
  return at < 0 ? undefined : entityEntry(store, index, { file, ids, at });
}

function readFile(store: Store, head: Head | undefined): StoredFile | undefined {
  const body = head?.kind === "file" ? store.body(head.vid) : undefined;
  if (!head || !body) return undefined;
  return { path: head.key, version: head.vid, body: decodeBody(body), text: storedLines(store, head.vid) };
}

const CONFIGURATION = new Set([
  "json",
  "yaml",
  "toml",
  "dockerfile",
  "makefile",
  "cmake",
  "ini",
  "hcl",
  "xml",
]);

function typeOf(index: LexicalIndex, { path, body }: StoredFile): KnowledgeType {
  const document = index.paths.findIndex((own, i) => own === path && index.live[i] === 1);
  if (document >= 0 && index.flags[document] & DocumentFlag.test) return "test";
  if (CONFIGURATION.has(body.language)) return "configuration";
  return /^(markdown|restructuredtext|text|asciidoc)$/.test(body.language) ? "documentation" : "code";
}

function fileEntry(store: Store, index: LexicalIndex, file: StoredFile): KnowledgeEntry {
  const { path, version, body, text } = file;
  return {
    id: path,
    version,
    type: typeOf(index, file),
    content: text.join("\n"),
    metadata: {
      file_path: path,
      language: body.language,
      lines: body.lines,
      bytes: body.bytes,
      warnings: body.warnings,
    },
    relations: relationsFrom(file, "", entityIds(path, body)),
    ...timesOf(store, { key: path, kind: "file" }),
  };
}

function entityEntry(
  store: Store,
  index: LexicalIndex,
  at: { file: StoredFile; ids: string[]; at: number },
): KnowledgeEntry {
  const { file, ids } = at;
  const entity = file.body.entities[at.at];
  return {
    id: ids[at.at],
    version: file.version,
    type: typeOf(index, file),
    content: file.text.slice(entity.start_line - 1, entity.end_line).join("\n"),
    metadata: metadataOf(file, entity),
    relations: relationsFrom(file, entity.qualified, ids),
    ...timesOf(store, { key: file.path, kind: "file" }),
  };
}

function metadataOf({ path, body }: StoredFile, entity: Entity): EntityMetadata {
  const { name, qualified, type, name_line, indent, ...rest } = entity;
  return {
    entity_name: qualified,
    entity_type: type,
    file_path: path,
    ...rest,
    language: body.language,
    legacy_id: `${path}:${name}:${type}:${entity.start_line}`,
  };
}

/** Relations as the file states them; ends inside the file become ids, others stay names. */
function relationsFrom({ path, body }: StoredFile, from: string, ids: string[]): KnowledgeEntry["relations"] {
  const own = new Set(ids);
  return body.relations
    .filter((relation) => relation.from === from)
    .map(({ type, to, line }) => {
      const id = `${path}#${to}`;
      return { type, target_id: type === "contains" && own.has(id) ? id : to, metadata: { line } };
    });
}

/** Number of entities in live files by language and by type, and of these files' chunks. */
export function countEntities(index: LexicalIndex): {
  byType: Record<string, number>;
  byLanguage: Status;
  chunks: number;
} {
  const byType: Record<string, number> = {};
  const byLanguage: Status = {};
  let chunks = 0;
  for (const { segment, firstDocument } of index.parts) {
    const counts = segment.entityCounts();
    for (let document = 0; document < segment.documents; document++) {
      const own = firstDocument + document;
      if (!index.live[own] || index.flags[own] & DocumentFlag.entry) continue;
      chunks += index.firstChunk[own + 1] - index.firstChunk[own];
      const language = segment.languageNames[segment.languages[document]];
      byLanguage[language] ??= { files: 0, entities: 0 };
      byLanguage[language].files++;
      entityTypes.forEach((type, bit) => {
        const count = counts[document * entityTypes.length + bit];
        byLanguage[language].entities += count;
        if (count > 0) byType[type] = (byType[type] ?? 0) + count;
      });
    }
  }
  return { byType, byLanguage, chunks };
}

type Status = Record<string, { files: number; entities: number }>;
