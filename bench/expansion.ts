/**
 * What looking for other words changes: npm run bench -- expansion [--repos a,b] [--homes DIR] [--typos]
 * NDCG@10 on the labelled queries for each kind of expansion alone and for what the setting `expand` offers; with
 * --typos every query has one mistake in its longest word, from a fixed seed. MOMO_BENCH may name the commit set too.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type ExpansionKind, expansionKinds } from "../src/model/api.ts";
import { documentFacts } from "../src/retrieve/document-facts.ts";
import { expandQuery } from "../src/retrieve/expand.ts";
import { computeFeatures } from "../src/retrieve/features.ts";
import { readQuery } from "../src/retrieve/query.ts";
import { noFilter, rank, shippedModel } from "../src/retrieve/rank.ts";
import { fromRoot, mean, ndcg, queriesOf, type Repository, repositories } from "./labelled.ts";
import { openIndex } from "./open-index.ts";

const { values: options } = parseArgs({
  options: {
    repos: { type: "string" },
    homes: { type: "string", default: join(tmpdir(), "momo-expansion-homes") },
    typos: { type: "boolean" },
  },
  args: process.argv.slice(process.argv[2] === "expansion" ? 3 : 2),
});

const variants: Record<string, readonly ExpansionKind[]> = {
  off: [],
  ...Object.fromEntries(expansionKinds.map((kind) => [kind, [kind]])),
  "compounds and spelling": ["compounds", "spelling"],
  all: expansionKinds,
};

let state = 7;
const random = (below: number): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};

/** One letter dropped, doubled, swapped with the next or replaced, after the first, in the longest word. */
function withTypo(query: string): string {
  const words = query.match(/[A-Za-z]{5,}/g) ?? [];
  const [word] = words.sort((a, b) => b.length - a.length);
  if (!word) return query;
  const at = 1 + random(word.length - 2);
  const [before, letter, after] = [word.slice(0, at), word[at], word.slice(at + 1)];
  const made = [
    before + after,
    before + letter + letter + after,
    before + after[0] + letter + after.slice(1),
    before + String.fromCharCode(97 + random(26)) + after,
  ][random(4)];
  return query.replace(word, made);
}

interface Row {
  variant: string;
  category: string;
  ndcg: number;
  expanded: boolean;
  ms: number;
}

async function evaluate(repository: Repository): Promise<Row[]> {
  const { store, index } = await openIndex(repository, options.homes);
  const facts = documentFacts(index);
  const rows: Row[] = [];
  for (const { query: asked, category, targets } of queriesOf(repository)) {
    const text = options.typos ? withTypo(asked) : asked;
    for (const [variant, kinds] of Object.entries(variants)) {
      const started = performance.now();
      const place = { index, paths: facts.paths };
      const { query, expansions } = expandQuery(place, readQuery(text), kinds);
      const ms = performance.now() - started;
      const candidates = computeFeatures(index, facts, query);
      const ranked = rank(index, { query, candidates, limit: 10, filter: noFilter, model: shippedModel });
      const found = ranked.map(({ document, chunk }) => ({
        path: fromRoot(repository, index.paths[document]),
        start_line: index.chunkStart[chunk],
        end_line: index.chunkEnd(chunk),
      }));
      rows.push({ variant, category, ndcg: ndcg(targets, found), expanded: expansions.length > 0, ms });
    }
  }
  store.close();
  return rows;
}

const rows: Row[] = [];
for (const repository of repositories(options.repos?.split(","))) {
  rows.push(...(await evaluate(repository)));
  process.stderr.write(`${repository.name}\n`);
}
const round = (value: number): number => Math.round(value * 1e4) / 1e4;
const off = rows.filter(({ variant }) => variant === "off");
for (const variant of Object.keys(variants)) {
  const own = rows.filter((row) => row.variant === variant);
  const changed = own.filter((row, i) => row.ndcg !== off[i].ndcg);
  const better = own.filter((row, i) => row.ndcg > off[i].ndcg).length;
  const categories = Object.entries(Object.groupBy(own, ({ category }) => category)).sort();
  console.log(
    [
      `${variant.padEnd(24)} NDCG@10 ${round(mean(own.map((row) => row.ndcg))).toFixed(4)}`,
      ...categories.map(([name, group = []]) => `${name} ${mean(group.map((row) => row.ndcg)).toFixed(3)}`),
      `expanded ${own.filter(({ expanded }) => expanded).length} of ${own.length}`,
      `better ${better}, worse ${changed.length - better}`,
      `${round(mean(own.map((row) => row.ms)))} ms`,
    ].join("  "),
  );
}
