/** By whose name a command writes into the journal. Used by the commands that write. */
import { userInfo } from "node:os";
import { MomoError } from "../errors.ts";
import { ownAgents } from "../model/own-agents.ts";
import type { Author, CommandContext, Option } from "./command.ts";

const intent = {
  type: "string",
  value_name: "TEXT",
  help: "why, as the history will say",
} as const satisfies Option;

const request = "the same again under this id is done once and gets the first answer";

/** Who writes, for which request, and why: of every command that writes. */
export const writerOptions = {
  agent: {
    type: "string",
    value_name: "NAME",
    help: "who writes, as the history will say; default your user name",
  },
  session: { type: "string", value_name: "NAME", help: "the run of the agent that this belongs to" },
  request_id: { type: "string", value_name: "ID", help: request },
  intent,
} as const satisfies Record<string, Option>;

/** The same where `--agent`, `--session` and `--request-id` say whose work is taken back. */
export const takerOptions = {
  as: {
    type: "string",
    value_name: "NAME",
    help: "who takes it back, as the history will say; default your user name",
  },
  as_session: {
    type: "string",
    value_name: "NAME",
    help: "the run of the agent that this taking back belongs to",
  },
  as_request_id: { type: "string", value_name: "ID", help: request },
  intent,
} as const satisfies Record<string, Option>;

type Who = Pick<CommandContext, "env" | "author">;

/** What a command was given of `writerOptions`. */
interface Writer {
  agent: string | undefined;
  session: string | undefined;
  request_id: string | undefined;
  intent: string | undefined;
}

export interface WrittenBy {
  agent: string;
  session?: string;
  principal?: string;
  request_id?: string;
  intent?: string;
}

/** In whose name a command writes, and on whose behalf where a server knows. */
export function authorOf(context: CommandContext, given: Writer): WrittenBy {
  const session = given.session ?? context.author?.session;
  return {
    agent: nameOf(context, given.agent),
    ...(session !== undefined && { session }),
    ...(context.author && { principal: context.author.principal }),
    ...(given.request_id !== undefined && { request_id: given.request_id }),
    ...(given.intent !== undefined && { intent: given.intent }),
  };
}

/** The name that was given, or the user's. In a server the caller's, unless it may write by another's. */
function nameOf({ env, author }: Who, given: string | undefined): string {
  if (author && (given === undefined || !author.trusted)) return ownName(author, given);
  if (given !== undefined) return checked(given);
  return env.USER || env.USERNAME || accountName() || "somebody";
}

/** A key may tell its agents apart by a name below its own: `ci/nightly`. */
function ownName({ agent }: Author, given: string | undefined): string {
  if (given === undefined || given === agent) return checked(agent);
  if (given.startsWith(`${agent}/`)) return checked(given);
  return checked(`${agent}/${given}`);
}

const CONTROL = /[\p{Cc}\u2028\u2029]/u;

function checked(name: string): string {
  const isFit = name.trim() === name && name !== "" && name.length <= 200 && !CONTROL.test(name);
  if (isFit && !ownAgents.includes(name)) return name;
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
export function localCaller(context: Who): { principal: string; agent: string } {
  const agent = nameOf(context, undefined);
  return { principal: `local:${accountName() ?? agent}`, agent };
}
