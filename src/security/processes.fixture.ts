/** Other processes that use this room, which tests let race each other and kill. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

/** A home that goes when the test is over. */
export function temporaryHome(): string {
  const folder = mkdtempSync(join(tmpdir(), "momo-security-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "home");
}

const prelude = `
  const { openKeys } = await import(process.env.ROOM + "keys.ts");
  const { openAuditLog } = await import(process.env.ROOM + "audit-log.ts");
  const { writeSync } = await import("node:fs");
  const home = process.env.HOME_FOLDER;
  const say = (text) => writeSync(1, text + "\\n");
`;

export interface Child {
  process: ChildProcess;
  /** Resolves when it has said so many lines, with all of them. */
  said(count: number): Promise<string[]>;
  /** Everything it said, once it is gone. */
  ended: Promise<string[]>;
}

/** Runs a module with `openKeys`, `openAuditLog`, `home` and `say`, which has reached the parent when it returns. */
export function startChild(home: string, script: string): Child {
  const child = spawn(process.execPath, ["--input-type=module", "-e", prelude + script], {
    env: { ...process.env, HOME_FOLDER: home, ROOM: new URL("./", import.meta.url).href },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const ended = Promise.all([once(reader, "close"), once(child, "exit")]).then(() => lines);
  reader.on("line", (line) => lines.push(line));
  return {
    process: child,
    async said(count) {
      let isOver = false;
      ended.finally(() => {
        isOver = true;
      });
      while (lines.length < count && !isOver) await Promise.race([once(reader, "line"), ended]);
      return [...lines];
    },
    ended,
  };
}
