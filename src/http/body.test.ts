/** Bodies as they come over a socket: whole, in pieces, too large, and broken off. */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { readBody } from "./body.ts";

/** Sends what is given, and reads it as a server would. */
async function received(limit: number, send: (socket: Socket) => void): Promise<Buffer> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => undefined);
  onTestFinished(() => {
    socket.destroy();
    server.close();
    server.closeAllConnections();
  });
  const asked = once(server, "request") as Promise<[IncomingMessage]>;
  send(socket);
  const [message] = await asked;
  return readBody(message, limit);
}

const HEAD = "POST / HTTP/1.1\r\nHost: x\r\n";
const whole =
  (body: string | Buffer, told = body.length) =>
  (socket: Socket) => {
    socket.write(`${HEAD}Content-Length: ${told}\r\n\r\n`);
    socket.write(body);
  };
const inPieces = (pieces: readonly string[]) => (socket: Socket) => {
  socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  socket.write(pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join(""));
  socket.write("0\r\n\r\n");
};

test("what was sent is what is read, whole or in pieces", async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 256));
  expect(await received(300_000, whole(bytes))).toEqual(bytes);
  expect((await received(1000, whole(""))).length).toBe(0);
  const words = Array.from({ length: 50_000 }, (_, at) => `${at},`);
  expect((await received(1e6, inPieces(words))).toString()).toBe(words.join(""));
});

test("one byte more than the limit is too much, told beforehand or not", async () => {
  expect((await received(10, whole("0123456789"))).length).toBe(10);
  const expected = { code: "BODY_TOO_LARGE" };
  await expect(received(10, whole("0123456789a"))).rejects.toMatchObject(expected);
  await expect(received(10, inPieces(["01234", "56789", "a"]))).rejects.toMatchObject(expected);
});

test("a body of single bytes is refused before it costs much; one of words is not", async () => {
  const bytes = Array.from({ length: 100_001 }, () => " ");
  await expect(received(1e6, inPieces(bytes))).rejects.toMatchObject({ code: "BODY_INVALID" });
  const words = Array.from({ length: 100_001 }, () => "a line of words, ");
  expect((await received(2e6, inPieces(words))).length).toBe(17 * words.length);
});

test("a sender that goes away has cancelled", async () => {
  const sent = received(1000, (socket) => {
    whole("0123456789", 100)(socket);
    setTimeout(() => socket.destroy(), 50);
  });
  await expect(sent).rejects.toMatchObject({ code: "CANCELLED" });
});
