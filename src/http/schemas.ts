/**
 * JSON Schemas of what the server answers, written by hand and compact: the OpenAPI document shows them, the tests
 * hold real answers against them. Each is a component of the document by its name here.
 */
import { engineStates, knowledgeTypes, queryIntents } from "../model/api.ts";
import { entityTypes, relationTypes } from "../model/outline.ts";
import { rollbackPolicies } from "../model/rollback.ts";

export type Schema = Readonly<Record<string, unknown>>;

const text = { type: "string" } as const;
const whole = { type: "integer", minimum: 0 } as const;
const number = { type: "number" } as const;
const flag = { type: "boolean" } as const;
const time = { type: "string", format: "date-time" } as const;
const any = {} as const;
const free = { type: "object", additionalProperties: true } as const;

const oneOf = (values: readonly string[]): Schema => ({ type: "string", enum: [...values] });
const list = (items: Schema): Schema => ({ type: "array", items });
const table = (values: Schema): Schema => ({ type: "object", additionalProperties: values });
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** An object; a name that ends with `?` need not be there. */
function object(fields: Record<string, Schema>): Schema {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name.replace("?", ""), field]),
  );
  return { type: "object", properties, required: Object.keys(fields).filter((name) => !name.endsWith("?")) };
}

const receipt = { transaction: whole, seq: whole, operations: whole, "repeated?": flag } as const;
const takenBack = { ...receipt, plan_hash: text, action: oneOf(["rollback", "redo", "rewind"]) } as const;
const counts = object({ created: whole, updated: whole, removed: whole });
const examples = table(object({ count: whole, examples: list(text) }));
const lines = { start_line: whole, end_line: whole } as const;
const kind = oneOf(["file", "entry", "relation", "setting", "mark", "alias"]);

const result = object({
  path: text,
  "entry_id?": text,
  ...lines,
  score: { type: "number", minimum: 0, maximum: 1 },
  language: text,
  "stale?": flag,
  "near?": flag,
  "content?": text,
  "matched_lines?": list(whole),
  "tokens?": whole,
  "entity_id?": text,
  "entity_name?": text,
  "entity_type?": oneOf(entityTypes),
  "explain?": table(object({ value: number, weight: number, contribution: number })),
});

const understanding = object({
  intent: oneOf(queryIntents),
  confidence: number,
  entities: list(object({ kind: text, text, "line?": whole })),
  scope: object({ kind: text, names: list(text) }),
  "wants_tests?": flag,
});

const coverage = object({
  files: whole,
  chunks: whole,
  skipped: whole,
  "stale?": whole,
  "vectors?": object({
    model: text,
    "chunks?": whole,
    "engine?": text,
    "engine_error?": text,
    "engine_lag?": whole,
  }),
  "degraded?": text,
});

const ingested = {
  message: text,
  kind: oneOf(["file", "directory"]),
  total_files: whole,
  successful_files: whole,
  failed_files: whole,
  skipped_files: whole,
  created: whole,
  updated: whole,
  removed: whole,
  unchanged: whole,
  total_entities: whole,
  bytes: whole,
  processing_time_seconds: number,
  entities_per_second: number,
  "transaction?": whole,
  "renamed?": object({ files: whole, definitions: whole }),
  "renames_by_content_only?": flag,
  "embedding?": object({ "model?": text, embedded: whole, remaining: whole, "warning?": text }),
  root: text,
  home: text,
  "skipped?": examples,
  "warnings?": examples,
} as const;

const relation = object({
  source: text,
  type: oneOf(relationTypes),
  target: text,
  "id?": text,
  metadata: free,
  "missing?": oneOf(["source", "target"]),
  "renamed_from?": object({ "source?": text, "target?": text }),
});

const entry = {
  id: text,
  "renamed_from?": text,
  "version?": whole,
  type: oneOf(knowledgeTypes),
  content: text,
  metadata: free,
  relations: list(object({ type: oneOf(relationTypes), target_id: text, metadata: free, "missing?": flag })),
  "overloads?": list(text),
  "documentation?": list(text),
  created_at: time,
  updated_at: time,
} as const;

