import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { MomoError } from "../errors.ts";
import { contextFields, withContext } from "./context.ts";
import { createLog, type LogOptions, logLevels } from "./log.ts";

interface Line {
  [field: string]: unknown;
  err: { [field: string]: unknown; message: string; stack: string };
}

/** A log whose lines are kept; `isTTY` as of the stream. */
async function keptLog(options: Partial<LogOptions> & { isTTY?: boolean } = {}) {
  const { isTTY, ...more } = options;
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text), isTTY };
  const log = await createLog({ level: "info", format: "json", stream, ...more });
  return { log, text: () => written.join(""), lines: () => written.map((line): Line => JSON.parse(line)) };
}

test("a line is one JSON object with level, time, logger and what was said", async () => {
  const { log, text, lines } = await keptLog();
  log.named("http").warning("slow", { status: 200, seconds: 1.5 });
  expect(lines()).toEqual([
    {
      level: "warning",
      time: expect.any(String),
      pid: process.pid,
      logger: "http",
      msg: "slow",
      status: 200,
      seconds: 1.5,
    },
  ]);
  expect(new Date(lines()[0]!.time as string).toISOString()).toBe(lines()[0]!.time);
  expect(text()).toMatch(/^\{[^\n]*\}\n$/);
});

test.each([
  ["debug", 5],
  ["INFO", 4],
  [" Warning ", 3],
  ["error", 2],
  ["CRITICAL", 1],
])("level %s lets %i of five levels through", async (level, count) => {
  const { log, lines } = await keptLog({ level });
  for (const one of logLevels) log[one](one);
  expect(lines().map(({ msg }) => msg)).toEqual(logLevels.slice(-count));
  expect(lines().map((line) => line.level)).toEqual(logLevels.slice(-count));
});

test("an unknown level is refused", async () => {
  await expect(keptLog({ level: "loud" })).rejects.toMatchObject({ code: "VALUE_INVALID" });
});

test("what is not shown is not looked at", async () => {
  const { log, lines } = await keptLog();
  let reads = 0;
  const fields = {
    get costly(): number {
      return ++reads;
    },
  };
  log.debug("hidden", { fields });
  expect({ lines: lines(), reads }).toEqual({ lines: [], reads: 0 });
  log.info("shown", { fields });
  expect(reads).toBe(1);
});

test("lines have the fields of their request, across awaits, timers and callbacks, and no other one's", async () => {
  const { log, lines } = await keptLog();
  const request = (id: string, pause: number) =>
    withContext({ request_id: id }, async () => {
      log.info("begins");
      await setTimeout(pause);
      await withContext({ workspace: `of ${id}` }, async () => {
        await new Promise<void>((resolve) => setImmediate(resolve));
        log.info("inside");
      });
      await new Promise<void>((resolve) => queueMicrotask(resolve));
      log.info("ends");
    });
  await Promise.all([request("r1", 10), request("r2", 1)]);
  log.info("outside");
  for (const id of ["r1", "r2"]) {
    const own = lines().filter((line) => line.request_id === id);
    expect(own.map(({ msg, workspace }) => [msg, workspace])).toEqual([
      ["begins", undefined],
      ["inside", `of ${id}`],
      ["ends", undefined],
    ]);
  }
  expect(lines().at(-1)).not.toHaveProperty("request_id");
  expect(contextFields()).toEqual({});
});

test("a field cannot take the place of what the line says about itself", async () => {
  const { log, text, lines } = await keptLog();
  log.info("real", { level: "critical", time: "never", msg: "forged", logger: "other", pid: 0 });
  expect(lines()[0]).toMatchObject({ level: "info", msg: "real", logger: "momo", pid: process.pid });
  expect(lines()[0]).toMatchObject({ level_: "critical", time_: "never", msg_: "forged", logger_: "other" });
  expect(text().match(/"(level|time|msg|logger|pid)":/g)).toHaveLength(5);
});

const token = `gh${"p_"}aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zaB3dE5`;

