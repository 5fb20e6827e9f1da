/** Checks an audit log from its first record to its last, and against its seal and an anchor. Used by audit-log.ts. */
import type { DatabaseSync } from "node:sqlite";
import { type AuditRow, chainStart, hashOf, type Link, linkText } from "./audit-record.ts";

export const AUDIT_TABLE = `CREATE TABLE audit (
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, principal TEXT NOT NULL, agent TEXT NOT NULL, action TEXT NOT NULL,
  resource TEXT, outcome TEXT NOT NULL, workspace TEXT, request_id TEXT, address TEXT, details TEXT,
  prev_hash TEXT NOT NULL, hash TEXT NOT NULL) STRICT`;

export interface AuditFault {
  /** The first record that is wrong; 0 where it is the log as a whole. */
  seq: number;
  why: string;
}

export interface AuditVerdict {
  ok: boolean;
  count: number;
  /** `SEQ:HASH` of the last record that was read: what somebody keeps elsewhere as an anchor. */
  head: string;
  fault?: AuditFault;
}

interface Expected {
  key: Uint8Array;
  /** Places that the chain must have passed, and what it means when it did not. */
  passes: readonly { link: Link; why: string }[];
}

/** A trigger or a view would change or hide what is written. */
export function schemaFault(database: DatabaseSync): string | undefined {
  const found = database.prepare("SELECT sql FROM sqlite_schema").all();
  const isOurs = found.length === 1 && found[0]?.sql === AUDIT_TABLE;
  return isOurs ? undefined : "the tables of the file are not those of an audit log";
}

function rowFault(row: AuditRow, previous: Link, key: Uint8Array): AuditFault | undefined {
  const { seq } = row;
  if (seq < 1) return { seq, why: `record ${seq} was put before the first` };
  if (seq > previous.seq + 1) return { seq: previous.seq + 1, why: `record ${previous.seq + 1} is missing` };
  if (row.hash !== hashOf(row, key))
    return { seq, why: `record ${seq} was changed, or another key signed it` };
  if (row.prev_hash !== previous.hash) return { seq, why: `record ${seq} does not follow record ${seq - 1}` };
  return undefined;
}

/** What was passed on the way, or is left at the end. */
function passFault(link: Link, passes: Expected["passes"], isEnd: boolean): AuditFault | undefined {
  for (const { link: wanted, why } of passes) {
    const isWrong = wanted.seq === link.seq ? wanted.hash !== link.hash : isEnd && wanted.seq > link.seq;
    if (isWrong) return { seq: wanted.seq > link.seq ? link.seq + 1 : wanted.seq, why };
  }
  return undefined;
}

function walk(database: DatabaseSync, { key, passes }: Expected): AuditVerdict {
  let last = chainStart;
  let count = 0;
  const end = (fault: AuditFault | undefined): AuditVerdict => ({
    ok: fault === undefined,
    count,
    head: linkText(last),
    ...(fault && { fault }),
  });
  const before = passFault(last, passes, false);
  if (before) return end(before);
  for (const row of database.prepare("SELECT * FROM audit ORDER BY seq").iterate()) {
    const found = row as unknown as AuditRow;
    const fault = rowFault(found, last, key) ?? passFault(found, passes, false);
    if (fault) return end(fault);
    last = { seq: found.seq, hash: found.hash };
    count++;
  }
  return end(passFault(last, passes, true));
}

const failed = (why: string): AuditVerdict => ({
  ok: false,
  count: 0,
  head: linkText(chainStart),
  fault: { seq: 0, why },
});

/** Where somebody has an anchor, there was a log. */
export const noLog = (): AuditVerdict => failed("there is no audit log here");

/** All of it, as of one moment. */
export function verifyChain(database: DatabaseSync, expected: Expected): AuditVerdict {
  try {
    database.exec("BEGIN");
    try {
      const why = schemaFault(database);
      return why === undefined ? walk(database, expected) : failed(why);
    } finally {
      database.exec("ROLLBACK");
    }
  } catch (error) {
    return failed(`the file is damaged: ${(error as Error).message}`);
  }
}
