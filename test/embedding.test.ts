/** Embedding through the public API: a model server on this machine stands in for Ollama and OpenAI. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { json, startModelServer } from "../src/embed/model-server.fixture.ts";
import type { EmbeddingPlan } from "../src/model/api.ts";
import { type Momo, openMomo } from "../src/momo.ts";
import { momo as program, project } from "./momo-process.ts";

const server = await startModelServer();
beforeEach(() => {
  server.received.length = 0;
  server.next.length = 0;
  server.always = undefined;
});

const ollama = {
  embedding_strategy: "ollama",
  embedding_model: "letters",
  embedding_url: server.url,
  embedding_batch: 2,
};
const openai = {
  embedding_strategy: "openai-compatible",
  embedding_model: "letters",
  embedding_url: `${server.url}/v1`,
};
const tfidf = { embedding_strategy: "tfidf" };

async function open(root: string, settings: Record<string, unknown> = {}): Promise<Momo> {
  const momo = await openMomo({ root, settings });
  onTestFinished(() => momo.close());
  return momo;
}

async function indexed(settings: Record<string, unknown> = {}): Promise<{ root: string; momo: Momo }> {
  const root = project();
  const plain = await open(root);
  await plain.ingest();
  await plain.close();
  return { root, momo: await open(root, settings) };
}

const modelsOf = (root: string): string[] => {
  const database = new DatabaseSync(join(root, ".momo", "momo.db"), { readOnly: true });
  const rows = database
    .prepare("SELECT DISTINCT name FROM section WHERE name LIKE 'vectors:%' ORDER BY name")
    .all();
  database.close();
  return rows.map(({ name }) => String(name).slice("vectors:".length));
};

const embedRequests = () => server.received.filter(({ path }) => /embed/.test(path));
const textsSent = (): string[] => embedRequests().flatMap(({ body }) => body.input ?? []);

test("without a strategy nothing is embedded, asked or said", async () => {
  const { momo } = await indexed();
  const { coverage, degraded } = await momo.search({ query: "retry policy" });
  expect([coverage.vectors, coverage.degraded, degraded]).toEqual([undefined, undefined, undefined]);
  await expect(momo.embed()).rejects.toMatchObject({ code: "EMBEDDING_UNAVAILABLE" });
});

test("shows a plan, embeds every chunk once, and searches compare vectors then", async () => {
  const { root, momo } = await indexed(ollama);
  expect(await momo.search({ query: "waits" })).toMatchObject({
    degraded: true,
    coverage: { degraded: expect.stringContaining("momo embed") },
  });
  const { chunks } = await momo.status();
  const plan = await momo.planEmbedding();
  expect(plan).toEqual({
    strategy: "ollama",
    model: "ollama/letters@0123456789ab/48",
    dimensions: 48,
    chunks,
    to_embed: chunks,
    requests: Math.ceil(chunks / 2),
  });
  expect(modelsOf(root)).toEqual([]);
  const plans: EmbeddingPlan[] = [];
  const done: number[] = [];
  const report = await momo.embed({
    on_plan: (shown) => void plans.push(shown),
    on_progress: ({ phase, done: count }) => phase === "embedding" && done.push(count),
  });
  expect(plans).toEqual([plan]);
  expect(report).toMatchObject({ embedded: chunks, remaining: 0, serving: true });
  expect(done.at(-1)).toBe(chunks);
  expect(modelsOf(root)).toEqual([plan.model]);
  expect(
    textsSent().some((text) => text.includes("src/retry.ts\n") && text.includes("class RetryPolicy")),
  ).toBe(true);
  server.received.length = 0;
  expect(await momo.embed()).toMatchObject({ from: plan.model, embedded: 0, to_embed: 0, requests: 0 });
  expect(textsSent()).toEqual([]);
  const answer = await momo.search({ query: "waits longer after each attempt", explain: true });
  expect(answer.results[0]?.path).toBe("src/retry.ts");
  expect(answer.coverage.vectors).toEqual({ model: plan.model, chunks });
  expect(answer.results[0]?.explain).toMatchObject({
    vectors: { weight: 0.15 },
    cosine: { value: expect.any(Number) },
  });
});

test("a file that no word leads to is found by its vector, and filters hold for it", async () => {
  const { root, momo } = await indexed(ollama);
  writeFileSync(join(root, "src", "zebra.ts"), "export const stripes = 12;\n");
  // The model says that the query means what the file says.
  const meant = [0, ...Array.from({ length: 47 }, (_, i) => (i === 5 ? 1 : 0))];
  server.always = (request, response) => {
    if (request.path === "/api/tags") return json(404, "")(request, response);
    const vectors = request.body.input!.map((text) =>
      /stripes|quagga/.test(text) ? meant : [1, ...new Array(47).fill(0)],
    );
    json(200, { embeddings: vectors })(request, response);
  };
  await momo.ingest();
  await momo.embed();
  const { results } = await momo.search({ query: "quagga" });
  expect(results[0]).toMatchObject({ path: "src/zebra.ts", score: 1, start_line: 1 });
  const limited = await momo.search({ query: "quagga", filters: { paths: ["*.py"] } });
  expect(limited.results.map(({ path }) => path)).not.toContain("src/zebra.ts");
  expect((await momo.search({ query: "quagga", strategy: "words" })).results).toEqual([]);
});

test("joined by ranks on request", async () => {
  const { momo } = await indexed({ ...ollama, vector_fusion: "ranks" });
  await momo.embed();
  const { results } = await momo.search({ query: "waits longer after each attempt", explain: true });
  expect(results[0]?.path).toBe("src/retry.ts");
  expect(results[0]?.explain).toMatchObject({
    rank_words: { contribution: 1 },
    rank_vectors: { contribution: 1 },
    cosine: { value: expect.any(Number) },
  });
});

test("with a weight of 0 the order is that of words", async () => {
  const { momo } = await indexed({ ...ollama, vector_weight: 0 });
  await momo.embed();
  const order = async (strategy?: "words"): Promise<string[]> => {
    const { results } = await momo.search({ query: "cart retry price", ...(strategy && { strategy }) });
    return results.map(({ path }) => path);
  };
  const words = await order("words");
  expect((await order()).slice(0, words.length)).toEqual(words);
});

test("a query is embedded once in its time", async () => {
  const { momo } = await indexed(ollama);
  await momo.embed();
  server.received.length = 0;
  await Promise.all([momo.search({ query: "cart" }), momo.search({ query: "cart" })]);
  await momo.search({ query: "cart" });
  expect(textsSent()).toEqual(["cart"]);
});

test("ingest embeds what is new, at its end", async () => {
  const { root, momo } = await indexed(ollama);
  await momo.embed();
  server.received.length = 0;
  writeFileSync(join(root, "src", "zebra.ts"), "export const stripes = 12;\n");
  const stats = await momo.ingest();
  expect(stats.embedding).toEqual({ model: "ollama/letters@0123456789ab/48", embedded: 1, remaining: 0 });
  expect(textsSent()).toEqual(["src/zebra.ts\nexport const stripes = 12;\n"]);
});

test("an ingest succeeds when the model server is down, says so, and the next one makes up for it", async () => {
  const { root, momo } = await indexed(ollama);
  await momo.embed();
  writeFileSync(join(root, "src", "zebra.ts"), "export const stripes = 12;\n");
  server.always = json(400, { error: "broken" });
  const stats = await momo.ingest();
  expect(stats).toMatchObject({ created: 1, embedding: { embedded: 0, remaining: 1 } });
  expect(stats.embedding?.warning).toContain("broken");
  const degraded = await momo.search({ query: "stripes" });
  expect(degraded).toMatchObject({
    degraded: true,
    coverage: { degraded: expect.stringContaining("broken") },
  });
  expect(degraded.results[0]?.path).toBe("src/zebra.ts");
  server.always = undefined;
  expect((await momo.ingest()).embedding).toMatchObject({ embedded: 1, remaining: 0 });
});

test("asked for explicitly, a model that cannot be used is an error", async () => {
  const { momo } = await indexed(ollama);
  await expect(momo.search({ query: "cart", strategy: "ollama" })).rejects.toMatchObject({
    code: "EMBEDDING_UNAVAILABLE",
  });
  await momo.embed();
  server.always = json(400, "");
  await expect(momo.search({ query: "new", strategy: "ollama" })).rejects.toMatchObject({
    code: "EMBEDDING_REFUSED",
  });
  expect(await momo.search({ query: "new" })).toMatchObject({ degraded: true });
  await expect(momo.search({ query: "new", strategy: "tfidf" })).rejects.toMatchObject({
    code: "VALUE_INVALID",
  });
  expect((await momo.search({ query: "new", strategy: "words" })).degraded).toBeUndefined();
});

test("with another model the old one serves until every chunk has a new vector", async () => {
  const { root, momo: first } = await indexed(tfidf);
  const { chunks, model: old } = await first.embed();
  await first.close();
  const second = await open(root, { ...openai, embedding_batch: 1 });
  const stop = new AbortController();
  server.always = undefined;
  // Interrupted on the way: nothing changes for searches, and what was done is not lost.
  let asked = 0;
  const interrupted = second.embed({
    signal: stop.signal,
    on_progress: () => {
      if (++asked === 1) server.next.push(json(400, "broken"));
    },
  });
  await expect(interrupted).rejects.toMatchObject({ code: "EMBEDDING_REFUSED" });
  const searched = await second.search({ query: "cart" });
  expect([searched.degraded, searched.coverage.vectors]).toEqual([undefined, { model: old, chunks }]);
  const plan = await second.planEmbedding();
  expect(plan).toMatchObject({ from: old, model: "openai-compatible/letters/48", to_embed: chunks });
  expect(await second.embed()).toMatchObject({ embedded: chunks, serving: true, from: old });
  expect(modelsOf(root)).toEqual(["openai-compatible/letters/48"]);
  expect((await second.search({ query: "cart" })).coverage.vectors?.model).toBe(
    "openai-compatible/letters/48",
  );
});

test("an interrupted run goes on where it stopped", async () => {
  const root = project();
  const lines = Array.from({ length: 1500 }, (_, i) => `export function step${i}() {\n  return ${i};\n}\n\n`);
  for (let file = 0; file < 30; file++)
    writeFileSync(
      join(root, `steps${file}.ts`),
      lines.map((line) => line.replace("step", `step${file}_`)).join(""),
    );
  const plain = await open(root);
  await plain.ingest();
  const momo = await open(root, { ...ollama, embedding_batch: 256 });
  const stop = new AbortController();
  const interrupted = momo.embed({
    signal: stop.signal,
    on_progress: ({ done }) => done > 0 && stop.abort(new Error("enough")),
  });
  await expect(interrupted).rejects.toThrow("enough");
  const { to_embed, chunks } = await momo.planEmbedding();
  expect(to_embed).toBeGreaterThan(0);
  expect(to_embed).toBe(chunks - 1024);
  expect(await momo.embed()).toMatchObject({ embedded: to_embed, remaining: 0, serving: true });
});

test("vectors are derived: embedding is no operation, and an undo brings vectors back with their versions", async () => {
  const { root, momo } = await indexed(tfidf);
  const { transaction: _, ...before } = (await momo.history())[0]!;
  await momo.embed();
  const after = (await momo.history())[0]!;
  expect(after).toMatchObject(before);
  const { parts } = await momo.digestReport();
  expect(parts.vectors).not.toBe("");
  writeFileSync(join(root, "src", "retry.ts"), "export const nothing = 1;\n");
  await momo.ingest();
  expect((await momo.digestReport()).parts.vectors).not.toBe(parts.vectors);
  const plan = await momo.planRollback({ transactions: [(await momo.history())[0]!.transaction] }, {});
  expect(plan.operations).toBe(1);
  await momo.rollback(plan.plan_hash);
  expect((await momo.digestReport()).parts.vectors).toBe(parts.vectors);
  expect((await momo.planEmbedding()).to_embed).toBe(0);
  expect(await momo.verify()).toBeUndefined();
});

test("tfidf: a fit stays until it is made anew", async () => {
  const { root, momo } = await indexed(tfidf);
  const { model } = await momo.embed();
  writeFileSync(join(root, "src", "zebra.ts"), "export const stripes = 12; // zebra zebra\n");
  writeFileSync(join(root, "src", "quagga.ts"), "export const stripes = 13; // zebra quagga\n");
  expect((await momo.ingest()).embedding).toMatchObject({ model, remaining: 0 });
  expect((await momo.planEmbedding()).model).toBe(model);
  const report = await momo.embed({ anew: true });
  expect(report.model).not.toBe(model);
  expect(report).toMatchObject({ from: model, serving: true, remaining: 0 });
  expect(modelsOf(root)).toEqual([report.model]);
  expect((await momo.search({ query: "zebra stripes" })).coverage.vectors?.model).toBe(report.model);
});

test.each(["weights", "ranks"])("hybrid, joined by %s", async (hybrid_fusion) => {
  const settings = { ...ollama, embedding_strategy: "hybrid", hybrid_model: "ollama", hybrid_fusion };
  const { momo } = await indexed(settings);
  const { model } = await momo.embed();
  expect(model).toMatch(/^hybrid\(tfidf@.* \+ ollama\/letters/);
  const { results, coverage, degraded } = await momo.search({ query: "waits longer after", explain: true });
  expect([results[0]?.path, coverage.vectors?.model, degraded]).toEqual(["src/retry.ts", model, undefined]);
  const second = await momo.search({ query: "cart price", explain: true });
  expect(second.results.some(({ explain }) => "vectors_2" in explain!)).toBe(hybrid_fusion === "ranks");
});

test("offline, a server elsewhere is not asked: ingest and search go on without it", async () => {
  const { momo } = await indexed({
    ...openai,
    embedding_url: "https://models.example.com/v1",
    offline: true,
  });
  await expect(momo.embed()).rejects.toMatchObject({ code: "OFFLINE" });
  expect((await momo.ingest()).embedding?.warning).toContain("offline");
});

test("the key goes to the server and nowhere else", async () => {
  vi.stubEnv("MOMO_EMBEDDING_KEY", "sk-top-secret-123");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { root, momo } = await indexed(openai);
  await momo.embed();
  await momo.search({ query: "cart" });
  await momo.close();
  expect(new Set(embedRequests().map(({ authorization }) => authorization))).toEqual(
    new Set(["Bearer sk-top-secret-123"]),
  );
  const stored = readFileSync(join(root, ".momo", "momo.db"));
  expect(stored.includes("sk-top-secret-123")).toBe(false);
});

test("momo embed: the plan and what was done, for people and as JSON", async () => {
  const cwd = project();
  const env = { MOMO_EMBEDDING_STRATEGY: "tfidf" };
  expect((await program(["embed"], { cwd, env })).code).toBe(1);
  await program(["ingest"], { cwd });
  const dry = await program(["embed", "--dry-run", "--json"], { cwd, env });
  expect(JSON.parse(dry.stdout)).toMatchObject({ strategy: "tfidf", requests: 0 });
  const { code, stdout } = await program(["embed"], { cwd, env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/none -> tfidf@[0-9a-f]{12}/);
  expect(stdout).toContain("searches use it");
  const found = await program(["search", "retry", "--json"], { cwd, env });
  expect(JSON.parse(found.stdout).coverage.vectors.model).toMatch(/^tfidf@/);
  const down = { MOMO_EMBEDDING_STRATEGY: "ollama", MOMO_EMBEDDING_URL: "http://127.0.0.1:9" };
  const words = await program(["search", "retry"], { cwd, env: { ...env, ...down } });
  expect(words.code).toBe(0);
  rmSync(join(cwd, "src"), { recursive: true });
});
