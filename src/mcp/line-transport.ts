/**
 * JSON-RPC over lines, as MCP over stdio has it. Unlike the SDK's own transport it answers what it cannot read, lets no
 * line grow without end, and answers what was asked before the input ended. Used by stdio.ts.
 */
import type { Readable, Writable } from "node:stream";
import { type JSONRPCMessage, parseJSONRPCMessage, type Transport } from "@modelcontextprotocol/server";

/** Documents go through it whole; more than this in one message is a mistake. */
const LONGEST_LINE = 16 * 1024 * 1024;
/** How long a client that closed its end waits for answers, if it reads them at all. */
const LAST_ANSWERS_MS = 5000;

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

export interface LineStreams {
  input: Readable;
  output: Writable;
  /** Bytes; default 16 MiB. */
  longest?: number;
}

type Unread = { error: string; code: number; id: string | number | null };

/** The message on a line, or what to answer where there is none. */
function readLine(line: string): JSONRPCMessage | Unread {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { error: "this is not JSON: send one JSON-RPC message on a line", code: PARSE_ERROR, id: null };
  }
  try {
    return parseJSONRPCMessage(value);
  } catch {
    const { id } = typeof value === "object" && value !== null ? (value as { id?: unknown }) : {};
    const known = typeof id === "string" || typeof id === "number" ? id : null;
    return { error: "this is not a JSON-RPC 2.0 message", code: INVALID_REQUEST, id: known };
  }
}

const tooLong = (longest: number): Unread => ({
  error: `a message has at most ${longest} bytes: send less at once`,
  code: INVALID_REQUEST,
  id: null,
});

const isUnread = (read: JSONRPCMessage | Unread): read is Unread => !("jsonrpc" in read);

/** Splits bytes into lines; a line that is too long is dropped and counted as one. */
export function lineSplitter(
  longest: number,
  take: (line: string | undefined) => void,
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let size = 0;
  let isTooLong = false;
  const end = (): void => {
    const line = Buffer.concat(parts).toString("utf8");
    parts = [];
    size = 0;
    if (isTooLong) take(undefined);
    else if (line.trim() !== "") take(line);
    isTooLong = false;
  };
  const add = (part: Buffer): void => {
    size += part.length;
    if (size > longest) {
      isTooLong = true;
      parts = [];
    }
    if (!isTooLong && part.length > 0) parts.push(part);
  };
  return (chunk) => {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      add(chunk.subarray(from, at));
      end();
      from = at + 1;
    }
    add(chunk.subarray(from));
  };
}

export interface LineTransport {
  transport: Transport;
  /** Resolves once it is closed, from either side. */
  ended: Promise<void>;
}

export function lineTransport({ input, output, longest = LONGEST_LINE }: LineStreams): LineTransport {
  const ended = Promise.withResolvers<void>();
  const unanswered = new Set<unknown>();
  let state: "open" | "ending" | "closed" = "open";
  let lastAnswers: NodeJS.Timeout | undefined;
  const write = (message: object): Promise<void> =>
    new Promise((resolve, reject) => {
      output.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
    });
  const take = (line: string | undefined): void => {
    const read = line === undefined ? tooLong(longest) : readLine(line);
    if (isUnread(read)) {
      const { error: message, code, id } = read;
      write({ jsonrpc: "2.0", id, error: { code, message } }).catch((failure) =>
        transport.onerror?.(failure),
      );
      return;
    }
    if ("method" in read && "id" in read) unanswered.add(read.id);
    if ("method" in read && read.method === "notifications/cancelled")
      unanswered.delete(read.params?.requestId);
    transport.onmessage?.(read);
  };
  const split = lineSplitter(longest, take);
  const close = async (): Promise<void> => {
    if (state === "closed") return;
    state = "closed";
    clearTimeout(lastAnswers);
    input.off("data", split).pause();
    transport.onclose?.();
    ended.resolve();
  };
  const end = (): void => {
    if (state !== "open") return;
    state = "ending";
    if (unanswered.size === 0) void close();
    else lastAnswers = setTimeout(close, LAST_ANSWERS_MS);
  };
  const transport: Transport = {
    start: async () => {
      input.on("data", split).on("end", end).on("close", end);
      input.on("error", (error) => transport.onerror?.(error));
      // A client that no longer reads is gone.
      output.on("error", () => void close());
    },
    send: async (message) => {
      if (state === "closed") return;
      if (!("method" in message)) unanswered.delete(message.id);
      await write(message);
      if (state === "ending" && unanswered.size === 0) await close();
    },
    close,
  };
  return { transport, ended: ended.promise };
}
