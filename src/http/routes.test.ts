/** Every route once, in the order of a working day, each answer held against its schema. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { inputSchema } from "../commands/command.ts";
import { allCommands, findCommand } from "../commands/index.ts";
import { ownRoutes } from "./own-routes.ts";
import type { Route } from "./route.ts";
import { routes } from "./routes.ts";
import { type Answer, type Ask, ask, type Started, startServer } from "./server.fixture.ts";
import { faults, routeOf } from "./validate.fixture.ts";

let started: Started;
beforeAll(async () => {
  started = await startServer();
});
afterAll(() => started[Symbol.asyncDispose]());

const seen = new Set<string>();

interface Sent extends Omit<Ask, "method"> {
  params?: Record<string, string>;
  query?: string;
}

/** Sends a request by its row, and holds the answer against what the row promises. */
async function send(name: string, { params = {}, query = "", ...more }: Sent = {}): Promise<Answer> {
  const [method = "", path = ""] = name.split(" ");
  const route = routeOf(method, path);
  seen.add(name);
  const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? ""));
  const answer = await ask(started.url, filled + query, { method, ...more });
  expect(answer, answer.text).toMatchObject({ status: route.status ?? 200 });
  expect(faults(route.answer, answer.json)).toEqual([]);
  return answer;
}

const id = "notes/a:b c?#%2F ü";

test("index, ask, look", async () => {
  const ingested = await send("POST /ingest", { body: { ignore_patterns: ["*.log"], verbose: true } });
  expect(ingested.json).toMatchObject({ message: "ingested directory .", created: 3 });
  const file = await send("POST /ingest", { body: { path: "src/parse.ts" } });
  expect(file.json).toMatchObject({ message: "ingested file src/parse.ts", kind: "file" });
  const found = await send("POST /query", { body: { query: "exit codes" } });
  const { results, relevance_scores, total_count } = found.json as Record<string, never[]>;
  expect(results).toMatchObject([{ path: "src/errors.ts", entity_name: "exitCode" }, {}]);
  expect(relevance_scores).toHaveLength(Number(total_count));
  expect([...relevance_scores!].sort((a, b) => b - a)).toEqual(relevance_scores);
  await send("GET /entities/{id}", { params: { id: "exitCode" }, query: "?max_lines=1&direction=out" });
  await send("GET /stats");
  await send("GET /digest");
});

test("a query with everything it takes", async () => {
  const body = {
    query: "tokens",
    max_results: 1,
    filters: { types: ["function"], languages: ["typescript"], directories: ["src"], paths: ["*.ts"] },
    include_metadata: false,
    explain: true,
    expand: "all",
    strategy: "words",
  };
  const { json } = await send("POST /query", { body });
  const { results } = json as { results: Record<string, unknown>[] };
  expect(results).toMatchObject([{ path: "src/parse.ts", content: expect.stringContaining("parseTokens") }]);
  expect(results[0]).not.toHaveProperty("entity_name");
  const packed = await send("POST /query", {
    body: { query: "tokens", budget: 200, keep: ["README.md:1-1"] },
  });
  expect(packed.json).toMatchObject({ budget: 200, tokens: expect.any(Number) });
});

test("entries, by ids of any characters", async () => {
  const content = "Ship on Fridays, error codes first";
  const metadata = { title: "How to ship" };
  const noteId = id.replaceAll("#", "");
  const made = await send("PUT /entries/{id}", {
    params: { id: noteId },
    body: { content, metadata, agent: "bob" },
  });
  expect(made.json).toMatchObject({ id: noteId, operations: 1 });
  const shown = await send("GET /entries/{id}", { params: { id: noteId } });
  expect(shown.json).toMatchObject({ id: noteId, content, metadata });
  await send("PUT /entries/{id}", { params: { id: noteId }, body: { metadata: { title: null } } });
  const code = await send("GET /entries/{id}", { params: { id: "src/errors.ts#exitCode" } });
  expect(code.json).toMatchObject({ id: "src/errors.ts#exitCode" });
  const relation = { source: noteId, type: "references", target: "src/errors.ts" };
  await send("POST /relations", { body: relation });
  const { json } = await send("GET /entries", { query: "?prefix=notes%2F&type=documentation" });
  expect(json).toMatchObject({ entries: [{ id: noteId }] });
  const versions = await send("GET /entries/{id}/versions", { params: { id: noteId }, query: "?limit=5" });
  expect((versions.json as { versions: unknown[] }).versions).toHaveLength(2);
  await send("GET /entities/{id}", { params: { id: noteId } });
  await send("DELETE /relations", { query: `?${new URLSearchParams(relation)}` });
  await send("DELETE /entries/{id}", { params: { id: noteId } });
  expect(await ask(started.url, `/entries/${encodeURIComponent(noteId)}`)).toMatchObject({ status: 404 });
});

