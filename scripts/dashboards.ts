/**
 * Writes deploy/: the dashboard for Grafana and the rules for Prometheus: `npm run dashboards`. test/dashboards.test.ts
 * fails when a committed file differs from what this makes, or an expression names a metric that does not exist.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Rule, ruleGroups } from "./alert-rules.ts";

export interface Panel {
  title: string;
  description?: string;
  /** A number, or a line over time. */
  type: "stat" | "timeseries";
  /** Of Grafana: s, bytes, reqps, percentunit, short. */
  unit: string;
  /** Of 24. */
  width: 4 | 8 | 12;
  /** Legend -> expression. */
  targets: Readonly<Record<string, string>>;
}

const HERE = 'instance=~"$instance"';
const pick = (metric: string, ...labels: string[]): string => `${metric}{${[HERE, ...labels].join(",")}}`;
const rate = (metric: string, ...labels: string[]): string =>
  `rate(${pick(metric, ...labels)}[$__rate_interval])`;
const total = (metric: string, ...labels: string[]): string => `sum(${rate(metric, ...labels)})`;
const by = (label: string, metric: string, ...labels: string[]): string =>
  `sum by (${label}) (${rate(metric, ...labels)})`;
const quantile = (share: number, metric: string): string =>
  `histogram_quantile(${share}, sum by (le) (${rate(`${metric}_bucket`)}))`;
const quantiles = (metric: string): Record<string, string> =>
  Object.fromEntries([50, 95, 99].map((percent) => [`p${percent}`, quantile(percent / 100, metric)]));

const http = "momo_http_requests_total";
const errorRatio = `(${total(http, 'status=~"5.."')} or vector(0)) / ${total(http)}`;

type Draw = (title: string, unit: string, targets: Record<string, string>) => Panel;
const number: Draw = (title, unit, targets) => ({ title, type: "stat", unit, width: 4, targets });
const third: Draw = (title, unit, targets) => ({ title, type: "timeseries", unit, width: 8, targets });
const half: Draw = (title, unit, targets) => ({ title, type: "timeseries", unit, width: 12, targets });

export const rows: Readonly<Record<string, readonly Panel[]>> = {
  Now: [
    number("Requests", "reqps", { requests: total(http) }),
    number("Failing", "percentunit", { failing: errorRatio }),
    number("p95 of questions", "s", { p95: quantile(0.95, "momo_search_request_duration_seconds") }),
    number("Being answered", "short", { active: `sum(${pick("momo_active_searches")})` }),
    number("Known entries", "short", { entries: `max(${pick("momo_knowledge_entries")})` }),
    number("Servers", "short", { "{{version}}": `count by (version) (${pick("momo_build_info")})` }),
  ],
  Requests: [
    half("Requests by route", "reqps", { "{{route}}": by("route", http) }),
    half("Duration of requests", "s", quantiles("momo_http_request_duration_seconds")),
    half("Requests by status", "reqps", { "{{status}}": by("status", http) }),
    half("Error ratio", "percentunit", {
      "requests with 5xx": errorRatio,
      questions: `${total("momo_queries_total", 'status="error"')} / ${total("momo_queries_total")}`,
    }),
  ],
  Questions: [
    third("Questions", "reqps", {
      "{{method}} {{endpoint}}": by("method, endpoint", "momo_search_requests_total"),
    }),
    third("Duration of questions", "s", quantiles("momo_search_request_duration_seconds")),
    third("Being answered", "short", {
      "{{instance}}": `sum by (instance) (${pick("momo_active_searches")})`,
    }),
    third("Cache hit ratio", "percentunit", {
      "{{cache_type}}": `${by("cache_type", "momo_cache_hits_total")} / (${by("cache_type", "momo_cache_hits_total")} + ${by("cache_type", "momo_cache_misses_total")})`,
    }),
    third("Queue", "short", {
      "{{queue}} waiting": `sum by (queue) (${pick("momo_queue_waiting")})`,
      "{{queue}} limit": `sum by (queue) (${pick("momo_queue_limit")})`,
    }),
    third("Refused", "reqps", {
      "too many": total("momo_rate_limited_total"),
      "wrong key": total("momo_auth_failures_total"),
    }),
  ],
  "Indexing and commands": [
    third("Indexing", "short", {
      "{{operation_type}}": by("operation_type", "momo_indexing_operations_total"),
    }),
    third("Runs of indexing", "short", { "{{status}}": by("status", "momo_ingestions_total") }),
    third("Known entries", "short", { entries: `max(${pick("momo_knowledge_entries")})` }),
    third("Commands", "reqps", { "{{command}} {{status}}": by("command, status", "momo_commands_total") }),
    third("p95 of commands", "s", {
      "{{command}}": `histogram_quantile(0.95, sum by (le, command) (${rate("momo_command_duration_seconds_bucket")}))`,
    }),
    third("Connections of /live", "short", { "{{instance}}": pick("momo_live_connections") }),
  ],
  Process: [
    third("Event-loop lag", "s", { "{{instance}}": pick("momo_event_loop_lag_seconds") }),
    third("Memory", "bytes", {
      "{{instance}} resident": pick("momo_process_resident_memory_bytes"),
      "{{instance}} heap": pick("momo_nodejs_heap_size_used_bytes"),
    }),
    third("Processor", "percentunit", { "{{instance}}": rate("momo_process_cpu_seconds_total") }),
    third("Open files", "short", { "{{instance}}": pick("momo_process_open_fds") }),
    third("Checks", "short", { "{{instance}} {{check}}": pick("momo_check_ok") }),
  ],
};

