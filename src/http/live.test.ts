/** /live as its clients see it: what they are told, and how a connection ends. */
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { type Change, type Client, type LiveServer, startLive } from "./live.fixture.ts";

const seqs = (messages: readonly Record<string, unknown>[]): unknown[] =>
  messages.filter(({ type }) => type === "change").map(({ seq }) => seq);
const seqsOf = (changes: readonly Change[]): number[] => changes.map(({ seq }) => seq);

/** Takes messages until the change with that number. */
async function changesUntil(client: Client, last: number): Promise<unknown[]> {
  const found: unknown[] = [];
  while (found.at(-1) !== last) found.push(...seqs([await client.next()]));
  return found;
}

async function subscribed(client: Client, message: Record<string, unknown> = {}): Promise<Client> {
  client.say({ type: "subscribe", ...message });
  await client.until("ready");
  return client;
}

test("from now on: ready says where now is, then each change comes as the service tells it", async () => {
  const live = await startLive();
  live.commit();
  const client = await live.connect();
  client.say({ type: "subscribe" });
  expect(await client.next()).toEqual({ type: "ready", workspace: "shop", seq: 3 });
  const change = live.commit("shop", "a reason");
  expect(await client.next()).toEqual(change);
  expect(change).toMatchObject({ seq: 6, intent: "a reason" });
});

test("after a number: everything later in order, more than a batch, then ready, then what happens", async () => {
  const live = await startLive();
  for (let at = 0; at < 700; at++) live.commit();
  const client = await live.connect();
  client.say({ type: "subscribe", workspace: "shop", after: 30 });
  const replayed = await client.until("ready");
  expect(seqs(replayed)).toEqual(seqsOf(live.changes()).slice(10));
  expect(replayed.at(-1)).toEqual({ type: "ready", workspace: "shop", seq: 2100 });
  live.commit();
  expect(await client.next()).toMatchObject({ seq: 2103 });
});

test("what changes while older changes are read comes once and in order, wherever it falls", async () => {
  const live = await startLive();
  const moments = fc.record({
    before: fc.array(fc.nat(2), { maxLength: 6 }),
    after: fc.array(fc.nat(2), { maxLength: 6 }),
    old: fc.nat(300),
    resume: fc.nat(300),
  });
  const exactlyOnce = async ({
    before,
    after,
    old,
    resume,
  }: typeof moments extends fc.Arbitrary<infer T> ? T : never) => {
    for (let at = 0; at < old; at++) live.commit();
    const all = seqsOf(live.changes());
    const from = all[Math.min(resume, all.length - 1)] ?? 0;
    const commitSome = (queue: number[]) => async () => {
      for (let at = queue.shift() ?? 0; at > 0; at--) live.commit();
      await pause(0);
    };
    live.hooks.beforeRead = commitSome(before);
    live.hooks.afterRead = commitSome(after);
    const client = await live.connect();
    client.say({ type: "subscribe", after: from });
    await pause(1);
    live.commit();
    const got: unknown[] = [];
    while (got.at(-1) !== live.changes().at(-1)!.seq) got.push(...seqs([await client.next()]));
    expect(got).toEqual(seqsOf(live.changes()).filter((seq) => seq > from));
    client.socket.close();
    await client.closed;
    live.hooks = {};
  };
  await fc.assert(fc.asyncProperty(moments, exactlyOnce), { numRuns: 40 });
});

/** Holds the next read that gets there until it is let go. */
function hold(live: LiveServer, moment: "beforeRead" | "afterRead") {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: gone, resolve: letGo } = Promise.withResolvers<void>();
  live.hooks[moment] = () => {
    live.hooks[moment] = undefined;
    arrive();
    return gone;
  };
  return { arrived, letGo };
}

test("a change is not lost on who would share a read that began before it", async () => {
  const live = await startLive();
  const waiting = await subscribed(await live.connect());
  const held = hold(live, "afterRead");
  const beginning = await live.connect();
  beginning.say({ type: "subscribe" });
  await held.arrived;
  const change = live.commit();
  held.letGo();
  expect(await waiting.next()).toEqual(change);
  expect(seqs(await beginning.until("ready"))).toEqual([]);
  expect(await beginning.next()).toEqual(change);
});

