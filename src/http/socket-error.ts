/** What Node cannot read as HTTP, or has waited for too long: answered on the socket itself, then it is closed. */
import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { titleOf } from "./problem.ts";

const statuses: Readonly<Record<string, { status: number; why: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, why: "its headers are too large" },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, why: "its chunks say too much besides" },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, why: "it did not arrive in time" },
};

const LINGER_MS = 1000;

export function answerSocketError(error: Error & { code?: string }, socket: Socket): void {
  // An answer that has begun would be taken for a part of this one.
  const begun = (socket as Socket & { _httpMessage?: { headersSent?: boolean } })._httpMessage?.headersSent;
  if (error.code === "ECONNRESET" || !socket.writable || begun) {
    socket.destroy();
    return;
  }
  const { status, why } = statuses[error.code ?? ""] ?? { status: 400, why: "it is not HTTP" };
  const detail = `the request cannot be read: ${why}`;
  const body = JSON.stringify({
    type: "urn:momo:error:BODY_INVALID",
    title: titleOf(status),
    status,
    detail,
    instance: "",
    code: "BODY_INVALID",
    request_id: randomUUID(),
    error: detail,
  });
  socket.end(
    `HTTP/1.1 ${status} ${titleOf(status)}\r\ncontent-type: application/problem+json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n${body}`,
  );
  // The rest of what it sends is let by, so that the answer is not lost; not for long.
  socket.resume();
  socket.setTimeout(LINGER_MS, () => socket.destroy());
}
