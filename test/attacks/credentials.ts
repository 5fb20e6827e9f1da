/** Keys and tokens that are forged, cut, old or meant for something else. */
import { createHmac } from "node:crypto";
import { type Attack, asks, exchange, request, type World } from "./wire.ts";

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3600;

interface Forging {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  secret?: string;
  hash?: "sha256" | "sha384" | "sha512";
}

/** A token of an admin, as the server would accept it, but for what is given. */
export function token(
  world: World,
  { header, claims, secret = world.jwt_secret, hash = "sha256" }: Forging = {},
) {
  const body = `${part({ alg: "HS256", typ: "JWT", ...header })}.${part({
    sub: "mallory",
    aud: "momo",
    exp: inAnHour(),
    role: "admin",
    ...claims,
  })}`;
  return `${body}.${createHmac(hash, secret).update(body).digest("base64url")}`;
}

/** GET /config, which only an admin may. */
function bearing(name: string, header: (world: World) => string, expect: readonly number[] = [401]): Attack {
  return {
    name,
    expect,
    run: (world) =>
      exchange({
        port: world.port,
        bytes: request(world, "GET /config", { key: null, headers: [`Authorization: ${header(world)}`] }),
      }),
  };
}
const forged = (name: string, forging: (world: World) => Forging): Attack =>
  bearing(`token: ${name}`, (world) => `Bearer ${token(world, forging(world))}`);

const cut = (text: string): string => text.slice(0, -1);
const other = (letter: string): string => (letter === "A" ? "B" : "A");

const tokens: readonly Attack[] = [
  forged("another secret", () => ({ secret: "x".repeat(32) })),
  forged("an empty secret", () => ({ secret: "" })),
  forged("expired", () => ({ claims: { exp: inAnHour() - 7200 } })),
  forged("expired long ago", () => ({ claims: { exp: 0 } })),
  forged("an end that no clock reaches", () => ({ claims: { exp: 1e300 } })),
  forged("an end that is a text", () => ({ claims: { exp: "never" } })),
  forged("no end", () => ({ claims: { exp: undefined } })),
  forged("not yet good", () => ({ claims: { nbf: inAnHour() } })),
  forged("of nobody", () => ({ claims: { sub: undefined } })),
  forged("of the indexer", () => ({ claims: { sub: "indexer" } })),
  forged("of a name with a line end", () => ({ claims: { sub: "a\nb" } })),
  forged("for another server", () => ({ claims: { aud: "other" } })),
  forged("for nobody", () => ({ claims: { aud: undefined } })),
  forged("a role that there is not", () => ({ claims: { role: "root" } })),
  forged("a list of roles", () => ({ claims: { role: ["admin"] } })),
  forged("no role", () => ({ claims: { role: undefined } })),
  forged("a role of the prototype", () => ({ claims: { role: "constructor" } })),
  forged("grants that are a text", () => ({ claims: { role: undefined, momo: "admin" } })),
  forged("grants of a role that there is not", () => ({ claims: { momo: { "*": "owner" } } })),
  forged("algorithm none", () => ({ header: { alg: "none" } })),
  forged("algorithm NONE", () => ({ header: { alg: "NONE" } })),
  forged("algorithm missing", () => ({ header: { alg: undefined } })),
  forged("algorithm of another length", () => ({ header: { alg: "HS512" }, hash: "sha512" })),
  forged("algorithm with public keys", () => ({ header: { alg: "RS256" } })),
  forged("algorithm that is a number", () => ({ header: { alg: 0 } })),
  forged("its own key", () => ({
    header: { jwk: { kty: "oct", k: Buffer.from("x".repeat(32)).toString("base64url") } },
    secret: "x".repeat(32),
  })),
  forged("a key from an address", () => ({
    header: { jku: "http://127.0.0.1:1/keys.json", x5u: "http://127.0.0.1:1/" },
    secret: "x".repeat(32),
  })),
  forged("a key from a path", () => ({ header: { kid: "../../../../dev/null" }, secret: "" })),
  forged("a key from a database", () => ({ header: { kid: "' UNION SELECT '' --" }, secret: "" })),
  forged("an extension that is critical", () => ({ header: { crit: ["exp"], exp: 1 } })),
  bearing("token: without its signature", (world) => `Bearer ${token(world).replace(/[^.]+$/, "")}`),
  bearing(
    "token: none at all, signed by nobody",
    () => `Bearer ${part({ alg: "none" })}.${part({ sub: "m" })}.`,
  ),
  bearing("token: signature cut", (world) => `Bearer ${cut(token(world))}`),
  bearing("token: four parts", (world) => `Bearer ${token(world)}.e30`),
  bearing("token: claims changed after signing", (world) => {
    const [header, , signature] = token(world, { claims: { role: "reader" } }).split(".");
    const claims = part({ sub: "mallory", aud: "momo", exp: inAnHour(), role: "admin" });
    return `Bearer ${header}.${claims}.${signature}`;
  }),
  bearing("token: 12 KB", (world) => `Bearer ${token(world, { claims: { more: "x".repeat(9000) } })}`),
  bearing("token: three dots", () => "Bearer ..."),
  bearing("token: no JSON", () => "Bearer YQ.YQ.YQ"),
];