const plan = {
  plan_hash: text,
  action: oneOf(["rollback", "redo", "rewind"]),
  policy: oneOf(rollbackPolicies),
  "of?": whole,
  "to_seq?": whole,
  base_seq: whole,
  transactions: list(whole),
  cascade: list(whole),
  restores: list(whole),
  operations: whole,
  agents: table(whole),
  others: list(text),
  outside: list(object({ transaction: whole, agent: text, at: time, detail: text })),
  changes: list(object({ id: text, kind, change: text, from: whole, to: whole })),
  stores: object({ documents: counts, graph: counts, words: counts, metadata: counts }),
  conflicts: list(
    object({
      reason: text,
      id: text,
      "transaction?": whole,
      "agent?": text,
      "at?": time,
      "intent?": text,
      "detail?": text,
    }),
  ),
  dependents: list(object({ strength: text, transaction: whole, agent: text, at: time, id: text })),
  residue: list(text),
  quarantined: list(text),
  blocked: flag,
  digest_after: text,
  diff: text,
  "remedies?": list(
    object({
      policy: oneOf(rollbackPolicies),
      operations: whole,
      cascade: list(whole),
      restores: list(whole),
      agents: list(text),
      residue: list(text),
      quarantined: list(text),
    }),
  ),
} as const;

const exploration = {
  name: text,
  agent: text,
  "intent?": text,
  "parent?": text,
  created_at: time,
  expires_at: time,
  expired: flag,
  pinned: flag,
  operations: whole,
  max_operations: whole,
  bytes: whole,
  max_bytes: whole,
  base_seq: whole,
} as const;

const embeddingPlan = {
  strategy: text,
  "from?": text,
  model: text,
  dimensions: whole,
  chunks: whole,
  to_embed: whole,
  requests: whole,
} as const;

const ranking = list(object({ path: text, score: number }));
const checkpoint = object({ name: text, seq: whole, digest: text, at: time, agent: text });
const check = object({
  name: text,
  status: oneOf(["ok", "failed"]),
  response_time_ms: number,
  "error?": text,
});

