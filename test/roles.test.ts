/**
 * Who may do what, over the socket of a started server: every route and every tool, as everybody. The table below says
 * it in words; that it is what the commands' effects say, and that the server does it, is tested.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { effectOf } from "../src/commands/command.ts";
import { findCommand } from "../src/commands/index.ts";
import { givenBy, inputOf } from "../src/http/input.ts";
import { ownRoutes } from "../src/http/own-routes.ts";
import type { Route } from "../src/http/route.ts";
import { routes } from "../src/http/routes.ts";
import { commandInput, createToolSet } from "../src/mcp/tool-set.ts";
import type { Role } from "../src/security/roles.ts";
import { indexedShop, makeKeys, type Serving, serve } from "./serving.ts";

/** The least role; a new route has no place here until somebody decides about it. */
const needed: Readonly<Record<Role, readonly string[]>> = {
  reader: [
    "POST /query",
    "GET /entities/{id}",
    "GET /stats",
    "GET /digest",
    "GET /documents/{id}",
    "GET /entries",
    "GET /entries/{id}",
    "GET /entries/{id}/versions",
    "GET /transactions",
    "POST /rollback/plan",
    "POST /redo/plan",
    "POST /rewind/plan",
    "GET /checkpoints",
    "GET /quarantine",
    "GET /explorations",
    "GET /explorations/{name}/compare",
  ],
  writer: [
    "POST /ingest",
    "POST /embed",
    "PUT /entries/{id}",
    "DELETE /entries/{id}",
    "POST /relations",
    "DELETE /relations",
    "POST /transactions",
    "POST /rollback/apply",
    "POST /redo/apply",
    "POST /rewind/apply",
    "POST /checkpoints",
    "DELETE /checkpoints/{name}",
    "POST /quarantine/release",
    "POST /explorations",
    "POST /explorations/{name}/merge",
    "DELETE /explorations/{name}",
  ],
  admin: [
    "GET /audit/verify",
    "GET /audit/log",
    "GET /audit/export",
    "POST /audit/compact",
    "POST /audit/erase",
    "GET /config",
    "PUT /config",
  ],
};

const open = ["GET /health", "GET /health/live", "GET /health/ready", "GET /openapi.json"];
const anyKey = ["GET /metrics", "POST /tools/call", "POST /mcp", "GET /live"];

/** In the order in which they ask: who may most asks last, since it also does what it asks. */
const people = ["nobody", "elsewhere", "none", "reader", "mixed", "writer", "admin"] as const;
type Person = (typeof people)[number];
const inShop: Readonly<Record<Person, Role | undefined>> = {
  nobody: undefined,
  elsewhere: undefined,
  none: undefined,
  reader: "reader",
  mixed: "writer",
  writer: "writer",
  admin: "admin",
};
const rank: readonly (Role | undefined)[] = [undefined, "reader", "writer", "admin"];
const may = (person: Person, least: Role): boolean => rank.indexOf(inShop[person]) >= rank.indexOf(least);

let parent: string;
let serving: Serving;
let keys: Record<Exclude<Person, "nobody">, string>;

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), "momo-roles-"));
  const { root } = await indexedShop(parent);
  mkdirSync(join(parent, "bank"));
  keys = makeKeys(join(root, ".momo"), {
    elsewhere: { bank: "admin" },
    // A key has a grant somewhere; this one has it where nothing is.
    none: { "no-such-workspace": "admin" },
    reader: { shop: "reader" },
    mixed: { "*": "reader", shop: "writer" },
    writer: { shop: "writer" },
    admin: { "*": "admin" },
  });
  serving = await serve([root, join(parent, "bank")], { MOMO_RATE_LIMIT: "1000000", MOMO_MCP_TOOLS: "all" });
});

afterAll(async () => {
  await serving?.stop();
  rmSync(parent, { recursive: true, force: true });
});

