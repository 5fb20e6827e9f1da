/** MCP servers for the tests: the program over its pipes, and the handler over HTTP on a free port of this machine. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { localhostHostValidation, localhostOriginValidation } from "@modelcontextprotocol/node";
import { onTestFinished } from "vitest";
import { createMcpHandler } from "../src/mcp/http.ts";
import { createToolSet } from "../src/mcp/tool-set.ts";
import { createService } from "../src/service/create.ts";
import { createInlineExecutor } from "../src/service/inline.ts";
import type { Caller, Service } from "../src/service/service.ts";
import { workspacesOf } from "../src/service/workspaces.ts";

export const localCaller: Caller = {
  agent: "somebody",
  principal: "local:somebody",
  grants: { "*": "admin" },
  trusted: true,
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
    ...{ service, tools: createToolSet(tools), max_body_bytes: 2 ** 20 },
    report: (error) => errors.push(error),
  });
  const isOurHost = localhostHostValidation();
  const isOurOrigin = localhostOriginValidation();
  const server = createServer((request, response) => {
    if (isOurHost(request, response) && isOurOrigin(request, response))
      handler.handle(request, response, { caller }).catch((error) => errors.push(error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    await handler.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, errors };
}
