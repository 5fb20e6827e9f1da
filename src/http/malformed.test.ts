/** Requests that are broken, by mistake or on purpose: each gets a clear refusal, none gets a 500, and the server goes on. */
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Answer, type Ask, ask, type Started, startServer } from "./server.fixture.ts";
import { faults } from "./validate.fixture.ts";

let started: Started;
const faultsSeen: unknown[] = [];
beforeAll(async () => {
  started = await startServer({
    settings: { max_body_mb: 0.1 },
    log: { info: () => undefined, error: (_, fields) => void faultsSeen.push(fields.err) },
  });
  await ask(started.url, "/ingest", { body: {} });
});
afterAll(() => started[Symbol.asyncDispose]());
afterEach(async () => {
  expect(faultsSeen).toEqual([]);
  expect(await ask(started.url, "/health/live")).toMatchObject({ status: 200 });
});

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer, answer.text).toMatchObject({ status, json: { status, code } });
  expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
  expect(faults("Problem", answer.json)).toEqual([]);
  expect(answer.text).not.toMatch(/\.ts:\d|node_modules|\n\s+at /);
}

const json = (body: string | Buffer, type = "application/json"): Ask => ({
  method: "POST",
  headers: { "content-type": type },
  body,
});

const bodies: [string, string, Ask, number, string][] = [
  ["cut off", "/query", json('{"query":'), 400, "BODY_INVALID"],
  ["no JSON", "/query", json("query=x"), 400, "BODY_INVALID"],
  ["a list", "/query", json("[]"), 400, "BODY_INVALID"],
  ["a text", "/query", json('"x"'), 400, "BODY_INVALID"],
  ["null", "/query", json("null"), 400, "BODY_INVALID"],
  ["a number too large", "/query", json('{"query":"x","max_results":1e999}'), 400, "VALUE_INVALID"],
  ["a fraction", "/query", json('{"query":"x","max_results":1.5}'), 400, "VALUE_INVALID"],
  ["a wrong type", "/query", json('{"query":{"a":1}}'), 400, "VALUE_INVALID"],
  ["too many results", "/query", json('{"query":"x","max_results":101}'), 400, "VALUE_INVALID"],
  ["nothing asked", "/query", json("{}"), 400, "ARGUMENT_MISSING"],
  ["nothing sent", "/query", { method: "POST" }, 400, "ARGUMENT_MISSING"],
  ["an empty query", "/query", json('{"query":"  "}'), 400, "QUERY_EMPTY"],
  ["a field that is unknown", "/query", json('{"query":"x","limit":1}'), 400, "OPTION_UNKNOWN"],
  ["a filter that is unknown", "/query", json('{"query":"x","filters":{"a":1}}'), 400, "VALUE_INVALID"],
  ["filters that are none", "/query", json('{"query":"x","filters":[]}'), 400, "VALUE_INVALID"],
  [
    "include_metadata as a text",
    "/query",
    json('{"query":"x","include_metadata":"no"}'),
    400,
    "VALUE_INVALID",
  ],
  ["a name twice", "/query", json('{"query":"x","query":"y"}'), 400, "BODY_INVALID"],
  ["a prototype", "/query", json('{"query":"x","__proto__":{"a":1}}'), 400, "BODY_INVALID"],
  ["names of Object", "/query", json('{"query":"x","toString":"y"}'), 400, "OPTION_UNKNOWN"],
  ["deep", "/query", json(`{"query":${"[".repeat(30_000)}`), 400, "BODY_INVALID"],
  ["no UTF-8", "/query", json(Buffer.from([0x7b, 0x22, 0xc3, 0x28])), 400, "BODY_INVALID"],
  ["half a character", "/query", json('{"query":"\\ud800"}'), 400, "VALUE_INVALID"],
  ["too large", "/query", json(`{"query":"${"x".repeat(200_000)}"}`), 413, "BODY_TOO_LARGE"],
  ["another type", "/query", json("query", "text/plain"), 415, "MEDIA_TYPE"],
  ["a form elsewhere", "/query", json("--x--", "multipart/form-data; boundary=x"), 415, "MEDIA_TYPE"],
  ["a type that is none", "/query", json("{}", ";;;"), 415, "MEDIA_TYPE"],
  [
    "compressed",
    "/query",
    {
      method: "POST",
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
      body: "x",
    },
    415,
    "MEDIA_TYPE",
  ],
  [
    "a body where none belongs",
    "/entries/x",
    { ...json('{"a":1}'), method: "DELETE" },
    400,
    "OPTION_UNKNOWN",
  ],
  ["a plan without its hash", "/rollback/apply", json('{"agent":"x"}'), 400, "ARGUMENT_MISSING"],
  ["a plan that nobody knows", "/rollback/apply", json('{"plan_hash":"x"}'), 404, "PLAN_UNKNOWN"],
  ["nothing to take back", "/rollback/plan", json("{}"), 400, "ROLLBACK_EMPTY"],
  ["operations that are none", "/transactions", json('{"operations":[{"op":"x"}]}'), 400, "VALUE_INVALID"],
  [
    "fields that are no text",
    "/entries/x",
    { ...json('{"content":"x","metadata":{"a":1}}'), method: "PUT" },
    400,
    "VALUE_INVALID",
  ],
  ["a path outside", "/ingest", json('{"path":"../.."}'), 403, "PATH_OUTSIDE_ROOT"],
  ["an absolute path", "/ingest", json('{"path":"/etc/passwd"}'), 403, "PATH_OUTSIDE_ROOT"],
  ["a path with a zero", "/ingest", json('{"path":"a\\u0000b"}'), 403, "PATH_OUTSIDE_ROOT"],
  ["a path that is not there", "/ingest", json('{"path":"nothing"}'), 404, "PATH_MISSING"],
  ["a glob that is none", "/ingest", json('{"patterns":["[z-"]}'), 400, "BAD_GLOB"],
  ["a tool without a name", "/tools/call", json('{"arguments":{}}'), 400, "ARGUMENT_MISSING"],
  ["arguments that are none", "/tools/call", json('{"tool":"search","arguments":[]}'), 400, "BODY_INVALID"],
  [
    "a setting that is unknown",
    "/config",
    { ...json('{"key":"x","value":1}'), method: "PUT" },
    400,
    "CONFIG_UNKNOWN",
  ],
  [
    "a setting without a value",
    "/config",
    { ...json('{"key":"expand"}'), method: "PUT" },
    400,
    "ARGUMENT_MISSING",
  ],
];