test("a client that comes back names the last change it has and misses nothing", async () => {
  const live = await startLive();
  const first = await subscribed(await live.connect());
  const early = [live.commit(), live.commit()];
  expect(await changesUntil(first, early[1]!.seq)).toEqual(seqsOf(early));
  first.socket.terminate();
  const missed = [live.commit(), live.commit(), live.commit()];
  const again = await live.connect();
  again.say({ type: "subscribe", after: early[1]!.seq });
  expect(seqs(await again.until("ready"))).toEqual(seqsOf(missed));
});

test("subscribers of one workspace are told the same from one read, those of another nothing of it", async () => {
  const live = await startLive();
  const readers = await Promise.all([1, 2, 3].map(async () => subscribed(await live.connect())));
  const other = await live.connect({ headers: { authorization: "Bearer root" } });
  await subscribed(other, { workspace: "bank" });
  const before = live.reads();
  const change = live.commit();
  for (const reader of readers) expect(await reader.next()).toEqual(change);
  expect(live.reads() - before).toBe(1);
  const own = live.commit("bank");
  expect(await other.next()).toEqual(own);
  await subscribed(other, { workspace: "shop" });
  live.commit();
  expect(await other.next()).toMatchObject({ workspace: "shop" });
});

test("progress is told to those who follow the workspace, once they are ready", async () => {
  const live = await startLive();
  const client = await live.connect();
  const progress = {
    type: "progress",
    request_id: "r1",
    phase: "reading",
    done: 1,
    total: 2,
    bytes: 3,
  } as const;
  const held = hold(live, "beforeRead");
  client.say({ type: "subscribe" });
  await held.arrived;
  live.tell({ ...progress, workspace: "shop" });
  held.letGo();
  expect(await client.next()).toMatchObject({ type: "ready" });
  live.tell({ ...progress, workspace: "bank" });
  live.tell({ ...progress, workspace: "shop" });
  expect(await client.next()).toEqual({ ...progress, workspace: "shop" });
});

const wrongMessages: Record<string, { message: string; code: string; error?: RegExp }> = {
  "not JSON": { message: "{", code: "BODY_INVALID", error: /JSON object, as in/ },
  "a list": { message: "[]", code: "BODY_INVALID" },
  null: { message: "null", code: "BODY_INVALID" },
  "no type": { message: "{}", code: "BODY_INVALID", error: /type is subscribe/ },
  "another type": { message: '{"type":"publish"}', code: "BODY_INVALID" },
  "a field too many": { message: '{"type":"subscribe","limit":1}', code: "BODY_INVALID" },
  "a prototype": { message: '{"type":"subscribe","__proto__":{"after":1}}', code: "BODY_INVALID" },
  "workspace a number": { message: '{"type":"subscribe","workspace":1}', code: "BODY_INVALID" },
  "after a text": { message: '{"type":"subscribe","after":"1"}', code: "BODY_INVALID" },
  "after negative": { message: '{"type":"subscribe","after":-1}', code: "BODY_INVALID" },
  "after a fraction": { message: '{"type":"subscribe","after":1.5}', code: "BODY_INVALID" },
  "after huge": { message: '{"type":"subscribe","after":1e300}', code: "BODY_INVALID" },
  "after what is not there": {
    message: '{"type":"subscribe","after":99}',
    code: "VALUE_INVALID",
    error: /the last one is 3/,
  },
  "a workspace of others": { message: '{"type":"subscribe","workspace":"bank"}', code: "FORBIDDEN" },
  "a workspace nobody has": { message: '{"type":"subscribe","workspace":"nowhere"}', code: "FORBIDDEN" },
};
for (const [name, { message, code, error }] of Object.entries(wrongMessages)) {
  test(`a wrong message is answered and the connection goes on: ${name}`, async () => {
    const live = await startLive();
    live.commit();
    const client = await live.connect();
    client.say(message);
    const answer = await client.next();
    expect(answer).toMatchObject({ type: "error", code });
    if (error) expect(answer.error).toMatch(error);
    await subscribed(client);
  });
}