test("secrets are taken out by name at any depth, and by shape in any text", async () => {
  const { log, text, lines } = await keptLog({ redact: ["correct horse"] });
  log.info(`sent ${token} and correct horse`, {
    headers: { authorization: "Bearer swordfish", "Set-Cookie": ["swordfish=1"], accept: "*/*" },
    deep: { list: [{ user: { password: "swordfish", name: "ann" } }] },
    raw: ["Host", "x", "X-Api-Key", "swordfish", "Accept", "*/*"],
    argv: ["momo", "serve", "--token", "swordfish", "--port", "1"],
    pair: { name: "api_key", value: "swordfish" },
    map: new Map([["client_secret", "swordfish"]]),
    set: new Set([`a ${token}`]),
    url: new URL("https://ann:swordfish@host/?token=swordfish"),
    nested: { text: JSON.stringify({ password: "swordfish" }) },
    [`field ${token}`]: 1,
    number: { password: 12_345 },
    has: { password: true, token: null },
  });
  expect(text()).not.toMatch(/swordfish|correct horse|12345/);
  expect(text()).not.toContain(token);
  expect(lines()[0]).toMatchObject({
    msg: "sent [redacted] and [redacted]",
    headers: { authorization: "[redacted]", "Set-Cookie": "[redacted]", accept: "*/*" },
    deep: { list: [{ user: { password: "[redacted]", name: "ann" } }] },
    raw: ["Host", "x", "X-Api-Key", "[redacted]", "Accept", "*/*"],
    argv: ["momo", "serve", "--token", "[redacted]", "--port", "1"],
    pair: { name: "api_key", value: "[redacted]" },
    number: { password: "[redacted]" },
    has: { password: true, token: null },
  });
});

test("an error is a field with its stack, its code and its causes, without secrets", async () => {
  const { log, text, lines } = await keptLog();
  const inner = Object.assign(new Error(`connect to redis://:swordfish@host with ${token}`), {
    config: { headers: { authorization: "swordfish" } },
  });
  const outer = new MomoError("PATH_MISSING", { path: "/x" }, new AggregateError([inner], "all failed"));
  log.error("failed", { err: outer });
  const { err } = lines()[0]!;
  expect(err).toMatchObject({ type: "MomoError", code: "PATH_MISSING", message: outer.message });
  expect(err.stack).toContain("log.test.ts");
  expect(err.cause).toMatchObject({ message: "all failed", errors: [{ type: "Error" }] });
  expect(text()).not.toContain("swordfish");
  expect(text()).not.toContain(token);
});

test("whatever it is given, it writes a line", async () => {
  const { log, lines } = await keptLog();
  const circle: Record<string, unknown> = { name: "circle" };
  circle.self = circle;
  let deep: unknown = "bottom";
  for (let i = 0; i < 50; i++) deep = { deep };
  log.info("odd", {
    circle,
    deep,
    none: undefined,
    nothing: null,
    big: 12n,
    symbol: Symbol("s"),
    nan: Number.NaN,
    call: () => 1,
    bytes: new Uint8Array(9),
    date: new Date(0),
    bad: new Date(Number.NaN),
    long: "x".repeat(20_000),
    many: Array.from({ length: 300 }, (_, i) => i),
    throws: {
      get value() {
        throw new Error("no");
      },
    },
    proxy: new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
      },
    ),
  });
  expect(lines()[0]).toMatchObject({
    circle: { name: "circle", self: "[circular]" },
    nothing: null,
    big: "12",
    symbol: "Symbol(s)",
    nan: "NaN",
    call: "[function]",
    bytes: "[9 bytes]",
    date: "1970-01-01T00:00:00.000Z",
    bad: "invalid date",
    throws: "[unreadable]",
    proxy: "[unreadable]",
  });
  expect(JSON.stringify(lines()[0]!.deep)).toContain("[too deep]");
  expect(lines()[0]!.long).toMatch(/^x{8192}… \[11808 characters more\]$/);
  expect(lines()[0]!.many).toHaveLength(101);
  expect(lines()[0]).not.toHaveProperty("none");
});

const forged =
  'x\r\n{"level":"critical","msg":"forged"}\n[00:00:00.000] CRITICAL: forged\u001b[2K\u009b1A\u2028\u202e';

test("a text cannot forge a line, nor move a cursor, and is still read back as it was", async () => {
  const { log, text, lines } = await keptLog();
  log.info(forged, { [forged]: forged });
  expect(text().split("\n")).toHaveLength(2);
  expect(text().slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
  expect(lines()[0]).toMatchObject({ msg: forged, [forged]: forged });
});

test("neither in the form for people", async () => {
  const { log, text } = await keptLog({ format: "pretty" });
  const error = new Error(forged);
  log.named(forged).warning(forged, { [forged]: { [forged]: forged }, err: error });
  const begins = text()
    .split("\n")
    .filter((line) => /^\S/.test(line));
  expect(begins).toHaveLength(1);
  expect(begins[0]).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] WARNING: x/);
  expect(text().replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
  expect(text()).toContain("log.test.ts");
});

test("auto is pretty in a terminal only", async () => {
  const inTerminal = await keptLog({ format: "auto", isTTY: true });
  inTerminal.log.info("hello", { status: 200 });
  expect(inTerminal.text()).toMatch(/^\[.*INFO.*momo: hello.*\{"status":200\}.*\n$/);
  expect(inTerminal.text()).toContain("\u001b[");
  const elsewhere = await keptLog({ format: "auto" });
  elsewhere.log.info("hello", { status: 200 });
  expect(elsewhere.lines()).toMatchObject([{ msg: "hello", status: 200 }]);
});
