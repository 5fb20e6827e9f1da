/** Who writes has a name that can be kept: checked once, where a transaction begins. Used by open.ts. */
import { checkLine, checkText, refuse } from "../../model/lines.ts";
import type { Author } from "../contract/transaction.ts";

const INDEXER = "indexer";
const MAX_NAME = 200;
const MAX_INTENT = 2000;

/** Raises VALUE_INVALID. */
export function checkAuthor({ agent, session, principal, request_id, intent, kind }: Author): void {
  checkLine("agent", agent, MAX_NAME);
  for (const [name, value] of Object.entries({ session, principal, request_id }))
    if (value !== undefined) checkLine(name, value, MAX_NAME);
  if (intent !== undefined) checkText("intent", intent, MAX_INTENT);
  if (agent === INDEXER && kind !== "index") refuse("agent", agent, "only indexing is done by that name");
}
