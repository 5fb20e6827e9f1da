import { expect, test } from "vitest";
import { completionScript, shells } from "../src/cli/completion.ts";
import { formattedCommands } from "../src/cli/format.ts";
import { commandHelp, overallHelp } from "../src/cli/help.ts";
import { optionsOf } from "../src/cli/parse.ts";
import { terminalOf } from "../src/cli/terminal.ts";
import { flagOf, inputSchema } from "../src/commands/command.ts";
import { allCommands, commandWords, findCommand } from "../src/commands/index.ts";

const commands = await allCommands();
const terminal = terminalOf({}, {});

test("every word names one command", async () => {
  expect(new Set(commandWords).size).toBe(commandWords.length);
  for (const word of commandWords) expect((await findCommand(word))?.name).toBeDefined();
  expect((await findCommand("query"))?.name).toBe("search");
  expect((await findCommand("stats"))?.name).toBe("status");
  expect(await findCommand("toString")).toBeUndefined();
});

test.each(commands.map((command) => [command.name, command] as const))(
  "%s is described fully",
  (name, command) => {
    expect(command.summary).toMatch(/^[a-z].*[^.]$/);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { command: line } of command.examples) expect(line).toMatch(new RegExp(`^momo ${name}\\b`));
    const shorts = Object.values(optionsOf(command)).flatMap(({ short }) => short ?? []);
    expect(new Set(shorts).size).toBe(shorts.length);
    const help = commandHelp(command, terminal);
    for (const option of Object.keys(optionsOf(command))) expect(help).toContain(flagOf(option));
    for (const { value_name } of command.positionals) expect(help).toContain(value_name);
  },
);

test("every command can be printed for people", () => {
  expect([...formattedCommands].sort()).toEqual(commands.map(({ name }) => name).sort());
});

test("the overall help names every command", () => {
  const help = overallHelp(commands, terminal);
  for (const word of commandWords) expect(help).toContain(word);
});

test.each(shells)("the completion script for %s knows every command and long option", (shell) => {
  const script = completionScript(shell, commands);
  for (const command of commands) {
    expect(script).toContain(command.name);
    for (const option of Object.keys(optionsOf(command)))
      expect(script).toContain(shell === "fish" ? `-l ${flagOf(option).slice(2)}` : flagOf(option));
  }
});

test("a JSON Schema says what the data says, without what only a terminal has", async () => {
  const search = await findCommand("search");
  if (!search) throw new Error("no search");
  const { properties, required, additionalProperties } = inputSchema(search);
  expect(required).toEqual(["query"]);
  expect(additionalProperties).toBe(false);
  expect(properties.limit).toMatchObject({ type: "integer", minimum: 1, maximum: 100 });
  expect(properties.explain).toMatchObject({ type: "boolean", default: false });
  expect(properties.type).toMatchObject({ type: "array", items: { type: "string" } });
  expect((properties.type.items as { enum: string[] }).enum).toContain("method");
  expect(Object.keys(properties)).toEqual(
    expect.arrayContaining(["query", "path", "limit", "type", "language", "dir", "path_glob", "explain"]),
  );
  for (const cliOnly of ["queries", "home", "content", "json", "wait"])
    expect(properties).not.toHaveProperty(cliOnly);
});

test("in a JSON Schema, words without a limit and lists of numbers are arrays", async () => {
  const [quarantine, rollback] = await Promise.all(["quarantine", "rollback"].map(findCommand));
  expect(inputSchema(quarantine!).properties.ids).toMatchObject({ type: "array", items: { type: "string" } });
  expect(inputSchema(rollback!).properties.tx).toMatchObject({ type: "array", items: { type: "integer" } });
});
