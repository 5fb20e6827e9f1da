/** Requests that are no command: about the server, or a protocol of their own. Part of the table in routes.ts. */
import type { OwnRoute } from "./route.ts";

const text = { type: "string" } as const;
const probe = { method: "GET", access: "open", statuses: { 503: "it cannot answer" } } as const;

export const ownRoutes: readonly OwnRoute[] = [
  {
    ...probe,
    path: "/health",
    summary: "whether every part works, with what each took",
    reason: "about the server, not about knowledge",
    answer: "Health",
  },
  {
    ...probe,
    path: "/health/ready",
    summary: "whether requests can be answered now",
    reason: "about the server, not about knowledge",
    answer: "Health",
  },
  {
    ...probe,
    path: "/health/live",
    summary: "whether the process answers at all; looks at nothing else",
    reason: "about the server, not about knowledge",
    statuses: {},
    answer: "Alive",
  },
  {
    method: "GET",
    path: "/metrics",
    access: "caller",
    summary: "figures for Prometheus",
    reason: "about the server, not about knowledge",
    content_type: "text/plain",
    answer: "Message",
  },
  {
    method: "GET",
    path: "/openapi.json",
    access: "open",
    summary: "this document",
    reason: "the same for everybody",
    answer: "Message",
  },
  {
    method: "POST",
    path: "/tools/call",
    access: "caller",
    summary: "call a tool, as MCP's tools/call does",
    reason: "any of the tools: each is a command, and checked as one",
    body: {
      type: "object",
      properties: { tool: text, arguments: { type: "object", additionalProperties: true } },
      required: ["tool"],
      additionalProperties: false,
    },
    answer: "ToolResult",
  },
  {
    method: "POST",
    path: "/mcp",
    access: "caller",
    summary: "Model Context Protocol over Streamable HTTP",
    reason: "a protocol of its own, whose tools are commands",
    body: { type: ["object", "array"], description: "JSON-RPC 2.0" },
    answer: "Message",
  },
  {
    method: "GET",
    path: "/live",
    access: "caller",
    summary: "changes and progress as they happen, over a WebSocket",
    reason: "a protocol of its own",
    statuses: { 101: "the connection is a WebSocket now" },
    answer: "Message",
  },
];
