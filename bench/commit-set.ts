/**
 * Builds the second set of labelled queries from commit history: what a commit's subject asks for is to be found in
 * the files that the commit changed. It checks that weights fitted on the first set hold elsewhere.
 *
 *   MIRRORS=<folder of mirrors> node bench/commit-set.ts [owner/name ...]
 *   MOMO_BENCH=~/.cache/momo-commits node bench/quality.ts
 *
 * commit-repositories.json names each repository, the revision that is indexed, the last commit looked at (`until`)
 * and the language. Written under MOMO_COMMITS (default ~/.cache/momo-commits) in the format of MOMO_BENCH: repos.json,
 * annotations/<name>.json, corpus/<name>/. Ends with 1 when repositories are not fetched yet.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { queryOf } from "./commit-subject.ts";
import {
  contentsOf,
  type Entry,
  git,
  isAside,
  isBuildFile,
  isForeign,
  mirrorOf,
  programmingLanguage,
  treeOf,
} from "./mirrors.ts";

interface Source {
  repository: string;
  commit: string;
  until: string;
  language: string;
}

interface Change {
  path: string;
  status: string;
  /** The file's text before the commit. */
  before: string;
}

interface Commit {
  id: string;
  author: string;
  subject: string;
  changes: Change[];
}

interface Candidate {
  id: string;
  query: string;
  targets: Change[];
}

const commitsFolder = process.env.MOMO_COMMITS ?? join(homedir(), ".cache", "momo-commits");
/** How many commits after the indexed revision are looked at: later ones change what it did not have yet. */
const NEAREST = 600;
const TARGETS = 4;
const PER_REPOSITORY = { least: 8, most: 30 };
const SAME_LINES = 0.7;

/** The nearest commits after the indexed revision, oldest first. */
function commitsAfter(source: Source, gitDir: string): Commit[] {
  const format = "--format=%x01%H%x00%an%x00%s%x00";
  const range = `${source.commit}..${source.until}`;
  const args = [
    "log",
    "--no-merges",
    "--reverse",
    "--raw",
    "-z",
    "--no-abbrev",
    "--no-renames",
    format,
    range,
  ];
  const records = git(gitDir, args)
    .toString()
    .split("\u0001")
    .slice(1, NEAREST + 1);
  return records.map((record) => {
    const [id, author, subject, ...fields] = record.split("\0");
    const changes: Change[] = [];
    for (let at = 0; at + 1 < fields.length; at++) {
      const [, before, , status] = fields[at]!.match(/:\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) ([A-Z])\d*$/) ?? [];
      if (before) changes.push({ path: fields[++at]!, status: status!, before });
    }
    return { id: id!, author: author!, subject: subject!, changes };
  });
}

const isSource = ({ path }: Change): boolean =>
  programmingLanguage(path) !== undefined && !isAside(path) && !isForeign(path) && !isBuildFile(path);

/** A commit whose query and targets hold at the indexed revision, or undefined; texts are compared later. */
function candidateOf(commit: Commit, indexed: Map<string, Entry>): Candidate | undefined {
  if (/\[bot\]|dependabot|renovate|autofix|\bbot\b/i.test(commit.author)) return undefined;
  const query = queryOf(commit.subject);
  const targets = commit.changes.filter(isSource);
  if (!query || targets.length === 0 || targets.length > TARGETS) return undefined;
  const areThere = targets.every(({ path, status }) => status === "M" && indexed.get(path)?.bytes);
  return areThere ? { id: commit.id, query, targets } : undefined;
}

function lineCounts(content: Buffer): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of content.toString().split("\n")) {
    const text = line.trim();
    if (text) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

/** Which share of the lines of the longer text are in the other too. */
function sameLines(a: Buffer, b: Buffer): number {
  const [of, others] = [lineCounts(a), lineCounts(b)];
  const sum = (counts: Iterable<number>) => [...counts].reduce((total, count) => total + count, 0);
  const shared = sum([...of].map(([line, count]) => Math.min(count, others.get(line) ?? 0)));
  return shared / Math.max(1, sum(of.values()), sum(others.values()));
}

/** Candidates whose targets were, before the commit, still much as they are at the indexed revision. */
function stillAlike(candidates: Candidate[], indexed: Map<string, Entry>, gitDir: string): Candidate[] {
  const blobs = candidates.flatMap(({ targets }) =>
    targets.flatMap(({ path, before }) => [before, indexed.get(path)!.blob]),
  );
  const contents = contentsOf(gitDir, blobs);
  return candidates.filter(({ targets }) =>
    targets.every(({ path, before }) => {
      const [then, now] = [contents.get(before), contents.get(indexed.get(path)!.blob)];
      return then && now && (then === now || sameLines(then, now) >= SAME_LINES);
    }),
  );
}

/** A sample by a hash of the commit; of commits with the same subject (backports, retries) only the first. */
function sample(candidates: Candidate[]): Candidate[] {
  const orderOf = ({ id }: Candidate) => createHash("sha256").update(id).digest("hex");
  const first = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const key = candidate.query.toLowerCase();
    if (!first.has(key)) first.set(key, candidate);
  }
  return [...first.values()].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)).slice(0, PER_REPOSITORY.most);
}