test("a transaction, taken back and brought again", async () => {
  const operations = [
    { op: "put", id: "notes/x", content: "one" },
    { op: "relate", source: "notes/x", type: "references", target: "src/parse.ts" },
  ];
  const written = await send("POST /transactions", { body: { operations, intent: "try", agent: "eve" } });
  const { transaction } = written.json as { transaction: number };
  const listed = await send("GET /transactions", { query: "?agent=eve&limit=3" });
  expect(listed.json).toMatchObject({ transactions: [{ transaction, intent: "try" }] });
  const plan = await send("POST /rollback/plan", { body: { transactions: [transaction] } });
  const { plan_hash } = plan.json as { plan_hash: string };
  const done = await send("POST /rollback/apply", { body: { plan_hash } });
  expect(done.json).toMatchObject({ outcome: "done", plan_hash });
  const again = await send("POST /redo/plan", { body: {} });
  await send("POST /redo/apply", { body: again.json && { plan_hash: hashOf(again) } });
  await send("POST /checkpoints", { body: { name: "before" } });
  await send("POST /transactions", { body: { operations: [{ op: "remove", id: "notes/x" }], agent: "bob" } });
  const back = await send("POST /rewind/plan", { body: { checkpoint: "before" } });
  await send("POST /rewind/apply", { body: { plan_hash: hashOf(back), others: true } });
  expect(await ask(started.url, "/entries/notes%2Fx")).toMatchObject({ status: 200 });
});

const hashOf = ({ json }: Answer): string => (json as { plan_hash: string }).plan_hash;

test("a plan that is blocked is shown as one, and refused when it is carried out", async () => {
  const put = (content: string, agent: string) =>
    send("POST /transactions", { body: { operations: [{ op: "put", id: "notes/y", content }], agent } });
  const first = await put("one", "eve");
  await put("two", "bob");
  const { transaction } = first.json as { transaction: number };
  const plan = await send("POST /rollback/plan", { body: { transactions: [transaction] } });
  expect(plan.json).toMatchObject({ blocked: true, remedies: expect.any(Array) });
  const refused = await ask(started.url, "/rollback/apply", { body: { plan_hash: hashOf(plan) } });
  expect(refused).toMatchObject({ status: 409, json: { code: "ROLLBACK_BLOCKED", plan: { blocked: true } } });
  expect(faults("Problem", refused.json)).toEqual([]);
  const hidden = await send("POST /rollback/plan", {
    body: { transactions: [transaction], policy: "quarantine" },
  });
  await send("POST /rollback/apply", { body: { plan_hash: hashOf(hidden) } });
  const listed = await send("GET /quarantine");
  const { quarantined } = listed.json as { quarantined: { id: string }[] };
  expect(quarantined).toMatchObject([{ id: "notes/y" }]);
  await send("POST /quarantine/release", { body: { ids: ["notes/y"] } });
});

test("checkpoints and explorations", async () => {
  expect((await send("GET /checkpoints")).json).toMatchObject({ checkpoints: [{ name: "before" }] });
  await send("DELETE /checkpoints/{name}", { params: { name: "before" } });
  await send("POST /explorations", { body: { name: "trial", ttl: "2h", max_operations: 10 } });
  const inside = { content: "only here", exploration: "trial" };
  await send("PUT /entries/{id}", { params: { id: "notes/trial" }, body: inside });
  expect((await send("GET /explorations")).json).toMatchObject({ explorations: [{ name: "trial" }] });
  const query = "?query=only+here&query=tokens";
  const compared = await send("GET /explorations/{name}/compare", { params: { name: "trial" }, query });
  expect(compared.json).toMatchObject({ changes: [{ id: "notes/trial" }], rankings: [{}, {}] });
  await send("POST /explorations/{name}/merge", { params: { name: "trial" }, body: { prefer: "base" } });
  await send("POST /explorations", { body: { name: "other" } });
  await send("DELETE /explorations/{name}", { params: { name: "other" } });
});

test("settings, embedding and the journal", async () => {
  expect((await send("GET /config", { query: "?key=expand" })).json).toMatchObject({
    settings: [{ key: "expand" }],
  });
  await send("GET /config");
  const set = { key: "ignore_patterns", value: ["*.{snap,tmp}", "dist/"] };
  const after = await send("PUT /config", { body: set });
  expect(after.json).toMatchObject({ settings: [set] });
  await send("PUT /config", { body: { key: "ignore_patterns", value: null } });
  const planned = await send("POST /embed", { body: { strategy: "tfidf", dry_run: true } });
  expect(planned.json).toMatchObject({ strategy: "tfidf" });
  await send("POST /embed", { body: { strategy: "tfidf" } });
  await send("GET /audit/verify");
  await send("GET /audit/log", { query: "?limit=5" });
  await send("GET /audit/export");
  await send("POST /audit/compact", { body: { keep_days: 100 } });
  const unsure = await ask(started.url, "/audit/erase", { body: { ids: ["notes/x"] } });
  expect(unsure).toMatchObject({ status: 428, json: { code: "ERASE_UNCONFIRMED" } });
  await send("POST /audit/erase", { body: { ids: ["notes/x"], confirm: true } });
});