const keys: readonly Attack[] = [
  bearing("key: none is given", () => "Bearer "),
  bearing("key: revoked", ({ keys }) => `Bearer ${keys.revoked}`),
  bearing("key: expired", ({ keys }) => `Bearer ${keys.expired}`),
  bearing("key: of a reader", ({ keys }) => `Bearer ${keys.reader}`, [403]),
  bearing("key: of a writer", ({ keys }) => `Bearer ${keys.writer}`, [403]),
  bearing("key: of another workspace", ({ keys }) => `Bearer ${keys.elsewhere}`, [403]),
  bearing("key: cut", ({ keys }) => `Bearer ${cut(keys.admin)}`),
  bearing("key: a letter more", ({ keys }) => `Bearer ${keys.admin}0`),
  bearing("key: last letter changed", ({ keys }) => `Bearer ${cut(keys.admin)}${other(keys.admin.at(-1)!)}`),
  bearing("key: a letter of the secret changed", ({ keys }) => {
    const [momo, id, secret, crc] = keys.admin.split("_") as [string, string, string, string];
    return `Bearer ${[momo, id, `${other(secret[0]!)}${secret.slice(1)}`, crc].join("_")}`;
  }),
  bearing("key: the id of one with the secret of another", ({ keys }) => {
    const [momo, id] = keys.admin.split("_");
    const [, , secret, crc] = keys.reader.split("_");
    return `Bearer ${[momo, id, secret, crc].join("_")}`;
  }),
  bearing("key: small letters", ({ keys }) => `Bearer ${keys.admin.toLowerCase()}`),
  bearing("key: only its id", ({ keys }) => `Bearer ${keys.admin.split("_").slice(0, 2).join("_")}`),
  bearing("key: a list of all", ({ keys }) => `Bearer ${keys.reader},${keys.admin}`),
  bearing("key: in quotes", ({ keys }) => `Bearer "${keys.admin}"`),
  bearing(
    "key: as a password",
    ({ keys }) => `Basic ${Buffer.from(`admin:${keys.admin}`).toString("base64")}`,
  ),
  bearing("key: without saying what it is", ({ keys }) => keys.admin),
  bearing("key: 10 KB", () => `Bearer momo_${"a".repeat(10_000)}`),
  bearing("key: what SQL would read", () => "Bearer ' OR '1'='1"),
  bearing("key: the name of a property", () => "Bearer __proto__"),
  bearing("key: letters beyond ASCII", () => "Bearer momo_\xe4\xf6\xfc"),
  ...(["?key=", "?token=", "?access_token=", "?authorization=Bearer%20"] as const).map(
    (query): Attack => ({
      name: `key: in the address as ${query}`,
      expect: [401],
      run: (world) =>
        exchange({
          port: world.port,
          bytes: request(world, `GET /config${query}${world.keys.admin}`, { key: null }),
        }),
    }),
  ),
  {
    name: "key: in a cookie",
    expect: [401],
    run: (world) =>
      exchange({
        port: world.port,
        bytes: request(world, "GET /config", {
          key: null,
          headers: [`Cookie: key=${world.keys.admin}; authorization=Bearer ${world.keys.admin}`],
        }),
      }),
  },
  {
    name: "key: a second one of another",
    expect: [400, 401, 403],
    run: (world) =>
      exchange({
        port: world.port,
        bytes: request(world, "GET /config", {
          key: "reader",
          headers: [`Authorization: Bearer ${world.keys.admin}`],
        }),
      }),
  },
  asks("key: who another says one is", "GET /config", {
    key: "reader",
    headers: [
      "X-Forwarded-User: admin",
      "X-Role: admin",
      "X-Original-URL: /stats",
      "X-Forwarded-For: 127.0.0.1",
    ],
    expect: 403,
  }),
  asks("key: none for the metrics", "GET /metrics", { key: null, expect: 401 }),
  asks("key: none for tools", "POST /tools/call", {
    key: null,
    body: '{"tool":"search","arguments":{"query":"x"}}',
    expect: 401,
  }),
  asks("key: none for the protocol of agents", "POST /mcp", {
    key: null,
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
    expect: 401,
  }),
];

export const credentials: readonly Attack[] = [...tokens, ...keys];
