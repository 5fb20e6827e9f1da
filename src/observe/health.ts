/** Whether parts of a server work, and how its process is. The `service/` puts the answer of `/health` together. */
import { redactText } from "../model/secrets.ts";
import { watchEventLoop } from "./event-loop.ts";

/** A part that was asked whether it works. */
export interface Check {
  name: string;
  status: "ok" | "failed";
  response_time_ms: number;
  error?: string;
  [detail: string]: unknown;
}

export interface ProcessHealth {
  rss_bytes: number;
  /** User and system time. */
  cpu_seconds: number;
  uptime_seconds: number;
  /** 99th percentile since the last reading. */
  event_loop_lag_ms: number;
}

/** Longer than this nobody waits for an answer about health. */
const PATIENCE_MS = 5_000;

/** Asks a part; `work` raises where it does not work, and says more or {}. Never raises, and never waits for long. */
export async function check(
  name: string,
  work: () => Record<string, unknown> | Promise<Record<string, unknown>>,
): Promise<Check> {
  const began = performance.now();
  const took = () => ({ response_time_ms: Math.round((performance.now() - began) * 1000) / 1000 });
  try {
    const detail = await inTime(async () => work());
    return { ...detail, name, status: "ok", ...took() };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { name, status: "failed", ...took(), error: redactText(text) };
  }
}

async function inTime<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  return Promise.race([work(), late]).finally(() => clearTimeout(timer));
}

/** Watches the process from now on; returns how to read it. */
export function watchProcess(): () => ProcessHealth {
  const lag = watchEventLoop();
  return () => {
    const { user, system } = process.cpuUsage();
    return {
      rss_bytes: process.memoryUsage.rss(),
      cpu_seconds: (user + system) / 1e6,
      uptime_seconds: process.uptime(),
      event_loop_lag_ms: lag() * 1000,
    };
  };
}
