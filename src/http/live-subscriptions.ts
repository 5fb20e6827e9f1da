/** The workspaces that one client of /live follows, and whether it may. Used by live-connection.ts. */
import type { WebSocket } from "@fastify/websocket";
import { MomoError } from "../errors.ts";
import { authorize, roleIn } from "../security/roles.ts";
import type { Caller, LiveEvent, Service } from "../service/service.ts";
import { type Feed, openFeed, type ReadChanges } from "./live-feed.ts";
import type { Subscribe } from "./live-message.ts";

export interface SubscriptionsRequest {
  socket: WebSocket;
  service: Service;
  read: ReadChanges;
  lag_ms: number;
  /** The client did not read for so long; `seq` is the last that was sent. */
  onLag(workspace: string, seq: number): void;
  /** Changes cannot be read. */
  onFault(fault: unknown): void;
}

export interface Subscriptions {
  /** Raises FORBIDDEN, WORKSPACE_UNKNOWN, VALUE_INVALID, BODY_INVALID, and what opening the knowledge base raises. */
  add(asked: Subscribe, caller: Caller): void;
  /** Raises FORBIDDEN when the caller may no longer follow one of them. */
  check(caller: Caller): void;
  tell(event: LiveEvent): void;
}

/** Progress is not told to a client that has this much to read: newer progress comes. */
const PROGRESS_BUFFER_BYTES = 64 * 1024;
const SHOWN_CHARACTERS = 100;

const mayFollow = ({ grants }: Caller, workspace: string): void =>
  authorize(grants, { workspace, effect: "read", action: "subscribe" });

/** Raises FORBIDDEN before it says which workspaces there are. */
function checkName(service: Service, caller: Caller, workspace: string): void {
  mayFollow(caller, workspace);
  const readable = service.workspaces.map(({ name }) => name).filter((name) => roleIn(caller.grants, name));
  if (readable.includes(workspace)) return;
  const values = { workspace: workspace.slice(0, SHOWN_CHARACTERS), known: readable.join(", ") };
  throw new MomoError("WORKSPACE_UNKNOWN", values);
}

export function openSubscriptions(request: SubscriptionsRequest): Subscriptions {
  const { socket, service, read, lag_ms, onFault } = request;
  const feeds = new Map<string, Feed>();

  function open(workspace: string, after: number | undefined): Feed {
    const last = service.seq(workspace);
    if (after !== undefined && after > last)
      throw new MomoError("VALUE_INVALID", { name: "after", value: after, hint: `the last one is ${last}` });
    const onLag = (seq: number) => request.onLag(workspace, seq);
    return openFeed({ workspace, after: after ?? last, socket, read, lag_ms, onLag, onFault });
  }
  return {
    add: ({ workspace = service.workspaces[0]!.name, after }, caller) => {
      checkName(service, caller, workspace);
      if (feeds.has(workspace))
        throw new MomoError("BODY_INVALID", { why: `this connection follows ${workspace} already` });
      feeds.set(workspace, open(workspace, after));
    },
    check: (caller) => {
      for (const workspace of feeds.keys()) mayFollow(caller, workspace);
    },
    tell: (event) => {
      const feed = feeds.get(event.workspace);
      if (event.type === "change") feed?.wake();
      else if (feed?.isReady() && socket.bufferedAmount < PROGRESS_BUFFER_BYTES)
        socket.send(JSON.stringify(event));
    },
  };
}
