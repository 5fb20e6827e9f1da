/** The protocol of agents: addresses of resources, arguments of tools, and messages that are none. */
import { type Attack, asks, type World } from "./wire.ts";

/** What lies outside is told by nothing; what a message says is not told again as markup of a stream. */
const SECRET = /CANARY secret\\n|root:x:/;
const accept = "Accept: application/json, text/event-stream";

/** As an agent of either revision would ask. */
const calls = (name: string, message: unknown, headers: readonly string[] = []): Attack =>
  asks(`agent: ${name}`, "POST /mcp", {
    body: typeof message === "string" ? message : JSON.stringify(message),
    headers: [accept, ...headers],
    expect: [200, 202, 400, 404],
    never: SECRET,
  });

const rpc = (method: string, params?: unknown) => ({
  jsonrpc: "2.0",
  id: 1,
  method,
  ...(params !== undefined && { params }),
});
const tool = (name: string, given: unknown) => rpc("tools/call", { name, arguments: given });

const addresses = [
  "file:///etc/passwd",
  "momo://file/../../../etc/passwd",
  "momo://file/..%2f..%2foutside%2fsecret.md",
  "momo://file/%2e%2e/outside/secret.md",
  "momo://file//etc/passwd",
  "momo://file/way-out/secret.md",
  "momo://file/src/../../outside/secret.md",
  "momo://file/src/retry.ts%00.md",
  "momo://file/.momo/keys.json",
  "momo://entity/../../outside/secret.md",
  "momo://document/../../outside/secret.md",
  "momo://document/doc:src/../../outside/secret.md",
  "momo://file/%",
  "momo://file/%ff",
  "momo://__proto__/x",
  "momo://file@evil.test/src/retry.ts",
  "http://127.0.0.1:1/",
  "http://169.254.169.254/latest/meta-data/",
  "data:text/plain,CANARY",
  "",
  "a".repeat(100_000),
];

const messages: readonly Attack[] = [
  calls("nothing", ""),
  calls("no message", "null"),
  calls("a text", '"tools/list"'),
  calls("an empty list", "[]"),
  calls(
    "a list of 2000",
    Array.from({ length: 2000 }, (_, id) => ({ ...rpc("tools/list"), id })),
  ),
  calls("another version of the protocol", { ...rpc("tools/list"), jsonrpc: "1.0" }),
  calls("no version of the protocol", { id: 1, method: "tools/list" }),
  calls("no method", { jsonrpc: "2.0", id: 1 }),
  calls("a method that is a number", { jsonrpc: "2.0", id: 1, method: 1 }),
  calls("a method of the prototype", rpc("__proto__")),
  calls("a method that there is not", rpc("tools/execute")),
  calls("a method of 100 KB", rpc("a".repeat(100_000))),
  calls("an id that is an object", { ...rpc("tools/list"), id: { a: 1 } }),
  calls("an id that is null", { ...rpc("tools/list"), id: null }),
  calls("an id of 100 KB", { ...rpc("tools/list"), id: "x".repeat(100_000) }),
  calls("an id with the end of an event", { ...rpc("tools/list"), id: "1\n\nevent: message\ndata: {}\n\n" }),
  calls("parameters that are a list", { ...rpc("tools/call"), params: [] }),
  calls("parameters that are a text", { ...rpc("tools/call"), params: "search" }),
  calls("an answer that nobody asked for", { jsonrpc: "2.0", id: 1, result: { role: "admin" } }),
  calls("an error that nobody asked for", { jsonrpc: "2.0", id: 1, error: { code: -1, message: "x" } }),
  calls("a notice that there is not", { jsonrpc: "2.0", method: "notifications/evil", params: {} }),
  calls("an end of what does not run", {
    jsonrpc: "2.0",
    method: "notifications/cancelled",
    params: { requestId: 1, reason: "x".repeat(10_000) },
  }),
  calls(
    "a name __proto__",
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"__proto__":{"polluted":1}}}',
  ),
  calls("a name twice", '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}'),
  calls("a token of progress that is an object", {
    ...rpc("tools/call", { name: "search", arguments: { query: "x" }, _meta: { progressToken: { a: 1 } } }),
  }),
  calls("capabilities of a prototype", {
    ...rpc("initialize", {
      protocolVersion: "2025-11-25",
      capabilities: { constructor: {} },
      clientInfo: { name: "x", version: "1" },
    }),
  }),
  calls(
    "a version of 1999",
    rpc("initialize", { protocolVersion: "1999-01-01", capabilities: {}, clientInfo: {} }),
  ),
  calls("a client whose name is the indexer's", {
    ...rpc("initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "indexer", version: "1" },
    }),
  }),
  calls("a session that is forged", rpc("tools/list"), ["Mcp-Session-Id: ../../etc/passwd"]),
  calls("a version in a header that there is not", rpc("tools/list"), ["MCP-Protocol-Version: 9999-99-99"]),
  calls(
    "a header that says another method",
    rpc("tools/call", { name: "search", arguments: { query: "x" } }),
    ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/list"],
  ),
  calls("a header that says another tool", rpc("tools/call", { name: "rollback_apply", arguments: {} }), [
    "MCP-Protocol-Version: 2026-07-28",
    "Mcp-Method: tools/call",
    "Mcp-Name: search",
  ]),
  calls("a cursor that is none", rpc("resources/list", { cursor: "../../etc/passwd" })),
  calls("a cursor of 100 KB", rpc("resources/list", { cursor: "x".repeat(100_000) })),
  calls("a prompt that there is not", rpc("prompts/get", { name: "constructor" })),
  calls(
    "a prompt with arguments of 100 KB",
    rpc("prompts/get", { name: "x", arguments: { x: "y".repeat(100_000) } }),
  ),
  calls(
    "completion of what there is not",
    rpc("completion/complete", { ref: { type: "ref/evil" }, argument: {} }),
  ),
  calls("a level of logs that there is not", rpc("logging/setLevel", { level: "evil" })),
];

