/**
 * npm run bench -- mcp FOLDER [--runs N] [--peers]: what an agent waits for and pays for. Starts the server as a client
 * does, on an index that exists, and takes the time from the start of the process to the answer of `initialize` and to
 * that of the first search. Medians of N runs (default 11), engines one after the other in each run, so that a busy
 * machine is unfair to none. With --peers also codegraph, where its program lies under PEERS (engines.ts).
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { measure, momo, momoEngine, peers } from "./engines.ts";

const { values, positionals } = parseArgs({
  args: process.argv.slice(3),
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "11" },
    peers: { type: "boolean", default: false },
    query: { type: "string", default: "where are errors turned into exit codes" },
  },
});
const [folder] = positionals;
if (!folder) throw new Error("usage: npm run bench -- mcp FOLDER [--runs N] [--peers] [--query TEXT]");

interface Server {
  name: string;
  argv: string[];
  env?: Record<string, string>;
  cwd: string;
  /** Its tool that answers the query, and what it is given. */
  search: { name: string; arguments: Record<string, unknown> };
}

interface Run {
  initialize_ms: number;
  search_ms: number;
  tools: number;
  list_bytes: number;
  answer_bytes: number;
}

interface Message {
  id?: number;
  result?: { tools?: unknown[]; isError?: boolean };
  error?: unknown;
}

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

/** One client: hello, first search, then the list of tools, then good-bye. */
async function once({ argv, env, cwd, search }: Server): Promise<Run> {
  const started = performance.now();
  const child = spawn(argv[0]!, argv.slice(1), {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const waiting = new Map<number, (message: Message) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
  });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  let id = 0;
  const ask = (method: string, params: object): Promise<NonNullable<Message["result"]>> => {
    const own = ++id;
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: own, method, params })}\n`);
    return new Promise((done, fail) => {
      waiting.set(own, ({ result, error }) =>
        result ? done(result) : fail(new Error(JSON.stringify(error))),
      );
      child.once("exit", (code) => fail(new Error(`it ended with ${code}`)));
    });
  };
  const hello = {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "bench", version: "1" },
  };
  await ask("initialize", hello);
  const initialize_ms = performance.now() - started;
  child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  const answer = await ask("tools/call", search);
  const search_ms = performance.now() - started;
  if (answer.isError) throw new Error(JSON.stringify(answer));
  const { tools = [] } = await ask("tools/list", {});
  child.stdin.end();
  await ended;
  const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
  return {
    initialize_ms,
    search_ms,
    tools: tools.length,
    list_bytes: bytes(tools),
    answer_bytes: bytes(answer),
  };
}

function servers(copy: string, home: string): Server[] {
  const own: Server = {
    name: "momo",
    argv: [...momo, "mcp", copy, "--home", home],
    cwd: copy,
    search: { name: "search", arguments: { query: values.query } },
  };
  if (!values.peers) return [own];
  const codegraph = peers().find(({ name }) => name === "codegraph")!;
  const program = codegraph.index(copy, home).slice(0, 2);
  const peer: Server = {
    name: "codegraph",
    argv: [...program, "serve", "--mcp"],
    ...(codegraph.env && { env: codegraph.env }),
    cwd: copy,
    search: { name: "codegraph_explore", arguments: { query: values.query } },
  };
  return [own, peer];
}

const work = mkdtempSync(join(tmpdir(), "momo-bench-mcp-"));
try {
  const [copy, home] = [join(work, "project"), join(work, "home")];
  cpSync(resolve(folder), copy, {
    recursive: true,
    filter: (path) => !/[\\/](\.momo|\.codegraph|node_modules|\.git)$/.test(path),
  });
  await measure(momoEngine.index(copy, home));
  if (values.peers) {
    const codegraph = peers().find(({ name }) => name === "codegraph")!;
    await measure(codegraph.index(copy, home), { ...(codegraph.env && { env: codegraph.env }), cwd: copy });
  }
  const runs = new Map<string, Run[]>();
  for (let i = 0; i <= Number(values.runs); i++)
    for (const server of servers(copy, home)) {
      const run = await once(server);
      // The first one fills caches of the file system and of compiled code.
      if (i > 0) runs.set(server.name, [...(runs.get(server.name) ?? []), run]);
    }
  for (const [name, all] of runs) {
    const of = (key: keyof Run): number => median(all.map((run) => run[key]));
    const [worst] = all.map(({ search_ms }) => search_ms).sort((a, b) => b - a);
    console.log(
      `${name.padEnd(10)} initialize ${of("initialize_ms").toFixed(0)} ms, first search ${of("search_ms").toFixed(0)} ms ` +
        `(slowest ${worst!.toFixed(0)}) after the start; ${of("tools")} tools in ${of("list_bytes")} bytes; ` +
        `answer ${of("answer_bytes")} bytes (${all.length} runs)`,
    );
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
