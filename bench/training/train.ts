/**
 * Trains the shipped table: node bench/training/train.ts --out FILE [--dimensions 64] [--steps 8000] [--seen 20] ...
 * Reads the pairs that make-pairs.ts made; the same pairs and options give the same bytes. Beside the table it writes
 * FILE.json, the training record: sources, sizes, options, loss curve.
 */
import { hash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { hashHigh, hashLow, hashText } from "../../src/model/words.ts";
import { encodeTable } from "../../src/store/vector/static-table.ts";
import { initialRows, Trainer, type TrainingSet } from "./model.ts";
import { type Bags, decodePairs, pairKinds } from "./pair-file.ts";
import { createRandom, type Random } from "./random.ts";

const { values: options } = parseArgs({
  options: {
    out: { type: "string" },
    dimensions: { type: "string", default: "64" },
    steps: { type: "string", default: "8000" },
    batch: { type: "string", default: "384" },
    rate: { type: "string", default: "0.003" },
    temperature: { type: "string", default: "0.06" },
    rows: { type: "string", default: "27000" },
    least: { type: "string", default: "2" },
    seen: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    kinds: { type: "string", default: pairKinds.join(",") },
    only: { type: "string" },
  },
});
if (!options.out) throw new Error("say where to: --out FILE");

const folder = join(process.env.MOMO_TRAIN ?? join(homedir(), ".cache", "momo-train"), "pairs");
const MIN_PAIRS = 50;

interface Repository {
  name: string;
  bags: Bags;
}

function read(): Repository[] {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".bin"))
    .map((file) => file.slice(0, -4))
    .sort();
  const chosen = options.only ? names.slice(0, Number(options.only)) : names;
  return chosen.map((name) => {
    const bytes = readFileSync(join(folder, `${name}.bin`));
    return { name, bags: decodePairs(new Uint8Array(bytes)) };
  });
}

/** Stems of at least `least` repositories, the most widespread first. */
function vocabulary(repositories: Repository[]): Map<string, number> {
  const seen = new Map<string, number>();
  for (const { bags } of repositories)
    for (const stem of bags.stems) seen.set(stem, (seen.get(stem) ?? 0) + 1);
  const kept = [...seen]
    .filter(([stem, count]) => count >= Number(options.least) && stem.length > 1 && !/^\d+$/.test(stem))
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, Number(options.rows));
  return new Map(kept.map(([stem], row) => [stem, row]));
}

/** Bags by row of the table; pairs of the wanted kinds that have at least three known stems on the left, four right. */
function trainingSet({ bags }: Repository, rows: Map<string, number>): TrainingSet {
  const row = Int32Array.from(bags.stems, (stem) => rows.get(stem) ?? -1);
  const wanted = new Set(options.kinds.split(",").map((kind) => pairKinds.indexOf(kind as never)));
  const at = [0];
  const term: number[] = [];
  const weight: number[] = [];
  for (let pair = 0; pair < bags.kinds.length; pair++) {
    if (!wanted.has(bags.kinds[pair])) continue;
    const before = term.length;
    const ends: number[] = [];
    for (const bag of [pair * 2, pair * 2 + 1]) {
      for (let k = bags.at[bag]; k < bags.at[bag + 1]; k++) {
        if (row[bags.stem[k]] < 0) continue;
        term.push(row[bags.stem[k]]);
        weight.push(1 + Math.log(bags.count[k]));
      }
      ends.push(term.length);
    }
    if (ends[0] - before < 2 || ends[1] - ends[0] < 4) {
      term.length = before;
      weight.length = before;
    } else at.push(...ends);
  }
  return {
    at: Uint32Array.from(at),
    term: Int32Array.from(term),
    weight: Float32Array.from(weight),
    pairs: (at.length - 1) / 2,
  };
}

/** How many bags of pairs each row is in. */
function occurrences(sets: TrainingSet[], rows: number): Float64Array {
  const having = new Float64Array(rows);
  for (const { term } of sets) for (const row of term) having[row]++;
  return having;
}

