/**
 * Fits the ranking weights: node bench/fit.ts [--write] [--commits 0.5] [--homes DIR] [--l2 10] [--l2_symbol 200]
 * On the labelled queries (MOMO_BENCH), and with --commits also on the set made from commits (MOMO_COMMITS,
 * commit-set.ts), each of whose queries counts so much; without it that set only checks what transfers.
 * A linear model per kind of query; softmax over a query's candidate files, target uniform over its relevant ones
 * (listwise, Cao et al. 2007), Newton steps on standardised features. The penalty pulls towards bench/anchor-weights.json,
 * which were fitted on labels and on commit messages together: labels alone overrate what file names say.
 * Prints NDCG@10 of repository-disjoint 5-fold cross-validation; --write puts the fit on all of it into
 * src/retrieve/weights.json.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { documentFacts } from "../src/retrieve/document-facts.ts";
import { type Candidates, computeFeatures, type FeatureName } from "../src/retrieve/features.ts";
import { type Query, readQuery } from "../src/retrieve/query.ts";
import { type Model, noFilter, rank, shippedModel, type Weights } from "../src/retrieve/rank.ts";
import { createSimilarity } from "../src/retrieve/similarity.ts";
import type { LexicalIndex } from "../src/store/lexical/index.ts";
import { decodeTable } from "../src/store/vector/static-table.ts";
import {
  fromRoot,
  type LabelledQuery,
  mean,
  ndcg,
  queriesOf,
  type Repository,
  repositories,
} from "./labelled.ts";
import { openIndex } from "./open-index.ts";

const { values: options } = parseArgs({
  options: {
    write: { type: "boolean" },
    homes: { type: "string", default: join(tmpdir(), "momo-fit-homes") },
    l2: { type: "string", default: "10" },
    l2_symbol: { type: "string", default: "200" },
    drop: { type: "string" },
    add: { type: "string" },
    repos: { type: "string" },
    commits: { type: "string" },
    table: { type: "string" },
  },
});
const FOLDS = 5;
const table = options.table ? decodeTable(readFileSync(options.table)) : undefined;
type Kind = keyof Model;

const anchors: Model = JSON.parse(readFileSync(new URL("./anchor-weights.json", import.meta.url), "utf8"));
const dropped = options.drop?.split(",") ?? [];
const columnsOf = (kind: Kind): FeatureName[] =>
  [...Object.keys(anchors[kind]), ...(options.add?.split(",") ?? [])].filter(
    (name) => !dropped.includes(name),
  ) as FeatureName[];

/** One query's candidates: rows of features, and which of them are relevant. */
interface Group {
  kind: Kind;
  /** How much the query counts. */
  share: number;
  fold: number;
  rows: Float64Array[];
  relevant: number[];
}

interface Asked extends LabelledQuery {
  read: Query;
  candidates: Candidates;
}

interface Opened {
  repository: Repository;
  fold: number;
  share: number;
  index: LexicalIndex;
  queries: Asked[];
}

async function open(
  repository: Repository,
  { fold, share }: Pick<Opened, "fold" | "share">,
): Promise<Opened> {
  const { index } = await openIndex(repository, options.homes);
  const facts = {
    ...documentFacts(index),
    ...(table && { similarity: createSimilarity(index, undefined, table) }),
  };
  const queries = queriesOf(repository).map((labelled): Asked => {
    const read = readQuery(labelled.query);
    const candidates = computeFeatures(index, facts, read);
    // The next query of this index uses the same array.
    return { ...labelled, read, candidates: { ...candidates, shown: candidates.shown.slice() } };
  });
  return { repository, fold, share, index, queries };
}

