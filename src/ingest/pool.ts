/**
 * Runs files through worker threads and hands back results and segments. A worker that hangs or dies costs the file it
 * was at: that file is tried once more without its parser, the worker's other unfinished files go to a fresh one.
 */
import { Worker } from "node:worker_threads";
import { endsOptimising, hasGrammar, stopOptimising } from "../extract/grammars.ts";
import { Cell, clock, type FileResult, type FileTask, type FromWorker, type ToWorker } from "./protocol.ts";

/** A file that takes longer is stopped. Generous: a 10 MB file parses in about 2 s. */
const FILE_LIMIT_MS = 15_000;
const WATCH_EVERY_MS = 500;
const BATCH_BYTES = 192 * 1024;
const BATCH_FILES = 48;
/** Batches a worker has in hand: one it works on, one that waits, so that it never idles. */
const IN_HAND = 2;
/** From here on an optimised runtime saves far more than the 10 to 20 ms that calling its functions takes. */
const WARM_UP_BYTES = 400_000;

export interface Segment {
  sections: Record<string, Uint8Array>;
  /** Index of each document's file. */
  documents: number[];
}

export interface PoolEvents {
  /** Contents of the results that follow. */
  packs(packs: Uint8Array[]): void;
  result(result: FileResult): void;
  segment(segment: Segment): void;
}

interface Member {
  worker: Worker;
  cells: Int32Array;
  /** Files given to it whose postings are not in a segment yet. */
  open: Map<number, FileTask>;
  batches: number;
  done: boolean;
}

/** Files come and go quickly: a small young generation keeps the resident memory of a worker down by a tenth. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };

const workerFile = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);

export class Pool {
  readonly #members = new Set<Member>();
  readonly #size: number;
  #events: PoolEvents | undefined;
  #queue: FileTask[] = [];
  /** Files that no worker may parse before the optimising compiler is off: they come after all others. */
  #held: FileTask[] = [];
  /** Workers that were stopped and may still be at it. */
  readonly #stopping: Promise<number>[] = [];
  #sizes: (index: number) => number = () => 0;
  #settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;

  /** Starts its threads at once: they load while the caller lists files. */
  constructor(size: number) {
    this.#size = size;
    for (let i = 0; i < size; i++) this.#start();
  }

  #start(): Member {
    const shared = new SharedArrayBuffer(Cell.count * 4);
    const worker = new Worker(workerFile, {
      workerData: { cells: shared },
      resourceLimits,
    });
    const member: Member = {
      worker,
      cells: new Int32Array(shared),
      open: new Map(),
      batches: 0,
      done: false,
    };
    worker.on("message", (message: FromWorker) => this.#receive(member, message));
    worker.on("error", (error) => this.#lost(member, error));
    this.#members.add(member);
    return member;
  }

  /** Resolves when every file has a result and every posting is in a segment. `sizeOf` gives bytes by file index. */
  async run(files: FileTask[], sizeOf: (index: number) => number, events: PoolEvents): Promise<void> {
    this.#events = events;
    const isHeld = ({ language, parse }: FileTask): boolean => parse && endsOptimising(language);
    this.#queue = files.filter((file) => !isHeld(file)).reverse();
    this.#held = files.filter(isHeld).reverse();
    this.#sizes = sizeOf;
    const watch = setInterval(() => this.#watch(), WATCH_EVERY_MS);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = { resolve, reject };
        if (this.#needsWarmUp()) for (const member of this.#members) this.#give(member, { type: "warm-up" });
        for (const member of this.#members) this.#feed(member);
      });
    } finally {
      clearInterval(watch);
      await this.close();
    }
  }

  /** Ends a run that is under way: it rejects with this. */
  stop(error: unknown): void {
    this.#settle?.reject(error);
  }

  async close(): Promise<void> {
    const ended = [...this.#members].map(({ worker }) => worker.terminate());
    this.#members.clear();
    await Promise.all(ended);
  }

  #feed(member: Member): void {
    while (member.batches < IN_HAND && this.#queue.length > 0) {
      const files = this.#nextBatch();
      for (const file of files) member.open.set(file.index, file);
      this.#give(member, { type: "files", files });
    }
    if (member.batches > 0 || member.done) return;
    if (this.#held.length > 0) {
      this.#release().catch((error) => this.#settle?.reject(error));
      return;
    }
    member.done = true;
    member.worker.postMessage({ type: "finish" });
  }

  #give(member: Member, message: ToWorker): void {
    member.batches++;
    member.worker.postMessage(message);
  }

  /** Without any other file that is parsed, nothing would have called the runtime before the compiler is off. */
  #needsWarmUp(): boolean {
    const bytes = this.#held.reduce((sum, { index }) => sum + this.#sizes(index), 0);
    return bytes > WARM_UP_BYTES && !this.#queue.some(({ language, parse }) => parse && hasGrammar(language));
  }

  /** Hands out the files that were held back, as soon as no worker has anything in hand: see `stopOptimising`. */
  async #release(): Promise<void> {
    await Promise.all(this.#stopping);
    const idle = [...this.#members].every(({ batches }) => batches === 0);
    if (!idle || this.#held.length === 0) return;
    stopOptimising();
    this.#queue = this.#held;
    this.#held = [];
    for (const member of this.#members) this.#feed(member);
  }

  #nextBatch(): FileTask[] {
    const files: FileTask[] = [];
    let bytes = 0;
    while (this.#queue.length > 0 && files.length < BATCH_FILES && bytes < BATCH_BYTES) {
      const file = this.#queue.pop()!;
      files.push(file);
      bytes += this.#sizes(file.index);
    }
    return files;
  }

  #receive(member: Member, message: FromWorker): void {
    // What a worker sent before it was lost may come after: its files are with another worker by then.
    if (!this.#members.has(member)) return;
    try {
      if (message.type === "results") {
        member.batches--;
        this.#events!.packs(message.packs);
        for (const result of message.results) {
          if (result.outcome !== "indexed") member.open.delete(result.index);
          this.#events!.result(result);
        }
        this.#feed(member);
        return;
      }
      for (const index of message.documents) member.open.delete(index);
      if (message.documents.length > 0) this.#events!.segment(message);
      if (message.last) this.#leave(member);
    } catch (error) {
      this.#settle?.reject(error);
    }
  }

  #leave(member: Member): void {
    this.#members.delete(member);
    void member.worker.terminate();
    if (this.#members.size === 0) this.#settle?.resolve();
  }

  #watch(): void {
    for (const member of this.#members) {
      const isBusy = Atomics.load(member.cells, Cell.file) > 0;
      const since = Atomics.load(member.cells, Cell.since);
      if (isBusy && clock() - since > FILE_LIMIT_MS) {
        this.#stopping.push(member.worker.terminate());
        this.#lost(member, new Error("time limit"));
      }
    }
  }

  /** A worker ended in the middle: what it had in hand goes back, the file it was at without its parser. */
  #lost(member: Member, error: unknown): void {
    if (!this.#members.delete(member)) return;
    const at = Atomics.load(member.cells, Cell.file) - 1;
    if (at < 0) {
      this.#settle?.reject(error);
      return;
    }
    const culprit = member.open.get(at);
    member.open.delete(at);
    for (const one of [...member.open.values()].reverse()) this.#queue.push(one);
    if (culprit?.parse) this.#queue.push({ ...culprit, parse: false });
    else this.#events!.result({ index: at, outcome: "skipped", reason: "parser-stopped" });
    this.#feed(this.#members.size < this.#size ? this.#start() : [...this.#members][0]);
  }
}
