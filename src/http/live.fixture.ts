/** A server with nothing but /live, over a service whose journal the test writes, and clients for it. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { onTestFinished } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { MomoError } from "../errors.ts";
import type { Grants } from "../security/roles.ts";
import type { Caller, LiveEvent, Service } from "../service/service.ts";
import { registerLive } from "./live.ts";
import type { LiveLimits } from "./live-limits.ts";

export type Change = Extract<LiveEvent, { type: "change" }>;

const notHere = (): never => {
  throw new Error("not part of this stand-in");
};

/** Workspaces `shop` and `bank`, each with a journal of its own. */
export function standInService() {
  const journals: Record<string, Change[]> = { shop: [], bank: [] };
  const listeners = new Set<(event: LiveEvent) => void>();
  const lastOf = (workspace: string): number => journals[workspace]!.at(-1)?.seq ?? 0;
  type Hook = (() => Promise<void> | void) | undefined;
  const hooks: { beforeRead?: Hook; afterRead?: Hook } = {};
  let reads = 0;
  function tell(event: LiveEvent): void {
    for (const listener of listeners) listener(event);
  }
  /** Sequence numbers leave gaps, as operations take more than one. */
  function commit(workspace = "shop", intent = "test"): Change {
    const journal = journals[workspace]!;
    const change: Change = {
      type: "change",
      workspace,
      seq: lastOf(workspace) + 3,
      transaction: journal.length + 1,
      agent: "ann",
      kind: "write",
      intent,
      at: "2026-01-01T00:00:00.000Z",
      operations: 3,
    };
    journal.push(change);
    tell(change);
    return change;
  }
  const service: Service = {
    workspaces: ["shop", "bank"].map((name) => ({ name, root: undefined, home: name })),
    version: "0",
    call: notHere,
    waiting: notHere,
    seq: lastOf,
    changes: async (workspace, after, limit) => {
      reads++;
      await hooks.beforeRead?.();
      const found = journals[workspace]!.filter(({ seq }) => seq > after).slice(0, limit);
      await hooks.afterRead?.();
      return found;
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    health: notHere,
    close: notHere,
  };
  return { service, commit, tell, hooks, listeners, reads: () => reads, changes: () => journals.shop! };
}

export interface LiveServer extends ReturnType<typeof standInService> {
  app: FastifyInstance;
  port: number;
  url: string;
  /** What each key may do; a key that is taken out is revoked. */
  keys: Map<string, Grants>;
  connect(options?: ClientOptions & { protocols?: string[] }): Promise<Client>;
}

/** Key `ann` reads shop, `root` reads everything, `none` nothing. Ends with the test. */
export async function startLive(limits: Partial<LiveLimits> = {}): Promise<LiveServer> {
  const world = standInService();
  const keys = new Map<string, Grants>([
    ["ann", { shop: "reader" }],
    ["root", { "*": "admin" }],
    ["none", {}],
  ]);
  function callerOf(authorization: string | undefined): Caller {
    const key = authorization?.replace(/^Bearer /, "") ?? "";
    const grants = keys.get(key);
    if (!grants) throw new MomoError("UNAUTHORIZED", { why: "this key is not known" });
    return { agent: key, principal: `key:${key}`, grants };
  }
  const app = Fastify({ forceCloseConnections: true });
  app.setErrorHandler(async (fault, _, reply) => {
    const { status = 500, code } = fault as MomoError;
    return reply.code(status).send({ code });
  });
  app.get("/before", async () => ({ path: "before" }));
  await registerLive(app, world.service, {
    admit: async ({ headers }) => callerOf(headers.authorization),
    authenticate: async ({ headers }) => callerOf(headers.authorization),
    limits,
  });
  app.get("/after", async () => ({ path: "after" }));
  await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  const url = `ws://127.0.0.1:${port}/live`;
  return { ...world, app, port, url, keys, connect: (options) => connect(url, options) };
}

export interface Client {
  socket: WebSocket;
  /** The next message; waits for it. */
  next(): Promise<Record<string, unknown>>;
  /** All messages until the first of a type, with it. */
  until(type: string): Promise<Record<string, unknown>[]>;
  say(message: unknown): void;
  closed: Promise<{ code: number; reason: string }>;
  /** Messages that came and were not taken. */
  left(): unknown[];
}

/** As `ann`, unless other headers or protocols are given. Rejects with the status of a refused handshake. */
async function connect(
  url: string,
  { protocols = [], ...options }: ClientOptions & { protocols?: string[] } = {},
): Promise<Client> {
  const headers = protocols.length > 0 ? {} : { authorization: "Bearer ann" };
  const socket = new WebSocket(url, protocols, { headers, ...options });
  onTestFinished(() => socket.terminate());
  const waiting: Record<string, unknown>[] = [];
  let wake: (() => void) | undefined;
  socket.on("message", (data) => {
    waiting.push(JSON.parse(data.toString()));
    wake?.();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once("close", (code, reason) => {
      resolve({ code, reason: reason.toString() });
      wake?.();
    });
  });
  socket.on("unexpected-response", (request, response) => {
    request.destroy();
    socket.emit("error", new Error(`status ${response.statusCode}`));
  });
  // A reset while it is closing is no matter of these tests; `closed` tells how it ended.
  socket.on("error", () => undefined);
  await once(socket, "open");
  async function next(): Promise<Record<string, unknown>> {
    while (waiting.length === 0) {
      if (socket.readyState === WebSocket.CLOSED) throw new Error("closed before a message came");
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return waiting.shift()!;
  }
  async function until(type: string): Promise<Record<string, unknown>[]> {
    const messages = [await next()];
    while (messages.at(-1)!.type !== type) messages.push(await next());
    return messages;
  }
  const say = (message: unknown): void =>
    socket.send(typeof message === "string" ? message : JSON.stringify(message));
  return { socket, next, until, say, closed, left: () => waiting };
}
