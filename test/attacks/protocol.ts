/** HTTP itself: smuggled requests, headers that are split, methods, versions, and bytes that are no HTTP. */
import { type Attack, asks, request, sends, type World } from "./wire.ts";

const END = "\r\n\r\n";

/** A request by hand, with a key, whose lines are the attack. */
const lines =
  (line: string, headers: readonly string[], rest = "") =>
  ({ host, keys }: World): Uint8Array =>
    Buffer.from(
      [line, `Host: ${host}`, `Authorization: Bearer ${keys.admin}`, ...headers].join("\r\n") + END + rest,
      "latin1",
    );

/** What is hidden behind a request: it must never be answered as one of its own. */
const HIDDEN = "GET /hidden HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const answered = /no GET \/hidden|\/hidden:/;
const BODY = '{"query": "retry"}';
const json = "Content-Type: application/json";

type Smuggled = [name: string, headers: readonly string[], rest: string, expect?: readonly number[]];
const smuggled = (...[name, headers, rest, expect = [400]]: Smuggled): Attack =>
  sends(`smuggling: ${name}`, lines("POST /query HTTP/1.1", [json, ...headers], rest), {
    expect,
    never: answered,
  });

const smuggling: readonly Attack[] = [
  smuggled(
    "length and pieces",
    [`Content-Length: ${BODY.length}`, "Transfer-Encoding: chunked"],
    `0${END}${HIDDEN}`,
  ),
  smuggled("pieces and length", ["Transfer-Encoding: chunked", "Content-Length: 6"], `0${END}${HIDDEN}`),
  smuggled("two lengths", ["Content-Length: 0", `Content-Length: ${HIDDEN.length}`], HIDDEN),
  smuggled("two lengths in a list", [`Content-Length: 0, ${HIDDEN.length}`], HIDDEN),
  smuggled("a length with a sign", [`Content-Length: +${BODY.length}`], BODY + HIDDEN),
  smuggled("a length below zero", ["Content-Length: -1"], HIDDEN),
  smuggled("a length in hexadecimal", ["Content-Length: 0x12"], BODY + HIDDEN),
  smuggled("a length with an exponent", ["Content-Length: 1e1"], BODY + HIDDEN),
  smuggled("a length that is a word", ["Content-Length: many"], BODY + HIDDEN),
  smuggled("an empty length", ["Content-Length: "], BODY + HIDDEN),
  smuggled("a length with a space before the colon", [`Content-Length : ${BODY.length}`], BODY + HIDDEN),
  smuggled("a length that is larger than a number", ["Content-Length: 99999999999999999999999"], HIDDEN),
  smuggled("pieces with a space before the colon", ["Transfer-Encoding : chunked"], `0${END}${HIDDEN}`),
  smuggled("pieces by another name", ["Transfer-Encoding: xchunked"], `0${END}${HIDDEN}`),
  smuggled("pieces twice", ["Transfer-Encoding: chunked, chunked"], `0${END}${HIDDEN}`),
  smuggled("pieces and then the whole", ["Transfer-Encoding: chunked, identity"], `0${END}${HIDDEN}`),
  smuggled(
    "pieces in two headers",
    ["Transfer-Encoding: chunked", "Transfer-Encoding: x"],
    `0${END}${HIDDEN}`,
  ),
  smuggled("pieces with a tab", ["Transfer-Encoding:\tx\tchunked"], `0${END}${HIDDEN}`),
  smuggled(
    "pieces in a line that is folded",
    ["X: 1\r\n Transfer-Encoding: chunked", "Content-Length: 0"],
    HIDDEN,
    [400, 415],
  ),
  smuggled(
    "a piece whose length is too large",
    ["Transfer-Encoding: chunked"],
    `fffffffffffffffff\r\nx\r\n0${END}`,
  ),
  smuggled("a piece whose length is no number", ["Transfer-Encoding: chunked"], `zz\r\nx\r\n0${END}`),
  smuggled("a piece whose length has a sign", ["Transfer-Encoding: chunked"], `-1\r\nx\r\n0${END}`),
  smuggled(
    "a piece whose length begins with 0x",
    ["Transfer-Encoding: chunked"],
    `0x12\r\n${BODY}\r\n0${END}`,
  ),
  smuggled("a piece longer than it says", ["Transfer-Encoding: chunked"], `2\r\n${BODY}\r\n0${END}${HIDDEN}`),
  smuggled("a piece without its end", ["Transfer-Encoding: chunked"], `12\r\n${BODY}0${END}${HIDDEN}`),
  smuggled(
    "a piece that says 100 KB besides",
    ["Transfer-Encoding: chunked"],
    `1;${"x".repeat(100_000)}\r\n \r\n0${END}`,
    [400, 413],
  ),
  smuggled(
    "a piece that ends with a line feed",
    ["Transfer-Encoding: chunked"],
    `12\n${BODY}\n0\n\n${HIDDEN}`,
  ),
  smuggled(
    "headers after the pieces",
    ["Transfer-Encoding: chunked", "Connection: close"],
    `12\r\n${BODY}\r\n0\r\nAuthorization: Bearer x\r\nHost: evil.test${END}`,
    [200, 400],
  ),
];

