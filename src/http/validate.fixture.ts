/** Holds answers against the OpenAPI document, strictly: a field that the document does not know is a fault. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { Route } from "./route.ts";
import { routes } from "./routes.ts";
import { type SchemaName, schemas } from "./schemas.ts";

/** Objects whose fields are listed hold no others. */
function tightened(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(tightened);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, tightened(value)]));
  const isClosed = inner.type === "object" && inner.properties !== undefined;
  return isClosed ? { additionalProperties: false, ...inner } : inner;
}

const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
ajv.addSchema({ $id: "momo", components: { schemas: tightened(schemas) } });

const known = new Map<string, ValidateFunction>();

/** What is wrong with an answer; empty where it is as the schema says. */
export function faults(name: SchemaName, answer: unknown): string[] {
  const validate = known.get(name) ?? ajv.compile({ $ref: `momo#/components/schemas/${name}` });
  known.set(name, validate);
  validate(answer);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** The row of a request; its path as the table writes it. */
export function routeOf(method: string, path: string): Route {
  const found = routes.find((route) => route.method === method && route.path === path);
  if (!found) throw new Error(`no route ${method} ${path}`);
  return found;
}
