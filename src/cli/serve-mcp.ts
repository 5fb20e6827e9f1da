/**
 * Where `momo mcp` begins: puts together the service, the tools and the caller for one client over standard input and
 * output. Reads happen in this thread, because starting others would cost the first answer more than it brings; writes
 * and indexing happen beside it, so that no answer waits for them. Loaded by main.ts.
 */
import { randomUUID } from "node:crypto";
import type { ServeOptions, ToolSize } from "../commands/command.ts";
import { localCaller } from "../commands/who.ts";
import { loadConfig } from "../config/config.ts";
import type { Settings } from "../config/settings.ts";
import { UNNAMED } from "../mcp/attribution.ts";
import { createToolSet } from "../mcp/tool-set.ts";
import { createService } from "../service/create.ts";
import { createInlineExecutor } from "../service/inline.ts";
import type { Executor } from "../service/job.ts";
import type { Caller } from "../service/service.ts";
import { workspacesOf } from "../service/workspaces.ts";
import { version } from "./version.ts";

/** One client asks: what waits is its own. */
const MAX_QUEUE = 256;

function createExecutor(config: Settings): Executor {
  const readers = createInlineExecutor(process.env);
  let writer: Promise<Executor> | undefined;
  const openWriter = async (): Promise<Executor> => {
    const { Pool } = await import("../service/pool.ts");
    return new Pool({
      readers: 0,
      max_queue: MAX_QUEUE,
      timeout_ms: config.query_timeout_seconds * 1000,
    });
  };
  return {
    run: async (job, lane, hooks) => {
      if (lane === "read") return readers.run(job, lane, hooks);
      writer ??= openWriter();
      return (await writer).run(job, lane, hooks);
    },
    waiting: readers.waiting,
    close: async (deadline_ms) => {
      await readers.close(deadline_ms);
      await (await writer)?.close(deadline_ms);
    },
  };
}

/** Whoever can start this process may do all that the process may. */
const callerOf = (agent: string | undefined): Caller => ({
  agent: agent ?? UNNAMED,
  session: randomUUID(),
  principal: localCaller({ env: process.env }).principal,
  grants: { "*": "admin" },
});

function report(error: Error): void {
  const cause = error.cause instanceof Error ? error.cause : error;
  process.stderr.write(`momo: ${process.env.MOMO_DEBUG ? cause.stack : cause.message.split("\n")[0]}\n`);
}

/** The search is loaded while the client says hello. */
function warmUp(): void {
  import("../commands/search.ts").then(() => import("../retrieve/search.ts")).catch(report);
}

export async function serveMcp({
  places,
  settings,
  agent,
}: ServeOptions & { agent: string | undefined }): Promise<void> {
  const serving = import("../mcp/stdio.ts");
  if (process.stdin.isTTY)
    process.stderr.write(
      "momo: waiting for messages of MCP on standard input (momo mcp install enters it into a client)\n",
    );
  const workspaces = workspacesOf(places);
  const config = loadConfig(workspaces[0]?.home, process.env, settings).values;
  const tools = createToolSet(config.mcp_tools);
  // Names of tools that do not exist are told now, to a person, and not to the first agent.
  if (config.mcp_tools.length > 0) await tools.definitions();
  const service = createService({
    workspaces,
    version: version(),
    executor: createExecutor(config),
    shutdown_ms: config.shutdown_seconds * 1000,
  });
  // Of the command line; here an interrupt ends the connection first.
  process.removeAllListeners("SIGINT");
  const { serveStdio } = await serving;
  warmUp();
  await serveStdio({ service, tools, caller: callerOf(agent), named: agent !== undefined, report });
}

export async function mcpTools({
  home,
  settings,
}: {
  home: string;
  settings: ServeOptions["settings"];
}): Promise<ToolSize[]> {
  const { mcp_tools } = loadConfig(home, process.env, settings).values;
  const definitions = await createToolSet(mcp_tools).definitions();
  return definitions.map((tool) => ({
    name: tool.name,
    description: tool.description,
    bytes: Buffer.byteLength(JSON.stringify(tool)),
  }));
}
