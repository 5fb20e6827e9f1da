/**
 * kill -9 under mixed writes, undos, redos, explorations, indexing and compaction by several processes on one file, with
 * one that reads beside them: nobody ever sees what was not committed, the file reopens without a fault, holds every
 * acknowledged transaction, and never a part of one (verify replays the journal).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openMomo } from "../src/momo.ts";
import { openStore } from "../src/store/open.ts";
import { isLong, temporaryFolder } from "./momo-process.ts";

const WRITERS = ["agent-0", "agent-1", "agent-2"];
const BESIDE = ["indexer", "compactor"];
/** A writer that was killed comes again in the same round, while the others go on. */
const LIVES = 2;
/** On one knowledge base each; the long run can be taken up at any of them by its name. */
const PARTS = isLong ? 10 : 1;
const KILLS = isLong ? 100 : 18;
/** So many that indexing them the first time is often cut off in the middle. */
const FILES = 80;

interface Running {
  name: string;
  process: ChildProcess;
  isReady: boolean;
  lines: string[];
  ended: Promise<void>;
}

function start(home: string, name: string, seed: number): Running {
  const script = WRITERS.includes(name) ? "rollback-writer.ts" : "rollback-beside.ts";
  const argv = [join(import.meta.dirname, script), home, name, String(seed)];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  const ended = new Promise<void>((done) => child.on("close", () => done()));
  const running: Running = { name, process: child, isReady: false, lines, ended };
  let rest = "";
  child.stdout.on("data", (data) => {
    const parts = (rest + data).split("\n");
    rest = parts.pop()!;
    if (parts[0] === "ready") running.isReady = parts.shift() === "ready";
    lines.push(...parts);
  });
  child.stderr.on("data", (data) => lines.push(`error ${name} ${data}`));
  return running;
}

/** At any moment after some progress, so that a slow machine makes no less of it than a fast one. */
async function killAfterProgress(running: Running): Promise<void> {
  const { name, process: child, ended, lines } = running;
  const wanted = WRITERS.includes(name) ? 2 + below(9) : name === "indexer" ? below(3) : 1 + below(3);
  while ((!running.isReady || lines.length < wanted) && child.exitCode === null) await pause(2);
  await pause(below(wanted === 0 ? 400 : 50));
  child.kill("SIGKILL");
  await ended;
}

const below = (limit: number): number => Math.floor(Math.random() * limit);

/** All that the lives of one name said. */
async function live(home: string, name: string, seed: number): Promise<Running[]> {
  const lived: Running[] = [];
  for (let life = 0; life < (WRITERS.includes(name) ? LIVES : 1); life++) {
    const running = start(home, name, seed + life * 1_000_000);
    await killAfterProgress(running);
    lived.push(running);
  }
  return lived;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

function makeFiles(root: string): void {
  mkdirSync(root);
  for (let i = 0; i < FILES; i++) {
    const text = Array.from({ length: 40 }, (_, n) => `export function made${i}x${n}() {}\n`).join("");
    writeFileSync(join(root, `first${i}.ts`), text);
  }
}

const parts = Array.from({ length: PARTS }, (_, part) => part);

test.each(parts)(
  `I11: survives ${KILLS} kills, part %i`,
  {
    timeout: 3_600_000,
  },
  async (part) => {
    const folder = temporaryFolder();
    const home = join(folder, "home");
    makeFiles(join(folder, "root"));
    const known = new Map<number, string>();
    const met = { kills: 0, read: 0 };
    for (let round = 0; met.kills < KILLS; round++) {
      const seed = part * 1000 + round * 10;
      // Reads as long as anybody writes.
      const reader = start(home, "reader", seed + 9);
      const names = [...WRITERS, ...BESIDE];
      const lived = (await Promise.all(names.map((name, i) => live(home, name, seed + i)))).flat();
      await killAfterProgress(reader);
      lived.push(reader);
      met.kills += lived.length;
      met.read += reader.lines.length;
      for (const { name, lines } of lived) {
        expect(lines.filter((line) => line.startsWith("error"))).toEqual([]);
        for (const line of lines) if (!line.startsWith("read")) known.set(Number(line), name);
      }
      checkStore(join(home, "momo.db"), known);
    }
    await checkFiles(home);
    expect(known.size).toBeGreaterThan(met.kills);
    expect(met.read).toBeGreaterThan(0);
  },
);

function checkStore(file: string, known: ReadonlyMap<number, string>): void {
  const store = openStore(file, { mode: "write", durability: "process" });
  try {
    expect(store.verify()).toBeUndefined();
    for (const [transaction, agent] of known) {
      expect(store.journal.transaction(transaction)?.agent, `transaction ${transaction}`).toBe(agent);
    }
  } finally {
    store.close();
  }
}

/** What killed runs left staged is in nobody's way: the files are indexed as they would be for the first time. */
async function checkFiles(home: string): Promise<void> {
  const root = join(home, "..", "root");
  const digests: string[] = [];
  for (const place of [home, join(mkdtempSync(join(home, "fresh-")), "home")]) {
    const momo = await openMomo({ root, home: place });
    await momo.ingest();
    expect(await momo.verify()).toBeUndefined();
    await momo.close();
    const store = openStore(join(place, "momo.db"), { mode: "read" });
    digests.push(store.digestOf("file"));
    store.close();
  }
  expect(digests[0]).toBe(digests[1]);
}
