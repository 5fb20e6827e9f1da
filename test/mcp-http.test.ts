/** MCP over HTTP beyond what the clients do: headers that say something else than the body, roles, names of keys. */
import { expect, test } from "vitest";
import type { Caller, Service } from "../src/service/service.ts";
import { envelope, hello, localCaller, serveOverHttp, serviceOver } from "./mcp-server.ts";
import { project } from "./momo-process.ts";

const modern = (method: string, params: object = {}) => ({
  body: { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: envelope } },
  headers: { "mcp-protocol-version": "2026-07-28", "mcp-method": method },
});

async function post(
  url: string,
  { body, headers = {} }: { body: unknown; headers?: Record<string, string> },
) {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  // A stream holds the answer as its last event.
  const data = text.startsWith("{")
    ? text
    : (text
        .match(/^data: (\{.*)$/gm)
        ?.at(-1)
        ?.slice(6) ?? "{}");
  return { status: response.status, message: JSON.parse(data) };
}

async function indexed(): Promise<Service> {
  const service = serviceOver(project());
  await service.call({ command: "ingest", input: {}, caller: localCaller, request_id: "1" });
  return service;
}

test("headers that say something else than the body are refused", async () => {
  const { url } = await serveOverHttp(await indexed());
  const call = modern("tools/call", { name: "search", arguments: { query: "retry" } });
  const named = { ...call.headers, "mcp-name": "search" };
  expect((await post(url, { ...call, headers: named })).message.result.structuredContent.places[0]).toContain(
    "retry",
  );
  for (const headers of [
    { ...named, "mcp-name": "history" },
    { ...named, "mcp-method": "tools/list" },
    { ...named, "mcp-protocol-version": "2025-11-25" },
    call.headers,
  ]) {
    const { status, message } = await post(url, { ...call, headers });
    expect({ status, code: message.error.code }).toEqual({ status: 400, code: -32020 });
  }
});

test("what is no request is refused with a status and without harm", async () => {
  const { url, errors } = await serveOverHttp(await indexed());
  expect(await post(url, { body: "{nonsense" })).toMatchObject({
    status: 400,
    message: { error: { code: -32700 } },
  });
  expect((await post(url, { body: { jsonrpc: "2.0" } })).status).toBe(400);
  expect((await post(url, { body: `"${"x".repeat(2 ** 20)}"` })).status).toBe(413);
  expect((await post(url, { body: "a=1", headers: { "content-type": "text/plain" } })).status).toBe(415);
  for (const method of ["GET", "DELETE"]) expect((await fetch(url, { method })).status).toBe(405);
  const other = await fetch(url, { method: "POST", headers: { origin: "https://evil.example" }, body: "{}" });
  expect(other.status).toBe(403);
  expect((await post(url, modern("tools/list"))).message.result.tools).toHaveLength(7);
  expect(errors.some(({ message }) => message.includes("unexpected"))).toBe(false);
});

const key = (role: "reader" | "writer"): Caller => ({
  agent: "ci",
  principal: "key:7",
  session: "night",
  grants: { "*": role },
});

test("a reader reads, and is refused what writes", async () => {
  const { url } = await serveOverHttp(await indexed(), { caller: key("reader") });
  const call = async (name: string, given: object) => {
    const asked = modern("tools/call", { name, arguments: given });
    return (await post(url, { ...asked, headers: { ...asked.headers, "mcp-name": name } })).message.result;
  };
  expect((await call("search", { query: "retry" })).isError).toBeUndefined();
  for (const [name, given] of [
    ["document", { id: "notes/x", content: "x" }],
    ["rollback_apply", { plan_hash: "0" }],
    ["index", {}],
  ] as const)
    expect(await call(name, given)).toMatchObject({
      isError: true,
      structuredContent: { code: "FORBIDDEN" },
    });
});

test("what a key's agents write carries its name, the client's and the session, and only its own goes back", async () => {
  const service = await indexed();
  const { url } = await serveOverHttp(service, { caller: key("writer") });
  const call = async (name: string, given: object) => {
    const asked = modern("tools/call", { name, arguments: given });
    return (await post(url, { ...asked, headers: { ...asked.headers, "mcp-name": name } })).message.result
      .structuredContent;
  };
  await service.call({
    command: "doc",
    caller: { ...localCaller, agent: "bob" },
    request_id: "2",
    input: { action: "set", id: "notes/bob", content: "Bob's" },
  });
  await call("document", { id: "notes/mine", content: "Mine" });
  const { transactions } = await call("history", {});
  expect(transactions[0]).toMatchObject({ agent: "ci/modern-probe", session: "night" });
  const own = await call("rollback_plan", { agent: "ci/modern-probe" });
  const others = await call("rollback_plan", { agent: "bob" });
  expect(await call("rollback_apply", { plan_hash: others.plan_hash })).toMatchObject({
    code: "FORBIDDEN_OTHERS",
  });
  expect(await call("rollback_apply", { plan_hash: own.plan_hash })).toMatchObject({ outcome: "done" });
});

test("a tool that writes is called twice for one request: the first answer, and an error for something else", async () => {
  const { url } = await serveOverHttp(await indexed());
  const call = async (given: object) => {
    const asked = modern("tools/call", { name: "document", arguments: given });
    const { message } = await post(url, { ...asked, headers: { ...asked.headers, "mcp-name": "document" } });
    return message.result;
  };
  const note = { id: "notes/mine", content: "Mine", request_id: "r1" };
  const first = await call(note);
  expect((await call(note)).structuredContent).toEqual({ ...first.structuredContent, repeated: true });
  expect(await call({ ...note, content: "Another" })).toMatchObject({
    isError: true,
    structuredContent: { code: "REQUEST_REUSED" },
  });
});

test("a client of the older revision is served request by request", async () => {
  const { url } = await serveOverHttp(await indexed());
  const start = await post(url, { body: { jsonrpc: "2.0", id: 1, method: "initialize", params: hello } });
  expect(start.message.result).toMatchObject({ protocolVersion: "2025-11-25", serverInfo: { name: "momo" } });
  const headers = { "mcp-protocol-version": "2025-11-25" };
  const listed = await post(url, { body: { jsonrpc: "2.0", id: 2, method: "tools/list" }, headers });
  expect(listed.message.result.tools).toHaveLength(7);
});
