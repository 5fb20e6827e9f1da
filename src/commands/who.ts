/** By whose name a command writes into the journal. Used by the commands that write. */
import { userInfo } from "node:os";
import { MomoError } from "../errors.ts";
import type { CommandContext, Option } from "./command.ts";

/** Who writes. */
export const agentOption = {
  type: "string",
  value_name: "NAME",
  help: "who writes, as the history will say; default your user name",
} as const satisfies Option;

/** Where `--agent` says whose work is taken back, this says who takes it back. */
export const asOption = {
  type: "string",
  value_name: "NAME",
  help: "who takes it back, as the history will say; default your user name",
} as const satisfies Option;

export const intentOption = {
  type: "string",
  value_name: "TEXT",
  help: "why, as the history will say",
} as const satisfies Option;

/** The name that was given, or the user's. */
export function nameOf({ env }: CommandContext, given: string | undefined): string {
  if (given !== undefined) return checked(given);
  return env.USER || env.USERNAME || accountName() || "somebody";
}

/** Names by which Momo itself writes. */
const OWN = ["indexer", "momo"];
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

function checked(name: string): string {
  const isFit = name.trim() === name && name !== "" && name.length <= 200 && !CONTROL.test(name);
  if (isFit && !OWN.includes(name)) return name;
  const hint = isFit ? "Momo itself writes by that name" : "give 1 to 200 characters of one line";
  const value = name.slice(0, 60).replace(new RegExp(CONTROL, "gu"), "?");
  throw new MomoError("VALUE_INVALID", { name: "the name of who does it", value, hint });
}

/** An account without an entry in the list of users, as in some containers, has no name. */
function accountName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

/** Who sits at this machine, for the audit log: the account, which no variable can change, and the name in the history. */
export function localCaller(context: CommandContext): { principal: string; agent: string } {
  const agent = nameOf(context, undefined);
  return { principal: `local:${accountName() ?? agent}`, agent };
}
