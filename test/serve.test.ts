/** `momo serve` as a process: two folders, keys that are made while it runs, the audit log, metrics, and its end. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { ask } from "../src/http/server.fixture.ts";
import { startCollector } from "../src/observe/collector.fixture.ts";
import { openAuditLog } from "../src/security/audit-log.ts";
import { momo, ownSources, temporaryFolder } from "./momo-process.ts";
import { indexedShop, makeKeys, serve } from "./serving.ts";

test("serves two folders, closes itself at the first key, records changes, and ends when it is told to", async () => {
  const { root } = await indexedShop(temporaryFolder());
  const other = temporaryFolder();
  const serving = await serve([root, other]);
  const url = `http://${serving.host}`;
  try {
    const body = { content: "Ship on Fridays" };
    const local = await ask(url, "/entries/notes%2Fa", { method: "PUT", body });
    expect(local).toMatchObject({ status: 200 });
    const there = `/stats?workspace=${other.split("/").at(-1)}`;
    expect(await ask(url, there)).toMatchObject({ status: 404, json: { code: "NOT_INDEXED" } });

    const { ci, ann } = makeKeys(join(root, ".momo"), { ci: { "*": "reader" }, ann: { "*": "writer" } });
    const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
    expect(await ask(url, "/stats")).toMatchObject({ status: 401 });
    expect(await ask(url, "/stats", as(ci))).toMatchObject({ status: 200 });
    const refused = await ask(url, "/entries/notes%2Fb", { method: "PUT", body, ...as(ci) });
    expect(refused).toMatchObject({ status: 403, json: { code: "FORBIDDEN" } });
    await ask(url, "/entries/notes%2Fb", { method: "PUT", body, ...as(ann) });
    const { text } = await ask(url, "/metrics", as(ci));
    expect(text).toContain('momo_http_requests_total{method="PUT",route="/entries/{id}",status="403"} 1');
    expect(text).toMatch(/momo_commands_total\{command="doc",status="success"\} 2/);
    expect(text).toMatch(/momo_auth_failures_total 1/);
    const call = { tool: "history", arguments: {} };
    const called = await ask(url, "/tools/call", { body: call, ...as(ci) });
    expect(called).toMatchObject({ status: 200 });
    expect(called.text).toContain("ann");
  } finally {
    expect(await serving.stop()).toBe(0);
  }
  const audit = openAuditLog(join(root, ".momo"), { mode: "read" });
  const records = audit.list({ limit: 10 });
  expect(audit.verify()).toMatchObject({ ok: true });
  audit.close();
  const seen = records.map(({ agent, action, resource, outcome }) =>
    [agent, action, resource, outcome].join(" "),
  );
  expect(seen).toContain("ann doc set notes/b ok");
  expect(seen.some((line) => line.startsWith("ci doc set") && line.endsWith("refused"))).toBe(true);
  expect(serving.log()).not.toContain("momo_");
}, 120_000);

test("a port that is taken, and an address for others without keys, end it with one line", async () => {
  const folder = ownSources();
  const wide = await momo(["serve", folder, "--host", "0.0.0.0", "--port", "0"]);
  expect(wide).toMatchObject({ code: 2 });
  expect(wide.stderr).toContain("momo keys create");
  const serving = await serve([folder]);
  const taken = await momo(["serve", folder, "--port", String(serving.port)]);
  expect(taken).toMatchObject({ code: 1 });
  expect(taken.stderr).toContain("is in use");
  await serving.stop();
}, 120_000);

test("a question is one trace, from the request through the thread that searched", async () => {
  const { root } = await indexedShop(temporaryFolder());
  const collector = await startCollector();
  const serving = await serve([root], { MOMO_TRACE_URL: collector.url });
  await ask(`http://${serving.host}`, "/query", { body: { query: "cart" } });
  expect(await serving.stop()).toBe(0);
  const [request, command, retrieval] = ["POST /query", "command search", "retrieval"].map(collector.named);
  expect(command!.parentSpanId).toBe(request!.spanId);
  expect(retrieval!.parentSpanId).toBe(command!.spanId);
  expect(new Set([request, command, retrieval].map((one) => one!.traceId)).size).toBe(1);
}, 120_000);
