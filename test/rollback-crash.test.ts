/**
 * kill -9 under mixed writes, undos, redos, explorations and compaction by several processes on one file: it reopens
 * without a fault, holds every acknowledged transaction, and never a part of one (verify replays the journal).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../src/store/open.ts";
import { isLong, temporaryFolder } from "./momo-process.ts";

const WRITERS = 3;
const KILLS = isLong ? 1000 : 18;
/** Rounds on one file before a new one begins. */
const ROUNDS = 12;

interface Writer {
  name: string;
  process: ChildProcess;
  lines: string[];
  ended: Promise<void>;
}

function startWriter(file: string, name: string, seed: number): Writer {
  const script = join(import.meta.dirname, "rollback-writer.ts");
  const child = spawn(process.execPath, [script, file, name, String(seed)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  let rest = "";
  child.stdout.on("data", (data) => {
    const parts = (rest + data).split("\n");
    rest = parts.pop()!;
    lines.push(...parts);
  });
  child.stderr.on("data", (data) => lines.push(`error ${data}`));
  const ended = new Promise<void>((done) => child.on("close", () => done()));
  return { name, process: child, lines, ended };
}

async function killAtRandom({ process: child, ended, lines }: Writer): Promise<void> {
  while (lines.length === 0 && child.exitCode === null) await pause(5);
  await pause(Math.random() * 250);
  child.kill("SIGKILL");
  await ended;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

test(`I11: survives ${KILLS} kills of ${WRITERS} processes`, { timeout: 3_600_000 }, async () => {
  let kills = 0;
  let acknowledged = 0;
  for (let round = 0; kills < KILLS; round++) {
    const file = join(temporaryFolder(), "momo.db");
    const known = new Map<number, string>();
    for (let again = 0; again < ROUNDS && kills < KILLS; again++) {
      const writers = Array.from({ length: WRITERS }, (_, i) =>
        startWriter(file, `agent-${i}`, round * 1000 + again * 10 + i),
      );
      await Promise.all(writers.map(killAtRandom));
      kills += WRITERS;
      for (const { name, lines } of writers) {
        expect(lines.filter((line) => line.startsWith("error"))).toEqual([]);
        for (const line of lines) if (line !== "ready") known.set(Number(line), name);
      }
      checkStore(file, known);
    }
    acknowledged += known.size;
  }
  expect(acknowledged).toBeGreaterThan(KILLS);
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
