/** `momo mcp` as a process, without a client between: what its output holds, what it survives, how it ends. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { envelope, type Message, startLegacy, startPiped } from "./mcp-server.ts";
import { momo, ownSources, project, shop, temporaryFolder } from "./momo-process.ts";

const call = (name: string, given: object = {}): object => ({ name, arguments: given });
const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until it is so; the time limit of the test is the only clock. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(50);
}

function expectMessagesOnly(lines: readonly string[]): void {
  for (const line of lines) expect(JSON.parse(line), line).toMatchObject({ jsonrpc: "2.0" });
}

test("standard output holds messages only, whatever the folder holds and whoever else writes", async () => {
  const folder = project({
    ...shop,
    "src/\u001b[2Jevil.ts": 'console.log("noise");\nexport const evil = "\u001b]0;title\u0007\u001b[2J";\n',
    "src/broken.ts": "export class {{{{ function",
    "src/latin.py": Uint8Array.of(0x23, 0xe9, 0x0a, 0x78, 0x3d, 0x31, 0x0a),
    "package.json": '{"scripts":{"preinstall":"echo noise"}}',
    ".momo/config.json": '{"ignore_patterns": []}',
  });
  const noise = join(temporaryFolder(), "noise.mjs");
  writeFileSync(
    noise,
    'process.on("SIGUSR2", () => { console.log("noise"); process.stdout.write("noise\\n"); });\n',
  );
  const server = await startLegacy([folder], { NODE_OPTIONS: `--import ${noise}`, MOMO_DEBUG: "1" });
  await server.ask("tools/call", call("search", { query: "evil noise" }));
  server.child.kill("SIGUSR2");
  await until(async () => server.stderr().includes("noise"));
  const answer = await server.ask("tools/call", call("search", { query: "evil title" }));
  expect(answer.result.structuredContent.context).toContain("evil");
  // Marks stand for what could move the cursor of a terminal that shows the answer.
  expect(answer.result.structuredContent.context).not.toContain("\u001b");
  expect(await server.end()).toBe(0);
  expectMessagesOnly(server.lines);
});

const garbage = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.json(),
  fc.array(fc.json()).map((parts) => `[${parts.join(",")}]`),
  fc
    .record({ jsonrpc: fc.constantFrom("2.0", "1.0", 2), id: fc.jsonValue(), method: fc.jsonValue() })
    .map((one) => JSON.stringify(one)),
  fc
    .record({
      jsonrpc: fc.constant("2.0"),
      id: fc.integer({ min: 1000 }),
      method: fc.constantFrom(
        "tools/call",
        "resources/read",
        "prompts/get",
        "completion/complete",
        "tools/list",
      ),
      params: fc.jsonValue(),
    })
    .map((one) => JSON.stringify(one)),
);

test("garbage is answered and survived", async () => {
  const server = await startLegacy([project()]);
  const lines = fc
    .sample(garbage, { numRuns: 200, seed: 20_260_728 })
    .map((line) => line.replaceAll("\n", " "));
  for (const line of lines) server.write(`${line}\n`);
  server.write('\ufeff{"jsonrpc":"2.0"\n{"a":\u0000}\n');
  const { result } = await server.ask("tools/list");
  expect(result.tools).toHaveLength(7);
  const refused = server.lines.map((line) => JSON.parse(line) as Message).filter(({ error }) => error);
  expect(refused.length).toBeGreaterThan(50);
  for (const { error } of refused) expect([-32700, -32600, -32601, -32602]).toContain(error!.code);
  expect(await server.end()).toBe(0);
  expectMessagesOnly(server.lines);
});

test("a message without end is refused, and the next one answered", async () => {
  const server = await startLegacy([project()]);
  const chunk = "x".repeat(2 ** 20);
  for (let i = 0; i < 17; i++) server.write(chunk);
  server.write("\n");
  const { error } = await server.message(({ error: one }) => one !== undefined);
  expect(error).toMatchObject({ code: -32600, message: expect.stringContaining("at most") });
  expect((await server.ask("ping")).result).toEqual({});
  expect(await server.end()).toBe(0);
});

test("what was asked before the input ended is answered", async () => {
  const folder = project();
  await momo(["ingest", folder]);
  const server = startPiped([folder]);
  // A write happens beside the thread that reads the input, so the end of it comes first.
  const write = call("document", { id: "notes/last", content: "The last word" });
  server.send({ id: "last", method: "tools/call", params: { ...write, _meta: envelope } });
  expect(await server.end()).toBe(0);
  expect(server.lines.map((line) => JSON.parse(line))).toMatchObject([
    { id: "last", result: { structuredContent: { id: "notes/last" } } },
  ]);
});

test.each(["SIGTERM", "SIGINT"] as const)("%s ends it, and what it started", async (signal) => {
  const server = await startLegacy([ownSources()]);
  server.send({
    id: "index",
    method: "tools/call",
    params: { ...call("index"), _meta: { progressToken: "p" } },
  });
  await server.message(({ method }) => method === "notifications/progress");
  const children = childrenOf(server.child.pid!);
  server.child.kill(signal);
  const code = await new Promise((resolve) => server.child.once("exit", resolve));
  expect(code).toBe(0);
  for (const child of children) await until(async () => !existsSync(`/proc/${child}`));
});

/** Where the system tells (Linux); nothing elsewhere. */
function childrenOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
  } catch {
    return [];
  }
}

