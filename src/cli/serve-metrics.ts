/** What a server counts, joined to what happens in it: calls by the service, questions and indexing by protocol. */
import { allCommands } from "../commands/index.ts";
import { ownRoutes } from "../http/own-routes.ts";
import { routes } from "../http/routes.ts";
import type { IngestStats } from "../model/api.ts";
import { createMetrics, type Metrics } from "../observe/metrics.ts";
import type { FinishedCall } from "../service/create.ts";
import type { Reply, Service } from "../service/service.ts";

const QUEUES = ["read", "write"] as const;

export async function openMetrics(version: string, workspaces: Service["workspaces"]): Promise<Metrics> {
  return createMetrics({
    version,
    routes: [...new Set([...routes, ...ownRoutes].map(({ path }) => path)), "unknown"],
    commands: (await allCommands()).map(({ name }) => name),
    queues: QUEUES,
    checks: workspaces.flatMap(({ name }) => [`store:${name}`, `query:${name}`]),
  });
}

function countIndexed(metrics: Metrics, { json }: Reply): void {
  const { created, updated, removed, embedding } = JSON.parse(json) as IngestStats;
  metrics.indexed("created", created);
  metrics.indexed("updated", updated);
  metrics.indexed("removed", removed);
  if (embedding) metrics.indexed("embedded", embedding.embedded);
}

export function countCall(metrics: Metrics, { command, seconds, error, reply }: FinishedCall): void {
  const status = error === undefined ? "success" : "error";
  metrics.command(command, status, seconds);
  if (command === "search" && reply) {
    if (reply.cached) metrics.cacheHits("answers");
    else metrics.cacheMisses("answers");
  }
  if (command !== "ingest") return;
  metrics.ingestion(status);
  if (reply) countIndexed(metrics, reply);
}

/** The service as tools see it: their questions are counted as those of MCP. */
export const countingTools = (service: Service, metrics: Metrics): Service => ({
  ...service,
  call: (call) =>
    call.command === "search"
      ? metrics.search({ method: "MCP", endpoint: "search" }, () => service.call(call))
      : service.call(call),
});

/** The same metrics, with what is looked at only when somebody asks. */
export function lookingMetrics(metrics: Metrics, service: Service, max_queue: number): Metrics {
  for (const queue of QUEUES) metrics.queueLimit(queue, max_queue);
  return {
    ...metrics,
    text: async () => {
      const waiting = service.waiting();
      for (const queue of QUEUES) metrics.queueWaiting(queue, waiting[queue]);
      const { checks, total_entries } = await service.health();
      for (const { name, status } of checks) metrics.checked(name, status === "ok");
      metrics.entries(total_entries);
      return metrics.text();
    },
  };
}
