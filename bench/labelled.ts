/**
 * The labelled queries: where they lie, what they mean, and how a ranking is scored. Data is a folder named by
 * MOMO_BENCH: repos.json, annotations/<name>.json, corpus/<name>/. Used by quality.ts and fit.ts.
 */
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative } from "node:path";

export const benchFolder = process.env.MOMO_BENCH ?? join(homedir(), ".cache", "momo-bench");

export interface Repository {
  /** Where its set of queries lies: MOMO_BENCH, or another folder of the same form. */
  folder: string;
  name: string;
  language: string;
  benchmark_root?: string | null;
}

export interface Target {
  path: string;
  start_line?: number;
  end_line?: number;
}

export interface LabelledQuery {
  query: string;
  category: string;
  targets: Target[];
}

const readJson = (file: string) => JSON.parse(readFileSync(file, "utf8"));

/** Repositories of a folder with labels and sources here, or exactly the named ones. */
export function repositories(names?: string[], folder = benchFolder): Repository[] {
  const labelled = new Set(
    readdirSync(join(folder, "annotations")).map((file) => file.replace(/\.json$/, "")),
  );
  const listed: Omit<Repository, "folder">[] = readJson(join(folder, "repos.json"));
  const all = listed.map((repository): Repository => ({ folder, ...repository }));
  const chosen = all.filter(({ name }) => (names ? names.includes(name) : labelled.has(name)));
  const missing = chosen.filter(({ name }) => !existsSync(join(folder, "corpus", name)));
  if (missing.length > 0) throw new Error(`no sources for ${missing.map(({ name }) => name).join(", ")}`);
  if (names && chosen.length < names.length) throw new Error(`unknown repository among ${names.join(", ")}`);
  return chosen;
}

export const rootOf = ({ folder, name, benchmark_root }: Repository): string =>
  join(folder, "corpus", name, benchmark_root ?? "");

/** A file by its one name below the repository's folder, also when it was reached through a symbolic link. */
export function canonical({ folder, name }: Repository, path: string): string {
  const corpus = realpathSync(join(folder, "corpus", name));
  const file = join(corpus, path);
  return existsSync(file) ? relative(corpus, realpathSync(file)) : path;
}

export const fromRoot = (repository: Repository, path: string): string =>
  canonical(repository, join(repository.benchmark_root ?? "", path));

interface Annotation {
  query: string;
  category: string;
  relevant: (string | Target)[];
  secondary?: (string | Target)[];
}

export function queriesOf(repository: Repository): LabelledQuery[] {
  const annotations: Annotation[] = readJson(
    join(repository.folder, "annotations", `${repository.name}.json`),
  );
  return annotations.map(({ query, category, relevant, secondary = [] }) => ({
    query,
    category,
    targets: [...relevant, ...secondary].map((label) => {
      const target = typeof label === "string" ? { path: label } : label;
      const isFull = existsSync(join(repository.folder, "corpus", repository.name, target.path));
      return {
        ...target,
        path: isFull ? canonical(repository, target.path) : fromRoot(repository, target.path),
      };
    }),
  }));
}

const TOP = 10;
const discount = (rank: number): number => 1 / Math.log2(rank + 1);

function isHit(result: Target, target: Target): boolean {
  if (result.path !== target.path) return false;
  if (!target.start_line || !result.start_line) return true;
  return result.start_line <= target.end_line! && result.end_line! >= target.start_line;
}

/** NDCG@10, binary: a target's rank is the first of ten results in its file (and lines, if labelled). */
export function ndcg(targets: Target[], results: Target[]): number {
  const top = results.slice(0, TOP);
  const ranks = targets
    .map((target) => top.findIndex((result) => isHit(result, target)) + 1)
    .filter((rank) => rank > 0);
  let ideal = 0;
  for (let rank = 1; rank <= Math.min(TOP, targets.length); rank++) ideal += discount(rank);
  return [...new Set(ranks)].reduce((sum, rank) => sum + discount(rank), 0) / ideal;
}

export const mean = (values: number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
