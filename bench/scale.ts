/**
 * Speed, size and memory as a knowledge base grows, as JSON: npm run bench -- scale
 * [--chunks 1000,10000,100000,1000000] [--searches 5] [--queries 100] [--peers]
 *
 * Each size is a folder of generated sources (generate.ts) of about so many chunks. Every figure is of whole processes:
 * indexing once, the cold search as the median of `--searches` processes, warm times as one process says them on the
 * second time it is asked all queries, nothing kept of the answers. With --peers other engines index the same folder and
 * are asked the same, up to 10,000 chunks. Needs GNU time. Folders lie under --scratch, default the temporary one.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Engine, measure, momo, momoEngine, peers } from "./engines.ts";
import { questionsAbout } from "./questions.ts";

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== "scale"),
  options: {
    chunks: { type: "string", default: "1000,10000,100000,1000000" },
    searches: { type: "string", default: "5" },
    queries: { type: "string", default: "100" },
    scratch: { type: "string", default: tmpdir() },
    peers: { type: "boolean" },
  },
});

/** Of a generated file of ten entities. */
const CHUNKS_PER_FILE = 3.5;
/** The peers take minutes from here on. */
const PEERS_UP_TO = 10_000;

const round = (value: number): number => Number(value.toFixed(2));
const sorted = (values: number[]): number[] => values.toSorted((a, b) => a - b);
const at = (values: number[], share: number): number =>
  round(sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))]!);

interface Subject {
  folder: string;
  home: string;
  queries: string[];
}

function generate(folder: string, chunks: number): void {
  const script = fileURLToPath(new URL("./generate.ts", import.meta.url));
  const files = Math.max(1, Math.round(chunks / CHUNKS_PER_FILE));
  execFileSync(process.execPath, [script, folder, "--files", String(files)]);
}

/** Indexing and searching as any engine does them. */
async function asEngine(engine: Engine, { folder, home, queries }: Subject) {
  const how = { ...(engine.env && { env: engine.env }), cwd: folder };
  const index = await measure(engine.index(folder, home), how);
  const searches = [];
  for (let i = 0; i < Number(options.searches); i++)
    searches.push(await measure(engine.search(folder, home, queries[i % queries.length]!), how));
  const times = searches.map(({ ms }) => ms);
  return {
    stdout: index.stdout,
    row: {
      index_s: round(index.ms / 1000),
      index_cpu_s: round(index.cpu_ms / 1000),
      index_peak_mb: round(index.mb),
      cold_search_ms: { median: at(times, 0.5), min: at(times, 0), max: at(times, 1) },
      search_peak_mb: round(Math.max(...searches.map(({ mb }) => mb))),
    },
  };
}

async function warm({ folder, home, queries }: Subject) {
  const file = join(home, "..", "queries.txt");
  writeFileSync(file, [...queries, ...queries].map((query) => `${query}\n`).join(""));
  const { stdout, mb } = await measure(
    [...momo, "search", "--path", folder, "--home", home, "--json", "--queries", file],
    { env: { MOMO_CACHE_TTL_SEARCH: "0" } },
  );
  const lines = stdout.trim().split("\n").slice(queries.length);
  const times = lines.map((line) => JSON.parse(line).took_ms as number);
  return {
    warm_ms: { p50: at(times, 0.5), p95: at(times, 0.95), p99: at(times, 0.99) },
    warm_peak_mb: round(mb),
  };
}

async function measureMomo(subject: Subject) {
  const { stdout, row } = await asEngine(momoEngine, subject);
  const stats = JSON.parse(stdout);
  const said = await measure([...momo, "status", subject.folder, "--home", subject.home, "--json"]);
  const status = JSON.parse(said.stdout);
  return {
    files: stats.total_files,
    entities: stats.total_entities,
    chunks: status.chunks,
    segments: status.segments,
    ...row,
    index_mb_per_s: round(stats.bytes / 1e6 / row.index_s),
    /** 1: both cores worked all the time. */
    cores_busy: round(row.index_cpu_s / row.index_s / Math.min(2, cpus().length)),
    source_mb: round(stats.bytes / 1e6),
    database_mb: round(statSync(join(subject.home, "momo.db")).size / 1e6),
    ...(await warm(subject)),
  };
}

async function measureSize(chunks: number) {
  const scratch = mkdtempSync(join(options.scratch, "momo-bench-scale-"));
  try {
    const folder = join(scratch, "sources");
    const home = join(scratch, "home");
    mkdirSync(home);
    generate(folder, chunks);
    const subject = { folder, home, queries: questionsAbout(folder, Number(options.queries)) };
    process.stderr.write(`${chunks} chunks: indexing\n`);
    const engines: Record<string, unknown> = { momo: await measureMomo(subject) };
    if (options.peers && chunks <= PEERS_UP_TO)
      for (const engine of peers()) engines[engine.name] = (await asEngine(engine, subject)).row;
    return { asked_for: chunks, engines };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const sizes = [];
for (const chunks of options.chunks.split(",").map(Number)) sizes.push(await measureSize(chunks));
console.log(
  JSON.stringify(
    {
      durability: "momo: survives power loss (synchronous = FULL)",
      queries: Number(options.queries),
      cold_searches: Number(options.searches),
      machine: { cpus: `${cpus().length} x ${cpus()[0]!.model}`, node: process.version },
      sizes,
    },
    null,
    1,
  ),
);
