/**
 * Progress of indexing and embedding as MCP wants it: one number that only grows, at most a few times a second, and only
 * for a client that asked for it. Used by server.ts.
 */
import type { IngestProgress } from "../model/api.ts";

const phases: readonly IngestProgress["phase"][] = ["listing", "reading", "writing", "embedding"];
const INTERVAL_MS = 100;

export interface ProgressParams {
  progressToken: string | number;
  progress: number;
  total: number;
  message: string;
}

/** Each phase counts the same; within one, what is done of all there is. */
function fraction({ phase, done, total }: IngestProgress): number {
  const part = total > 0 ? Math.min(1, done / total) : 0;
  return (Math.max(0, phases.indexOf(phase)) + part) / phases.length;
}

function messageOf({ phase, done, total }: IngestProgress): string {
  const things = phase === "embedding" ? "pieces" : "files";
  return total > 0 ? `${phase} ${done} of ${total} ${things}` : `${phase} ${done} ${things}`;
}

export function progressSender(
  progressToken: string | number | undefined,
  send: (params: ProgressParams) => void,
): ((progress: IngestProgress) => void) | undefined {
  if (progressToken === undefined) return undefined;
  let reached = -1;
  let sentAt = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    const value = Math.round(fraction(progress) * 1000) / 1000;
    if (value <= reached || now - sentAt < INTERVAL_MS) return;
    reached = value;
    sentAt = now;
    send({ progressToken, progress: value, total: 1, message: messageOf(progress) });
  };
}
