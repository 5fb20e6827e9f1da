/**
 * The audit log: who did or tried what, in `<home>/audit.db`. Each record is signed over the one before, so that a
 * record that was changed, put in, taken out or moved is found; what was cut off the end is found by the seal, or by an
 * anchor that somebody kept elsewhere. Several processes append to one log. Used by service/ and by the commands.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { MomoError } from "../errors.ts";
import {
  type AuditEntry,
  type AuditRecord,
  type AuditRow,
  chainStart,
  entryOf,
  hashOf,
  type Link,
  linkText,
  type Making,
  readLink,
  rowOf,
} from "./audit-record.ts";
import { findAuditKey, MISSING_SEAL, makeAuditKey, readSeal, writeSeal } from "./audit-seal.ts";
import { AUDIT_TABLE, type AuditVerdict, schemaFault, verifyChain } from "./audit-verify.ts";
import { ensurePrivate, makeHome, withLock } from "./private-file.ts";

export interface AuditOptions {
  /** Of MOMO_AUDIT_KEY; default a key in the home. With one from outside, who can write the home cannot sign. */
  key?: string | undefined;
  /** Takes secrets out of a text. */
  redact?: (text: string) => string;
  now?: () => number;
  /** `read` makes nothing, and the log must be there. */
  mode?: "append" | "read";
}

export interface AuditFilter {
  /** ISO 8601. */
  since?: string | undefined;
  principal?: string | undefined;
  action?: string | undefined;
  /** Default 100. */
  limit?: number | undefined;
}

export interface AuditLog {
  /** On the disk when it returns. Raises AUDIT_UNAVAILABLE: then what was to be recorded must not happen. */
  append(record: AuditRecord): Link;
  /** `anchor` is a head of earlier, `SEQ:HASH`. Raises VALUE_INVALID. */
  verify(asked?: { anchor?: string | undefined }): AuditVerdict;
  /** Newest first. */
  list(filter?: AuditFilter): AuditEntry[];
  /** `SEQ:HASH` of the last record, to be kept elsewhere. */
  head(): string;
  close(): void;
}

const AUDIT_FILE = "audit.db";
const WAIT_MS = 5000;
const columns = [
  "seq",
  "at",
  "principal",
  "agent",
  "action",
  "resource",
  "outcome",
  "workspace",
  "request_id",
];
const allColumns = [...columns, "address", "details", "prev_hash", "hash"];
const INSERT = `INSERT INTO audit (${allColumns}) VALUES (${allColumns.map((name) => `:${name}`)})`;

export const hasAuditLog = (home: string): boolean => existsSync(join(home, AUDIT_FILE));

/** An open log and with what it is signed: always there, but in a log that is only read. */
interface Opened {
  home: string;
  database: DatabaseSync;
  key: Uint8Array | undefined;
}

const MISSING_KEY = "its key is missing: restore audit.key, or set MOMO_AUDIT_KEY";

const lastRow = (database: DatabaseSync): AuditRow | undefined =>
  database.prepare("SELECT * FROM audit ORDER BY seq DESC LIMIT 1").get() as AuditRow | undefined;

const hashAt = (database: DatabaseSync, seq: number): unknown =>
  seq === 0 ? chainStart.hash : database.prepare("SELECT hash FROM audit WHERE seq = ?").get(seq)?.hash;

/** Whoever holds it is the only one who appends. */
function exclusively<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** A table that is not there yet is made; the log begins sealed, so that a seal that is missing later was removed. */
function setUp(home: string, database: DatabaseSync, given: string | undefined): Uint8Array {
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF");
  const found = findAuditKey(home, given);
  const isNew = database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n === 0;
  if (!isNew) {
    if (found === undefined) throw new Error(MISSING_KEY);
    return found;
  }
  const key = found ?? makeAuditKey(home);
  const seal = readSeal(home, key);
  if (typeof seal === "string" || (seal && seal.seq > 0))
    throw new Error("audit.seal is of a log that is not there: restore it, or move audit.seal away");
  writeSeal(home, chainStart, key);
  database.exec(AUDIT_TABLE);
  return key;
}

/** Throws where appending would cover up that something is wrong already. */
function soundHead({ home, database }: Opened, key: Uint8Array): Link {
  const fault = schemaFault(database);
  if (fault !== undefined) throw new Error(fault);
  const last = lastRow(database);
  if (last && last.hash !== hashOf(last, key))
    throw new Error("its last record was changed, or another key signed it: momo audit verify says more");
  const seal = readSeal(home, key) ?? MISSING_SEAL;
  if (typeof seal === "string") throw new Error(seal);
  if (hashAt(database, seal.seq) !== seal.hash)
    throw new Error("records are missing at its end: momo audit verify says more");
  return last ?? chainStart;
}

