/**
 * Speed and memory on any folder, as JSON: npm run bench -- FOLDER [--runs 5] [--queries FILE] [--peers]
 * Every figure is of whole processes on a fresh copy, in turns, medians of the runs. With --peers, other engines
 * installed under PEERS (default ~/.cache/momo-peers) run in the same turns. Needs GNU time (Debian: apt-get install time).
 * Durability: Momo's writes are synced (survive power loss); what the peers do is theirs.
 */
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { cpus, tmpdir } from "node:os";
import { basename, extname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Engine, type Measured, measure, momo, momoEngine, peers } from "./engines.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "5" },
    queries: { type: "string" },
    peers: { type: "boolean" },
    json: { type: "boolean" },
  },
});
if (!positionals[0]) throw new Error("say which folder: npm run bench -- FOLDER");

const engines: Engine[] = [momoEngine, ...(options.peers ? peers() : [])];

const NOT_CODE = new Set(["", ".md", ".json", ".txt", ".yml", ".yaml", ".toml", ".rst", ".lock", ".stub"]);
const COMMENT: Record<string, string> = {
  ".py": "#",
  ".rb": "#",
  ".sh": "#",
  ".ex": "#",
  ".lua": "--",
  ".hs": "--",
};

function filesOf(root: string): string[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((item) => item.isFile() && !item.parentPath.includes("/.git"))
    .map((item) => join(item.parentPath, item.name));
}

/** The file whose change is timed: the median-sized one of the most frequent kind of source file. */
function typicalFile(root: string): string {
  const files = filesOf(root).filter((file) => !NOT_CODE.has(extname(file)));
  const kinds = Object.values(Object.groupBy(files, (file) => extname(file))) as string[][];
  const [most] = kinds.sort((a, b) => b.length - a.length);
  const bySize = most.sort((a, b) => statSync(a).size - statSync(b).size);
  return relative(root, bySize[bySize.length >> 1]);
}

/** Queries when none are given: words of file names, which any engine may be asked. */
function defaultQueries(root: string): string[] {
  const names = filesOf(root)
    .map((file) => basename(file, extname(file)))
    .filter((name) => /^[a-zA-Z_]{5,30}$/.test(name));
  const step = Math.max(1, Math.floor(names.length / 40));
  return names.filter((_, i) => i % step === 0).slice(0, 40);
}

type Row = Record<string, number>;

async function oneRun(
  engine: Engine,
  subject: { root: string; edited: string; queries: string[] },
): Promise<Row> {
  const scratch = mkdtempSync(join(tmpdir(), "momo-bench-"));
  try {
    const folder = join(scratch, "checkout");
    const home = join(scratch, "home");
    cpSync(subject.root, folder, { recursive: true, verbatimSymlinks: true });
    mkdirSync(home);
    const { index, search } = engine;
    const how = { ...(engine.env && { env: engine.env }), cwd: folder };
    const row: Row = {};
    const put = (name: string, { ms, mb }: Measured): void => {
      row[`${name} ms`] = ms;
      row[`${name} peak MB`] = mb;
    };
    const cold = await measure(index(folder, home), how);
    put("cold index", cold);
    put("search in a cold process", await measure(search(folder, home, subject.queries[0]), how));
    appendFileSync(
      join(folder, subject.edited),
      `\n${COMMENT[extname(subject.edited)] ?? "//"} one changed line\n`,
    );
    put("re-index after one line", await measure(index(folder, home), how));
    if (engine.name === "momo")
      Object.assign(row, await momoOnly({ folder, home, scratch, ...subject }, cold));
    else row["cold index and first answer ms"] = row["cold index ms"] + row["search in a cold process ms"];
    return row;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function momoOnly(
  at: { folder: string; home: string; scratch: string; queries: string[] },
  cold: Measured,
): Promise<Row> {
  const file = join(at.scratch, "queries.txt");
  writeFileSync(file, [...at.queries, ...at.queries].map((query) => `${query}\n`).join(""));
  const { stdout } = await measure(
    [...momo, "search", "--path", at.folder, "--home", at.home, "--json", "--queries", file],
    // An answer given again would be no search.
    { env: { MOMO_CACHE_TTL_SEARCH: "0" } },
  );
  const times = stdout
    .trim()
    .split("\n")
    .slice(at.queries.length)
    .map((line) => JSON.parse(line).took_ms as number);
  times.sort((a, b) => a - b);
  const fresh = join(at.scratch, "fresh");
  mkdirSync(fresh);
  const both = await measure([...momo, "search", at.queries[0], at.folder, "--home", fresh, "--json"]);
  const stats = JSON.parse(cold.stdout);
  return {
    "cold index and first answer ms": both.ms,
    "cold index and first answer peak MB": both.mb,
    "warm search p50 ms": times[times.length >> 1],
    "warm search p95 ms": times[Math.floor(times.length * 0.95)],
    files: stats.total_files,
    entities: stats.total_entities,
    "index MB/s": stats.bytes / 1e6 / (cold.ms / 1000),
    "database MB": statSync(join(at.home, "momo.db")).size / 1e6,
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;

function summary(rows: Row[]): Record<string, { median: number; min: number; max: number }> {
  return Object.fromEntries(
    Object.keys(rows[0]).map((name) => {
      const values = rows.map((row) => round(row[name])).sort((a, b) => a - b);
      return [name, { median: values[values.length >> 1], min: values[0], max: values.at(-1)! }];
    }),
  );
}

const root = resolve(positionals[0]);
const queries = options.queries
  ? readFileSync(options.queries, "utf8").trim().split("\n")
  : defaultQueries(root);
const subject = { root, edited: typicalFile(root), queries };
const runs: Record<string, Row[]> = Object.fromEntries(engines.map(({ name }) => [name, []]));
for (let turn = 0; turn < Number(options.runs); turn++) {
  for (let i = 0; i < engines.length; i++) {
    const engine = engines[(i + turn) % engines.length];
    runs[engine.name].push(await oneRun(engine, subject));
    process.stderr.write(`turn ${turn + 1}, ${engine.name}\n`);
  }
}
console.log(
  JSON.stringify(
    {
      folder: basename(root),
      edited: subject.edited,
      runs: Number(options.runs),
      queries: queries.length,
      durability: "momo: survives power loss (synchronous = FULL)",
      machine: { cpus: `${cpus().length} x ${cpus()[0].model}`, node: process.version },
      engines: Object.fromEntries(Object.entries(runs).map(([name, rows]) => [name, summary(rows)])),
    },
    null,
    1,
  ),
);
