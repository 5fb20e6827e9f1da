/**
 * What a server counts, for Prometheus. Callers get functions, not metrics: so that no label can grow without end.
 * Made once where a server begins; `http/` serves the text.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { watchEventLoop } from "./event-loop.ts";
import { labelValues, type MetricName, type MetricRow, metricTable } from "./metric-table.ts";
import { type Status, timed } from "./timed.ts";

export interface MetricsOptions {
  version: string;
  /** Values that labels may have; any other is counted as `other`. Templates such as `/entries/{id}`, not paths. */
  routes: readonly string[];
  /** Commands and tools. */
  commands: readonly string[];
  queues: readonly string[];
  checks: readonly string[];
}

export type CacheType = (typeof labelValues.cache_type)[number];
export type OperationType = (typeof labelValues.operation_type)[number];

export interface Metrics {
  /** Of the answer that `text` is the body of. */
  readonly content_type: string;
  text(): Promise<string>;
  /** Every name in the text, with `_bucket`, `_sum` and `_count` of histograms. */
  names(): string[];
  /** Counts and times a question. `method` of HTTP or `MCP`; `endpoint` is a route or the name of a tool. */
  search<T>(asked: { method: string; endpoint: string }, work: () => T | Promise<T>): Promise<T>;
  ingestion(status: Status): void;
  indexed(operation: OperationType, count: number): void;
  entries(count: number): void;
  cacheHits(cache: CacheType, count?: number): void;
  cacheMisses(cache: CacheType, count?: number): void;
  command(name: string, status: Status, seconds: number): void;
  httpRequest(request: { method: string; route: string; status: number }, seconds: number): void;
  queueWaiting(queue: string, waiting: number): void;
  queueLimit(queue: string, limit: number): void;
  rateLimited(): void;
  authFailed(): void;
  liveConnections(open: number): void;
  checked(check: string, ok: boolean): void;
}

const OTHER = "other";
const fold = (value: string, known: readonly string[]): string => (known.includes(value) ? value : OTHER);

/** Gauges of the library with names that say counter. */
const misnamed = ["resources", "handles", "requests"].map((what) => `momo_nodejs_active_${what}_total`);

export function createMetrics({ version, routes, commands, queues, checks }: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "momo_" });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const { count, set, time } = makeMetrics(registry);
  set("momo_build_info", 1, { version, node: process.versions.node });
  const places = [...routes, ...commands];
  const methodOf = (method: string): string => fold(method.toUpperCase(), labelValues.method);
  let active = 0;
  return {
    content_type: registry.contentType,
    text: () => registry.metrics(),
    names: () => registry.getMetricsAsArray().flatMap(samplesOf),
    search: (asked, work) => {
      const labels = { method: methodOf(asked.method), endpoint: fold(asked.endpoint, places) };
      set("momo_active_searches", ++active);
      return timed((status, seconds) => {
        set("momo_active_searches", --active);
        count("momo_queries_total", 1, { status });
        count("momo_search_requests_total", 1, labels);
        time("momo_query_duration_seconds", seconds);
        time("momo_search_request_duration_seconds", seconds, labels);
      }, work);
    },
    ingestion: (status) => count("momo_ingestions_total", 1, { status }),
    indexed: (type, files) => count("momo_indexing_operations_total", files, { operation_type: type }),
    entries: (known) => set("momo_knowledge_entries", known),
    cacheHits: (cache, hits = 1) => count("momo_cache_hits_total", hits, { cache_type: cache }),
    cacheMisses: (cache, misses = 1) => count("momo_cache_misses_total", misses, { cache_type: cache }),
    command: (name, status, seconds) => {
      const command = fold(name, commands);
      count("momo_commands_total", 1, { command, status });
      time("momo_command_duration_seconds", seconds, { command });
    },
    httpRequest: (request, seconds) => {
      const labels = { method: methodOf(request.method), route: fold(request.route, routes) };
      count("momo_http_requests_total", 1, { ...labels, status: statusOf(request.status) });
      time("momo_http_request_duration_seconds", seconds, labels);
    },
    queueWaiting: (queue, waiting) => set("momo_queue_waiting", waiting, { queue: fold(queue, queues) }),
    queueLimit: (queue, limit) => set("momo_queue_limit", limit, { queue: fold(queue, queues) }),
    rateLimited: () => count("momo_rate_limited_total", 1),
    authFailed: () => count("momo_auth_failures_total", 1),
    liveConnections: (open) => set("momo_live_connections", open),
    checked: (check, ok) => set("momo_check_ok", ok ? 1 : 0, { check: fold(check, checks) }),
  };
}

const statusOf = (status: number): string =>
  Number.isInteger(status) && status >= 100 && status < 600 ? String(status) : OTHER;

type Labels = Record<string, string>;
type Change = (name: MetricName, value: number, labels?: Labels) => void;

/** The metrics of the table; the functions change one by its name. */
function makeMetrics(registry: Registry): { count: Change; set: Change; time: Change } {
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, row] of Object.entries<MetricRow>(metricTable)) {
    const options = { name, help: row.help, labelNames: row.labels, registers: [registry] };
    if (row.type === "counter") counters.set(name, beginning(new Counter(options), row.labels));
    else if (row.type === "gauge") gauges.set(name, new Gauge({ ...options, ...sampled(name) }));
    else histograms.set(name, new Histogram({ ...options, buckets: [...row.buckets!] }));
  }
  return {
    count: (name, value, labels = {}) => counters.get(name)!.inc(labels, value),
    set: (name, value, labels = {}) => gauges.get(name)!.set(labels, value),
    time: (name, seconds, labels = {}) => histograms.get(name)!.observe(labels, seconds),
  };
}

/** From 0 on, where it is known what there will be: the first one is an increase too. */
function beginning(metric: Counter, labels: readonly string[]): Counter {
  const [label, ...more] = labels;
  if (label !== undefined && more.length === 0 && Object.hasOwn(labelValues, label))
    for (const value of labelValues[label as keyof typeof labelValues]) metric.inc({ [label]: value }, 0);
  return metric;
}

function sampled(name: string) {
  if (name !== "momo_event_loop_lag_seconds") return {};
  const lag = watchEventLoop();
  return {
    collect(this: Gauge) {
      this.set(lag());
    },
  };
}

function samplesOf({ name, type }: { name: string; type: unknown }): string[] {
  return String(type) === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}
