/**
 * Runs tests on a scratch copy of the checkout, one file at a time, and ends those that hang. Used by mutants.ts and its
 * test.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Answered, Asked } from "./worker.ts";

export type Verdict = "passed" | "failed" | "timeout";

export interface Run {
  verdict: Verdict;
  ms: number;
  failures: string[];
}

const workerFile = join(import.meta.dirname, "worker.ts");

export class Runner {
  readonly root = mkdtempSync(join(tmpdir(), "momo-mutants-"));
  #worker: ChildProcess | undefined;

  /** Copies these files and folders of a checkout; `node_modules` is shared with it. */
  constructor(checkout: string, names: readonly string[]) {
    for (const name of names) cpSync(join(checkout, name), join(this.root, name), { recursive: true });
    symlinkSync(join(checkout, "node_modules"), join(this.root, "node_modules"));
    const dist = join(checkout, "dist");
    if (existsSync(dist)) symlinkSync(dist, join(this.root, "dist"));
  }

  /** Replaces a file of the copy. */
  write(path: string, text: string): void {
    const file = join(this.root, path);
    writeFileSync(file, text);
    this.#worker?.send({ changed: file } satisfies Asked);
  }

  async run(test: string, limit_ms: number): Promise<Run> {
    const worker = await this.#started();
    const start = performance.now();
    worker.send({ run: join(this.root, test) } satisfies Asked);
    const answer = await answerOf(worker, limit_ms);
    const ms = Math.round(performance.now() - start);
    if (answer === undefined || !("passed" in answer)) {
      this.#end();
      return { verdict: "timeout", ms, failures: [] };
    }
    return { verdict: answer.passed ? "passed" : "failed", ms, failures: answer.failures };
  }

  close(): void {
    this.#end();
    rmSync(this.root, { recursive: true, force: true });
  }

  async #started(): Promise<ChildProcess> {
    if (this.#worker) return this.#worker;
    // A group of its own: what hangs is a process that it started.
    const worker = fork(workerFile, [this.root], { detached: true, cwd: this.root, silent: true });
    this.#worker = worker;
    let said = "";
    worker.stderr!.on("data", (bytes) => {
      said = `${said}${bytes}`.slice(-4000);
    });
    worker.stdout!.resume();
    if ((await answerOf(worker, 60_000)) === undefined) throw new Error(`Vitest did not start: ${said}`);
    return worker;
  }

  #end(): void {
    if (this.#worker?.pid !== undefined && this.#worker.exitCode === null) {
      process.kill(-this.#worker.pid, "SIGKILL");
    }
    this.#worker = undefined;
  }
}

/** undefined when the time is up or the process ended. */
async function answerOf(worker: ChildProcess, limit_ms: number): Promise<Answered | undefined> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), limit_ms);
  try {
    const { signal } = stop;
    return await Promise.race([
      once(worker, "message", { signal }).then(([message]) => message as Answered),
      once(worker, "exit", { signal }).then(() => undefined),
    ]);
  } catch (error) {
    if (stop.signal.aborted) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
