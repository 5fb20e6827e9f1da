/**
 * The one table of metrics: name, type, labels, what it counts. metrics.ts makes them, scripts/dashboards.ts and
 * docs/observability.md are tested against it. Names follow Prometheus: base units, `_total` for counters only.
 */
import { httpBuckets, searchBuckets } from "./conventions.ts";

export interface MetricRow {
  type: "counter" | "gauge" | "histogram";
  help: string;
  labels: readonly string[];
  /** Upper limits in seconds. */
  buckets?: readonly number[];
}

/** From a command that only reads to one that indexes a large folder. */
const commandBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300] as const;

const counter = (help: string, ...labels: string[]): MetricRow => ({ type: "counter", help, labels });
const gauge = (help: string, ...labels: string[]): MetricRow => ({ type: "gauge", help, labels });
const histogram = (help: string, buckets: readonly number[], ...labels: string[]): MetricRow => ({
  type: "histogram",
  help,
  labels,
  buckets,
});

export const metricTable = {
  momo_queries_total: counter("Questions that were asked, over every protocol", "status"),
  momo_query_duration_seconds: histogram("How long a question took", searchBuckets),
  momo_search_requests_total: counter("Questions by where they were asked", "method", "endpoint"),
  momo_search_request_duration_seconds: histogram(
    ...(["How long a question took, by where it was asked", searchBuckets, "method", "endpoint"] as const),
  ),
  momo_active_searches: gauge("Questions that are being answered or wait for a thread"),
  momo_ingestions_total: counter("Runs of indexing", "status"),
  momo_indexing_operations_total: counter(
    ...([
      "Files that indexing created, updated or removed, and chunks that it embedded",
      "operation_type",
    ] as const),
  ),
  momo_knowledge_entries: gauge("Files, definitions and entries that are known"),
  momo_cache_hits_total: counter("What a cache had", "cache_type"),
  momo_cache_misses_total: counter("What a cache did not have", "cache_type"),
  momo_commands_total: counter("Commands that ran", "command", "status"),
  momo_command_duration_seconds: histogram("How long a command took", commandBuckets, "command"),
  momo_http_requests_total: counter("Requests by route and status", "method", "route", "status"),
  momo_http_request_duration_seconds: histogram(
    ...([
      "How long a request took, from its headers to the end of the answer",
      httpBuckets,
      "method",
      "route",
    ] as const),
  ),
  momo_queue_waiting: gauge("Requests that wait for a thread", "queue"),
  momo_queue_limit: gauge("Requests that may wait; one more is refused", "queue"),
  momo_rate_limited_total: counter("Requests that were refused because there were too many"),
  momo_auth_failures_total: counter("Requests with a key or token that does not open"),
  momo_live_connections: gauge("Open connections of /live"),
  momo_check_ok: gauge("1 where a part worked when it was last asked, 0 where it did not", "check"),
  momo_event_loop_lag_seconds: gauge("99th percentile of the delay of timers since the last reading"),
  momo_build_info: gauge("1, with the version as a label", "version", "node"),
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof metricTable;

/** Values of labels that are the same in every server; what is not among them is counted as `other`. */
export const labelValues = {
  status: ["success", "error"],
  operation_type: ["created", "updated", "removed", "embedded"],
  cache_type: ["answers", "embeddings"],
  /** Of HTTP, and MCP for its tools. */
  method: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "MCP"],
} as const;
