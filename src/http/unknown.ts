/** Requests that no route answers: another method is named, or that there is nothing. Also OPTIONS. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { MomoError } from "../errors.ts";
import { answerOptions } from "./guard.ts";
import { malformedAddress } from "./input.ts";
import type { HttpOptions } from "./options.ts";
import { ownRoutes } from "./own-routes.ts";
import { routes } from "./routes.ts";

const patterns = [...routes, ...ownRoutes].map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replace(/\./g, "\\.").replace(/\{\w+\}/g, "[^/]+")}$`),
}));

/** Methods of a path, in the order of the table; HEAD where there is GET. */
export function methodsOf(path: string): string[] {
  const methods = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  return [...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])))];
}

export const NO_ROUTE = "/%25";

/**
 * Whether an address is a path in percent-encoded UTF-8, and not one with a host, which nobody would compare with Host.
 * The query is read later, by those who want something of it.
 */
export function isDecodable(url: string): boolean {
  if (!url.startsWith("/")) return false;
  try {
    decodeURIComponent(url.split("?")[0]!);
    return true;
  } catch {
    return false;
  }
}

/** Raises ROUTE_UNKNOWN, METHOD_UNKNOWN, BODY_INVALID. */
export function answerUnknown(
  request: FastifyRequest,
  reply: FastifyReply,
  options: HttpOptions,
): FastifyReply {
  const path = request.originalUrl.split("?")[0]!;
  if (!isDecodable(path)) throw malformedAddress();
  const shown = path.slice(0, 100);
  const methods = methodsOf(path);
  if (methods.length === 0) throw new MomoError("ROUTE_UNKNOWN", { method: request.method, path: shown });
  if (request.method === "OPTIONS")
    return answerOptions(request, reply, { options, methods: [...methods, "OPTIONS"] });
  reply.header("allow", methods.join(", "));
  throw new MomoError("METHOD_UNKNOWN", {
    method: request.method,
    path: shown,
    allowed: methods.join(", "),
  });
}
