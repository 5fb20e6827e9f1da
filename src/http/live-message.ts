/** What a client of /live may say, read from text. Used by live-connection.ts. */
import { MomoError } from "../errors.ts";

export interface Subscribe {
  /** Default the first one. */
  workspace: string | undefined;
  /** Sequence number that the client has; from now on where it names none. */
  after: number | undefined;
}

const EXAMPLE = '{"type": "subscribe", "workspace": "shop", "after": 42}';
const invalid = (why: string): MomoError =>
  new MomoError("BODY_INVALID", { why: `${why}, as in ${EXAMPLE}` });

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid("a message is a JSON object");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid("a message is a JSON object");
  return value as Record<string, unknown>;
}

/** Raises BODY_INVALID. */
export function readMessage(text: string): Subscribe {
  const { type, workspace, after, ...others } = parse(text);
  if (type !== "subscribe") throw invalid("type is subscribe");
  if (Object.keys(others).length > 0) throw invalid("a message holds type, workspace and after only");
  if (workspace !== undefined && typeof workspace !== "string") throw invalid("workspace is a name");
  if (after !== undefined && !(Number.isSafeInteger(after) && (after as number) >= 0))
    throw invalid("after is the sequence number of a change");
  return { workspace, after: after as number | undefined };
}
