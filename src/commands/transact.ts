/** `momo transact`: several writes as one transaction: all of them happen, once, or none. */
import { readFileSync } from "node:fs";
import { MomoError } from "../errors.ts";
import type { KnowledgeType } from "../model/api.ts";
import { knowledgeTypes } from "../model/api.ts";
import { didYouMean } from "../model/nearest.ts";
import { type RelationType, relationTypes } from "../model/outline.ts";
import type { EntryTransaction, TransactRequest, WriteReceipt } from "../model/rollback.ts";
import { shownValue } from "../model/shown.ts";
import {
  type CommandContext,
  defineCommand,
  explorationOption,
  homeOption,
  type Input,
  pathOption,
  waitOption,
} from "./command.ts";
import { existingFile, openPlace } from "./place.ts";
import { authorOf, writerOptions } from "./who.ts";

const text = { type: "string" } as const;
const fields = { type: "object" } as const;
const knowledgeType = { type: "string", enum: [...knowledgeTypes] } as const;
const relationType = { type: "string", enum: [...relationTypes] } as const;

/** Fields of each operation, and which it must have. */
const kinds = {
  put: {
    needs: ["id", "content"],
    fields: { id: text, type: knowledgeType, content: text, metadata: fields },
  },
  update: { needs: ["id"], fields: { id: text, type: knowledgeType, content: text, metadata: fields } },
  document: {
    needs: ["entity_id", "documentation_type", "content"],
    fields: { entity_id: text, documentation_type: text, content: text, metadata: fields },
  },
  relate: {
    needs: ["source", "type", "target"],
    fields: { source: text, type: relationType, target: text, id: text, metadata: fields },
  },
  unrelate: {
    needs: ["source", "type", "target"],
    fields: { source: text, type: relationType, target: text, id: text },
  },
  remove: { needs: ["id"], fields: { id: text } },
} as const;

type Kind = keyof typeof kinds;
interface Operation {
  op: Kind;
  id?: string;
  type?: string;
  content?: string;
  metadata?: Record<string, unknown>;
  entity_id?: string;
  documentation_type?: string;
  source?: string;
  target?: string;
}

const MAX_OPERATIONS = 10_000;

const operationsSchema = {
  type: "array",
  minItems: 1,
  maxItems: MAX_OPERATIONS,
  items: {
    oneOf: Object.entries(kinds).map(([op, { needs, fields: properties }]) => ({
      type: "object",
      properties: { op: { const: op }, ...properties },
      required: ["op", ...needs],
      additionalProperties: false,
    })),
  },
} as const;

const positionals = [] as const;

const options = {
  operations: {
    type: "json",
    value_name: "JSON",
    schema: operationsSchema,
    help: "a list of operations: put, update, document, relate, unrelate, remove",
  },
  file: {
    type: "string",
    short: "f",
    value_name: "FILE",
    help: "read the operations from FILE (- is standard input)",
    only: "cli",
  },
  expect: {
    type: "json",
    value_name: "JSON",
    schema: { type: "object", additionalProperties: { type: "integer", minimum: 0 } },
    help: "version that each id must have now, 0 where it must not exist",
  },
  reads: { type: "strings", value_name: "ID", help: "something this is derived from; several may be given" },
  ...writerOptions,
  irreversible: {
    type: "string",
    value_name: "TEXT",
    help: "what is also done outside Momo and stays done, in words: nobody takes this back unasked",
  },
  exploration: explorationOption,
  path: pathOption,
  home: homeOption,
  wait: waitOption,
} as const;

type TransactInput = Input<typeof positionals, typeof options>;

