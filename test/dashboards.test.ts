/** deploy/: what is committed is what is generated, and every expression asks for metrics and labels that exist. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { burnRates, errorRatio, objective, type Rule, ruleGroups } from "../scripts/alert-rules.ts";
import { deployFiles, rows } from "../scripts/dashboards.ts";
import { type MetricRow, metricTable } from "../src/observe/metric-table.ts";
import { createMetrics } from "../src/observe/metrics.ts";
import { repository } from "./momo-process.ts";

const none = { routes: [], commands: [], queues: [], checks: [] };
const exported = new Set(createMetrics({ version: "1", ...none }).names());
const rules = ruleGroups.flatMap((group) => group.rules);
const alerts = rules.filter((rule): rule is Rule & { alert: string } => rule.alert !== undefined);
const recorded = new Set(rules.flatMap(({ record }) => record ?? []));
const panels = Object.values(rows).flat();

const expressions = [
  ...rules.map(({ record, alert, expr }): [string, string] => [record ?? alert!, expr]),
  ...panels.flatMap(({ title, targets }) =>
    Object.entries(targets).map(([legend, expr]): [string, string] => [`${title}: ${legend}`, expr]),
  ),
];

test.each(Object.entries(deployFiles()))("deploy/%s is what npm run dashboards makes", (path, text) => {
  expect(readFileSync(join(repository, "deploy", path), "utf8")).toBe(text);
});

const functions = "sum max min count rate increase histogram_quantile absent vector".split(" ");
const words = ["and", "or", "unless"];
/** Labels that Prometheus adds. */
const added = ["instance", "job"];

interface Use {
  metric: string;
  labels: string[];
}

/** Series that an expression names, with the labels that it selects or groups by; raises for what it does not know. */
function usesOf(expr: string): { uses: Use[]; grouped: string[] } {
  const uses: Use[] = [];
  const grouped: string[] = [];
  const take = (...[, name, selector, call]: (string | undefined)[]): string => {
    const isCall = call !== undefined;
    if (isCall !== functions.includes(name!)) throw new Error(`${name}: ${expr}`);
    if (!isCall && !words.includes(name!)) uses.push({ metric: name!, labels: matchersOf(selector) });
    return "";
  };
  const left = expr
    .replaceAll("$__rate_interval", "5m")
    .replace(/\bby \(([\w, ]*)\)/g, (_, labels: string) => {
      grouped.push(...labels.split(", "));
      return "";
    })
    .replace(/\[\d+[smhd]\]/g, "")
    .replace(/(?<![\w.])([a-z][\w:]*)(\{[^}]*\})?( *\()?/gi, take)
    .replace(/\d+(\.\d+)?(e\d+)?/g, "");
  if (!/^[\s()+*/<>=,-]*$/.test(left)) throw new Error(`${left}: ${expr}`);
  return { uses, grouped };
}

function matchersOf(selector = ""): string[] {
  return (selector.match(/[^{},]+/g) ?? []).map((matcher) => {
    const [, label] = /^(\w+)(?:=|!=|=~|!~)"[^"]+"$/.exec(matcher) ?? [];
    if (label === undefined) throw new Error(`${matcher} selects nothing`);
    return label;
  });
}

/** Labels of a series; those of the library that are asked for have none. */
function labelsOf(metric: string): readonly string[] {
  const table: Readonly<Record<string, MetricRow>> = metricTable;
  const bucket = metric.replace(/_bucket$/, "");
  if (bucket !== metric) return ["le", ...table[bucket]!.labels];
  return table[metric]?.labels ?? [];
}

test.each(expressions)("%s", (_, expr) => {
  const { uses, grouped } = usesOf(expr);
  expect(uses.length).toBeGreaterThan(0);
  for (const { metric, labels } of uses) {
    expect(recorded.has(metric) || exported.has(metric), `${metric} exists`).toBe(true);
    expect([...labelsOf(metric), ...added]).toEqual(expect.arrayContaining(labels));
  }
  const all = uses.flatMap(({ metric }) => labelsOf(metric));
  expect([...all, ...added]).toEqual(expect.arrayContaining(grouped));
  expect(isBalanced(expr)).toBe(true);
});

function isBalanced(expr: string): boolean {
  const open: string[] = [];
  for (const character of expr.replace(/"[^"]*"/g, "")) {
    if ("([{".includes(character)) open.push(character);
    else if (")]}".includes(character) && "([{".indexOf(open.pop() ?? "") !== ")]}".indexOf(character))
      return false;
  }
  return open.length === 0;
}

test("the check of expressions finds what is wrong", () => {
  expect(usesOf('sum by (route) (rate(momo_x_total{a="b"}[5m])) > 1.8e9')).toEqual({
    uses: [{ metric: "momo_x_total", labels: ["a"] }],
    grouped: ["route"],
  });
  expect(() => usesOf("summ(rate(momo_x_total[5m]))")).toThrow("summ");
  expect(() => usesOf("sum(momo_x_total[5x])")).toThrow();
  expect(() => usesOf("sum(momo_x_total{a=b})")).toThrow("selects nothing");
  expect(isBalanced("sum(rate(a[5m])")).toBe(false);
  expect(isBalanced("sum(a[5m)]")).toBe(false);
});