type Split = [name: string, line: string, headers: readonly string[], expect: readonly number[]];
const split = (...[name, line, headers, expect]: Split): Attack =>
  sends(`header: ${name}`, lines(line, [...headers, "Connection: close"]), {
    expect,
    never: /^(x-evil|set-cookie):/im,
  });

const headers: readonly Attack[] = [
  split("a line end in the address", "GET /stats?workspace=a%0d%0aX-Evil:%201 HTTP/1.1", [], [400, 404]),
  split("a line end in a path", "GET /entries/a%0d%0aSet-Cookie:%20a=1 HTTP/1.1", [], [400, 404]),
  split("a line end in a path that there is not", "GET /nothing%0d%0aSet-Cookie:%20a=1 HTTP/1.1", [], [404]),
  split("half a line end in the address", "GET /stats?workspace=a%0aX-Evil:%201 HTTP/1.1", [], [400, 404]),
  split(
    "a line end that Unicode knows",
    "GET /stats?workspace=%E5%98%8A%E5%98%8DX-Evil:1 HTTP/1.1",
    [],
    [400, 404],
  ),
  split(
    "an id of the request with a header in it",
    "GET /stats HTTP/1.1",
    ["X-Request-Id: a%0d%0aX-Evil: 1"],
    [200],
  ),
  split(
    "an id of the request of 10 KB",
    "GET /stats HTTP/1.1",
    [`X-Request-Id: X-Evil${"x".repeat(10_000)}`],
    [200],
  ),
  split(
    "an id of the request in a script",
    "GET /stats HTTP/1.1",
    ["X-Request-Id: <script>X-Evil</script>"],
    [200],
  ),
  split("a return without a line feed", "GET /stats HTTP/1.1", ["X-Request-Id: a\rX-Evil: 1"], [400]),
  split("a NUL in a value", "GET /stats HTTP/1.1", ["X-Request-Id: a\0b"], [400]),
  split("a NUL in a name", "GET /stats HTTP/1.1", ["X-\0Name: a"], [400]),
  split("a space in a name", "GET /stats HTTP/1.1", ["X Name: a"], [400]),
  split("no name", "GET /stats HTTP/1.1", [": a"], [400]),
  split("no colon", "GET /stats HTTP/1.1", ["nothing"], [400]),
  split("letters beyond ASCII in a name", "GET /stats HTTP/1.1", ["X-\xe4: a"], [400]),
  split(
    "a workspace with a control character",
    "GET /stats HTTP/1.1",
    ["Momo-Workspace: a\x01b"],
    [400, 404],
  ),
  split("5000 of them", "GET /stats HTTP/1.1", Array(5000).fill("X: 1"), [431]),
  split("20 KB in one", "GET /stats HTTP/1.1", [`X: ${"x".repeat(20_000)}`], [431]),
  split("a megabyte in one", "GET /stats HTTP/1.1", [`X: ${"x".repeat(1_000_000)}`], [431]),
  split("an address of 20 KB", `GET /${"a".repeat(20_000)} HTTP/1.1`, [], [414, 431]),
  split(
    "a question of 15 KB in the address",
    `GET /entries?prefix=${"a".repeat(15_000)} HTTP/1.1`,
    [],
    [200, 400],
  ),
  split("1000 parameters", `GET /entries?${"a=1&".repeat(1000)} HTTP/1.1`, [], [400]),
  split(
    "tags of answers without end",
    "GET /stats HTTP/1.1",
    [`If-None-Match: ${'"a",'.repeat(3000)}`],
    [200],
  ),
  split(
    "encodings without end",
    "GET /stats HTTP/1.1",
    [`Accept-Encoding: ${"gzip;q=0,".repeat(1000)}`],
    [200, 406],
  ),
  split("ranges without end", "GET /stats HTTP/1.1", [`Range: bytes=${"0-1,".repeat(2000)}0-1`], [200]),
  split("an expectation", "GET /stats HTTP/1.1", ["Expect: everything"], [200, 417]),
  split(
    "another protocol",
    "GET /stats HTTP/1.1",
    ["Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"],
    [200],
  ),
  // 150 headers: Node keeps the first 100; the key is among them, what comes after counts for nothing.
  split(
    "150 of them",
    "GET /stats HTTP/1.1",
    Array.from({ length: 150 }, (_, at) => `X-${at}: 1`),
    [200, 400, 431],
  ),
];

