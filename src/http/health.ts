/** `/health` and its parts, and `/metrics`. */
import type { FastifyReply } from "fastify";
import type { Serving } from "./answer.ts";

/** Where keys are needed, who has none learns whether it works, and neither names nor sizes; /metrics has those. */
export async function answerHealth(
  { service, options }: Serving,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const health = await service.health();
  const { status, service: name, version, timestamp, response_time_ms } = health;
  const brief = { status, service: name, version, timestamp, response_time_ms };
  return reply.code(status === "healthy" ? 200 : 503).send(options.needsKeys() ? brief : health);
}

/** Says only that requests are answered: what it would look at may be what is broken. */
export const answerAlive = ({ service }: Serving, reply: FastifyReply): FastifyReply =>
  reply.send({ status: "alive", service: "momo", version: service.version });

export async function answerMetrics({ options }: Serving, reply: FastifyReply): Promise<FastifyReply> {
  const { metrics } = options;
  return reply.type(metrics?.content_type ?? "text/plain; charset=utf-8").send((await metrics?.text()) ?? "");
}