test("a request that was cancelled is not answered, and holds nothing up", async () => {
  const server = await startLegacy([ownSources()]);
  server.send({
    id: "index",
    method: "tools/call",
    params: { ...call("index"), _meta: { progressToken: "p" } },
  });
  await server.message(({ method }) => method === "notifications/progress");
  server.send({ method: "notifications/cancelled", params: { requestId: "index", reason: "no need" } });
  const written = await server.ask(
    "tools/call",
    call("document", { id: "notes/after", content: "Written after" }),
  );
  expect(written.result.structuredContent).toMatchObject({ id: "notes/after" });
  expect(server.lines.map((line) => JSON.parse(line).id)).not.toContain("index");
  expect(await server.end()).toBe(0);
});

test("progress grows, and only who asked is told", async () => {
  const server = await startLegacy([ownSources()]);
  const search = { ...call("search", { query: "hash chain" }), _meta: { progressToken: 7 } };
  const { result } = await server.ask("tools/call", search);
  expect(result.structuredContent.places.length).toBeGreaterThan(0);
  const told = server.lines
    .map((line) => JSON.parse(line) as Message)
    .filter(({ method }) => method === "notifications/progress");
  expect(told.length).toBeGreaterThan(0);
  let last = -1;
  for (const { params } of told) {
    expect(params).toMatchObject({ progressToken: 7, total: 1, message: expect.any(String) });
    expect(params.progress).toBeGreaterThan(last);
    last = params.progress;
  }
  const before = server.lines.length;
  await server.ask("tools/call", call("index"));
  expect(server.lines.length).toBe(before + 1);
});

test("the index follows the folder while it is served", async () => {
  const folder = project();
  const server = await startLegacy([folder]);
  const contextOf = async (query: string): Promise<string> =>
    (await server.ask("tools/call", call("search", { query }))).result.structuredContent.context;
  expect(await contextOf("retry policy")).toContain("nextDelay");
  writeFileSync(join(folder, "src/retry.ts"), `${shop["src/retry.ts"]}\nexport const zwiebelfisch = 1;\n`);
  // The first of these meets a changed file, which brings it in.
  await until(async () => (await contextOf("retry policy zwiebelfisch")).includes("zwiebelfisch = 1"));
});

test("both revisions are spoken, and no other", async () => {
  const folder = project();
  const modern = startPiped([folder]);
  const { result } = await modern.ask("server/discover", { _meta: envelope });
  expect(result).toMatchObject({
    supportedVersions: ["2026-07-28"],
    resultType: "complete",
    cacheScope: "private",
  });
  const listed = await modern.ask("tools/list", { _meta: envelope });
  expect(listed.result).toMatchObject({ resultType: "complete", ttlMs: expect.any(Number) });
  const other = startPiped([folder]);
  const future = { ...envelope, "io.modelcontextprotocol/protocolVersion": "2099-01-01" };
  const refused = await other.ask("tools/list", { _meta: future });
  expect(refused.error).toMatchObject({ code: -32022, data: { supported: ["2026-07-28"] } });
});