type Method = [name: string, line: string, expect: readonly number[], body?: string];
const method = (...[name, line, expect, body]: Method): Attack =>
  asks(`method: ${name}`, line, { body, expect });

const methods: readonly Attack[] = [
  method("TRACE", "TRACE /stats", [400, 404, 405]),
  method("CONNECT", "CONNECT 127.0.0.1:22", [0, 400, 404, 405]),
  method("PATCH", "PATCH /config", [404, 405], "{}"),
  method("PUT where there is none", "PUT /stats", [404, 405], "{}"),
  method("DELETE where there is none", "DELETE /config", [404, 405]),
  method("one that there is not", "EVIL /stats", [400, 405]),
  method("small letters", "get /stats", [400]),
  method("PROPFIND", "PROPFIND /", [400, 404, 405]),
  method("of 5000 letters", `${"A".repeat(5000)} /stats`, [400]),
  method("PRI", "PRI *", [400]),
  method("OPTIONS of everything", "OPTIONS *", [204, 400, 404]),
  method("GET with a body", "GET /stats", [200, 400], '{"query": "x"}'),
  method("GET with a body that is no JSON", "GET /stats", [200, 400], "{"),
  method("HEAD where there is only POST", "HEAD /query", [404, 405]),
  asks("method: DELETE by a header", "GET /entries/readme", {
    headers: ["X-HTTP-Method-Override: DELETE", "X-Method-Override: DELETE", "X-HTTP-Method: DELETE"],
    expect: [200, 404],
  }),
  asks("method: DELETE by a field", "POST /query?_method=DELETE", {
    body: '{"query": "x"}',
    expect: [200, 400],
  }),
];

const path = (line: string, expect: readonly number[]): Attack => asks(`path: ${line}`, line, { expect });

const spellings: readonly Attack[] = [
  path("GET /CONFIG", [404]),
  path("GET /config/", [404]),
  path("GET //config", [404]),
  path("GET /./config", [404]),
  path("GET /x/../config", [404]),
  path("GET /config;a=1", [404]),
  path("GET /config%00", [400, 404]),
  path("GET /config%", [400, 404]),
  path("GET /config?key=%", [400]),
  path("GET /config?key=%ff", [400]),
  path("GET /entries/%", [400]),
  path("GET /entries/%ff%fe", [400]),
  path("GET /entries/", [400, 404]),
  path("GET /entries/%2e%2e", [400, 404]),
  path("GET config", [400]),
  path("GET ?", [400, 404]),
];

const strange = (
  name: string,
  bytes: (world: World) => string | Uint8Array,
  expect: readonly number[],
): Attack => sends(`bytes: ${name}`, bytes, { expect, ...(expect.includes(0) && { patience_ms: 3000 }) });

const bytes: readonly Attack[] = [
  strange("HTTP/1.0", (world) => request(world, "GET /stats", { version: "HTTP/1.0" }), [200]),
  strange("HTTP/0.9", () => "GET /stats\r\n\r\n", [0, 400, 403]),
  strange("HTTP/2.0", (world) => request(world, "GET /stats", { version: "HTTP/2.0" }), [400]),
  strange("HTTP/9.9", (world) => request(world, "GET /stats", { version: "HTTP/9.9" }), [400]),
  strange("no version", (world) => request(world, "GET /stats", { version: "HTTP" }), [400]),
  strange("a greeting of HTTP/2", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
  strange("a greeting of TLS", () => Buffer.from("160301020001000001fc0303", "hex"), [0, 400]),
  strange("a greeting of SSH", () => "SSH-2.0-OpenSSH_9.0\r\n", [0, 400]),
  strange("zeros", () => Buffer.alloc(10_000), [0, 400]),
  strange("all bytes", () => Buffer.from(Array.from({ length: 5120 }, (_, at) => at % 256)), [0, 400]),
  strange("lines without returns", ({ host }) => `GET /stats HTTP/1.1\nHost: ${host}\n\n`, [400, 401]),
  strange("a line that never ends", () => "G".repeat(1_000_000), [0, 400, 431]),
  strange("empty lines", () => "\r\n".repeat(50_000), [0, 400, 408]),
  strange("a document for a printer", () => "POST /query HTTP/1.1 @PJL INFO\r\n\r\n", [400]),
  strange("spaces in the address", (world) => request(world, "GET /stats /config"), [400]),
  strange(
    "a body that is never sent",
    (world) => request(world, "POST /query", { headers: [json, "Content-Length: 10"] }),
    [0, 408],
  ),
];

export const protocol: readonly Attack[] = [...smuggling, ...headers, ...methods, ...spellings, ...bytes];
