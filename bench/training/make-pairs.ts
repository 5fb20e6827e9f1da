/**
 * Makes the training pairs of all exported repositories: node bench/training/make-pairs.ts [--seed 1] [--most 12000]
 * Reads MOMO_TRAIN (export-sources.ts) and, for commits, MIRRORS (mirrors.ts); writes MOMO_TRAIN/pairs/<repository>.bin, only those
 * that are missing. Worker threads take repositories in turn; what they write depends on the repository and seed alone.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { availableParallelism, homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { folderOf } from "../mirrors.ts";
import { encodePairs } from "./pair-file.ts";
import { type Pair, pairsOfCommits, pairsOfSources } from "./pairs.ts";
import { createRandom, seedOf } from "./random.ts";

const folder = process.env.MOMO_TRAIN ?? join(homedir(), ".cache", "momo-train");
const { values: options } = parseArgs({
  args: isMainThread ? process.argv.slice(2) : (workerData as string[]),
  options: { seed: { type: "string", default: "1" }, most: { type: "string", default: "12000" } },
});

interface Source {
  repository: string;
  commit: string;
}
const sources = new Map<string, Source>(
  (JSON.parse(readFileSync(new URL("repositories.json", import.meta.url), "utf8")) as Source[]).map(
    (source) => [folderOf(source.repository), source],
  ),
);

/** At most `most` pairs, each kind keeping its share; chosen by the seed. */
function choose(pairs: Pair[], most: number, seed: number): Pair[] {
  if (pairs.length <= most) return pairs;
  const random = createRandom(seed);
  return pairs
    .map((pair) => ({ pair, at: random() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, most)
    .map(({ pair }) => pair);
}

async function make(name: string): Promise<string> {
  const seed = Number(options.seed) ^ seedOf(name);
  const found: Pair[] = [];
  for await (const pair of pairsOfSources(join(folder, name), createRandom(seed))) found.push(pair);
  const { repository, commit } = sources.get(name)!;
  for (const pair of pairsOfCommits(repository, commit)) found.push(pair);
  const chosen = choose(found, Number(options.most), seed);
  const target = join(folder, "pairs", `${name}.bin`);
  writeFileSync(`${target}.part`, encodePairs(chosen));
  renameSync(`${target}.part`, target);
  const kinds = Object.entries(Object.groupBy(chosen, ({ kind }) => kind));
  return `${name}: ${kinds.map(([kind, pairs]) => `${pairs.length} ${kind}`).join(", ")}`;
}

function runWorkers(names: string[]): void {
  const waiting = [...names];
  for (let i = 0; i < Math.min(availableParallelism(), names.length); i++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: process.argv.slice(2) });
    const next = (): void => {
      worker.postMessage(waiting.shift());
    };
    worker.on("message", (line: string) => {
      console.log(line);
      next();
    });
    next();
  }
}

if (isMainThread) {
  mkdirSync(join(folder, "pairs"), { recursive: true });
  const names = [...sources.keys()].filter((name) => existsSync(join(folder, name)));
  runWorkers(names.sort().filter((name) => !existsSync(join(folder, "pairs", `${name}.bin`))));
} else {
  parentPort!.on("message", async (name: string | undefined) => {
    if (name === undefined) process.exit(0);
    parentPort!.postMessage(await make(name));
  });
}
