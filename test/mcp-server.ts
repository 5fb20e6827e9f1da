/** MCP servers for the tests: the program over its pipes, and the handler over HTTP on a free port of this machine. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { localhostHostValidation, localhostOriginValidation } from "@modelcontextprotocol/node";
import { onTestFinished } from "vitest";
import { createMcpHandler } from "../src/mcp/http.ts";
import { createToolSet } from "../src/mcp/tool-set.ts";
import { createService } from "../src/service/create.ts";
import { createInlineExecutor } from "../src/service/inline.ts";
import type { Caller, Service } from "../src/service/service.ts";
import { workspacesOf } from "../src/service/workspaces.ts";
import { binary, cleanEnvironment } from "./momo-process.ts";

export const localCaller: Caller = {
  agent: "somebody",
  principal: "local:somebody",
  grants: { "*": "admin" },
};

/** A service over a folder; closed when the test is over. */
export function serviceOver(folder: string): Service {
  const service = createService({
    executor: createInlineExecutor({}),
    workspaces: workspacesOf([{ path: folder, home: undefined }]),
    version: "0.0.0",
    shutdown_ms: 1000,
  });
  onTestFinished(() => service.close());
  return service;
}

export interface HttpServer {
  url: string;
  errors: Error[];
}

/** `/mcp` over HTTP, with the checks of Host and Origin that its server does before. */
export async function serveOverHttp(
  service: Service,
  { caller = localCaller, tools = [] }: { caller?: Caller; tools?: readonly string[] } = {},
): Promise<HttpServer> {
  const errors: Error[] = [];
  const handler = createMcpHandler({
    service,
    tools: createToolSet(tools),
    max_body_bytes: 2 ** 20,
    report: (error) => errors.push(error),
  });
  const isOurHost = localhostHostValidation();
  const isOurOrigin = localhostOriginValidation();
  const url = await listen((request, response) => {
    if (isOurHost(request, response) && isOurOrigin(request, response))
      handler.handle(request, response, { caller }).catch((error) => errors.push(error));
  });
  onTestFinished(() => handler.close());
  return { url, errors };
}

/** On a free port of this machine until the test is over. */
async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

export interface Message {
  id?: string | number | null;
  method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the protocol has there
  params?: any;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the protocol has there
  result?: any;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the protocol has there
  error?: { code: number; message: string; data?: any };
}

/** `momo mcp` as a process, with nothing of a client between it and the test. */
export interface PipedServer {
  child: ChildProcessWithoutNullStreams;
  /** Every line of its standard output so far. */
  lines: string[];
  stderr(): string;
  write(text: string): void;
  send(message: object): void;
  /** Resolves with the answer, an error too. */
  ask(method: string, params?: object): Promise<Message>;
  /** The next message that fits, past ones included. */
  message(fits: (message: Message) => boolean): Promise<Message>;
  /** Closes its input and waits for its end. */
  end(): Promise<number | null>;
}

export function startPiped(args: readonly string[], env: Record<string, string> = {}): PipedServer {
  const child = spawn(process.execPath, [binary, "mcp", ...args], { env: cleanEnvironment(env) });
  const exited = once(child, "close").then(([code]) => code as number | null);
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  let rest = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    for (const look of [...watchers]) look();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // A server that ended does not read what is still written to it.
  child.stdin.on("error", () => undefined);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const message = (fits: (message: Message) => boolean): Promise<Message> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.map((line) => JSON.parse(line) as Message).find(fits);
        if (!found) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      void exited.then((code) => reject(new Error(`the server ended with ${code}: ${stderr}`)));
      look();
    });
  const write = (text: string): void => void child.stdin.write(text);
  const send = (one: object): void => write(`${JSON.stringify({ jsonrpc: "2.0", ...one })}\n`);
  let id = 0;
  return {
    child,
    lines,
    write,
    send,
    message,
    stderr: () => stderr,
    ask: (method, params = {}) => {
      const own = `ask-${++id}`;
      send({ id: own, method, params });
      return message((one) => one.id === own && one.method === undefined);
    },
    end: () => {
      child.stdin.end();
      return exited;
    },
  };
}

export const hello = {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "probe", version: "1.0.0" },
};

/** A piped server after the handshake of revision 2025-11-25. */
export async function startLegacy(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<PipedServer> {
  const server = startPiped(args, env);
  await server.ask("initialize", hello);
  server.send({ method: "notifications/initialized" });
  return server;
}

/** What a request of revision 2026-07-28 carries. */
export const envelope = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "modern-probe", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** Posts over HTTP reach a server over pipes: each `initialize` a new one, requests without it one that stays. */
export async function bridgeOverPipes(args: readonly string[]): Promise<string> {
  let modern: PipedServer | undefined;
  let legacy: PipedServer | undefined;
  let number = 0;
  const serverFor = (message: Message): PipedServer => {
    if (message.method === "initialize") {
      void legacy?.end();
      legacy = startPiped(args);
      return legacy;
    }
    // A connection stays in the revision of its first message.
    if (message.params?._meta?.["io.modelcontextprotocol/protocolVersion"] === undefined) {
      legacy ??= startPiped(args);
      return legacy;
    }
    modern ??= startPiped(args);
    return modern;
  };
  return listen(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (request.method !== "POST") return void response.writeHead(405).end();
    const message = JSON.parse(Buffer.concat(parts).toString("utf8")) as Message;
    const server = serverFor(message);
    if (message.id === undefined) {
      server.send(message);
      return void response.writeHead(202).end();
    }
    // Ids of different clients may be the same.
    const id = `bridge-${++number}`;
    server.send({ ...message, id });
    // What stays open until the client ends it (subscriptions/listen) has no answer.
    const answer = await server
      .message((one) => one.id === id && one.method === undefined)
      .catch(() => undefined);
    if (!answer) return void response.destroy();
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...answer, id: message.id }));
  });
}
