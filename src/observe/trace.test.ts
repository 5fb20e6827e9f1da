import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { MomoError } from "../errors.ts";
import { startCollector } from "./collector.fixture.ts";
import { createLog } from "./log.ts";
import {
  clientSpan,
  serverSpan,
  span,
  startTracing,
  traceFields,
  traceparent,
  withRemoteParent,
} from "./trace.ts";

/** Traces to a collector until `close` or the end of the test. */
async function tracing(url: string, onProblem: (why: string) => void = () => undefined) {
  const traces = await startTracing({ url, version: "1.2.3", onProblem });
  onTestFinished(() => traces.close());
  return traces;
}

test("spans reach the collector with their parents, attributes and times", async () => {
  const collector = await startCollector();
  const traces = await tracing(collector.url);
  const result = await serverSpan("GET /entries/{id}", { "http.request.method": "GET" }, async (note) => {
    const found = await span("retrieval", { limit: 5, nothing: undefined }, async () => {
      await setTimeout(2);
      return clientSpan("embeddings", {}, async () => 7);
    });
    note({ "http.response.status_code": 200 });
    return found + span("sync", {}, () => 1);
  });
  await traces.close();
  expect(result).toBe(8);
  const [server, retrieval] = [collector.named("GET /entries/{id}"), collector.named("retrieval")];
  expect(server).toMatchObject({
    kind: 2,
    attributes: { "http.request.method": "GET", "http.response.status_code": 200 },
    resource: { "service.name": "momo", "service.version": "1.2.3" },
  });
  expect(server.parentSpanId).toBeUndefined();
  expect(retrieval).toMatchObject({ kind: 1, attributes: { limit: 5 }, parentSpanId: server.spanId });
  expect(collector.named("embeddings")).toMatchObject({ kind: 3, parentSpanId: retrieval.spanId });
  expect(collector.named("sync").parentSpanId).toBe(server.spanId);
  expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
  for (const { startTimeUnixNano, endTimeUnixNano } of collector.spans)
    expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
});

test.each([
  ["at once", () => span("failing", {}, () => fail())],
  ["later", () => span("failing", {}, async () => fail())],
])("what fails %s is recorded without its secrets, and raised on", async (_, work) => {
  const collector = await startCollector();
  const traces = await tracing(collector.url);
  await expect((async () => work())()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  await traces.close();
  const { status, attributes, events } = collector.named("failing");
  expect(status.code).toBe(2);
  expect(attributes).toEqual({ "error.type": "CONFIG_INVALID" });
  expect(events).toMatchObject([{ name: "exception", attributes: { "exception.type": "CONFIG_INVALID" } }]);
  expect(JSON.stringify(collector.spans)).not.toContain("swordfish");
});

function fail(): never {
  throw new MomoError("CONFIG_INVALID", { key: "url", value: "http://a:swordfish@host", allowed: "x" });
}

test("attributes have no secrets", async () => {
  const collector = await startCollector();
  const traces = await tracing(collector.url);
  span("asked", { "url.path": "/live?token=swordfish" }, (note) => note({ why: "password=swordfish" }));
  await traces.close();
  expect(collector.named("asked").attributes).toEqual({
    "url.path": "/live?token=[redacted]",
    why: "password=[redacted]",
  });
});

const parent = { trace: "0af7651916cd43dd8448eb211c80319c", span: "b7ad6b7169203331" };

test("a trace goes on from the header of a request, and on to the next one", async () => {
  const collector = await startCollector();
  const traces = await tracing(collector.url);
  const headers = { traceparent: `00-${parent.trace}-${parent.span}-01` };
  const header = withRemoteParent(headers, () => serverSpan("continued", {}, () => traceparent()));
  withRemoteParent({ traceparent: header }, () => span("in a thread", {}, () => undefined));
  withRemoteParent({ traceparent: "00-zzz" }, () => span("of its own", {}, () => undefined));
  withRemoteParent({}, () => span("also of its own", {}, () => undefined));
  await traces.close();
  const continued = collector.named("continued");
  expect(continued).toMatchObject({ traceId: parent.trace, parentSpanId: parent.span });
  expect(header).toBe(`00-${parent.trace}-${continued.spanId}-01`);
  expect(collector.named("in a thread")).toMatchObject({
    traceId: parent.trace,
    parentSpanId: continued.spanId,
  });
  for (const name of ["of its own", "also of its own"])
    expect(collector.named(name).traceId).not.toBe(parent.trace);
});

test("a trace whose sender does not record it is not recorded", async () => {
  const collector = await startCollector();
  const traces = await tracing(collector.url);
  const headers = { traceparent: `00-${parent.trace}-${parent.span}-00` };
  expect(withRemoteParent(headers, () => span("unseen", {}, () => 1))).toBe(1);
  await traces.close();
  expect(collector.spans).toEqual([]);
});

test("lines of the log name the trace they belong to", async () => {
  const collector = await startCollector();
  const traces = await tracing(collector.url);
  const written: string[] = [];
  const log = await createLog({
    level: "info",
    format: "json",
    stream: { write: (line) => written.push(line) },
  });
  span("logged", {}, () => log.info("inside"));
  log.info("outside");
  await traces.close();
  const [inside, outside] = written.map((line) => JSON.parse(line));
  const { traceId, spanId } = collector.named("logged");
  expect(inside).toMatchObject({ trace_id: traceId, span_id: spanId });
  expect(outside).not.toHaveProperty("trace_id");
});

test("without a collector the work goes on, the end comes, and somebody hears why nothing was sent", async () => {
  const collector = await startCollector(400);
  const problems: string[] = [];
  const traces = await tracing(collector.url, (why) => problems.push(why));
  expect(span("lost", {}, () => 3)).toBe(3);
  await traces.close();
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/400|Bad Request/);
});

