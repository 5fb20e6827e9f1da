import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { readExposition } from "./exposition.fixture.ts";
import { type MetricRow, metricTable } from "./metric-table.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { timed } from "./timed.ts";

const lists = {
  routes: ["/query", "/entries/{id}"],
  commands: ["search", "ingest"],
  queues: ["search"],
  checks: ["store"],
};
const create = (): Metrics => createMetrics({ version: "1.2.3", ...lists });

/** Value of one sample; undefined where there is none. */
async function sampleOf(metrics: Metrics, sample: string): Promise<number | undefined> {
  const families = readExposition(await metrics.text());
  return [...families.values()]
    .map(({ samples }) => samples.get(sample))
    .find((value) => value !== undefined);
}

test("the text has every metric of the table, with its type and help, and keeps the conventions", async () => {
  const metrics = create();
  const families = readExposition(await metrics.text());
  expect(metrics.content_type).toMatch(/^text\/plain; version=0\.0\.4/);
  for (const [name, { type, help }] of Object.entries<MetricRow>(metricTable))
    expect({ name, ...families.get(name) }).toMatchObject({ name, type, help });
  for (const [name, { type }] of families) {
    expect(name).toMatch(/^momo_[a-z0-9_]+$/);
    expect({ name, isCounter: type === "counter" }).toEqual({ name, isCounter: name.endsWith("_total") });
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|mb|kb|ratio_percent)(_|$)/);
    if (type === "histogram") expect(name).toMatch(/_seconds$/);
  }
  expect([...families.keys()]).toContain("momo_process_resident_memory_bytes");
  expect([...families.keys()]).toContain("momo_process_cpu_seconds_total");
});

