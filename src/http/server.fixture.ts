/** A real server over a real knowledge base in a folder of its own, for the tests of this room and of test/. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadConfig } from "../config/config.ts";
import { MomoError } from "../errors.ts";
import { createService } from "../service/create.ts";
import { createInlineExecutor } from "../service/inline.ts";
import type { Caller, Service } from "../service/service.ts";
import { workspacesOf } from "../service/workspaces.ts";
import type { HttpOptions, HttpServer, HttpSettings } from "./options.ts";
import { createHttpServer } from "./server.ts";

export const files: Readonly<Record<string, string>> = {
  "src/parse.ts":
    "/** Turns text into tokens. */\nexport function parseTokens(text: string): string[] {\n  return text.split(/\\s+/);\n}\n",
  "src/errors.ts":
    "/** An error with a code. */\nexport class CodedError extends Error {\n  code = 1;\n}\n\nexport function exitCode(error: CodedError): number {\n  return error.code;\n}\n",
  "README.md": "# Example\n\nTokens are parsed, errors become exit codes.\n",
};

export const localUser: Caller = {
  agent: "ada",
  principal: "local:ada",
  grants: { "*": "admin" },
};

export interface Started extends AsyncDisposable {
  server: HttpServer;
  service: Service;
  root: string;
  url: string;
}

export interface StartOptions extends Partial<Omit<HttpOptions, "settings">> {
  settings?: Partial<HttpSettings>;
  service?: (service: Service) => Service;
  /** Settings of the knowledge base. */
  config?: Record<string, unknown>;
}

/** Stands in for the room mcp: one tool that searches. */
const tools = (service: Service): Pick<HttpOptions, "callTool" | "mcp"> => ({
  callTool: async ({ tool, arguments: input, ...call }) => {
    if (tool !== "search") throw new MomoError("TOOL_UNKNOWN", { tool, hint: "use search" });
    const { json } = await service.call({ ...call, command: "search", input });
    return { content: [{ type: "text", text: json }] };
  },
  mcp: {
    handle: async (_request, response, { body, caller }) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ body, agent: caller.agent }));
    },
  },
});

export async function startServer({
  settings,
  service: wrap,
  config: kept,
  ...given
}: StartOptions = {}): Promise<Started> {
  const root = mkdtempSync(join(tmpdir(), "momo-http-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  if (kept) {
    mkdirSync(join(root, ".momo"));
    writeFileSync(join(root, ".momo", "config.json"), JSON.stringify(kept));
  }
  const real = createService({
    executor: createInlineExecutor({}),
    workspaces: workspacesOf([{ path: root, home: undefined }]),
    version: "1.2.3",
    shutdown_ms: 1000,
  });
  const service = wrap?.(real) ?? real;
  const config = loadConfig(undefined, {}).values;
  const server = await createHttpServer(service, {
    guard: { checkHost: () => undefined, checkOrigin: () => undefined },
    authenticate: async () => localUser,
    needsKeys: () => false,
    ...tools(service),
    ...given,
    settings: { ...config, api_port: 0, ...settings },
  });
  await server.listen();
  return {
    server,
    service,
    root,
    url: server.url,
    async [Symbol.asyncDispose]() {
      await server.close();
      await service.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body as JSON; undefined where it is none. */
  json: unknown;
}

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  /** An object is sent as JSON, text and bytes as they are. */
  body?: unknown;
}

function bodyOf(body: unknown): { bytes?: Buffer | string; headers: Record<string, string> } {
  if (body === undefined) return { headers: {} };
  if (typeof body === "string" || Buffer.isBuffer(body))
    return { bytes: body, headers: { "content-length": String(Buffer.byteLength(body)) } };
  const { bytes, headers } = bodyOf(JSON.stringify(body));
  return { bytes: bytes!, headers: { ...headers, "content-type": "application/json" } };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One request; the path goes out exactly as it is given. A connection of its own, which is closed. */
export function ask(base: string, path: string, { method, headers = {}, body }: Ask = {}): Promise<Answer> {
  const { bytes, headers: own } = bodyOf(body);
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        hostname,
        port,
        path,
        agent: false,
        method: method ?? (body === undefined ? "GET" : "POST"),
        headers: { ...own, ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: jsonOf(text) });
        });
      },
    );
    sent.on("error", reject);
    if (bytes !== undefined) sent.write(bytes);
    sent.end();
  });
}
