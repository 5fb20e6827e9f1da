/**
 * The HTTP server: Fastify with the routes of the table. Called by cli/serve-http.ts. Of a request it looks, in this
 * order, at where it was meant to go (guard.ts), who sends it (access.ts) and what it asks for (input.ts).
 */
import etag from "@fastify/etag";
import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { MomoError } from "../errors.ts";
import type { Caller, Service } from "../service/service.ts";
import { type Access, createAccess } from "./access.ts";
import { answerRoute, carriedCall, JSON_TYPE, type Serving } from "./answer.ts";
import { bodyLimit, createApp, sendProblem } from "./app.ts";
import { guard } from "./guard.ts";
import { answerAlive, answerHealth, answerMetrics } from "./health.ts";
import { registerLive } from "./live.ts";
import { openMetricsListener } from "./metrics-listener.ts";
import { openApiText } from "./openapi.ts";
import type { HttpOptions, HttpServer } from "./options.ts";
import { ownRoutes } from "./own-routes.ts";
import { fastifyPath, type OwnRoute, type Route, tablePath } from "./route.ts";
import { routes } from "./routes.ts";
import { answerMcp, answerToolCall } from "./tools.ts";
import { answerUnknown } from "./unknown.ts";
import { readUpload, storeUpload } from "./upload.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set where a route needs one. */
    caller: Caller | undefined;
  }
}

type Answer = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

function refuseEncoded({ headers }: FastifyRequest): void {
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity")
    throw new MomoError("MEDIA_TYPE", {
      type: `content-encoding ${encoding.slice(0, 40)}`,
      allowed: "the body as it is",
    });
}

interface Parts {
  serving: Serving;
  access: Access;
  isClosing: () => boolean;
}

function addHooks(app: FastifyInstance, { serving, access, isClosing }: Parts): void {
  const { options } = serving;
  app.decorateRequest("caller", undefined);
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id).header("cache-control", "no-store");
    if (isClosing()) {
      reply.header("connection", "close");
      throw new MomoError("NOT_READY", { why: "it is stopping" });
    }
    guard(request, reply, options);
    refuseEncoded(request);
    if (request.routeOptions.url !== "/health/live") await access.countAddress(request);
  });
  app.addHook("onResponse", async (request, reply) => {
    const { url } = request.routeOptions;
    const route = url === undefined ? "unknown" : tablePath(url);
    const seconds = reply.elapsedTime / 1000;
    const { method } = request;
    const { statusCode: status } = reply;
    options.metrics?.httpRequest({ method, route, status }, seconds);
    options.log?.info("request", {
      request_id: request.id,
      method,
      route,
      status,
      duration_ms: Math.round(seconds * 1e4) / 10,
      principal: request.caller?.principal,
    });
  });
  app.setErrorHandler((error, request, reply) => sendProblem(error, { request, reply, options }));
  app.setNotFoundHandler((request, reply) => answerUnknown(request, reply, options));
}

/** Registers one row: who may call it, and what answers. */
function addRoute(
  app: FastifyInstance,
  row: Route | OwnRoute,
  { answer, parts }: { answer: Answer; parts: Parts },
): void {
  const { access, serving } = parts;
  const isOpen = "access" in row && row.access === "open";
  const { around } = serving.options;
  app.route({
    method: row.method,
    url: fastifyPath(row.path),
    ...(!isOpen && {
      onRequest: async (request) => {
        request.caller = await access.callerOf(request);
      },
    }),
    handler: (request, reply) => {
      if (!around) return answer(request, reply);
      const { headers, id, method } = request;
      return around({ headers, request_id: id, method, route: row.path }, () => answer(request, reply));
    },
  });
}

