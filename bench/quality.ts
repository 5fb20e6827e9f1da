/**
 * Ranking quality on the labelled queries: npm run bench:quality -- [--repos a,b] [--json] [--floor 0.885] [--homes DIR]
 * Prints JSON with --json, else a table. `--homes` keeps the knowledge bases, so that a second run need not index.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openMomo } from "../src/momo.ts";
import { fromRoot, mean, ndcg, queriesOf, type Repository, repositories, rootOf } from "./labelled.ts";

const { values: options } = parseArgs({
  options: {
    repos: { type: "string" },
    json: { type: "boolean" },
    floor: { type: "string" },
    homes: { type: "string" },
    misses: { type: "boolean" },
  },
});

interface Row {
  repo: string;
  language: string;
  category: string;
  query: string;
  ndcg: number;
  ms: number;
  found: string[];
  wanted: string[];
}

async function evaluate(repository: Repository, home: string): Promise<Row[]> {
  mkdirSync(home, { recursive: true });
  const momo = await openMomo({ root: rootOf(repository), home });
  try {
    await momo.ingest();
    const rows: Row[] = [];
    for (const { query, category, targets } of queriesOf(repository)) {
      const { results, took_ms } = await momo.search({ query, limit: 10 });
      const found = results.map(({ path, start_line, end_line }) => {
        return { path: fromRoot(repository, path), start_line, end_line };
      });
      rows.push({
        repo: repository.name,
        language: repository.language,
        category,
        query,
        ndcg: ndcg(targets, found),
        ms: took_ms,
        found: found.map(({ path }) => path),
        wanted: targets.map(({ path }) => path),
      });
    }
    return rows;
  } finally {
    await momo.close();
  }
}

/** 95% interval of the mean over queries when whole repositories are drawn with replacement (fixed seed). */
function interval(rows: Row[]): [number, number] {
  const groups = Object.values(Object.groupBy(rows, ({ repo }) => repo)) as Row[][];
  let state = 1;
  const draw = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * groups.length);
  };
  const means = Array.from({ length: 4000 }, () => {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < groups.length; i++) {
      for (const row of groups[draw()]) {
        sum += row.ndcg;
        count++;
      }
    }
    return sum / count;
  }).sort((a, b) => a - b);
  return [round(means[100]), round(means[3899])];
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
const summary = (rows: Row[]) => ({
  queries: rows.length,
  ndcg_10: round(mean(rows.map((row) => row.ndcg))),
});

function summaries(rows: Row[], key: "repo" | "language" | "category") {
  const groups = Object.entries(Object.groupBy(rows, (row) => row[key])).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(groups.map(([name, group]) => [name, summary(group!)]));
}

const scratch = mkdtempSync(join(tmpdir(), "momo-quality-"));
const rows: Row[] = [];
try {
  for (const repository of repositories(options.repos?.split(","))) {
    const found = await evaluate(repository, join(options.homes ?? scratch, repository.name));
    rows.push(...found);
    process.stderr.write(`${repository.name.padEnd(20)} ${mean(found.map((row) => row.ndcg)).toFixed(3)}\n`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
const times = rows.map(({ ms }) => ms).sort((a, b) => a - b);
const result = {
  metric: "NDCG@10, binary, relevant and secondary targets",
  overall: { ...summary(rows), interval_95: interval(rows) },
  by_category: summaries(rows, "category"),
  by_language: summaries(rows, "language"),
  by_repository: summaries(rows, "repo"),
  query_ms: { p50: round(times[times.length >> 1]), p95: round(times[Math.floor(times.length * 0.95)]) },
};
if (options.misses) {
  for (const row of rows.filter(({ ndcg }) => ndcg < 0.7)) {
    console.log(`${row.ndcg.toFixed(2)} ${row.repo} [${row.category}] ${row.query}`);
    console.log(`   wanted ${row.wanted.join(" ")}\n   found  ${row.found.slice(0, 5).join(" ")}`);
  }
}
if (options.json) console.log(JSON.stringify(result, null, 1));
else {
  console.log(
    `NDCG@10 ${result.overall.ndcg_10} (${result.overall.interval_95.join(" to ")}), ${rows.length} queries`,
  );
  for (const table of [result.by_category, result.by_language]) {
    for (const [name, { queries, ndcg_10 }] of Object.entries(table)) {
      console.log(`${name.padEnd(16)} ${String(queries).padStart(4)}  ${ndcg_10.toFixed(3)}`);
    }
  }
  console.log(`query ms: p50 ${result.query_ms.p50}, p95 ${result.query_ms.p95}`);
}
if (options.floor && result.overall.ndcg_10 < Number(options.floor)) {
  console.error(`below the floor of ${options.floor}`);
  process.exitCode = 1;
}
