/** The shape of a route: data that says which command a request is, and which of its parts go to which input. */
import type { Schema, SchemaName } from "./schemas.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Name in the request -> input of the command. */
export type Fields = Readonly<Record<string, string>>;

export type Values = Record<string, unknown>;

export interface Described {
  method: Method;
  /** As OpenAPI writes it: `/entries/{id}`. A value in it is one segment: what it holds of `/` is `%2F`. */
  path: string;
  /** One line, no full stop. */
  summary: string;
  answer: SchemaName;
  /** Default application/json. */
  content_type?: string;
}

/** A request that carries out a command. */
export interface Route extends Described {
  command: string;
  /** Inputs that are the same in every request. */
  fixed?: Readonly<Values>;
  params?: Fields;
  query?: Fields;
  body?: Fields;
  /** Fields of the body, or of the query where there is none, that must be there. */
  required?: readonly string[];
  /** Of fields that are not what the command takes; by their names in the body. */
  schemas?: Readonly<Record<string, Schema>>;
  /** A form that the route takes as well. */
  form?: { schema: Schema; status: number; answer: SchemaName };
  /** Of what the fields alone do not say: gets what was mapped from them, returns the command's input. */
  read?: (input: Values) => Values;
  /** Of what was done; default 200. */
  status?: number;
  /** The answer from what the command said and the fields of the request; default as it is. */
  shape?: (result: Values, given: Values) => Values;
  /** The error that a result is which means failure; default it is an answer like any other. */
  refuse?: (result: Values) => Error;
}

/** A request that is no command. */
export interface OwnRoute extends Described {
  /** `open` needs no key; `caller` any key at all. */
  access: "open" | "caller";
  /** Why no command stands behind it. */
  reason: string;
  body?: Schema;
  /** Statuses besides 200 and the errors that every route can have, with what they mean. */
  statuses?: Readonly<Record<number, string>>;
}

/** Fields that have the name of their input. */
export const same = (...names: string[]): Fields => Object.fromEntries(names.map((name) => [name, name]));

/** Who writes, for which request, and why: of every route that writes. */
export const author = same("agent", "session", "request_id", "intent");

/** `/entries/{id}` as Fastify writes it. */
export const fastifyPath = (path: string): string => path.replace(/\{(\w+)\}/g, ":$1");

/** The other way round: the template that people know. */
export const tablePath = (path: string): string => path.replace(/:(\w+)/g, "{$1}");
