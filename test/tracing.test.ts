/** Spans of the work rooms, through the API: a search, a commit, and the request to a model server below it. */
import { expect, onTestFinished, test } from "vitest";
import { startModelServer } from "../src/embed/model-server.fixture.ts";
import { openMomo } from "../src/momo.ts";
import { startCollector } from "../src/observe/collector.fixture.ts";
import { serverSpan, startTracing } from "../src/observe/trace.ts";
import { binary, project, run } from "./momo-process.ts";

const models = await startModelServer();

test("a search and what it asks of a model are one trace; a commit says how much it wrote", async () => {
  const collector = await startCollector();
  const settings = { embedding_strategy: "ollama", embedding_url: models.url, embedding_model: "letters" };
  const momo = await openMomo({ root: project(), settings });
  onTestFinished(() => momo.close());
  const traces = await startTracing({ url: collector.url, version: "1", onProblem: () => undefined });
  onTestFinished(() => traces.close());
  await momo.ingest();
  const { results } = await serverSpan("POST /query", {}, () => momo.search({ query: "shopping cart" }));
  await traces.close();

  expect(collector.spans.filter(({ name }) => name === "store.commit")[0]!.attributes).toEqual({
    "db.system.name": "sqlite",
    "db.operation.name": "COMMIT",
    "db.operation.batch.size": 5,
  });
  const [request, retrieval] = [collector.named("POST /query"), collector.named("retrieval")];
  expect(results.length).toBeGreaterThan(0);
  expect(retrieval.attributes).toEqual({
    "gen_ai.operation.name": "retrieval",
    "db.response.returned_rows": results.length,
  });
  expect(retrieval.parentSpanId).toBe(request.spanId);
  const asked = collector.spans.filter(({ parentSpanId }) => parentSpanId === retrieval.spanId);
  expect(asked.at(-1)).toMatchObject({ name: "/api/embed", kind: 3 });
  expect(asked.at(-1)!.attributes).toEqual({
    "http.request.method": "POST",
    "url.path": "/api/embed",
    "server.address": "127.0.0.1",
    "server.port": Number(new URL(models.url).port),
    "gen_ai.operation.name": "embeddings",
    "gen_ai.request.model": "letters",
  });
  expect(JSON.stringify(collector.spans)).not.toContain("shopping");
});

/** Names on standard error, at its end, what a program has loaded of the libraries for servers. */
const tell = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  const seen = new Set();
  registerHooks({ resolve: (name, context, next) => (seen.add(name), next(name, context)) });
  process.on("exit", () => console.error([...seen].filter((name) =>
    /opentelemetry|pino|prom-client|fastify|observe.trace/.test(name)).join()));
`)}`;

test("a search from the command line loads no library for logs, metrics or traces", async () => {
  const cwd = project();
  const search = [process.execPath, "--import", tell, binary, "search", "shopping cart", "--json"];
  const { code, stdout, stderr } = await run(search, { cwd });
  expect({ code, loaded: stderr.trim().split("\n").at(-1) }).toEqual({
    code: 0,
    loaded: expect.stringMatching(/^\.\/observe\/trace\.js(,(?:\.\.\/)+observe\/trace\.js)?$/),
  });
  expect(JSON.parse(stdout).results.length).toBeGreaterThan(0);
});
