/**
 * What is recorded and what is worth waking somebody for, as Prometheus rules. dashboards.ts writes them as YAML to
 * deploy/prometheus/alerts.yml; test/dashboards.test.ts checks them against the metrics that exist.
 */

export interface Rule {
  /** Of one that is recorded. */
  record?: string;
  /** Of one that alerts. */
  alert?: string;
  expr: string;
  for?: string;
  labels?: { severity: "page" | "ticket" };
  annotations?: { summary: string; description: string };
}

export interface RuleGroup {
  name: string;
  rules: Rule[];
}

/** Of 30 days, 43 minutes may fail. */
export const objective = 0.999;

/** Probes are no users. */
const users = 'route!~"/health.*|/metrics"';
const requests = (window: string): string => `sum(rate(momo_http_requests_total{${users}}[${window}]))`;
const errors = (window: string): string =>
  `sum(rate(momo_http_requests_total{${users},status=~"5.."}[${window}]))`;

export const errorRatio = (window: string): string => `momo:http_requests:error_ratio_rate${window}`;

const windows = ["5m", "30m", "1h", "6h", "3d"];

/** A long window for what matters, a short one so that the alert ends when the trouble does. */
export const burnRates = [
  { alert: "MomoErrorBudgetFast", severity: "page", factor: 14.4, long: "1h", short: "5m", least: 100 },
  { alert: "MomoErrorBudgetSlow", severity: "page", factor: 6, long: "6h", short: "30m", least: 300 },
  { alert: "MomoErrorBudgetLeak", severity: "ticket", factor: 1, long: "3d", short: "6h", least: 1000 },
] as const;

const limitOf = (factor: number): string => String(Number((factor * (1 - objective)).toFixed(6)));

const burning = burnRates.map(({ alert, severity, factor, long, short, least }): Rule => {
  const limit = limitOf(factor);
  return {
    alert,
    expr: [
      `${errorRatio(long)} > ${limit}`,
      `and ${errorRatio(short)} > ${limit}`,
      `and sum(increase(momo_http_requests_total{${users}}[${long}])) > ${least}`,
    ].join("\n"),
    labels: { severity },
    annotations: {
      summary: `Requests fail at more than ${factor} times the rate that ${objective * 100} % allow`,
      description: `{{ $value | humanizePercentage }} of the requests of ${long} failed. Look for lines of level error in the log, by request_id.`,
    },
  };
});

const QUESTIONS_P95 =
  "histogram_quantile(0.95, sum by (le) (rate(momo_search_request_duration_seconds_bucket[10m])))";

const states: Rule[] = [
  {
    alert: "MomoSearchSlow",
    expr: `${QUESTIONS_P95} > 0.2\nand sum(increase(momo_search_requests_total[10m])) > 50`,
    for: "10m",
    labels: { severity: "ticket" },
    annotations: {
      summary: "One question in twenty takes longer than 200 ms",
      description:
        "p95 is {{ $value | humanizeDuration }}. Look at the queue, at the lag of the event loop and whether a model server is slow.",
    },
  },
  {
    alert: "MomoEventLoopLag",
    expr: "max by (instance) (momo_event_loop_lag_seconds) > 0.25",
    for: "5m",
    labels: { severity: "ticket" },
    annotations: {
      summary: "{{ $labels.instance }} looks late at what arrives",
      description: "The lag is {{ $value | humanizeDuration }}: something takes long on the main thread.",
    },
  },
  {
    alert: "MomoQueueFull",
    expr: "max by (instance, queue) (momo_queue_waiting / momo_queue_limit) > 0.8",
    for: "2m",
    labels: { severity: "page" },
    annotations: {
      summary: "The queue {{ $labels.queue }} of {{ $labels.instance }} is nearly full",
      description:
        "{{ $value | humanizePercentage }} of max_queue waits; more is refused with 503. More search_threads or another server help.",
    },
  },
  {
    alert: "MomoUnhealthy",
    expr: "min by (instance, check) (momo_check_ok) == 0",
    for: "2m",
    labels: { severity: "page" },
    annotations: {
      summary: "{{ $labels.check }} of {{ $labels.instance }} does not work",
      description: "GET /health says why.",
    },
  },
  {
    alert: "MomoGone",
    expr: "absent(momo_build_info)",
    for: "5m",
    labels: { severity: "page" },
    annotations: {
      summary: "No server of Momo is seen",
      description: "Nothing answers at /metrics: is the server running, and is the target right?",
    },
  },
  {
    alert: "MomoMemory",
    expr: "max by (instance) (momo_process_resident_memory_bytes) > 1.8e9",
    for: "10m",
    labels: { severity: "ticket" },
    annotations: {
      summary: "{{ $labels.instance }} takes nearly 2 GB of memory",
      description: "It takes {{ $value | humanize1024 }}B.",
    },
  },
  {
    alert: "MomoAuthFailures",
    expr: "sum by (instance) (increase(momo_auth_failures_total[5m])) > 50",
    labels: { severity: "ticket" },
    annotations: {
      summary: "Somebody tries keys at {{ $labels.instance }}",
      description: "{{ $value | humanize }} requests of five minutes had a key or token that does not open.",
    },
  },
  {
    alert: "MomoIngestionFails",
    expr: 'sum by (instance) (increase(momo_ingestions_total{status="error"}[1h])) > 2',
    labels: { severity: "ticket" },
    annotations: {
      summary: "{{ $labels.instance }} cannot index",
      description: "Answers come from an index that grows old. momo status and the log say why.",
    },
  },
];

export const ruleGroups: RuleGroup[] = [
  {
    name: "momo-records",
    rules: windows.map((window) => ({
      record: errorRatio(window),
      expr: `(${errors(window)} or vector(0)) / ${requests(window)}`,
    })),
  },
  { name: "momo-slo", rules: burning },
  { name: "momo-state", rules: states },
];
