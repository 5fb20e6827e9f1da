/**
 * What keeping answers brings, as JSON: npm run bench -- cache [FOLDER] [--queries 200] [--requests 2000] [--runs 5]
 * A trace of requests whose questions repeat as people's do (Zipf: the second most frequent half as often as the
 * first), asked one after the other of an open knowledge base, with and without. The arms take turns; times are of the
 * caller, from call to answer. Without FOLDER, on 2,000
 * generated files. Searching writes nothing: durability does not matter here.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Momo, openMomo } from "../src/momo.ts";
import { questionsAbout, randomFrom } from "./questions.ts";

const { values: options, positionals } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== "cache"),
  allowPositionals: true,
  options: {
    queries: { type: "string", default: "200" },
    requests: { type: "string", default: "2000" },
    runs: { type: "string", default: "5" },
  },
});

/** Ranks drawn with probability proportional to 1/rank. */
function zipfTrace(queries: readonly string[], requests: number): string[] {
  const random = randomFrom(11);
  const weights = queries.map((_, rank) => 1 / (rank + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: requests }, () => {
    let left = random() * total;
    const rank = weights.findIndex((weight) => {
      left -= weight;
      return left <= 0;
    });
    return queries[Math.max(0, rank)]!;
  });
}

const round = (value: number): number => Number(value.toFixed(3));

interface Arm {
  p50_ms: number;
  p95_ms: number;
  total_ms: number;
  cpu_ms: number;
}

async function play(momo: Momo, trace: readonly string[]): Promise<Arm> {
  const times: number[] = [];
  const cpu = process.cpuUsage();
  for (const query of trace) {
    const started = performance.now();
    await momo.search({ query });
    times.push(performance.now() - started);
  }
  const { user, system } = process.cpuUsage(cpu);
  const sorted = times.toSorted((a, b) => a - b);
  return {
    p50_ms: round(sorted[sorted.length >> 1]!),
    p95_ms: round(sorted[Math.floor(sorted.length * 0.95)]!),
    total_ms: round(times.reduce((sum, time) => sum + time, 0)),
    cpu_ms: round((user + system) / 1000),
  };
}

/** A knowledge base that keeps answers for so many seconds; the setting is read when it is opened. */
async function open(ttl: string): Promise<Momo> {
  process.env.MOMO_CACHE_TTL_SEARCH = ttl;
  return openMomo({ root, home });
}

const median = (arms: Arm[]): Arm => {
  const middle = (name: keyof Arm): number =>
    arms.map((arm) => arm[name]).sort((a, b) => a - b)[arms.length >> 1]!;
  return {
    p50_ms: middle("p50_ms"),
    p95_ms: middle("p95_ms"),
    total_ms: middle("total_ms"),
    cpu_ms: middle("cpu_ms"),
  };
};

function generated(folder: string): string {
  const script = fileURLToPath(new URL("./generate.ts", import.meta.url));
  execFileSync(process.execPath, [script, folder, "--files", "2000"]);
  return folder;
}

const scratch = mkdtempSync(join(tmpdir(), "momo-bench-cache-"));
const home = join(scratch, "home");
const root = positionals[0] ? resolve(positionals[0]) : generated(join(scratch, "sources"));
try {
  const indexing = await open("0");
  await indexing.ingest();
  await indexing.close();
  const queries = questionsAbout(root, Number(options.queries));
  const trace = zipfTrace(queries, Number(options.requests));
  const arms: Record<"without" | "with", Arm[]> = { without: [], with: [] };
  for (let run = 0; run < Number(options.runs); run++) {
    for (const name of run % 2 ? (["with", "without"] as const) : (["without", "with"] as const)) {
      // Opened anew for each run: the cache is empty, and what is loaded of the index is not counted.
      const momo = await open(name === "with" ? "1800" : "0");
      await momo.search({ query: "nothing that is in the trace" });
      arms[name].push(await play(momo, trace));
      await momo.close();
    }
  }
  const [without, kept] = [median(arms.without), median(arms.with)];
  console.log(
    JSON.stringify(
      {
        queries: queries.length,
        requests: trace.length,
        distinct_asked: new Set(trace).size,
        runs: arms.with.length,
        machine: { cpus: `${cpus().length} x ${cpus()[0]!.model}`, node: process.version },
        without,
        with: kept,
        p50_gain: round(1 - kept.p50_ms / without.p50_ms),
        total_gain: round(1 - kept.total_ms / without.total_ms),
      },
      null,
      1,
    ),
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
