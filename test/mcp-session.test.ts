/**
 * A session as agents have it, by the official clients of both lines and in both revisions, over pipes and over HTTP:
 * index, search, look at one thing, write, see it in the history, take it back, bring it again.
 */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OldStdioTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as OldHttpTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, onTestFinished, test } from "vitest";
import { serveOverHttp, serviceOver } from "./mcp-server.ts";
import { binary, cleanEnvironment, project } from "./momo-process.ts";

// biome-ignore lint/suspicious/noExplicitAny: the two lines of clients have types of their own for the same things
type Any = any;

const info = { name: "session-test", version: "1.0.0" };
const newest = { versionNegotiation: { mode: { pin: "2026-07-28" } } } as const;

const clients: Readonly<Record<string, () => Any>> = {
  "v2 client, 2026-07-28": () => new Client(info, newest),
  "v2 client, 2025-11-25": () => new Client(info),
  "v1 client, 2025-11-25": () => new OldClient(info),
};

async function connectOverPipes(client: Any, folder: string): Promise<void> {
  const args = [binary, "mcp", folder, "--tools", "redo"];
  const parameters = { command: process.execPath, args, env: cleanEnvironment(), stderr: "pipe" } as const;
  const isOld = client instanceof OldClient;
  await client.connect(isOld ? new OldStdioTransport(parameters) : new StdioClientTransport(parameters));
}

async function connectOverHttp(client: Any, folder: string): Promise<void> {
  const { url, errors } = await serveOverHttp(serviceOver(folder), { tools: ["redo"] });
  const isOld = client instanceof OldClient;
  await client.connect(
    isOld ? new OldHttpTransport(new URL(url)) : new StreamableHTTPClientTransport(new URL(url)),
  );
  onTestFinished(() => expect(errors).toEqual([]));
}

const transports = { pipes: connectOverPipes, HTTP: connectOverHttp };

const cases = Object.keys(clients).flatMap((client) =>
  (["pipes", "HTTP"] as const).map((transport) => ({ client, transport })),
);

/** Calls tools, and checks every answer: what the schema says, and the same as text. */
async function toolCaller(client: Any): Promise<(name: string, args?: object) => Promise<Any>> {
  const { tools } = await client.listTools();
  const ajv = new Ajv2020();
  return async (name, args = {}) => {
    const result = await client.callTool({ name, arguments: args });
    const schema = tools.find((tool: Any) => tool.name === name).outputSchema ?? { type: "object" };
    expect(ajv.validate(schema, result.structuredContent), `${name}: ${ajv.errorsText()}`).toBe(true);
    expect(JSON.parse(result.content[0].text)).toEqual(result.structuredContent);
    return { ...result.structuredContent, isError: result.isError ?? false };
  };
}

test.each(cases)("a session by the $client over $transport", async ({ client: kind, transport }) => {
  const client = clients[kind]!();
  await transports[transport](client, project());
  onTestFinished(() => client.close());
  expect(client.getInstructions()).toContain("search first");
  const call = await toolCaller(client);

  // Over pipes the first search indexes; over HTTP that is a request of its own.
  if (transport === "HTTP")
    expect(await call("search", { query: "retry" })).toMatchObject({ code: "NOT_INDEXED" });
  if (transport === "HTTP") expect(await call("index")).toMatchObject({ created: 5, isError: false });
  const found = await call("search", { query: "how long to wait after a failed attempt", budget: 500 });
  expect(found.places[0]).toMatch(/^src\/retry\.ts:\d+-\d+$/);
  expect(found.context).toContain("nextDelay");
  expect(found.tokens).toBeLessThanOrEqual(500);

  const delay = await call("entity", { id: "RetryPolicy.nextDelay" });
  expect(delay).toMatchObject({
    id: "src/retry.ts#RetryPolicy.nextDelay",
    kind: "method",
    place: "src/retry.ts:5-8",
  });
  expect(delay.content).toContain("100 * 2 ** attempt");

  const id = "doc:src/retry.ts#RetryPolicy:overview";
  const written = await call("document", {
    id,
    content: "Quuxification doubles the delay",
    based_on: ["src/retry.ts"],
  });
  expect(written).toMatchObject({ id, isError: false });
  expect((await call("search", { query: "quuxification" })).context).toContain("doubles the delay");
  expect((await call("entity", { id: "src/retry.ts#RetryPolicy" })).documentation).toEqual([id]);

  const agent = transport === "HTTP" && !kind.includes("2026") ? "mcp" : info.name;
  const { transactions } = await call("history", { agent });
  expect(transactions).toEqual([
    expect.objectContaining({
      transaction: written.transaction,
      agent,
      kind: "write",
      created: expect.any(Number),
    }),
  ]);

  const plan = await call("rollback_plan", { agent });
  expect(plan).toMatchObject({ blocked: false, agents: { [agent]: expect.any(Number) } });
  expect(plan.changes).toContain(`removed ${id}`);
  expect(await call("entity", { id })).toMatchObject({ id });
  const { plan_hash } = plan;
  expect(await call("rollback_apply", { plan_hash })).toMatchObject({ outcome: "done", isError: false });
  expect(await call("entity", { id })).toMatchObject({ isError: true, code: "ENTRY_UNKNOWN" });
  expect(await call("rollback_apply", { plan_hash })).toMatchObject({ outcome: "already", isError: false });

  const redone = await call("redo", { dry_run: true });
  expect(await call("redo", { plan: redone.plan_hash })).toMatchObject({ outcome: "done" });
  expect(await call("entity", { id })).toMatchObject({ id, content: "Quuxification doubles the delay" });
  await checkTheRest(client, id);
});

async function checkTheRest(client: Any, id: string): Promise<void> {
  const { resources } = await client.listResources();
  expect(resources).toEqual([expect.objectContaining({ name: id, mimeType: "text/markdown" })]);
  const { contents } = await client.readResource({ uri: resources[0].uri });
  expect(contents[0]).toMatchObject({ text: "Quuxification doubles the delay", mimeType: "text/markdown" });
  const file = await client.readResource({ uri: "momo://file/src/cart.ts" });
  expect(file.contents[0].text).toContain("totalPrice");
  const entity = await client.readResource({ uri: "momo://entity/src/cart.ts%23totalPrice" });
  expect(JSON.parse(entity.contents[0].text)).toMatchObject({ id: "src/cart.ts#totalPrice" });
  for (const uri of [
    "momo://file/src/none.ts",
    "momo://file/../x",
    "momo://document/src/cart.ts",
    "file:///etc/passwd",
  ])
    await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32602 });

  const { prompts } = await client.listPrompts();
  expect(prompts.map((prompt: Any) => prompt.name)).toEqual([
    "explain",
    "impact",
    "remember",
    "review_agent",
  ]);
  const prompt = await client.getPrompt({ name: "explain", arguments: { question: "Why a limit?" } });
  expect(prompt.messages[0].content.text).toContain("Why a limit?");
  await expect(client.getPrompt({ name: "explain" })).rejects.toMatchObject({ code: -32602 });
  const { completion } = await client.complete({
    ref: { type: "ref/resource", uri: "momo://file/{+path}" },
    argument: { name: "path", value: "cart" },
  });
  expect(completion.values).toContain("src/cart.ts");
  await expect(client.callTool({ name: "no_such_tool", arguments: {} })).rejects.toMatchObject({
    code: -32602,
  });
}
