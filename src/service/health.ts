/** Asks the parts of a server whether they work, one question each, as a request would. Used by create.ts. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { MomoError } from "../errors.ts";
import { DATABASE } from "../momo.ts";
import { type Check, check, watchProcess } from "../observe/health.ts";
import type { Executor, Job } from "./job.ts";
import type { Health, Workspace } from "./service.ts";

export interface HealthParts {
  executor: Executor;
  workspaces: readonly Workspace[];
  version: string;
  now: () => number;
}

const PRINCIPAL = { agent: "health", principal: "local:health", trusted: true } as const;
/** The size of a knowledge base is counted anew at most so often: it takes longer than a question. */
const COUNT_MS = 10_000;

export function createHealth({ executor, workspaces, version, now }: HealthParts): () => Promise<Health> {
  const readProcess = watchProcess();
  const counted = new Map<string, { entries: number; until: number }>();
  const ask = async (workspace: Workspace, command: string, input: Job["input"]): Promise<unknown> => {
    const job: Job = { workspace, command, input, author: PRINCIPAL };
    return JSON.parse((await executor.run(job, "read")).json);
  };
  const count = async (workspace: Workspace): Promise<number> => {
    const known = counted.get(workspace.name);
    if (known && known.until > now()) return known.entries;
    const { entities, files, entries } = (await ask(workspace, "status", {})) as Record<string, number>;
    const sum = (entities ?? 0) + (files ?? 0) + (entries ?? 0);
    counted.set(workspace.name, { entries: sum, until: now() + COUNT_MS });
    return sum;
  };
  const isThere = ({ home }: Workspace): boolean => existsSync(join(home, DATABASE));
  const store = (workspace: Workspace): Promise<Check> =>
    check(`store:${workspace.name}`, async () => {
      if (!isThere(workspace)) return { indexed: false, entries: 0 };
      await ask(workspace, "history", { limit: 1 });
      return { indexed: true, entries: await count(workspace) };
    });
  const search = async (workspace: Workspace): Promise<boolean> => {
    try {
      await ask(workspace, "search", {
        query: "health",
        limit: 1,
        strategy: "words",
        no_index: true,
        keep: [],
        type: [],
        language: [],
        dir: [],
        path_glob: [],
        explain: false,
      });
      return true;
    } catch (error) {
      // A note was written where no file has been indexed yet: nothing is broken.
      if (error instanceof MomoError && error.code === "NOT_INDEXED") return false;
      throw error;
    }
  };
  const query = (workspace: Workspace): Promise<Check> =>
    check(`query:${workspace.name}`, async () => ({
      indexed: isThere(workspace) && (await search(workspace)),
    }));
  return async () => {
    const started = performance.now();
    const checks = await Promise.all(workspaces.flatMap((workspace) => [store(workspace), query(workspace)]));
    const isHealthy = checks.every(({ status }) => status === "ok");
    return {
      status: isHealthy ? "healthy" : "unhealthy",
      service: "momo",
      version,
      timestamp: new Date(now()).toISOString(),
      total_entries: checks.reduce(
        (sum, { entries }) => sum + (typeof entries === "number" ? entries : 0),
        0,
      ),
      response_time_ms: Math.round((performance.now() - started) * 100) / 100,
      checks,
      process: readProcess(),
    };
  };
}
