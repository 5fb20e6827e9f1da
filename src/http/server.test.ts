/** What every answer has and every request meets: headers, compression, ETags, Host and Origin, time limits, the end. */
import { connect } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { MomoError } from "../errors.ts";
import type { Call, Service } from "../service/service.ts";
import { ownRoutes } from "./own-routes.ts";
import { routes } from "./routes.ts";
import { ask, startServer } from "./server.fixture.ts";
import { faults } from "./validate.fixture.ts";

const refusing = {
  checkHost: ([host = ""]: readonly string[]) => {
    if (!host.startsWith("127.0.0.1:")) throw new MomoError("HOST_REFUSED", { host });
  },
  checkOrigin: ([origin]: readonly string[]) => {
    if (origin !== undefined && origin !== "https://app.example")
      throw new MomoError("ORIGIN_REFUSED", { origin });
  },
};
const allowed_origins = ["https://app.example"];

test("every answer has the headers that keep browsers in bounds, and no word about what made it", async () => {
  await using started = await startServer();
  for (const path of ["/health/live", "/stats", "/nothing", "/entries/%"]) {
    const { headers } = await ask(started.url, path);
    expect(headers).toMatchObject({
      "content-security-policy": expect.stringMatching(/^default-src 'none'/),
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
    });
    expect(headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    for (const name of ["server", "x-powered-by", "set-cookie", "access-control-allow-origin"])
      expect(headers).not.toHaveProperty(name);
  }
});

test("a sane id of a request is kept, another one is replaced", async () => {
  await using started = await startServer();
  const idFor = async (id: string) =>
    (await ask(started.url, "/nothing", { headers: { "x-request-id": id } })).headers["x-request-id"];
  expect(await idFor("trace-1:a.b_c")).toBe("trace-1:a.b_c");
  for (const bad of ["a b", "x".repeat(101), 'a"b', "é"]) expect(await idFor(bad)).toMatch(/^[0-9a-f-]{36}$/);
});

test.each([
  ["br", brotliDecompressSync],
  ["gzip", gunzipSync],
] as const)(
  "large answers are compressed where the client takes %s, small ones are not",
  async (name, unpack) => {
    await using started = await startServer();
    const headers = { "accept-encoding": name };
    const response = await fetch(`${started.url}/openapi.json`, { headers });
    expect(response.headers.get("content-encoding")).toBe(name);
    expect(await response.json()).toMatchObject({ openapi: "3.1.1" });
    const wire = await rawGet(started.url, "/openapi.json", name);
    expect(JSON.parse(unpack(wire).toString())).toMatchObject({ openapi: "3.1.1" });
    expect((await ask(started.url, "/health/live", { headers })).headers).not.toHaveProperty(
      "content-encoding",
    );
  },
);

/** The bytes of a body as they come. */
async function rawGet(base: string, path: string, encoding: string): Promise<Buffer> {
  const { request } = await import("node:http");
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request({ hostname, port, path, agent: false, headers: { "accept-encoding": encoding } }, (response) => {
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks)));
    })
      .on("error", reject)
      .end();
  });
}

