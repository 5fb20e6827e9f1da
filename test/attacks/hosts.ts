/** DNS rebinding and pages of other origins: every route is asked under another name, and from another page. */
import { ownRoutes } from "../../src/http/own-routes.ts";
import { routes } from "../../src/http/routes.ts";
import { type Attack, asks, sends } from "./wire.ts";

const everyRoute = [...routes, ...ownRoutes].map(({ method, path }) => ({
  line: `${method} ${path.replace(/\{\w+\}/g, "x")}`,
  body: method === "GET" || method === "DELETE" ? undefined : "{}",
}));

const upgrade = [
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
];

const hosts = [
  "evil.test",
  "127.0.0.1.evil.test",
  "localhost.evil.test",
  "evil.test:80",
  "user@127.0.0.1",
  "127.0.0.1@evil.test",
  "127.0.0.1#evil.test",
  "127.0.0.1/evil.test",
  "2130706433",
  "0x7f000001",
  "0.0.0.0",
  "[::ffff:6.6.6.6]",
  "127.0.0.1,evil.test",
  "127.0.0.1 evil.test",
  "localhost:99999",
  "localhost:port",
  "a".repeat(3000),
];

const origins = [
  "http://evil.test",
  "https://127.0.0.1.evil.test",
  "null",
  "file://",
  "http://localhost:1",
  "http://127.0.0.1",
  "chrome-extension://abcdef",
  "http://evil.test, http://127.0.0.1",
  "http://evil.test http://127.0.0.1",
  "*",
  "http://",
];

export const rebinding: readonly Attack[] = [
  ...everyRoute.flatMap(({ line, body }) => [
    asks(`${line} under another name`, line, { host: "evil.test", body, expect: 403 }),
    asks(`${line} from another page`, line, { headers: ["Origin: http://evil.test"], body, expect: 403 }),
  ]),
  ...hosts.map((host) => asks(`called ${host.slice(0, 40)}`, "GET /stats", { host, expect: [400, 403] })),
  ...hosts
    .slice(0, 3)
    .map((host) => asks(`metrics of ${host}`, "GET /metrics", { host, expect: [400, 403] })),
  ...origins.map((origin) =>
    asks(`page ${origin}`, "GET /stats", { headers: [`Origin: ${origin}`], expect: [400, 403] }),
  ),
  ...origins.slice(0, 5).map((origin) =>
    asks(`page ${origin} asks beforehand`, "OPTIONS /query", {
      headers: [`Origin: ${origin}`, "Access-Control-Request-Method: POST"],
      expect: 403,
      never: /access-control-allow-origin/i,
    }),
  ),
  asks("a WebSocket under another name", "GET /live", { host: "evil.test", headers: upgrade, expect: 403 }),
  asks("a WebSocket of another page", "GET /live", {
    headers: ["Origin: http://evil.test", ...upgrade],
    expect: 403,
  }),
  asks("a WebSocket of a page without a name", "GET /live", {
    headers: ["Origin: null", ...upgrade],
    expect: 403,
  }),
  asks("two names", "GET /stats", { headers: ["Host: evil.test"], expect: [400, 403] }),
  asks("two origins", "GET /stats", {
    headers: ["Origin: http://evil.test", "Origin: http://127.0.0.1"],
    expect: [400, 403],
  }),
  asks("another name in the address", "GET http://evil.test/stats", { expect: [400, 403] }),
  asks("another name in the address of a WebSocket", "GET http://evil.test/live", {
    headers: upgrade,
    expect: [400, 403],
  }),
  asks("another name by what a proxy says", "GET /health/live", {
    host: "evil.test",
    headers: ["X-Forwarded-Host: 127.0.0.1", "Forwarded: host=127.0.0.1"],
    expect: 403,
  }),
  sends(
    "no name",
    ({ keys }) => `GET /stats HTTP/1.1\r\nAuthorization: Bearer ${keys.admin}\r\nConnection: close\r\n\r\n`,
    {
      expect: [400, 403],
    },
  ),
  sends("an empty name", () => "GET /stats HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", {
    expect: [400, 403],
  }),
  sends("no name in HTTP/1.0", () => "GET /stats HTTP/1.0\r\n\r\n", { expect: [400, 403] }),
];