function openForAppending(home: string, given: string | undefined): Opened {
  makeHome(home);
  const file = join(home, AUDIT_FILE);
  return withLock(join(home, "audit.lock"), () => {
    ensurePrivate(file);
    const database = new DatabaseSync(file, { timeout: WAIT_MS });
    try {
      const opened = { home, database, key: setUp(home, database, given) };
      soundHead(opened, opened.key);
      return opened;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Two steps: what is sealed is in the log already, so a process that dies between them leaves no false alarm. */
function append(opened: Opened, record: AuditRecord, making: Pick<Making, "at" | "redact">): Link {
  const { home, database, key } = opened;
  if (key === undefined) throw new Error(MISSING_KEY);
  const { seq, hash } = exclusively(database, () => {
    const row = rowOf(record, { previous: soundHead(opened, key), key, ...making });
    database.prepare(INSERT).run({ ...row });
    return row;
  });
  exclusively(database, () => {
    const last = lastRow(database);
    if (last === undefined || last.seq < seq)
      throw new Error(`record ${seq} is not there after it was written`);
    writeSeal(home, last, key);
  });
  return { seq, hash };
}

function list(database: DatabaseSync, { since, principal, action, limit = 100 }: AuditFilter): AuditEntry[] {
  const conditions: [string, string | number][] = [];
  if (since !== undefined) conditions.push(["at >= ?", Date.parse(since)]);
  if (principal !== undefined) conditions.push(["principal = ?", principal]);
  if (action !== undefined) conditions.push(["action = ?", action]);
  const where = ["1", ...conditions.map(([condition]) => condition)].join(" AND ");
  const found = database
    .prepare(`SELECT * FROM audit WHERE ${where} ORDER BY seq DESC LIMIT ?`)
    .all(...conditions.map(([, value]) => value), limit);
  return found.map((row) => entryOf(row as unknown as AuditRow));
}

function anchorPass(anchor: string | undefined) {
  if (anchor === undefined) return [];
  const link = readLink(anchor);
  if (link === undefined)
    throw new MomoError("VALUE_INVALID", {
      name: "--anchor",
      value: anchor.slice(0, 90).replace(/\p{Cc}/gu, "?"),
      hint: "give the head of an earlier momo audit verify, SEQ:HASH",
    });
  return [{ link, why: `the log does not lead to the anchor ${link.seq}: it was cut off or written anew` }];
}

/** The seal is read before the records: those only become more. */
function verify({ home, database, key }: Opened, anchor: string | undefined): AuditVerdict {
  const passes = anchorPass(anchor);
  if (key === undefined) return unverifiable(database, MISSING_KEY);
  const seal = readSeal(home, key) ?? MISSING_SEAL;
  if (typeof seal === "string") {
    const verdict = verifyChain(database, { key, passes });
    return verdict.ok ? { ...verdict, ok: false, fault: { seq: 0, why: seal } } : verdict;
  }
  const why = `records up to ${seal.seq} were there, and are not now`;
  return verifyChain(database, { key, passes: [{ link: seal, why }, ...passes] });
}

const unverifiable = (database: DatabaseSync, why: string): AuditVerdict => ({
  ok: false,
  count: 0,
  head: linkText(lastRow(database) ?? chainStart),
  fault: { seq: 0, why },
});

/** Nothing is made, and without its key the log can still be listed. */
function openForReading(home: string, given: string | undefined): Opened {
  const key = findAuditKey(home, given);
  return {
    home,
    key,
    database: new DatabaseSync(join(home, AUDIT_FILE), { readOnly: true, timeout: WAIT_MS }),
  };
}

/** Raises AUDIT_UNAVAILABLE, CONFIG_INVALID. */
export function openAuditLog(home: string, options: AuditOptions = {}): AuditLog {
  const { redact = (text) => text, now = Date.now, mode = "append" } = options;
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof MomoError) throw error;
      const why = (error as Error).message;
      throw new MomoError("AUDIT_UNAVAILABLE", { file: join(home, AUDIT_FILE), why }, error);
    }
  };
  const open = mode === "append" ? openForAppending : openForReading;
  const opened = attempt(() => open(home, options.key));
  const { database } = opened;

  return {
    append: (record) => attempt(() => append(opened, record, { at: now(), redact })),
    verify: ({ anchor } = {}) => attempt(() => verify(opened, anchor)),
    list: (filter = {}) => attempt(() => list(database, filter)),
    head: () => attempt(() => linkText(lastRow(database) ?? chainStart)),
    close: () => database.close(),
  };
}
