/** `/health` and its parts, and `/metrics`. */
import type { FastifyReply } from "fastify";
import type { Serving } from "./answer.ts";

export async function answerHealth({ service }: Serving, reply: FastifyReply): Promise<FastifyReply> {
  const health = await service.health();
  return reply.code(health.status === "healthy" ? 200 : 503).send(health);
}

/** Says only that requests are answered: what it would look at may be what is broken. */
export const answerAlive = ({ service }: Serving, reply: FastifyReply): FastifyReply =>
  reply.send({ status: "alive", service: "momo", version: service.version });

export async function answerMetrics({ options }: Serving, reply: FastifyReply): Promise<FastifyReply> {
  const { metrics } = options;
  return reply.type(metrics?.content_type ?? "text/plain; charset=utf-8").send((await metrics?.text()) ?? "");
}
