/**
 * `GET /live`: what happens in the workspaces, told over a WebSocket as it happens, and from any sequence number on.
 * Who may connect and how many is decided here, before the handshake; live-connection.ts speaks with one client,
 * live-feed.ts brings it the changes. Used by server.ts.
 */

import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import websocket, { type WebSocket, type WebsocketPluginOptions } from "@fastify/websocket";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { MomoError } from "../errors.ts";
import type { Caller, Service } from "../service/service.ts";
import { type LiveConnection, openConnection } from "./live-connection.ts";
import { shareReads } from "./live-feed.ts";
import type { LiveLimits } from "./live-limits.ts";

const usualLimits: LiveLimits = {
  connections: 1000,
  connections_per_caller: 100,
  max_payload_bytes: 4096,
  messages: 60,
  heartbeat_ms: 30_000,
  lag_ms: 10_000,
  handshake_ms: 10_000,
  close_ms: 1000,
};

export interface LiveOptions {
  /**
   * Who connects; raises UNAUTHORIZED, RATE_LIMITED. A key that came as a subprotocol stands in the Authorization
   * header by then. Host and Origin were looked at before.
   */
  admit(request: FastifyRequest): Promise<Caller>;
  /** The same at every heartbeat, so it looks at the key anew; nothing is counted. Raises UNAUTHORIZED. */
  authenticate(request: FastifyRequest): Promise<Caller>;
  limits?: Partial<LiveLimits> | undefined;
}

/** What a client names as subprotocol, besides the one with its key. */
const PROTOCOL = "momo";
const KEY_PROTOCOL = "bearer.";

/** Browsers set no headers on a WebSocket, so the key may come as the subprotocol `bearer.<key>`. */
function takeKeyOfProtocol({ headers }: FastifyRequest): void {
  if (headers.authorization !== undefined) return;
  const offered = headers["sec-websocket-protocol"]?.split(",").map((one) => one.trim()) ?? [];
  const key = offered.find((one) => one.startsWith(KEY_PROTOCOL));
  if (key !== undefined) headers.authorization = `Bearer ${key.slice(KEY_PROTOCOL.length)}`;
}

/** A browser wants one of its protocols back: the one without the key, if there is a choice. */
const chooseProtocol = (offered: Set<string>): string | false =>
  offered.has(PROTOCOL) ? PROTOCOL : ([...offered].find((one) => one.startsWith(KEY_PROTOCOL)) ?? false);

/** Counts open connections. A place is given back when the socket closes, whatever became of the handshake. */
function countPlaces({ connections, connections_per_caller }: LiveLimits) {
  const taken = new Map<string, number>();
  let all = 0;
  return (caller: Caller, { raw: { socket } }: FastifyRequest): void => {
    const { principal } = caller;
    const own = taken.get(principal) ?? 0;
    if (all >= connections) throw new MomoError("LIVE_LIMIT", { open: all, whose: "all callers" });
    if (own >= connections_per_caller) throw new MomoError("LIVE_LIMIT", { open: own, whose: "this caller" });
    if (socket.destroyed) throw new MomoError("CANCELLED");
    all++;
    taken.set(principal, own + 1);
    socket.once("close", () => {
      all--;
      const left = taken.get(principal)! - 1;
      if (left > 0) taken.set(principal, left);
      else taken.delete(principal);
    });
  };
}

/** Node's own name for it; without it every request that asks for another protocol would be treated as an upgrade. */
interface Upgrading {
  shouldUpgradeCallback?: (request: IncomingMessage) => boolean;
}

const isLive = ({ method, url = "" }: IncomingMessage): boolean =>
  method === "GET" && (url === "/live" || url.startsWith("/live?"));

/**
 * Only a WebSocket at /live changes protocol; elsewhere the wish is ignored, as HTTP allows (h2c of some clients).
 * Returns the requests that do.
 */
function upgradeOnlyHere(app: FastifyInstance, limits: LiveLimits): WeakSet<IncomingMessage> {
  const upgrading = new WeakSet<IncomingMessage>();
  (app.server as Upgrading).shouldUpgradeCallback = (request) =>
    isLive(request) && request.headers.upgrade?.toLowerCase() === "websocket";
  // HTTP's own time limits no longer count for such a socket; a WebSocket takes this one away.
  app.server.prependListener("upgrade", (request: IncomingMessage, socket: Socket) => {
    upgrading.add(request);
    socket.setTimeout(limits.handshake_ms, () => socket.destroy());
  });
  // A Node without that callback comes here with every upgrade.
  app.addHook("onRequest", async ({ raw }) => {
    if (upgrading.has(raw) && !isLive(raw))
      throw new MomoError("BODY_INVALID", { why: "only /live is a WebSocket" });
  });
  // Who was refused, by whichever hook, has the answer, and no HTTP follows on such a socket.
  app.addHook("onResponse", async ({ raw }) => {
    if (upgrading.has(raw)) raw.socket.destroySoon();
  });
  return upgrading;
}

/** The types of the library do not know the last of them yet. */
const serverOptions = (limits: LiveLimits) =>
  ({
    maxPayload: limits.max_payload_bytes,
    handleProtocols: chooseProtocol,
    closeTimeout: limits.close_ms,
  }) as NonNullable<WebsocketPluginOptions["options"]>;

/** To be awaited before other routes are added. Ends with the server: clients are told 1001. */
export async function registerLive(
  app: FastifyInstance,
  service: Service,
  options: LiveOptions,
): Promise<void> {
  const limits = { ...usualLimits, ...options.limits };
  const open = new Set<LiveConnection>();
  const callers = new WeakMap<FastifyRequest, Caller>();
  const takePlace = countPlaces(limits);
  const reads = shareReads(service);
  let ending = false;

  const stopListening = service.listen((event) => {
    reads.forget();
    for (const connection of open) connection.tell(event);
  });
  await app.register(websocket, {
    options: serverOptions(limits),
    // A broken frame closes the socket by itself, with the code that says why; this is not the server's fault to log.
    errorHandler: (_, socket) => socket.close(1011),
    preClose: (done) => {
      ending = true;
      stopListening();
      for (const connection of open) connection.close(1001, "the server stops");
      app.websocketServer.close();
      done();
    },
  });
  const upgrading = upgradeOnlyHere(app, limits);
  app.route({
    method: "GET",
    url: "/live",
    onRequest: async (request) => {
      if (!upgrading.has(request.raw)) return;
      if (ending) throw new MomoError("NOT_READY", { why: "it stops" });
      takeKeyOfProtocol(request);
      const caller = await options.admit(request);
      takePlace(caller, request);
      callers.set(request, caller);
    },
    handler: async (_, reply) => {
      reply.header("upgrade", "websocket");
      throw new MomoError("UPGRADE_NEEDED");
    },
    wsHandler: (socket: WebSocket, request: FastifyRequest) => {
      const connection = openConnection({
        socket,
        service,
        limits,
        read: reads.read,
        caller: callers.get(request)!,
        authenticate: () => options.authenticate(request),
      });
      open.add(connection);
      socket.once("close", () => open.delete(connection));
      if (ending) connection.close(1001, "the server stops");
    },
  });
}
