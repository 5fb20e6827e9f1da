/**
 * The table of routes: every command that a server offers, as requests, and the few requests that are none. What the
 * server registers, the OpenAPI document and the tests of roles are derived from it.
 */

import { settingKeys } from "../config/settings.ts";
import { MomoError } from "../errors.ts";
import { DetailedError } from "./problem.ts";
import {
  documentId,
  numberAsWord,
  readEntry,
  readFilters,
  readSetting,
  shapeIngested,
  shapeQuery,
} from "./reshape.ts";
import { type OwnRoute, type Route, same, type Values } from "./route.ts";

/** Who writes, and how it will stand in the history. */
const author = same("agent", "session", "intent");
const writing = { ...author, ...same("request_id", "expect", "reads", "irreversible", "exploration") };
const takingBack = same("as", "intent", "exploration");

const selector = {
  ...{ transactions: "tx", operations: "operation", keys: "key", prefix: "path" },
  ...same("agent", "session", "request_id", "since", "until", "after", "steps", "policy"),
};

const text = { type: "string" } as const;
const planHash = {
  type: "string",
  description:
    "of the plan that was shown; the fields that it was made with may be left out while the server remembers it",
} as const;

const blocked = (plan: Values): Error => {
  const conflicts = plan.conflicts as { id: string }[] | undefined;
  const hint = "see plan.remedies, or make a plan under another policy";
  const values = { count: conflicts?.length ?? 0, id: conflicts?.[0]?.id ?? "", hint };
  return new DetailedError(new MomoError("ROLLBACK_BLOCKED", values), { plan });
};

/** A plan that is shown, and that plan carried out. */
const planned = (command: string, body: Route["body"], of: Pick<Route, "schemas" | "read">): Route[] => [
  {
    method: "POST",
    path: `/${command}/plan`,
    command,
    summary: `show what a ${command} would change, and change nothing`,
    fixed: { dry_run: true },
    body: { ...body, ...takingBack },
    ...of,
    answer: "Plan",
  },
  {
    method: "POST",
    path: `/${command}/apply`,
    command,
    summary: `carry out a plan of a ${command}, exactly as it was shown`,
    body: { plan_hash: "plan", ...body, ...takingBack },
    required: ["plan_hash"],
    ...of,
    schemas: { ...of.schemas, plan_hash: planHash },
    refuse: blocked,
    answer: "TakenBack",
  },
];

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
          ...{ agent: text, session: text, intent: text, exploration: text },
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
  ...planned("rollback", selector, {}),
  ...planned("redo", same("transaction", "policy"), {
    schemas: {
      transaction: { type: ["integer", "string"], description: "number of what is to be reversed" },
    },
    read: numberAsWord,
  }),
  ...planned("rewind", { checkpoint: "target", ...same("seq", "time", "others", "irreversible") }, {}),
];

const marks: Route[] = [
  {
    method: "GET",
    path: "/checkpoints",
    command: "checkpoint",
    summary: "names of earlier states",
    query: same("exploration"),
    answer: "Checkpoints",
  },
  {
    method: "POST",
    path: "/checkpoints",
    command: "checkpoint",
    summary: "give the present state a name",
    body: same("name", "agent", "exploration"),
    required: ["name"],
    status: 201,
    answer: "Checkpoint",
  },
  {
    method: "DELETE",
    path: "/checkpoints/{name}",
    command: "checkpoint",
    summary: "forget the name of a state",
    fixed: { remove: true },
    params: same("name"),
    query: same("agent", "exploration"),
    answer: "Removed",
  },
  {
    method: "GET",
    path: "/quarantine",
    command: "quarantine",
    summary: "what a rollback set aside",
    fixed: { action: "list" },
    query: same("exploration"),
    answer: "Quarantined",
  },
  {
    method: "POST",
    path: "/quarantine/release",
    command: "quarantine",
    summary: "let back into search what was set aside",
    fixed: { action: "release" },
    body: same("ids", "agent", "intent", "exploration"),
    required: ["ids"],
    answer: "Released",
  },
];

