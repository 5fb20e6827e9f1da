/** The OpenAPI document: whole and consistent in itself. That the committed one is this one, test/docs.test.ts checks. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, expect, test } from "vitest";
import { openApiDocument } from "./openapi.ts";
import { ownRoutes } from "./own-routes.ts";
import { routes } from "./routes.ts";

interface Parameter {
  name: string;
  in: string;
  required: boolean;
  schema: object;
}

interface Operation {
  operationId: string;
  summary: string;
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<
    string,
    { description?: string; $ref?: string; content?: Record<string, { schema: object }> }
  >;
  "x-role"?: string;
}

let document: { openapi: string; paths: Record<string, Record<string, Operation>>; components: object };
let operations: [string, Operation][];

beforeAll(async () => {
  document = (await openApiDocument("1.2.3")) as unknown as typeof document;
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
  );
});

test("every route is in it, and nothing else", () => {
  const rows = [...routes, ...ownRoutes].map(({ method, path }) => `${method.toLowerCase()} ${path}`);
  expect(operations.map(([name]) => name).sort()).toEqual(rows.sort());
});

test("it has what OpenAPI 3.1 asks for", () => {
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  expect(document).toMatchObject({ info: { title: "Momo", version: "1.2.3" } });
  const ids = operations.map(([, { operationId }]) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [name, { summary, responses, parameters = [] }] of operations) {
    expect(summary, name).not.toBe("");
    for (const [status, response] of Object.entries(responses)) {
      expect(status).toMatch(/^([1-5]\d\d|default)$/);
      expect(response.description ?? response.$ref, `${name} ${status}`).toBeTypeOf("string");
    }
    expect(responses.default, name).toEqual({ $ref: "#/components/responses/Problem" });
    const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, one]) => one);
    const own = parameters.filter((one): one is Parameter => "name" in one);
    expect(
      own.filter((one) => one.in === "path").map((one) => one.name),
      name,
    ).toEqual(inPath);
    expect(own.every((one) => one.in !== "path" || one.required)).toBe(true);
    expect(new Set(own.map((one) => `${one.in} ${one.name}`)).size).toBe(own.length);
  }
});

test("every reference leads somewhere", () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!.split("/"));
  expect(references.length).toBeGreaterThan(50);
  const found = (path: string[]): unknown =>
    path.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document);
  expect(references.filter((path) => found(path) === undefined)).toEqual([]);
});

test("every schema is one of JSON Schema 2020-12", () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: "x", components: document.components });
  const inner = operations.flatMap(([, { parameters = [], requestBody, responses }]) => [
    ...parameters.flatMap((one) => ("schema" in one ? [one.schema] : [])),
    ...Object.values(requestBody?.content ?? {}).map(({ schema }) => schema),
    ...Object.values(responses).flatMap(({ content }) =>
      Object.values(content ?? {}).map(({ schema }) => schema),
    ),
  ]);
  for (const schema of inner) {
    const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"x#/')) as object;
    expect(ajv.validateSchema(absolute)).toBe(true);
    expect(() => ajv.compile(absolute)).not.toThrow();
  }
});

test("it says which role a request needs", () => {
  const roleOf = Object.fromEntries(operations.map(([name, operation]) => [name, operation["x-role"]]));
  expect(roleOf).toMatchObject({
    "post /query": "reader",
    "get /entries": "reader",
    "put /entries/{id}": "writer",
    "post /rollback/plan": "reader",
    "post /rollback/apply": "writer",
    "get /checkpoints": "reader",
    "post /checkpoints": "writer",
    "delete /checkpoints/{name}": "writer",
    "get /config": "admin",
    "put /config": "admin",
    "post /audit/erase": "admin",
    "get /health": undefined,
  });
});
