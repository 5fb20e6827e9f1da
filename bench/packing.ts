/**
 * What a budget of tokens finds: npm run bench -- packing [--repos a,b] [--budgets 500,1000] [--homes DIR] [--limit N]
 * Recall of the labelled files (and of lines: labelled ones, and definitions that symbol queries name) in what (1) momo
 * --budget, (2) momo's first ten results in full and (3) ripgrep with windows (grep-arm.ts) show within it. All three are
 * counted by the same text form and the same estimate of tokens. A file counts when a line of it is shown, and apart from
 * that when an outline names it. Prints JSON.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Momo, openMomo } from "../src/momo.ts";
import {
  cutLine,
  FOOTER_TOKENS,
  tokensOfGap,
  tokensOfHead,
  tokensOfLine,
} from "../src/retrieve/pack-text.ts";
import { createGrep, type GrepOptions, type Stretch } from "./grep-arm.ts";
import {
  fromRoot,
  type LabelledQuery,
  mean,
  queriesOf,
  type Repository,
  repositories,
  rootOf,
  type Target,
} from "./labelled.ts";

const { values: options } = parseArgs({
  options: {
    repos: { type: "string" },
    budgets: { type: "string", default: "500,1000,2000,4000,8000" },
    homes: { type: "string" },
    limit: { type: "string" },
    arms: { type: "string", default: "momo,momo-top10,grep" },
    window: { type: "string", default: "20" },
    first: { type: "string", default: "1" },
    order: { type: "string", default: "weight" },
  },
  args: process.argv.slice(process.argv[2] === "packing" ? 3 : 2),
});
const budgets = options.budgets.split(",").map(Number);
const grepOptions: GrepOptions = {
  window: Number(options.window),
  first: Number(options.first),
  order: options.order === "words" ? "words" : "weight",
  paths: true,
};

/** What an arm shows within a budget. */
interface Shown {
  stretches: Stretch[];
  outlined: string[];
  tokens: number;
}

type Arm = (query: string, budget: number) => Promise<Shown>;

function packedArm(momo: Momo): Arm {
  const limit = options.limit === undefined ? {} : { limit: Number(options.limit) };
  return async (query, budget) => {
    const { results, outlines = [], tokens = 0 } = await momo.search({ query, budget, ...limit });
    if (tokens > budget) throw new Error(`${tokens} tokens for a budget of ${budget}: ${query}`);
    return {
      stretches: results.map(({ path, start_line, end_line }) => ({
        path,
        start: start_line,
        end: end_line,
      })),
      outlined: outlines.map(({ path }) => path),
      tokens,
    };
  };
}

/** Lines of stretches one after the other until the next does not fit; the last stretch may be cut. */
function readWithin(root: string, stretches: Stretch[], budget: number): Shown {
  const shown = new Map<string, Set<number>>();
  const texts = new Map<string, string[]>();
  const result: Shown = { stretches: [], outlined: [], tokens: FOOTER_TOKENS };
  for (const { path, start, end } of stretches) {
    const lines = texts.get(path) ?? readFileSync(join(root, path), "utf8").split(/\r?\n/);
    texts.set(path, lines);
    const seen = shown.get(path) ?? new Set();
    for (let line = start; line <= end; line++) {
      if (seen.has(line)) continue;
      const head = seen.size === 0 ? tokensOfHead(path) : seen.has(line - 1) ? 0 : tokensOfGap;
      const cost = head + tokensOfLine(line, cutLine(lines[line - 1] ?? ""));
      if (result.tokens + cost > budget) return result;
      result.tokens += cost;
      seen.add(line);
      shown.set(path, seen);
      result.stretches.push({ path, start: line, end: line });
    }
  }
  return result;
}

/** The same for every budget: made once for each query. */
function once(make: (query: string) => Promise<Stretch[]>): (query: string) => Promise<Stretch[]> {
  let last = { query: "", made: Promise.resolve<Stretch[]>([]) };
  return (query) => {
    if (last.query !== query) last = { query, made: make(query) };
    return last.made;
  };
}

function armsOf(momo: Momo, root: string): Record<string, Arm> {
  const grep = once(createGrep(root, grepOptions));
  const best = once(async (query) => {
    const { results } = await momo.search({ query, limit: 10 });
    return results.map(({ path, start_line, end_line }) => ({ path, start: start_line, end: end_line }));
  });
  const all: Record<string, Arm> = {
    momo: packedArm(momo),
    "momo-top10": async (query, budget) => readWithin(root, await best(query), budget),
    grep: async (query, budget) => readWithin(root, await grep(query), budget),
  };
  return Object.fromEntries(options.arms.split(",").map((name) => [name, all[name]]));
}

interface Row {
  arm: string;
  budget: number;
  category: string;
  tokens: number;
  files: number;
  named: number;
  /** Share of wanted lines that are shown at least in part; undefined where no lines are wanted. */
  lines: number | undefined;
  /** Share of the shown lines that lie in wanted files. */
  precision: number;
}

