/** By whose name a command writes into the journal. Used by the commands that write. */
import { userInfo } from "node:os";
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
  return given ?? env.USER ?? env.USERNAME ?? accountName() ?? "somebody";
}

/** An account without an entry in the list of users, as in some containers, has no name. */
function accountName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
