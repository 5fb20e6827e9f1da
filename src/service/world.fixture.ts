/** A served folder of two files that goes with the test, and callers of each role. Used by this room's tests. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { MomoError } from "../errors.ts";
import { openAuditLog } from "../security/audit-log.ts";
import type { AuditEntry } from "../security/audit-record.ts";
import type { Grants } from "../security/roles.ts";
import { createService, type FinishedCall } from "./create.ts";
import { createInlineExecutor } from "./inline.ts";
import type { Executor } from "./job.ts";
import type { Caller, Service } from "./service.ts";
import { workspacesOf } from "./workspaces.ts";

export function sources(): string {
  const folder = mkdtempSync(join(tmpdir(), "momo-service-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "src"));
  writeFileSync(
    join(folder, "src", "greet.ts"),
    "/** Says hello. */\nexport function greet() {\n  return 1;\n}\n",
  );
  writeFileSync(join(folder, "readme.md"), "# Greeting\n\nHow to greet people.\n");
  return folder;
}

export const callerOf = (agent: string, grants: Grants): Caller => ({
  agent,
  grants,
  principal: `key:${agent}`,
});
export const admin = callerOf("root", { "*": "admin" });
export const writer = callerOf("ann", { "*": "writer" });
export const reader = callerOf("rex", { "*": "reader" });

export interface World {
  service: Service;
  folder: string;
  /** What is on record, oldest first. */
  audited(): AuditEntry[];
  finished: FinishedCall[];
  /** The result as data. */
  call(command: string, input?: unknown, caller?: Caller): Promise<never>;
  /** Code of the error that a call ends with. */
  code(command: string, input?: unknown, caller?: Caller): Promise<string>;
}

export interface WorldOptions {
  executor?: Executor;
  folders?: string[];
}

export function world({ executor, folders = [sources()] }: WorldOptions = {}): World {
  const finished: FinishedCall[] = [];
  const service = createService({
    executor: executor ?? createInlineExecutor({}),
    workspaces: workspacesOf(folders.map((path) => ({ path, home: undefined }))),
    version: "1.2.3",
    shutdown_ms: 2000,
    audit_home: join(folders[0]!, ".momo"),
    called: (call) => finished.push(call),
  });
  onTestFinished(() => service.close());
  let number = 0;
  const call = async (command: string, input: unknown = {}, caller: Caller = admin): Promise<never> => {
    const { json } = await service.call({ command, input, caller, request_id: `r${number++}` });
    return JSON.parse(json) as never;
  };
  const code = async (command: string, input: unknown = {}, caller: Caller = admin): Promise<string> => {
    try {
      await call(command, input, caller);
    } catch (error) {
      if (error instanceof MomoError) return error.code;
      throw error;
    }
    return "none";
  };
  const audited = (): AuditEntry[] => {
    const log = openAuditLog(join(folders[0]!, ".momo"), { mode: "read" });
    try {
      return log.list({}).toReversed();
    } finally {
      log.close();
    }
  };
  return { service, folder: folders[0]!, audited, finished, call, code };
}
