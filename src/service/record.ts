/**
 * What a server puts on record of a change: before it begins, and how it ended. Written where the change is made, so that
 * the event loop never waits for the disk; refusals by create.ts. Used by run-job.ts and create.ts.
 */
import { auditKey } from "../config/config.ts";
import { MomoError } from "../errors.ts";
import { redactText } from "../model/secrets.ts";
import type { AuditLog } from "../security/audit-log.ts";
import type { AuditRecord } from "../security/audit-record.ts";
import type { Call, Reply } from "./service.ts";

/** All but how it ended. */
export type Recorded = Omit<AuditRecord, "outcome">;

export interface Recorder {
  /** Raises AUDIT_UNAVAILABLE. */
  append(record: AuditRecord): Promise<void>;
  close(): Promise<void>;
}

/** Opened by the first record: a server that only reads makes no file. */
export function createRecorder(home: string): Recorder {
  let opened: Promise<AuditLog> | undefined;
  const open = async (): Promise<AuditLog> => {
    const { openAuditLog } = await import("../security/audit-log.ts");
    const key = auditKey();
    return openAuditLog(home, { redact: redactText, ...(key !== undefined && { key }) });
  };
  return {
    append: async (record) => {
      opened ??= open();
      // A log that could not be opened may be there the next time.
      opened.catch(() => {
        opened = undefined;
      });
      (await opened).append(record);
    },
    close: async () => (await opened)?.close(),
  };
}

const LONGEST = 200;
const MOST = 20;

/** Enough to know what was asked, without whole documents. */
function shortened(value: unknown): unknown {
  if (typeof value === "string") return value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value;
  if (Array.isArray(value)) {
    const some = value.slice(0, MOST).map(shortened);
    return value.length > MOST ? [...some, `${value.length - MOST} more`] : some;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shortened(one)]));
}

const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);

/** `input` as it was read or, of a call that was refused before, as it came. */
export function recordOf(
  { caller, command, request_id }: Call,
  asked: { workspace: string; input: Readonly<Record<string, unknown>> },
): Recorded {
  const { principal, agent, address } = caller;
  const { workspace, input } = asked;
  const { action, id, path, name, plan, ...rest } = input;
  const resource = [id, path, name, plan].find((one) => typeof one === "string");
  const details = Object.fromEntries(
    Object.entries({ ...rest, path, name, plan }).filter(([, one]) => isGiven(one)),
  );
  return {
    principal,
    agent,
    workspace,
    request_id,
    address,
    action: typeof action === "string" ? `${command} ${action.slice(0, 20)}` : command,
    ...(typeof resource === "string" && { resource: resource.slice(0, 500) }),
    details: shortened(details) as Record<string, unknown>,
  };
}

/** Does the work between two records; without the first there is no work. */
export async function onRecord(
  recorder: Recorder,
  record: Recorded,
  work: () => Promise<Reply>,
): Promise<Reply> {
  await recorder.append({ ...record, outcome: "begun" });
  let reply: Reply;
  try {
    reply = await work();
  } catch (error) {
    const code = error instanceof MomoError ? error.code : "INTERNAL";
    await recorder.append({ ...record, outcome: "failed", details: { error: code } });
    throw error;
  }
  await recorder.append({ ...record, outcome: reply.failed ? "failed" : "ok", details: undefined });
  return reply;
}
