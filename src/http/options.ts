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

/** Headers that say where a request was meant to go and where it comes from: all values of each, as they came. */
export interface Guard {
  /** Raises HOST_REFUSED. `local` is the address that the connection came in on. */
  checkHost(values: readonly string[], local?: string): void;
  /** Raises ORIGIN_REFUSED. `host` is the Host that passed. */
  checkOrigin(values: readonly string[], host: string): void;
}

/** One line for every request, and one for what nobody expected. */
export interface HttpLog {
  info(message: string, fields: Record<string, unknown>): void;
  error(message: string, fields: Record<string, unknown>): void;
}

export interface HttpMetrics {
  readonly content_type: string;
  /** Prometheus exposition. */
  text(): Promise<string>;
  /** `route` is the template, as `/entries/{id}`; `unknown` where there is none. */
  httpRequest(request: { method: string; route: string; status: number }, seconds: number): void;
  /** Counts and times a question. */
  search<T>(asked: { method: string; endpoint: string }, work: () => Promise<T>): Promise<T>;
  /** How many listen at /live. */
  liveConnections(open: number): void;
  rateLimited(): void;
  authFailed(): void;
}

/** What every call needs to know about the request that carries it. */
export interface CarriedCall {
  caller: Caller;
  request_id: string;
  workspace: string | undefined;
  signal: AbortSignal;
}

export interface ToolCall extends CarriedCall {
  tool: string;
  arguments: Record<string, unknown>;
}

/** Answers requests to /mcp by itself. */
export interface McpMount {
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    more: { caller: Caller; workspace: string | undefined; body: unknown },
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
  /** Whether callers need a key or token now: only then are they counted and limited. */
  needsKeys(): boolean;
  /** The result object of `tools/call` of MCP. Raises TOOL_UNKNOWN and what the service raises. */
  callTool(call: ToolCall): Promise<unknown>;
  mcp: McpMount;
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