/** Something for every field that a request must have. */
const samples: Readonly<Record<string, unknown>> = {
  query: "retry",
  id: "n",
  name: "n",
  ids: ["n"],
  source: "n",
  target: "m",
  type: "related_to",
  relation: "related_to",
  operations: [{ op: "put", id: "n", content: "x" }],
  plan_hash: "0".repeat(64),
  plan: "0".repeat(64),
  key: "max_file_size_mb",
  value: 10,
  content: "x",
  transaction: "1",
  action: "list",
  tool: "search",
};

interface Asked {
  path: string;
  params: Record<string, string>;
  query: Map<string, string>;
  body: Record<string, unknown> | undefined;
}

function askedOf(route: Route): Asked {
  const params = Object.fromEntries(Object.keys(route.params ?? {}).map((name) => [name, "n"]));
  const fields = Object.fromEntries((route.required ?? []).map((name) => [name, samples[name]]));
  const takesBody = route.method !== "GET" && route.method !== "DELETE";
  const query = takesBody
    ? []
    : Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]);
  const path = `${route.path.replace(/\{\w+\}/g, "n")}?${new URLSearchParams(query)}`;
  return { path, params, query: new Map(query), body: takesBody ? fields : undefined };
}

const roleOf = { read: "reader", write: "writer", admin: "admin" } as const;

/** As the command's effect says. */
async function leastRole(route: Route): Promise<Role> {
  const { params, query, body } = askedOf(route);
  const input = inputOf(route, givenBy(route, { params, query, body }));
  return roleOf[effectOf((await findCommand(route.command))!, input)];
}

interface Answer {
  status: number;
  text: string;
  code: string | undefined;
}