const HEIGHT = { stat: 4, timeseries: 8 } as const;
const source = { type: "prometheus", uid: "$datasource" };

/** Rows one below the other, panels from left to right. */
function placed(): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const [title, row] of Object.entries(rows)) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title,
      collapsed: false,
      gridPos: { h: 1, w: 24, x: 0, y: y++ },
    });
    let x = 0;
    for (const [i, panel] of row.entries()) {
      if (x + panel.width > 24) {
        x = 0;
        y += HEIGHT[row[i - 1]!.type];
      }
      panels.push(drawn(panel, panels.length + 1, { h: HEIGHT[panel.type], w: panel.width, x, y }));
      x += panel.width;
    }
    y += HEIGHT[row.at(-1)!.type];
  }
  return panels;
}

const drawn = ({ title, type, unit, targets }: Panel, id: number, gridPos: object) => ({
  id,
  type,
  title,
  datasource: source,
  gridPos,
  fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
  options: type === "stat" ? { reduceOptions: { calcs: ["lastNotNull"] } } : { tooltip: { mode: "multi" } },
  targets: Object.entries(targets).map(([legendFormat, expr], i) => ({
    refId: String.fromCharCode(65 + i),
    datasource: source,
    expr,
    legendFormat,
  })),
});

function dashboard(): object {
  return {
    uid: "momo",
    title: "Momo",
    tags: ["momo"],
    schemaVersion: 39,
    editable: true,
    refresh: "30s",
    time: { from: "now-3h", to: "now" },
    templating: {
      list: [
        { name: "datasource", label: "Data source", type: "datasource", query: "prometheus" },
        {
          name: "instance",
          label: "Server",
          type: "query",
          datasource: source,
          refresh: 2,
          query: "label_values(momo_build_info, instance)",
          multi: true,
          includeAll: true,
          allValue: ".*",
          current: { text: "All", value: "$__all" },
        },
      ],
    },
    panels: placed(),
  };
}

/** A string of JSON is one of YAML too; what has lines or quotes is a block. */
const scalar = (text: string, indent: string): string =>
  /["\n]/.test(text) ? `|-\n${text.replaceAll(/^/gm, indent)}` : JSON.stringify(text);

function ruleLines({ record, alert, ...rule }: Rule): string[] {
  const lines = [
    `      - ${record ? "record" : "alert"}: ${record ?? alert}`,
    `        expr: ${scalar(rule.expr, " ".repeat(10))}`,
    ...(rule.for ? [`        for: ${rule.for}`] : []),
  ];
  for (const [part, fields] of Object.entries({ labels: rule.labels, annotations: rule.annotations })) {
    if (!fields) continue;
    lines.push(`        ${part}:`);
    for (const [name, text] of Object.entries(fields))
      lines.push(`          ${name}: ${scalar(text, " ".repeat(12))}`);
  }
  return lines;
}

function alerts(): string {
  return [
    "# Generated by scripts/dashboards.ts (npm run dashboards): do not edit.",
    "groups:",
    ...ruleGroups.flatMap(({ name, rules }) => [
      `  - name: ${name}`,
      "    rules:",
      ...rules.flatMap(ruleLines),
    ]),
    "",
  ].join("\n");
}

/** Files of deploy/ by path. */
export const deployFiles = (): Record<string, string> => ({
  "grafana/momo.json": `${JSON.stringify(dashboard(), null, 2)}\n`,
  "prometheus/alerts.yml": alerts(),
});

if (import.meta.main) {
  for (const [path, text] of Object.entries(deployFiles())) {
    const file = join(import.meta.dirname, "..", "deploy", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
