/** Carries out the command of a route and sends what it said. Used by server.ts for every row of the table. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { MomoError } from "../errors.ts";
import { canonicalJson } from "../model/canonical-json.ts";
import type { Call, Reply, Service } from "../service/service.ts";
import { givenBy, inputOf, parseQuery, workspaceOf } from "./input.ts";
import type { CarriedCall, HttpOptions } from "./options.ts";
import { DetailedError } from "./problem.ts";
import { shapeQuery } from "./reshape.ts";
import type { Route, Values } from "./route.ts";

export interface Serving {
  service: Service;
  options: HttpOptions;
}

export const JSON_TYPE = "application/json; charset=utf-8";

/** Aborted when the caller goes away before it has its answer. */
function signalOf({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once("close", () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** What the service has to know of the request besides the command. */
export function carriedCall(request: FastifyRequest, reply: FastifyReply): CarriedCall {
  return {
    caller: request.caller!,
    request_id: request.id,
    workspace: workspaceOf(parseQuery(request.raw.url ?? ""), request.headers),
    signal: signalOf(reply),
  };
}

/** A model that cannot be asked need not leave a question without any answer: words alone find something. */
async function withFallback(service: Service, call: Call, error: unknown): Promise<never> {
  if (!(error instanceof MomoError && error.code.startsWith("EMBEDDING_"))) throw error;
  const input = { ...(call.input as Values), strategy: "words" };
  const { json } = await service.call({ ...call, input }).catch(() => {
    throw error;
  });
  const { results } = shapeQuery(JSON.parse(json), {});
  throw new DetailedError(error, { fallback_results: results });
}

async function textOf({ service, options }: Serving, call: Call, { route, given }: Asked): Promise<string> {
  const isQuery = route.command === "search";
  const ask = (): Promise<Reply> =>
    isQuery ? service.call(call).catch((error) => withFallback(service, call, error)) : service.call(call);
  const measured = options.metrics && isQuery;
  const asked = { method: route.method, endpoint: route.path };
  const reply = await (measured ? options.metrics!.search(asked, ask) : ask());
  if (reply.failed && route.refuse) throw route.refuse(JSON.parse(reply.json));
  return route.shape ? shaped(reply, { route, given }) : reply.json;
}

/** Texts of answers that are given again, by what was asked of their shape. */
const shapes = new WeakMap<Reply, Map<string, string>>();

function shaped(reply: Reply, { route, given }: Asked): string {
  const texts = shapes.get(reply) ?? new Map<string, string>();
  shapes.set(reply, texts);
  const key = `${route.path} ${canonicalJson(given)}`;
  const text = texts.get(key) ?? JSON.stringify(route.shape!(JSON.parse(reply.json), given));
  texts.set(key, text);
  return text;
}

interface Asked {
  route: Route;
  given: Values;
}

export async function answerRoute(
  request: FastifyRequest,
  reply: FastifyReply,
  { route, serving }: { route: Route; serving: Serving },
): Promise<FastifyReply> {
  const query = parseQuery(request.raw.url ?? "");
  const params = request.params as Record<string, string>;
  const given = givenBy(route, { params, query, body: request.body });
  const call = { ...carriedCall(request, reply), command: route.command, input: inputOf(route, given) };
  const text = await textOf(serving, call, { route, given });
  return reply
    .code(route.status ?? 200)
    .type(route.content_type ?? JSON_TYPE)
    .send(text);
}
