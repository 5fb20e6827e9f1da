/**
 * Runs jobs away from the event loop: reads on several threads, writes one after the other on one thread, and indexing
 * or embedding in a process that ends with it. Queues are bounded; what waits too long is given up; a read that never
 * ends is ended with its thread. Used by create.ts for servers.
 */
import { MomoError } from "../errors.ts";
import type { Executor, Job, JobHooks, Lane } from "./job.ts";
import type { Failure, FromWork } from "./protocol.ts";
import type { Reply } from "./service.ts";
import { startProcess, startThread, type WorkerHandle } from "./worker-handle.ts";

export interface PoolOptions {
  readers: number;
  max_queue: number;
  timeout_ms: number;
  /** Tells of a thread that ended by itself. */
  on_fault?: (lane: Lane, why: string) => void;
}

interface Task {
  id: number;
  job: Job;
  lane: Lane;
  hooks: JobHooks;
  resolve: (reply: Reply) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout | undefined;
  forget: () => void;
}

interface Thread {
  lane: Lane;
  handle: WorkerHandle;
  task: Task | undefined;
  /** Ends after one job. */
  once: boolean;
  /** Jobs it has finished: one that ends before its first is not started again at once. */
  finished: number;
}

/** Long by nature: they have no time limit, and take memory that should not stay. */
const isLarge = ({ command }: Job): boolean => command === "ingest" || command === "embed";

function errorOf({ code, values, message, stack }: Failure): Error {
  if (code) return new MomoError(code, values);
  return Object.assign(new Error(message), stack === undefined ? {} : { stack });
}

/** Threads that ended before they did anything, in a row, before the server gives up starting more. */
const MAX_FAULTS = 5;

