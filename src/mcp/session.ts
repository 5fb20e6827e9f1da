/** What the handlers of one MCP server share: the service, in whose name they call it, and the tools. */
import { randomUUID } from "node:crypto";
import type { Caller, Reply, Service } from "../service/service.ts";
import type { Freshness } from "./freshness.ts";
import type { ToolSet } from "./tool-set.ts";

export interface McpOptions {
  service: Service;
  tools: ToolSet;
  /** Default the service's first one. */
  workspace?: string | undefined;
  /** Present where the server keeps the index up to date by itself. */
  freshness?: Freshness | undefined;
}

/** One request of a client. */
export interface Asking extends McpOptions {
  caller: Caller;
  signal: AbortSignal;
  on_progress?: Parameters<Service["call"]>[0]["on_progress"];
}

export function callCommand(
  { service, workspace, caller, signal, on_progress }: Asking,
  command: string,
  input: Record<string, unknown>,
): Promise<Reply> {
  return service.call({ command, input, caller, request_id: randomUUID(), workspace, signal, on_progress });
}

/** The result of a command that gives one JSON document. */
export async function ask<T>(asking: Asking, command: string, input: Record<string, unknown>): Promise<T> {
  return JSON.parse((await callCommand(asking, command, input)).json) as T;
}
