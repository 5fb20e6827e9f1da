/** A thread or a process that runs work.ts, in one form. Used by pool.ts. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { FromWork, ToWork } from "./protocol.ts";

export interface WorkerHandle {
  send(message: ToWork): void;
  /** Ends it at once, whatever it does. */
  end(): void;
}

export interface WorkerEvents {
  message(message: FromWork): void;
  /** Once, with why if it is known. */
  gone(why: string): void;
}

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const file = new URL(`./work.${extension}`, import.meta.url);

function goneOnce(events: WorkerEvents): (why: string) => void {
  let isGone = false;
  return (why) => {
    if (isGone) return;
    isGone = true;
    events.gone(why);
  };
}

export function startThread(events: WorkerEvents): WorkerHandle {
  const worker = new Worker(file);
  const gone = goneOnce(events);
  worker.on("message", events.message);
  worker.on("error", (error) => gone(error.message));
  worker.on("exit", (code) => gone(`it ended with code ${code}`));
  return { send: (message) => worker.postMessage(message), end: () => void worker.terminate() };
}

export function startProcess(events: WorkerEvents): WorkerHandle {
  // Its output is the server's log; standard output may be a protocol.
  const child: ChildProcess = fork(fileURLToPath(file), [], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const gone = goneOnce(events);
  child.on("message", (message) => events.message(message as FromWork));
  child.on("error", (error) => gone(error.message));
  child.on("exit", (code, signal) => gone(`it ended with ${signal ?? `code ${code}`}`));
  return {
    send: (message) => {
      if (child.connected) child.send(message);
    },
    end: () => void child.kill("SIGKILL"),
  };
}
