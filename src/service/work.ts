/**
 * The other side of pool.ts: runs the jobs it is sent, on knowledge bases of its own, until it is told to close. Started
 * as a worker thread, or as a process where a job is large and its memory should go with it.
 */
import { parentPort } from "node:worker_threads";
import { MomoError } from "../errors.ts";
import type { IngestProgress } from "../model/api.ts";
import { span, startTracing, withRemoteParent } from "../observe/trace.ts";
import type { Job } from "./job.ts";
import type { Failure, FromWork, ToWork } from "./protocol.ts";
import { createRunner } from "./run-job.ts";

const runner = createRunner(process.env);
const running = new Map<number, AbortController>();
/** More often than this, progress is news to nobody. */
const PROGRESS_MS = 100;

function send(message: FromWork): void {
  if (parentPort) parentPort.postMessage(message);
  else process.send?.(message);
}

function throttled(id: number): (progress: IngestProgress) => void {
  let next = 0;
  return (progress) => {
    const now = performance.now();
    if (now < next && progress.done < progress.total) return;
    next = now + PROGRESS_MS;
    send({ type: "progress", id, progress });
  };
}

function failureOf(error: unknown): Failure {
  if (error instanceof MomoError) return { code: error.code, values: error.values, message: error.message };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { message, ...(stack !== undefined && { stack }) };
}

let tracing: ReturnType<typeof startTracing> | undefined;

/** Spans of this thread belong to the request that it works for. */
async function traced<T>({ trace, command }: Job, run: () => Promise<T>): Promise<T> {
  if (!trace) return run();
  const { url, version, parent } = trace;
  // The server that sent the job has said what is wrong with the address, and hears of it by its own spans.
  tracing ??= startTracing({ url, version, onProblem: () => undefined });
  await tracing;
  return withRemoteParent({ traceparent: parent }, () => span(`command ${command}`, {}, run));
}

async function work({ id, job }: Extract<ToWork, { type: "job" }>): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const hooks = { signal: controller.signal, on_progress: throttled(id) };
    send({ type: "done", id, reply: await traced(job, () => runner.run(job, hooks)) });
  } catch (error) {
    send({ type: "failed", id, failure: failureOf(error) });
  } finally {
    running.delete(id);
  }
}

async function close(): Promise<void> {
  for (const controller of running.values()) controller.abort();
  await runner.close();
  await (await tracing)?.close();
  if (parentPort) parentPort.close();
  else process.disconnect?.();
}

function take(message: ToWork): void {
  if (message.type === "job") void work(message);
  else if (message.type === "cancel") running.get(message.id)?.abort();
  else void close();
}

if (parentPort) parentPort.on("message", take);
else {
  process.on("message", take);
  // A server that was killed takes its processes with it; what they had not committed did not happen.
  process.on("disconnect", () => process.exit(0));
}
