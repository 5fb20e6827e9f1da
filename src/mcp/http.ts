/**
 * MCP over Streamable HTTP, for both revisions: each request is served by itself, nothing is kept between two. Host,
 * Origin and who calls are the business of the server that mounts it; mismatches of headers and body are refused here,
 * by the SDK. Mounted at /mcp by http/.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type NodeIncomingMessageLike, toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler as createSdkHandler, type McpRequestContext } from "@modelcontextprotocol/server";
import type { Caller, Service } from "../service/service.ts";
import { createMcpServer } from "./server.ts";
import type { ToolSet } from "./tool-set.ts";

export interface HttpOptions {
  service: Service;
  tools: ToolSet;
  /** Of a body that was not read before. */
  max_body_bytes: number;
  /** Tells what went wrong beside the answers. */
  report(error: Error): void;
}

export interface HttpRequest {
  caller: Caller;
  /** Default the service's first one. */
  workspace?: string | undefined;
  /** The body, where it was read and parsed before. */
  body?: unknown;
}

export interface McpHandler {
  /** Answers POST; GET and DELETE get 405. Resolves when the answer is written. */
  handle(request: IncomingMessage, response: ServerResponse, more: HttpRequest): Promise<void>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** Rides on the request as what the SDK hands from a server's own authentication to the factory. */
interface Riding {
  caller: Caller;
  workspace: string | undefined;
}

export function createMcpHandler({ service, tools, max_body_bytes, report }: HttpOptions): McpHandler {
  const factory = ({ authInfo }: McpRequestContext) => {
    if (!authInfo) throw new Error("a request without a caller");
    const { caller, workspace } = authInfo.extra as unknown as Riding;
    return createMcpServer({ service, tools, caller, workspace });
  };
  // What was refused has its answer; that clients send such things is no fault of the server.
  const onerror = (error: Error): void => {
    if (!error.message.startsWith("Rejected inbound request")) report(error);
  };
  const handler = createSdkHandler(factory, { onerror, maxRequestBodySize: max_body_bytes });
  const serve = toNodeHandler(handler, { onerror, maxRequestBodySize: max_body_bytes });
  return {
    handle: (request, response, { caller, workspace, body }) => {
      const riding = { caller, workspace };
      const auth = { token: "", clientId: caller.principal, scopes: [], extra: riding };
      return serve(Object.assign(request, { auth }) as NodeIncomingMessageLike, response, body);
    },
    close: () => handler.close(),
  };
}
