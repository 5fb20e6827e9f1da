/** Bodies that are no JSON, too much of it, or made to change what objects are. Also forms and compressed bombs. */
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { type Attack, asks, posts, request, sends } from "./wire.ts";

const query = (name: string, body: string | Uint8Array, expect: readonly number[] = [400]): Attack =>
  asks(`body: ${name}`, "POST /query", { body, expect });
const bytes = (text: string, encoding: BufferEncoding): Uint8Array => Buffer.from(text, encoding);

const malformed: readonly Attack[] = [
  query("cut", '{"query": "x'),
  query("cut after a number", '{"query": "x", "max_results": 1'),
  query("a comma at the end", '{"query": "x",}'),
  query("a comment", '{"query": "x" /* more */}'),
  query("single quotes", "{'query': 'x'}"),
  query("a name without quotes", '{query: "x"}'),
  query("NaN", '{"query": "x", "max_results": NaN}'),
  query("Infinity", '{"query": "x", "max_results": Infinity}'),
  query("hexadecimal", '{"query": "x", "max_results": 0x10}'),
  query("a number that is too large", '{"query": "x", "max_results": 1e400}'),
  query("a number below zero", '{"query": "x", "max_results": -1}'),
  query("a fraction", '{"query": "x", "max_results": 1.5}'),
  query("a number of 100,000 digits", `{"query": "x", "max_results": ${"9".repeat(100_000)}}`),
  query("a billion results", '{"query": "x", "max_results": 1000000000}'),
  query("two documents", '{"query": "x"}{"query": "y"}'),
  query("text after it", '{"query": "x"} x'),
  query("a name twice", '{"query": "x", "query": "y"}'),
  query("a name twice, once escaped", '{"query": "x", "\\u0071uery": "y"}'),
  query("null", "null"),
  query("a text", '"query"'),
  query("a number", "1"),
  query("a list", '[{"query": "x"}]'),
  query("true", "true"),
  query("nothing", ""),
  query("a space", " "),
  query("a NUL", "\0"),
  query("a NUL after it", '{"query": "x"}\0'),
  query("a control character in a text", '{"query": "a\u0001b"}'),
  query("half of a character", '{"query": "\\ud800"}'),
  query("bytes that are no UTF-8", bytes('{"query": "\xff\xfe"}', "latin1")),
  query("UTF-8 that is longer than it need be", bytes('{"query": "\xc0\xae\xc0\xae/"}', "latin1")),
  query("UTF-16", bytes('{"query": "x"}', "utf16le")),
  query("query a number", '{"query": 1}'),
  query("query an object", '{"query": {"$gt": ""}}'),
  query("query a list", '{"query": ["x"]}'),
  query("query absent", "{}"),
  query("query null", '{"query": null}'),
  query("a field that there is not", '{"query": "x", "admin": true}'),
  query("filters a list", '{"query": "x", "filters": []}'),
  query("filters that there are not", '{"query": "x", "filters": {"$where": "1"}}'),
  query("filters of the wrong kind", '{"query": "x", "filters": {"languages": {"a": 1}}}'),
  query(
    "filters of 5000 folders",
    JSON.stringify({ query: "x", filters: { directories: Array(5000).fill("a") } }),
  ),
  query("10,000 levels of lists", "[".repeat(10_000)),
  query("100,000 levels of objects", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`),
  query("closed more often than opened", `{"query": "x"}${"}".repeat(10_000)}`),
  query("100,000 names", `{${Array.from({ length: 100_000 }, (_, at) => `"a${at}":1`).join(",")}}`),
  query("a text of a megabyte", JSON.stringify({ query: "a ".repeat(500_000) })),
  query("a million quotes that are escaped", `{"query": "${'\\"'.repeat(500_000)}"}`),
  query("half a million backslashes", `{"query": "${"\\".repeat(500_001)}`),
];

const typed = (name: string, type: string, expect: readonly number[] = [415]): Attack =>
  asks(`type: ${name}`, "POST /query", { body: '{"query": "retry"}', type, expect });

const types: readonly Attack[] = [
  typed("plain text", "text/plain"),
  typed("XML", "application/xml"),
  typed("a form", "application/x-www-form-urlencoded"),
  typed("a form with files", "multipart/form-data; boundary=edge", [400, 415]),
  typed("none", "", [400, 415]),
  typed("no type at all", "/", [400, 415]),
  typed("something like JSON", "application/jsonp"),
  typed("5000 characters", `application/${"x".repeat(5000)}`, [400, 415]),
  typed("two", "application/json, text/plain", [200, 400, 415]),
];

const compressed = (name: string, encoding: string, body: Uint8Array): Attack =>
  asks(`compressed: ${name}`, "POST /query", {
    body,
    headers: [`Content-Encoding: ${encoding}`],
    expect: 415,
  });
const bomb = Buffer.alloc(50_000_000, 0x20);

const bombs: readonly Attack[] = [
  compressed("50 MB of spaces by gzip", "gzip", gzipSync(bomb)),
  compressed("50 MB of spaces by gzip, twice", "gzip, gzip", gzipSync(gzipSync(bomb))),
  compressed("50 MB of spaces by deflate", "deflate", deflateSync(bomb)),
  compressed("50 MB of spaces by Brotli", "br", brotliCompressSync(bomb.subarray(0, 5_000_000))),
  compressed("no gzip at all", "gzip", Buffer.from('{"query": "x"}')),
  compressed("an encoding that there is not", "x-none", Buffer.from('{"query": "x"}')),
];

const pollution: readonly Attack[] = [
  query("__proto__", '{"query": "x", "__proto__": {"polluted": 1}}'),
  query("__proto__, escaped", '{"query": "x", "\\u005f_proto__": {"polluted": 1}}'),
  query("constructor.prototype", '{"query": "x", "constructor": {"prototype": {"polluted": 1}}}'),
  query("__proto__ in filters", '{"query": "x", "filters": {"__proto__": {"polluted": 1}}}'),
  query("constructor in filters", '{"query": "x", "filters": {"constructor": ["polluted"]}}'),
  asks("__proto__ in the address", "GET /entries?__proto__[polluted]=1", { expect: 400 }),
  asks("constructor in the address", "GET /entries?constructor=polluted", { expect: 400 }),
  asks("toString in the address", "GET /transactions?toString=1", { expect: 400 }),
  asks("a setting __proto__", "PUT /config", {
    body: '{"key": "__proto__", "value": "polluted"}',
    expect: 400,
  }),
  asks("a setting constructor", "PUT /config", { body: '{"key": "constructor", "value": "x"}', expect: 400 }),
  asks("a setting hasOwnProperty", "GET /config?key=hasOwnProperty", { expect: 400 }),
  asks("a tool __proto__", "POST /tools/call", {
    body: '{"tool": "__proto__", "arguments": {}}',
    expect: 404,
  }),
  asks("a tool constructor", "POST /tools/call", { body: '{"tool": "constructor"}', expect: 404 }),
  asks("arguments of a tool __proto__", "POST /tools/call", {
    body: '{"tool": "search", "arguments": {"query": "x", "__proto__": {"polluted": 1}}}',
    expect: 400,
  }),
  asks("metadata __proto__", "PUT /entries/polluted", {
    body: '{"content": "x", "metadata": {"__proto__": "polluted"}}',
    expect: 400,
  }),
  posts("operations with a name of the prototype", "POST /transactions", {
    json: { operations: [{ op: "constructor", id: "x" }] },
    expect: 400,
  }),
  posts("expected versions with a name of the prototype", "POST /transactions", {
    json: { operations: [{ op: "put", id: "polluted", content: "x" }], expect: { constructor: {} } },
    expect: 400,
  }),
  asks("an action of the prototype", "POST /rollback/plan", { body: '{"policy": "__proto__"}', expect: 400 }),
];

const form = (
  name: string,
  body: string | Uint8Array,
  rest: { expect: readonly number[]; boundary?: string },
): Attack =>
  asks(`form: ${name}`, "POST /ingest", {
    body,
    type: `multipart/form-data${rest.boundary ?? "; boundary=edge"}`,
    expect: rest.expect,
  });
const file = (head: string, content: string): string => `--edge\r\n${head}\r\n\r\n${content}\r\n`;
const DOCUMENT =
  'Content-Disposition: form-data; name="file"; filename="a.md"\r\nContent-Type: text/markdown';

const forms: readonly Attack[] = [
  form("without a boundary", file(DOCUMENT, "x"), { boundary: "", expect: [400] }),
  form("with an empty boundary", file(DOCUMENT, "x"), { boundary: "; boundary=", expect: [400] }),
  form("with another boundary", `${file(DOCUMENT, "x")}--edge--\r\n`, {
    boundary: "; boundary=other",
    expect: [400],
  }),
  form("with a boundary of 4000 characters", "x", {
    boundary: `; boundary=${"x".repeat(4000)}`,
    expect: [400],
  }),
  form("that does not end", file(DOCUMENT, "x"), { expect: [400] }),
  form("that ends within its head", "--edge\r\nContent-Dispo", { expect: [400] }),
  form("of nothing", "", { expect: [400] }),
  form("of its end only", "--edge--\r\n", { expect: [400] }),
  form("without a name of the file", `${file('Content-Disposition: form-data; name="file"', "x")}--edge--`, {
    expect: [400],
  }),
  form("without any head", `${file("", "x")}--edge--`, { expect: [400] }),
  form("with a field __proto__", `${file('Content-Disposition: form-data; name="__proto__"', "x")}--edge--`, {
    expect: [400],
  }),
  // Read as far as a head may be long; the rest of it is let by.
  form("with a head of a megabyte", `${file(`${DOCUMENT}\r\nX-More: ${"x".repeat(1e6)}`, "x")}--edge--`, {
    expect: [201, 400],
  }),
  form("of 3000 documents", `${file(DOCUMENT, "x").repeat(3000)}--edge--`, { expect: [400, 413] }),
  form(
    "of 5000 fields",
    `${file('Content-Disposition: form-data; name="intent"', "x").repeat(5000)}--edge--`,
    {
      expect: [400, 413],
    },
  ),
  form(
    "with a field of 2 MB",
    `${file('Content-Disposition: form-data; name="intent"', "x".repeat(2e6))}--edge--`,
    {
      expect: [400, 413],
    },
  ),
  form(
    "with a program",
    `${file(DOCUMENT.replaceAll("a.md", "a.exe").replace("text/markdown", "application/x-msdownload"), "MZ\0")}--edge--`,
    {
      expect: [415],
    },
  ),
  form("with a program that says it is text", `${file(DOCUMENT, "MZ\0\0\0")}--edge--`, { expect: [415] }),
  form("with text that is no UTF-8", Buffer.from(`${file(DOCUMENT, "\xff\xfe\xfd")}--edge--`, "latin1"), {
    expect: [400],
  }),
];

/** More than max_body_mb. */
const LARGE = 12_000_000;

const sizes: readonly Attack[] = [
  sends(
    "a body that says it is too large",
    (world) => [
      request(world, "POST /query", {
        headers: ["Content-Type: application/json", `Content-Length: ${LARGE}`],
      }),
    ],
    { expect: [413] },
  ),
  asks("a body that is too large", "POST /query", {
    body: Buffer.alloc(LARGE, 0x20),
    // The answer may be lost with the connection, which is closed while more is sent.
    expect: [0, 413],
  }),
  sends(
    "a body in pieces that is too large",
    (world) => [
      request(world, "POST /query", {
        headers: ["Content-Type: application/json", "Transfer-Encoding: chunked"],
      }),
      ...Array.from({ length: 120 }, () => `${(100_000).toString(16)}\r\n${" ".repeat(100_000)}\r\n`),
      "0\r\n\r\n",
    ],
    { expect: [0, 413] },
  ),
  // The answer may be lost with the connection, which is closed while more is sent.
  form("that is too large", `${file(DOCUMENT, "a".repeat(LARGE))}--edge--`, { expect: [0, 413] }),
  form("that is too large and does not end", file(DOCUMENT, "a".repeat(LARGE)), { expect: [0, 400, 413] }),
  form(
    "of documents that are too large together",
    `${file(DOCUMENT, "a".repeat(LARGE / 4)).repeat(5)}--edge--`,
    {
      expect: [0, 400, 413],
    },
  ),
  sends(
    "a body of 2^63 bytes",
    (world) => [
      request(world, "POST /query", {
        headers: ["Content-Type: application/json", "Content-Length: 9223372036854775807"],
      }),
    ],
    { expect: [400, 413] },
  ),
  sends(
    "two million pieces of one byte",
    (world) => [
      request(world, "POST /query", {
        headers: ["Content-Type: application/json", "Transfer-Encoding: chunked"],
      }),
      "1\r\n \r\n".repeat(2_000_000),
      "0\r\n\r\n",
    ],
    { expect: [0, 400] },
  ),
  sends(
    "a form in half a million pieces of one byte",
    (world) => [
      request(world, "POST /ingest", {
        headers: ["Content-Type: multipart/form-data; boundary=edge", "Transfer-Encoding: chunked"],
      }),
      `${(file(DOCUMENT, "").length - 2).toString(16)}\r\n${file(DOCUMENT, "").slice(0, -2)}\r\n`,
      "1\r\n \r\n".repeat(500_000),
      "0\r\n\r\n",
    ],
    { expect: [0, 400] },
  ),
  posts("10,001 operations", "POST /transactions", {
    json: { operations: Array.from({ length: 10_001 }, (_, at) => ({ op: "remove", id: `n${at}` })) },
    expect: 400,
  }),
  posts("2000 ids to erase", "POST /audit/erase", {
    json: { ids: Array(2000).fill("x"), confirm: true },
    expect: 400,
  }),
];

export const bodies: readonly Attack[] = [...malformed, ...types, ...bombs, ...pollution, ...forms, ...sizes];