function groupsOf({ repository, fold, share, index, queries }: Opened): Group[] {
  const files = index.paths.map((path) => fromRoot(repository, path));
  return queries.flatMap(({ read, candidates, targets }) => {
    const kind: Kind = read.kind === "words" ? "words" : "symbol";
    const { documents, columns } = candidates;
    const wanted = new Set(targets.map(({ path }) => path));
    const names = columnsOf(kind);
    const rows = Array.from(documents, (_, i) => Float64Array.from(names, (name) => columns[name][i]));
    const relevant = rows.flatMap((_, i) => (wanted.has(files[documents[i]]) ? [i] : []));
    return relevant.length > 0 ? [{ kind, fold, share, rows, relevant }] : [];
  });
}

function standardise(groups: Group[], size: number): { means: Float64Array; deviations: Float64Array } {
  const means = new Float64Array(size);
  const squares = new Float64Array(size);
  let count = 0;
  for (const { rows } of groups) {
    for (const row of rows) {
      count++;
      for (let i = 0; i < size; i++) {
        means[i] += row[i];
        squares[i] += row[i] * row[i];
      }
    }
  }
  for (let i = 0; i < size; i++) means[i] /= count;
  return {
    means,
    deviations: squares.map((sum, i) => Math.sqrt(Math.max(1e-12, sum / count - means[i] ** 2)) + 1e-6),
  };
}

interface Derivatives {
  loss: number;
  gradient: Float64Array;
  hessian: Float64Array[];
}

/** Loss, gradient and Hessian of the softmax over each group, at weights in standardised units. */
function derivatives(
  groups: Group[],
  weights: Float64Array,
  { means, deviations }: ReturnType<typeof standardise>,
): Derivatives {
  const size = weights.length;
  const gradient = new Float64Array(size);
  const hessian = Array.from({ length: size }, () => new Float64Array(size));
  let loss = 0;
  for (const { share, rows, relevant } of groups) {
    const scaled = rows.map((row) => row.map((value, i) => (value - means[i]) / deviations[i]));
    const scores = scaled.map((row) => row.reduce((sum, value, i) => sum + value * weights[i], 0));
    const top = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const exps = scores.map((score) => Math.exp(score - top));
    const total = exps.reduce((a, b) => a + b, 0);
    const expected = new Float64Array(size);
    scaled.forEach((row, r) => {
      const p = (share * exps[r]) / total;
      if (p < 1e-9) return;
      for (let i = 0; i < size; i++) {
        expected[i] += p * row[i];
        for (let j = 0; j <= i; j++) hessian[i][j] += p * row[i] * row[j];
      }
    });
    for (let i = 0; i < size; i++)
      for (let j = 0; j <= i; j++) hessian[i][j] -= (expected[i] * expected[j]) / share;
    for (const r of relevant) {
      loss -= (share * (scores[r] - top - Math.log(total))) / relevant.length;
      for (let i = 0; i < size; i++) gradient[i] -= (share * scaled[r][i]) / relevant.length;
    }
    for (let i = 0; i < size; i++) gradient[i] += expected[i];
  }
  return { loss, gradient, hessian };
}

/** Solves a symmetric positive definite system given by its lower half (Cholesky). */
function solve(lower: Float64Array[], right: Float64Array): Float64Array {
  const size = right.length;
  const l = lower.map((row) => row.slice());
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = l[i][j];
      for (let k = 0; k < j; k++) sum -= l[i][k] * l[j][k];
      l[i][j] = i === j ? Math.sqrt(Math.max(sum, 1e-9)) : sum / l[j][j];
    }
  }
  const y = right.slice();
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) y[i] -= l[i][k] * y[k];
    y[i] /= l[i][i];
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) y[i] -= l[k][i] * y[k];
    y[i] /= l[i][i];
  }
  return y;
}

