/** The OpenAPI 3.1 document, from the table of routes, the commands' inputs and the schemas of answers. */
import { type Command, effectOf, inputSchema } from "../commands/command.ts";
import { findCommand } from "../commands/index.ts";
import type { Effect } from "../security/roles.ts";
import { ownRoutes } from "./own-routes.ts";
import { titleOf } from "./problem.ts";
import type { Described, Fields, OwnRoute, Route } from "./route.ts";
import { routes } from "./routes.ts";
import { ref, type Schema, type SchemaName, schemas } from "./schemas.ts";

const roleOf: Readonly<Record<Effect, string>> = { read: "reader", write: "writer", admin: "admin" };

/** What the call that a route makes does. */
export function routeEffect({ required = [], query, body, params, fixed }: Route, command: Command): Effect {
  const names = { ...query, ...body, ...params };
  const always = [...required, ...Object.keys(params ?? {})];
  const given = Object.fromEntries(always.map((name) => [names[name] ?? name, "given"]));
  return effectOf(command, { ...given, ...fixed });
}

type Document = Record<string, unknown>;

const parameters = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);

/** `GET /entries/{id}/versions` -> `getEntriesIdVersions`. */
const operationId = ({ method, path }: Described): string =>
  method.toLowerCase() +
  path
    .split(/\W+/)
    .filter((word) => word !== "")
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join("");

function fieldSchema({ schemas: own }: Route, command: Command, [name, input]: [string, string]): Schema {
  const properties: Readonly<Record<string, Schema>> = inputSchema(command).properties;
  const schema = own?.[name] ?? properties[input];
  if (schema) return schema;
  throw new Error(`${command.name} has no input ${input}`);
}

function queryParameters(route: Route, command: Command): Document[] {
  return Object.entries(route.query ?? {}).map((field) => {
    const { description, ...schema } = fieldSchema(route, command, field);
    const required = route.required?.includes(field[0]) ?? false;
    return {
      name: field[0],
      in: "query",
      required,
      ...(description !== undefined && { description }),
      schema,
    };
  });
}

const pathParameters = (path: string): Document[] =>
  parameters(path).map((name) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", minLength: 1 },
    description: "percent-encoded, so that what it holds of / : # ? % belongs to it",
  }));

const workspace = { $ref: "#/components/parameters/workspace" } as const;

function bodySchema(route: Route, command: Command, fields: Fields): Schema {
  const properties = Object.fromEntries(
    Object.entries(fields).map((field) => [field[0], fieldSchema(route, command, field)]),
  );
  return { type: "object", properties, required: [...(route.required ?? [])], additionalProperties: false };
}

function requestBody(route: Route, command: Command): Document {
  const { body, required = [], form } = route;
  if (!body) return {};
  const content = {
    "application/json": { schema: bodySchema(route, command, body) },
    ...(form && { "multipart/form-data": { schema: form.schema } }),
  };
  return { requestBody: { required: required.length > 0, content } };
}

const answerOf = (name: SchemaName, { summary, content_type = "application/json" }: Described): Document => ({
  description: summary,
  content: { [content_type]: { schema: ref(name) } },
});

const problems = { default: { $ref: "#/components/responses/Problem" } } as const;

async function commandOperation(route: Route): Promise<Document> {
  const command = await findCommand(route.command);
  if (!command) throw new Error(`${route.path}: there is no command ${route.command}`);
  const { form } = route;
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.command],
    parameters: [...pathParameters(route.path), ...queryParameters(route, command), workspace],
    ...requestBody(route, command),
    responses: {
      [route.status ?? 200]: answerOf(route.answer, route),
      ...(form && { [form.status]: answerOf(form.answer, route) }),
      ...problems,
    },
    "x-command": route.command,
    "x-role": roleOf[routeEffect(route, command)],
  };
}

function ownOperation(row: OwnRoute): Document {
  const others = Object.entries(row.statuses ?? {}).map(([status, description]) => [
    status,
    row.answer === "Health" ? answerOf("Health", { ...row, summary: description }) : { description },
  ]);
  return {
    operationId: operationId(row),
    summary: row.summary,
    tags: ["server"],
    ...(row.access === "open" && { security: [] }),
    ...(row.access === "caller" && row.body && { parameters: [workspace] }),
    ...(row.body && {
      requestBody: { required: true, content: { "application/json": { schema: row.body } } },
    }),
    responses: { 200: answerOf(row.answer, row), ...Object.fromEntries(others), ...problems },
  };
}

const components = {
  securitySchemes: {
    key: {
      type: "http",
      scheme: "bearer",
      description: "a key of momo keys create, or a token (docs/security.md)",
    },
  },
  parameters: {
    workspace: {
      name: "workspace",
      in: "query",
      required: false,
      schema: { type: "string" },
      description:
        "which of the folders that are served; also as the header Momo-Workspace; default the first",
    },
  },
  responses: {
    Problem: {
      description: `an error: ${[400, 401, 403, 404, 409, 413, 415, 429, 503].map((status) => `${status} ${titleOf(status)}`).join(", ")}`,
      content: { "application/problem+json": { schema: ref("Problem") } },
    },
  },
  schemas,
};

export async function openApiDocument(version: string): Promise<Document> {
  const paths: Record<string, Document> = {};
  const add = ({ path, method }: Described, operation: Document): void => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  };
  for (const row of ownRoutes) add(row, ownOperation(row));
  for (const route of routes) add(route, await commandOperation(route));
  return {
    openapi: "3.1.1",
    info: {
      title: "Momo",
      version,
      description:
        "Search in code and in what people and agents wrote about it; every write can be taken back.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{ key: [] }],
    paths,
    components,
  };
}

let known: { version: string; text: string } | undefined;

/** As JSON; made once. */
export async function openApiText(version: string): Promise<string> {
  if (known?.version !== version)
    known = { version, text: `${JSON.stringify(await openApiDocument(version), undefined, 2)}\n` };
  return known.text;
}
