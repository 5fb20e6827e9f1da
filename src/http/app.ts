/**
 * Fastify as this server uses it: limits on connections, strict bodies, headers of every answer, one form of errors.
 * Used by server.ts.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { constants } from "node:zlib";
import compress from "@fastify/compress";
import helmet from "@fastify/helmet";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { JSON_TYPE } from "./answer.ts";
import { readBody } from "./body.ts";
import { parseJson } from "./json.ts";
import { COMPRESS_FROM_BYTES, MAX_CONNECTIONS, MAX_HEADER_BYTES, MAX_HEADERS, timing } from "./limits.ts";
import type { HttpOptions, HttpSettings } from "./options.ts";
import { ownError, problemOf } from "./problem.ts";
import { answerSocketError } from "./socket-error.ts";
import { mcpParseError } from "./tools.ts";
import { isDecodable, NO_ROUTE } from "./unknown.ts";

/** In bytes. */
export const bodyLimit = ({ settings }: { settings: Pick<HttpSettings, "max_body_mb"> }): number =>
  Math.ceil(settings.max_body_mb * 1e6);

/** A caller's own id of a request, if it fits into a line of a log. */
const REQUEST_ID = /^[\w.:-]{1,100}$/;

function requestId({ headers }: { headers: Record<string, string | string[] | undefined> }): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
}

function bareApp(options: HttpOptions): FastifyInstance {
  const times = { ...timing, ...options.timing };
  const app = Fastify({
    logger: false,
    genReqId: (raw) => requestId(raw),
    bodyLimit: bodyLimit(options),
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: times.headers_ms,
      connectionsCheckingInterval: times.check_ms,
      // Missed by the guard instead, which says so in the form of every error.
      requireHostHeader: false,
    },
    requestTimeout: times.request_ms,
    keepAliveTimeout: times.keep_alive_ms,
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_HEADER_BYTES },
    // What cannot be decoded has no route, and is refused where there is none (unknown.ts), after all the hooks.
    rewriteUrl: ({ url = "/" }) => (isDecodable(url) ? url : NO_ROUTE),
    frameworkErrors: (error, request, reply) => sendProblem(error, { request, reply, options }),
    clientErrorHandler: answerSocketError,
  });
  app.server.maxHeadersCount = MAX_HEADERS;
  app.server.maxConnections = MAX_CONNECTIONS;
  return app;
}

interface Failed {
  request: FastifyRequest;
  reply: FastifyReply;
  options: HttpOptions;
}

export function sendProblem(raised: unknown, { request, reply, options }: Failed): FastifyReply {
  const error = ownError(raised, {
    megabytes: options.settings.max_body_mb,
    content_type: request.headers["content-type"],
  });
  const unread = request.routeOptions.url === "/mcp" ? mcpParseError(error) : undefined;
  if (unread) return reply.code(400).type(JSON_TYPE).send(JSON.stringify(unread));
  const instance = request.originalUrl.split("?")[0]!.slice(0, 200);
  const problem = problemOf(error, { instance, request_id: request.id });
  if (problem.status >= 500 && problem.code === "INTERNAL")
    options.log?.error("request failed", { request_id: request.id, err: error });
  // The rest of the body is still coming.
  if (problem.status === 413) reply.header("connection", "close");
  if (problem.status === 401) reply.header("www-authenticate", 'Bearer realm="momo"');
  if (problem.retry_after !== undefined) reply.header("retry-after", String(problem.retry_after));
  return reply
    .code(problem.status)
    .header("x-request-id", request.id)
    .header("cache-control", "no-store")
    .type("application/problem+json; charset=utf-8")
    .send(JSON.stringify(problem));
}

async function addHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    global: true,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
      },
    },
    xFrameOptions: { action: "deny" },
    // Whether a browser may insist on https is for the proxy that speaks it.
    hsts: false,
  });
  await app.register(compress, {
    global: true,
    globalDecompression: false,
    threshold: COMPRESS_FROM_BYTES,
    encodings: ["br", "gzip", "identity"],
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
  });
}

/** JSON only, read strictly; an empty body is none. */
function addBodyParser(app: FastifyInstance, limit: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", async (_request: FastifyRequest, sent: IncomingMessage) => {
    const body = await readBody(sent, limit);
    return body.length === 0 ? undefined : parseJson(body);
  });
}

/** Without routes and hooks. */
export async function createApp(options: HttpOptions): Promise<FastifyInstance> {
  const app = bareApp(options);
  await addHeaders(app);
  addBodyParser(app, bodyLimit(options));
  return app;
}
