/**
 * A model server on this machine that follows the APIs of Ollama and OpenAI, and can be told to misbehave. Its model
 * knows letters: texts with the same words get near vectors. Used by the tests of those strategies and of the product.
 */

import { hash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";

export interface Received {
  method: string;
  path: string;
  authorization: string | undefined;
  body: { model?: string; input?: string[]; dimensions?: number };
}

type Answer = (request: Received, response: ServerResponse) => void;

export interface StandIn {
  url: string;
  received: Received[];
  /** Instead of the next answers; then it behaves again. */
  next: Answer[];
  /** Instead of every answer. */
  always: Answer | undefined;
  close(): Promise<void>;
}

export const DIMENSIONS = 48;

/** Counts of words by a hash: deterministic, and alike for texts that share words. */
export function standInVector(text: string, dimensions = DIMENSIONS): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  vector[0] = 0.1;
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) {
    vector[hash("sha256", word, "buffer").readUInt32LE(0) % dimensions]! += 1;
  }
  return vector;
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

async function bodyOf(request: IncomingMessage): Promise<Received["body"]> {
  let text = "";
  for await (const part of request) text += part;
  return text === "" ? {} : JSON.parse(text);
}

/** As the real servers do: Ollama below /api, OpenAI below /v1; `missing` is a model that is not there. */
const behave: Answer = (request, response) => {
  const { path, body } = request;
  const { input = [], dimensions } = body;
  const vectors = input.map((text) => standInVector(text, dimensions));
  if (body.model === "missing")
    return json(404, { error: 'model "missing" not found, try pulling it first' })(request, response);
  if (path === "/api/tags")
    return json(200, { models: [{ name: "letters:latest", digest: "0123456789abcdef" }] })(request, response);
  if (path === "/api/embed") return json(200, { model: body.model, embeddings: vectors })(request, response);
  if (path !== "/v1/embeddings") return json(404, { error: "no such path" })(request, response);
  // Out of order: the index counts.
  const data = vectors.map((embedding, index) => ({ object: "embedding", index, embedding })).reverse();
  return json(200, { object: "list", model: body.model, data })(request, response);
};

/** Listens on a port of its own until the tests of the file are over. */
export async function startModelServer(): Promise<StandIn> {
  const standIn: StandIn = {
    url: "",
    received: [],
    next: [],
    always: undefined,
    close: async () => undefined,
  };
  const server = createServer(async (message, response) => {
    const request: Received = {
      method: message.method ?? "",
      path: message.url ?? "",
      authorization: message.headers.authorization,
      body: await bodyOf(message),
    };
    standIn.received.push(request);
    (standIn.next.shift() ?? standIn.always ?? behave)(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  standIn.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  standIn.close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  afterAll(standIn.close);
  return standIn;
}
