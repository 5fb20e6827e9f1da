/**
 * Tools besides the default ones: every command that is not for a terminal only, whole, and each action of it as a tool
 * of its own (`audit_verify`), so that what it may do can be said of it. A new command is a tool without further code.
 * Offered where the setting `mcp_tools` names them. Used by tool-set.ts.
 */
import { type Command, inputSchema } from "../commands/command.ts";
import { allCommands } from "../commands/index.ts";
import { defaultTools, type ToolInput, type ToolRow } from "./tools.ts";

const isObject = (result: unknown): result is Record<string, unknown> =>
  typeof result === "object" && result !== null && !Array.isArray(result);

/** As the command gives it. */
const whole = (result: unknown): Record<string, unknown> => (isObject(result) ? result : { result });

function rowOf(command: Command, action?: string): ToolRow {
  const names = Object.keys(inputSchema(command).properties).filter((name) => name !== "action");
  const inputs = Object.fromEntries(names.map((name): [string, ToolInput] => [name, {}]));
  const { summary, details } = command;
  return {
    name: action === undefined ? command.name : `${command.name}_${action}`,
    command: command.name,
    description: [
      action === undefined ? summary : `${action}: ${summary}`,
      ...(details ? [details] : []),
    ].join(". "),
    inputs,
    ...(action !== undefined && { fixed: { action } }),
    answer: whole,
  };
}

function rowsOf(command: Command): ToolRow[] {
  const actions = command.positionals.find(({ name }) => name === "action")?.choices;
  return actions ? actions.map((action) => rowOf(command, action)) : [rowOf(command)];
}

/** In the order of the commands. A name that a default tool has stays with that one. */
export async function otherTools(): Promise<ToolRow[]> {
  const taken = new Set(defaultTools.map(({ name }) => name));
  const commands = (await allCommands()).filter(({ only }) => only !== "cli");
  return commands.flatMap(rowsOf).filter(({ name }) => !taken.has(name));
}
