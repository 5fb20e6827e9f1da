/**
 * The table of routes: every command that a server offers, as requests, and the few requests that are none. What the
 * server registers, the OpenAPI document and the tests of roles are derived from it.
 */

import { settingKeys } from "../config/settings.ts";
import { MomoError } from "../errors.ts";
import { historyRoutes } from "./history-routes.ts";
import { documentId, readEntry, readFilters, readSetting, shapeIngested, shapeQuery } from "./reshape.ts";
import { author, type Route, same } from "./route.ts";

/** What is written into entries and relations. */
const writing = { ...author, ...same("expect", "reads", "irreversible", "exploration") };
const text = { type: "string" } as const;
const search: Route[] = [
  {
    method: "POST",
    path: "/query",
    command: "search",
    summary: "find the places that answer a question",
    body: {
      max_results: "limit",
      filters: "filters",
      include_metadata: "include_metadata",
      ...same("query", "budget", "keep", "expand", "explain", "strategy", "exploration", "path", "no_index"),
    },
    required: ["query"],
    schemas: {
      query: text,
      max_results: { type: "integer", minimum: 1, maximum: 100, default: 10 },
      include_metadata: { type: "boolean", default: true, description: "what is known about each result" },
      filters: {
        type: "object",
        description: "types of entities, languages, folders and globs that results must be of",
        properties: Object.fromEntries(
          ["types", "languages", "directories", "paths"].map((name) => [
            name,
            { type: "array", items: text },
          ]),
        ),
        additionalProperties: false,
      },
    },
    read: readFilters,
    shape: shapeQuery,
    answer: "QueryResponse",
  },
  {
    method: "GET",
    path: "/entities/{id}",
    command: "entity",
    summary: "a file, a definition or an entry by its id or name, with what it is joined to",
    params: same("id"),
    query: same("max_lines", "direction", "type", "exploration"),
    answer: "Entity",
  },
  {
    method: "GET",
    path: "/stats",
    command: "status",
    summary: "what is indexed, what was left out, and what changed since",
    answer: "Stats",
  },
  {
    method: "GET",
    path: "/digest",
    command: "digest",
    summary: "the state as numbers that are equal exactly when the states are",
    query: same("exploration"),
    answer: "Digest",
  },
];

const indexing: Route[] = [
  {
    method: "POST",
    path: "/ingest",
    command: "ingest",
    summary: "index the folder that is served, or a folder or file of it; or keep text documents (multipart)",
    body: { ...same("path", "verbose"), patterns: "pattern", ignore_patterns: "ignore" },
    form: {
      schema: {
        type: "object",
        properties: {
          file: { type: "array", items: { type: "string", format: "binary" } },
          agent: text,
          session: text,
          request_id: text,
          intent: text,
          exploration: text,
        },
        required: ["file"],
        additionalProperties: false,
      },
      status: 201,
      answer: "Documents",
    },
    shape: shapeIngested,
    answer: "Ingested",
  },
  {
    method: "POST",
    path: "/embed",
    command: "embed",
    summary: "embed what is indexed, or show what would be embedded (dry_run)",
    body: same("dry_run", "strategy", "anew"),
    answer: "Embedding",
  },
  {
    method: "GET",
    path: "/documents/{id}",
    command: "doc",
    summary: "a document that was uploaded, by its name",
    fixed: { action: "show" },
    params: same("id"),
    query: same("exploration"),
    read: documentId,
    answer: "Entry",
  },
];

