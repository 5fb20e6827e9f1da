/**
 * Where `momo serve` begins: puts together the service, who is let in, the log, the metrics and the listener, and takes
 * them apart again when it is told to stop. Loaded by main.ts.
 */
import type { IncomingHttpHeaders } from "node:http";
import { availableParallelism, userInfo } from "node:os";
import { dirname } from "node:path";
import type { ServeOptions } from "../commands/command.ts";
import { commandWords } from "../commands/index.ts";
import { jwtSecret, loadConfig } from "../config/config.ts";
import { isLoopback } from "../config/setting-values.ts";
import type { Settings } from "../config/settings.ts";
import { MomoError } from "../errors.ts";
import { registerLive } from "../http/live.ts";
import { ownRoutes, routes } from "../http/routes.ts";
import { createHttpServer } from "../http/server.ts";
import { callTool } from "../mcp/call-tool.ts";
import { createMcpHandler } from "../mcp/http.ts";
import { createToolSet } from "../mcp/tool-set.ts";
import { withContext } from "../observe/context.ts";
import { createLog, type Log } from "../observe/log.ts";
import { createMetrics, type Metrics } from "../observe/metrics.ts";
import { serverSpan, startTracing, withRemoteParent } from "../observe/trace.ts";
import { checkBind, hostPolicy } from "../security/hosts.ts";
import { createIdentify } from "../security/identify.ts";
import { openKeys } from "../security/keys.ts";
import { openTokens } from "../security/tokens.ts";
import { createService, type FinishedCall } from "../service/create.ts";
import { Pool } from "../service/pool.ts";
import type { Caller, Service, Workspace } from "../service/service.ts";
import { workspacesOf } from "../service/workspaces.ts";
import { version } from "./version.ts";
