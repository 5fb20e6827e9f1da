/** `momo serve`: the knowledge bases of some folders over HTTP, WebSocket and MCP, until it is told to stop. */
import { MomoError } from "../errors.ts";
import { type CommandContext, defineCommand, type Input } from "./command.ts";
import { existingPath, homeOf } from "./place.ts";

export interface Served {
  served: string[];
}

const positionals = [
  {
    name: "paths",
    value_name: "PATH",
    kind: "path",
    many: true,
    help: "folders to serve, each a workspace by its name; the first is the default; none means the current one",
  },
] as const;

const options = {
  host: { type: "string", value_name: "ADDRESS", help: "address to listen on; default 127.0.0.1 (api_host)" },
  port: {
    type: "integer",
    short: "p",
    value_name: "N",
    min: 0,
    max: 65_535,
    help: "port to listen on, 0 for any that is free; default 8000 (api_port)",
  },
  metrics_port: {
    type: "integer",
    value_name: "N",
    min: 0,
    max: 65_535,
    help: "a port of this machine for the metrics alone, without a key (metrics_port)",
  },
  log_level: {
    type: "string",
    value_name: "LEVEL",
    choices: ["debug", "info", "warning", "error", "critical"],
    help: "log this and everything more serious; default info (log_level)",
  },
  log_format: {
    type: "string",
    value_name: "FORMAT",
    choices: ["auto", "json", "pretty"],
    help: "JSON, or lines for people; default pretty in a terminal only (log_format)",
  },
  home: {
    type: "string",
    value_name: "DIR",
    help: "where the knowledge base lies, for one PATH; default <root>/.momo, or MOMO_HOME",
  },
} as const;

async function run(
  context: CommandContext,
  input: Input<typeof positionals, typeof options>,
): Promise<Served> {
  const paths = input.paths.length > 0 ? input.paths : ["."];
  const { host, port, metrics_port, log_level, log_format, home } = input;
  if (home !== undefined && paths.length > 1)
    throw new MomoError("VALUE_INVALID", { name: "--home", value: home, hint: "it is for one PATH only" });
  const own = paths.length === 1 ? await homeOf(context, { path: paths[0], home }) : undefined;
  const places = paths.map((path) => ({ path: existingPath(context, path), home: own }));
  const settings = {
    ...(host !== undefined && { api_host: host }),
    ...(port !== undefined && { api_port: port }),
    ...(metrics_port !== undefined && { metrics_port }),
    ...(log_level !== undefined && { log_level }),
    ...(log_format !== undefined && { log_format }),
  };
  await context.serveHttp?.({ places, settings });
  return { served: places.map(({ path }) => path) };
}

export const serve = defineCommand({
  summary: "serve knowledge bases to programs and teams over HTTP, WebSocket and MCP",
  details:
    "Listens on this machine only, unless keys or tokens are set up (momo keys create). Ends on Ctrl-C or SIGTERM, and " +
    "lets running requests finish. See docs/http.md.",
  examples: [
    { command: "momo serve", help: "the current folder, at http://127.0.0.1:8000" },
    { command: "momo serve api web --port 9000", help: "two folders as the workspaces api and web" },
  ],
  positionals,
  options,
  effect: "admin",
  only: "cli",
  run,
});
