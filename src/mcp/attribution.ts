/**
 * In whose name an agent writes: the name that its client gives of itself, made fit for one line of the history. Where a
 * server knows who calls, the client's name only tells that caller's agents apart. Used by every handler that calls the
 * service.
 */

import { ownAgents } from "../model/own-agents.ts";
import type { Caller } from "../service/service.ts";

/** Of a client that does not say who it is. */
export const UNNAMED = "mcp";
const LONGEST = 100;

/** What a client says it is called, on one line; undefined where it says nothing that can be shown. */
export function clientName(info: unknown): string | undefined {
  const name = typeof info === "object" && info !== null ? (info as { name?: unknown }).name : undefined;
  if (typeof name !== "string") return undefined;
  const line = name
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  const cut = Array.from(line).slice(0, LONGEST).join("").slice(0, LONGEST).toWellFormed().trim();
  // An agent that is called as Momo itself gets another name.
  return ownAgents.includes(cut.toLowerCase()) ? `${cut} (client)` : cut || undefined;
}

/** The caller of one request. What a key or token stands for stays the name; the client is told apart below it. */
export function callerFor(caller: Caller, client: string | undefined): Caller {
  if (caller.principal.startsWith("local:")) return { ...caller, agent: client ?? UNNAMED };
  return client === undefined ? caller : { ...caller, agent: `${caller.agent}/${client}` };
}
