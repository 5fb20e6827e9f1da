import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { beforeEach, describe, expect, test } from "vitest";
import { MomoError } from "../errors.ts";
import { embedderContract } from "./embedder.fixture.ts";
import type { Embedder } from "./embedder.ts";
import { DIMENSIONS, json, type StandIn, standInVector, startModelServer } from "./model-server.fixture.ts";
import type { Clock } from "./model-server.ts";
import { openOllama } from "./ollama.ts";
import { openOpenAiCompatible } from "./openai-compatible.ts";
import type { RemoteOptions } from "./remote.ts";

const server: StandIn = await startModelServer();
const KEY = "sk-very-secret-0123456789";

/** Waits are noted and take no time. */
const waits: number[] = [];
const clock: Clock = {
  now: () => Date.parse("2026-01-01T00:00:00Z"),
  wait: async (milliseconds) => void waits.push(milliseconds),
};

const base: Omit<RemoteOptions, "url"> = {
  model: "letters",
  batch: 2,
  timeout_seconds: 30,
  offline: false,
  clock,
};

const strategies = {
  ollama: (more: Partial<RemoteOptions> = {}): Promise<Embedder> =>
    openOllama({ ...base, url: server.url, ...more }),
  "openai-compatible": ({
    url = server.url,
    ...more
  }: Partial<RemoteOptions> & { ask_dimensions?: number } = {}) =>
    openOpenAiCompatible({ ...base, key: KEY, ask_dimensions: 0, ...more, url: `${url}/v1` }),
} as const;

beforeEach(() => {
  server.received.length = 0;
  server.next.length = 0;
  server.always = undefined;
  waits.length = 0;
});

for (const [name, open] of Object.entries(strategies)) embedderContract({ name, open: () => open() });

/** The error that a promise ends with. */
async function fault(promise: Promise<unknown>): Promise<MomoError> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  if (!(error instanceof MomoError)) throw new Error(`no MomoError but ${error}`);
  return error;
}

const query = { kind: "query" } as const;

