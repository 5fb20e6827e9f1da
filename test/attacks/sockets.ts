/** WebSockets: handshakes that must not happen, and frames that must not be believed. */
import { connect } from "node:net";
import { WebSocket } from "ws";
import { type Attack, asks, exchange, type Outcome, request, type World } from "./wire.ts";

const upgrade = [
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
];

/** Lines without the one that begins so, with others instead. */
const without = (name: string, ...instead: string[]): string[] => [
  ...upgrade.filter((line) => !line.startsWith(name)),
  ...instead,
];

type Shake = [
  name: string,
  headers: readonly string[],
  expect: readonly number[],
  key?: keyof World["keys"] | null,
];
const shake = (...[name, headers, expect, key = "admin"]: Shake): Attack =>
  asks(`handshake: ${name}`, "GET /live", { key, headers, expect, never: /101 Switching/ });

const handshakes: readonly Attack[] = [
  shake("without a key", upgrade, [401], null),
  shake("with a revoked key", upgrade, [401], "revoked"),
  shake("with an expired key", upgrade, [401], "expired"),
  shake("without the protocol", without("Upgrade"), [400, 426]),
  shake("of another protocol", without("Upgrade", "Upgrade: tcp"), [400, 426]),
  shake("without a number", without("Sec-WebSocket-Key"), [400, 426]),
  shake("with a number that is none", without("Sec-WebSocket-Key", "Sec-WebSocket-Key: x"), [400]),
  shake("of an old version", without("Sec-WebSocket-Version", "Sec-WebSocket-Version: 0"), [400, 426]),
  shake("of no version", without("Sec-WebSocket-Version"), [400, 426]),
  shake("with a subprotocol that is none", [...upgrade, "Sec-WebSocket-Protocol: a b, \x7f"], [400]),
  shake(
    "with a key that is none as subprotocol",
    [...upgrade, "Sec-WebSocket-Protocol: momo, bearer.x"],
    [401],
    null,
  ),
  asks("handshake: by POST", "POST /live", { headers: upgrade, body: "{}", expect: [400, 404, 405] }),
  asks("handshake: at another address", "GET /stats", {
    headers: upgrade,
    expect: [200, 400],
    never: /101 Switching/,
  }),
  asks("handshake: at the address of agents", "GET /mcp", {
    headers: upgrade,
    expect: [400, 404, 405, 406],
    never: /101 Switching/,
  }),
  asks("handshake: compression is not agreed to", "GET /live", {
    key: null,
    headers: [...upgrade, "Sec-WebSocket-Extensions: permessage-deflate"],
    expect: 401,
  }),
];

/** A frame with a mask of zeros, unless it is told otherwise. */
function frame(
  first: number,
  payload: Uint8Array,
  { masked = true, length }: { masked?: boolean; length?: bigint } = {},
) {
  const isShort = length === undefined && payload.length < 126;
  const head = Buffer.alloc(isShort ? 2 : 10);
  head[0] = first;
  head[1] = (masked ? 0x80 : 0) | (isShort ? payload.length : 127);
  if (!isShort) head.writeBigUInt64BE(length ?? BigInt(payload.length), 2);
  return Buffer.concat([head, ...(masked ? [Buffer.alloc(4)] : []), payload]);
}

