/**
 * Attacks on a server that is really started, over its socket. Each has the answers that are right; after each the
 * server still answers. In the end it never failed, never crashed, did not grow, and its records are whole.
 */
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agents } from "./attacks/agents.ts";
import { bodies } from "./attacks/bodies.ts";
import { credentials, token } from "./attacks/credentials.ts";
import { rebinding } from "./attacks/hosts.ts";
import { paths } from "./attacks/paths.ts";
import { protocol } from "./attacks/protocol.ts";
import { sockets } from "./attacks/sockets.ts";
import { texts } from "./attacks/texts.ts";
import { type Attack, exchange, request, type World } from "./attacks/wire.ts";
import { isLong, momo } from "./momo-process.ts";
import { indexedShop, makeKeys, type Serving, serve, spentKeys } from "./serving.ts";

const tables = { paths, rebinding, credentials, protocol, bodies, texts, agents, sockets };
const JWT_SECRET = "a secret of the tests, of 32 bytes and more";

let parent: string;
let serving: Serving;
let world: World;
let before: number;
const statuses: number[] = [];

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), "momo-attacks-"));
  const { root, outside } = await indexedShop(parent);
  const home = join(root, ".momo");
  const granted = makeKeys(home, {
    reader: { shop: "reader" },
    writer: { shop: "writer" },
    admin: { "*": "admin" },
    elsewhere: { bank: "admin" },
  });
  const keys = { ...granted, ...spentKeys(home) };
  serving = await serve([root], {
    MOMO_JWT_SECRET: JWT_SECRET,
    // So many attempts would only meet the limit of a minute.
    MOMO_RATE_LIMIT: "1000000",
    // A text that costs more than this is an attack that succeeded.
    MOMO_QUERY_TIMEOUT_SECONDS: "10",
  });
  const { port, host } = serving;
  world = { port, host, keys, root, outside, jwt_secret: JWT_SECRET };
  before = await memory();
});

afterAll(async () => {
  await serving?.stop();
  rmSync(parent, { recursive: true, force: true });
});

async function read(path: string): Promise<string> {
  const response = await fetch(`http://${world.host}${path}`, {
    headers: { authorization: `Bearer ${world.keys.admin}` },
  });
  return response.text();
}

const get = async <T>(path: string): Promise<T> => JSON.parse(await read(path)) as T;

/** Bytes of the process, as it counts them itself. */
const memory = async (): Promise<number> =>
  Number(/^momo_process_resident_memory_bytes (\S+)$/m.exec(await read("/metrics"))?.[1]);

/** Of a server, a path of it or the place of an error in its source; a key. */
const TOLD = /node:internal|\/dist\/|\n +at \S+ \(|node_modules|-----BEGIN/;

async function attack({ run, expect: expected, never }: Attack): Promise<void> {
  const { statuses: answered, text } = await run(world);
  statuses.push(...answered);
  for (const status of answered.length > 0 ? answered : [0])
    expect(expected, `answered ${answered}: ${text.slice(0, 1500)}`).toContain(status);
  expect(text).not.toMatch(TOLD);
  if (never) expect(text).not.toMatch(never);
  const alive = await exchange({
    port: world.port,
    bytes: request(world, "GET /health/live", { key: null }),
    patience_ms: 10_000,
  });
  expect(alive.statuses, "the server answers after it").toEqual([200]);
}

for (const [name, table] of Object.entries(tables))
  describe(name, () => {
    for (const one of table) test(one.name, () => attack(one));
  });

test("what is not an attack is answered: a key, a token, a search", async () => {
  // What an attack did with the rights of an admin is done: patterns that match nothing leave an empty index.
  const again = await exchange({
    port: world.port,
    bytes: request(world, "POST /ingest", { body: "{}" }),
  });
  expect(again.statuses).toEqual([200]);
  for (const bearer of [world.keys.admin, token(world)]) {
    const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
    const asked = { method: "POST", headers, body: '{"query": "retry policy"}' };
    const response = await fetch(`http://${world.host}/query`, asked);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("src/retry.ts");
    expect((await fetch(`http://${world.host}/config`, { headers })).status).toBe(200);
  }
});

test("a public key is no secret: a token that was signed with it is refused", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const file = join(mkdtempSync(join(parent, "keys-")), "keys.json");
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" };
  writeFileSync(file, JSON.stringify({ keys: [jwk] }));
  const other = await serve([world.root], { MOMO_JWT_ALGORITHM: "RS256", MOMO_JWT_KEYS: file });
  try {
    const status = async (bearer: string): Promise<number> => {
      const headers = { authorization: `Bearer ${bearer}` };
      return (await fetch(`http://${other.host}/config`, { headers })).status;
    };
    const unsigned = token(world, { header: { alg: "RS256", kid: "one" } }).replace(/[^.]+$/, "");
    const signature = sign("sha256", Buffer.from(unsigned.slice(0, -1)), privateKey).toString("base64url");
    expect(await status(unsigned + signature)).toBe(200);
    const publicTexts = [
      publicKey.export({ format: "pem", type: "spki" }).toString(),
      publicKey.export({ format: "pem", type: "pkcs1" }).toString(),
      JSON.stringify(jwk),
    ];
    for (const secret of publicTexts)
      for (const alg of ["HS256", "RS256"])
        expect(await status(token(world, { header: { alg, kid: "one" }, secret }))).toBe(401);
    for (const alg of ["none", "PS256", "ES256"])
      expect(await status(token(world, { header: { alg, kid: "one" } }).replace(/[^.]+$/, signature))).toBe(
        401,
      );
  } finally {
    await other.stop();
    rmSync(dirname(file), { recursive: true });
  }
});

