/** `/tools/call` and `/mcp`: what the room mcp answers, inside this server. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { MomoError } from "../errors.ts";
import { carriedCall, type Serving } from "./answer.ts";
import type { ToolCall } from "./options.ts";

type Asked = Pick<ToolCall, "tool" | "arguments">;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function readCall(body: unknown): Asked {
  if (!isObject(body)) throw new MomoError("BODY_INVALID", { why: "it is not one JSON object" });
  const { tool, arguments: given = {}, ...rest } = body;
  const [more] = Object.keys(rest);
  if (more !== undefined)
    throw new MomoError("OPTION_UNKNOWN", { option: more.slice(0, 60), hint: "give tool and arguments" });
  if (typeof tool !== "string")
    throw new MomoError("ARGUMENT_MISSING", { argument: "tool", usage: "give its name as a text" });
  if (!isObject(given)) throw new MomoError("BODY_INVALID", { why: "arguments is not an object" });
  return { tool, arguments: given };
}

export async function answerToolCall(
  { options }: Serving,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const call = readCall(request.body);
  return reply.send(await options.callTool({ ...call, ...carriedCall(request, reply) }));
}

/** A body that is no JSON, as the protocol wants to hear of it; undefined for every other error. */
export const mcpParseError = (error: unknown): unknown =>
  error instanceof MomoError && error.code === "BODY_INVALID"
    ? { jsonrpc: "2.0", id: null, error: { code: -32700, message: error.message } }
    : undefined;

/** The protocol's handler answers by itself; the headers of every answer go with it. */
export async function answerMcp(
  { options }: Serving,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const call = carriedCall(request, reply);
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value);
  const { caller, workspace } = call;
  await options.mcp.handle(request.raw, reply.raw, { caller, workspace, body: request.body });
  return reply;
}
