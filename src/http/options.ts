/**
 * What the HTTP server is given: settings, and the few things it needs of other rooms, each as the smallest interface.
 * The composition root (cli/serve-http.ts) fills them in.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Settings } from "../config/settings.ts";
import type { Caller } from "../service/service.ts";
import type { Timing } from "./limits.ts";

export type HttpSettings = Pick<
  Settings,
  | "api_host"
  | "api_port"
  | "metrics_port"
  | "allowed_origins"
  | "max_body_mb"
  | "rate_limit"
  | "query_timeout_seconds"
  | "shutdown_seconds"
>;

/** Headers of a request that say where it was meant to go and where it comes from. Each raises, or is satisfied. */
export interface Guard {
  /** Raises HOST_REFUSED. */
  checkHost(headers: IncomingHttpHeaders): void;
  /** Raises ORIGIN_REFUSED. */
  checkOrigin(headers: IncomingHttpHeaders): void;
}

/** One line for every request, and one for what nobody expected. */
export interface HttpLog {
  info(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

export interface RequestMeasured {
  method: string;
  /** Template of the route, as `/entries/{id}`; `unknown` where there is none. */
  route: string;
  status: number;
  seconds: number;
}

export interface HttpMetrics {
  content_type: string;
  /** Prometheus exposition. */
  text(): Promise<string>;
  requestDone(request: RequestMeasured): void;
  rateLimited(): void;
  authFailed(): void;
}

/** What every call over a protocol of its own needs to know about the request that carries it. */
export interface CarriedCall {
  caller: Caller;
  request_id: string;
  workspace: string | undefined;
  signal: AbortSignal;
}

/** The handlers of the room mcp. */
export interface ToolHandlers {
  /** As `tools/call` of MCP: the result object. Raises TOOL_UNKNOWN and what the service raises. */
  callTool(call: { tool: string; arguments: Record<string, unknown> } & CarriedCall): Promise<unknown>;
  /** Answers a request to /mcp by itself. */
  handle(
    raw: { request: IncomingMessage; response: ServerResponse; body: unknown },
    call: CarriedCall,
  ): Promise<void>;
}

export interface AroundRequest {
  headers: IncomingHttpHeaders;
  request_id: string;
  method: string;
  /** Template of the route. */
  route: string;
}

export interface HttpOptions {
  settings: HttpSettings;
  guard: Guard;
  /** Who calls; raises UNAUTHORIZED. */
  authenticate(headers: IncomingHttpHeaders, address: string): Promise<Caller>;
  /** Whether callers need a key or token: only then are they counted and limited. */
  needs_keys: boolean;
  tools: ToolHandlers;
  log?: HttpLog;
  metrics?: HttpMetrics;
  /** Runs the work of a request where its lines of the log and its spans know which one it is. */
  around?: <T>(request: AroundRequest, work: () => Promise<T>) => Promise<T>;
  /** Shorter times, for tests. */
  timing?: Partial<Timing>;
}

export interface HttpServer {
  /** Raises PORT_TAKEN. */
  listen(): Promise<void>;
  /** Accepts nothing new, lets what runs finish for `shutdown_seconds`, then closes every connection. */
  close(): Promise<void>;
  /** `http://127.0.0.1:8000`, once it listens. */
  readonly url: string;
  /** Where the metrics alone are served; absent without `metrics_port`. */
  readonly metrics_url: string | undefined;
}