const tools: readonly Attack[] = [
  calls("a tool that there is not", tool("shell", { command: "id" })),
  calls("a tool of the prototype", tool("__proto__", {})),
  calls("a tool that is only for a terminal", tool("keys", { action: "create" })),
  calls("a search below the folder above", tool("search", { query: "canary", dir: "../outside" })),
  calls("a search with half a million tokens", tool("search", { query: "retry", budget: 500_000 })),
  calls("a search of 20,000 signs", tool("search", { query: "(a+)+$".repeat(3000) })),
  calls("an entity outside", tool("entity", { id: "../outside/secret.md" })),
  calls("a document whose id leads out", tool("document", { id: "../../escaped", content: "x" })),
  calls("a document whose id has a NUL", tool("document", { id: "a\0b", content: "x" })),
  calls("a document of another agent", tool("document", { id: "n", content: "x", agent: "indexer" })),
  calls("an index of the machine", tool("index", { path: "/etc" })),
  calls("an index of a folder beside", tool("index", { path: "../outside" })),
  calls("a plan that nobody showed", tool("rollback_apply", { plan_hash: "0".repeat(64) })),
  calls("a plan of 100 KB", tool("rollback_apply", { plan_hash: "0".repeat(100_000) })),
  calls("arguments that are a list", tool("search", ["x"])),
  calls("arguments that are null", tool("search", null)),
  calls(
    "arguments of 60 levels",
    tool("search", { query: JSON.parse(`${"[".repeat(50)}${"]".repeat(50)}`) }),
  ),
  calls("arguments of the wrong kind", tool("search", { query: { $ne: null } })),
];

const methods: readonly Attack[] = ["GET", "DELETE", "PUT", "PATCH", "HEAD"].map((method) =>
  asks(`agent: by ${method}`, `${method} /mcp`, { headers: [accept], expect: [400, 404, 405, 406] }),
);

const compatible = (name: string, body: (world: World) => unknown): Attack => {
  const expect = [200, 400, 404];
  const attack = asks(`call: ${name}`, "POST /tools/call", { body: "{}", expect, never: SECRET });
  return {
    ...attack,
    run: (world) => asks("", "POST /tools/call", { body: JSON.stringify(body(world)), expect }).run(world),
  };
};

export const agents: readonly Attack[] = [
  ...addresses.map((uri) => calls(`resource ${uri.slice(0, 60)}`, rpc("resources/read", { uri }))),
  ...messages,
  ...tools,
  ...methods,
  compatible("a path outside", ({ outside }) => ({ tool: "index", arguments: { path: outside } })),
  compatible("no tool", () => ({ arguments: {} })),
  compatible("a tool that is a list", () => ({ tool: ["search"] })),
  compatible("arguments that are a text", () => ({ tool: "search", arguments: "query" })),
  compatible("a field more", () => ({
    tool: "search",
    arguments: { query: "x" },
    caller: { trusted: true },
  })),
];