test.each(bodies)("body: %s", async (...[, path, how, status, code]) => {
  expectProblem(await ask(started.url, path, how), status, code);
});

test("what is unknown is named, with what there is instead", async () => {
  const detail = async (path: string, how: Ask = {}) =>
    ((await ask(started.url, path, how)).json as { detail: string }).detail;
  expect(await detail("/query", json('{"quer":"x"}'))).toBe("unknown option quer: did you mean query?");
  expect(await detail("/entries?prefx=a")).toBe("unknown option prefx: did you mean prefix?");
  expect(await detail("/stats?a=1")).toBe("unknown option a: nothing can be given here");
});

const addresses: [string, string, number, string][] = [
  ["a percent sign alone", "/entries/%", 400, "BODY_INVALID"],
  ["half a character", "/entries/%C3", 400, "BODY_INVALID"],
  ["no UTF-8 in the query", "/entries?prefix=%ff", 400, "BODY_INVALID"],
  ["a parameter that is unknown", "/entries?nothing=1", 400, "OPTION_UNKNOWN"],
  ["a parameter that is given twice", "/entries?type=code&type=test", 400, "VALUE_INVALID"],
  ["a number that is none", "/transactions?limit=ten", 400, "VALUE_INVALID"],
  ["a date that is none", "/transactions?since=soon", 400, "VALUE_INVALID"],
  ["a workspace that is not there", "/stats?workspace=..%2F..", 404, "WORKSPACE_UNKNOWN"],
  ["two workspaces", "/stats?workspace=a&workspace=b", 400, "VALUE_INVALID"],
  ["an entry that is not there", "/entries/notes%2F..%2F..%2Fetc", 404, "ENTRY_UNKNOWN"],
  ["a file by a way around", "/entries/..%2F..%2Fetc%2Fpasswd", 404, "ENTRY_UNKNOWN"],
  ["an entry by a name of Object", "/entries/__proto__", 404, "ENTRY_UNKNOWN"],
  ["a very long id", `/entries/${"x".repeat(8000)}`, 404, "ENTRY_UNKNOWN"],
  ["a path that is not there", "/entries/a/b", 404, "ROUTE_UNKNOWN"],
  ["a slash too many", "//stats", 404, "ROUTE_UNKNOWN"],
  ["dots", "/../stats", 404, "ROUTE_UNKNOWN"],
  ["another method", "/query", 405, "METHOD_UNKNOWN"],
];

test.each(addresses)("address: %s", async (...[, path, status, code]) => {
  expectProblem(await ask(started.url, path), status, code);
});

const part = (headers: string, content: string): string => `--b\r\n${headers}\r\n\r\n${content}\r\n`;
const file = (name: string, content: string, type = "text/plain"): string =>
  part(`content-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: ${type}`, content);

