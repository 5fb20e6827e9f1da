/** How late the event loop is: what a request waits before anything looks at it. Used by metrics.ts and health.ts. */
import { monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 10;

/** The 99th percentile of the lag since the last call, in seconds. Watches from now on; keeps no process alive. */
export function watchEventLoop(): () => number {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  return () => {
    // The delay is that of a timer, which is there to be late by its own length.
    const milliseconds = delays.count === 0 ? 0 : delays.percentile(99) / 1e6 - RESOLUTION_MS;
    delays.reset();
    return Math.max(0, milliseconds) / 1000;
  };
}