function refuse(at: number, value: unknown, hint: string): never {
  throw new MomoError("VALUE_INVALID", { name: `operation ${at + 1}`, value: shownValue(value), hint });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Names and kinds of fields; what they may say is checked where they are written. */
function readOperation(given: unknown, at: number): Operation {
  if (!isObject(given)) return refuse(at, given, "give an object with op");
  const { op, ...rest } = given;
  const names = Object.keys(kinds);
  if (typeof op !== "string" || !Object.hasOwn(kinds, op))
    return refuse(at, op, didYouMean(String(op), names));
  const { needs, fields: known } = kinds[op as Kind];
  for (const name of needs) if (rest[name] === undefined) refuse(at, op, `it needs ${name}`);
  for (const [name, value] of Object.entries(rest)) {
    if (!Object.hasOwn(known, name)) refuse(at, name, didYouMean(name, Object.keys(known)));
    const isRight = name === "metadata" ? isObject(value) : typeof value === "string";
    if (!isRight) refuse(at, value, `${name} must be ${name === "metadata" ? "an object" : "a text"}`);
  }
  return given as unknown as Operation;
}

function readOperations(given: unknown): Operation[] {
  if (!Array.isArray(given) || given.length === 0)
    throw new MomoError("VALUE_INVALID", {
      name: "operations",
      value: Array.isArray(given) ? "an empty list" : typeof given,
      hint: "give a list of operations",
    });
  if (given.length > MAX_OPERATIONS)
    throw new MomoError("VALUE_INVALID", {
      name: "operations",
      value: `a list of ${given.length}`,
      hint: `give at most ${MAX_OPERATIONS}`,
    });
  return given.map(readOperation);
}

function readExpected(given: unknown): Record<string, number> | undefined {
  if (given === undefined) return undefined;
  const isRight =
    isObject(given) && Object.values(given).every((one) => Number.isSafeInteger(one) && Number(one) >= 0);
  if (isRight) return given as Record<string, number>;
  throw new MomoError("VALUE_INVALID", {
    name: "expect",
    value: typeof given,
    hint: "give an object: id to version, 0 where it must not exist",
  });
}

function carryOut(tx: EntryTransaction, operation: Operation): void {
  const { op, id = "", content = "", metadata, source = "", target = "" } = operation;
  const more = { ...(operation.id !== undefined && { id: operation.id }), ...(metadata && { metadata }) };
  switch (op) {
    case "put": {
      const type = (operation.type ?? "documentation") as KnowledgeType;
      tx.put({ id, type, content, ...(metadata && { metadata }) });
      return;
    }
    case "update": {
      const { type } = operation;
      const change = { ...(type && { type: type as KnowledgeType }), ...(metadata && { metadata }) };
      tx.update(id, { ...change, ...(operation.content !== undefined && { content }) });
      return;
    }
    case "document": {
      const { entity_id = "", documentation_type = "" } = operation;
      tx.storeDocumentation({ entity_id, documentation_type, content, ...(metadata && { metadata }) });
      return;
    }
    case "relate":
      tx.relate(source, operation.type as RelationType, target, more);
      return;
    case "unrelate":
      tx.unrelate(source, operation.type as RelationType, target, more);
      return;
    case "remove":
      if (!tx.remove(id)) throw new MomoError("ENTRY_UNKNOWN", { id });
  }
}

async function given(context: CommandContext, { operations, file }: TransactInput): Promise<unknown> {
  if ((operations === undefined) === (file === undefined))
    throw new MomoError("ARGUMENT_MISSING", {
      argument: "operations",
      usage: "usage: momo transact --operations JSON | --file FILE",
    });
  if (file === undefined) return operations;
  const json = file === "-" ? await context.readInput() : readFileSync(existingFile(context, file), "utf8");
  try {
    return JSON.parse(json);
  } catch {
    throw new MomoError("VALUE_INVALID", { name: "--file", value: file, hint: "it does not hold JSON" });
  }
}

function requestOf(context: CommandContext, input: TransactInput): TransactRequest {
  const { exploration, reads, irreversible } = input;
  const expect = readExpected(input.expect);
  return {
    ...authorOf(context, input),
    ...(exploration !== undefined && { exploration }),
    ...(expect && { expect }),
    ...(reads.length > 0 && { reads }),
    ...(irreversible !== undefined && { irreversible }),
  };
}

async function run(context: CommandContext, input: TransactInput): Promise<WriteReceipt> {
  const operations = readOperations(await given(context, input));
  const request = requestOf(context, input);
  const { path, home, wait } = input;
  const { momo } = await openPlace(context, { path, home, wait });
  try {
    return await momo.transact(request, (tx) => {
      for (const operation of operations) carryOut(tx, operation);
    });
  } finally {
    await momo.close();
  }
}

export const transact = defineCommand({
  summary: "write several entries, documentation and relations as one transaction",
  details:
    "All operations happen, in order and once for each request id, or none does. put makes or replaces an entry, update " +
    "changes fields that are given, document writes documentation of a file or definition, relate and unrelate join and " +
    "part two ids, remove takes an entry away.",
  examples: [
    {
      command: 'momo transact --operations \'[{"op":"put","id":"notes/a","content":"Ship on Fridays"}]\'',
      help: "one entry",
    },
    { command: 'momo transact --file operations.json --intent "what was learnt"', help: "many, from a file" },
  ],
  positionals,
  options,
  effect: "write",
  run,
});