test("what was read is not sent again while it is the same", async () => {
  await using started = await startServer();
  await ask(started.url, "/ingest", { body: {} });
  const first = await ask(started.url, "/entries");
  expect(first.headers["cache-control"]).toBe("private, no-cache");
  const etag = String(first.headers.etag);
  const again = () => ask(started.url, "/entries", { headers: { "if-none-match": etag } });
  expect(await again()).toMatchObject({ status: 304, text: "" });
  await ask(started.url, "/entries/notes%2Fa", { method: "PUT", body: { content: "new" } });
  expect(await again()).toMatchObject({ status: 200, json: { entries: [{ id: "notes/a" }] } });
  const content = "word ".repeat(1000);
  await ask(started.url, "/entries/notes%2Fa", { method: "PUT", body: { content } });
  const headers = { "accept-encoding": "gzip" };
  const large = await ask(started.url, "/entries/notes%2Fa", { headers });
  expect(large.headers).toMatchObject({ "content-encoding": "gzip", etag: expect.stringMatching(/^W\//) });
  const known = { ...headers, "if-none-match": String(large.headers.etag) };
  expect(await ask(started.url, "/entries/notes%2Fa", { headers: known })).toMatchObject({
    status: 304,
    text: "",
  });
  const head = await ask(started.url, "/entries", { method: "HEAD" });
  expect(head).toMatchObject({ status: 200, text: "" });
});

test("another Host or Origin is refused on every route, before anybody is asked who they are", async () => {
  await using started = await startServer({
    guard: refusing,
    authenticate: async () => {
      throw new MomoError("UNAUTHORIZED", { why: "no" });
    },
  });
  const rows = [
    ...routes,
    ...ownRoutes,
    { method: "GET", path: "/nothing" },
    { method: "OPTIONS", path: "/query" },
  ];
  for (const { method, path } of rows) {
    const filled = path.replace(/\{\w+\}/g, "x");
    const rebound = await ask(started.url, filled, { method, headers: { host: "evil.example" } });
    expect(rebound, path).toMatchObject({ status: 403, json: { code: "HOST_REFUSED" } });
    const foreign = await ask(started.url, filled, { method, headers: { origin: "https://evil.example" } });
    expect(foreign, path).toMatchObject({ status: 403, json: { code: "ORIGIN_REFUSED" } });
    expect(foreign.headers).not.toHaveProperty("access-control-allow-origin");
  }
});

test("a page of an allowed origin gets the headers that it needs, and the preflight is exact", async () => {
  await using started = await startServer({ guard: refusing, settings: { allowed_origins } });
  const origin = allowed_origins[0]!;
  const read = await ask(started.url, "/health/live", { headers: { origin } });
  expect(read.headers).toMatchObject({
    "access-control-allow-origin": origin,
    vary: expect.stringMatching(/Origin/i),
  });
  expect(read.headers).not.toHaveProperty("access-control-allow-credentials");
  const asked = { origin, "access-control-request-method": "DELETE" };
  const flight = await ask(started.url, "/entries/a%2Fb", { method: "OPTIONS", headers: asked });
  expect(flight).toMatchObject({ status: 204, text: "" });
  expect(flight.headers).toMatchObject({
    "access-control-allow-origin": origin,
    "access-control-allow-methods": "GET, HEAD, PUT, DELETE, OPTIONS",
    "access-control-max-age": "600",
  });
  expect(flight.headers["access-control-allow-headers"]).toContain("authorization");
  const plain = await ask(started.url, "/query", { method: "OPTIONS" });
  expect(plain).toMatchObject({ status: 204, headers: { allow: "POST, OPTIONS" } });
  expect(plain.headers).not.toHaveProperty("access-control-allow-methods");
  expect(await ask(started.url, "/nothing", { method: "OPTIONS" })).toMatchObject({ status: 404 });
});

test("an error that nobody expected says nothing about itself, and is logged", async () => {
  const logged: Record<string, unknown>[] = [];
  await using started = await startServer({
    log: { info: () => undefined, error: (_, fields) => void logged.push(fields) },
    service: (service) => ({
      ...service,
      call: async () => {
        throw new Error("secret inside at /home/x.ts:3");
      },
    }),
  });
  const answer = await ask(started.url, "/stats", { headers: { "x-request-id": "r-7" } });
  expect(answer).toMatchObject({ status: 500, json: { code: "INTERNAL", request_id: "r-7" } });
  expect(faults("Problem", answer.json)).toEqual([]);
  expect(answer.text).not.toContain("secret");
  expect(logged).toMatchObject([{ request_id: "r-7", err: { message: "secret inside at /home/x.ts:3" } }]);
});

test("a question whose model cannot be asked gets what words alone find, beside the error", async () => {
  await using started = await startServer({
    config: { embedding_strategy: "ollama", embedding_url: "http://127.0.0.1:1" },
  });
  await ask(started.url, "/ingest", { body: {} });
  const body = { query: "exit codes", strategy: "ollama" };
  const answer = await ask(started.url, "/query", { body });
  expect(answer).toMatchObject({ json: { fallback_results: [{ path: "src/errors.ts" }, {}] } });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(faults("Problem", answer.json)).toEqual([]);
});

test("a server that is too busy says when to try again", async () => {
  await using started = await startServer({
    service: (service) => ({
      ...service,
      call: async () => {
        throw new MomoError("OVERLOADED", { waiting: 256 });
      },
    }),
  });
  const { status, headers, json } = await ask(started.url, "/stats");
  expect({ status, headers, json }).toMatchObject({
    status: 503,
    headers: { "retry-after": "1" },
    json: { code: "OVERLOADED", retry_after: 1 },
  });
});

test("health that is not is 503, and alive all the same", async () => {
  await using started = await startServer({
    service: (service) => ({
      ...service,
      health: async () => ({ ...(await service.health()), status: "unhealthy" }),
    }),
  });
  expect(await ask(started.url, "/health")).toMatchObject({ status: 503, json: { status: "unhealthy" } });
  expect(await ask(started.url, "/health/ready")).toMatchObject({ status: 503 });
  expect(await ask(started.url, "/health/live")).toMatchObject({ status: 200 });
});

/** A service whose calls last until somebody says so. */
function waitingService() {
  const calls: { call: Call; answer: () => void }[] = [];
  const waiters: (() => void)[] = [];
  const service = (real: Service): Service => ({
    ...real,
    call: (call) =>
      new Promise((resolve, reject) => {
        call.signal?.addEventListener("abort", () => reject(new MomoError("CANCELLED")));
        calls.push({ call, answer: () => resolve({ json: "{}", failed: false }) });
        for (const waiter of waiters.splice(0)) waiter();
      }),
  });
  const begun = async (): Promise<(typeof calls)[number]> => {
    if (calls.length === 0) await new Promise<void>((resolve) => waiters.push(resolve));
    return calls.shift()!;
  };
  return { service, begun };
}

test("a request whose client goes away is cancelled", async () => {
  const { service, begun } = waitingService();
  await using started = await startServer({ service });
  const controller = new AbortController();
  const request = fetch(`${started.url}/stats`, { signal: controller.signal }).catch(() => "gone");
  const { call } = await begun();
  expect(call.signal?.aborted).toBe(false);
  const aborted = new Promise((resolve) => call.signal?.addEventListener("abort", resolve));
  controller.abort();
  await aborted;
  expect(await request).toBe("gone");
});

test("the end lets what runs finish, and takes nothing new", async () => {
  const { service, begun } = waitingService();
  const started = await startServer({ service });
  const request = ask(started.url, "/stats");
  const { call, answer } = await begun();
  const closed = started.server.close();
  await expect(ask(started.url, "/stats")).rejects.toThrow(/ECONNREFUSED|ECONNRESET|hang up/);
  answer();
  expect(await request).toMatchObject({ status: 200 });
  expect(call.signal?.aborted).toBe(false);
  await closed;
  await started[Symbol.asyncDispose]();
});

test("the end does not wait for ever", async () => {
  const { service, begun } = waitingService();
  const started = await startServer({ service, settings: { shutdown_seconds: 0 } });
  const request = ask(started.url, "/stats").catch(() => "ended");
  const { call } = await begun();
  const aborted = new Promise((resolve) => call.signal?.addEventListener("abort", resolve));
  await started.server.close();
  expect(await request).toBe("ended");
  await aborted;
  await started[Symbol.asyncDispose]();
});

/** What comes back for bytes that are sent and then left at that. */
function stalled(base: string, text: string): Promise<string> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

test.each([
  ["headers", "GET /stats HTTP/1.1\r\nhost: a\r\n"],
  [
    "a body",
    "POST /query HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{",
  ],
  [
    "a form",
    "POST /ingest HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 99\r\n\r\n--b\r\n",
  ],
])("%s that do not come are not waited for", async (_, text) => {
  const timing = { headers_ms: 100, request_ms: 200, check_ms: 50 };
  await using started = await startServer({ timing });
  expect(await stalled(started.url, text)).toMatch(/^HTTP\/1\.1 408 .*application\/problem\+json/s);
});

test("an idle connection is not kept", async () => {
  await using started = await startServer({ timing: { keep_alive_ms: 50, check_ms: 50 } });
  expect(await stalled(started.url, "GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n")).toMatch(
    /^HTTP\/1\.1 200 /,
  );
});

test("a port that is taken is said to be", async () => {
  await using started = await startServer();
  const api_port = Number(new URL(started.url).port);
  await expect(startServer({ settings: { api_port } })).rejects.toMatchObject({ code: "PORT_TAKEN" });
});

test("metrics have a port of their own, for this machine and by its name only", async () => {
  await using free = await startServer();
  const metrics_port = Number(new URL(free.url).port);
  await free.server.close();
  const requests: unknown[] = [];
  await using started = await startServer({
    guard: refusing,
    settings: { metrics_port },
    metrics: {
      content_type: "text/plain; version=0.0.4",
      text: async () => "momo_build_info 1\n",
      httpRequest: (request) => void requests.push(request),
      search: (_, work) => work(),
      liveConnections: () => undefined,
      rateLimited: () => undefined,
      authFailed: () => undefined,
    },
  });
  const { metrics_url = "" } = started.server;
  const get = (path: string, headers = {}) => ask(metrics_url, path, { headers });
  expect(await get("/metrics")).toMatchObject({ status: 200, text: "momo_build_info 1\n" });
  expect(await get("/metrics", { host: "evil.example" })).toMatchObject({ status: 403 });
  expect(await get("/stats")).toMatchObject({ status: 404 });
  expect(await ask(started.url, "/metrics")).toMatchObject({ status: 200, text: "momo_build_info 1\n" });
  await ask(started.url, "/entries/a%2Fb");
  await ask(started.url, "/nothing");
  expect(requests).toEqual([
    { method: "GET", route: "/metrics", status: 200 },
    { method: "GET", route: "/entries/{id}", status: 404 },
    { method: "GET", route: "unknown", status: 404 },
  ]);
});

test("work runs where its log lines and spans know the request", async () => {
  const around: unknown[] = [];
  await using started = await startServer({
    around: ({ headers: _, ...request }, work) => {
      around.push(request);
      return work();
    },
  });
  await ask(started.url, "/entries/a", { headers: { "x-request-id": "r-9" } });
  expect(around).toEqual([{ request_id: "r-9", method: "GET", route: "/entries/{id}" }]);
});

test("/live tells what is written through the other routes, and ends with the server", async () => {
  const { WebSocket } = await import("ws");
  await using started = await startServer({ guard: refusing });
  await ask(started.url, "/ingest", { body: {} });
  expect(await ask(started.url, "/live")).toMatchObject({ status: 426, json: { code: "UPGRADE_NEEDED" } });
  const url = `${started.url.replace("http", "ws")}/live`;
  const foreign = new WebSocket(url, { origin: "https://evil.example" });
  expect(await new Promise((resolve) => foreign.on("error", ({ message }) => resolve(message)))).toContain(
    "403",
  );
  const socket = new WebSocket(url);
  const told = new Promise<unknown>((resolve) =>
    socket.on("message", (data) => {
      const message = JSON.parse(String(data)) as { type: string };
      if (message.type === "ready")
        void ask(started.url, "/entries/notes%2Flive", { method: "PUT", body: { content: "x" } });
      if (message.type === "change") resolve(message);
    }),
  );
  socket.on("open", () => socket.send(JSON.stringify({ type: "subscribe" })));
  expect(await told).toMatchObject({ type: "change", kind: "write", agent: "ada" });
  const closed = new Promise((resolve) => socket.on("close", resolve));
  await started.server.close();
  expect(await closed).toBe(1001);
});