/** idf of each row over the right-hand bags, over its mean. */
function idfOf(sets: TrainingSet[], rows: number): Float64Array {
  const having = new Float64Array(rows);
  let bags = 0;
  for (const { at, term, pairs } of sets) {
    for (let pair = 0; pair < pairs; pair++) {
      bags++;
      for (let k = at[pair * 2 + 1]; k < at[pair * 2 + 2]; k++) having[term[k]]++;
    }
  }
  const idf = having.map((count) => Math.log(1 + bags / (1 + count)));
  const mean = idf.reduce((a, b) => a + b, 0) / rows;
  return idf.map((value) => value / mean);
}

/** Draws with probability proportional to the square root of the number of pairs. */
function drawer(sets: TrainingSet[], random: Random): () => TrainingSet {
  const ends: number[] = [];
  let total = 0;
  for (const { pairs } of sets) {
    total += Math.sqrt(pairs);
    ends.push(total);
  }
  return () => {
    const at = random() * total;
    return sets[ends.findIndex((end) => at < end)];
  };
}

/** `count` different numbers below `size`. */
function draw(size: number, count: number, random: Random): Int32Array {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(size, count)) chosen.add(Math.floor(random() * size));
  return Int32Array.from(chosen);
}

const random = createRandom(Number(options.seed));
const repositories = read();
const rows = vocabulary(repositories);
const sets = repositories
  .map((repository) => trainingSet(repository, rows))
  .filter(({ pairs }) => pairs >= MIN_PAIRS);
const dimensions = Number(options.dimensions);
const batch = Number(options.batch);
const steps = Number(options.steps);
const trainer = new Trainer(initialRows(idfOf(sets, rows.size), dimensions, random), {
  dimensions,
  steps,
  batch,
  learning_rate: Number(options.rate),
  temperature: Number(options.temperature),
  warm_up: 100,
});
const pairs = sets.reduce((sum, set) => sum + set.pairs, 0);
console.error(`${repositories.length} repositories, ${pairs} pairs, ${rows.size} rows`);
const next = drawer(sets, random);
const curve: { step: number; loss: number }[] = [];
let sum = 0;
const EVERY = 100;
for (let step = 1; step <= steps; step++) {
  const set = next();
  sum += trainer.step(set, draw(set.pairs, batch, random));
  if (step % EVERY !== 0) continue;
  curve.push({ step, loss: Number((sum / EVERY).toFixed(4)) });
  console.error(`step ${step}: loss ${(sum / EVERY).toFixed(3)}`);
  sum = 0;
}

// A row that was hardly ever moved holds nothing but the noise that it began with.
const seen = occurrences(sets, rows.size);
const terms = Array.from(rows, ([stem, row]) => {
  hashText(stem);
  return { row, low: hashLow >>> 0, high: hashHigh >>> 0 };
})
  .filter(({ row }) => seen[row] >= Number(options.seen))
  .sort((a, b) => a.low - b.low || a.high - b.high);
const values = new Float32Array(terms.length * dimensions);
for (const [at, { row }] of terms.entries())
  values.set(trainer.values.subarray(row * dimensions, (row + 1) * dimensions), at * dimensions);
// The name says which table it is: vectors of another are never compared with its rows.
const model = `static-${hash("sha256", Buffer.from(values.buffer)).slice(0, 8)}`;
const table = encodeTable({
  model,
  dimensions,
  values,
  low: Uint32Array.from(terms, ({ low }) => low),
  high: Uint32Array.from(terms, ({ high }) => high),
});
writeFileSync(options.out, table);
const record = {
  model,
  ...options,
  out: undefined,
  repositories: repositories.length,
  pairs,
  kept: terms.length,
  bytes: table.length,
  curve,
};
writeFileSync(`${options.out}.json`, `${JSON.stringify(record, null, 2)}\n`);
