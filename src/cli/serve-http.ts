/**
 * Where `momo serve` begins: puts together the service on its threads, who may call, what is put on record, counted and
 * logged, and the HTTP server over it. Ends with a signal. Loaded by main.ts.
 */
import { availableParallelism } from "node:os";
import type { ServeOptions } from "../commands/command.ts";
import { auditKey, embeddingKey, jwtSecret, loadConfig } from "../config/config.ts";
import { encryptionKey } from "../config/encryption-key.ts";
import { isLoopback } from "../config/setting-values.ts";
import type { Settings } from "../config/settings.ts";
import { MomoError } from "../errors.ts";
import { bodyLimit } from "../http/app.ts";
import type { AroundRequest, HttpServer, ToolCall } from "../http/options.ts";
import { createHttpServer } from "../http/server.ts";
import { callTool } from "../mcp/call-tool.ts";
import { createMcpHandler } from "../mcp/http.ts";
import { createToolSet } from "../mcp/tool-set.ts";
import { withContext } from "../observe/context.ts";
import { attribute } from "../observe/conventions.ts";
import { createLog, type Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import { serverSpan, startTracing, withRemoteParent } from "../observe/trace.ts";
import { checkBind, hostPolicy } from "../security/hosts.ts";
import { createService } from "../service/create.ts";
import { Pool } from "../service/pool.ts";
import type { Service, Workspace } from "../service/service.ts";
import { workspacesOf } from "../service/workspaces.ts";
import { openCallers } from "./serve-callers.ts";
import { countCall, countingTools, lookingMetrics, openMetrics } from "./serve-metrics.ts";
import { version } from "./version.ts";

const MOST_READERS = 4;

/** One core is left to the event loop and to writes. */
const readersOf = ({ search_threads }: Settings): number =>
  search_threads > 0 ? search_threads : Math.max(1, Math.min(MOST_READERS, availableParallelism() - 1));

const openLog = ({ log_level, log_format }: Settings): Promise<Log> => {
  const secrets = [embeddingKey(), jwtSecret(), auditKey(), encryptionKey()];
  return createLog({
    level: log_level,
    format: log_format as "auto",
    stream: process.stderr,
    redact: secrets.filter((one) => one !== undefined),
  });
};

interface Parts {
  settings: Settings;
  workspaces: readonly Workspace[];
  log: Log;
  metrics: Metrics;
}

const openService = ({ settings, workspaces, log, metrics }: Parts): Service =>
  createService({
    executor: new Pool({
      readers: readersOf(settings),
      max_queue: settings.max_queue,
      timeout_ms: settings.query_timeout_seconds * 1000,
      on_fault: (lane, why) => log.error("a thread ended by itself", { lane, why }),
    }),
    workspaces,
    version: version(),
    shutdown_ms: settings.shutdown_seconds * 1000,
    audit_home: workspaces[0]!.home,
    ...(settings.trace_url && { trace_url: settings.trace_url }),
    called: (call) => countCall(metrics, call),
  });

/** Lines of the log and spans know the request that they belong to. */
const around = <T>(
  { headers, request_id, method, route }: AroundRequest,
  work: () => Promise<T>,
): Promise<T> =>
  withContext({ request_id }, () =>
    withRemoteParent(headers, () =>
      serverSpan(`${method} ${route}`, { [attribute.httpMethod]: method, [attribute.httpRoute]: route }, () =>
        work(),
      ),
    ),
  );

function toolsOf(service: Service, { settings, log, metrics }: Parts) {
  const counted = countingTools(service, metrics);
  const tools = createToolSet(settings.mcp_tools);
  const mcp = createMcpHandler({
    service: counted,
    tools,
    max_body_bytes: bodyLimit({ settings }),
    report: (error) => log.error("a request of MCP failed", { err: error }),
  });
  const call = ({ tool, arguments: given, ...carried }: ToolCall) =>
    callTool({ service: counted, tools, ...carried }, tool, given);
  return { tools, mcp, callTool: call };
}

/** Resolves at the first signal to end; a second one ends at once. */
function endAsked(): Promise<string> {
  // Of the command line; here an interrupt lets requests finish first.
  process.removeAllListeners("SIGINT");
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve(signal);
      });
    }
  });
}

/** Raises BIND_WITHOUT_KEYS, CONFIG_INVALID and what openCallers raises. */
async function openServer(service: Service, parts: Parts) {
  const { settings, workspaces, log, metrics } = parts;
  const callers = openCallers({
    home: workspaces[0]!.home,
    settings,
    on_refusal: (why) => log.warning("a caller was refused", { why }),
  });
  const bound = await checkBind(settings.api_host, { hasKeys: callers.needsKeys() });
  const { tools, mcp, callTool } = toolsOf(service, parts);
  // Names of tools that do not exist are told now, to a person, and not to the first agent.
  if (settings.mcp_tools.length > 0) await tools.definitions();
  const server = await createHttpServer(service, {
    settings: { ...settings, api_host: bound },
    guard: hostPolicy({ ...settings, bound: settings.api_host }),
    ...callers,
    callTool,
    mcp,
    around,
    log: log.named("http"),
    metrics: lookingMetrics(metrics, service, settings.max_queue),
  });
  return { server, mcp };
}

/** Each thread reads its index before somebody waits for it: as many questions about health at once as there are threads. */
function warmUp(service: Service, settings: Settings): void {
  for (let thread = 0; thread < readersOf(settings); thread++) void service.health();
}

async function serveUntilAsked(server: HttpServer, service: Service, parts: Parts): Promise<void> {
  const { workspaces, log, settings } = parts;
  const asked = endAsked();
  await server.listen();
  warmUp(service, settings);
  const names = workspaces.map(({ name }) => name).join(", ");
  log.info(`serving ${names} at ${server.url}`, {
    url: server.url,
    workspaces: names,
    metrics_url: server.metrics_url,
  });
  log.info("stopping", { signal: await asked });
}

export async function serveHttp({ places, settings: given }: ServeOptions): Promise<void> {
  const workspaces = workspacesOf(places);
  const { values: settings, warnings } = loadConfig(workspaces[0]!.home, process.env, given);
  const log = await openLog(settings);
  for (const warning of warnings) log.warning(warning);
  const { trace_url: url, offline } = settings;
  if (url && offline && !isLoopback(url)) throw new MomoError("OFFLINE", { url });
  const onProblem = (why: string): void => log.warning("spans could not be sent", { why });
  const tracing = url ? await startTracing({ url, version: version(), onProblem }) : undefined;
  const parts = { settings, workspaces, log, metrics: await openMetrics(version(), workspaces) };
  const service = openService(parts);
  try {
    const { server, mcp } = await openServer(service, parts);
    try {
      await serveUntilAsked(server, service, parts);
    } finally {
      await server.close();
      await mcp.close();
    }
  } finally {
    await service.close();
    await tracing?.close();
  }
}
