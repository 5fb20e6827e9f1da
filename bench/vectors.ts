/**
 * Vector search in memory, as JSON: npm run bench -- vectors [--sizes 1000,10000,100000,300000] [--dims 64,256]
 * [--queries 200] [--seed 1]
 *
 * Clustered synthetic vectors (one cluster for each hundred rows, at most 1000), stored as blocks of 10,000 rows as
 * segments would hold them, with and without float32 rows. `momo` is search(limit 10) of the embedded store, `scores`
 * its cosine of every row; the peer in the same turns is a plain scan of Float32Array in JavaScript, which is the truth
 * that recall is counted against as well. Wall times are of single calls, after a tenth as many to warm up; on a busy
 * machine the ratio of processor time, momo's to the peer's, says more. Nothing is written: durability does not apply.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { encodeBlock, openBlock, type VectorBlock } from "../src/store/vector/block.ts";
import { EmbeddedVectorStore } from "../src/store/vector/embedded.ts";

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== "vectors"),
  options: {
    sizes: { type: "string", default: "1000,10000,100000,300000" },
    dims: { type: "string", default: "64,256" },
    queries: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
  },
});
const numbers = (text: string): number[] => text.split(",").map(Number);
const round = (value: number, digits = 3): number => Number(value.toFixed(digits));

const K = 10;
const BLOCK_ROWS = 10_000;
const CHUNKS_OF_A_FILE = 5;
/** Share of a row's length that is its cluster's direction, against noise of length 1. */
const CLUSTER = 1.2;

/** Reproducible uniform numbers, 0 to 1 (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Shape {
  rows: number;
  dimensions: number;
}

/** Unit vectors, rows x dimensions; queries come from the same clusters. */
function makeVectors(
  { rows, dimensions }: Shape,
  queries: number,
): { all: Float32Array; asked: Float32Array[] } {
  const next = random(Number(options.seed));
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const direction = (length: number): Float32Array => {
    const values = Float32Array.from({ length: dimensions }, gauss);
    const factor = length / Math.hypot(...values);
    return values.map((value) => value * factor);
  };
  const clusters = Array.from({ length: Math.min(1000, Math.ceil(rows / 100)) }, () => direction(CLUSTER));
  const draw = (): Float32Array => {
    const centre = clusters[Math.floor(next() * clusters.length)]!;
    const vector = direction(1).map((value, k) => value + centre[k]!);
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  };
  const all = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row++) all.set(draw(), row * dimensions);
  return { all, asked: Array.from({ length: queries }, draw) };
}

function makeBlocks(all: Float32Array, { rows, dimensions }: Shape, exact: boolean): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let first = 0; first < rows; first += BLOCK_ROWS) {
    const vectors = Array.from({ length: Math.min(BLOCK_ROWS, rows - first) }, (_, i) =>
      all.subarray((first + i) * dimensions, (first + i + 1) * dimensions),
    );
    blocks.push(encodeBlock({ model: "bench", dimensions, exact }, vectors));
  }
  return blocks;
}

/** Documents of five chunks each, as a segment would have them. */
function documentsOf({ chunks }: VectorBlock, first: number): Parameters<EmbeddedVectorStore["append"]>[1] {
  const documents = Math.ceil(chunks / CHUNKS_OF_A_FILE);
  return {
    vids: Float64Array.from({ length: documents }, (_, i) => first / CHUNKS_OF_A_FILE + i + 1),
    firstChunk: Uint32Array.from({ length: documents }, (_, i) => i * CHUNKS_OF_A_FILE),
    chunks,
    fields: () => ({ kind: "file", path: "" }),
  };
}

function load(blocks: Uint8Array[], { dimensions }: Shape): EmbeddedVectorStore {
  const store = new EmbeddedVectorStore({ model: "bench", dimensions });
  for (const bytes of blocks) {
    const block = openBlock(bytes);
    store.append(block, documentsOf(block, store.rows));
  }
  return store;
}

/** Rows of the ten largest dot products, best first: every row, in JavaScript. */
function plainSearch(all: Float32Array, query: Float32Array): number[] {
  const dimensions = query.length;
  const best: { row: number; score: number }[] = [];
  for (let at = 0, row = 0; at < all.length; at += dimensions, row++) {
    let score = 0;
    for (let k = 0; k < dimensions; k++) score += all[at + k]! * query[k]!;
    if (best.length === K && score <= best[K - 1]!.score) continue;
    let place = best.length;
    while (place > 0 && best[place - 1]!.score < score) place--;
    best.splice(place, 0, { row, score });
    best.length = Math.min(best.length, K);
  }
  return best.map(({ row }) => row);
}

