/**
 * One client of /live: reads what it says, and ends the connection when it floods, sleeps, reads too slowly or may no
 * longer. What it follows is in live-subscriptions.ts. Used by live.ts.
 */
import type { WebSocket } from "@fastify/websocket";
import { MomoError } from "../errors.ts";
import type { Caller, LiveEvent, Service } from "../service/service.ts";
import type { ReadChanges } from "./live-feed.ts";
import type { LiveLimits } from "./live-limits.ts";
import { readMessage } from "./live-message.ts";
import { openSubscriptions } from "./live-subscriptions.ts";

export interface ConnectionRequest {
  socket: WebSocket;
  service: Service;
  caller: Caller;
  limits: LiveLimits;
  read: ReadChanges;
  /** Looks at the key again; raises UNAUTHORIZED. */
  authenticate(): Promise<Caller>;
}

export interface LiveConnection {
  tell(event: LiveEvent): void;
  close(code: number, why: string): void;
}

/** A close frame has room for 123 bytes of reason. */
const REASON_BYTES = 123;

function reasonOf(why: string): string {
  let reason = why;
  while (Buffer.byteLength(reason) > REASON_BYTES) reason = reason.slice(0, -1);
  return reason;
}

/** What to say of a fault, and with which code to end over it. */
function told(fault: unknown): { code: string; error: string; status: number } {
  if (!(fault instanceof MomoError)) return { code: "INTERNAL", error: "the server failed", status: 1011 };
  return { code: fault.code, error: fault.message, status: fault.status < 500 ? 1008 : 1011 };
}

/** Calls `frame` for each that a client sends; too many of them between two heartbeats end the connection. */
function countFrames(socket: WebSocket, limits: LiveLimits, tooMany: () => void) {
  let frames = 0;
  return {
    count: (frame: () => void): void => {
      if (socket.readyState !== socket.OPEN) return;
      frames++;
      if (frames > limits.messages) tooMany();
      else frame();
    },
    forget: (): void => {
      frames = 0;
    },
  };
}

/** Asks whether the client is there; ends the connection if it did not answer the last time. */
function startHeart(socket: WebSocket, beat_ms: number, onBeat: () => void): { answered(): void } {
  let isAnswering = true;
  const heart = setInterval(() => {
    if (!isAnswering) return socket.terminate();
    if (socket.readyState !== socket.OPEN) return;
    isAnswering = false;
    socket.ping();
    onBeat();
  }, beat_ms);
  socket.once("close", () => clearInterval(heart));
  return {
    answered: () => {
      isAnswering = true;
    },
  };
}

export function openConnection(request: ConnectionRequest): LiveConnection {
  const { socket, service, limits, read } = request;
  let { caller } = request;

  const close = (code: number, why: string): void => socket.close(code, reasonOf(why));
  function send(message: Record<string, unknown>): void {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  }
  function fail(fault: unknown): void {
    const { code, error, status } = told(fault);
    send({ type: "error", code, error });
    close(status, error);
  }
  function onLag(workspace: string, seq: number): void {
    send({ type: "lagging", workspace, seq });
    close(1013, "this client reads too slowly: connect again and go on from the last change it has");
  }
  const { lag_ms } = limits;
  const subscriptions = openSubscriptions({ socket, service, read, lag_ms, onLag, onFault: fail });

  /** A message that cannot be followed is answered, and the connection goes on. */
  function answer(text: string): void {
    try {
      subscriptions.add(readMessage(text), caller);
    } catch (fault) {
      const { code, error } = told(fault);
      send({ type: "error", code, error });
    }
  }
  async function checkKey(): Promise<void> {
    try {
      caller = await request.authenticate();
      subscriptions.check(caller);
    } catch (fault) {
      fail(fault);
    }
  }

  const frames = countFrames(socket, limits, () =>
    close(1008, `more than ${limits.messages} messages at once`),
  );
  const heart = startHeart(socket, limits.heartbeat_ms, () => {
    frames.forget();
    void checkKey();
  });
  socket.on("message", (data, isBinary) =>
    frames.count(() => {
      if (isBinary) close(1003, "messages are text");
      else answer(data.toString());
    }),
  );
  socket.on("ping", () => frames.count(() => undefined));
  socket.on("pong", () => frames.count(heart.answered));
  return { tell: subscriptions.tell, close };
}