/** Writes the indexed revision's files; blobs that the mirror lacks (4 MiB and more) are left out. */
function exportCorpus(source: Source, gitDir: string, target: string): void {
  const parent = dirname(target);
  mkdirSync(parent, { recursive: true });
  const scratch = mkdtempSync(join(parent, ".part-"));
  try {
    const absent = treeOf(gitDir, source.commit)
      .filter(({ bytes }) => bytes === undefined)
      .map(({ path }) => `:(exclude,literal)${path}`);
    const archive = join(scratch, "archive.tar");
    git(gitDir, ["archive", "--output", archive, source.commit, "--", ".", ...absent]);
    const tree = join(scratch, "tree");
    mkdirSync(tree);
    const unpacked = spawnSync("tar", ["-x", "-f", archive, "-C", tree]);
    if (unpacked.status !== 0) throw new Error(`tar for ${source.repository}: ${unpacked.stderr}`);
    rmSync(target, { recursive: true, force: true });
    renameSync(tree, target);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const nameOf = ({ repository }: Source): string => repository.replace("/", "-").toLowerCase();

function writeJson(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** Writes a repository's labels and sources; returns how many queries it gives, 0 when too few. */
function build(source: Source, gitDir: string): number {
  const name = nameOf(source);
  const indexed = new Map(treeOf(gitDir, source.commit).map((entry) => [entry.path, entry]));
  const commits = commitsAfter(source, gitDir);
  const candidates = commits
    .map((commit) => candidateOf(commit, indexed))
    .filter((candidate) => candidate !== undefined);
  const alike = stillAlike(candidates, indexed, gitDir);
  const corpus = join(commitsFolder, "corpus", name);
  exportCorpus(source, gitDir, corpus);
  const chosen = sample(
    alike.filter(({ targets }) => targets.every(({ path }) => existsSync(join(corpus, path)))),
  );
  const counts = `${commits.length} commits, ${candidates.length} fit, ${alike.length} alike, ${chosen.length} chosen`;
  console.log(`${name.padEnd(32)} ${counts}`);
  if (chosen.length < PER_REPOSITORY.least) {
    rmSync(corpus, { recursive: true, force: true });
    rmSync(join(commitsFolder, "annotations", `${name}.json`), { force: true });
    return 0;
  }
  const annotations = chosen.map(({ id, query, targets }) => {
    const relevant = targets.map(({ path }) => path);
    return { query, relevant, secondary: [], category: "commit", commit: id };
  });
  writeJson(join(commitsFolder, "annotations", `${name}.json`), annotations);
  return chosen.length;
}

const names = process.argv.slice(2);
const sources: Source[] = JSON.parse(
  readFileSync(join(import.meta.dirname, "commit-repositories.json"), "utf8"),
);
const unknown = names.filter((name) => !sources.some(({ repository }) => repository === name));
if (unknown.length > 0) throw new Error(`not in commit-repositories.json: ${unknown.join(", ")}`);
const missing: string[] = [];
const queries = new Map<string, number>();
for (const source of sources) {
  const { repository, language } = source;
  const gitDir = mirrorOf(repository);
  if (!gitDir) missing.push(repository);
  else if (names.length === 0 || names.includes(repository))
    queries.set(language, (queries.get(language) ?? 0) + build(source, gitDir));
}
const kept = sources.filter((source) =>
  existsSync(join(commitsFolder, "annotations", `${nameOf(source)}.json`)),
);
writeJson(
  join(commitsFolder, "repos.json"),
  kept.map((source) => ({
    name: nameOf(source),
    language: source.language,
    url: `https://github.com/${source.repository}.git`,
    revision: source.commit,
    benchmark_root: null,
  })),
);
for (const [language, count] of [...queries].sort()) console.log(`${language.padEnd(12)} ${count} queries`);
console.log(`${kept.length} repositories, ${[...queries.values()].reduce((a, b) => a + b, 0)} queries`);
if (missing.length > 0) {
  console.error(`not fetched yet:\n  ${missing.join("\n  ")}`);
  process.exitCode = 1;
}