interface Timing {
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
  /** Processor time a call, of the whole process. */
  cpu_ms: number;
}

async function time(queries: Float32Array[], call: (query: Float32Array) => unknown): Promise<Timing> {
  for (const query of queries.slice(0, Math.ceil(queries.length / 10))) await call(query);
  const times: number[] = [];
  const before = process.cpuUsage();
  for (const query of queries) {
    const started = performance.now();
    await call(query);
    times.push(performance.now() - started);
  }
  const { user, system } = process.cpuUsage(before);
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    round(times[Math.min(times.length - 1, Math.floor(times.length * share))]!);
  return {
    p50_ms: at(0.5),
    p95_ms: at(0.95),
    p99_ms: at(0.99),
    cpu_ms: round((user + system) / 1000 / queries.length),
  };
}

/** Rows that were found, of those that should have been. */
async function recall(
  store: EmbeddedVectorStore,
  queries: Float32Array[],
  truth: number[][],
): Promise<number> {
  let found = 0;
  for (const [i, query] of queries.entries()) {
    const hits = await store.search(query, { limit: K });
    const rows = new Set(hits.map(({ vid, chunk }) => (vid - 1) * CHUNKS_OF_A_FILE + chunk));
    found += truth[i]!.filter((row) => rows.has(row)).length;
  }
  return round(found / (queries.length * K), 4);
}

/** Nine of ten. */
const liveVersions = ({ rows }: Shape): number[] =>
  Array.from({ length: Math.ceil(rows / CHUNKS_OF_A_FILE) }, (_, i) => i + 1).filter(
    (version) => version % 10 > 0,
  );

async function measureForm(
  all: Float32Array,
  shape: Shape,
  { exact, asked, truth }: { exact: boolean; asked: Float32Array[]; truth: number[][] },
): Promise<Record<string, unknown>> {
  const started = performance.now();
  const blocks = makeBlocks(all, shape, exact);
  const encode_ms = round(performance.now() - started, 1);
  const loadStarted = performance.now();
  const store = load(blocks, shape);
  const load_ms = round(performance.now() - loadStarted, 1);
  const first = performance.now();
  await store.search(asked[0]!, { limit: K });
  const first_search_ms = round(performance.now() - first);
  const into = new Float32Array(shape.rows);
  const live = new Set(liveVersions(shape));
  const state = performance.now();
  await store.search(asked[0]!, { limit: K, live });
  const first_search_of_a_state_ms = round(performance.now() - state);
  return {
    search: await time(asked, (query) => store.search(query, { limit: K })),
    scores: await time(asked, (query) => store.scores(query, into)),
    recall_at_10: await recall(store, asked, truth),
    first_search_ms,
    first_search_of_a_state_ms,
    encode_ms,
    load_ms,
    memory_mb: {
      codes: round(store.bytes / 1e6, 1),
      blocks_kept: exact ? round(blocks.reduce((sum, { length }) => sum + length, 0) / 1e6, 1) : 0,
    },
    stored_mb: round(blocks.reduce((sum, { length }) => sum + length, 0) / 1e6, 1),
  };
}

async function measure(shape: Shape): Promise<unknown> {
  const { all, asked } = makeVectors(shape, Number(options.queries));
  const truth = asked.map((query) => plainSearch(all, query));
  const codes = await measureForm(all, shape, { exact: false, asked, truth });
  const rescored = await measureForm(all, shape, { exact: true, asked, truth });
  const plain = await time(asked, (query) => plainSearch(all, query));
  const ratio = (form: Record<string, unknown>): number =>
    round((form.search as Timing).cpu_ms / plain.cpu_ms);
  return {
    ...shape,
    momo: { codes_and_float32: rescored, codes_only: codes },
    plain_float32_js: { search: plain, memory_mb: round(all.byteLength / 1e6, 1) },
    cpu_ratio_to_plain: { codes_and_float32: ratio(rescored), codes_only: ratio(codes) },
  };
}

const results: unknown[] = [];
for (const dimensions of numbers(options.dims)) {
  for (const rows of numbers(options.sizes)) {
    process.stderr.write(`${rows} x ${dimensions}\n`);
    results.push(await measure({ rows, dimensions }));
  }
}
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
process.stdout.write(
  `${JSON.stringify({ machine, queries: Number(options.queries), k: K, durability: "memory", results }, undefined, 2)}\n`,
);
