/** A request that is sent again under its id: the first answer and nothing more, on every route that writes. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { findCommand } from "../commands/index.ts";
import { routeEffect } from "./openapi.ts";
import { routes } from "./routes.ts";
import { type Answer, ask, type Started, startServer } from "./server.fixture.ts";

let started: Started;
beforeAll(async () => {
  started = await startServer();
  await send("PUT", "/entries/notes%2Fa", { content: "first" });
  await send("PUT", "/entries/notes%2Fb", { content: "second" });
});
afterAll(() => started[Symbol.asyncDispose]());

const send = (method: string, path: string, body?: object): Promise<Answer> =>
  ask(started.url, path, { method, ...(body && { body }) });

type Json = Record<string, unknown>;

const relation = { source: "notes/a", type: "references", target: "notes/b" };
const query = (given: Record<string, string>): string => `?${new URLSearchParams(given)}`;

/** In the order of a working day. `other` is asked under the same id. */
const sent: [method: string, path: string, given: object, other: object][] = [
  ["PUT", "/entries/notes%2Fa", { content: "one" }, { content: "two" }],
  ["POST", "/relations", relation, { ...relation, type: "documents" }],
  ["DELETE", "/relations", relation, { ...relation, type: "documents" }],
  ["DELETE", "/entries/notes%2Fb", {}, { irreversible: "told everybody" }],
  [
    "POST",
    "/transactions",
    { operations: [{ op: "put", id: "notes/c", content: "c" }] },
    { operations: [{ op: "put", id: "notes/c", content: "d" }] },
  ],
  ["POST", "/checkpoints", { name: "noon" }, { name: "night" }],
  ["DELETE", "/checkpoints/noon", {}, {}],
  ["POST", "/explorations", { name: "trial" }, { name: "other" }],
  ["POST", "/explorations/trial/merge", {}, { prefer: "base" }],
  ["POST", "/explorations", { name: "trial" }, { name: "other" }],
  ["DELETE", "/explorations/trial", {}, {}],
  ["POST", "/audit/compact", { seq: 1 }, { seq: 2 }],
  ["POST", "/audit/erase", { ids: ["notes/a"], confirm: true }, { ids: ["notes/c"], confirm: true }],
];

test("each twice gets the first answer, with a session of its own, and something else is 409", async () => {
  for (const [i, [method, path, given, other]] of sent.entries()) {
    const request = { agent: "bot", session: `s${i}`, request_id: `r${i}` };
    const as = (more: object): Promise<Answer> =>
      method === "DELETE"
        ? send(method, `${path}${query({ ...more, ...request })}`)
        : send(method, path, { ...more, ...request });
    const first = await as(given);
    expect(first.status, `${method} ${path} ${first.text}`).toBeLessThan(300);
    const before = await send("GET", "/transactions?limit=1000");
    const { repeated: _, ...again } = (await as(given)).json as Json;
    expect(again).toEqual(first.json);
    if (JSON.stringify(other) !== JSON.stringify(given))
      expect(await as(other)).toMatchObject({
        status: 409,
        json: { code: "REQUEST_REUSED", values: { agent: "bot", request_id: `r${i}` } },
      });
    expect((await send("GET", "/transactions?limit=1000")).json).toEqual(before.json);
    const { transactions } = before.json as { transactions: Json[] };
    expect(transactions[0]).toMatchObject({ agent: "bot", session: `s${i}`, request_id: `r${i}` });
  }
});

test("a plan that is carried out twice for one request", async () => {
  await send("POST", "/transactions", { operations: [{ op: "put", id: "notes/d", content: "d" }] });
  const plan = await send("POST", "/rollback/plan", { steps: 1 });
  const { plan_hash } = plan.json as { plan_hash: string };
  const request = { plan_hash, as: "bot", as_session: "night", as_request_id: "back" };
  const first = await send("POST", "/rollback/apply", request);
  expect(first.json).toMatchObject({ outcome: "done" });
  const again = await send("POST", "/rollback/apply", request);
  expect(again.json).toEqual({ ...(first.json as object), repeated: true });
  const { plan_hash: other } = (await send("POST", "/redo/plan", {})).json as { plan_hash: string };
  expect(await send("POST", "/redo/apply", { ...request, plan_hash: other })).toMatchObject({
    status: 409,
    json: { code: "REQUEST_REUSED" },
  });
});

test("an upload that is sent again", async () => {
  const upload = async (content: string): Promise<Response> => {
    const form = new FormData();
    for (const name of ["one.md", "two.md"]) form.append("file", new Blob([`${content} ${name}`]), name);
    form.append("request_id", "upload");
    return fetch(`${started.url}/ingest`, { method: "POST", body: form });
  };
  const first = (await (await upload("a")).json()) as { documents: object[] };
  const again = await (await upload("a")).json();
  expect(again).toEqual({ documents: first.documents.map((one) => ({ ...one, repeated: true })) });
  expect((await upload("b")).status).toBe(409);
});

/** What writes no knowledge by somebody's hand. */
const others = ["ingest", "embed", "config"];

test("every route that writes takes an id, a session and who it is", async () => {
  for (const route of routes) {
    if (others.includes(route.command)) continue;
    const effect = routeEffect(route, (await findCommand(route.command))!);
    if (effect === "read" || route.method === "GET") continue;
    const inputs = Object.values({ ...route.query, ...route.body });
    const isTakingBack = inputs.includes("as");
    for (const name of ["session", "request_id"])
      expect(inputs, `${route.method} ${route.path}`).toContain(isTakingBack ? `as_${name}` : name);
  }
});
