/**
 * What is looked at before anything else: was the request meant for this server (Host), may the page that sent it use
 * it (Origin), and what a browser is told about that. Also the headers of every answer.
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { MomoError } from "../errors.ts";
import type { HttpOptions } from "./options.ts";

const ALLOWED_HEADERS =
  "accept, authorization, content-type, if-none-match, last-event-id, mcp-method, mcp-name, mcp-protocol-version, " +
  "mcp-session-id, momo-workspace, traceparent, tracestate, x-request-id";
const EXPOSED_HEADERS = "etag, mcp-protocol-version, mcp-session-id, retry-after, x-request-id";
const PREFLIGHT_SECONDS = 600;

/** Whether the origin is one of the settings, and not only this server's own. */
function isShared({ origin }: IncomingHttpHeaders, { settings }: HttpOptions): boolean {
  return origin !== undefined && settings.allowed_origins.includes(origin);
}

/** Node keeps one value of a header that is there twice; here each of them counts. */
const valuesOf = ({ rawHeaders }: IncomingMessage, name: string): string[] =>
  rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === name);

/** Node answers whatever version a request claims to be. Raises BODY_INVALID, HOST_REFUSED, ORIGIN_REFUSED. */
export function checkSource(raw: IncomingMessage, { guard }: Pick<HttpOptions, "guard">): void {
  if (raw.httpVersion !== "1.1" && raw.httpVersion !== "1.0")
    throw new MomoError("BODY_INVALID", { why: "it is not HTTP/1.1" });
  const hosts = valuesOf(raw, "host");
  guard.checkHost(hosts, raw.socket.localAddress);
  guard.checkOrigin(valuesOf(raw, "origin"), hosts[0] ?? "");
}

/** Raises HOST_REFUSED, ORIGIN_REFUSED. */
export function guard(request: FastifyRequest, reply: FastifyReply, options: HttpOptions): void {
  const { headers, raw } = request;
  checkSource(raw, options);
  if (options.settings.allowed_origins.length > 0) reply.header("vary", "Origin");
  if (!isShared(headers, options)) return;
  reply.header("access-control-allow-origin", headers.origin);
  reply.header("access-control-expose-headers", EXPOSED_HEADERS);
}

/** The answer to OPTIONS: what may be asked for here, and for a page of an allowed origin that it may ask. */
export function answerOptions(
  request: FastifyRequest,
  reply: FastifyReply,
  { options, methods }: { options: HttpOptions; methods: readonly string[] },
): FastifyReply {
  const allowed = methods.join(", ");
  reply.header("allow", allowed);
  if (isShared(request.headers, options) && request.headers["access-control-request-method"] !== undefined) {
    reply.header("access-control-allow-methods", allowed);
    reply.header("access-control-allow-headers", ALLOWED_HEADERS);
    reply.header("access-control-max-age", String(PREFLIGHT_SECONDS));
    reply.header("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  }
  return reply.code(204).send();
}