test("what an agent wrote is its own by name, and a person takes it back", async () => {
  const folder = project();
  const probe = await startLegacy([folder]);
  const named = await startLegacy([folder, "--agent", "nightly"]);
  await probe.ask("tools/call", call("document", { id: "notes/probe", content: "By the probe" }));
  await named.ask("tools/call", call("document", { id: "notes/nightly", content: "By the nightly run" }));
  const { result } = await probe.ask("tools/call", call("history"));
  const { transactions } = result.structuredContent as {
    transactions: { agent: string; session?: string }[];
  };
  const byAgent = new Map(transactions.map(({ agent, session }) => [agent, session]));
  expect([...byAgent.keys()].filter((agent) => agent !== "indexer").sort()).toEqual(["nightly", "probe"]);
  expect(byAgent.get("probe")).toMatch(/^[0-9a-f-]{36}$/);
  expect(byAgent.get("probe")).not.toBe(byAgent.get("nightly"));
  await Promise.all([probe.end(), named.end()]);
  const taken = await momo(["rollback", "--agent", "probe", "--yes", "--json"], { cwd: folder });
  expect(JSON.parse(taken.stdout)).toMatchObject({ outcome: "done" });
  const { stdout } = await momo(["doc", "list", "--json"], { cwd: folder });
  expect(JSON.parse(stdout).entries.map(({ id }: { id: string }) => id)).toEqual(["notes/nightly"]);
});

test("errors say what to do next", async () => {
  const server = await startLegacy([project()]);
  const ask = async (name: string, given: object): Promise<Message["result"]> =>
    (await server.ask("tools/call", call(name, given))).result;
  expect(await ask("search", { query: "retry", budgett: 5 })).toMatchObject({
    isError: true,
    structuredContent: { code: "OPTION_UNKNOWN", message: expect.stringContaining("budget") },
  });
  expect(await ask("search", {})).toMatchObject({
    isError: true,
    structuredContent: { code: "ARGUMENT_MISSING" },
  });
  expect(await ask("document", { id: "notes/x" })).toMatchObject({
    structuredContent: { code: "ARGUMENT_MISSING" },
  });
  expect(await ask("rollback_apply", { plan_hash: "0123" })).toMatchObject({ isError: true });
  expect(await ask("search", { query: "x", dir: ["../.."] })).toMatchObject({
    structuredContent: { code: expect.stringMatching(/^(PATH_OUTSIDE_ROOT|VALUE_INVALID)$/) },
  });
  const unknown = await server.ask("tools/call", call("serach", {}));
  expect(unknown.error).toMatchObject({
    code: -32602,
    message: expect.stringContaining("did you mean search"),
  });
});

test("a start that cannot succeed says why, and writes nothing to standard output", async () => {
  const folder = project();
  const wrongTool = await momo(["mcp", folder, "--tools", "no_such_tool"]);
  expect(wrongTool).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("no_such_tool") });
  const noFolder = await momo(["mcp", join(folder, "none")]);
  expect(noFolder).toMatchObject({ code: 2, stdout: "" });
  const nowhere = await momo(["mcp"], { cwd: "/" });
  expect(nowhere).toMatchObject({ code: 2, stdout: "" });
});

test("a folder inside an indexed one is served with that index", async () => {
  const folder = project();
  mkdirSync(join(folder, "deep"));
  await momo(["ingest", folder]);
  const server = await startLegacy([join(folder, "deep")]);
  const { result } = await server.ask("tools/call", call("search", { query: "retry policy" }));
  expect(result.structuredContent.places[0]).toContain("src/retry.ts");
  expect(existsSync(join(folder, "deep", ".momo"))).toBe(false);
});
