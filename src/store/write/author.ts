/** Who writes has a name that can be kept: checked once, where a transaction begins. Used by open.ts. */
import { MomoError } from "../../errors.ts";
import { checkLine, checkText } from "../../model/lines.ts";
import { ownAgents } from "../../model/own-agents.ts";
import type { Author } from "../contract/transaction.ts";

const MAX_NAME = 200;
const MAX_INTENT = 2000;

/** Raises VALUE_INVALID. */
export function checkAuthor({ agent, session, principal, request_id, intent, kind = "write" }: Author): void {
  checkLine("agent", agent, MAX_NAME);
  for (const [name, value] of Object.entries({ session, principal, request_id }))
    if (value !== undefined) checkLine(name, value, MAX_NAME);
  if (intent !== undefined) checkText("intent", intent, MAX_INTENT);
  if ((kind === "index") === ownAgents.includes(agent) || agent === "momo") return;
  throw new MomoError("VALUE_INVALID", {
    name: "agent",
    value: agent,
    hint: "Momo itself writes by that name",
  });
}
