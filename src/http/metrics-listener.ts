/** The metrics alone, on a port of this machine of their own and without a key. Used by server.ts. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { MomoError } from "../errors.ts";
import { checkSource } from "./guard.ts";
import { MAX_HEADER_BYTES, timing } from "./limits.ts";
import type { HttpOptions } from "./options.ts";
import { problemOf } from "./problem.ts";

export interface MetricsListener {
  listen(): Promise<void>;
  close(): Promise<void>;
  readonly url: string;
}

const HOST = "127.0.0.1";

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new MomoError("PORT_TAKEN", { host: HOST, port }) : error),
    );
    server.listen(port, HOST, resolve);
  });
}

/** undefined where the setting names no port. */
export function openMetricsListener(options: HttpOptions): MetricsListener | undefined {
  const { metrics, settings } = options;
  if (settings.metrics_port === 0 || !metrics) return undefined;
  const times = { ...timing, ...options.timing };
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: times.headers_ms, requestTimeout: times.request_ms },
    async (request, response) => {
      const { method = "", url = "" } = request;
      try {
        checkSource(request, options);
        if (url !== "/metrics") throw new MomoError("ROUTE_UNKNOWN", { method, path: url.slice(0, 100) });
        if (method !== "GET" && method !== "HEAD")
          throw new MomoError("METHOD_UNKNOWN", { method, path: url, allowed: "GET, HEAD" });
        const text = await metrics.text();
        response.writeHead(200, { "content-type": metrics.content_type, "cache-control": "no-store" });
        response.end(method === "HEAD" ? undefined : text);
      } catch (error) {
        const problem = problemOf(error, { instance: "/metrics", request_id: "" });
        response.writeHead(problem.status, { "content-type": "application/problem+json" });
        response.end(JSON.stringify(problem));
      }
    },
  );
  return {
    listen: () => listenOn(server, settings.metrics_port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    get url() {
      return `http://${HOST}:${(server.address() as AddressInfo).port}/metrics`;
    },
  };
}