test("what cannot be sent meanwhile is heard of at once, but not every time", async () => {
  const collector = await startCollector(400);
  const problems: string[] = [];
  const heard = new Promise<void>((resolve) => {
    void tracing(collector.url, (why) => {
      problems.push(why);
      resolve();
    }).then(() => {
      // As many as are sent without waiting for more, several times.
      for (let i = 0; i < 2_000; i++) span("lost", {}, () => i);
    });
  });
  await heard;
  await setTimeout(100);
  expect(problems).toHaveLength(1);
});

test("after its end tracing is off, and can be started again, but not twice", async () => {
  const collector = await startCollector();
  const first = await tracing(collector.url);
  await expect(tracing(collector.url)).rejects.toThrow("on already");
  await first.close();
  await first.close();
  expect(span("off", {}, () => traceFields())).toBeUndefined();
  const second = await tracing(collector.url);
  span("on again", {}, () => undefined);
  await second.close();
  expect(collector.spans.map(({ name }) => name)).toEqual(["on again"]);
});

/** Runs a program of its own on trace.ts, with hooks that are there before it is loaded; returns what it prints. */
async function inChild(hooks: string, code: string): Promise<string> {
  const place = JSON.stringify(join(import.meta.dirname, "trace.ts"));
  const program = `const { span, startTracing, traceparent, withRemoteParent } = await import(${place});`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "-e",
    `${hooks}\n${program}\n${code}`,
  ]);
  return stdout;
}

const loaded = `
  import { registerHooks } from "node:module";
  const seen = [];
  registerHooks({ resolve: (name, context, next) => (seen.push(name), next(name, context)) });
`;

test("off, it loads nothing and only does the work", async () => {
  const work = `
    const sum = span("a", { b: 1 }, (note) => { note({ c: 1 }); return 1; });
    const more = await withRemoteParent({}, () => span("b", {}, async () => 2));
    console.log(sum + more, traceparent(), seen.some((name) => name.includes("opentelemetry")));`;
  expect(await inChild(loaded, work)).toBe("3 undefined false\n");
});

test("the check for what is loaded sees it when it is on", async () => {
  const work = `
    const traces = await startTracing({ url: "http://127.0.0.1:9/v1/traces", version: "1", onProblem() {} });
    console.log(seen.filter((name) => /^@opentelemetry.(api|sdk-trace-node|exporter-trace-otlp-http)$/.test(name)).length > 2);
    await traces.close();`;
  expect(await inChild(loaded, work)).toBe("true\n");
});

test.each(["sdk-trace-node", "exporter-trace-otlp-http"])(
  "without %s it says what to install",
  async (name) => {
    const hooks = `
    import { registerHooks } from "node:module";
    const missing = "@opentelemetry/${name}";
    registerHooks({
      resolve: (name, context, next) => next(name === missing ? "./nowhere/" + missing : name, context),
    });`;
    const work = `
    const error = await startTracing({ url: "http://127.0.0.1:9", version: "1", onProblem() {} }).catch((e) => e);
    console.log(error.code, error.message);
    console.log(span("still off", {}, () => 1));`;
    expect(await inChild(hooks, work)).toBe(
      `PACKAGE_MISSING trace_url needs the package @opentelemetry/${name}: npm install @opentelemetry/${name}\n1\n`,
    );
  },
);
