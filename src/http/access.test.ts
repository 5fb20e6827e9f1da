/** Who calls, and how often: where keys are needed, callers and addresses are counted; failures more strictly. */
import { expect, test } from "vitest";
import { MomoError } from "../errors.ts";
import type { Caller } from "../service/service.ts";
import { ownRoutes } from "./own-routes.ts";
import { routes } from "./routes.ts";
import { ask, type StartOptions, startServer } from "./server.fixture.ts";
import { faults } from "./validate.fixture.ts";

const callers: Readonly<Record<string, Caller>> = {
  "Bearer one": { agent: "ci", principal: "key:1", grants: { "*": "reader" } },
  "Bearer two": { agent: "ann", principal: "key:2", grants: { "*": "admin" } },
};

const counted = { limited: 0, failed: 0 };
const keyed = (rate_limit: number): StartOptions => ({
  needsKeys: () => true,
  settings: { rate_limit },
  authenticate: async ({ authorization = "" }) => {
    const caller = callers[authorization];
    if (!caller) throw new MomoError("UNAUTHORIZED", { why: "the key is not valid" });
    return caller;
  },
  metrics: {
    content_type: "text/plain",
    text: async () => "",
    httpRequest: () => undefined,
    search: (_, work) => work(),
    liveConnections: () => undefined,
    rateLimited: () => void counted.limited++,
    authFailed: () => void counted.failed++,
  },
});
const as = (name: string) => ({ headers: { authorization: `Bearer ${name}` } });

test("without a key every route but the open ones is refused", async () => {
  await using started = await startServer(keyed(100_000));
  for (const { method, path, ...row } of [...routes, ...ownRoutes.filter(({ path }) => path !== "/live")]) {
    const answer = await ask(started.url, path.replace(/\{\w+\}/g, "x"), { method, ...as("nobody") });
    if ("access" in row && row.access === "open") expect(answer.status, path).toBe(200);
    else if (answer.status !== 429) {
      expect(answer, path).toMatchObject({ status: 401, json: { code: "UNAUTHORIZED" } });
      expect(answer.headers["www-authenticate"]).toBe('Bearer realm="momo"');
    }
  }
});

test("a role that does not suffice is told which does", async () => {
  await using started = await startServer(keyed(1000));
  const answer = await ask(started.url, "/ingest", { method: "POST", ...as("one") });
  expect(answer).toMatchObject({ status: 403, json: { code: "FORBIDDEN" } });
  expect(answer.text).toContain("writer");
  expect(await ask(started.url, "/ingest", { method: "POST", ...as("two") })).toMatchObject({ status: 200 });
  expect(await ask(started.url, "/stats", as("one"))).toMatchObject({ status: 200 });
});

test("an address that asks too often waits; health is still told", async () => {
  await using started = await startServer(keyed(10));
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++) statuses.push((await ask(started.url, "/metrics", as("two"))).status);
  expect(statuses).toEqual([...Array(10).fill(200), 429, 429]);
  const limited = await ask(started.url, "/nothing");
  expect(limited).toMatchObject({ status: 429, json: { code: "RATE_LIMITED" } });
  expect(faults("Problem", limited.json)).toEqual([]);
  const { retry_after } = limited.json as { retry_after: number };
  expect(retry_after).toBeGreaterThan(0);
  expect(limited.headers["retry-after"]).toBe(String(retry_after));
  expect(await ask(started.url, "/health/live")).toMatchObject({ status: 200 });
  expect(counted.limited).toBe(3);
});

test("keys that are no keys are limited more strictly, and a good one from there waits too", async () => {
  await using started = await startServer(keyed(600));
  counted.failed = 0;
  const statuses: number[] = [];
  for (let i = 0; i < 13; i++) statuses.push((await ask(started.url, "/stats", as("guess"))).status);
  expect(statuses).toEqual([...Array(11).fill(401), 429, 429]);
  expect(counted.failed).toBe(11);
  expect(await ask(started.url, "/stats", as("two"))).toMatchObject({ status: 429 });
});

test("where no keys are needed, nobody is counted", async () => {
  await using started = await startServer({ ...keyed(2), needsKeys: () => false });
  for (let i = 0; i < 5; i++)
    expect(await ask(started.url, "/metrics", as("two"))).toMatchObject({ status: 200 });
});

test("where keys are needed, health says whether it works, and nothing of what is served", async () => {
  await using started = await startServer(keyed(100));
  const { json, text } = await ask(started.url, "/health");
  expect(json).toMatchObject({ service: "momo", status: "healthy" });
  expect(text).not.toContain("checks");
});