const forms: [string, string, number, string][] = [
  ["cut off", file("a.txt", "text"), 400, "BODY_INVALID"],
  ["empty", "--b--\r\n", 400, "BODY_INVALID"],
  ["no form at all", "nothing", 400, "BODY_INVALID"],
  ["a picture", `${file("a.png", "x", "image/png")}--b--\r\n`, 415, "MEDIA_TYPE"],
  ["a program named as text", `${file("a.md", "\0\u0001ELF")}--b--\r\n`, 415, "MEDIA_TYPE"],
  [
    "a field that is unknown",
    `${part('content-disposition: form-data; name="x"', "1")}--b--\r\n`,
    400,
    "OPTION_UNKNOWN",
  ],
  ["two of one name", `${file("a.md", "x")}${file("a.md", "y")}--b--\r\n`, 400, "VALUE_INVALID"],
  ["a name that is dots", `${file("..", "x")}--b--\r\n`, 400, "VALUE_INVALID"],
  ["a name with a #", `${file("a#b.md", "x")}--b--\r\n`, 400, "VALUE_INVALID"],
  ["too large", `${file("a.md", "x".repeat(200_000))}--b--\r\n`, 413, "BODY_TOO_LARGE"],
  [
    "too large together",
    `${file("a.md", "x".repeat(60_000))}${file("b.md", "x".repeat(60_000))}--b--\r\n`,
    413,
    "BODY_TOO_LARGE",
  ],
  [
    "too many documents",
    `${Array.from({ length: 101 }, (_, i) => file(`${i}.md`, "x")).join("")}--b--\r\n`,
    413,
    "BODY_TOO_LARGE",
  ],
];

test.each(forms)("form: %s", async (...[, body, status, code]) => {
  const answer = await ask(started.url, "/ingest", json(body, "multipart/form-data; boundary=b"));
  expectProblem(answer, status, code);
  const { json: listed } = await ask(started.url, "/entries?prefix=documents%2F");
  expect(listed).toEqual({ entries: [] });
});

test("a form without a boundary, and bytes that are no UTF-8", async () => {
  expectProblem(await ask(started.url, "/ingest", json("x", "multipart/form-data")), 400, "BODY_INVALID");
  const form = new FormData();
  form.append("file", new Blob([Uint8Array.from([0x61, 0xff])]), "a.txt");
  const response = await fetch(`${started.url}/ingest`, { method: "POST", body: form });
  expect(await response.json()).toMatchObject({ status: 400, code: "BODY_INVALID" });
});

test("a form in pieces that is too large, and one that only says so", async () => {
  const pieces = new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(`${file("a.md", "x".repeat(200_000))}--b--\r\n`));
      controller.close();
    },
  });
  const headers = { "content-type": "multipart/form-data; boundary=b" };
  const sent = { method: "POST", headers, body: pieces, duplex: "half" } as RequestInit;
  expect(await (await fetch(`${started.url}/ingest`, sent)).json()).toMatchObject({ code: "BODY_TOO_LARGE" });
  const said = json(`${file("a.md", "x")}${" ".repeat(150_000)}`, "multipart/form-data; boundary=b");
  expectProblem(await ask(started.url, "/ingest", said), 413, "BODY_TOO_LARGE");
});

test("the name of a document that is a path is cut to its end", async () => {
  const body = `${file("../../etc/cron.md", "text")}--b--\r\n`;
  const answer = await ask(started.url, "/ingest", json(body, "multipart/form-data; boundary=b"));
  expect(answer).toMatchObject({ status: 201, json: { documents: [{ id: "documents/cron.md" }] } });
  await ask(started.url, "/entries/documents%2Fcron.md", { method: "DELETE" });
});

/** Sends bytes as they are, and returns all that comes back until the connection ends. */
function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(started.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

const close = "connection: close\r\n";
const wire: [string, string, RegExp][] = [
  ["no HTTP", "hello\r\n\r\n", /^HTTP\/1\.1 400 /],
  ["a method that is none", `XXX /stats HTTP/1.1\r\nhost: a\r\n${close}\r\n`, /^HTTP\/1\.1 400 /],
  ["a rare method", `PROPFIND /stats HTTP/1.1\r\nhost: a\r\n${close}\r\n`, /^HTTP\/1\.1 40[45] /],
  [
    "two lengths",
    `POST /query HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n${close}\r\nxx`,
    /^HTTP\/1\.1 400 /,
  ],
  [
    "a length and chunks",
    `POST /query HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n${close}\r\n0\r\n\r\n`,
    /^HTTP\/1\.1 400 /,
  ],
  [
    "broken chunks",
    `POST /query HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n${close}\r\nzz\r\n`,
    /^HTTP\/1\.1 400 /,
  ],
  ["headers too large", `GET / HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
  ["an address too long", `GET /${"y".repeat(20_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, /^HTTP\/1\.1 431 /],
  [
    "a header in lines",
    `GET /stats HTTP/1.1\r\nhost: a\r\nx: a\r\n b\r\n${close}\r\n`,
    /^HTTP\/1\.1 (200|400) /,
  ],
  ["a host in the address", `GET http://evil/stats HTTP/1.1\r\nhost: a\r\n${close}\r\n`, /^HTTP\/1\.1 400 /],
  ["another version", `GET /stats HTTP/2.0\r\nhost: a\r\n${close}\r\n`, /^HTTP\/1\.1 400 /],
  ["bytes of zero", `GET /stats HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n\r\n`, /^HTTP\/1\.1 400 /],
];

test.each(wire)("on the wire: %s", async (_, text, expected) => {
  const answer = await raw(text);
  expect(answer).toMatch(expected);
  if (!/ (200|40[45]) /.test(answer.slice(0, 15))) expect(answer).toContain("application/problem+json");
});
