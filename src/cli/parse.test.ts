import { expect, test } from "vitest";
import { type Command, type CommandDefinition, defineCommand } from "../commands/command.ts";
import { MomoError } from "../errors.ts";
import { parseArguments, unknownCommand } from "./parse.ts";

const definition: CommandDefinition = defineCommand({
  summary: "look for something",
  examples: [],
  positionals: [
    { name: "query", value_name: "QUERY", kind: "text", required: true, unless: "queries", help: "what" },
    { name: "path", value_name: "PATH", kind: "path", or_option: true, help: "where" },
  ],
  options: {
    limit: { type: "integer", short: "n", value_name: "N", default: 10, min: 1, max: 100, help: "how many" },
    type: {
      type: "strings",
      short: "t",
      value_name: "TYPE",
      choices: ["function", "class"],
      help: "of which type",
    },
    path_glob: { type: "strings", value_name: "GLOB", help: "which paths" },
    content: { type: "boolean", short: "c", help: "everything" },
    verbose: { type: "boolean", short: "v", help: "more" },
    queries: { type: "string", value_name: "FILE", help: "many" },
  },
  effect: "read",
  run: async () => undefined,
});
const command: Command = { name: "search", aliases: ["query"], ...definition };

const parse = (...argv: string[]) => parseArguments(command, argv).input;

/** The message of the usage error, which must be one line with exit code 2. */
function usageError(...argv: string[]): string {
  try {
    parseArguments(command, argv);
  } catch (error) {
    if (!(error instanceof MomoError)) throw error;
    expect(error.exit).toBe(2);
    expect(error.message).not.toContain("\n");
    return error.message;
  }
  throw new Error(`${argv.join(" ")} was accepted`);
}

test("defaults fill what is not given", () => {
  expect(parse("x")).toEqual({
    query: "x",
    path: undefined,
    limit: 10,
    type: [],
    path_glob: [],
    content: false,
    verbose: false,
    queries: undefined,
  });
});

test.each([
  [["x", "--limit", "5"]],
  [["x", "--limit=5"]],
  [["-n", "5", "x"]],
  [["-n5", "x"]],
  [["-n=5", "x"]],
  [["-cn5", "x"]],
  [["-n3", "-n", "5", "x"]],
])("an integer in every notation: %j", (argv) => {
  expect(parse(...argv)).toMatchObject({ query: "x", limit: 5 });
});

test("short flags may stand together", () => {
  expect(parse("-cv", "x")).toMatchObject({ content: true, verbose: true });
});

test("choices are taken in any case, repeated or as a list; other texts keep their commas", () => {
  expect(parse("x", "-t", "function,CLASS", "--type=class").type).toEqual(["function", "class", "class"]);
  expect(parse("x", "--path-glob", "{a,b}/*").path_glob).toEqual(["{a,b}/*"]);
});

test("a positional may be given as its option, and words after -- are never options", () => {
  expect(parse("x", "--path", "src")).toMatchObject({ query: "x", path: "src" });
  expect(parse("--", "--limit", "src")).toMatchObject({ query: "--limit", path: "src" });
});

test("an option that stands in for a positional shifts the others", () => {
  expect(parse("--queries", "-", "src")).toMatchObject({ queries: "-", query: undefined, path: "src" });
});

test("numbers come one by one or as a list, also as they are shown; a last positional takes all words", () => {
  const many: Command = {
    ...command,
    positionals: [
      { name: "action", value_name: "ACTION", kind: "word", choices: ["list", "release"], help: "what" },
      { name: "ids", value_name: "ID", kind: "text", many: true, help: "which" },
    ],
    options: { tx: { type: "integers", value_name: "TX", help: "transactions" } },
  };
  const read = (...argv: string[]) => parseArguments(many, argv).input;
  expect(read()).toEqual({ action: undefined, ids: [], tx: [] });
  expect(read("release", "a b", "--tx", "4, #6", "c", "--tx=9")).toEqual({
    action: "release",
    ids: ["a b", "c"],
    tx: [4, 6, 9],
  });
  for (const text of ["x", "4,", "-1", "0"]) expect(() => read("--tx", text)).toThrow("--tx cannot be");
});

test("help and json are not part of the input", () => {
  expect(parseArguments(command, ["--limt", "-h"])).toMatchObject({ help: true });
  const parsed = parseArguments(command, ["x", "--json"]);
  expect(parsed.json).toBe(true);
  expect(parsed.input).not.toHaveProperty("json");
});

test.each([
  [["--limt", "5", "x"], "unknown option --limt: did you mean --limit?"],
  [["--frobnicate", "x"], "unknown option --frobnicate: momo search --help lists them"],
  [["-z", "x"], "unknown option -z: momo search --help lists them"],
  [["--retry policy"], 'unknown option "--retry policy": write -- before a query that starts with a dash'],
  [["x", "--limit"], "--limit needs a value: --limit N"],
  [["x", "--limit", "--json"], "--limit needs a value: --limit N"],
  [["x", "--limit", "many"], '--limit cannot be "many": give a whole number from 1 to 100'],
  [["x", "--limit="], '--limit cannot be "": give a whole number from 1 to 100'],
  [["x", "--limit", "1e2"], '--limit cannot be "1e2": give a whole number from 1 to 100'],
  [["x", "-n", "0"], '-n cannot be "0": give a whole number from 1 to 100'],
  [["x", "-n", "101"], '-n cannot be "101": give a whole number from 1 to 100'],
  [["x", "--content=no"], '--content cannot be "no": it takes no value'],
  [["x", "--type", "functoin"], '--type cannot be "functoin": did you mean function?'],
  [["x", "--type", "planet"], '--type cannot be "planet": give one of function, class'],
  [[], "QUERY is missing: usage: momo search QUERY [PATH] [options]"],
  [
    ["how", "does", "it", "work"],
    'put quotes around a query of several words: momo search "how does it work"',
  ],
  [["--queries", "f", "src", "lib"], 'unexpected argument "lib": usage: momo search QUERY [PATH] [options]'],
])("%j is refused", (argv, message) => {
  expect(usageError(...argv)).toBe(message);
});

test("an unknown command names the likely one", () => {
  expect(unknownCommand("serach", ["search", "status"]).message).toBe(
    "unknown command serach: did you mean search?",
  );
  expect(unknownCommand("fly", ["search", "status"]).message).toBe(
    "unknown command fly: momo --help lists them",
  );
});
