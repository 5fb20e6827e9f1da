/**
 * What a server does for its callers, whichever protocol they speak: reads their input by a command's data, checks that
 * they may, keeps an audit of changes, runs the command on a thread, counts and times it. `http/` and `mcp/` are
 * surfaces over it and hold no rules of their own.
 */
import type { IngestProgress } from "../model/api.ts";
import type { Check, ProcessHealth } from "../observe/health.ts";
import type { Grants } from "../security/roles.ts";

/** Who calls, as a surface found out. */
export interface Caller {
  /**
   * Name in the history of what it writes. Of a key it is the key's name, or `<name>/<client>`; without keys it is the
   * client's own name or the user's.
   */
  agent: string;
  session?: string;
  /** `key:<id>`, `token:<subject>` or `local:<user>`. */
  principal: string;
  /** An admin of a workspace may write there by any agent's name and take back anybody's work. */
  grants: Grants;
  /** Of a remote caller. */
  address?: string;
}

export interface Call {
  /** Name of a command. */
  command: string;
  /** JSON from outside, unchecked; without what only makes sense in a terminal. */
  input: unknown;
  caller: Caller;
  request_id: string;
  /** Default the first one. */
  workspace?: string | undefined;
  /** Ends what has not begun, and indexing or embedding at its next step. */
  signal?: AbortSignal | undefined;
  on_progress?: ((progress: IngestProgress) => void) | undefined;
}

export interface Reply {
  /** What `--json` would print. */
  json: string;
  /** The result itself means failure: a plan that is blocked, a fault that was found. */
  failed: boolean;
  /** The answer to a search was given before. */
  cached?: boolean;
}

/** A knowledge base that is served. */
export interface Workspace {
  name: string;
  root: string | undefined;
  home: string;
}

/** Something that happened, as `/live` tells it. */
export type LiveEvent =
  | {
      type: "change";
      workspace: string;
      /** Sequence number after it; what a client names to go on from there. */
      seq: number;
      transaction: number;
      agent: string;
      kind: string;
      intent?: string;
      at: string;
      operations: number;
    }
  | ({ type: "progress"; workspace: string; request_id: string } & IngestProgress);

export interface Health {
  status: "healthy" | "unhealthy";
  service: "momo";
  version: string;
  timestamp: string;
  total_entries: number;
  response_time_ms: number;
  checks: Check[];
  process: ProcessHealth;
}

export interface Service {
  readonly workspaces: readonly Workspace[];
  readonly version: string;
  /** Raises what the command raises, and FORBIDDEN, OVERLOADED, TIMED_OUT, CANCELLED, WORKSPACE_UNKNOWN, VALUE_INVALID. */
  call(call: Call): Promise<Reply>;
  /** Changes after a sequence number, oldest first, at most `limit`. */
  changes(workspace: string, after: number, limit: number): Promise<LiveEvent[]>;
  /** Number of the last operation of a workspace. */
  seq(workspace: string): number;
  /** Requests that wait for a thread. */
  waiting(): Readonly<Record<"read" | "write", number>>;
  /** Tells what happens from now on; returns how to stop. */
  listen(listener: (event: LiveEvent) => void): () => void;
  /** Asks every part whether it works. */
  health(): Promise<Health>;
  /** Lets what runs finish, as long as `shutdown_seconds` says, and refuses the rest. */
  close(): Promise<void>;
}