/** Labelled lines; of a symbol query also the line where a wanted file defines the last part of the name. */
async function wantedLines(
  momo: Momo,
  { query, targets }: LabelledQuery,
  own: Map<string, string>,
): Promise<Target[]> {
  const wanted = targets.filter(({ start_line }) => start_line !== undefined);
  if (wanted.length > 0 || /\s/.test(query)) return wanted;
  const last = query.split(/::|\.|->|#|\//).at(-1)!;
  const names = new Set([query.replace(/::|->/g, "."), last]);
  const lines: Target[] = [];
  for (const { path } of targets) {
    for (const name of names) {
      const entry = await momo.get(`${own.get(path)}#${name}`);
      const start = (entry?.metadata as { start_line?: number } | undefined)?.start_line;
      if (start === undefined) continue;
      lines.push({ path, start_line: start, end_line: start + 1 });
      break;
    }
  }
  return lines;
}

interface Wanted {
  targets: Target[];
  lines: Target[];
}

function rate(repository: Repository, shown: Shown, { targets, lines }: Wanted) {
  const at = new Map<string, Stretch[]>();
  let all = 0;
  for (const stretch of shown.stretches) {
    const path = fromRoot(repository, stretch.path);
    at.set(path, [...(at.get(path) ?? []), stretch]);
    all += stretch.end - stretch.start + 1;
  }
  const outlined = new Set(shown.outlined.map((path) => fromRoot(repository, path)));
  const wanted = new Set(targets.map(({ path }) => path));
  const isShown = ({ path, start_line = 0, end_line = Infinity }: Target): boolean =>
    (at.get(path) ?? []).some(({ start, end }) => start <= end_line && end >= start_line);
  let inWanted = 0;
  for (const path of wanted) for (const { start, end } of at.get(path) ?? []) inWanted += end - start + 1;
  const files = [...wanted];
  return {
    files: mean(files.map((path) => Number(at.has(path)))),
    named: mean(files.map((path) => Number(at.has(path) || outlined.has(path)))),
    lines: lines.length > 0 ? mean(lines.map((target) => Number(isShown(target)))) : undefined,
    precision: all > 0 ? inWanted / all : 0,
  };
}

async function evaluate(repository: Repository, home: string): Promise<Row[]> {
  mkdirSync(home, { recursive: true });
  const root = rootOf(repository);
  const momo = await openMomo({ root, home });
  const rows: Row[] = [];
  try {
    await momo.ingest();
    const arms = armsOf(momo, root);
    for (const labelled of queriesOf(repository)) {
      const { query, category, targets } = labelled;
      const paths = new Map<string, string>();
      const { results } = await momo.search({ query, limit: 20 });
      for (const { path } of results) paths.set(fromRoot(repository, path), path);
      const lines = await wantedLines(momo, labelled, paths);
      for (const [arm, show] of Object.entries(arms)) {
        for (const budget of budgets) {
          const shown = await show(query, budget);
          rows.push({
            arm,
            budget,
            category,
            tokens: shown.tokens,
            ...rate(repository, shown, { targets, lines }),
          });
        }
      }
    }
  } finally {
    await momo.close();
  }
  return rows;
}

const round = (value: number): number => Math.round(value * 1e3) / 1e3;

function summary(rows: Row[]) {
  const tokens = mean(rows.map((row) => row.tokens));
  const files = mean(rows.map((row) => row.files));
  const lines = rows.flatMap((row) => (row.lines === undefined ? [] : [row.lines]));
  return {
    recall_files: round(files),
    recall_files_or_outline: round(mean(rows.map((row) => row.named))),
    recall_lines: round(mean(lines)),
    queries_with_lines: lines.length,
    tokens: Math.round(tokens),
    recall_per_1000_tokens: round((files / tokens) * 1000),
    share_of_lines_in_wanted_files: round(mean(rows.map((row) => row.precision))),
  };
}

const scratch = mkdtempSync(join(tmpdir(), "momo-packing-"));
const rows: Row[] = [];
try {
  for (const repository of repositories(options.repos?.split(","))) {
    const found = await evaluate(repository, join(options.homes ?? scratch, repository.name));
    rows.push(...found);
    process.stderr.write(`${repository.name}\n`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
const arms = Object.groupBy(rows, ({ arm }) => arm);
const report = Object.fromEntries(
  Object.entries(arms).map(([arm, own = []]) => [
    arm,
    Object.fromEntries(
      budgets.map((budget) => [budget, summary(own.filter((row) => row.budget === budget))]),
    ),
  ]),
);
console.log(
  JSON.stringify(
    { queries: rows.length / budgets.length / Object.keys(arms).length, grep: grepOptions, arms: report },
    null,
    1,
  ),
);