describe.each(Object.entries(strategies))("%s", (_, open) => {
  test("sends batches of the size that is set, and keeps the order", async () => {
    const embedder = await open();
    server.received.length = 0;
    const texts = ["one", "two", "three", "", "four", "five"];
    const vectors = await embedder.embed(texts, { kind: "document" });
    expect(server.received.map(({ body }) => body.input?.length).sort()).toEqual([1, 2, 2]);
    expect(server.received.flatMap(({ body }) => body.input).sort()).toEqual(texts.filter(Boolean).sort());
    for (const [i, text] of texts.entries()) {
      if (text === "") continue;
      const expected = standInVector(text);
      const length = Math.hypot(...expected);
      expect(vectors[i]?.[0]).toBeCloseTo(expected[0]! / length, 5);
      expect([...vectors[i]!].map((value) => Math.round(value * length * 10))).toEqual(
        expected.map((value) => Math.round(value * 10)),
      );
    }
  });

  test("at most four requests at once", async () => {
    const embedder = await open({ dimensions: DIMENSIONS });
    let open_now = 0;
    let most = 0;
    server.always = (request, response) => {
      most = Math.max(most, ++open_now);
      setTimeout(() => {
        open_now--;
        const vectors = request.body.input!.map((text) => standInVector(text));
        json(200, { embeddings: vectors, data: vectors.map((embedding) => ({ embedding })) })(
          request,
          response,
        );
      }, 10);
    };
    await embedder.embed(
      Array.from({ length: 30 }, (_, i) => `text ${i}`),
      query,
    );
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  test("waits as long as it is asked to when there are too many requests, and tries again", async () => {
    const embedder = await open();
    server.next.push(
      json(429, {}, { "retry-after": "7" }),
      json(503, {}, { "retry-after": "Thu, 01 Jan 2026 00:00:09 GMT" }),
      json(500, {}),
      json(429, {}, { "retry-after": "86400" }),
    );
    await expect(embedder.embed(["one"], query)).resolves.toHaveLength(1);
    expect(waits).toEqual([7000, 9000, 2000, 30_000]);
  });

  test("gives up in the end, and says how to go on", async () => {
    const embedder = await open();
    server.always = json(500, "out of memory");
    const error = await fault(embedder.embed(["one"], query));
    expect([error.code, waits]).toEqual(["EMBEDDING_BUSY", [500, 1000, 2000, 4000]]);
    expect(error.message).toContain("momo embed");
  });

  test("an abort ends the waiting", async () => {
    const stop = new AbortController();
    const embedder = await open({
      clock: {
        ...clock,
        wait: async (_, signal) => {
          stop.abort(new Error("enough"));
          signal?.throwIfAborted();
        },
      },
    });
    server.always = json(503, "");
    await expect(embedder.embed(["one"], { ...query, signal: stop.signal })).rejects.toThrow("enough");
  });

  test("an abort ends a request that hangs", async () => {
    const embedder = await open();
    const stop = new AbortController();
    server.always = () => stop.abort(new Error("enough"));
    await expect(embedder.embed(["one"], { ...query, signal: stop.signal })).rejects.toThrow("enough");
  });

  test("a server that does not answer is not waited for", async () => {
    const embedder = await open({ timeout_seconds: 0.05, dimensions: DIMENSIONS });
    server.always = () => undefined;
    const error = await fault(embedder.embed(["one"], query));
    expect(error.code).toBe("EMBEDDING_TIMEOUT");
    expect(error.message).toContain("MOMO_EMBEDDING_TIMEOUT");
  });

  test.each([
    ["no JSON", "<html>hello</html>", "not JSON"],
    ["cut off", '{"embeddings": [[1, 2', "not JSON"],
    ["nothing in it", {}, "no list of vectors"],
    ["null", "null", "no list of vectors"],
    ["no lists", { embeddings: ["a"], data: [{ embedding: "a" }] }, "not a list"],
    ["an empty vector", { embeddings: [[]], data: [{ embedding: [] }] }, "not a list"],
    [
      "too many",
      { embeddings: [[1], [1]], data: [{ embedding: [1] }, { embedding: [1] }] },
      "2 vectors for 1",
    ],
    ["too few", { embeddings: [], data: [] }, "0 vectors for 1"],
    ["no number", { embeddings: [[1, null]], data: [{ embedding: [1, null] }] }, "not a number"],
    ["NaN as a word", { embeddings: [["NaN"]], data: [{ embedding: ["NaN"] }] }, "not a number"],
    ["infinity", '{"embeddings": [[1e999]], "data": [{"embedding": [1e999]}]}', "not a number"],
  ])("an answer that is wrong is an error: %s", async (_, body, why) => {
    const embedder = await open();
    server.next.push(json(200, body));
    const error = await fault(embedder.embed(["one"], query));
    expect([error.code, error.message]).toEqual(["EMBEDDING_ANSWER", expect.stringContaining(why)]);
  });

  test("vectors of another size are an error", async () => {
    const embedder = await open();
    server.next.push(json(200, { embeddings: [[1, 2]], data: [{ embedding: [1, 2] }] }));
    const error = await fault(embedder.embed(["one"], query));
    expect(error.code).toBe("EMBEDDING_DIMENSIONS");
    expect(error.message).toContain(`2 numbers and not ${DIMENSIONS}`);
  });

  test("nobody there", async () => {
    const probe: Server = createServer();
    await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(probe.address() as AddressInfo).port}`;
    await new Promise((resolve) => probe.close(resolve));
    const error = await fault(open({ url }));
    expect([error.code, error.message]).toEqual([
      "EMBEDDING_UNREACHABLE",
      expect.stringContaining("ECONNREFUSED"),
    ]);
  });

  test("a connection that breaks", async () => {
    const embedder = await open();
    server.next.push((_, response) => response.destroy());
    expect((await fault(embedder.embed(["one"], query))).code).toBe("EMBEDDING_UNREACHABLE");
  });

  test("is not sent on to another address", async () => {
    const embedder = await open();
    server.received.length = 0;
    server.next.push(json(307, "", { location: `${server.url}/elsewhere` }));
    const error = await fault(embedder.embed(["one"], query));
    expect(error.code).toBe("EMBEDDING_REDIRECTED");
    expect(server.received).toHaveLength(1);
  });

  test("a request that is refused is not repeated", async () => {
    const embedder = await open();
    server.next.push(json(400, { error: "input too long" }));
    const error = await fault(embedder.embed(["one"], query));
    expect([error.code, error.message]).toEqual([
      "EMBEDDING_REFUSED",
      expect.stringContaining("input too long"),
    ]);
    expect(waits).toEqual([]);
  });

  test("offline, only this machine is asked", async () => {
    await expect(open({ offline: true })).resolves.toBeDefined();
    for (const url of [
      "https://models.example.com",
      "http://192.168.0.7:11434",
      "http://127.0.0.1.example.com",
    ]) {
      expect((await fault(open({ url, offline: true }))).code).toBe("OFFLINE");
    }
  });
});

test("ollama: a model that is not pulled", async () => {
  const error = await fault(strategies.ollama({ model: "missing" }));
  expect(error.code).toBe("EMBEDDING_MODEL_MISSING");
  expect(error.message).toContain("ollama pull missing");
});

test("ollama: the version of the model is part of its identity, where the server says it", async () => {
  expect((await strategies.ollama()).model).toBe(`ollama/letters@0123456789ab/${DIMENSIONS}`);
  server.next.push(json(404, "no such path"));
  expect((await strategies.ollama()).model).toBe(`ollama/letters/${DIMENSIONS}`);
  expect(server.received.at(-1)).toMatchObject({
    method: "POST",
    path: "/api/embed",
    authorization: undefined,
  });
});

test("ollama: models that tell questions from documents are told which it is", async () => {
  const embedder = await strategies.ollama({ model: "nomic-embed-text" });
  await embedder.embed(["one"], query);
  await embedder.embed(["one"], { kind: "document" });
  expect(server.received.slice(-2).map(({ body }) => body.input)).toEqual([
    ["search_query: one"],
    ["search_document: one"],
  ]);
});

test("openai-compatible: sends the key and asks for the dimensions that are set", async () => {
  const embedder = await strategies["openai-compatible"]({ ask_dimensions: 16 });
  expect([embedder.dimensions, embedder.model]).toEqual([16, "openai-compatible/letters/16"]);
  await embedder.embed(["one"], query);
  expect(server.received).toHaveLength(1);
  expect(server.received[0]).toMatchObject({
    path: "/v1/embeddings",
    authorization: `Bearer ${KEY}`,
    body: { model: "letters", input: ["one"], dimensions: 16, encoding_format: "float" },
  });
});

test("openai-compatible: a key that is not accepted is not shown, also where the server repeats it", async () => {
  const embedder = await strategies["openai-compatible"]();
  server.next.push(json(401, { error: { message: `Incorrect API key provided: ${KEY}` } }));
  const refused = await fault(embedder.embed(["one"], query));
  expect([refused.code, refused.message]).toEqual([
    "EMBEDDING_KEY",
    expect.stringContaining("MOMO_EMBEDDING_KEY"),
  ]);
  server.next.push(json(400, { error: `bad key ${KEY}` }));
  const other = await fault(embedder.embed(["one"], query));
  expect(other.message).toContain("bad key ***");
  for (const error of [refused, other])
    expect(JSON.stringify([error, error.stack, error.message])).not.toContain(KEY);
});

test("openai-compatible: no key goes unencrypted to another machine", async () => {
  const error = await fault(strategies["openai-compatible"]({ url: "http://192.168.0.7" }));
  expect([error.code, server.received]).toEqual(["EMBEDDING_KEY", []]);
});