async function ask(person: Person, line: { method: string; path: string }, body?: unknown): Promise<Answer> {
  const response = await fetch(`http://${serving.host}${line.path}`, {
    method: line.method,
    headers: {
      ...(person !== "nobody" && { authorization: `Bearer ${keys[person]}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      accept: "application/json, text/event-stream",
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, code: /"code":"(\w+)"/.exec(text)?.[1] };
}

const lineOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`;

test("every route has its place in the table, and the table says what the commands' effects say", async () => {
  const said = Object.entries(needed).flatMap(([role, lines]) => lines.map((line) => [line, role]));
  const found = await Promise.all(routes.map(async (route) => [lineOf(route), await leastRole(route)]));
  const own = ownRoutes.map((row) => [lineOf(row), row.access]);
  expect(found.sort()).toEqual(said.sort());
  expect(own.sort()).toEqual(
    [...open.map((line) => [line, "open"]), ...anyKey.map((line) => [line, "caller"])].sort(),
  );
});

describe("routes", () => {
  for (const person of people)
    for (const [least, lines] of Object.entries(needed) as [Role, string[]][])
      test(`${person}: what needs ${least}`, async () => {
        for (const route of routes.filter((one) => lines.includes(lineOf(one)))) {
          const { path, body } = askedOf(route);
          const { status, code, text } = await ask(person, { method: route.method, path }, body);
          const line = `${lineOf(route)}: ${status} ${text.slice(0, 300)}`;
          if (person === "nobody") expect(status, line).toBe(401);
          else if (may(person, least)) {
            expect([401, 500], line).not.toContain(status);
            expect(code, line).not.toBe("FORBIDDEN");
          } else expect({ status, code }, line).toEqual({ status: 403, code: "FORBIDDEN" });
        }
      });
});

test("a role counts in its workspace, and in no other", async () => {
  const stats = { method: "GET", path: "/stats?workspace=bank" };
  expect((await ask("reader", stats)).status).toBe(403);
  expect((await ask("writer", stats)).status).toBe(403);
  // bank is not indexed yet: whoever may ask is told so.
  for (const person of ["elsewhere", "mixed", "admin"] as const)
    expect((await ask(person, stats)).code, person).not.toBe("FORBIDDEN");
  const write = { method: "PUT", path: "/entries/n?workspace=bank" };
  expect((await ask("mixed", write, { content: "x" })).code).toBe("FORBIDDEN");
  expect((await ask("elsewhere", write, { content: "x" })).code).not.toBe("FORBIDDEN");
  expect(
    (await ask("elsewhere", { ...write, path: "/entries/n?workspace=shop" }, { content: "x" })).status,
  ).toBe(403);
});

test("a workspace that there is not is none that a key may ask for", async () => {
  const { status, text } = await ask("reader", { method: "GET", path: "/stats?workspace=nowhere" });
  expect([403, 404]).toContain(status);
  expect(text).not.toContain("bank");
});

describe("routes that are no command", () => {
  for (const person of people)
    test(person, async () => {
      for (const line of open) {
        const [method, path] = line.split(" ") as [string, string];
        const { status, text } = await ask(person, { method, path });
        expect(status, `${line}: ${text.slice(0, 1000)}`).toBe(200);
      }
      const status = person === "nobody" ? 401 : 200;
      expect((await ask(person, { method: "GET", path: "/metrics" })).status).toBe(status);
      const ping = { jsonrpc: "2.0", id: 1, method: "tools/list" };
      expect((await ask(person, { method: "POST", path: "/mcp" }, ping)).status).toBe(status);
      expect(await handshake(person)).toBe(person === "nobody" ? 401 : 101);
    });
});

/** Status of a WebSocket at /live. */
function handshake(person: Person): Promise<number> {
  const headers = person === "nobody" ? {} : { authorization: `Bearer ${keys[person]}` };
  const socket = new WebSocket(`ws://${serving.host}/live`, { headers });
  socket.on("error", () => undefined);
  return new Promise((resolve) => {
    socket.on("open", () => {
      resolve(101);
      socket.close();
    });
    socket.on("unexpected-response", (request, { statusCode }) => {
      request.destroy();
      resolve(statusCode ?? 0);
    });
  });
}

describe("what is told at /live", () => {
  for (const person of people.filter((one) => one !== "nobody"))
    test(person, async () => {
      const socket = new WebSocket(`ws://${serving.host}/live`, {
        headers: { authorization: `Bearer ${keys[person]}` },
      });
      socket.on("open", () => socket.send('{"type":"subscribe","workspace":"shop"}'));
      const told = await new Promise<string>((resolve) =>
        socket.once("message", (data) => resolve(data.toString())),
      );
      socket.close();
      expect(told).toContain(may(person, "reader") ? '"ready"' : "FORBIDDEN");
    });
});

/** Each tool with what it must be given, and the least role of that. */
async function tools(): Promise<{ name: string; given: Record<string, unknown>; least: Role }[]> {
  const set = createToolSet(["all"]);
  return Promise.all(
    (await set.definitions()).map(async ({ name }) => {
      const row = await set.find(name);
      const command = (await findCommand(row.command))!;
      const names = new Set([
        ...(row.needs ?? []),
        ...command.positionals.filter(({ required }) => required).map((one) => one.name),
      ]);
      const given = Object.fromEntries(
        [...names].filter((one) => Object.hasOwn(row.inputs, one)).map((one) => [one, samples[one]]),
      );
      return { name, given, least: roleOf[effectOf(command, commandInput(row, given))] };
    }),
  );
}

describe("tools", () => {
  for (const person of people)
    test(person, async () => {
      const all = await tools();
      expect(all.length).toBeGreaterThan(15);
      expect(new Set(all.map(({ least }) => least)).size).toBe(3);
      for (const { name, given, least } of all) {
        const params = { name, arguments: given };
        const answers = [
          await ask(person, { method: "POST", path: "/tools/call" }, { tool: name, arguments: given }),
          await ask(
            person,
            { method: "POST", path: "/mcp" },
            { jsonrpc: "2.0", id: 1, method: "tools/call", params },
          ),
        ];
        for (const { status, text } of answers) {
          const line = `${name} as ${person}: ${status} ${text.slice(0, 400)}`;
          expect(status, line).toBe(person === "nobody" ? 401 : 200);
          if (person === "nobody") continue;
          if (may(person, least)) expect(text, line).not.toMatch(/"FORBIDDEN"|\\"FORBIDDEN\\"/);
          else expect(text, line).toMatch(/"FORBIDDEN"/);
        }
      }
    });
});