function fitWeights(groups: Group[], kind: Kind): Weights {
  const names = columnsOf(kind);
  const chosen = groups.filter((group) => group.kind === kind);
  const scale = standardise(chosen, names.length);
  const anchor = Float64Array.from(names, (name, i) => (anchors[kind][name] ?? 0) * scale.deviations[i]);
  const l2 = Number(kind === "words" ? options.l2 : options.l2_symbol);
  let weights = anchor.slice();
  for (let step = 0; step < 12; step++) {
    const { gradient, hessian } = derivatives(chosen, weights, scale);
    weights.forEach((weight, i) => {
      gradient[i] += 2 * l2 * (weight - anchor[i]);
      hessian[i][i] += 2 * l2;
    });
    const move = solve(hessian, gradient);
    weights = weights.map((weight, i) => weight - move[i]);
    if (Math.hypot(...move) < 1e-6) break;
  }
  return Object.fromEntries(
    names.map((name, i) => [name, Number((weights[i] / scale.deviations[i]).toPrecision(4))]),
  );
}

interface Scored {
  kind: string;
  value: number;
}

function evaluate({ repository, index, queries }: Opened, model: Model): Scored[] {
  return queries.map(({ read, candidates, targets, category }) => {
    const ranked = rank(index, { query: read, candidates, limit: 10, filter: noFilter, model });
    const results = ranked.map(({ document, chunk }) => ({
      path: fromRoot(repository, index.paths[document]),
      start_line: index.chunkStart[chunk],
      end_line: index.chunkEnd(chunk),
    }));
    return { kind: category, value: ndcg(targets, results) };
  });
}

function report(label: string, scored: Scored[]): void {
  const parts = ["architecture", "semantic", "symbol"].map((kind) => {
    const own = scored.filter((one) => one.kind === kind);
    return own.length > 0 ? `${kind} ${mean(own.map(({ value }) => value)).toFixed(4)}` : "";
  });
  console.log(
    `${label.padEnd(28)} ${mean(scored.map(({ value }) => value)).toFixed(4)}  ${parts.join("  ")}`,
  );
}

/** A model of one feature, or few: what it is worth alone. */
const alone = (weights: Weights): Model => ({ words: weights, symbol: weights });
const arms: Record<string, Model> = {
  "chunk BM25": alone({ chunk_best: 1 }),
  "file BM25F": alone({ file: 1 }),
  "embedding alone": alone({ similar_chunk: 1 }),
  "anchor weights": anchors,
  "shipped weights": shippedModel,
};

async function openAll(folder: string | undefined, share: number): Promise<Opened[]> {
  const chosen = repositories(options.repos?.split(","), folder);
  const opened: Opened[] = [];
  for (const [i, repository] of chosen.entries())
    opened.push(await open(repository, { fold: (i * 7) % FOLDS, share }));
  return opened;
}

const commitsFolder = process.env.MOMO_COMMITS ?? join(homedir(), ".cache", "momo-commits");
const share = Number(options.commits ?? 0);
const labelled = await openAll(undefined, 1);
const commits = existsSync(commitsFolder) && !options.repos ? await openAll(commitsFolder, share) : [];
const groups = [...labelled, ...(share > 0 ? commits : [])].flatMap(groupsOf);
const fitModel = (chosen: Group[]): Model => ({
  words: fitWeights(chosen, "words"),
  symbol: fitWeights(chosen, "symbol"),
});
const all = fitModel(groups);
const models = Array.from({ length: FOLDS }, (_, fold) =>
  fitModel(groups.filter((group) => group.fold !== fold)),
);
for (const [title, set] of Object.entries({ "labelled queries": labelled, "commit subjects": commits })) {
  if (set.length === 0) continue;
  console.log(
    `${title}: ${set.length} repositories, ${set.flatMap(({ queries }) => queries).length} queries`,
  );
  for (const [label, model] of Object.entries(arms))
    report(
      label,
      set.flatMap((one) => evaluate(one, model)),
    );
  report(
    `fitted, ${FOLDS}-fold`,
    set.flatMap((one) => evaluate(one, models[one.fold])),
  );
  report(
    "fitted on all",
    set.flatMap((one) => evaluate(one, all)),
  );
}
console.log(JSON.stringify(all, null, 1));
if (options.write) {
  writeFileSync(
    new URL("../src/retrieve/weights.json", import.meta.url),
    `${JSON.stringify(all, null, 2)}\n`,
  );
}
