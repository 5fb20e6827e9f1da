/** The audit logs of a server, one in each knowledge base that it serves: who changed what, or tried to. */
import { auditKey } from "../config/config.ts";
import { redactText } from "../model/secrets.ts";
import { type AuditLog, openAuditLog } from "../security/audit-log.ts";
import type { AuditedCall } from "../service/create.ts";
import type { Workspace } from "../service/service.ts";

export interface Audits {
  /** Raises AUDIT_UNAVAILABLE: then what was to be recorded must not happen. */
  record(call: AuditedCall): void;
  close(): void;
}

const MAX_TEXT = 200;
const MAX_ITEMS = 20;

/** An input as it stands on record: what was asked for, without whole documents. */
function shortened(value: unknown, depth = 0): unknown {
  if (typeof value === "string")
    return value.length > MAX_TEXT
      ? `${value.slice(0, MAX_TEXT).toWellFormed()}... (${value.length} characters)`
      : value;
  if (typeof value !== "object" || value === null) return value;
  if (depth === 3) return Array.isArray(value) ? `a list of ${value.length}` : "an object";
  if (Array.isArray(value)) {
    const some = value.slice(0, MAX_ITEMS).map((one) => shortened(one, depth + 1));
    return value.length > MAX_ITEMS ? [...some, `${value.length - MAX_ITEMS} more`] : some;
  }
  const entries = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(entries.map(([name, one]) => [name.slice(0, 60), shortened(one, depth + 1)]));
}

const isText = (value: unknown): value is string => typeof value === "string";

/** What a call is about, as far as its input names one thing. */
const resourceOf = ({ id, key, name, plan, path }: Readonly<Record<string, unknown>>): string | undefined =>
  [id, key, name, plan, path].find(isText)?.slice(0, 500);

function recordOf({ call, workspace, outcome, error }: AuditedCall) {
  const { principal, agent, address } = call.caller;
  const isObject = typeof call.input === "object" && call.input !== null;
  const input = (isObject ? call.input : {}) as Readonly<Record<string, unknown>>;
  const action = isText(input.action) ? `${call.command} ${input.action.slice(0, 20)}` : call.command;
  return {
    ...{ principal, agent, address, action, outcome, workspace, request_id: call.request_id },
    resource: resourceOf(input),
    details: {
      ...(outcome === "begun" && { input: shortened(input) }),
      ...(error !== undefined && { error }),
    },
  };
}

export function openAudits(workspaces: readonly Workspace[]): Audits {
  const logs = new Map<string, AuditLog>();
  const logOf = (name: string): AuditLog => {
    // What was meant for a workspace that is not served is on record in the first.
    const { home } = workspaces.find((one) => one.name === name) ?? workspaces[0]!;
    const log = logs.get(home) ?? openAuditLog(home, { key: auditKey(), redact: redactText });
    logs.set(home, log);
    return log;
  };
  return {
    record: (call) => void logOf(call.workspace).append(recordOf(call)),
    close: () => {
      for (const log of logs.values()) log.close();
    },
  };
}
