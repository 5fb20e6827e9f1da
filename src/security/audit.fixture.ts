/** An audit log for tests, and what somebody without its key does to it. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "vitest";
import { type AuditLog, type AuditOptions, openAuditLog } from "./audit-log.ts";
import type { AuditRecord } from "./audit-record.ts";
import { temporaryHome } from "./processes.fixture.ts";

export const erase: AuditRecord = {
  principal: "local:ann",
  agent: "ann",
  action: "audit erase",
  outcome: "ok",
};

/** Opens a log for as long as `work` takes. */
export function using<T>(home: string, work: (log: AuditLog) => T, options: AuditOptions = {}): T {
  const log = openAuditLog(home, options);
  try {
    return work(log);
  } finally {
    log.close();
  }
}

export const verify = (home: string, anchor?: string) =>
  using(home, (log) => log.verify({ anchor }), { mode: "read" });

/** A log of so many records. */
export function logOf(count: number): string {
  const home = temporaryHome();
  using(home, (log) => {
    for (let i = 1; i <= count; i++) log.append({ ...erase, resource: `notes/${i}` });
  });
  return home;
}

/** What somebody with the file and without the key can do. */
export function tamper(home: string, ...statements: string[]): void {
  const database = new DatabaseSync(join(home, "audit.db"));
  try {
    for (const sql of statements) database.exec(sql);
  } finally {
    database.close();
  }
}

export function expectFault(call: () => unknown, code: string, message: RegExp): void {
  expect(call).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
}
