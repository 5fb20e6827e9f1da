/**
 * A vector engine elsewhere, kept up by the relay and asked by the search: it is believed as far as the knowledge base
 * says the same, what it lacks is said, and where it does not answer the search goes on without it.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SearchFilters, SearchResponse } from "../src/model/api.ts";
import { type Momo, openMomo } from "../src/momo.ts";
import { askEngine, type VectorEngine } from "../src/retrieve/engine.ts";
import type { Meaning } from "../src/retrieve/query-vector.ts";
import { createRetriever, type Retriever } from "../src/retrieve/search.ts";
import type { Store } from "../src/store/contract/store.ts";
import { relayOf } from "../src/store/engines/engines.fixture.ts";
import { MemoryVectors } from "../src/store/engines/memory-engine.fixture.ts";
import { projection, vectorRows } from "../src/store/engines/projection.ts";
import { openStore } from "../src/store/open.ts";
import { servingModel } from "../src/store/vector/models.ts";

const DAY_MS = 86_400_000;
const files: Record<string, string> = {
  "src/session.ts":
    "/** Checks the password and gives out a token. */\nexport function login(user: string) {\n  return token(user);\n}\n",
  "src/shapes.ts":
    "/** Draws a circle on the canvas. */\nexport function draw(width: number) {\n  canvas.stroke(width);\n}\n",
  "src/parse.ts":
    "/** Reads numbers of a text into a tree. */\nexport function parse(text: string) {\n  return tokenize(text);\n}\n",
  "lib/colour.py": "def colour(canvas, width):\n    return canvas.circle(width)\n",
};

let root: string;
let opened: (() => unknown)[];
beforeEach(() => {
  opened = [];
  root = mkdtempSync(join(tmpdir(), "momo-engines-"));
  for (const [path, text] of Object.entries(files)) add(path, text);
});
afterEach(async () => {
  for (const close of opened) await close();
  rmSync(root, { recursive: true });
});

