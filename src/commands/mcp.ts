/** `momo mcp`: serves coding agents over standard input and output, and enters Momo into their configuration. */
import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { MomoError } from "../errors.ts";
import { type CommandContext, defineCommand, homeOption, type Input, type ToolSize } from "./command.ts";
import { type ClientName, clientNames } from "./mcp-clients.ts";
import type { InstallAnswer } from "./mcp-install.ts";
import { existingPath, homeOf, indexedRoot, recordedRoot } from "./place.ts";
import { choose } from "./value.ts";

export interface McpToolsAnswer {
  tools: ToolSize[];
  /** Of the list as a whole. */
  bytes: number;
}

export type McpAnswer = InstallAnswer | McpToolsAnswer | { clients: typeof clientNames };

const positionals = [
  {
    name: "path",
    value_name: "PATH",
    kind: "path",
    help: "folder to serve; default the current one. Or a word: install enters Momo into a client, tools lists the tools (write ./install for a folder of that name)",
  },
  {
    name: "client",
    value_name: "CLIENT",
    kind: "word",
    choices: clientNames,
    help: "install: which client",
  },
] as const;

const options = {
  agent: {
    type: "string",
    value_name: "NAME",
    help: "who writes, as the history will say; default what the client calls itself",
  },
  tools: {
    type: "strings",
    value_name: "NAME",
    help: "offer these tools besides the default ones, a list with commas or several times; all for every one; default the setting mcp_tools",
  },
  root: {
    type: "string",
    value_name: "PATH",
    help: "install, tools: the project that is meant; default the current folder",
  },
  print: { type: "boolean", help: "install: show what would be written, and write nothing" },
  yes: { type: "boolean", short: "y", help: "install: do not ask" },
  home: homeOption,
} as const;

type McpInput = Input<typeof positionals, typeof options>;

interface Place {
  path: string;
  home: string;
}

/** A client that starts its servers in no folder in particular must say which one it means. */
function refuseNowhere(path: string): void {
  if (dirname(path) === path || path === realpathSync(homedir())) throw new MomoError("ROOT_MISSING");
}

/** The nearest folder that is indexed, or this one; of a given home the folder that it is about. */
async function placeOf(
  context: CommandContext,
  { path, home: given }: Pick<McpInput, "path" | "home">,
): Promise<Place> {
  const target = existingPath(context, path ?? ".");
  const home = await homeOf(context, { path, home: given });
  const known = (given ?? context.env.MOMO_HOME) ? await recordedRoot(home) : await indexedRoot(target);
  if (known !== undefined) return { path: known, home };
  if (path === undefined) refuseNowhere(target);
  return { path: target, home };
}

const settingsOf = ({ tools }: McpInput): Record<string, unknown> =>
  tools.length > 0 ? { mcp_tools: tools.join(",") } : {};

async function* nothing(): AsyncGenerator<McpAnswer> {
  // Standard output held messages of the protocol: there is no result to print.
}

async function serve(context: CommandContext, input: McpInput): Promise<AsyncIterable<McpAnswer>> {
  const place = await placeOf(context, input);
  await context.serveMcp?.({ places: [place], settings: settingsOf(input), agent: input.agent });
  return nothing();
}

function checkWords({ path, client, print, yes, root }: McpInput): void {
  const usage = "usage: momo mcp [PATH] | momo mcp install CLIENT | momo mcp tools";
  if (path !== "install" && client !== undefined)
    throw new MomoError("ARGUMENT_UNEXPECTED", { argument: client, usage });
  const isServing = path !== "install" && path !== "tools";
  if (isServing && (print || yes || root !== undefined))
    throw new MomoError("ARGUMENT_UNEXPECTED", {
      argument: root === undefined ? "--print or --yes" : "--root",
      usage,
    });
}

async function run(context: CommandContext, input: McpInput): Promise<McpAnswer | AsyncIterable<McpAnswer>> {
  checkWords(input);
  const { path, client, root = ".", print, yes } = input;
  if (path === "install") {
    if (client === undefined) return { clients: clientNames };
    const { install } = await import("./mcp-install.ts");
    const name: ClientName = choose(clientNames, { name: "CLIENT", text: client });
    return install(context, {
      client: name,
      root: existingPath(context, resolve(context.cwd, root)),
      print,
      yes,
    });
  }
  if (path !== "tools") return serve(context, input);
  const home = await homeOf(context, { path: root, home: input.home });
  const tools = (await context.mcpTools?.({ home, settings: settingsOf(input) })) ?? [];
  const bytes = tools.reduce((sum, tool) => sum + tool.bytes, 2 + Math.max(0, tools.length - 1));
  return { tools, bytes };
}

export const mcp = defineCommand({
  summary: "serve coding agents over the Model Context Protocol",
  details:
    "Speaks MCP on standard input and output until the client ends it, and keeps the index up to date meanwhile. install " +
    "shows what it would enter into a client's configuration, asks, and keeps the rest of the file. What agents write is " +
    "theirs by name: momo rollback --agent NAME takes it back.",
  examples: [
    { command: "momo mcp install claude-code", help: "enter it into a client" },
    { command: "momo mcp install codex --print", help: "only show what to enter" },
    { command: "momo mcp tools", help: "what agents get, and what it costs" },
    { command: "momo mcp ~/project", help: "serve a folder: the command that clients run" },
  ],
  positionals,
  options,
  effect: "write",
  only: "cli",
  run,
  failed: (result) => "outcome" in result && result.outcome === "declined",
});
