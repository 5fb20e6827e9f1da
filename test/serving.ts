/** Starts `momo serve` as it is started in earnest: a process, with keys and tokens, over folders on the disk. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openKeys } from "../src/security/keys.ts";
import type { Grants } from "../src/security/roles.ts";
import { binary, cleanEnvironment, momo, shop } from "./momo-process.ts";

export interface Serving {
  port: number;
  /** `127.0.0.1:<port>`. */
  host: string;
  child: ChildProcess;
  /** What it wrote on standard error. */
  log: () => string;
  /** Ends it, and waits for that; the exit code. */
  stop(): Promise<number | null>;
}

/** More than shutdown_seconds. A server that is still there then is ended, and the test sees no exit code. */
const STOP_MS = 20_000;
const STARTED = /http:\/\/127\.0\.0\.1:(\d+)/;

/** Serves the folders on a port of its own. Rejects with what it wrote when it does not come up. */
export async function serve(folders: readonly string[], env: Record<string, string> = {}): Promise<Serving> {
  const args = [binary, "serve", ...folders, "--port", "0", "--log-format", "json"];
  const child = spawn(process.execPath, args, {
    env: cleanEnvironment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close");
  let log = "";
  let all = "";
  const { promise: started, resolve, reject } = Promise.withResolvers<number>();
  const seen = (text: string): void => {
    all += text;
    const port = STARTED.exec(all)?.[1];
    if (port !== undefined) resolve(Number(port));
  };
  child.stdout.setEncoding("utf8").on("data", seen);
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
    seen(text);
  });
  child.once("close", () => reject(new Error(`momo serve ended: ${all}`)));
  const port = await started;
  return {
    port,
    host: `127.0.0.1:${port}`,
    child,
    log: () => log,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      const [code] = await ended;
      clearTimeout(late);
      return code as number | null;
    },
  };
}

/** A folder with a small shop, indexed; a folder beside it that is not served, and a link from one to the other. */
export async function indexedShop(parent: string): Promise<{ root: string; outside: string }> {
  const root = join(parent, "shop");
  const outside = join(parent, "outside");
  for (const [path, content] of Object.entries(shop)) write(join(root, path), content);
  write(join(outside, "secret.md"), "# CANARY secret\n\nNothing of this is ever told: CANARY.\n");
  symlinkSync(outside, join(root, "way-out"));
  const { code, stderr } = await momo(["ingest", root]);
  if (code !== 0) throw new Error(stderr);
  return { root, outside };
}

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** Keys of a knowledge base, by the name of who holds them. */
export function makeKeys<Name extends string>(
  home: string,
  granted: Record<Name, Grants>,
): Record<Name, string> {
  const keys = openKeys(home);
  const made = Object.entries<Grants>(granted).map(([name, grants]) => [
    name,
    keys.create({ name, grants }).key,
  ]);
  return Object.fromEntries(made) as Record<Name, string>;
}

/** A key that was good until a minute ago, and one that was taken back. */
export function spentKeys(home: string): { expired: string; revoked: string } {
  const now = Date.now();
  const grants: Grants = { "*": "admin" };
  const earlier = openKeys(home, { now: () => now - 120_000 });
  const { key: expired } = earlier.create({ name: "expired", grants, expires_at: now - 60_000 });
  const keys = openKeys(home);
  const { key: revoked, record } = keys.create({ name: "revoked", grants });
  keys.revoke(record.id);
  return { expired, revoked };
}