/** Shakes hands, sends the bytes, and waits for the close frame: its code is the status. */
function framing(world: World, frames: readonly Uint8Array[]): Promise<Outcome> {
  const socket = connect(world.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.setTimeout(10_000, () => socket.destroy());
  const lines = [`Host: ${world.host}`, `Authorization: Bearer ${world.keys.admin}`, ...upgrade];
  socket.write(`GET /live HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  const parts: Buffer[] = [];
  socket.once("data", (first) => {
    parts.push(first);
    socket.on("data", (part) => parts.push(part));
    for (const one of frames) socket.write(one);
  });
  return new Promise((resolve) => {
    socket.on("close", () => {
      const all = Buffer.concat(parts);
      const end = all.lastIndexOf(0x88);
      const code = end < 0 || end + 4 > all.length ? 0 : all.readUInt16BE(end + 2);
      resolve({ statuses: [code], text: all.toString("latin1") });
    });
  });
}

const text = (value: string): Uint8Array => Buffer.from(value);
const framed = (name: string, frames: () => readonly Uint8Array[], expect: readonly number[]): Attack => ({
  name: `frame: ${name}`,
  expect,
  run: (world) => framing(world, frames()),
});

const frames: readonly Attack[] = [
  framed("without a mask", () => [frame(0x81, text("{}"), { masked: false })], [1002]),
  framed("of a kind that there is not", () => [frame(0x83, text("{}"))], [1002]),
  framed("with bits that mean nothing", () => [frame(0xf1, text("{}"))], [1002]),
  framed("compressed, though nobody agreed", () => [frame(0xc1, text("{}"))], [1002]),
  framed("that goes on with nothing", () => [frame(0x80, text("{}"))], [1002]),
  framed("of 2^63 bytes", () => [frame(0x81, text(""), { length: 2n ** 63n })], [1002, 1009]),
  framed("of 2^40 bytes", () => [frame(0x81, text(""), { length: 2n ** 40n })], [1009]),
  framed("of a megabyte", () => [frame(0x81, Buffer.alloc(1e6, 0x61))], [1009]),
  framed("of bytes", () => [frame(0x82, text("{}"))], [1003]),
  framed("of text that is no UTF-8", () => [frame(0x81, Buffer.from([0xff, 0xfe]))], [1007]),
  framed("that closes with a code that there is not", () => [frame(0x88, Buffer.from([0, 1]))], [1002]),
  framed("that closes with half a code", () => [frame(0x88, Buffer.from([3]))], [1002]),
  framed("a ping that is too long", () => [frame(0x89, Buffer.alloc(200))], [1002]),
  framed("20,000 pings", () => Array.from({ length: 20_000 }, () => frame(0x89, text(""))), [1008]),
  framed("20,000 pongs", () => Array.from({ length: 20_000 }, () => frame(0x8a, text(""))), [1008]),
  framed("20,000 messages", () => Array.from({ length: 20_000 }, () => frame(0x81, text("{}"))), [1008]),
  framed(
    "a message in 100,000 pieces",
    () => [frame(0x01, text("")), ...Array.from({ length: 100_000 }, () => frame(0x00, text("")))],
    [1008, 1009],
  ),
  framed(
    "messages of many levels",
    () => [...Array.from({ length: 70 }, () => frame(0x81, text("[".repeat(4000))))],
    [1008],
  ),
];

/** Holds open what it gets, as many as it asks for at once. */
async function crowd(world: World): Promise<Outcome> {
  const sockets: WebSocket[] = [];
  const statuses = await Promise.all(
    Array.from({ length: 150 }, () => {
      const headers = { authorization: `Bearer ${world.keys.reader}` };
      const socket = new WebSocket(`ws://${world.host}/live`, { headers });
      sockets.push(socket);
      socket.on("error", () => undefined);
      return new Promise<number>((resolve) => {
        socket.on("open", () => resolve(101));
        socket.on("unexpected-response", (_, response) => resolve(response.statusCode ?? 0));
        socket.on("close", () => resolve(0));
      });
    }),
  );
  for (const socket of sockets) socket.terminate();
  return { statuses: [Math.max(...statuses)], text: "" };
}

export const sockets: readonly Attack[] = [
  ...handshakes,
  ...frames,
  { name: "150 WebSockets of one key", run: crowd, expect: [429] },
  {
    name: "a request on what is a WebSocket",
    expect: [101],
    run: async (world) => {
      const first = request(world, "GET /live", { headers: upgrade });
      return exchange({ port: world.port, bytes: [first, request(world, "GET /config")], patience_ms: 3000 });
    },
  },
];
