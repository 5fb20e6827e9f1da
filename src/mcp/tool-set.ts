/**
 * The tools that one server offers: the default ones and those that were asked for, as `tools/list` shows them and as a
 * call finds them. A default tool is found without loading a command: the first search pays for no schema.
 */
import { type Command, effectOf, inputSchema } from "../commands/command.ts";
import { findCommand } from "../commands/index.ts";
import { MomoError } from "../errors.ts";
import { didYouMean } from "../model/nearest.ts";
import { shown } from "../model/shown.ts";
import { defaultTools, type Schema, type ToolRow } from "./tools.ts";

export interface ToolDefinition {
  name: string;
  description: string;
  inputSchema: { type: "object"; [keyword: string]: unknown };
  outputSchema?: { type: "object"; [keyword: string]: unknown };
  annotations: {
    readOnlyHint: boolean;
    destructiveHint: boolean;
    idempotentHint: boolean;
    openWorldHint: boolean;
  };
}

export interface ToolSet {
  /** Raises TOOL_UNKNOWN. */
  find(name: string): Promise<ToolRow>;
  /** Always in the same order. */
  definitions(): Promise<ToolDefinition[]>;
}

/**
 * What a write changes stays in the journal and is taken back by rollback, redo or rewind, so it destroys nothing. What
 * needs an admin may (`audit erase`, `audit compact`).
 */
/** What asks somebody at a terminal before it is done, or leaves nothing to take back. */
function takesAway({ options }: Command, { action }: Readonly<Record<string, unknown>>): boolean {
  return Object.hasOwn(options, "yes") || action === "discard" || action === "remove";
}

/** Clients ask a person before a call that is destructive: what only adds, and can be taken back, need not wait for one. */
function annotationsOf(command: Command, { fixed, repeatable }: ToolRow): ToolDefinition["annotations"] {
  // What only lists without a name writes with one: a tool promises the least.
  const effect = fixed ? effectOf(command, fixed) : command.effect;
  return {
    readOnlyHint: effect === "read",
    destructiveHint: effect === "admin" || (effect === "write" && takesAway(command, fixed ?? {})),
    idempotentHint: effect === "read" || repeatable === true,
    openWorldHint: false,
  };
}

/** Of a default tool only what is needed: its row says the rest in fewer words, and a wrong value is told the right ones. */
function shortSchema({ type, items }: Schema, help: string | undefined): Schema {
  return {
    type,
    ...(items !== undefined && { items }),
    ...(help !== undefined && { description: help }),
  };
}

function propertiesOf(row: ToolRow, command: Command): Record<string, Schema> {
  const { properties } = inputSchema(command);
  return Object.fromEntries(
    Object.entries(row.inputs).map(([name, { of = name, help }]) => {
      const schema = properties[of];
      if (!schema) throw new Error(`${row.name}: the command ${command.name} has no input ${of}`);
      return [name, row.output ? shortSchema(schema, help) : schema];
    }),
  );
}

function definitionOf(row: ToolRow, command: Command): ToolDefinition {
  const properties = propertiesOf(row, command);
  const needs = row.needs ?? inputSchema(command).required.filter((name) => Object.hasOwn(properties, name));
  return {
    name: row.name,
    description: row.description,
    inputSchema: { type: "object", properties, ...(needs.length > 0 && { required: needs }) },
    ...(row.output && { outputSchema: row.output as ToolDefinition["inputSchema"] }),
    annotations: annotationsOf(command, row),
  };
}

async function commandOf({ name, command }: ToolRow): Promise<Command> {
  const found = await findCommand(command);
  if (!found) throw new Error(`${name}: there is no command ${command}`);
  return found;
}

function unknownTool(tool: string, known: readonly string[]): MomoError {
  const hint = didYouMean(tool, known) || `there are ${known.join(", ")}`;
  return new MomoError("TOOL_UNKNOWN", { tool: shown(tool), hint });
}

/** The rows that were asked for, `all` for every one. Raises TOOL_UNKNOWN. */
async function chosenTools(names: readonly string[]): Promise<ToolRow[]> {
  const asked = names.filter((name) => !defaultTools.some((row) => row.name === name));
  if (asked.length === 0) return [];
  const { otherTools } = await import("./other-tools.ts");
  const rows = await otherTools();
  if (asked.includes("all")) return rows;
  const known = rows.map(({ name }) => name);
  for (const name of asked) if (!known.includes(name)) throw unknownTool(name, known);
  return rows.filter(({ name }) => asked.includes(name));
}

/** `names`: tools besides the default ones. */
export function createToolSet(names: readonly string[]): ToolSet {
  let chosen: Promise<ToolRow[]> | undefined;
  const rows = async (): Promise<ToolRow[]> => {
    chosen ??= chosenTools(names);
    return [...defaultTools, ...(await chosen)];
  };
  return {
    find: async (name) => {
      const row =
        defaultTools.find((one) => one.name === name) ?? (await rows()).find((one) => one.name === name);
      if (row) return row;
      throw unknownTool(
        name,
        (await rows()).map((one) => one.name),
      );
    },
    definitions: async () =>
      Promise.all((await rows()).map(async (row) => definitionOf(row, await commandOf(row)))),
  };
}

/** The command's input from a tool's. Raises OPTION_UNKNOWN, ARGUMENT_MISSING; the service checks the values. */
export function commandInput(
  row: ToolRow,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const known = Object.keys(row.inputs);
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const hint = `the tool ${row.name} takes ${known.join(", ")}`;
    throw new MomoError("OPTION_UNKNOWN", { option: shown(name), hint });
  }
  for (const argument of row.needs ?? [])
    if (given[argument] === undefined || given[argument] === null)
      throw new MomoError("ARGUMENT_MISSING", { argument, usage: `the tool ${row.name} needs it` });
  const input: Record<string, unknown> = {};
  for (const [name, { of = name, otherwise }] of Object.entries(row.inputs)) {
    const value = given[name] ?? otherwise;
    if (value !== undefined) input[of] = value;
  }
  return { ...input, ...row.fixed };
}