test("documents are uploaded by form and read by name", async () => {
  const form = new FormData();
  form.append("file", new Blob(["# Plan\n\nShip it"], { type: "text/markdown" }), "plan one.md");
  form.append("file", new Blob(['{"port":1}']), "settings.json");
  form.append("intent", "first upload");
  const response = await fetch(`${started.url}/ingest`, { method: "POST", body: form });
  const json = (await response.json()) as { documents: { sha256: string; transaction: number }[] };
  expect({ status: response.status, json }).toMatchObject({
    status: 201,
    json: {
      documents: [
        { id: "documents/plan one.md", filename: "plan one.md", content_type: "text/markdown", bytes: 15 },
        { id: "documents/settings.json" },
      ],
    },
  });
  expect(faults("Documents", json)).toEqual([]);
  expect(json.documents[1]!.transaction).toBe(json.documents[0]!.transaction + 1);
  const shown = await send("GET /documents/{id}", { params: { id: "plan one.md" } });
  expect(shown.json).toMatchObject({
    id: "documents/plan one.md",
    content: "# Plan\n\nShip it",
    type: "documentation",
    metadata: { filename: "plan one.md", bytes: "15", sha256: json.documents[0]!.sha256 },
  });
  const full = await send("GET /documents/{id}", { params: { id: "documents/settings.json" } });
  expect(full.json).toMatchObject({ type: "configuration" });
  const { json: found } = await send("POST /query", { body: { query: "ship it" } });
  expect(found).toMatchObject({ results: [{ entry_id: "documents/plan one.md" }] });
});

test("health, metrics, tools", async () => {
  const get = (path: string) => ask(started.url, path);
  expect(faults("Health", withoutDetails((await get("/health")).json))).toEqual([]);
  expect((await get("/health/ready")).status).toBe(200);
  expect(faults("Alive", (await get("/health/live")).json)).toEqual([]);
  expect((await get("/metrics")).status).toBe(200);
  const call = { tool: "search", arguments: { query: "tokens" } };
  const called = await ask(started.url, "/tools/call", { body: call });
  expect(called).toMatchObject({ status: 200, json: { content: [{ type: "text" }] } });
  const unknown = await ask(started.url, "/tools/call", { body: { tool: "nothing" } });
  expect(unknown).toMatchObject({ status: 404, json: { code: "TOOL_UNKNOWN" } });
  const mcp = await ask(started.url, "/mcp", {
    body: { jsonrpc: "2.0" },
    headers: { "x-request-id": "r-1" },
  });
  expect(mcp).toMatchObject({ status: 200, json: { body: { jsonrpc: "2.0" }, agent: "ada" } });
  expect(mcp.headers["x-content-type-options"]).toBe("nosniff");
});

/** A check says more about its own part than all have in common. */
const withoutDetails = (health: unknown): unknown => ({
  ...(health as object),
  checks: (health as { checks: Record<string, unknown>[] }).checks.map(
    ({ name, status, response_time_ms }) => ({ name, status, response_time_ms }),
  ),
});

test("every route was asked for", () => {
  const all = routes.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(all).size).toBe(all.length);
  expect(all.filter((name) => !seen.has(name))).toEqual([]);
});

/** Inputs that no route has, each with the reason. */
const withheld: Readonly<Record<string, string>> = {
  path: "which knowledge base it is about says the workspace",
  yes: "a plan is carried out by its hash",
  no_index: "a server never indexes when it is asked a question",
};

test("every command has a route, with every input it takes", async () => {
  const served = (await allCommands()).filter(({ only }) => only !== "cli");
  const missing = served.flatMap((command) => {
    const rows = routes.filter((row) => row.command === command.name);
    const reached = new Set(rows.flatMap(inputsOf));
    const inputs = Object.keys(inputSchema(command).properties);
    return inputs
      .filter((input) => !reached.has(input) && withheld[input] === undefined)
      .map((input) => `${command.name} ${input}`);
  });
  expect(missing).toEqual([]);
});

const inputsOf = ({ query, body, params, fixed, read }: Route): string[] => [
  ...Object.values({ ...query, ...body, ...params }),
  ...Object.keys(fixed ?? {}),
  ...Object.keys(
    read?.({ filters: { types: [], languages: [], directories: [], paths: [] }, key: "k", value: "v" }) ?? {},
  ),
];

/** A server has the file open that they write anew. */
const ownProcess = ["audit encrypt", "audit decrypt", "audit rekey"];

test("every action of a command has a route", async () => {
  const served = (await allCommands()).filter(({ only }) => only !== "cli");
  const missing = served.flatMap(({ name, positionals: [first] }) => {
    if (first?.name !== "action" || name === "config") return [];
    const actions = routes.filter((row) => row.command === name).map(({ fixed }) => fixed?.action);
    return (first.choices ?? []).filter((action) => !actions.includes(action)).map((one) => `${name} ${one}`);
  });
  expect(missing).toEqual(ownProcess);
});

test("every route has a command that servers offer, or a reason", async () => {
  for (const { command } of routes) expect((await findCommand(command))?.only).toBeUndefined();
  for (const { command } of routes) expect(await findCommand(command)).toBeDefined();
  for (const { reason } of ownRoutes) expect(reason).not.toBe("");
});
