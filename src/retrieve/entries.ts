/** One piece of knowledge by its id, in the form the API shows: a file, or an entity of a file. Used by momo.ts. */

import type { EntityMetadata, KnowledgeEntry, KnowledgeType } from "../model/api.ts";
import { DocumentFlag } from "../model/lexical-document.ts";
import { type Entity, entityTypes } from "../model/outline.ts";
import { decodeBody, entityIds, type FileBody } from "../store/file-body.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import type { Store } from "../store/store.ts";
import { storedLines } from "./show.ts";

interface StoredFile {
  path: string;
  body: FileBody;
  text: string[];
}

/** Accepts `<path>`, `<path>#<Qualified.name>` and the older `<path>:<name>:<entity>:<line>`. */
export function entry(store: Store, index: LexicalIndex, id: string): KnowledgeEntry | undefined {
  const legacy = /^(?<path>.+):(?<name>[^:]+):(?<type>[a-z]+):(?<line>\d+)$/.exec(id)?.groups;
  const hash = id.indexOf("#");
  const path = legacy?.path ?? (hash < 0 ? id : id.slice(0, hash));
  const file = readFile(store, path);
  if (!file) return undefined;
  const ids = entityIds(path, file.body);
  if (!legacy && hash < 0) return fileEntry(store, index, file);
  const at = legacy
    ? file.body.entities.findIndex(
        ({ name, type, start_line }) =>
          name === legacy.name && type === legacy.type && start_line === Number(legacy.line),
      )
    : ids.indexOf(id);
  return at < 0 ? undefined : entityEntry(store, index, { file, ids, at });
}

function readFile(store: Store, path: string): StoredFile | undefined {
  const head = store.head(path);
  const body = head && store.body(head.vid);
  if (!head || !body) return undefined;
  return { path, body: decodeBody(body), text: storedLines(store, head.vid) };
}

function times(store: Store, key: string): { created_at: string; updated_at: string } {
  const history = store.history({ key });
  const dates = history.map(({ at }) => at).sort();
  return { created_at: dates[0] ?? "", updated_at: dates.at(-1) ?? "" };
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
  const { path, body, text } = file;
  return {
    id: path,
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
    ...times(store, path),
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
    type: typeOf(index, file),
    content: file.text.slice(entity.start_line - 1, entity.end_line).join("\n"),
    metadata: metadataOf(file, entity),
    relations: relationsFrom(file, entity.qualified, ids),
    ...times(store, file.path),
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

/** Number of live entities by language and by type. */
export function countEntities(index: LexicalIndex): { byType: Record<string, number>; byLanguage: Status } {
  const byType: Record<string, number> = {};
  const byLanguage: Status = {};
  for (const { segment, firstDocument } of index.parts) {
    const counts = segment.entityCounts();
    for (let document = 0; document < segment.documents; document++) {
      if (!index.live[firstDocument + document]) continue;
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
  return { byType, byLanguage };
}

type Status = Record<string, { files: number; entities: number }>;