test("who may read everything is told which workspaces there are; nobody follows one twice", async () => {
  const live = await startLive();
  const client = await live.connect({ headers: { authorization: "Bearer root" } });
  client.say({ type: "subscribe", workspace: "nowhere" });
  expect(await client.next()).toMatchObject({ code: "WORKSPACE_UNKNOWN", error: /shop, bank/ });
  client.say({ type: "subscribe" });
  client.say({ type: "subscribe" });
  expect(await client.until("error")).toContainEqual(
    expect.objectContaining({ type: "error", error: expect.stringMatching(/follows shop already/) }),
  );
});

test("a key without a role connects and follows nothing", async () => {
  const live = await startLive();
  const client = await live.connect({ headers: { authorization: "Bearer none" } });
  client.say({ type: "subscribe" });
  expect(await client.next()).toMatchObject({ type: "error", code: "FORBIDDEN" });
});

test("binary, oversized, flooding and pinging clients are shown out with the code that says why", async () => {
  const live = await startLive({ messages: 5, max_payload_bytes: 100 });
  const binary = await live.connect();
  binary.socket.send(Buffer.from('{"type":"subscribe"}'));
  expect(await binary.closed).toEqual({ code: 1003, reason: "messages are text" });
  const oversized = await live.connect();
  oversized.say("x".repeat(101));
  expect((await oversized.closed).code).toBe(1009);
  const flooding = await live.connect();
  for (let at = 0; at < 5000; at++) flooding.say("{}");
  expect((await flooding.closed).code).toBe(1008);
  expect(flooding.left()).toHaveLength(5);
  const pinging = await live.connect();
  for (let at = 0; at < 5000; at++) pinging.socket.ping();
  expect((await pinging.closed).code).toBe(1008);
  await subscribed(await live.connect());
});

test("bytes that are no frames end the connection and nothing else", async () => {
  const live = await startLive({ close_ms: 50 });
  const client = await live.connect();
  const { _socket: raw } = client.socket as unknown as { _socket: import("node:net").Socket };
  raw.write(Buffer.alloc(4096, 0xff));
  expect((await client.closed).code).toBe(1002);
  await subscribed(await live.connect());
});

test("who really does not read is told to come back, with the place to go on from; others are not held up", async () => {
  const live = await startLive({ lag_ms: 3000, close_ms: 30_000 });
  const slow = await subscribed(await live.connect());
  const quick = await subscribed(await live.connect());
  slow.socket.pause();
  const changes = Array.from({ length: 200 }, () => live.commit("shop", "x".repeat(100_000)));
  expect(await changesUntil(quick, changes.at(-1)!.seq)).toEqual(seqsOf(changes));
  const connections = [...live.app.websocketServer.clients];
  await vi.waitFor(() => expect(connections.filter((one) => one.readyState === 1)).toHaveLength(1), 20_000);
  slow.socket.resume();
  const got = await slow.until("lagging");
  const { seq } = got.at(-1)! as { seq: number };
  expect(got.at(-1)).toEqual({ type: "lagging", workspace: "shop", seq });
  expect(await slow.closed).toMatchObject({ code: 1013 });
  expect(seqs(got)).toEqual(seqsOf(changes).filter((one) => one <= seq));
  const again = await live.connect();
  again.say({ type: "subscribe", after: seq });
  expect(seqs(await again.until("ready"))).toEqual(seqsOf(changes).filter((one) => one > seq));
});

test("who never reads again is cut off", async () => {
  const live = await startLive({ lag_ms: 50, close_ms: 50 });
  const slow = await subscribed(await live.connect());
  slow.socket.pause();
  for (let at = 0; at < 300; at++) live.commit("shop", "x".repeat(100_000));
  await vi.waitFor(() => expect(live.app.websocketServer.clients.size).toBe(0), 20_000);
});

test("who does not answer a heartbeat is gone; who does stays", async () => {
  const live = await startLive({ heartbeat_ms: 40 });
  const awake = await live.connect();
  const asleep = await live.connect({ autoPong: false });
  expect((await asleep.closed).code).toBe(1006);
  await subscribed(awake);
});