export const schemas = {
  QueryResponse: object({
    query: text,
    results: list(result),
    total_count: whole,
    retrieval_time_ms: { type: "number", exclusiveMinimum: 0 },
    relevance_scores: list({ type: "number", minimum: 0, maximum: 1 }),
    kind: oneOf(["words", "symbol", "path"]),
    "degraded?": flag,
    "cached?": flag,
    coverage,
    "did_you_mean?": text,
    "understanding?": understanding,
    "expansions?": list(object({ kind: text, from: text, to: list(text) })),
    "budget?": whole,
    "tokens?": whole,
    "outlines?": list(
      object({
        path: text,
        lines: whole,
        definitions: list(object({ line: whole, end_line: whole, signature: text })),
        more: whole,
        "same_as?": text,
      }),
    ),
    "cut?": object({ files: whole, lines: whole, copies: whole }),
    root: text,
    inside: text,
    searched: text,
    filters: free,
    "indexed?": free,
  }),
  Ingested: object(ingested),
  Documents: object({
    documents: list(
      object({
        id: text,
        filename: text,
        content_type: text,
        bytes: whole,
        sha256: text,
        "version?": whole,
        ...receipt,
      }),
    ),
  }),
  Entry: object(entry),
  Entity: object({
    ...entry,
    neighbors: list(relation),
    "more_neighbors?": whole,
    "cut_lines?": whole,
  }),
  Entries: object({
    entries: list(
      object({ id: text, version: whole, type: oneOf(knowledgeTypes), "title?": text, updated_at: time }),
    ),
  }),
  Written: object({
    id: text,
    "relation?": object({ type: oneOf(relationTypes), target: text, "id?": text }),
    "version?": whole,
    "removed?": flag,
    ...receipt,
  }),
  Receipt: object(receipt),
  Stats: object({
    "root?": text,
    home: text,
    files: whole,
    entries: whole,
    entities: whole,
    chunks: whole,
    bytes: whole,
    database_bytes: whole,
    encrypted: flag,
    languages: table(object({ files: whole, entities: whole })),
    entity_types: table(whole),
    skipped: examples,
    warnings: examples,
    segments: whole,
    seq: whole,
    digest: text,
    "last_indexed_at?": time,
    stale_files: whole,
    "engines?": list(
      object({
        name: text,
        state: oneOf(engineStates),
        behind: whole,
        attempts: whole,
        "error?": text,
        reached_at: time,
        "retry_at?": time,
        "abandoned_at?": time,
      }),
    ),
  }),
  Transactions: object({
    transactions: list(
      object({
        transaction: whole,
        seq: whole,
        operations: whole,
        kind: text,
        agent: text,
        "session?": text,
        "principal?": text,
        "request_id?": text,
        "intent?": text,
        "detail?": free,
        "authors?": list(text),
        "undone?": object({ writes: whole, all: flag, by: list(whole) }),
        at: time,
        created: whole,
        updated: whole,
        removed: whole,
      }),
    ),
  }),
  Versions: object({
    id: text,
    versions: list(
      object({
        "id?": text,
        version: whole,
        seq: whole,
        transaction: whole,
        agent: text,
        "session?": text,
        "intent?": text,
        at: time,
        change: oneOf(["created", "updated", "removed"]),
        "merged_by?": text,
        "undone_by?": whole,
        current: flag,
      }),
    ),
  }),
  Plan: object(plan),
  TakenBack: object({ ...takenBack, outcome: oneOf(["done", "partial", "already"]), residue: list(text) }),
  Checkpoint: checkpoint,
  Checkpoints: object({ checkpoints: list(checkpoint) }),
  Removed: object({ removed: text }),
  Exploration: object(exploration),
  Explorations: object({ explorations: list(object(exploration)) }),
  Comparison: object({
    exploration: text,
    changes: list(
      object({ id: text, kind, change: oneOf(["created", "updated", "removed"]), conflict: flag }),
    ),
    relations: object({ added: list(relation), removed: list(relation) }),
    rankings: list(object({ query: text, overlap: number, base: ranking, exploration: ranking })),
  }),
  Merged: object({ merged: text, ...receipt }),
  Discarded: object({ discarded: text }),
  Quarantined: object({
    quarantined: list(
      object({ id: text, version: whole, reason: text, transaction: whole, at: time, current: flag }),
    ),
  }),
  Released: object({ released: list(text), ...receipt }),
  Digest: object({
    digest: text,
    seq: whole,
    parts: object({
      documents: text,
      graph: text,
      metadata: text,
      words: text,
      vectors: text,
      rankings: text,
    }),
  }),
  Verified: object({
    ok: flag,
    "fault?": text,
    "log?": object({
      ok: flag,
      count: whole,
      head: text,
      "fault?": object({ seq: whole, why: text }),
    }),
  }),
  AuditLog: object({
    records: list(
      object({
        seq: whole,
        at: time,
        principal: text,
        agent: text,
        action: text,
        "resource?": text,
        outcome: oneOf(["begun", "ok", "refused", "failed"]),
        "workspace?": text,
        "request_id?": text,
        "address?": text,
        "details?": free,
        prev_hash: text,
        hash: text,
      }),
    ),
  }),
  Journal: list(free),
  Compacted: object({
    horizon: whole,
    wanted: whole,
    transactions: whole,
    versions: whole,
    "held_by?": text,
    "repeated?": flag,
  }),
  Erased: object({ ...receipt, ids: list(text), versions: whole, overwritten: flag }),
  Embedding: object({
    ...embeddingPlan,
    "embedded?": whole,
    "remaining?": whole,
    "serving?": flag,
    "processing_time_seconds?": number,
  }),
  Config: object({
    home: text,
    settings: list(
      object({
        key: text,
        value: any,
        default: any,
        source: text,
        env: text,
        allowed: text,
        description: text,
      }),
    ),
    warnings: list(text),
    "secrets?": list(object({ env: text, set: flag })),
  }),
  Health: object({
    status: oneOf(["healthy", "unhealthy"]),
    service: { const: "momo" },
    version: text,
    timestamp: time,
    response_time_ms: number,
    "total_entries?": whole,
    "checks?": list(check),
    "process?": object({
      rss_bytes: number,
      cpu_seconds: number,
      uptime_seconds: number,
      event_loop_lag_ms: number,
    }),
  }),
  Alive: object({ status: { const: "alive" }, service: { const: "momo" }, version: text }),
  ToolResult: free,
  Message: any,
  Problem: object({
    type: text,
    title: text,
    status: { type: "integer", minimum: 400, maximum: 599 },
    detail: text,
    instance: text,
    code: text,
    request_id: text,
    error: text,
    "retry_after?": number,
    "values?": free,
    "fallback_results?": list(free),
    "plan?": free,
    "stored?": list(free),
  }),
} as const satisfies Record<string, Schema>;

export type SchemaName = keyof typeof schemas;