const entries: Route[] = [
  {
    method: "GET",
    path: "/entries",
    command: "doc",
    summary: "what people and agents wrote",
    fixed: { action: "list" },
    query: { prefix: "id", ...same("type", "exploration") },
    answer: "Entries",
  },
  {
    method: "GET",
    path: "/entries/{id}",
    command: "doc",
    summary: "an entry, a file or a definition by its exact id",
    fixed: { action: "show" },
    params: same("id"),
    query: same("exploration"),
    answer: "Entry",
  },
  {
    method: "PUT",
    path: "/entries/{id}",
    command: "doc",
    summary: "make an entry, or change what is given of it",
    fixed: { action: "set" },
    params: same("id"),
    body: { ...same("content", "type", "documents"), metadata: "meta", ...writing },
    schemas: {
      metadata: {
        type: "object",
        description: "fields beside the text; null takes one away",
        additionalProperties: { type: ["string", "null"] },
      },
    },
    read: readEntry,
    answer: "Written",
  },
  {
    method: "DELETE",
    path: "/entries/{id}",
    command: "doc",
    summary: "remove an entry, and the relations at it",
    fixed: { action: "remove" },
    params: same("id"),
    query: writing,
    refuse: ({ id }) => new MomoError("ENTRY_UNKNOWN", { id: String(id) }),
    answer: "Written",
  },
  {
    method: "GET",
    path: "/entries/{id}/versions",
    command: "history",
    summary: "every write of a file or entry, and which of them counts now",
    params: { id: "versions" },
    query: same("limit", "exploration"),
    answer: "Versions",
  },
  {
    method: "POST",
    path: "/relations",
    command: "doc",
    summary: "join two things",
    fixed: { action: "relate" },
    body: { source: "id", type: "relation", target: "target", id: "relation_id", ...writing },
    required: ["source", "type", "target"],
    status: 201,
    answer: "Written",
  },
  {
    method: "DELETE",
    path: "/relations",
    command: "doc",
    summary: "part two things",
    fixed: { action: "unrelate" },
    query: { source: "id", type: "relation", target: "target", id: "relation_id", ...writing },
    required: ["source", "type", "target"],
    refuse: ({ id, relation }) => {
      const { type, target } = relation as { type: string; target: string };
      return new MomoError("ENTRY_UNKNOWN", { id: `${id} ${type} ${target}` });
    },
    answer: "Written",
  },
];

const transactions: Route[] = [
  {
    method: "POST",
    path: "/transactions",
    command: "transact",
    summary: "write several things as one transaction",
    body: { ...same("operations"), ...writing },
    required: ["operations"],
    status: 201,
    answer: "Receipt",
  },
  {
    method: "GET",
    path: "/transactions",
    command: "history",
    summary: "who changed the knowledge, when and why, newest first",
    query: same("agent", "session", "key", "since", "until", "after", "limit", "exploration"),
    answer: "Transactions",
  },
];

const administration: Route[] = [
  {
    method: "GET",
    path: "/audit/verify",
    command: "audit",
    summary: "whether everything is as the journal says",
    fixed: { action: "verify" },
    query: same("anchor"),
    answer: "Verified",
  },
  {
    method: "GET",
    path: "/audit/log",
    command: "audit",
    summary: "who changed something through a server or tried to, newest first",
    fixed: { action: "log" },
    query: same("since", "principal", "limit"),
    answer: "AuditLog",
  },
  {
    method: "GET",
    path: "/audit/export",
    command: "audit",
    summary: "every transaction with its operations, oldest first",
    fixed: { action: "export" },
    answer: "Journal",
  },
  {
    method: "POST",
    path: "/audit/compact",
    command: "audit",
    summary: "drop old operations and versions, as far as checkpoints and explorations allow",
    fixed: { action: "compact" },
    body: { ...same("keep_days", "seq", "checkpoint"), ...author },
    answer: "Compacted",
  },
  {
    method: "POST",
    path: "/audit/erase",
    command: "audit",
    summary: "remove entries or files with the content of all their versions, for good",
    fixed: { action: "erase" },
    body: { ...same("ids"), confirm: "yes", ...author },
    required: ["ids"],
    schemas: { confirm: { type: "boolean", description: "true: what is erased does not come back" } },
    answer: "Erased",
  },
  {
    method: "GET",
    path: "/config",
    command: "config",
    summary: "the settings in force and where each comes from",
    query: same("key"),
    read: ({ key }) => (key === undefined ? { action: "list" } : { action: "get", key }),
    answer: "Config",
  },
  {
    method: "PUT",
    path: "/config",
    command: "config",
    summary: "change a setting of the knowledge base; null goes back to the default",
    body: same("key", "value"),
    required: ["key", "value"],
    schemas: {
      key: { type: "string", enum: [...settingKeys] },
      value: { type: ["string", "number", "boolean", "array", "null"], items: text },
    },
    read: readSetting,
    answer: "Config",
  },
];

export const routes: readonly Route[] = [
  ...search,
  ...indexing,
  ...entries,
  ...transactions,
  ...historyRoutes,
  ...administration,
];