test("300 senders that never get to the point keep nobody waiting", async () => {
  const idle = Array.from({ length: 300 }, (_, at) => {
    const socket = connect(world.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(
      at % 2 === 0
        ? "GET /stats HTT"
        : request(world, "POST /query", { headers: ["Content-Type: application/json", "Content-Length: 9"] }),
    );
    return socket;
  });
  const ended = idle.map((socket) => once(socket.resume(), "close"));
  await Promise.all(idle.map((socket) => (socket.connecting ? once(socket, "connect") : undefined)));
  const asked = request(world, "POST /query", { body: '{"query": "retry"}' });
  for (let at = 0; at < 20; at++)
    expect((await exchange({ port: world.port, bytes: asked })).statuses).toEqual([200]);
  // How long the server puts up with them is in seconds, up to a minute.
  if (!isLong) for (const socket of idle) socket.destroy();
  await Promise.all(ended);
}, 120_000);

test("150 requests one after the other on one connection are answered one after the other", async () => {
  const one = `GET /health/live HTTP/1.1\r\nHost: ${world.host}\r\n\r\n`;
  const bytes = [one.repeat(149), request(world, "GET /config", { key: "reader" })];
  const { statuses: answered } = await exchange({ port: world.port, bytes });
  expect(answered).toEqual([...Array(149).fill(200), 403]);
});

test("there were enough of them, and none made the server fail", async () => {
  const all = Object.values(tables).flat();
  expect(all.length).toBeGreaterThan(300);
  expect(statuses.length).toBeGreaterThanOrEqual(all.length * 0.9);
  expect(statuses.filter((status) => status >= 500 && status < 600)).toEqual([]);
  expect(serving.child.exitCode).toBeNull();
  const failures = serving
    .log()
    .split("\n")
    .filter((line) => /"level":"?(error|critical|50|60)/.test(line));
  expect(failures).toEqual([]);
});

test("nothing lies where it should not, and no object has what was given to all of them", async () => {
  expect(readdirSync(parent).sort()).toEqual(["outside", "shop"]);
  expect(readdirSync(world.outside)).toEqual(["secret.md"]);
  expect(JSON.stringify(await get("/stats"))).not.toContain("polluted");
  expect(JSON.stringify(await get("/entries"))).not.toContain("CANARY");
});

test("the server did not grow, and its records are whole", async () => {
  expect((await memory()) - before).toBeLessThan(400 * 2 ** 20);
  expect(await get("/audit/verify")).toMatchObject({ ok: true });
  expect(await serving.stop()).toBe(0);
  const { code, stdout, stderr } = await momo(["audit", "verify"], { cwd: world.root });
  expect({ code, stderr }, stdout).toMatchObject({ code: 0 });
});

test("no key, no token and no secret stands in its log", () => {
  for (const secret of [...Object.values(world.keys), JWT_SECRET, token(world).split(".")[2]!])
    expect(serving.log().includes(secret)).toBe(false);
});