export class Pool implements Executor {
  readonly #options: PoolOptions;
  readonly #queues: Record<Lane, Task[]> = { read: [], write: [] };
  readonly #threads = new Set<Thread>();
  #nextId = 1;
  #faults = 0;
  #isClosing = false;
  #isIdle: (() => void) | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    for (let i = 0; i < options.readers; i++) this.#start("read");
    this.#start("write");
  }

  run(job: Job, lane: Lane, hooks: JobHooks = {}): Promise<Reply> {
    if (this.#isClosing) return Promise.reject(new MomoError("NOT_READY", { why: "it is stopping" }));
    if (hooks.signal?.aborted) return Promise.reject(new MomoError("CANCELLED"));
    const waiting = this.#queues[lane].length;
    if (waiting >= this.#options.max_queue) return Promise.reject(new MomoError("OVERLOADED", { waiting }));
    return new Promise((resolve, reject) => {
      const task: Task = {
        id: this.#nextId++,
        job,
        lane,
        hooks,
        resolve,
        reject,
        timer: undefined,
        forget: () => hooks.signal?.removeEventListener("abort", onAbort),
      };
      const onAbort = (): void => this.#cancel(task);
      hooks.signal?.addEventListener("abort", onAbort, { once: true });
      if (!isLarge(job)) task.timer = setTimeout(() => this.#expire(task), this.#options.timeout_ms);
      this.#queues[lane].push(task);
      this.#next(lane);
    });
  }

  waiting(): Record<Lane, number> {
    return { read: this.#queues.read.length, write: this.#queues.write.length };
  }

  async close(deadline_ms: number): Promise<void> {
    this.#isClosing = true;
    const idle = new Promise<void>((resolve) => {
      this.#isIdle = resolve;
    });
    this.#tellIfIdle();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadline_ms);
    });
    await Promise.race([idle, late]);
    clearTimeout(timer);
    for (const queue of Object.values(this.#queues)) for (const task of queue.splice(0)) this.#refuse(task);
    await this.#endThreads();
  }

  /** Told to close, they leave their files in order; a thread that does not listen is ended. */
  async #endThreads(): Promise<void> {
    const ended = [...this.#threads].map(async (thread) => {
      if (thread.task) this.#refuse(thread.task);
      thread.handle.send({ type: "close" });
      for (let waited = 0; this.#threads.has(thread) && waited < 2000; waited += 20)
        await new Promise((resolve) => setTimeout(resolve, 20));
      thread.handle.end();
    });
    await Promise.all(ended);
  }

  #refuse(task: Task): void {
    this.#settle(task, () => task.reject(new MomoError("NOT_READY", { why: "it is stopping" })));
  }

  #start(lane: Lane, once = false): Thread {
    const start = once ? startProcess : startThread;
    const thread: Thread = {
      lane,
      once,
      task: undefined,
      finished: 0,
      handle: start({
        message: (message) => this.#take(thread, message),
        gone: (why) => this.#lose(thread, why),
      }),
    };
    this.#threads.add(thread);
    return thread;
  }

  #take(thread: Thread, message: FromWork): void {
    const { task } = thread;
    if (!task || task.id !== message.id) return;
    if (message.type === "progress") {
      task.hooks.on_progress?.(message.progress);
      return;
    }
    thread.task = undefined;
    thread.finished++;
    this.#faults = 0;
    this.#settle(task, () => {
      if (message.type === "done") task.resolve(message.reply);
      else task.reject(errorOf(message.failure));
    });
    if (thread.once) thread.handle.send({ type: "close" });
    this.#next(thread.lane);
  }

  #lose(thread: Thread, why: string): void {
    this.#threads.delete(thread);
    const { task } = thread;
    if (task)
      this.#settle(task, () =>
        task.reject(new MomoError("NOT_READY", { why: `what worked on it ended (${why})` })),
      );
    if (!this.#isClosing && !thread.once) {
      this.#options.on_fault?.(thread.lane, why);
      if (thread.finished === 0) this.#faults++;
      if (this.#faults < MAX_FAULTS) this.#start(thread.lane);
    }
    if (!this.#isClosing) this.#next(thread.lane);
  }

  #settle(task: Task, tell: () => void): void {
    clearTimeout(task.timer);
    task.forget();
    tell();
    this.#tellIfIdle();
  }

  #tellIfIdle(): void {
    const isBusy =
      [...this.#threads].some(({ task }) => task) || Object.values(this.waiting()).some((n) => n > 0);
    if (!isBusy) this.#isIdle?.();
  }

  /** Gives what waits to who is free. */
  #next(lane: Lane): void {
    const queue = this.#queues[lane];
    while (queue.length > 0) {
      const thread = this.#free(lane, queue[0]!.job);
      if (!thread) return;
      const task = queue.shift()!;
      thread.task = task;
      // A write that has begun is waited for: nobody should be told that it failed when it did not.
      if (lane === "write") clearTimeout(task.timer);
      thread.handle.send({ type: "job", id: task.id, job: task.job });
    }
  }

  #free(lane: Lane, job: Job): Thread | undefined {
    const own = [...this.#threads].filter((thread) => thread.lane === lane);
    if (lane === "read") return own.find(({ task }) => !task);
    // One write at a time, in a thread or in a process.
    if (own.some(({ task }) => task)) return undefined;
    return isLarge(job) ? this.#start("write", true) : own.find(({ once }) => !once);
  }

  #isQueued(task: Task): boolean {
    const queue = this.#queues[task.lane];
    const at = queue.indexOf(task);
    if (at >= 0) queue.splice(at, 1);
    return at >= 0;
  }

  #cancel(task: Task): void {
    if (this.#isQueued(task)) this.#settle(task, () => task.reject(new MomoError("CANCELLED")));
    else
      [...this.#threads].find((thread) => thread.task === task)?.handle.send({ type: "cancel", id: task.id });
  }

  #expire(task: Task): void {
    const error = new MomoError("TIMED_OUT", { seconds: this.#options.timeout_ms / 1000 });
    if (this.#isQueued(task)) {
      this.#settle(task, () => task.reject(error));
      return;
    }
    const thread = [...this.#threads].find((one) => one.task === task);
    if (!thread) return;
    thread.task = undefined;
    this.#settle(task, () => task.reject(error));
    // It cannot be asked to stop: what keeps it busy does not look around.
    thread.handle.end();
  }
}