test("a key that is revoked, or loses its role, ends its connections at the next heartbeat", async () => {
  const live = await startLive({ heartbeat_ms: 40 });
  const client = await subscribed(await live.connect());
  const other = await subscribed(await live.connect({ headers: { authorization: "Bearer root" } }));
  live.keys.set("ann", { bank: "admin" });
  expect((await client.until("error")).at(-1)).toMatchObject({ code: "FORBIDDEN" });
  expect((await client.closed).code).toBe(1008);
  live.keys.delete("root");
  expect((await other.until("error")).at(-1)).toMatchObject({ code: "UNAUTHORIZED" });
  expect(await other.closed).toMatchObject({ code: 1008, reason: /not known/ });
});

test("a journal that cannot be read ends the connection without saying more than that", async () => {
  const live = await startLive();
  const client = await subscribed(await live.connect());
  live.hooks.beforeRead = () => {
    throw new Error("disk on fire at /secret/path");
  };
  live.commit();
  expect(await client.next()).toEqual({ type: "error", code: "INTERNAL", error: "the server failed" });
  expect((await client.closed).code).toBe(1011);
});

test("a key may come as a subprotocol; the one without the key is answered", async () => {
  const live = await startLive();
  const both = await live.connect({ protocols: ["bearer.ann", "momo"] });
  expect(both.socket.protocol).toBe("momo");
  await subscribed(both);
  const alone = await live.connect({ protocols: ["bearer.ann"] });
  await subscribed(alone);
  await expect(live.connect({ protocols: ["bearer.bob", "momo"] })).rejects.toThrow("status 401");
  const headers = { authorization: "Bearer bob" };
  await expect(live.connect({ headers, protocols: ["bearer.ann"] })).rejects.toThrow("status 401");
});

test("no key or too many connections: no handshake", async () => {
  const live = await startLive({ connections: 3, connections_per_caller: 2 });
  await expect(live.connect({ headers: {} })).rejects.toThrow("status 401");
  const first = await live.connect();
  await live.connect();
  await expect(live.connect()).rejects.toThrow("status 429");
  await live.connect({ headers: { authorization: "Bearer root" } });
  await expect(live.connect({ headers: { authorization: "Bearer none" } })).rejects.toThrow("status 429");
  first.socket.close();
  await first.closed;
  await vi.waitFor(() => live.connect());
});

test("handshakes that fail leave no place taken", async () => {
  const live = await startLive({ connections: 1 });
  for (let at = 0; at < 5; at++) {
    const raw = connectTcp(live.port, "127.0.0.1");
    const head = "GET /live HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ann\r\nConnection: Upgrade";
    raw.end(`${head}\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n`);
    raw.resume();
    await once(raw, "close");
  }
  await vi.waitFor(() => live.connect());
});

test("only /live is a WebSocket: elsewhere the wish is not heard, and /live says what it is", async () => {
  const live = await startLive();
  const base = live.url.replace("ws", "http").replace("/live", "");
  const plain = await fetch(`${base}/live`);
  expect(plain.status).toBe(426);
  expect(plain.headers.get("upgrade")).toBe("websocket");
  for (const path of ["before", "after"]) {
    const raw = connectTcp(live.port, "127.0.0.1");
    const wish = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13";
    raw.end(
      `GET /${path} HTTP/1.1\r\nHost: x\r\n${wish}\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n`,
    );
    let answer = "";
    for await (const part of raw) answer += part;
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toContain(`{"path":"${path}"}`);
  }
  await expect(live.connect({ headers: {} })).rejects.toThrow("status 401");
});

test("the end of the server is told, and a client that ignores it does not hold it up", async () => {
  const live = await startLive({ close_ms: 100 });
  const client = await subscribed(await live.connect());
  const deaf = await subscribed(await live.connect());
  deaf.socket.pause();
  await live.app.close();
  expect(await client.closed).toEqual({ code: 1001, reason: "the server stops" });
  expect(live.listeners.size).toBe(0);
  await vi.waitFor(() => expect(live.app.websocketServer.clients.size).toBe(0));
});
