/**
 * kill -9 under mixed writes, undos, redos, explorations, indexing and compaction by several processes on one file, with
 * one that reads beside them: nobody ever sees what was not committed, the file reopens without a fault, holds every
 * acknowledged transaction, and never a part of one (verify replays the journal).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openMomo } from "../src/momo.ts";
import { openStore } from "../src/store/open.ts";
import { isLong, temporaryFolder } from "./momo-process.ts";

const WRITERS = ["agent-0", "agent-1", "agent-2"];
const BESIDE = ["indexer", "compactor", "reader"];
/** A writer that was killed comes again in the same round, while the others go on. */
const LIVES = 2;
const KILLS = isLong ? 1000 : 18;
/** Rounds on one knowledge base before a new one begins. */
const ROUNDS = 12;

interface Running {
  name: string;
  process: ChildProcess;
  /** Without what was said when it was ready. */
  lines: string[];
  ended: Promise<void>;
}

function start(home: string, name: string, seed: number): Running {
  const script = WRITERS.includes(name) ? "rollback-writer.ts" : "rollback-beside.ts";
  const argv = [join(import.meta.dirname, script), home, name, String(seed)];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  let rest = "";
  child.stdout.on("data", (data) => {
    const parts = (rest + data).split("\n");
    rest = parts.pop()!;
    lines.push(...parts.filter((line) => line !== "ready"));
  });
  child.stderr.on("data", (data) => lines.push(`error ${name} ${data}`));
  const ended = new Promise<void>((done) => child.on("close", () => done()));
  return { name, process: child, lines, ended };
}

/** At any moment after some progress, so that a slow machine makes no less of it than a fast one. */
async function killAfterProgress({ name, process: child, ended, lines }: Running): Promise<void> {
  const wanted = 1 + Math.floor(Math.random() * (WRITERS.includes(name) ? 10 : 3));
  while (lines.length < wanted && child.exitCode === null) await pause(2);
  await pause(Math.random() * 50);
  child.kill("SIGKILL");
  await ended;
}

/** All that the lives of one name said. */
async function live(home: string, name: string, seed: number): Promise<{ name: string; lines: string[] }[]> {
  const lived: Running[] = [];
  for (let life = 0; life < (WRITERS.includes(name) ? LIVES : 1); life++) {
    const running = start(home, name, seed + life * 1_000_000);
    await killAfterProgress(running);
    lived.push(running);
  }
  return lived;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

test(`I11: survives ${KILLS} kills of processes that write, index, compact and read`, {
  timeout: 14_400_000,
}, async () => {
  const names = [...WRITERS, ...BESIDE];
  const met = { kills: 0, acknowledged: 0, read: 0 };
  for (let file = 0; met.kills < KILLS; file++) {
    const home = join(temporaryFolder(), "home");
    const known = new Map<number, string>();
    for (let round = 0; round < ROUNDS && met.kills < KILLS; round++) {
      const seed = file * 1000 + round * 10;
      const lived = (await Promise.all(names.map((name, i) => live(home, name, seed + i)))).flat();
      met.kills += lived.length;
      for (const { name, lines } of lived) {
        expect(lines.filter((line) => line.startsWith("error"))).toEqual([]);
        for (const line of lines) if (!line.startsWith("read")) known.set(Number(line), name);
        if (name === "reader") met.read += lines.length;
      }
      checkStore(join(home, "momo.db"), known);
    }
    await checkFiles(home);
    met.acknowledged += known.size;
  }
  expect(met.acknowledged).toBeGreaterThan(KILLS);
  expect(met.read).toBeGreaterThan(KILLS / names.length);
});

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