const explorations: Route[] = [
  {
    method: "GET",
    path: "/explorations",
    command: "explore",
    summary: "explorations that are open",
    fixed: { action: "list" },
    answer: "Explorations",
  },
  {
    method: "POST",
    path: "/explorations",
    command: "explore",
    summary: "begin to try something out where nobody else sees it",
    fixed: { action: "start" },
    body: same("name", "ttl", "pin", "max_operations", "max_bytes", "parent", "agent", "intent"),
    status: 201,
    answer: "Exploration",
  },
  {
    method: "GET",
    path: "/explorations/{name}/compare",
    command: "explore",
    summary: "what an exploration changed, and what a search finds on either side",
    fixed: { action: "compare" },
    params: same("name"),
    query: same("query"),
    answer: "Comparison",
  },
  {
    method: "POST",
    path: "/explorations/{name}/merge",
    command: "explore",
    summary: "make an exploration one transaction of the knowledge base",
    fixed: { action: "merge" },
    params: same("name"),
    body: same("prefer", "agent", "intent"),
    answer: "Merged",
  },
  {
    method: "DELETE",
    path: "/explorations/{name}",
    command: "explore",
    summary: "discard an exploration",
    fixed: { action: "discard" },
    params: same("name"),
    query: same("agent", "intent"),
    answer: "Discarded",
  },
];

const administration: Route[] = [
  {
    method: "GET",
    path: "/audit/verify",
    command: "audit",
    summary: "whether everything is as the journal says",
    fixed: { action: "verify" },
    answer: "Verified",
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
    body: same("keep_days", "seq", "checkpoint", "agent", "intent"),
    answer: "Compacted",
  },
  {
    method: "POST",
    path: "/audit/erase",
    command: "audit",
    summary: "remove entries or files with the content of all their versions, for good",
    fixed: { action: "erase" },
    body: { ...same("ids", "agent", "intent"), confirm: "yes" },
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
  ...marks,
  ...explorations,
  ...administration,
];

const probe = { method: "GET", access: "open", statuses: { 503: "it cannot answer" } } as const;

export const ownRoutes: readonly OwnRoute[] = [
  {
    ...probe,
    path: "/health",
    summary: "whether every part works, with what each took",
    reason: "about the server, not about knowledge",
    answer: "Health",
  },
  {
    ...probe,
    path: "/health/ready",
    summary: "whether requests can be answered now",
    reason: "about the server, not about knowledge",
    answer: "Health",
  },
  {
    ...probe,
    path: "/health/live",
    summary: "whether the process answers at all; looks at nothing else",
    reason: "about the server, not about knowledge",
    statuses: {},
    answer: "Alive",
  },
  {
    method: "GET",
    path: "/metrics",
    access: "caller",
    summary: "figures for Prometheus",
    reason: "about the server, not about knowledge",
    content_type: "text/plain",
    answer: "Message",
  },
  {
    method: "GET",
    path: "/openapi.json",
    access: "open",
    summary: "this document",
    reason: "the same for everybody",
    answer: "Message",
  },
  {
    method: "POST",
    path: "/tools/call",
    access: "caller",
    summary: "call a tool, as MCP's tools/call does",
    reason: "any of the tools: each is a command, and checked as one",
    body: {
      type: "object",
      properties: { tool: text, arguments: { type: "object", additionalProperties: true } },
      required: ["tool"],
      additionalProperties: false,
    },
    answer: "ToolResult",
  },
  {
    method: "POST",
    path: "/mcp",
    access: "caller",
    summary: "Model Context Protocol over Streamable HTTP",
    reason: "a protocol of its own, whose tools are commands",
    body: { type: ["object", "array"], description: "JSON-RPC 2.0" },
    answer: "Message",
  },
  {
    method: "GET",
    path: "/live",
    access: "caller",
    summary: "changes and progress as they happen, over a WebSocket",
    reason: "a protocol of its own",
    statuses: { 101: "the connection is a WebSocket now" },
    answer: "Message",
  },
];
