/** One piece of knowledge by its id, in the form the API shows: a file, or an entity of a file. Used by momo.ts. */

import { languageNamed } from "../extract/language.ts";
import type { EntityMetadata, KnowledgeEntry, KnowledgeType } from "../model/api.ts";
import { DocumentFlag } from "../model/lexical-document.ts";
import { type Entity, entityTypes } from "../model/outline.ts";
import type { Head } from "../store/contract/knowledge.ts";
import type { Store } from "../store/contract/store.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import { entityIds } from "../store/records/entity-ids.ts";
import { decodeBody } from "../store/records/file.ts";
import { findEntity } from "../store/records/find-entity.ts";
import { currentOf, headOf, timesOf } from "../store/records/names.ts";
import type { FileBody } from "../store/records/outline-columns.ts";
import { storedLines } from "./show.ts";
import { statedRelations } from "./stated-relations.ts";

interface StoredFile {
  path: string;
  version: number;
  body: FileBody;
  text: string[];
}

/**
 * Accepts `<path>`, the ids of entity-ids.ts and the older `<path>:<name>:<entity>:<line>`, as they are now or from
 * before something was renamed.
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
  if (file.path === id) return fileEntry(store, index, file);
  const at =
    !named && legacy
      ? file.body.entities.findIndex(
          ({ name, type, start_line }) =>
            name === legacy.name && type === legacy.type && start_line === Number(legacy.line),
        )
      : (findEntity(store, named!, id)?.at ?? -1);
  return at < 0 ? undefined : entityEntry(store, index, { file, at });
}

function readFile(store: Store, head: Head | undefined): StoredFile | undefined {
  const body = head?.kind === "file" ? store.body(head.vid) : undefined;
  if (!head || !body) return undefined;
  return { path: head.key, version: head.vid, body: decodeBody(body), text: storedLines(store, head.vid) };
}

function typeOf(index: LexicalIndex, { path, body }: StoredFile): KnowledgeType {
  const document = index.paths.findIndex((own, i) => own === path && index.live[i] === 1);
  if (document >= 0 && index.flags[document] & DocumentFlag.test) return "test";
  return languageNamed(body.language)?.holds ?? "code";
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
    relations: statedRelations(body, { source: 0, ids: entityIds(path, body.entities) }),
    ...timesOf(store, { key: path, kind: "file" }),
  };
}

function entityEntry(
  store: Store,
  index: LexicalIndex,
  { file, at }: { file: StoredFile; at: number },
): KnowledgeEntry {
  const entity = file.body.entities[at];
  const ids = entityIds(file.path, file.body.entities);
  const overloads = ids.filter((_, i) => i !== at && isOverload(entity, file.body.entities[i]!));
  return {
    id: ids[at],
    version: file.version,
    type: typeOf(index, file),
    content: file.text.slice(entity.start_line - 1, entity.end_line).join("\n"),
    metadata: metadataOf(file, entity),
    relations: statedRelations(file.body, { source: at + 1, ids }),
    ...(overloads.length > 0 && { overloads }),
    ...timesOf(store, { key: file.path, kind: "file" }),
  };
}

const isOverload = (one: Entity, other: Entity): boolean =>
  one.qualified === other.qualified && other.type !== "import" && other.type !== "export";

function metadataOf({ path, body }: StoredFile, entity: Entity): EntityMetadata {
  const { name, qualified, type, name_line, indent, flags, overload, ...rest } = entity;
  return {
    entity_name: qualified,
    entity_type: type,
    file_path: path,
    ...rest,
    language: body.language,
    legacy_id: `${path}:${name}:${type}:${entity.start_line}`,
  };
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