function add(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function momoOf(embedding_strategy = "tfidf"): Promise<Momo> {
  const momo = await openMomo({ root, settings: { embedding_strategy } });
  opened.push(() => momo.close());
  return momo;
}

function storeOf(): Store {
  const store = openStore(join(root, ".momo", "momo.db"), { mode: "write", durability: "process" });
  opened.push(() => store.close());
  return store;
}

interface World {
  momo: Momo;
  store: Store;
  memory: MemoryVectors;
  engine: VectorEngine;
  relay: ReturnType<typeof relayOf>;
  retriever: Retriever;
  /** Asks for what is near the first chunk of a file. */
  search(engine: VectorEngine | undefined, path: string, filters?: SearchFilters): Promise<SearchResponse>;
}

async function indexed(): Promise<World> {
  const momo = await momoOf();
  await momo.ingest();
  const store = storeOf();
  const { model, dimensions } = servingModel(store)!;
  const memory = new MemoryVectors({ model, dimensions });
  const relay = relayOf(store, [projection({ name: "vectors", rows: memory, ...vectorRows(model) })]);
  await relay.run();
  const vectors = new Map([...memory.rows.values()].map(({ key, vector }) => [key, vector]));
  const retriever = createRetriever(store);
  const search: World["search"] = async (engine, path, filters) => {
    const queries = [vectors.get(path)!];
    const meaning: Meaning = { model, dimensions, queries, fusion: { by: "ranks", weight: 1 } };
    const request = { query: "zzz", ...(filters && { filters }) };
    const asked = engine
      ? await askEngine(engine, { store, index: retriever.index() }, { meaning, request })
      : meaning;
    return retriever.search(request, asked);
  };
  return { momo, store, memory, engine: { name: "vectors", store: memory }, relay, retriever, search };
}

const pathsOf = ({ results }: SearchResponse): string[] => results.map(({ path }) => path);

test("an engine that follows finds what the vectors in the file find", async () => {
  const { memory, engine, search, store } = await indexed();
  expect(memory.rows.size).toBe(4);
  for (const path of Object.keys(files)) {
    const [here, there] = [await search(undefined, path), await search(engine, path)];
    expect(pathsOf(there)).toEqual(pathsOf(here));
    expect(pathsOf(there)).toContain(path);
    expect(there.coverage.vectors).toEqual({ model: memory.model, engine: "vectors" });
  }
  for (const filters of [{ directories: ["lib"] }, { languages: ["typescript"] }, { paths: ["**/s*.ts"] }]) {
    const found = pathsOf(await search(engine, "src/shapes.ts", filters));
    expect(found).toEqual(pathsOf(await search(undefined, "src/shapes.ts", filters)));
  }
  expect(store.engine("vectors")).toMatchObject({ seq: store.seq(), state: "following" });
});

test("an engine that lags says by how much, and never shows what was changed, removed or taken back", async () => {
  const { momo, engine, search, relay, memory, store } = await indexed();
  add("src/shapes.ts", "/** Wholly other things about whales. */\nexport const whale = 1;\n");
  rmSync(join(root, "lib/colour.py"));
  await momo.ingest();
  expect(memory.rows.size).toBe(4);
  const late = await search(engine, "src/shapes.ts");
  expect(pathsOf(late)).not.toContain("src/shapes.ts");
  expect(pathsOf(late)).not.toContain("lib/colour.py");
  expect(late.coverage.vectors).toMatchObject({ engine_lag: 2 });
  await relay.run();
  const rows = [...memory.rows.values()].map(({ key, vid }) => `${key}=${vid}`);
  expect(rows.sort()).toEqual(
    store
      .heads("file")
      .map(({ key, vid }) => `${key}=${vid}`)
      .sort(),
  );
  expect((await search(engine, "src/session.ts")).coverage.vectors).not.toHaveProperty("engine_lag");
  // Back again: the vectors of before are sent anew, and nothing is embedded.
  await momo.rewind({ seq: 4 }, { agent: "tester" });
  const behind = await search(engine, "src/shapes.ts");
  expect(behind.coverage.vectors).toMatchObject({ engine_lag: 2 });
  await relay.run();
  expect(pathsOf(await search(engine, "src/shapes.ts"))[0]).toBe("src/shapes.ts");
});

test("what died between the engine's answer and the search is not shown either", async () => {
  const { momo, engine, memory, store, retriever } = await indexed();
  const [row] = [...memory.rows.values()].filter(({ key }) => key === "src/shapes.ts");
  const { model, dimensions } = memory;
  const meaning: Meaning = { model, dimensions, queries: [row!.vector], fusion: { by: "ranks", weight: 1 } };
  const request = { query: "zzz" };
  const asked = await askEngine(engine, { store, index: retriever.index() }, { meaning, request });
  expect(pathsOf(retriever.search(request, asked))).toContain("src/shapes.ts");
  rmSync(join(root, "src/shapes.ts"));
  await momo.ingest();
  expect(pathsOf(retriever.search(request, asked))).not.toContain("src/shapes.ts");
});

test("where an engine does not answer, the vectors in the file are compared, and the answer says so", async () => {
  const { memory, search } = await indexed();
  const dead = Object.assign(Object.create(memory), {
    search: async () => Promise.reject(new Error("connection refused")),
  });
  const found = await search({ name: "vectors", store: dead }, "src/parse.ts");
  expect(pathsOf(found)).toEqual(pathsOf(await search(undefined, "src/parse.ts")));
  expect(found.coverage.vectors).toEqual({
    model: memory.model,
    chunks: 4,
    engine: "vectors",
    engine_error: "connection refused",
  });
  const other = new MemoryVectors({ model: "another", dimensions: 3 });
  expect((await search({ name: "vectors", store: other }, "src/parse.ts")).coverage.vectors).toEqual({
    model: memory.model,
    chunks: 4,
  });
});

test("what is embedded later than it is written is delivered then", async () => {
  const { momo, relay, memory, store } = await indexed();
  const plain = await momoOf("static");
  add("src/late.ts", "export const lighthouse = 1;\n");
  await plain.ingest();
  await relay.run();
  expect([memory.rows.size, store.engine("vectors")?.seq]).toEqual([4, store.seq()]);
  await momo.embed();
  await relay.run();
  expect([...memory.rows.values()].map(({ key }) => key).sort()).toEqual(
    ["src/late.ts", ...Object.keys(files)].sort(),
  );
  const { listed } = memory.asked;
  await relay.run();
  expect(memory.asked.listed).toBe(listed);
});

test("compaction keeps what an engine has not got, but not for one that was not reached for a month", async () => {
  const { momo, store } = await indexed();
  for (const content of ["one", "two", "three"])
    await momo.transact({ agent: "tester" }, (tx) => tx.put({ id: "n", type: "documentation", content }));
  store.forgetEngine("vectors");
  const record = { name: "slow", seq: 4, revision: 0, state: "following", attempts: 0 } as const;
  store.setEngine({ ...record, reached_at: Date.now() - 29 * DAY_MS });
  const held = await momo.compact({ seq: store.seq() }, { agent: "tester" });
  expect(held).toMatchObject({ horizon: 4, held_by: "engine slow" });
  expect((await momo.status()).engines?.[0]).toMatchObject({
    name: "slow",
    abandoned_at: expect.any(String),
  });
  store.forgetEngine("slow");
  store.setEngine({ ...record, reached_at: Date.now() - 31 * DAY_MS });
  const free = await momo.compact({ seq: store.seq() }, { agent: "tester" });
  expect(free).toMatchObject({ horizon: store.seq() });
  expect((await momo.status()).engines).toMatchObject([
    { name: "slow", state: "abandoned", behind: store.seq() - 4 },
  ]);
});