test("names() is what the text can have", async () => {
  const metrics = create();
  await metrics.search({ method: "POST", endpoint: "/query" }, () => 1);
  metrics.httpRequest({ method: "GET", route: "/query", status: 200 }, 0.1);
  metrics.command("search", "success", 0.1);
  const names = new Set(metrics.names());
  for (const { samples } of readExposition(await metrics.text()).values())
    for (const sample of samples.keys()) expect(names).toContain(sample.replace(/\{.*/, ""));
});

test("a question is counted, timed and seen while it runs, however it ends", async () => {
  const metrics = create();
  const asked = { method: "post", endpoint: "/query" };
  let finish: (value: number) => void = () => undefined;
  const running = metrics.search(asked, () => new Promise<number>((resolve) => (finish = resolve)));
  expect(await sampleOf(metrics, "momo_active_searches")).toBe(1);
  finish(42);
  expect(await running).toBe(42);
  const failing = metrics.search(asked, () => Promise.reject(new Error("broken")));
  await expect(failing).rejects.toThrow("broken");
  const throwing = metrics.search({ method: "MCP", endpoint: "search" }, () => {
    throw new Error("at once");
  });
  await expect(throwing).rejects.toThrow("at once");
  for (const [sample, value] of [
    ["momo_active_searches", 0],
    ['momo_queries_total{status="success"}', 1],
    ['momo_queries_total{status="error"}', 2],
    ['momo_search_requests_total{endpoint="/query",method="POST"}', 2],
    ['momo_search_requests_total{endpoint="search",method="MCP"}', 1],
    ["momo_query_duration_seconds_count", 3],
    ['momo_search_request_duration_seconds_count{endpoint="/query",method="POST"}', 2],
  ] as const)
    expect({ sample, value: await sampleOf(metrics, sample) }).toEqual({ sample, value });
});

test("each function changes its own metric", async () => {
  const metrics = create();
  metrics.ingestion("success");
  metrics.indexed("created", 7);
  metrics.entries(120);
  metrics.cacheHits("answers", 3);
  metrics.cacheMisses("embeddings");
  metrics.command("ingest", "error", 2.5);
  metrics.httpRequest({ method: "GET", route: "/entries/{id}", status: 404 }, 0.02);
  metrics.queueWaiting("search", 5);
  metrics.queueLimit("search", 256);
  metrics.rateLimited();
  metrics.authFailed();
  metrics.liveConnections(2);
  metrics.checked("store", false);
  for (const [sample, value] of [
    ['momo_ingestions_total{status="success"}', 1],
    ['momo_indexing_operations_total{operation_type="created"}', 7],
    ["momo_knowledge_entries", 120],
    ['momo_cache_hits_total{cache_type="answers"}', 3],
    ['momo_cache_misses_total{cache_type="embeddings"}', 1],
    ['momo_commands_total{command="ingest",status="error"}', 1],
    ['momo_command_duration_seconds_sum{command="ingest"}', 2.5],
    ['momo_command_duration_seconds_bucket{command="ingest",le="2"}', 0],
    ['momo_command_duration_seconds_bucket{command="ingest",le="5"}', 1],
    ['momo_http_requests_total{method="GET",route="/entries/{id}",status="404"}', 1],
    ['momo_http_request_duration_seconds_bucket{le="0.025",method="GET",route="/entries/{id}"}', 1],
    ['momo_queue_waiting{queue="search"}', 5],
    ['momo_queue_limit{queue="search"}', 256],
    ["momo_rate_limited_total", 1],
    ["momo_auth_failures_total", 1],
    ["momo_live_connections", 2],
    ['momo_check_ok{check="store"}', 0],
    [`momo_build_info{node="${process.versions.node}",version="1.2.3"}`, 1],
  ] as const)
    expect({ sample, value: await sampleOf(metrics, sample) }).toEqual({ sample, value });
});

test("counters whose labels are known begin at 0", async () => {
  const metrics = create();
  for (const sample of [
    'momo_queries_total{status="error"}',
    'momo_ingestions_total{status="error"}',
    'momo_cache_hits_total{cache_type="answers"}',
    'momo_indexing_operations_total{operation_type="removed"}',
    "momo_auth_failures_total",
  ])
    expect({ sample, value: await sampleOf(metrics, sample) }).toEqual({ sample, value: 0 });
});

test("whatever callers send, labels stay few", async () => {
  const metrics = create();
  const before = (await metrics.text()).length;
  metrics.httpRequest({ method: "BREW", route: "/teapot", status: 999 }, 1);
  metrics.httpRequest({ method: "BREW", route: "/teapot", status: Number.NaN }, 1);
  const grown = (await metrics.text()).length;
  expect(grown).toBeGreaterThan(before);
  for (let i = 0; i < 500; i++) {
    metrics.httpRequest({ method: `M${i}`, route: `/entries/${i}`, status: 1000 + i }, 1);
    await metrics.search({ method: "BREW", endpoint: `/${i}\n"` }, () => 1);
    metrics.command(`c${i}`, "success", 1);
    metrics.queueWaiting(`q${i}`, 1);
    metrics.checked(`c${i}`, true);
  }
  const text = await metrics.text();
  expect(text).toContain('momo_http_requests_total{method="other",route="other",status="other"} 502');
  expect(text).toContain('momo_search_requests_total{method="other",endpoint="other"} 500');
  expect(text.split("\n").length).toBeLessThan(grown / 20);
  for (const family of readExposition(text).values()) expect(family.samples.size).toBeLessThan(60);
});

test("the lag of the event loop is seen", async () => {
  const metrics = create();
  await metrics.text();
  // The first delay after a reading is not seen.
  for (let i = 0; i < 5; i++) await setTimeout(20);
  const until = performance.now() + 200;
  while (performance.now() < until);
  await setTimeout(50);
  // At least: a busy machine adds to it.
  expect(await sampleOf(metrics, "momo_event_loop_lag_seconds")).toBeGreaterThan(0.1);
});

test("two servers in one process count apart", async () => {
  const [first, second] = [create(), create()];
  first.rateLimited();
  expect(await sampleOf(second, "momo_rate_limited_total")).toBe(0);
});

test("timed says how it ended and raises what the work raises", async () => {
  const seen: string[] = [];
  const record = (status: string, seconds: number): void => {
    expect(seconds).toBeGreaterThanOrEqual(0);
    seen.push(status);
  };
  expect(await timed(record, async () => 5)).toBe(5);
  await expect(timed(record, () => Promise.reject(new TypeError("no")))).rejects.toThrow(TypeError);
  expect(seen).toEqual(["success", "error"]);
  // What fails while it is recorded is not taken for a failure of the work.
  const counts: string[] = [];
  const broken = timed(
    (status) => {
      counts.push(status);
      throw new Error("cannot count");
    },
    () => 1,
  );
  await expect(broken).rejects.toThrow("cannot count");
  expect(counts).toEqual(["success"]);
});