test("counters are asked for their rate, gauges are not", () => {
  for (const [name, expr] of expressions)
    for (const [, call, metric] of expr.matchAll(/(\w+)\((momo_\w+)/g)) {
      const isCounter = /_(total|bucket)$/.test(metric!);
      expect({ name, metric, isCounter }).toMatchObject({ isCounter: ["rate", "increase"].includes(call!) });
    }
});

test("every metric of Momo's own is shown or watched somewhere", () => {
  const all = expressions.map(([, expr]) => expr).join("\n");
  const asked = (name: string): boolean => new RegExp(`\\b${name}(_bucket)?\\b`).test(all);
  // The same as those of searches, without their labels.
  const same = ["momo_query_duration_seconds"];
  expect(Object.keys(metricTable).filter((name) => !asked(name))).toEqual(same);
});

test("alerts are well formed", () => {
  expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  for (const { alert, for: wait, labels, annotations } of alerts) {
    expect(alert).toMatch(/^Momo[A-Z]\w+$/);
    if (wait !== undefined) expect(wait).toMatch(/^\d+[smhd]$/);
    expect(["page", "ticket"]).toContain(labels?.severity);
    for (const text of Object.values(annotations!)) {
      expect(text).not.toBe("");
      expect(
        text.replace(/\{\{ \$(value( \| humanize(Percentage|Duration|1024)?)?|labels\.\w+) \}\}/g, ""),
      ).not.toMatch(/[{}$]/);
    }
  }
  for (const { alert, expr, annotations } of alerts)
    for (const [, label] of JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g))
      expect({ alert, expr }).toMatchObject({
        expr: expect.stringMatching(new RegExp(`by \\([^)]*${label}`)),
      });
  expect(recorded.size).toBe(5);
  for (const name of recorded) expect(name).toMatch(/^momo:\w+:\w+$/);
});

test("an expression and its windows belong together", () => {
  for (const { record, expr } of rules.filter((rule) => rule.record)) {
    const [, window] = /rate(\d+[mhd])$/.exec(record!)!;
    const used = [...expr.matchAll(/\[(\w+)\]/g)].map(([, one]) => one);
    expect(used).toEqual([window, window]);
  }
});

const hours = (window: string): number =>
  Number.parseInt(window, 10) * { m: 1 / 60, h: 1, d: 24 }[window.at(-1)!]!;

test("a burn-rate alert has spent the share of the 30 days' budget that it is meant to", () => {
  const spent = burnRates.map(({ factor, long }) => Number(((factor * hours(long)) / (30 * 24)).toFixed(4)));
  expect(spent).toEqual([0.02, 0.05, 0.1]);
  for (const { long, short } of burnRates) expect(hours(long) / hours(short)).toBe(12);
});

/** Which of the alerts on errors fire when this share fails in every window, and so many requests come in an hour. */
function firing(share: (window: string) => number, hourly: number): string[] {
  const value = (term: string): number => {
    const ratio = /^momo:\w+:error_ratio_rate(\w+)$/.exec(term);
    if (ratio) return share(ratio[1]!);
    const [, window] = /^sum\(increase\(momo_http_requests_total\{.*\}\[(\w+)\]\)\)$/.exec(term)!;
    return hourly * hours(window!);
  };
  const holds = (condition: string): boolean => {
    const [, term, limit] = /^(.*) > ([\d.]+)$/.exec(condition)!;
    return value(term!) > Number(limit);
  };
  return alerts
    .filter(({ expr }) => expr.includes(errorRatio("")))
    .filter(({ expr }) => expr.split("\nand ").every(holds))
    .map(({ alert }) => alert);
}

const budget = 1 - objective;

test.each([
  { share: 0, hourly: 1000, expected: [] },
  { share: budget * 0.9, hourly: 1000, expected: [] },
  { share: budget * 1.1, hourly: 1000, expected: ["MomoErrorBudgetLeak"] },
  { share: budget * 7, hourly: 1000, expected: ["MomoErrorBudgetSlow", "MomoErrorBudgetLeak"] },
  { share: 1, hourly: 1000, expected: burnRates.map(({ alert }) => alert) },
  { share: 1, hourly: 5, expected: [] },
])("when a share of $share of $hourly requests an hour fails: $expected", ({ share, hourly, expected }) => {
  expect(firing(() => share, hourly)).toEqual(expected);
});

test("what is over does not alert any more, and a blip does not yet", () => {
  expect(firing((window) => (hours(window) <= 0.5 ? 0 : 0.05), 1000)).not.toContain("MomoErrorBudgetFast");
  expect(firing((window) => (hours(window) <= 0.1 ? 1 : 0.0005), 1000)).toEqual([]);
});

test("panels lie in 24 columns and do not overlap", () => {
  const dashboard = JSON.parse(deployFiles()["grafana/momo.json"]!) as {
    panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
  };
  const taken = new Set<string>();
  for (const { gridPos: at } of dashboard.panels) {
    expect(at.x + at.w).toBeLessThanOrEqual(24);
    for (let x = at.x; x < at.x + at.w; x++)
      for (let y = at.y; y < at.y + at.h; y++) {
        expect(taken).not.toContain(`${x} ${y}`);
        taken.add(`${x} ${y}`);
      }
  }
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
});

test("docs/observability.md has a row for every metric and alert, and for no other", () => {
  const page = readFileSync(join(repository, "docs/observability.md"), "utf8");
  const metrics = Object.entries<MetricRow>(metricTable).map(
    ([name, { type, labels, help }]) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help} |`,
  );
  expect(page.match(/^\| `momo_.*$/gm)).toEqual(metrics);
  const named = [...page.matchAll(/^\| `(Momo\w+)` \| (\w+) \|/gm)].map(([, alert, severity]) => [
    alert,
    severity,
  ]);
  expect(named).toEqual(alerts.map(({ alert, labels }) => [alert, labels!.severity]));
  for (const [, metric] of page.matchAll(/`(momo_(?:process|nodejs)_\w+)`/g))
    expect(exported).toContain(metric);
});