/** Answers to the rows that are no commands. */
function ownAnswers(serving: Serving): Readonly<Record<string, Answer>> {
  return {
    "/health": (_request, reply) => answerHealth(serving, reply),
    "/health/ready": (_request, reply) => answerHealth(serving, reply),
    "/health/live": async (_request, reply) => answerAlive(serving, reply),
    "/metrics": (_request, reply) => answerMetrics(serving, reply),
    "/openapi.json": async (_request, reply) =>
      reply.type(JSON_TYPE).send(await openApiText(serving.service.version)),
    "/tools/call": (request, reply) => answerToolCall(serving, request, reply),
    "/mcp": (request, reply) => answerMcp(serving, request, reply),
  };
}

/** The route with two kinds of bodies: JSON names a folder, a form brings documents. */
function ingestAnswer(row: Route, serving: Serving): Answer {
  return async (request, reply) => {
    if (!request.isMultipart()) return answerRoute(request, reply, { route: row, serving });
    const upload = await readUpload(request, bodyLimit(serving.options));
    const stored = await storeUpload(serving.service, carriedCall(request, reply), upload);
    return reply.code(201).send(stored);
  };
}

async function addRoutes(app: FastifyInstance, parts: Parts): Promise<void> {
  const { serving } = parts;
  const own = ownAnswers(serving);
  for (const row of ownRoutes) if (own[row.path]) addRoute(app, row, { answer: own[row.path]!, parts });
  const answerOf =
    (route: Route): Answer =>
    (request, reply) =>
      answerRoute(request, reply, { route, serving });
  const isForm = ({ form }: Route): boolean => form !== undefined;
  const changing = routes.filter((row) => row.method !== "GET" && !isForm(row));
  for (const row of changing) addRoute(app, row, { answer: answerOf(row), parts });
  await app.register(async (scope) => {
    await scope.register(etag, { weak: true });
    // What was read may be kept, but is asked for anew each time.
    scope.addHook("onRequest", async (_request, reply) => {
      reply.header("cache-control", "private, no-cache");
    });
    for (const row of routes.filter(({ method }) => method === "GET"))
      addRoute(scope, row, { answer: answerOf(row), parts });
  });
  await app.register(async (scope) => {
    await scope.register(multipart);
    for (const row of routes.filter(isForm))
      addRoute(scope, row, { answer: ingestAnswer(row, serving), parts });
  });
}

/** Raises PORT_TAKEN. */
async function listenOn(app: FastifyInstance, { settings }: HttpOptions): Promise<string> {
  const { api_host: host, api_port: port } = settings;
  try {
    return await app.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new MomoError("PORT_TAKEN", { host, port });
  }
}

/** Lets what runs finish, but not for ever. */
async function closeApp(app: FastifyInstance, seconds: number): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), seconds * 1000);
  try {
    await app.close();
  } finally {
    clearTimeout(late);
  }
}

/** The same metrics, with those that are looked at only when somebody asks. */
function lookingAt(app: FastifyInstance, { metrics }: HttpOptions): Pick<HttpOptions, "metrics"> {
  if (!metrics) return {};
  const text = (): Promise<string> => {
    metrics.liveConnections(app.websocketServer.clients.size);
    return metrics.text();
  };
  return { metrics: { ...metrics, text } };
}

export async function createHttpServer(service: Service, given: HttpOptions): Promise<HttpServer> {
  let isClosing = false;
  let url = "";
  const app = await createApp(given);
  const options = { ...given, ...lookingAt(app, given) };
  const access = await createAccess(app, options);
  const parts = { serving: { service, options }, access, isClosing: () => isClosing };
  addHooks(app, parts);
  await registerLive(app, service, {
    admit: (request) => access.callerOf(request),
    authenticate: ({ headers, socket }) => options.authenticate(headers, socket.remoteAddress ?? ""),
  });
  await addRoutes(app, parts);
  await app.ready();
  const metrics = openMetricsListener(options);
  return {
    async listen() {
      url = await listenOn(app, options);
      await metrics?.listen();
    },
    async close() {
      isClosing = true;
      await Promise.all([closeApp(app, options.settings.shutdown_seconds), metrics?.close()]);
    },
    get url() {
      return url;
    },
    get metrics_url() {
      return metrics?.url;
    },
  };
}
