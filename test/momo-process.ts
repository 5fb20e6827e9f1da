/** Runs the real program, and makes the folders it runs on. Used by the tests of this folder. */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

export const repository = join(import.meta.dirname, "..");
export const binary = join(repository, "bin", "momo.js");
/** Numbers of a long campaign instead of the everyday ones. */
export const isLong = process.env.MOMO_TEST_LONG === "1";

/** A folder in memory where there is one, for thousands of knowledge bases that live for a moment. */
export function fastFolder(prefix: string): string {
  try {
    return mkdtempSync(join("/dev/shm", prefix));
  } catch {
    return mkdtempSync(join(tmpdir(), prefix));
  }
}

export interface Finished {
  /** Exit code; -1 when a signal ended it. */
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  input?: string;
  /** Ends it with SIGKILL after so many milliseconds. */
  kill_after?: number;
}

/** The environment without what would change Momo's behaviour. */
export function cleanEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !/^MOMO_|^NO_COLOR$|^FORCE_COLOR$|^NODE_OPTIONS$/.test(name),
  );
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...extra };
}

/** Runs a program to its end, with standard input closed or filled. */
export function run(
  argv: readonly string[],
  { cwd, env, input = "", kill_after }: RunOptions = {},
): Promise<Finished> {
  const child = spawn(argv[0], argv.slice(1), { cwd, env: cleanEnvironment(env) });
  const finished: Finished = { code: -1, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    finished.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    finished.stderr += text;
  });
  // A program that does not read its input may be gone before all of it is written.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const killer = kill_after === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), kill_after);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(killer);
      resolve({ ...finished, code: code ?? -1 });
    });
  });
}

export const momo = (args: readonly string[], options: RunOptions = {}): Promise<Finished> =>
  run([process.execPath, binary, ...args], options);

/** A folder that goes when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "momo-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A small shop in three languages. */
export const shop: Record<string, string> = {
  "src/retry.ts": `/** Waits longer after each failed attempt. */
export class RetryPolicy {
  limit = 3;

  nextDelay(attempt: number): number {
    if (attempt > this.limit) throw new Error("no attempts left");
    return 100 * 2 ** attempt;
  }
}
`,
  "src/cart.ts": `import { RetryPolicy } from "./retry.ts";

export interface CartItem {
  sku: string;
  price: number;
}

export function totalPrice(items: CartItem[]): number {
  return items.reduce((sum, item) => sum + item.price, 0);
}

export const policy = new RetryPolicy();
`,
  "tools/report.py": `"""Prints the sales of a month."""


def monthly_report(month):
    """Sums the price of every order in a month."""
    return sum(order.price for order in load_orders(month))


def load_orders(month):
    return []
`,
  "server/main.go": `package main

// Serve answers requests for the shopping cart.
func Serve(port int) error {
	return listen(port)
}

func listen(port int) error { return nil }
`,
  "README.md": "# Shop\n\nSells things. The shopping cart lives in src.\n",
};

/** A folder with these files. */
export function project(files: Readonly<Record<string, string | Uint8Array>> = shop): string {
  const folder = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** A copy of Momo's own sources: a few hundred real files. */
export function ownSources(): string {
  const folder = temporaryFolder();
  for (const name of ["src", "bench", "docs"])
    cpSync(join(repository, name), join(folder, name), { recursive: true });
  return folder;
}
