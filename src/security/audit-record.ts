/** A record of the audit log: what it says, how it is stored, and its place in the chain. Used by audit-log.ts. */
import { createHmac } from "node:crypto";
import { canonicalJson } from "../model/canonical-json.ts";

/** What is begun ends with one of the others, unless the process died. */
export type AuditOutcome = "begun" | "ok" | "refused" | "failed";

/** Something that somebody did, or tried to do. */
export interface AuditRecord {
  /** `key:<id>`, `token:<subject>` or `local:<user>`. */
  principal: string;
  /** The name in the history. */
  agent: string;
  /** A command with its action, as `audit erase`. */
  action: string;
  /** What it was about. */
  resource?: string | undefined;
  outcome: AuditOutcome;
  workspace?: string | undefined;
  request_id?: string | undefined;
  /** Of a remote caller. */
  address?: string | undefined;
  /** JSON; texts go through `redact`, and what is called a secret is left out. */
  details?: Readonly<Record<string, unknown>> | undefined;
}

/** A record as it is listed. Hashes are 64 hex digits. */
export interface AuditEntry extends AuditRecord {
  /** From 1, without gaps. */
  seq: number;
  /** ISO 8601. */
  at: string;
  prev_hash: string;
  hash: string;
}

/** A row of the table `audit`, in the order of its columns. `at` is milliseconds since 1970. */
export interface AuditRow {
  seq: number;
  at: number;
  principal: string;
  agent: string;
  action: string;
  resource: string | null;
  outcome: string;
  workspace: string | null;
  request_id: string | null;
  address: string | null;
  details: string | null;
  prev_hash: string;
  hash: string;
}

/** A place in the chain; `SEQ:HASH` as text. */
export interface Link {
  seq: number;
  hash: string;
}

/** Before the first record. */
export const chainStart: Link = { seq: 0, hash: "0".repeat(64) };

export const linkText = ({ seq, hash }: Link): string => `${seq}:${hash}`;

/** Undefined for what is no link. */
export function readLink(text: string): Link | undefined {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  return seq === undefined || hash === undefined ? undefined : { seq: Number(seq), hash };
}

const MAX_FIELD = 500;
const MAX_DETAILS = 8192;
const SECRET_NAME = /^(?:authorization|cookie|password|passphrase|secret|token|api_?key)$/i;

/** As SQLite gives it back: what it would change in a text would look like a change by somebody. */
function field(text: string | undefined): string | null {
  if (text === undefined) return null;
  const cut = text.length > MAX_FIELD ? `${text.slice(0, MAX_FIELD - 1)}…` : text;
  return cut.toWellFormed().replaceAll("\0", "\ufffd");
}

function detailsText(details: AuditRecord["details"], redact: (text: string) => string): string | null {
  if (details === undefined) return null;
  const text = JSON.stringify(details, (name, value: unknown) => {
    if (SECRET_NAME.test(name) && value !== null && value !== undefined) return "[redacted]";
    return typeof value === "string" ? redact(value) : value;
  });
  const bytes = Buffer.byteLength(text);
  return bytes > MAX_DETAILS ? JSON.stringify({ left_out_bytes: bytes }) : text;
}

/** HMAC-SHA-256 over the hash before and all fields but the two hashes. */
export function hashOf(row: Omit<AuditRow, "hash">, key: Uint8Array): string {
  const { prev_hash, seq, at, principal, agent, action, resource, outcome } = row;
  const { workspace, request_id, address, details } = row;
  const content = { seq, at, principal, agent, action, resource, outcome };
  const hmac = createHmac("sha256", key).update(Buffer.from(prev_hash, "hex"));
  return hmac.update(canonicalJson({ ...content, workspace, request_id, address, details })).digest("hex");
}

/** What a record becomes a row with. */
export interface Making {
  previous: Link;
  at: number;
  key: Uint8Array;
  redact: (text: string) => string;
}

/** The row that comes after `previous`. */
export function rowOf(record: AuditRecord, { previous, at, key, redact }: Making): AuditRow {
  const row = {
    seq: previous.seq + 1,
    at,
    principal: field(record.principal)!,
    agent: field(record.agent)!,
    action: field(record.action)!,
    resource: field(record.resource && redact(record.resource)),
    outcome: record.outcome,
    workspace: field(record.workspace),
    request_id: field(record.request_id),
    address: field(record.address),
    details: detailsText(record.details, redact),
    prev_hash: previous.hash,
  };
  return { ...row, hash: hashOf(row, key) };
}

/** A text that is no JSON was put there by somebody else; it is shown as it is. */
function readDetails(text: string): AuditRecord["details"] {
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}

export function entryOf(row: AuditRow): AuditEntry {
  const { seq, at, principal, agent, action, outcome, details, prev_hash, hash } = row;
  const optional = (["resource", "workspace", "request_id", "address"] as const).flatMap((name) =>
    row[name] === null ? [] : [[name, row[name]] as const],
  );
  return {
    seq,
    at: new Date(at).toISOString(),
    principal,
    agent,
    action,
    outcome: outcome as AuditOutcome,
    ...Object.fromEntries(optional),
    ...(details !== null && { details: readDetails(details) }),
    prev_hash,
    hash,
  };
}
