/**
 * Requests made from the OpenAPI document, as it asks for them and spoilt: whatever comes, the answer is one that the
 * document knows, and never a fault of the server. MOMO_TEST_LONG sends many more.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openApiDocument } from "./openapi.ts";
import type { SchemaName } from "./schemas.ts";
import { type Answer, ask, type Started, startServer } from "./server.fixture.ts";
import { faults } from "./validate.fixture.ts";

interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  minimum?: number;
  maximum?: number;
}

interface Operation {
  parameters?: { name?: string; in?: string; required?: boolean; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: { $ref: string } }> }>;
}

const { paths } = (await openApiDocument("1.2.3")) as { paths: Record<string, Record<string, Operation>> };
/** The other rooms' own protocols have tests of their own. */
const elsewhere = ["/live", "/mcp", "/tools/call"];
const operations = Object.entries(paths)
  .filter(([path]) => !elsewhere.includes(path))
  .flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );

let started: Started;
const logged: unknown[] = [];
beforeAll(async () => {
  started = await startServer({
    log: { info: () => undefined, error: (_, fields) => void logged.push(fields.err) },
  });
  await ask(started.url, "/ingest", { body: {} });
  await ask(started.url, "/entries/notes%2Fa", { method: "PUT", body: { content: "A note on exit codes" } });
});
afterAll(() => started[Symbol.asyncDispose]());

/** Words that mean something here, and texts that parsers trip over. */
const text = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "notes/a",
      "src/errors.ts",
      "src/errors.ts#exitCode",
      "trial",
      "1",
      "2h",
      "words",
      "exit codes",
    ),
  },
  fc.constantFrom(
    "",
    " ",
    "../..",
    "/etc/passwd",
    "\0",
    "%",
    "%00",
    "a\r\nb: c",
    "__proto__",
    "constructor",
    "*".repeat(50),
  ),
  fc.constantFrom(
    "(a+)+$",
    "[",
    "{a,b",
    "\ud800",
    "\u202e",
    "é̀",
    "-1",
    "1e999",
    "0x10",
    "null",
    "x".repeat(3000),
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
);

function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.oneOf) return fc.oneof(...schema.oneOf.map(valuesOf));
  const [type = "string"] = [schema.type].flat();
  if (Array.isArray(schema.type))
    return fc.oneof(...schema.type.map((one) => valuesOf({ ...schema, type: one })));
  if (type === "boolean") return fc.boolean();
  if (type === "null") return fc.constant(null);
  if (type === "integer" || type === "number")
    return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1000, 1000) });
  if (type === "array") return fc.array(valuesOf(schema.items ?? {}), { maxLength: 3 });
  return type === "object" ? objectOf(schema) : text;
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, valuesOf(field)]),
  );
  const others = Object.keys(fields).filter((name) => !required.includes(name));
  // A few at a time: the more there are, the surer one of them is wrong, and nothing else is looked at.
  const known = fc
    .subarray(others, { maxLength: Math.min(others.length, 3) })
    .chain((some) =>
      fc.record(Object.fromEntries([...required, ...some].map((name) => [name, fields[name]!]))),
    );
  if (typeof additionalProperties !== "object") return known;
  return fc.dictionary(fc.constantFrom("a", "title", "notes/a"), valuesOf(additionalProperties), {
    maxKeys: 2,
  });
}

const anything = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Some fields replaced by anything, some taken away, some added. */
const spoilt = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(value, fc.dictionary(text, anything, { maxKeys: 2 }), fc.nat(), anything)
    .map(([given, more, at, instead]) => {
      const fields = Object.entries(given as object);
      if (fields.length > 0) fields[at % fields.length] = [fields[at % fields.length]![0], instead];
      return Object.fromEntries([...fields, ...Object.entries(more)]);
    });

interface Made {
  path: string;
  body?: unknown;
}

const encode = (value: unknown): string =>
  encodeURIComponent((typeof value === "object" ? JSON.stringify(value) : String(value)).toWellFormed());

function requestOf({ path, operation }: (typeof operations)[number]): fc.Arbitrary<Made> {
  const { parameters = [] } = operation;
  const own = parameters.filter(({ name }) => name !== undefined);
  const inPath = fc.record(
    Object.fromEntries(own.filter((one) => one.in === "path").map((one) => [one.name!, text])),
  );
  const asked = own.filter((one) => one.in === "query");
  const query: Schema = {
    properties: Object.fromEntries(asked.map((one) => [one.name!, one.schema!])),
    required: asked.flatMap((one) => (one.required ? [one.name!] : [])),
  };
  const valid = objectOf(query);
  const schema = operation.requestBody?.content["application/json"]?.schema;
  const body = schema
    ? fc.oneof(valuesOf(schema), spoilt(valuesOf(schema)), anything)
    : fc.constant(undefined);
  return fc.tuple(inPath, fc.oneof(valid, spoilt(valid)), body).map(([params, given, sent]) => {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encode(params[name]));
    const pairs = Object.entries(given as object).flatMap(([name, value]) =>
      [value].flat().map((one) => `${encode(name)}=${encode(one)}`),
    );
    return {
      path: pairs.length > 0 ? `${filled}?${pairs.join("&")}` : filled,
      ...(schema && { body: sent }),
    };
  });
}

/** A model that is not there, or a server that has enough to do: nobody's fault. */
const isExcused = ({ status, json }: Answer): boolean =>
  status === 503 || /^EMBEDDING_/.test((json as { code?: string } | undefined)?.code ?? "");

function check(answer: Answer, { responses }: Operation): void {
  if (answer.status >= 400) {
    if (!isExcused(answer)) expect(answer.status, answer.text).toBeLessThan(500);
    expect(faults("Problem", answer.json)).toEqual([]);
    return;
  }
  const promised = responses[answer.status]?.content?.["application/json"]?.schema.$ref;
  const name = promised?.split("/").at(-1) as SchemaName | undefined;
  if (name && name !== "Health") expect(faults(name, answer.json)).toEqual([]);
}

const isLong = process.env.MOMO_TEST_LONG === "1";

test.each(operations)(
  "$name",
  async (row) => {
    await fc.assert(
      fc.asyncProperty(requestOf(row), async ({ path, body }) => {
        // A path of dots is another path, and one without a name is none.
        const answer = await ask(started.url, path, {
          method: row.method,
          ...(body !== undefined && { body }),
        });
        check(answer, row.operation);
        expect(logged).toEqual([]);
      }),
      { numRuns: isLong ? 1000 : 25 },
    );
  },
  600_000,
);
